"""Hostile texts, one shape at a time: CPU seconds, memory and the verdict's size, and how the time grows.

Every language and every answer reader is given texts made of one thing over and over. Each text is checked in a process
of its own, at 0.25 and 1 MB (--large: 10 MB, too). Printed are CPU seconds and the memory gained a MB of text, the
verdict's JSON in kB, and the exponent by which time grows from the size before (1 is linear). The bounds are 1 s and
150 MB a megabyte, and a verdict of at most 200 kB or four times its text. Exits 1 where a check dies, where memory or a
verdict passes its bound, and with --fail where time does, which a busy machine makes longer.

    python bench/bench_hostile.py [--quick] [--large] [--only WORD] [--over] [--fail]
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from proofgrid import get_task
from proofgrid.checker import check
from proofgrid.tasks.suites import load_suite

SECONDS_A_MB, MEGABYTES_A_MB, SMALL_VERDICT, TIMES_THE_TEXT = 1.0, 150.0, 200_000, 4.0
PROBLEMS = {
    "ndl": "A # (A ==> B) # B",
    "macro": "A # (A ==> B) # B",
    "hilbert": "A # (A ==> B) # B",
    "equational": "E1: f(X) = X # E2: a = b # E3: g(X,Y) = g(Y,X) # f(a) = b",
}
SYMBOLS = "( ) { } [ ; , . : ~ ¬ ! - = ==> → & | # ` * ' \" $ \\ _ /* // % -- λ ₁ ✅ &rarr; &#"
PIECES = [
    *SYMBOLS.split(), " ", "\n", "\t", "\0", "\ud800", r"\to ", "A", "A ", "a", "f(", "by ", "on ", "assume A ", "0. ",
    "1", "# x\n", "// x\n", "- ", "| ", "|---\n", "x\n", "QED ", "assert ", "Premise1: A\n",
    "assert premise-1 := A\n", "Axiom1, ", "mp, 0, 0;", "E1, ", "E1: ", "= ", "= a by E1\n", "?? ??\n", "step 1: ",
    ":= ", "A := ", "claim on A; ",
]  # fmt: skip
"""What a text is made of, over and over."""


def _lines(make: Callable[[int], str], size: int) -> str:
    """Lines ``make(0)``, ``make(1)``, ... up to about ``size`` characters."""
    out: list[str] = []
    length = number = 0
    while length < size:
        out.append(make(number))
        length += len(out[-1]) + 1
        number += 1
    return "\n".join(out)


def _nest(opened: str, inner: str, depth: int) -> str:
    return opened * depth + inner + ")" * depth


def _many_rewrites(size: int) -> str:
    """A right chain: one redex after another deep in a long term."""
    wide = size // 200
    term = "g(a," * wide + "a" + ")" * wide
    return f"s = {term}\n" + "".join(f"= {'g(b,' * n}{'g(a,' * (wide - n)}a{')' * wide} by E2\n" for n in range(1, 60))


SHAPES: dict[str, dict[str, Callable[[int], str]]] = {
    "ndl": {
        "nested blocks": lambda n: "assume A { " * (n // 14) + "claim on A" + " }" * (n // 14),
        "steps": lambda n: "{" + _lines(lambda k: f"x{k} := A BY claim on A;", n) + "claim on A}",
        "wrong steps": lambda n: "{" + _lines(lambda k: f"x{k} := B BY claim on A;", n) + "claim on A}",
        "a deep formula": lambda n: "claim on " + "(~ " * (n // 4) + "A" + ")" * (n // 4),
    },
    "macro": {
        "steps": lambda n: "{" + _lines(lambda k: f"x{k} := A from A;", n) + "A from A}",
        "a long conjunction": lambda n: "A from (" + " & ".join(["A"] * (n // 4)) + ")",
    },
    "hilbert": {
        "premises": lambda n: _lines(lambda k: f"{k}. A, Premise1;", n),
        "premises without ;": lambda n: _lines(lambda k: f"{k}. A, Premise1", n),
        "premises in one line": lambda n: _lines(lambda k: f"{k}. A Premise1", n).replace("\n", " "),
        "premises in a table": lambda n: _lines(lambda k: f"| {k} | A | Premise1 |", n),
        "wrong lines": lambda n: _lines(lambda k: f"{k}. B, Premise1;", n),
        "wrong reasons": lambda n: _lines(lambda k: f"{k}. B, because", n),
        "wrong reasons in one line": lambda n: _lines(lambda k: f"{k}. B, because;", n).replace("\n", ""),
        "wrong mp": lambda n: "0. A, Premise1;\n" + _lines(lambda k: f"{k + 1}. B, mp, 0, 0;", n),
        "a deep formula": lambda n: "0. " + "(~ " * (n // 4) + "A" + ")" * (n // 4) + ", Premise1;",
        "a deep loose formula": lambda n: "0. " + "~" * n + "A, Premise1",
        "a long formula": lambda n: "0. (" + " ==> ".join(["A"] * (n // 6)) + "), Premise1;",
        "assignments": lambda n: "0. (A ==> (A ==> A)), Axiom1" + ", p := A" * (n // 8) + ";",
    },
    "equational": {
        "a deep term": lambda n: "s = " + "f(" * (n // 3) + "a" + ")" * (n // 3),
        "a deep step": lambda n: f"s = f(a)\n = {'f(' * (n // 3)}a{')' * (n // 3)} by E1",
        "a deep right step": lambda n: f"s = {_nest('f(', 'f(a)', n // 6)}\n = {_nest('f(', 'a', n // 6)} by E1",
        "a wide term": lambda n: "s = " + "g(a," * (n // 10) + "a" + ")" * (n // 10) + "\n = a by E2",
        "a wide swap": lambda n: f"s = {_nest('g(a,', 'b', n // 12)}\n = {_nest('g(b,', 'b', n // 12)} by E3, E2",
        "right steps": lambda n: "s = g(a,a)\n" + "= g(a,a) by E3\n" * (n // 15),
        "wrong steps": lambda n: "s = f(a)\n" + "= b by E1\n= a by E1\n" * (n // 20),
        "steps in one line": lambda n: "s = a " + "= a by E1 " * (n // 10),
        "many rewrites": _many_rewrites,
        "names": lambda n: "s = f(a)\n= a by E1" + ", E2" * (n // 4),
        "positions": lambda n: "s = f(a)\n= a by E1" + " at [1,1]" * (n // 9),
    },
}  # fmt: skip


def interchangeable(k: int) -> tuple[str, str]:
    """A step by k equations each of which fits each of k places: a matching problem."""
    equations = " # ".join(f"E{n}: f(X{n}) = a" for n in range(k))
    term, other = "f(b)", "a"
    for _ in range(k - 1):
        term, other = f"g(f(b),{term})", f"g(a,{other})"
    names = ", ".join(f"E{n}" for n in range(k))
    return f"{equations} # {term} = {other}", f"s = {term}\n = {other} by {names}"


ANSWERS = [
    '{"proof":',
    '{"',
    "[",
    "{",
    '{"a":',
    "```\n",
    "```json\n{\n",
    "\\",
    '"',
    "GAP-1:\n",
    "MASK1: A\n",
    "0. A, P\n",
]
TASKS = ("pl1_pw", "pl1_pc", "pl1_pm", "pl1_gf", "pl3_pc", "pl4_pw", "eq_pc", "eq_gf", "eq_er")


def _measure(kind: str, name: str, text: str, all_failures: bool, out: Any) -> None:
    """In a process of its own: CPU seconds, megabytes gained, and the length of the result's JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    if kind in PROBLEMS:
        check(PROBLEMS[kind], "A", language=kind)  # type: ignore[arg-type]
    else:
        task, item = get_task(kind), load_suite("v1", [kind])[0]
        task.score(item, "{}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    if kind in PROBLEMS:
        verdict = check(PROBLEMS[kind], text, language=kind, all_failures=all_failures)  # type: ignore[arg-type]
        result: Any = verdict.to_json()
    else:
        result = task.score(item, text).to_json()
    seconds = time.process_time() - start
    gained = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    out.put((seconds, gained, len(json.dumps(result, default=str))))


def run(kind: str, name: str, text: str, all_failures: bool) -> tuple[float, float, int] | None:
    """What one text costs; None where it did not end within 20 s and 60 s a MB. Raises RuntimeError where it died."""
    out: Any = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=_measure, args=(kind, name, text, all_failures, out))
    process.start()
    process.join(20 + 60 * len(text) / 1e6)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    if out.empty():
        raise RuntimeError(f"ended with {process.exitcode}")
    return out.get()


