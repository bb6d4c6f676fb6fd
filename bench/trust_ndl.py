"""Soundness of the NDL and macro checkers by mutation: whatever is accepted must follow, step by step.

Correct proofs are mutated (rules, arguments, conclusions, steps, single characters, slips of the pen), and so are
their problems (a premise dropped, a goal altered), so that acceptance can be wrong. Of every proof that is accepted, in
either language and profile,

- the conclusion must follow from the premises, by truth tables written here, which share no code with the checker;
- every step's conclusion must follow from the premises and its hypotheses, and in NDL from what it cites;
- the text as it was read (every fix of syntax applied) must be right for a second judge that knows the language
  exactly, the weights of macro steps, and no fix but the structural ones that the verdict names, each at its step.

    python bench/trust_ndl.py [--n 200000] [--seed 1] [--quick]

Exits 1 and prints the counterexample where one is found.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from random import Random
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ndl_writer import random_formula, write_proof

from bench.gaming.slips import SLIPS
from proofgrid.checker import CheckerError, as_read, check, parse_formula, trace_steps
from proofgrid.checker.rules import RULES
from proofgrid.checker.verdict import Language, Verdict
from tests.checker.judges import random_macro_proof
from tests.gaming.judge import wrong_steps

PUBLISHED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "pl1_pc_published.jsonl"
TOKEN = re.compile(r"<==>|==>|[~&|()]|[A-Za-z][A-Za-z0-9_]*")


class Table:
    """Truth tables as bit masks: bit i of a formula's mask is its value in the i-th assignment."""

    def __init__(self, names: list[str]) -> None:
        rows = 1 << len(names)
        self.full = (1 << rows) - 1
        self.column = {name: sum(1 << i for i in range(rows) if i >> k & 1) for k, name in enumerate(names)}
        self.known: dict[str, int] = {}

    def mask(self, text: str) -> int:
        """The truth table of a formula in strict syntax."""
        if text not in self.known:
            self.known[text] = self._read(TOKEN.findall(text))
        return self.known[text]

    def _read(self, tokens: list[str]) -> int:
        """A fully parenthesised formula, as Formula.__str__ writes it."""
        stack: list[object] = []
        for token in tokens:
            if token != ")":
                stack.append(token if token in ("(", "~", "&", "|", "==>", "<==>") else self._leaf(token))
                continue
            inner: list[object] = []
            while (top := stack.pop()) != "(" or not isinstance(top, str):
                inner.append(top)
            inner.reverse()
            if len(inner) == 2:
                value = self.full & ~inner[1]  # type: ignore[operator]
            else:
                a, op, b = inner
                assert isinstance(a, int)
                assert isinstance(b, int)
                value = {"&": a & b, "|": a | b, "==>": ~a | b, "<==>": ~(a ^ b)}[str(op)] & self.full
            stack.append(value)
        assert len(stack) == 1
        assert isinstance(stack[0], int)
        return stack[0]

    def _leaf(self, token: str) -> int:
        return {"true": self.full, "false": 0}[token] if token in ("true", "false") else self.column[token]

    def follows(self, given: list[str], conclusion: str) -> bool:
        """Whether every assignment that satisfies ``given`` satisfies ``conclusion``."""
        mask = self.full
        for text in given:
            mask &= self.mask(text)
        return mask & ~self.mask(conclusion) & self.full == 0


def mutate_problem(rng: Random, premises: list[str], goal: str) -> tuple[list[str], str]:
    roll = rng.random()
    if roll < 0.35 and premises:
        del premises[rng.randrange(len(premises))]
    elif roll < 0.5 and premises:
        premises[rng.randrange(len(premises))] = str(random_formula(rng, 4, 2))
    elif roll < 0.7:
        goal = rng.choice([f"(~ {goal})", str(random_formula(rng, 4, 1)), *premises])
    return premises, goal


FORMULA = re.compile(r"\((?:[^()\n;{}]|\([^()\n;{}]*\))*\)|\b[A-H]\b|\bfalse\b")
RULE = re.compile("|".join(sorted(map(re.escape, RULES), key=len, reverse=True)))


