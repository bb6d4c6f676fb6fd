"""Matched controls: a valid inference from the same proofs, and an invalid one that the model never wrote.

Both are like the flawed inference: the same kind of question, from the same proof where it has a valid step, the same
rule where one was used, and as near in size as can be had. The invalid one is the valid one corrupted as in the
proof-checking tasks; that it is invalid, and does not follow classically either, is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from proofgrid.checker import RULES, Formula, countermodel, entails
from proofgrid.checker.formulas import atoms, postorder
from proofgrid.stability.equational_flaws import corrupted_rewrite
from proofgrid.stability.flaws import MOST_SYMBOLS, Flaw, Step
from proofgrid.tasks.making.mutations import vary
from proofgrid.tasks.questions.asked import AnyAsked
from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.rewriting import AskedRewrite

_TRIES = 60


@dataclass(frozen=True, slots=True)
class Pool:
    """All valid steps of one model's proofs: (proof, step), and by rule."""

    steps: tuple[tuple[str, Step], ...]
    by_rule: Mapping[str, tuple[tuple[str, Step], ...]]
    written: frozenset[AnyAsked]
    """Every flawed inference of the model: an invalid control must be none of them."""


def make_pool(flaws: Mapping[str, Flaw], more: Mapping[str, Sequence[Step]]) -> Pool:
    """``more`` holds the steps of the model's other proofs, which serve where its flawed ones have none."""
    steps = [(name, step) for name, flaw in flaws.items() for step in flaw.steps]
    steps += [(name, step) for name, found in more.items() for step in found]
    by_rule: dict[str, list[tuple[str, Step]]] = {}
    for entry in steps:
        by_rule.setdefault(entry[1].asked.rule, []).append(entry)
    written = frozenset(flaw.asked for flaw in flaws.values() if flaw.asked is not None)
    return Pool(tuple(steps), {rule: tuple(found) for rule, found in by_rule.items()}, written)


def controls(
    proof: str, flaw: Flaw, pool: Pool, used: set[AnyAsked], rng: Random
) -> tuple[tuple[AnyAsked, str] | None, tuple[AnyAsked, str] | None]:
    """A valid and an invalid control with how each was matched; None where nothing serves. ``used`` grows."""
    assert flaw.asked is not None
    valid: AnyAsked | None
    if flaw.asked.all_that_holds:
        valid, how = _what_follows(flaw, used, rng)
    else:
        valid, how = _valid_step(proof, flaw, pool, used)
    if valid is None:
        return None, None
    used.add(valid)
    wrong = corrupted(valid, rng, pool.written | used)
    if wrong is None and not flaw.asked.all_that_holds:
        wrong, how_wrong = _other_corruption(flaw, pool, used, rng)
    else:
        how_wrong = how
    if wrong is not None:
        used.add(wrong)
    return (valid, how), None if wrong is None else (wrong, how_wrong)


def _other_corruption(flaw: Flaw, pool: Pool, used: set[AnyAsked], rng: Random) -> tuple[AnyAsked | None, str]:
    """An invalid control from another valid step, where the one that was matched cannot be spoilt."""
    wanted = flaw.asked
    assert wanted is not None
    steps = [s.asked for s in flaw.steps] + [s.asked for _, s in pool.by_rule.get(wanted.rule, ())]
    steps += [s.asked for _, s in pool.steps[:200]]
    for asked in dict.fromkeys(steps):
        if asked.kind == wanted.kind and _telling(asked):
            wrong = corrupted(_like(wanted, asked), rng, pool.written | used)
            if wrong is not None:
                return wrong, "another step"
    return None, ""


def corrupted(
    valid: AnyAsked, rng: Random, forbidden: frozenset[AnyAsked] | set[AnyAsked] = frozenset()
) -> AnyAsked | None:
    """``valid`` with one change of a formula or term (or two arguments swapped) that makes it invalid; None if none
    does."""
    if isinstance(valid, AskedRewrite):
        return corrupted_rewrite(valid, rng, forbidden)
    letters = atoms(*valid.sources, *(() if valid.target is None else (valid.target,)))
    implicational = _implicational(valid)
    for _ in range(_TRIES):
        wrong = _changed(valid, letters, rng)
        if wrong is None or wrong in forbidden or wrong == valid or wrong.valid():
            continue
        if implicational and not _implicational(wrong):
            continue
        if wrong.target is None or countermodel(_premises(wrong), wrong.target) is not None:
            return wrong
    return None


