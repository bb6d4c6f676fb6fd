"""Texts made of one to three tokens over and over: which of them cost more than a text of their length may.

For every language and every kind of answer there is a list of tokens; a unit is one of them, two, or (drawn by --seed)
three. A unit is repeated to 60 kB, bare, after the beginning of a right proof, and between a right beginning and a
right end. What takes over 1 CPU second a megabyte there is taken again at 0.25 and 1 MB, each in a process of its own
as in bench_hostile.py, and printed with the exponent by which its time grows. Exits 1 where one dies or where memory
or a verdict passes its bound, and with --fail where time does, which a busy machine makes longer.

    python bench/bench_units.py [--quick] [--triples N] [--seed N] [--only ndl] [--part 1/4] [--fail]
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_hostile import PROBLEMS, SECONDS_A_MB, TASKS, Counts, at_sizes

from proofgrid import get_task
from proofgrid.checker import check
from proofgrid.tasks.suites import load_suite

SIZE = 60_000
NATURAL = [
    "(", ")", "{ ", " }", "[", "]", "; ", ", ", ". ", ": ", ":= ", "~", " & ", " ==> ", "->", "# x\n", "// x\n", "/*",
    "`", "'", "-", "\n", " ", "A ", "h1 ", "by ", "BY claim ", "on ", "claim on A", "assume ", "suppose-absurd ",
    "x := ", "premise-1 ", "not ", "and ", "Step 1: ", "GAP-1", "assert ", "é", "→", "| ", "9",
]  # fmt: skip
TOKENS = {
    "ndl": [*NATURAL, "mp on ", "left and "],
    "macro": [*NATURAL, "A from B", "from "],
    "hilbert": [
        "(", ")", "{", "[", ";", "; ", ",", ", ", ". ", ":", ":=", "p := A", "~", "==>", " & ", "->", "→", "¬", "# x\n",
        "// x\n", "/*", "`", "'", "-", "\n", " ", "A", "B ", "0", "1. ", "0. A, Premise1", "Axiom1", "Axiom 2, p := A",
        "mp", "mp, 0, 0", "Premise1", "premise", "| ", "|---|\n", "by ", "from ", "Line 3 ", "é", "x", "therefore ",
        "GAP-1", "(A ==> B)",
    ],
    "equational": [
        "(", ")", "f(", "g(a,", "a", "X", "=", " = ", "\n= ", "==", "\n", " ", ",", ", ", "[", "]", "[1,1]", " by ",
        "E1", "E1, E2", " by E1", "??", "# x\n", "// x\n", "`", "'", "-", "->", ":", "E1: ", "step 1: ", "s = f(a)",
        ";", ".", "1. ", "| ", "|---|\n", "at ", "(E1)", "é", "₁", "{X := a}", "f(a) = b", "reversed", "9",
    ],
}  # fmt: skip
ANSWERS = [
    "{", "}", "[", "]", '"', ": ", ", ", "\\", "\\n", '{"proof": "', '"proof": ', '"masks": {', '"MASK1": "A", ',
    '{"correct": ', "true", "false", '"errorDetails": {', '"explanation": [', '{"step": 1, ', "```", "```json\n", "\n",
    "GAP-1:\n", "**GAP-2:**", "MASK1: A\n", "line 7, ", "type: logic", "Final answer: ", "<think>", "</think>", "| ",
    "|---|\n", "- ", "1. ", "A ", "claim on A", "claim on A;\n", "f(a) by E1\n", "E1", "step 1: ", "#", "//", "'", "é",
    "x := ", "(", ")", "0. A, Premise1\n", "?",
]  # fmt: skip
ENDS = {
    "ndl": ("{ claim on A; ", "; claim on A }"),
    "macro": ("{ A from A; ", "; A from A }"),
    "hilbert": ("0. A, Premise1;\n1. ", ";\n2. A, Premise1;"),
    "equational": ("s = f(a)\n = ", "\n = b by E1"),
}
"""How a right proof begins and ends."""


class _TooLongError(Exception):
    pass


def _too_long(*_: Any) -> None:
    raise _TooLongError


def texts(kind: str, triples: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    """(name, beginning, unit, end) of every text of a language or task."""
    tokens = TOKENS.get(kind, ANSWERS)
    units = list(dict.fromkeys([*tokens, *(a + b for a in tokens for b in tokens)]))
    draw = random.Random(f"{seed} {kind}")
    units += ["".join(draw.choices(tokens, k=3)) for _ in range(triples)]
    start, end = ENDS.get(kind, ('{"proof": "', '"}'))
    for unit in units:
        yield repr(unit), "", unit, ""
        yield f"after a start {unit!r}", start, unit, ""
        yield f"within {unit!r}", start, unit, end


def seconds(kind: str, text: str, task: Any, item: Any) -> float:
    """CPU seconds of one check, or of scoring one answer, in this process; 9 where it takes over 2."""
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2)
    start = time.process_time()
    try:
        if task is None:
            check(PROBLEMS[kind], text, language=kind).to_json()  # type: ignore[arg-type]
        else:
            task.score(item, text).to_json()
    except _TooLongError:
        return 9.0
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - start


def main() -> int:
    """Print every text over a bound, and the numbers of texts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a thirtieth of the texts")
    parser.add_argument("--triples", type=int, default=200, help="units of three tokens, each language or task")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one language or task")
    parser.add_argument("--part", default="1/1", help="the K-th of N parts of the texts")
    parser.add_argument("--fail", action="store_true", help="exit with 1 where the bound on time is passed, too")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    if options.quick:
        parts *= 30
    tried = 0
    counts = Counts()
    for kind in (*PROBLEMS, *TASKS):
        if options.only not in ("", kind):
            continue
        task = item = None
        if kind not in PROBLEMS:
            task, item = get_task(kind), load_suite("v1", [kind])[0]
        suspects = []
        costs = []
        for n, (name, start, unit, end) in enumerate(texts(kind, options.triples, options.seed)):
            if n % parts != part - 1:
                continue
            tried += 1
            text = start + unit * (SIZE // len(unit)) + end
            bytes_ = len(text.encode())
            cost = seconds(kind, text, task, item) / (bytes_ / 1e6)
            costs.append(cost)
            if cost > SECONDS_A_MB:
                suspects.append((cost, name, start, unit, end))
        costs.sort()
        if not costs:
            continue
        print(
            f"{kind}: {len(costs)} texts of {SIZE // 1000} kB, s/MB: half under {costs[len(costs) // 2]:.2f}, "
            f"99% under {costs[len(costs) * 99 // 100]:.2f}, all under {costs[-1]:.2f}; {len(suspects)} taken again",
            flush=True,
        )
        for cost, name, start, unit, end in sorted(suspects, reverse=True):
            longer = (start + unit * (size // len(unit)) + end for size in (250_000, 1_000_000))
            at_sizes(
                kind, name, f"{kind}: {name}", longer, counts, every=False, note=f"  ({SIZE // 1000} kB: {cost:.2f})"
            )
    print(
        f"{tried} texts; over the bound on time {counts.slow}, on memory or the verdict {counts.large}, "
        f"died {counts.died}"
    )
    return counts.exit_code(options.fail)


if __name__ == "__main__":
    sys.exit(main())