def mutate_proof(rng: Random, text: str) -> str:
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        roll = rng.random()
        lines = text.split("\n")
        if roll < 0.25:
            text = swap_match(rng, RULE, text, lambda old: rng.choice(tuple(RULES)))
        elif roll < 0.5:
            others = FORMULA.findall(text) or ["A"]
            text = swap_match(rng, FORMULA, text, lambda old, others=others: rng.choice(others))
        elif roll < 0.6:
            text = swap_match(
                rng, FORMULA, text, lambda old: rng.choice([f"(~ {old})", str(random_formula(rng, 4, 1))])
            )
        elif roll < 0.68:
            del lines[rng.randrange(len(lines))]
            text = "\n".join(lines)
        elif roll < 0.74:
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            text = "\n".join(lines)
        elif roll < 0.8:
            text = swap_match(rng, re.compile(r"on ([^,;\n]+), ([^,;\n]+)"), text, swap_arguments)
        elif roll < 0.86:
            text = swap_match(
                rng, re.compile(r"[&|~]|<?==>"), text, lambda old: rng.choice(("&", "|", "==>", "~", "<==>"))
            )
        elif roll < 0.92:
            text = swap_match(rng, re.compile(r"premise-[0-9]+|\b[a-z]\w*\b"), text, lambda old: rng.choice((
                "premise-1", "premise-2", "s1", "s2", "h1", old)))  # fmt: skip
        else:
            at = rng.randrange(len(text) + 1)
            cut = rng.choice((0, 1, 1, 2))
            text = (
                text[:at] + rng.choice(("", "(", ")", ";", "{", "}", ",", ".", "~", "¬", "A", " ")) + text[at + cut :]
            )
    return text


def swap_match(rng: Random, pattern: re.Pattern[str], text: str, new) -> str:  # type: ignore[no-untyped-def]
    found = list(pattern.finditer(text))
    if not found:
        return text
    match = rng.choice(found)
    return text[: match.start()] + new(match.group()) + text[match.end() :]


def swap_arguments(old: str) -> str:
    first, second = old.removeprefix("on ").split(", ", 1)
    return f"on {second}, {first}"


def seeds(rng: Random) -> list[tuple[Language, list[str], str, str]]:
    """Correct proofs: the writer's, those published, and random macro proofs."""
    found: list[tuple[Language, list[str], str, str]] = []
    for i in range(300):
        premises, goal, text = write_proof(rng, rng.choice((150, 300, 600, 1000)), atoms=rng.choice((3, 4, 5)))
        verdict = check((premises, goal), text, mode="strict")
        if not verdict.correct:
            sys.exit(f"the writer's proof {i} is not accepted: {verdict.failure}\n{text}")
        found.append(("ndl", [str(p) for p in premises], str(goal), text))
    if PUBLISHED.exists():
        for line in PUBLISHED.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            *premises, goal = (part.strip() for part in data["problem"].split("#"))
            found.append(("ndl", premises, goal, data["proof"]))
    for _ in range(len(found) // 2):
        given, text, conclusion, _ = random_macro_proof(rng, rng.choice((4, 8, 12)))
        found.append(("macro", [str(p) for p in given], str(conclusion), text))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="5,000 mutants")
    options = parser.parse_args()
    n = 5_000 if options.quick else options.n
    rng = Random(options.seed)
    sources = seeds(rng)
    counts = dict.fromkeys(("accepted", "strict", "changed", "fixed", "paper", "steps", "judged"), 0)
    fixes: dict[str, int] = {}
    started = time.process_time()
    for i in range(n):
        language, premises, goal, text = rng.choice(sources)
        premises, goal = mutate_problem(rng, list(premises), goal)
        mutant = mutate_proof(rng, text)
        if rng.random() < 0.3:
            mutant = rng.choice(tuple(SLIPS.values()))(mutant, rng)
        verdict = check((premises, goal), mutant, language=language, profile="paper" if i % 4 == 0 else "surface")
        if i % 10 == 0:
            exact = check((premises, goal), mutant, language=language, mode="strict")
            if exact.correct != verdict.strict:
                report("the modes disagree about strictness", premises, goal, mutant)
        table = conclusion_follows(verdict, premises, goal, mutant)
        if not verdict.correct:
            continue
        counts["accepted"] += 1
        counts["strict"] += verdict.strict
        counts["changed"] += mutant != text
        counts["fixed"] += bool(verdict.fixes)
        for fix in verdict.fixes:
            fixes[fix.kind] = fixes.get(fix.kind, 0) + 1
        if verdict.paper_only:
            counts["paper"] += 1
            continue
        if table is not None:
            counts["steps"] += steps_follow(table, language, verdict, premises, goal, mutant)
        judge(language, verdict, premises, goal, mutant)
        counts["judged"] += 1
    seconds = time.process_time() - started
    print(
        f"{n:,} mutants of {len(sources)} proofs in {seconds:.0f} s: {counts['accepted']:,} accepted "
        f"({counts['strict']:,} strictly, {counts['changed']:,} of changed proofs, {counts['fixed']:,} after fixes, "
        f"{counts['paper']:,} by profile paper only); {counts['steps']:,} steps follow by truth tables, and "
        f"{counts['judged']:,} proofs are right for the second judge: 0 unsound, 0 accepted with a wrong step"
    )
    print("fixes: " + ", ".join(f"{kind} {count}" for kind, count in sorted(fixes.items())))


