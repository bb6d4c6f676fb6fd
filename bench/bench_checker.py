"""Speed of the NDL checker: ratios against peers and floors measured in the same run.

1. Reading and checking a 1.5 kB proof end to end, right or wrong, against two bare lark LALR parses of the right texts
   (propagate_positions, contextual lexing): with a plain grammar of few reductions, the best floor a stranger would set
   up (bar: 0.12), and with a grammar written naively, a rule a level of precedence. Every text is timed the first time
   it is seen; then once more, when its formulas are remembered, as those of a problem with many answers are. Wrong
   proofs are located (kind, step, line, column), and then also told in words.
2. Growth: the slope of log time, and of log memory, over log size from 2 kB to 2 MB (bar: 1.1).
3. nd-prover 3.2.0 on proofs of the same theorems, of 50, 200 and 800 lines: our whole check against its check of a
   proof parsed beforehand.
4. `proofgrid check --jsonl` with --jobs 2 against --jobs 1 (bar: 1.7 times, on two free cores).

    python bench/bench_checker.py [--quick]

Exits 1 where a verdict is wrong, never for a time.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from lark import Lark
from ndl_writer import write_proof

from proofgrid.checker import check

HERE = Path(__file__).parent


def demand(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"WRONG VERDICT: {what}")


def best(run: Callable[[], object], repeat: int) -> float:
    """Least CPU seconds of ``repeat`` runs."""
    times = []
    for _ in range(repeat):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)


_CHANGES = (r"(?<= on )[\w-]+", r"\b(?:mp|both|left-and|left-either|right-either|claim)\b(?= on )", r"~ ")


def damaged(text: str, rng: Random) -> str:
    """The text with one argument, rule or negation changed."""
    pattern, other = rng.choice([(_CHANGES[0], "premise-1"), (_CHANGES[1], "dsyl"), (_CHANGES[2], "")])
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    place = rng.choice(found)
    return text[: place.start()] + other + text[place.end() :]


def against_bare_lark(quick: bool) -> None:
    floors = {
        name: Lark((HERE / file).read_text(encoding="utf-8"), parser="lalr", propagate_positions=True)
        for name, file in (("plain", "plain.lark"), ("naive", "token_per_symbol.lark"))
    }
    rng = Random(7)
    proofs = [((p, g), text) for p, g, text in (write_proof(rng, 1450) for _ in range(60 if quick else 300))]
    mean = sum(len(text) for _, text in proofs) / len(proofs) / 1000

    def each(run: Callable[[tuple[Any, str]], object], cases: list[tuple[Any, str]]) -> list[float]:
        """Milliseconds of CPU of every case, run once."""
        return [1000 * best(lambda case=case: run(case), 1) for case in cases]

    def located(case: tuple[Any, str]) -> object:
        failure = check(*case).failure
        return failure and (failure.kind, failure.step, failure.line, failure.column)

    demand(check(*proofs[0]).strict, "a machine-made proof is not accepted")
    first = statistics.median(each(lambda case: check(*case), proofs[1:]))
    again = statistics.median(each(lambda case: check(*case), proofs[1:]))
    fresh = [((p, g), damaged(text, rng)) for p, g, text in (write_proof(rng, 1450) for _ in proofs)]
    timed = list(zip(each(located, fresh), fresh, strict=True))
    wrong = [(cost, case) for cost, case in timed if not check(*case).correct]
    found = statistics.median(cost for cost, _ in wrong)
    told = statistics.median(each(lambda case: check(*case).to_json(), [case for _, case in wrong]))
    demand(all(check(*case).strict for case in proofs), "a machine-made proof is not accepted")
    below = {
        name: statistics.median(each(lambda case, lark=lark: lark.parse(case[1]), proofs))
        for name, lark in floors.items()
    }
    print(f"1. {mean:.1f} kB proofs; bare lark: plain {below['plain']:.2f} ms, naive {below['naive']:.2f} ms")
    for what, cost in (
        ("right, first seen", first),
        ("right, seen again", again),
        (f"wrong, located, first seen ({len(wrong)} proofs)", found),
        ("wrong, in words, seen again", told),
    ):
        print(
            f"   {what}: {cost:.2f} ms ({1000 / cost:.0f} a second); of the plain floor {cost / below['plain']:.3f} "
            f"(bar 0.12), of the naive one {cost / below['naive']:.3f}"
        )


def slope(sizes: list[float], values: list[float]) -> float:
    """Least-squares slope of log value over log size."""
    x, y = [math.log(s) for s in sizes], [math.log(v) for v in values]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def growth(quick: bool) -> None:
    rng = Random(8)
    sizes, times, memory = [], [], []
    for size in (2_000, 8_000, 32_000, 128_000, 512_000, *(() if quick else (2_000_000,))):
        premises, goal, text = write_proof(rng, size)
        verdict = check((premises, goal), text)
        demand(verdict.strict, f"a machine-made proof of {size} characters is not accepted")
        repeat = max(1, 200_000 // size)
        times.append(
            best(lambda p=premises, g=goal, t=text, n=repeat: [check((p, g), t) for _ in range(n)], 3) / repeat
        )
        tracemalloc.start()
        check((premises, goal), text)
        memory.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        sizes.append(len(text))
    rows = ", ".join(f"{s / 1000:.0f} kB {1000 * t:.1f} ms" for s, t in zip(sizes, times, strict=True))
    print(f"2. growth: time slope {slope(sizes, times):.3f}, memory slope {slope(sizes, memory):.3f} (bar 1.1): {rows}")


def fitch(lines: int) -> tuple[list[tuple[str, ...]], str]:
    """The same proof for nd-prover, as edits, and in NDL: (D -> C) from A, B, A -> (B -> C), in ``lines`` lines."""
    edits: list[tuple[str, ...]] = []
    ndl: list[str] = []
    at = 4
    while True:
        edits.append(("line", "A & B; &I, 1, 2"))
        ndl.append("(A & B) BY both on A, B")
        edits.append(("line", f"B; &E, {at}"))
        ndl.append("B BY right-and on (A & B)")
        edits.append(("line", "B -> C; ->E, 3, 1"))
        ndl.append("(B ==> C) BY mp on premise-3, A")
        edits.append(("line", f"C; ->E, {at + 2}, {at + 1}"))
        ndl.append("C BY mp on (B ==> C), B")
        edits.append(("begin", "D"))
        edits.append(("line", f"C; R, {at + 3}"))
        ndl.append("assume D { C BY claim on C }")
        edits.append(("end", f"D -> C; ->I, {at + 4}-{at + 5}"))
        at += 7
        if at - 1 >= lines:
            return edits, "{\n" + ";\n".join(ndl) + "\n}"


def against_nd_prover(quick: bool) -> None:
    try:
        import nd_prover
        from nd_prover import TFL, Problem, parse_assumption, parse_formula, parse_line
    except ImportError:
        print("3. nd-prover is not installed: left out")
        return
    rows = []
    for lines in (50, 200) if quick else (50, 200, 800):
        edits, text = fitch(lines)
        parsed: list[tuple[str, object]] = [
            (kind, parse_assumption(t) if kind == "begin" else parse_line(t, TFL)) for kind, t in edits
        ]
        premises = [parse_formula(t) for t in ("A", "B", "A -> (B -> C)")]

        def peer(parsed=parsed, premises=premises):
            problem = Problem(TFL, premises, parse_formula("D -> C"))
            for kind, value in parsed:
                if kind == "line":
                    problem.add_line(*value)
                elif kind == "begin":
                    problem.begin_subproof(value)
                else:
                    problem.end_subproof(*value)
            return problem

        built = peer()
        demand(not built.errors() and built.conclusion_reached(), f"nd-prover rejects its proof: {built.errors()[:1]}")
        demand(check("A # B # (A ==> (B ==> C)) # (D ==> C)", text).strict, "our proof is not accepted")
        theirs = best(built.errors, 3)
        mine = best(lambda text=text: check("A # B # (A ==> (B ==> C)) # (D ==> C)", text), 5)
        rows.append(
            f"{lines} lines {1000 * mine:.2f} against {1000 * theirs:.2f} ms ({theirs / mine:.1f} times faster)"
        )
    version = getattr(nd_prover, "__version__", "")
    print(f"3. our whole check against nd-prover {version}'s check of a parsed proof: " + "; ".join(rows))


def jobs(quick: bool) -> None:
    rng = Random(9)
    count = 1500 if quick else 8000
    proofs = [write_proof(rng, 1450) for _ in range(200)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proofs.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for i in range(count):
                premises, goal, text = proofs[i % len(proofs)]
                problem = " # ".join(map(str, (*premises, goal)))
                out.write(json.dumps({"problem": problem, "proof": f"# {i}\n{text}"}) + "\n")
        seconds = {}
        for n in (1, 2):
            command = [sys.executable, "-m", "proofgrid.cli", "check", "--jsonl", str(file), "--jobs", str(n)]
            started = time.perf_counter()
            result = subprocess.run(command, capture_output=True, check=False)
            seconds[n] = time.perf_counter() - started
            demand(result.returncode == 0, f"proofgrid check exits {result.returncode}: {result.stderr[:200]!r}")
            demand(result.stdout.count(b"\n") == count, "a line is missing")
    print(
        f"4. {count:,} proofs through proofgrid check: {seconds[1]:.1f} s with one job, {seconds[2]:.1f} s with two: "
        f"{seconds[1] / seconds[2]:.2f} times (bar 1.7)"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a sample, under 60 s")
    options = parser.parse_args()
    against_bare_lark(options.quick)
    growth(options.quick)
    against_nd_prover(options.quick)
    jobs(options.quick)


if __name__ == "__main__":
    main()