def _implicational(asked: Asked) -> bool:
    """Only ``~`` and ``==>``, as in the Hilbert system: another connective would give its control away."""
    formulas = (*asked.sources, *(() if asked.target is None else (asked.target,)))
    return all(g.op in ("atom", "~", "==>") for f in formulas for g in postorder(f))


def _premises(asked: Asked) -> tuple[Formula, ...]:
    """The sources that are claimed to hold: of a rule's arguments, those that have to."""
    if asked.kind != "rule":
        return asked.sources
    return tuple(asked.sources[i] for i in RULES[asked.rule].forms[0].holds)


def _changed(valid: Asked, letters: Sequence[str], rng: Random) -> Asked | None:
    sources = list(valid.sources)
    roll = rng.random()
    if valid.target is not None and (roll < 0.5 or not sources or valid.all_that_holds):
        return replace(valid, target=vary(valid.target, letters, rng))
    if roll < 0.65 and len(sources) > 1 and valid.kind == "rule":
        i, j = rng.sample(range(len(sources)), 2)
        sources[i], sources[j] = sources[j], sources[i]
        return replace(valid, sources=tuple(sources))
    if not sources:
        return None
    at = rng.randrange(len(sources))
    sources[at] = vary(sources[at], letters, rng)
    return replace(valid, sources=tuple(sources))


def _like(wanted: AnyAsked, asked: AnyAsked) -> AnyAsked:
    """Asked as the flawed one was: with a conclusion, or without."""
    return replace(asked, target=None) if wanted.target is None and isinstance(asked, Asked) else asked


def _valid_step(proof: str, flaw: Flaw, pool: Pool, used: set[AnyAsked]) -> tuple[AnyAsked | None, str]:
    """The valid step most like the flawed one: its proof before others', its rule before others, then its size."""
    wanted = flaw.asked
    assert wanted is not None
    own = [step for step in flaw.steps if step.asked.kind == wanted.kind]
    tiers = (
        ("same proof, same rule", [s for s in own if s.asked.rule == wanted.rule]),
        ("same proof, another rule", own),
        ("another proof, same rule", [s for _, s in pool.by_rule.get(wanted.rule, ()) if s.asked.kind == wanted.kind]),
        ("another proof, another rule", [s for _, s in pool.steps if s.asked.kind == wanted.kind]),
    )
    for how, steps in tiers:
        fresh = [a for s in steps if (a := _like(wanted, s.asked)) not in used and _telling(a)]
        if fresh:
            return min(fresh, key=lambda a: abs(a.size - wanted.size)), how
    return None, ""


def _telling(asked: AnyAsked) -> bool:
    """Whether a judgement on this step says anything (not where it repeats a source of its own) and can be asked."""
    repeats = asked.target is not None and asked.target in asked.sources
    return asked.rule != "claim" and not repeats and asked.length <= MOST_SYMBOLS


def _what_follows(flaw: Flaw, used: set[AnyAsked], rng: Random) -> tuple[Asked | None, str]:
    """From what held at the failure, without one formula that a valid step had concluded: that formula follows."""
    wanted = flaw.asked
    assert wanted is not None
    held = dict.fromkeys(flaw.holds)
    found: list[Asked] = []
    for step in flaw.steps:
        rest = {f: None for f in held if f is not step.conclusion}
        if all(f in rest for f in step.required):
            found.append(Asked("follows", wanted.rule, tuple(rest), step.conclusion, all_that_holds=True))
    fresh = [a for a in found if a not in used and a.length <= MOST_SYMBOLS]
    if fresh:
        return min(fresh, key=lambda a: abs(a.size - wanted.size)), "same proof"
    derived = _derived(flaw.holds, rng)
    asked = Asked("follows", wanted.rule, flaw.holds, derived, all_that_holds=True) if derived is not None else None
    return (asked, "same proof, made") if asked is not None and asked not in used else (None, "")


def _derived(holds: Sequence[Formula], rng: Random) -> Formula | None:
    """Something that follows from what holds and is not there, by a rule of the table applied to it."""
    from proofgrid.checker.rules import results

    pairs = [(f, g) for f in holds for g in holds]
    rng.shuffle(pairs)
    there = set(holds)
    for name in ("mp", "dsyl", "mt", "left-and", "right-and", "both"):
        for f, g in pairs[:200]:
            arguments = (f,) if RULES[name].arity == 1 else (f, g)
            for _, conclusion in results(RULES[name], arguments):
                if conclusion not in there and entails(holds, conclusion):
                    return conclusion
    return None