def conclusion_follows(verdict: Verdict, premises: list[str], goal: str, mutant: str) -> Table | None:
    """The truth table of an accepted proof, or of a sound one of another goal; None where it has too many atoms."""
    sound = verdict.correct or (verdict.failure is not None and verdict.failure.kind == "wrongTopConclusion")
    if not sound or verdict.conclusion is None:
        return None
    text = " ".join((*map(str_of, premises), verdict.conclusion, goal, mutant))
    names = sorted(set(re.findall(r"\b[A-Z][0-9]*(?:_[0-9]+)*\b", text)))
    if len(names) > 10:
        return None
    table = Table(names)
    if not table.follows([str_of(p) for p in premises], verdict.conclusion):
        report("the conclusion does not follow", premises, goal, mutant)
    return table


def steps_follow(
    table: Table, language: Language, verdict: Verdict, premises: list[str], goal: str, mutant: str
) -> int:
    """How many steps an accepted proof has, each of which follows from the premises and its hypotheses."""
    try:
        trace = trace_steps((premises, goal), mutant, language=language, mode="instrumented")
    except CheckerError as error:
        report(f"accepted, and yet: {error}", premises, goal, mutant)
    given = [str_of(p) for p in premises]
    for step in trace:
        if not set(re.findall(r"[A-Z][0-9_]*", " ".join(map(str, (*step.hypotheses, step.conclusion))))) <= set(
            table.column
        ):
            continue
        if not table.follows([*given, *map(str, step.hypotheses)], str(step.conclusion)):
            report(f"step {step.step} does not follow", premises, goal, mutant)
        needed = [str(f) for f in step.required]
        if verdict.strict and not table.follows(needed, str(step.conclusion)) and step.rule != "from-false":
            report(f"step {step.step} does not follow from what it cites", premises, goal, mutant)
    return len(trace)


def judge(language: Language, verdict: Verdict, premises: list[str], goal: str, mutant: str) -> None:
    """The second judge on the text as it was read, with the structural fixes that the verdict names."""
    structural: dict[int, set[str]] = {}
    for fix in verdict.fixes:
        if fix.class_ == "structural" and fix.step is not None:
            structural.setdefault(fix.step, set()).add(fix.kind)
    allowed = {step: frozenset(kinds) for step, kinds in structural.items()}
    said = as_read((premises, goal), mutant, language)
    wrong = wrong_steps([str_of(p) for p in premises], str_of(goal), said, allowed, macro=language == "macro")
    if wrong is not None:
        report(f"the second judge: {wrong}; it was read as\n{said}\n", premises, goal, mutant)


def str_of(text: str) -> str:
    return str(parse_formula(text))


def report(what: str, premises: list[str], goal: str, text: str) -> NoReturn:
    print(f"UNSOUND: {what}\nproblem: {' # '.join([*premises, goal])}\n{text}")
    sys.exit(1)


if __name__ == "__main__":
    main()
