"""Searches on Hilbert proofs and equational answers: near the reference, and what is accepted must be right."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

from bench.gaming.mutants import near
from bench.gaming.search import Searched
from proofgrid.checker import check
from proofgrid.checker.api import as_read
from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, parse_term
from proofgrid.tasks.core import Item
from proofgrid.tasks.registry import get_task
from tests.checker.judges import brute_steps
from tests.gaming.formulas import Unreadable, parsed, show, subformulas
from tests.gaming.hilbert import lines_of, wrong_line

JUSTIFICATION = re.compile(r"Premise(\d+)|Axiom(\d)|mp, (\d+), (\d+)")


def _changed(text: str, some: Sequence[Any], rng: Random) -> str:
    """A Hilbert proof with one change."""
    lines = text.strip().split("\n")
    at, roll = rng.randrange(len(lines)), rng.random()
    line = lines[at]
    _, _, rest = line.partition(". ")
    if roll < 0.3:
        references = list(re.finditer(r"(?<=mp, )\d+|(?<=, )\d+(?=;)|(?<=Premise)\d+|(?<=Axiom)\d", line))
        if references:
            one = rng.choice(references)
            lines[at] = line[: one.start()] + str(rng.choice((0, 1, 2, 3, at, at + 1, len(lines)))) + line[one.end() :]
    elif roll < 0.4:
        lines[at] = re.sub(r"mp, (\d+), (\d+)", r"mp, \2, \1", line)
    elif roll < 0.6:
        formula = rest.split(",")[0]
        try:
            new = show(near(parsed(formula), rng)) if rng.random() < 0.5 else show(rng.choice(some))
        except Unreadable:
            new = formula
        lines[at] = line.replace(formula, new, 1)
    elif roll < 0.65:
        del lines[at]
    elif roll < 0.7:
        lines.insert(rng.randrange(len(lines) + 1), line)
    elif roll < 0.75:
        lines = [re.sub(r"^\d+", lambda m: str(int(m[0]) + 1), x) for x in lines]
    elif roll < 0.8:
        lines[at] = f"{rng.choice((0, at + 1, len(lines)))}. {rest}"
    elif roll < 0.9:
        spots = [m.start() for m in re.finditer(r"[()]", line)]
        if spots:
            spot = rng.choice(spots)
            lines[at] = line[:spot] + rng.choice(("", "(", ")")) + line[spot + 1 :]
    elif roll < 0.95:
        lines[at] = re.sub(r", p := .*", rng.choice((";", ", p := A, q := A;")), line)
    else:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def hilbert(items: Sequence[Item], rng: Random, tries: int) -> Searched:
    """About ``tries`` Hilbert proofs; of each accepted one the text as read must be right by the letter, and a line
    that was readable before must be what it was."""
    out = Searched()
    items = [i for i in items if len(str(i.reference["proof"])) < 4_000]
    while out.tried < tries:
        item = rng.choice(items)
        premises, goal = list(item.shown["premises"]), str(item.shown["goal"])
        problem = " # ".join([*premises, goal])
        text = str(item.reference["proof"])
        some = [form for t in (*premises, goal) for form in subformulas(parsed(t))]
        for _ in range(8):
            mutant = _changed(text, some, rng)
            verdict = check(problem, mutant, language="hilbert")
            out.tried += 1
            if not verdict.correct:
                continue
            out.accepted += 1
            out.fixed.update({fix.kind for fix in verdict.fixes})
            text = mutant
            read = as_read(problem, mutant, "hilbert")
            why = wrong_line(premises, goal, read) or _altered(mutant, read)
            if why is None and verdict.strict:
                why = wrong_line(premises, goal, mutant)
            if why is not None:
                out.defects.append((item.id, why, problem, mutant))
    return out


def _altered(text: str, read: str) -> str | None:
    """Whether the text as read has another formula on a line that was in strict form before."""
    try:
        before, after = lines_of(text), lines_of(read)
    except Unreadable:
        return None
    if len(before) != len(after):
        return None
    changed = [number for (number, one, _), (_, two, _) in zip(before, after, strict=True) if one != two]
    return f"the formula of line {changed[0]} was read as another" if changed else None


def _equation(text: str) -> Equation:
    name, _, rest = text.partition(":")
    left, _, right = rest.partition("=")
    return Equation(name.strip(), parse_term(left.strip()), parse_term(right.strip()))


def _terms(item: Item) -> list[Term]:
    lines = [line.split("#")[0].split(" by ")[0] for line in str(item.shown["chain"]).split("\n")]
    return [parse_term(line.strip().removeprefix("s").strip().removeprefix("=").strip()) for line in lines]


def reconstruction(items: Sequence[Item], rng: Random, tries: int) -> Searched:
    """About ``tries`` answers to eq_er: each set of equations that is accepted must do, by trying every place."""
    out = Searched()
    small = [i for i in items if len(i.shown["equations"]) <= 6 and len(str(i.shown["chain"])) < 600]
    task = get_task("eq_er")
    while out.tried < tries and small:
        item = rng.choice(small)
        named = {e.name: e for e in map(_equation, item.shown["equations"])}
        right = [list(found[0]) if found else [] for found in item.reference["justifications"]]
        step = rng.randrange(len(right))
        for size in range(4):
            cited = rng.sample(list(named), min(size, len(named)))
            given: list[Any] = [*right[:step], cited, *right[step + 1 :]]
            rows = [{"step": k, "supportingEquations": names} for k, names in enumerate(given, 1)]
            score = task.score(item, json.dumps({"explanation": "-", "stepJustifications": rows}))
            out.tried += 1
            if score.outcome != "correct":
                continue
            out.accepted += 1
            s, t = list(pairwise(_terms(item)))[step]
            tried = {e.name: sum(1 for _ in str(s)) ** len(_variables(e)) for e in named.values()}
            if any(tried[name] > 200_000 for name in cited):
                continue
            does = next(brute_steps(s, t, [named[name] for name in cited]), None) is not None if cited else True
            if not does or (not cited and item.reference["justifications"][step]):
                out.defects.append(
                    (item.id, f"step {step + 1} by {cited}", str(item.shown["equations"]), str(item.shown["chain"]))
                )
    return out


def _variables(equation: Equation) -> set[str]:
    return set(re.findall(r"\b[A-Z]\w*", f"{equation.left} {equation.right}"))
