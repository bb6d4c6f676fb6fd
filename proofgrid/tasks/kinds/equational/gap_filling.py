"""Equational gap filling (eq_gf): one gap of one to five lines is to be filled, or found to be impossible to fill.

A gap that can be filled has a reference; one that cannot has a certificate, which the checker verifies again when the
item is made: a finite model of the equations in which the two sides differ, or all terms that can be reached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, ClassVar, Final

from proofgrid.checker.equational.check import check_chain
from proofgrid.checker.equational.rewriting import symmetric_step
from proofgrid.checker.equational.terms import Term, parse_term, positions, replace
from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.reading import (
    CUT_OFF,
    after_reasoning,
    decided,
    names_a_member,
    read_json_answer,
    read_json_list,
)
from proofgrid.tasks.answers.texts import condensed, labelled, last_run
from proofgrid.tasks.answers.values import ContradictionError, as_int, has_member, member
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.kinds.equational.chains import SHAPES, ChainMaker, Step, key_of, size
from proofgrid.tasks.kinds.equational.search import Filling, fill_gap
from proofgrid.tasks.kinds.equational.unreachable import certify, sum_model
from proofgrid.tasks.kinds.equational.values import (
    EQUATION_KEYS,
    as_names,
    as_row,
    as_step,
    as_term,
    chain_lines,
    plainly_named,
    problem_of,
)
from proofgrid.tasks.prompting import render

GAP_LINE: Final = "  ?? ??"
"""What stands for the missing lines of a chain."""
GAPS = {1: (1, 1), 2: (2, 2), 3: (2, 3), 4: (3, 4), 5: (4, 5), 7: (8, 9), 8: (12, 14)}
"""Lines missing, by level (inclusive)."""
_EFFORT = 40
"""Terms looked at to see that there is no shorter filling."""


class EquationalGapFilling(Task):
    """Chains with one gap; steps go either way, by one or two equations."""

    id = "eq_gf"
    title = "Equational gap filling"
    measures = "Whether a model can search for a way between two terms, and tell when there is none."
    language = "equational"
    levels = (1, 2, 3, 4, 5)
    flawed = Fraction(3, 10)
    chance = 0.3
    upper_levels = (7, 8)
    full_budget = 200
    sizes: ClassVar = GAPS

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A chain with a gap: its filling is known, or a certificate says that it has none."""
        for _ in range(40):
            draft = self._draw(rng, level, not flawed)
            if draft is not None:
                return draft
        return None

    def dealt(self, level: int | None, index: int) -> bool:
        """As in every task, but none at the levels above those of suites: the builtin model finds certificates."""
        return level not in self.upper_levels and super().dealt(level, index)

    def _draw(self, rng: Random, level: int, solvable: bool) -> Draft | None:
        shape = SHAPES[level]
        maker = ChainMaker(rng, shape)
        gap = rng.randint(*GAPS[level])
        length = max(rng.randint(*shape.steps), gap + 1)
        start = rng.randint(0, length - gap - 1)
        if not maker.run(start + gap):
            return None
        if not solvable and not _swerve(rng, maker):
            return None
        if not maker.run(length - start - gap) or not maker.add_distractors():
            return None
        equations, steps = maker.shuffled()
        named = {e.name: e for e in equations}
        before, after = maker.terms[start], maker.terms[start + gap + 1 + (not solvable)]
        hidden = steps[start : start + gap]
        following = steps[start + gap + (not solvable) :]
        last = [named[n] for n in following[0].cited]
        reference: dict[str, Any]
        found = fill_gap(before, after, last, equations, self.full_budget if level in self.upper_levels else _EFFORT)
        if solvable:
            if found.filling is not None and (level in self.upper_levels or len(found.filling) < GAPS[level][0]):
                return None
            filling = tuple((s.after, s.cited) for s in hidden)
            if found.filling is not None and len(found.filling) < gap:
                filling = found.filling
            reference = {"missing": [[str(t), list(names)] for t, names in filling], "certificate": None}
        else:
            if found.filling is not None:
                raise AssertionError("a gap across two values was filled")  # a defect of the generator, never a draw
            reference = {"missing": [], "certificate": sum_model(maker.weight, equations, before, after)}
        text = gapped(maker.terms[0], steps[:start], following)
        shown = {"equations": [f"{e.name}: {e}" for e in equations], "chain": text}
        if solvable and not _verdict(shown, filling).correct:
            raise AssertionError("the reference of a gap does not check")  # a defect of the generator, never a draw
        return Draft(
            shown,
            reference,
            {
                "equations": len(equations),
                "steps": length,
                "gap": len(reference["missing"]),
                "size": max(size(t) for t in (before, after)),
                "effort": found.expanded,
                "solvable": float(solvable),
            },
            key_of(equations, [*maker.terms[: start + 1], *(s.after for s in following)]),
        )

    def prompt(self, shown: JsonObject) -> str:
        """Rewriting both ways, one example, the equations and the chain with its gap."""
        return render("eq_gf.jinja", equations=shown["equations"], chain=shown["chain"])

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The answer's JSON object; its value has ``missing``, pairs of a term and names of equations, and
        ``confidence``, a number from 1 to 5 or None."""
        try:
            return _read(text, shown)
        except ContradictionError as error:
            return Reading(None, problem=str(error))

    def judge(self, item: Item, answer: Mapping[str, Any]) -> Score:
        """1 where the chain with the missing lines is right, or [] where nothing fills the gap. Parts: ``steps``, the
        share of the steps over the gap that are right; ``confidence``, the stated confidence as a probability (the
        middle of the five equal parts of [0, 1]), where one was stated: see tasks.calibration."""
        missing: Filling = tuple((parse_term(term), tuple(names)) for term, names in answer["missing"])
        parts = {}
        if answer["confidence"] is not None:
            parts["confidence"] = (2 * answer["confidence"] - 1) / 10
        if not missing:
            whole = not item.reference["missing"]
            parts["steps"] = float(whole)
            return Score(
                outcome="correct" if whole else "incorrect",
                points=float(whole),
                strict=whole,
                parts=parts,
                feedback=None if whole else "This gap can be filled.",
            )
        verdict = _verdict(item.shown, missing)
        parts["steps"] = _share(item.shown, missing)
        if verdict.failure is not None and verdict.failure.class_ == "limit":
            return Score(
                outcome="checker_limit",
                parts=parts,
                verdict=verdict.to_json(),
                feedback=f"{verdict.failure.message}.",
            )
        return Score(
            outcome="correct" if verdict.correct else "incorrect",
            points=float(verdict.correct),
            strict=verdict.strict,
            parts=parts,
            verdict=verdict.to_json(),
            feedback=None if verdict.failure is None else f"In the filled chain, {verdict.failure.message}.",
        )

    def reference_answer(self, item: Item) -> str:
        """The filling known when the item was made, or []."""
        return _answer(item.reference["missing"], 5)

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Search from both sides with ``budget`` terms; [] where a certificate, or nothing, was found."""
        problem = problem_of(shown)
        before, after, cited = sides(shown)
        equations = list(problem.equations.values())
        found = fill_gap(before, after, [problem.equations[n] for n in cited], equations, budget)
        if found.filling is not None:
            return _answer([[str(t), list(names)] for t, names in found.filling], 5)
        certain = found.exhausted or (budget >= 100 and certify(equations, before, after) is not None)
        return _answer([], 5 if certain else 2)