def cases(only: str, quick: bool) -> Iterator[tuple[str, str, Callable[[int], str]]]:
    """(language or task, name, maker of a text of about n characters)."""
    for language in PROBLEMS:
        for shape, make in SHAPES[language].items():
            if only in f"{language}: {shape}":
                yield language, shape, make
        for piece in PIECES[:: 4 if quick else 1]:
            if only in f"{language}: {piece!r}":
                yield language, repr(piece), lambda n, piece=piece: piece * (n // len(piece))  # type: ignore[misc]
                head = {"hilbert": "0. A, Premise1;\n1. ", "equational": "s = f(a)\n = "}.get(language, "claim on ")
                yield language, f"after a start {piece!r}", lambda n, p=piece, h=head: h + p * (n // len(p))  # type: ignore[misc]
    for task in TASKS[:: 3 if quick else 1]:
        for piece in ANSWERS[:: 2 if quick else 1]:
            if only in f"{task}: {piece!r}":
                yield task, repr(piece), lambda n, piece=piece: piece * (n // len(piece))  # type: ignore[misc]


def told(length: int, found: tuple[float, float, int]) -> tuple[str, bool, bool]:
    """A row's figures, and whether it passes the bound on time, and one of those on memory and the verdict."""
    seconds, memory, verdict = found
    megabytes = length / 1e6
    slow = seconds > max(0.2, SECONDS_A_MB * megabytes)
    large = memory > max(30, MEGABYTES_A_MB * megabytes) or verdict > max(SMALL_VERDICT, TIMES_THE_TEXT * length)
    figures = f"{megabytes:6.2f}{seconds / megabytes:8.2f}{memory / megabytes:8.0f}{verdict / 1e3:9.0f}"
    return figures, slow, large


@dataclass
class Counts:
    """What passed a bound, and what died, of all texts so far."""

    slow: int = 0
    large: int = 0
    died: int = 0

    def exit_code(self, fail: bool) -> int:
        """1 where something died or memory or a verdict passed its bound, and with ``fail`` where time did."""
        return 1 if self.large or self.died or (self.slow and fail) else 0


def at_sizes(
    kind: str,
    name: str,
    label: str,
    texts: Iterable[str],
    counts: Counts,
    *,
    all_failures: bool = False,
    every: bool = True,
    note: str = "",
) -> float:
    """Run one shape at growing sizes, each text in a process of its own, up to the first that dies or does not end.

    Prints a line a text (without ``every`` only those over a bound) and counts; returns the most CPU seconds a MB.
    """
    before: tuple[int, float] | None = None
    worst = 0.0
    for text in texts:
        length = len(text.encode("utf-8", "surrogatepass"))
        try:
            found = run(kind, name, text, all_failures)
        except RuntimeError as error:
            print(f"{label:<52}{length / 1e6:6.2f}  DIED: {error}", flush=True)
            counts.died += 1
            break
        if found is None:
            print(f"{label:<52}{length / 1e6:6.2f}  NOT ENDED", flush=True)
            counts.slow += 1
            break
        figures, is_slow, is_large = told(length, found)
        counts.slow, counts.large = counts.slow + is_slow, counts.large + is_large
        worst = max(worst, found[0] / (length / 1e6))
        cost = max(found[0], 1e-4)
        grows = "" if before is None else f"{math.log(cost / before[1], length / before[0]):6.2f}"
        before = (length, cost)
        if is_slow or is_large or every:
            over = "  OVER" if is_slow or is_large else ""
            print(f"{label:<52}{figures}  {grows}{note}{over}", flush=True)
    return worst


def main() -> int:
    """Print a line for each language, shape and size; with --over, only what passes a bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, at a fifth of the sizes")
    parser.add_argument("--large", action="store_true", help="10 MB texts as well")
    parser.add_argument("--only", default="", help="only the cases whose name holds this")
    parser.add_argument("--over", action="store_true", help="print only the lines over a bound")
    parser.add_argument("--fail", action="store_true", help="exit with 1 where the bound on time is passed, too")
    options = parser.parse_args()
    sizes = [50_000, 200_000] if options.quick else [250_000, 1_000_000] + [10_000_000] * options.large
    counts = Counts()
    worst: dict[str, float] = {}
    bounds = f"{SECONDS_A_MB:g} CPU s and {MEGABYTES_A_MB:g} MB a MB of text"
    print(f"bounds: {bounds}; a verdict of {SMALL_VERDICT // 1000} kB or {TIMES_THE_TEXT:g} times its text")
    print(f"{'language: text':<52}{'MB':>6}{'s/MB':>8}{'MB/MB':>8}{'verdict kB':>11}  n^")
    for kind, name, make in cases(options.only, options.quick):
        for all_failures in (False, True) if kind in PROBLEMS else (False,):
            label = f"{kind}: {name}" + (" (all failures)" if all_failures else "")
            cost = at_sizes(
                kind, name, label, map(make, sizes), counts, all_failures=all_failures, every=not options.over
            )
            worst[kind] = max(worst.get(kind, 0.0), cost)
    for kind, a_mb in worst.items():
        print(f"worst of {kind:<12} {a_mb:6.2f} s/MB")
    for k in (6, 12, 14, 40):
        problem, chain = interchangeable(k)
        start = time.process_time()
        verdict = check(problem, chain, language="equational")
        print(f"{k} interchangeable equations: {time.process_time() - start:.4f} s, correct {verdict.correct}")
    print(
        f"over the bound on time: {counts.slow}; over one on memory or the verdict: {counts.large}; died: {counts.died}"
    )
    return counts.exit_code(options.fail)


if __name__ == "__main__":
    sys.exit(main())
