"""Searches on gap filling and masking: fillings near the reference, fillings that hold more than they may.

The filled proof is put together here, by plain replacement, and an accepted one goes to the second judge. A mask gets
no structural fix: at a step that holds one, the judge is told of none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from bench.gaming.gaps import SWALLOW, sections
from bench.gaming.masking import STUFFED
from bench.gaming.mutants import near
from bench.gaming.search import Searched
from bench.gaming.slips import SLIPS
from proofgrid.checker import as_read, parse_formula
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.gaps.gaps import fill as fill_gaps
from proofgrid.tasks.kinds.masking.masks import fill as fill_masks
from proofgrid.tasks.registry import get_task
from tests.gaming.formulas import Unreadable, parsed, show
from tests.gaming.judge import steps_that_hold, wrong_steps

PLACE = re.compile(r"(?<![A-Za-z0-9_'-])(?:GAP-|MASK)\d+(?![A-Za-z0-9_'-])")
MORE = (
    "{goal} BY claim on {goal}", "x0 := {goal}", "premise-1 := {goal}", "assert premise-1 := {goal}", "# so",
    "assume {goal} {{ claim on {goal} }}", "A := {goal}", "/*", "*/", "//", "}}", "{{", "QED", "GAP-1", "claim on true",
    "k1 := {goal}", "h1 := {goal}", "f1 := {goal}", "`", "**", "```", "{{ {goal} BY claim on premise-1 }}",
    "h1 := premise-1", "k1 := ex-middle on A", "from-false on {goal}",
)  # fmt: skip
"""What a filling may try to smuggle in beside its steps."""


def _filled(skeleton: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda m: values.get(m[0], m[0]), skeleton)


def _formulas(item: Item) -> list[str]:
    found = re.findall(r"\((?:[^()\n;{}]|\([^()\n;{}]*\))*\)|\b[A-Z]\d*\b|\bfalse\b", str(item.shown["proof"]))
    return [*dict.fromkeys(found), str(item.shown["goal"]), *item.shown["premises"]]


def _near(text: str, rng: Random) -> str:
    try:
        return show(near(parsed(text), rng))
    except Unreadable:
        return text


def _gap(text: str, item: Item, rng: Random) -> str:
    """A filling that is not what was hidden."""
    roll = rng.random()
    lines = text.split(";\n")
    goal = str(item.shown["goal"])
    if roll < 0.2:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(MORE).format(goal=goal))
    elif roll < 0.35 and len(lines) > 1:
        del lines[rng.randrange(len(lines))]
    elif roll < 0.5:
        return re.sub(r"([a-z-]+'?)(?= on )", lambda m: rng.choice([m[1], rng.choice(list(RULES))]), text)
    elif roll < 0.65:
        return rng.choice(list(SLIPS.values()))(text, rng)
    elif roll < 0.75:
        return re.sub(r"^.*? BY ", f"{rng.choice(_formulas(item))} BY ", text, count=1)
    elif roll < 0.85:
        return re.sub(r"\([^;\n]*?\)(?= BY)", lambda m: _near(m[0], rng), text, count=1)
    elif roll < 0.95:
        opens, closes = rng.choice(list(SWALLOW.values()))
        opened, closed = opens.format(goal=goal), closes.format(goal=goal)
        return f"{opened} {text} {closed}" if rng.random() < 0.5 else opened
    else:
        rng.shuffle(lines)
    return ";\n".join(lines)


def _mask(text: str, item: Item, rng: Random) -> str:
    roll = rng.random()
    if text in RULES:
        return rng.choice(list(RULES)) if roll < 0.8 else rng.choice(list(STUFFED.values())).format(
            goal=item.shown["goal"], first=next(iter(item.shown["premises"]), "A")
        )  # fmt: skip
    if roll < 0.4:
        return _near(text, rng)
    if roll < 0.8:
        return rng.choice(_formulas(item))
    if roll < 0.9:
        return rng.choice(list(SLIPS.values()))(text, rng)
    return rng.choice(list(STUFFED.values())).format(goal=item.shown["goal"], first="A")


def search(items: Sequence[Item], rng: Random, tries: int) -> Searched:
    """About ``tries`` answers to gap-filling or masking items."""
    out = Searched()
    key = "gaps" if "gaps" in items[0].reference else "masks"
    items = [i for i in items if i.reference[key] and len(str(i.shown["proof"])) < 5_000]
    task = get_task(items[0].task)
    while out.tried < tries:
        item = rng.choice(items)
        values: dict[str, str] = dict(item.reference[key])
        for _ in range(rng.randint(1, 8)):
            some = dict(values)
            for name in rng.sample(list(some), min(len(some), rng.choice((1, 1, 1, 2)))):
                some[name] = (_gap if key == "gaps" else _mask)(some[name], item, rng)
            answer = sections(some) if key == "gaps" else json.dumps({"masks": some})
            score = task.score(item, answer)
            out.tried += 1
            if score.outcome != "correct":
                continue
            values = some
            out.accepted += 1
            put_in = (fill_gaps if key == "gaps" else fill_masks)(str(item.shown["proof"]), score.answer)
            _judge(item, some, put_in, score.verdict or {}, key == "masks", out)
    return out


def _judge(
    item: Item, values: Mapping[str, str], put_in: str, verdict: Mapping[str, Any], masks: bool, out: Searched
) -> None:
    skeleton = str(item.shown["proof"])
    text = _filled(skeleton, values)
    premises, goal = list(item.shown["premises"]), str(item.shown["goal"])
    syntax = False
    fixes: dict[int, frozenset[str]] = {}
    for fix in verdict.get("fixes", ()):
        out.fixed[fix["kind"]] += 1
        if fix["step"] is not None and (fix["class"] == "structural" or fix["kind"] == "conclusion-as-name"):
            fixes[fix["step"]] = fixes.get(fix["step"], frozenset()) | {fix["kind"]}
        syntax = syntax or fix["class"] == "syntax"
    if masks:
        for number in steps_that_hold(skeleton, PLACE):
            fixes.pop(number, None)
    try:
        why = wrong_steps(premises, goal, text, fixes)
    except Unreadable as error:
        why, syntax = f"not in strict syntax: {error}", True
    if why is not None and (syntax or put_in != text):  # then what the checker read, from what the task put in
        said = as_read((list(map(parse_formula, premises)), parse_formula(goal)), put_in, "ndl")
        out.written_out += 1
        why = wrong_steps(premises, goal, said, fixes)
    if why is not None:
        out.defects.append((item.id, why, " # ".join([*item.shown["premises"], item.shown["goal"]]), text))


__all__ = ["search"]