_ALIASES = {"missingSteps": ("steps", "missing", "missingLines", "fillings", "gap", "gapSteps", "filledSteps", "lines")}
_TERM = ("term", "expression", "result", "to")
_NO_WAY = re.compile(
    r"(?:gap|chain|step|it|this)\b[^.\n]{0,40}\b(?:cannot|can\s?not|can't|impossible\s+to)\s+(?:be\s+)?(?:filled|fill|bridged|completed)"
    r"|\bno\s+(?:filling|way|such\s+steps|(?:valid\s+)?sequence|solution)\b[^.\n]{0,40}\b(?:exists?|possible|works?|fills?|"
    r"bridges?|completes?)\b|\bunfillable\b",
    re.IGNORECASE,
)
_EMPTY_LIST = re.compile(
    r"(?:\A|\bmissing[ _-]?steps[\"'`*]*\s*[:=]\s*)\[\s*\]\W*(?:confidence\W{1,4}\S{1,10}\W*)?\Z", re.IGNORECASE
)
_NOTHING = ("none", "null", "[]", "impossible", "unfillable", "cannot be filled", "")


def _read(text: str, shown: JsonObject) -> Reading:
    reading = read_json_answer(text, ("missingSteps",), _ALIASES)
    if reading.value is not None:
        listed, confidence, repairs = (
            reading.value["missingSteps"],
            member(reading.value, "confidence"),
            reading.repairs,
        )
    elif decided(reading) and reading.problem != CUT_OFF:
        return reading
    elif (bare := read_json_list(text, _TERM)) is not None:
        listed, confidence, repairs = bare[0], None, (*reading.repairs, *bare[1])
    elif decided(reading) or names_a_member(text, ("missingSteps", *_ALIASES["missingSteps"])):
        return reading
    else:
        answer = unmarked_end(after_reasoning(text)[0], 2_000)
        listed = last_run(answer, lambda line: _line_of_chain(line) is not None) or _labelled_steps(answer)
        listed = _without_shown(listed, shown) or _said(answer)
        last = condensed(answer.strip(), 2000).rsplit("\n\n", 1)[-1]
        if not listed and not (_NO_WAY.search(last) or _EMPTY_LIST.search(last)):
            return reading
        confidence, repairs = None, (*reading.repairs, "plain_text")
    if listed is None or (isinstance(listed, str) and listed.strip().casefold().rstrip(".") in _NOTHING):
        listed = []
    if isinstance(listed, Mapping):
        numbered = [as_int(key) for key in listed]
        pairs = [(0, listed)] if None in numbered else sorted(zip(numbered, listed.values(), strict=True), key=_first)
        listed = [item for _, item in pairs]
    if isinstance(listed, str):
        listed = [line for line in listed.split("\n") if line.strip()]
    if not isinstance(listed, list):
        return Reading(None, repairs, '"missingSteps" is not a list')
    numbers = [n for item in listed if (n := as_int(member(item, "step", "stepNumber"))) is not None]
    if sorted(set(numbers)) != numbers:
        return Reading(None, repairs, "the missing steps are numbered twice or out of order")
    missing = []
    for number, item in enumerate(listed, 1):
        step = _step(item)
        if step is None:
            return Reading(None, repairs, f"missing step {number} has no term or no equations")
        missing.append((str(step[0]), step[1]))
        if not plainly_named(member(item, "supportingEquations")):
            repairs = (*dict.fromkeys((*repairs, "equation_form")),)
    stated = as_int(confidence)
    if stated is not None and not 1 <= stated <= 5:
        stated = None
    return Reading({"missing": tuple(missing), "confidence": stated}, repairs)


