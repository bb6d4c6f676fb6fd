"""Proofs as trees that can be changed and written out again in strict syntax."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from proofgrid.checker.rules import RULES
from tests.gaming.formulas import show, subformulas
from tests.gaming.judge import Parser, Step
from tests.gaming.rules import bare, normal, ordered


def written(step: Step, indent: str = "") -> str:
    """The proof as text, one step a line."""
    labels = "".join(f"{label} := " for label in step.labels)
    if step.kind == "define":
        return f"{indent}{labels}{show(step.formula)}"
    if step.kind == "block":
        return f"{indent}{labels}{_block(step, indent)}"
    if step.kind in ("assume", "absurd"):
        word = "assume" if step.kind == "assume" else "suppose-absurd"
        named = f"{step.hypothesis_label} := " if step.hypothesis_label else ""
        return f"{indent}{labels}{word} {named}{show(step.formula)} {_block(step.inner[0], indent)}"
    given = ", ".join(f"({written(a).strip()})" if isinstance(a, Step) else show(a) for a in step.inner)
    if step.kind == "from":
        return f"{indent}{labels}{show(step.formula)} from {given}"
    announced = "" if step.formula is None else f"{show(step.formula)} BY "
    return f"{indent}{labels}{announced}{step.rule} on {given}"


def _block(step: Step, indent: str) -> str:
    return "{\n" + ";\n".join(written(inner, indent + "  ") for inner in step.inner) + f"\n{indent}}}"


def read(text: str) -> Step:
    """A proof in strict syntax as a tree."""
    return Parser(text).whole()


def steps(root: Step) -> Iterator[Step]:
    """Every node, outer ones first."""
    yield root
    for inner in root.inner:
        if isinstance(inner, Step):
            yield from steps(inner)


def pool(root: Step, premises: Sequence[Any], goal: Any) -> list[Any]:
    """Formulas and names that a change may put somewhere: those that occur, their parts, and what they imply by eye."""
    found: dict[Any, None] = {"false": None, goal: None}
    for n, premise in enumerate(premises, 1):
        found |= dict.fromkeys(subformulas(premise))
        found[f"premise-{n}"] = None
    for step in steps(root):
        for form in (step.formula, *(a for a in step.inner if not isinstance(a, Step))):
            if form is not None:
                found |= dict.fromkeys(subformulas(form))
        found |= dict.fromkeys(step.labels)
    return list(found)


def near(form: Any, rng: Random) -> Any:
    """A formula like this one: what a slip, or a fix, might take for it."""
    if isinstance(form, str):
        return rng.choice([("~", form), ("~", ("~", form)), form])
    choices = [("~", form), ("~", ("~", form)), bare(form), normal(form), ordered(form), *form[1:]]
    if form[0] != "~":
        choices += [(form[0], form[2], form[1]), *((op, form[1], form[2]) for op in ("&", "|", "==>", "<==>"))]
    part = rng.randrange(1, len(form))
    choices.append((*form[:part], near(form[part], rng), *form[part + 1 :]))
    return rng.choice(choices)


def changed(root: Step, premises: Sequence[Any], goal: Any, rng: Random) -> Step:
    """A copy with one change that a person, or an optimiser, might make."""
    root = copy.deepcopy(root)
    everything = list(steps(root))
    some = pool(root, premises, goal)
    rules = [s for s in everything if s.kind in ("rule", "from")]
    if not rules:
        return root
    one = rng.choice(rules)
    formulas = [k for k, a in enumerate(one.inner) if not isinstance(a, Step)]
    roll = rng.random()
    if roll < 0.2 and one.kind == "rule":
        one.rule = rng.choice(list(RULES))
    elif roll < 0.4 and formulas:
        at = rng.choice(formulas)
        one.inner[at] = rng.choice(some) if rng.random() < 0.6 else near(one.inner[at], rng)
    elif roll < 0.5 and len(one.inner) > 1:
        rng.shuffle(one.inner)
    elif roll < 0.55 and len(one.inner) > 1:
        del one.inner[rng.randrange(len(one.inner))]
    elif roll < 0.6:
        one.inner.insert(rng.randrange(len(one.inner) + 1), rng.choice(some))
    elif roll < 0.8:
        if one.formula is not None and rng.random() < 0.6:
            one.formula = near(one.formula, rng)
        else:
            one.formula = rng.choice([*some, None] if one.kind == "rule" else some)
    elif roll < 0.85:
        hypotheses = [s for s in everything if s.kind in ("assume", "absurd")]
        if hypotheses:
            block = rng.choice(hypotheses)
            block.formula = rng.choice(some) if rng.random() < 0.5 else near(block.formula, rng)
    elif roll < 0.95:
        blocks = [s for s in everything if s.kind == "block" and len(s.inner) > 1]
        if blocks:
            block = rng.choice(blocks)
            at = rng.randrange(len(block.inner))
            if rng.random() < 0.6:
                del block.inner[at]
            else:
                block.inner.insert(rng.randrange(len(block.inner)), copy.deepcopy(block.inner[at]))
    else:
        labelled = [s for s in everything if s.labels]
        if labelled:
            step = rng.choice(labelled)
            step.labels = [rng.choice(rng.choice(labelled).labels)] if rng.random() < 0.7 else []
    return root


def single_edits(root: Step, premises: Sequence[Any], goal: Any, most: int, rng: Random) -> Iterator[Step]:
    """Every change of one rule, one announcement or one order of arguments; at most ``most``, drawn evenly."""
    some = pool(root, premises, goal)
    sites = [k for k, s in enumerate(steps(root)) if s.kind == "rule"]
    edits: list[tuple[int, str, Any]] = []
    for site in sites:
        edits += [(site, "rule", rule) for rule in RULES]
        edits += [(site, "formula", form) for form in some]
        edits += [(site, "order", None)]
    for site, what, value in rng.sample(edits, min(most, len(edits))):
        copied = copy.deepcopy(root)
        one = list(steps(copied))[site]
        if what == "rule":
            one.rule = value
        elif what == "formula":
            one.formula = value
        else:
            one.inner.reverse()
        yield copied