def _first(pair: tuple[Any, Any]) -> int:
    return int(pair[0])


def _step(item: Any) -> tuple[Term, tuple[str, ...]] | None:
    """A term and the names of its equations, from an object, a pair or a line of a chain."""
    if isinstance(item, str):
        return _line_of_chain(item)
    if isinstance(item, list) and len(item) == 2:
        term, names = as_term(item[0]), as_names(item[1])
    elif has_member(item, *EQUATION_KEYS):
        term, names = as_term(member(item, *_TERM)), as_names(member(item, *EQUATION_KEYS))
    else:
        whole = member(item, *_TERM, "line", "step")
        return as_step(whole) if isinstance(whole, str) else None
    return None if term is None or names is None else (term, names)


def _without_shown(listed: list[Any], shown: JsonObject) -> list[Any]:
    """The lines between those that the item shows, where the whole chain is written out; else all of them."""
    chain = chain_lines(shown)
    at = next(k for k, line in enumerate(chain) if line.kind == "gap")
    before, after = chain[1:at], chain[at + 1 :]
    first, last = len(before), len(listed) - len(after)
    if first > last:
        return listed
    around = [*zip(listed[:first], before, strict=True), *zip(listed[last:], after, strict=True)]
    for line, known in around:
        if not isinstance(line, str) or _line_of_chain(line) != (known.term, tuple(known.cited)):
            return listed
    return listed[first:last]


_MISSING = re.compile(
    r"\bmissing\s+(?:step|term|line)\s+(?:is|would\s+be)\b[\s:`*$]*(?P<step>[a-z][^\n]{0,2000})", re.IGNORECASE
)
_JUSTIFIED = re.compile(r"[`,\s]*\b(?:justified|obtained|derived|supported)\s+(?=by\b)", re.IGNORECASE)


def _said(text: str) -> list[Any]:
    """The one step of a sentence "the missing step is ... by E1", as a list."""
    found = {_JUSTIFIED.sub(" ", match["step"]).rstrip(" .*`") for match in _MISSING.finditer(text)}
    return list(found) if len(found) == 1 and all(map(as_step, found)) else []


_TERM_LABELS = frozenset(map(folded, _TERM))
_EQUATION_LABELS = frozenset(map(folded, EQUATION_KEYS))


def _labelled_steps(text: str) -> list[Any]:
    """Lines "term: ..." and "supportingEquations: ..." by turns, as objects."""
    found: list[dict[str, str]] = []
    for label, value in labelled(text):
        name = folded(label)
        if name in _TERM_LABELS and value:
            found.append({"term": value})
        elif name in _EQUATION_LABELS and found and value:
            found[-1]["supportingEquations"] = value
    return list(found)


def _line_of_chain(text: str) -> tuple[Term, tuple[str, ...]] | None:
    return as_step(text) or as_row(text)


def gapped(start: Term, steps: Sequence[Step], following: Sequence[Step]) -> str:
    """The chain with a gap between ``steps`` and ``following``."""
    lines = [f"s = {start}"]
    lines += [f"  = {s.after} by {', '.join(s.cited)}" for s in steps]
    lines.append(GAP_LINE)
    lines += [f"  = {s.after} by {', '.join(s.cited)}" for s in following]
    return "\n".join(lines)


def sides(shown: JsonObject) -> tuple[Term, Term, tuple[str, ...]]:
    """The term before the gap, the one after it, and the equations of the line after it."""
    lines = chain_lines(shown)
    at = next(k for k, line in enumerate(lines) if line.kind == "gap")
    return lines[at - 1].term, lines[at + 1].term, lines[at + 1].cited


def filled(shown: JsonObject, missing: Sequence[tuple[Any, Sequence[str]]]) -> str:
    """The chain with the missing lines, pairs of a term and names, in the gap's place; the gap where there are none."""
    # A name is never a comment or a second line, whatever an answer says.
    named = [(term, ", ".join(re.sub(r"[^A-Za-z0-9_'-]", "?", name) for name in names)) for term, names in missing]
    lines = "\n".join(f"  = {term} by {names}" for term, names in named)
    return str(shown["chain"]).replace(GAP_LINE, lines) if missing else str(shown["chain"])


def _verdict(shown: JsonObject, missing: Filling) -> Any:
    """The checker's verdict on the chain with the missing lines in the gap's place."""
    return check_chain(problem_of(shown), filled(shown, missing), relation="symmetric", most=2)


def _share(shown: JsonObject, missing: Filling) -> float:
    """The share of the steps over the gap, the one that leads out of it included, that are right."""
    named = problem_of(shown).equations
    before, after, cited = sides(shown)
    good = 0
    steps = [*missing, (after, cited)]
    for term, names in steps:
        known = [named[n] for n in names if n in named]
        if len(known) == len(names) <= 2:
            good += symmetric_step(before, term, known) is not None
        before = term
    return good / len(steps)


def _answer(missing: Sequence[Any], confidence: int) -> str:
    listed = [{"term": term, "supportingEquations": list(names)} for term, names in missing]
    said = "Found by search." if listed else "No way was found."
    return json.dumps({"explanation": said, "missingSteps": listed, "confidence": confidence})


def _swerve(rng: Random, maker: ChainMaker) -> bool:
    """Go on from a term of another value than the one the chain has come to: one f more or fewer inside."""
    term = maker.terms[-1]
    inner = [(p, t) for p, t in positions(term) if p]
    turns = [(p, t) for p, t in inner if t.name == maker.turn and t.args]
    if turns and rng.random() < 0.5:
        place, old = rng.choice(turns)
        other = replace(term, place, old.args[0])
    elif inner:
        place, old = rng.choice(inner)
        other = replace(term, place, maker.wrapped(old, 1))
    else:
        return False
    if other in maker.terms or not 2 <= size(other) <= maker.largest:
        return False
    maker.extend(other, (), ())
    return True
