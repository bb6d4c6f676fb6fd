"""Equational reconstruction (eq_er): a bare chain is shown; which equations justify each step, if any do?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from proofgrid.checker.equational.rewriting import Equation, explanations, parallel_step
from proofgrid.checker.equational.terms import Term, positions, substitute, variable, variables
from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.reading import (
    CUT_OFF,
    after_reasoning,
    decided,
    last_array,
    names_a_member,
    read_json_answer,
    read_json_list,
)
from proofgrid.tasks.answers.texts import cells, condensed, labelled
from proofgrid.tasks.answers.values import ContradictionError, as_int, has_member, member
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.kinds.equational.chains import chain_text, justified, key_of, named_anew, size
from proofgrid.tasks.kinds.equational.lookalikes import SHAPES, LookalikeMaker
from proofgrid.tasks.kinds.equational.values import EQUATION_KEYS, as_names, chain_lines, plainly_named, problem_of
from proofgrid.tasks.prompting import render

ODDS = Fraction(1, 16)
"""How often a guess among the equations that look alike may justify all steps, at most."""


class EquationalReconstruction(Task):
    """Chains with steps that have one justification, several, or none."""

    id = "eq_er"
    title = "Equational reconstruction"
    measures = "Whether a model can find what justifies a rewriting step, and tell when nothing does."
    language = "equational"
    levels = (1, 2, 3, 4, 5)
    chance = 0.05
    flawed = Fraction(1, 2)

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A chain whose justifications, all of them, are known."""
        shape = SHAPES[level]
        double = rng.random() < 0.6
        for _ in range(200):
            maker = LookalikeMaker(rng, shape)
            length = rng.randint(*shape.steps)
            bad = sorted(rng.sample(range(length), rng.randint(1, 1 + (length > 5)))) if flawed else []
            wrong = (maker.slip, maker.unjustified)
            if not maker.run([rng.choice(wrong) if k in bad else maker.right for k in range(length)]):
                continue
            twin = _twin(rng, maker) if double and len(maker.equations) < shape.equations[1] else None
            if twin is not None:
                maker.equations.append(twin)
            if not maker.complete() or not all(len(maker.alike(c)) > 1 for s in maker.steps for c in s.contractions):
                continue
            if maker.odds_of_equations() > ODDS:
                continue
            equations, _ = maker.shuffled()
            answers = [justified(s, t, equations) for s, t in zip(maker.terms, maker.terms[1:], strict=False)]
            if [k for k, found in enumerate(answers) if not found] != bad:
                continue
            if double and not any(len(found) > 1 for found in answers):
                continue
            return Draft(
                {
                    "equations": [f"{e.name}: {e}" for e in equations],
                    "chain": chain_text(maker.terms[0], [(t, None) for t in maker.terms[1:]]),
                },
                {"justifications": [[list(e) for e in found] for found in answers]},
                {
                    "equations": len(equations),
                    "steps": length,
                    "rewrites": sum(len(found[0]) for found in answers if found),
                    "parallel": max(len(found[0]) for found in answers if found),
                    "size": max(size(t) for t in maker.terms),
                    "unjustified": len(bad),
                    "several": sum(len(found) > 1 for found in answers),
                },
                key_of(equations, maker.terms),
            )
        return None

    def prompt(self, shown: JsonObject) -> str:
        """Rewriting, one example, the equations and the chain."""
        return render("eq_er.jinja", equations=shown["equations"], chain=numbered(shown["chain"]))

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The answer's JSON object; its value maps step numbers to tuples of equations."""
        try:
            return _read(text)
        except ContradictionError as error:
            return Reading(None, problem=str(error))

    def judge(self, item: Item, answer: Mapping[int, tuple[str, ...]]) -> Score:
        """1 where every step has equations that justify it, or [] where none do. Parts: ``steps``, the share of steps
        that are right; ``unjustified``, the share of the steps without a justification that were seen to be so."""
        known = item.reference["justifications"]
        right = right_steps(item, answer)
        none = [ok for ok, answers in zip(right, known, strict=True) if not answers]
        parts = {"steps": sum(right) / len(right)}
        if none:
            parts["unjustified"] = sum(none) / len(none)
        whole = all(right)
        feedback = None if whole else f"Step {right.index(False) + 1} does not have the equations that were named."
        return Score(
            outcome="correct" if whole else "incorrect",
            points=float(whole),
            strict=whole,
            parts=parts,
            feedback=feedback,
        )

    def reference_answer(self, item: Item) -> str:
        """The first smallest set of equations for each step."""
        return _answer([found[0] if found else [] for found in item.reference["justifications"]])

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Explain step after step, at a cost of the places and equations tried; [] for what the budget leaves out."""
        equations = list(problem_of(shown).equations.values())
        terms = [line.term for line in chain_lines(shown)]
        answers: list[list[str]] = []
        for _, (s, t) in _steps(terms):
            budget -= sum(1 for _ in positions(s)) * len(equations)
            found = explanations(s, t, equations) if budget >= 0 else ()
            answers.append(list(found[0].equations) if found else [])
        return _answer(answers)


_ALIASES = {
    "stepJustifications": ("justifications", "steps", "stepJustification", "justification", "answers", "answer")
}
_STEP = ("step", "stepNumber", "number", "index", "stepNo", "line", "id")
_STEP_KEY = re.compile(r"(?:step)?[\s_-]*(\d{1,5})", re.IGNORECASE)
_LINE = re.compile(r"(?:(?:step|schritt|étape|paso|passo|шаг|步骤)\s*)?#?\s*(\d{1,5})", re.IGNORECASE)
_NONE_WORD = re.compile(r"\W*(?:keine?|aucune|ninguna|nenhuma|nessuna|нет|无|なし)\W*", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\bstep\s+(?P<step>\d{1,5})\s+(?:(?:uses?|is\s+(?:justified\s+|obtained\s+)?(?:by|from|with)|follows\s+(?:by|from))\s+"
    r"(?P<names>(?!no\b)[^.;\n]{1,400})|(?P<none>(?:is\s+not|isn't|cannot\s+be|can't\s+be)\s+justified|uses\s+no\s+equation"
    r"|has\s+no\s+justification|is\s+justified\s+by\s+(?:no|none)\b)[^.;\n]{0,40})(?=[.;\n]|\Z)",
    re.IGNORECASE,
)


def _read(text: str) -> Reading:
    reading = read_json_answer(text, ("stepJustifications",), _ALIASES)
    repairs = reading.repairs
    if reading.value is not None:
        listed = reading.value["stepJustifications"]
    elif decided(reading) and reading.problem != CUT_OFF:
        return reading
    elif (bare := read_json_list(text, EQUATION_KEYS)) is not None:
        listed, repairs = bare[0], (*repairs, *bare[1])
    elif decided(reading):
        return reading
    elif (steps := read_json_answer(text, ("step 1",), {"step 1": ("1",)})).value is not None:
        listed = {k: v for k, v in steps.value.items() if _STEP_KEY.fullmatch(str(k))}
    elif names_a_member(text, ("stepJustifications", *_ALIASES["stepJustifications"])):
        return reading
    elif (lists := last_array(text, lambda item: isinstance(item, list) and plainly_named(item))) is not None and any(
        lists[0]
    ):
        listed, repairs = lists[0], (*repairs, *lists[1])
    else:
        listed = _from_lines(unmarked_end(after_reasoning(text)[0], 2_000))
        repairs = (*repairs, "plain_text")
        if not listed:
            return reading
    if isinstance(listed, dict):
        listed = [
            {
                "step": match[1] if (match := _STEP_KEY.fullmatch(str(key))) else key,
                "supportingEquations": member(value, *EQUATION_KEYS) if has_member(value, *EQUATION_KEYS) else value,
            }
            for key, value in listed.items()
        ]
    if not isinstance(listed, list):
        return Reading(None, repairs, '"stepJustifications" is not a list')
    found: dict[int, tuple[str, ...]] = {}
    for index, item in enumerate(listed, 1):
        if isinstance(item, Mapping):
            number = as_int(member(item, *_STEP)) if has_member(item, *_STEP) else index
            # null or "none" says that nothing justifies the step; an entry without the key says nothing.
            names = (
                as_names(member(item, *EQUATION_KEYS), both_ways=False) if has_member(item, *EQUATION_KEYS) else None
            )
        elif isinstance(item, str) and (numbered_line := _numbered(item)) is not None:
            number, names = numbered_line
        else:
            number, names = index, as_names(item, both_ways=False)
        if number is None or names is None:
            continue
        if found.get(number, names) != names:
            return Reading(None, repairs, f"step {number} is justified twice, in different ways")
        found[number] = names
        if not plainly_named(member(item, "supportingEquations")):
            repairs = (*dict.fromkeys((*repairs, "equation_form")),)
    return Reading(found, repairs)


def _numbered(line: str) -> tuple[int, tuple[str, ...]] | None:
    """A line "Step 1: E1", as a list item, a row of a table or in bold."""
    pairs = list(labelled(line[:2000]))
    if not pairs:
        return None
    label, value = pairs[0]
    number = _LINE.fullmatch(label.strip())
    said = value.split("|")[0] if "|" in value else value
    names = () if _NONE_WORD.fullmatch(said) else as_names(said, both_ways=False)
    return None if number is None or names is None else (int(number[1]), names)


_CHAIN_LINE = re.compile(
    r"[ \t>*-]*(?:\[=\]|=)[ \t]*[a-z][^\n]*?"
    r"(?:\bby\b[ \t]*(?P<names>[^\n]*)"
    r"|[\[{(#][ \t]*+(?:by\b)?(?P<marked>(?:[ \t]*+,?[ \t]*+E_?\{?\d+\}?)*+|[ \t]*+none)[ \t]*+[\]})]?[ \t]*+$"
    r"|[ ]{2}(?P<said>none)[ \t]*+$)"
)
_COLUMNS = re.compile(r"[ \t]*(?P<step>\d{1,5})[ \t]*[,;\t][ \t]*(?P<names>\"?[^\n]*\"?)")
_TABLE_ROW = re.compile(
    r"[ \t]*+\|?[ \t`*]*+(?:step[ \t]*+)?(\d{1,5})[ \t`*]*+[|:.)=-]++>?[ \t]*+([^|\n]*+)\|?[ \t]*$", re.IGNORECASE
)


def _from_lines(text: str) -> list[dict[str, Any]]:
    """The last run of such lines that begins at step 1; or else the chain with its equations behind its lines, or
    sentences, one for each step."""
    runs: list[list[dict[str, Any]]] = []
    chains: list[list[dict[str, Any]]] = [[]]
    columns: list[dict[str, Any]] = []
    above: int | None = None
    for line in text.split("\n"):
        if (heading := _HEADING.fullmatch(line[:200])) is not None:
            above = int(heading["step"])
            continue
        if above is not None and line.strip():
            line, above = f"Step {above}: {line.strip()}", None
        found = _row(line) or _numbered(line)
        if found is not None:
            if found[0] == 1 or not runs:
                runs.append([])
            runs[-1].append({"step": found[0], "supportingEquations": list(found[1])})
        elif (link := _CHAIN_LINE.match(line[:20_000])) is not None:
            said = next(part for part in (link["names"], link["marked"], link["said"]) if part is not None)
            names = as_names(said.strip(" `*|"), both_ways=False)
            chains[-1].append({"supportingEquations": None if names is None else list(names)})
        elif line.lstrip().startswith("s =") and chains[-1]:
            chains.append([])
        elif (row := _COLUMNS.fullmatch(line[:2000])) is not None:
            listed = as_names(row["names"].strip(' "'), both_ways=False)
            if listed is not None:
                columns.append({"step": int(row["step"]), "supportingEquations": list(listed)})
    return (runs[-1] if runs else chains[-1]) or columns or _from_sentences(text)


_HEADING = re.compile(r"[ \t]*(?:#{1,6}[ \t]*)[*_`]*step[ \t]*#?(?P<step>\d{1,5})[*_`:. \t]*", re.IGNORECASE)


def _from_sentences(text: str) -> list[dict[str, Any]]:
    found = []
    for match in _SENTENCE.finditer(condensed(text)):
        names: tuple[str, ...] | None = ()
        if match["none"] is None:
            names = as_names(match["names"], both_ways=False)
        found.append({"step": int(match["step"]), "supportingEquations": None if names is None else list(names)})
    return found if all(row["supportingEquations"] is not None for row in found) else []


def _row(line: str) -> tuple[int, tuple[str, ...]] | None:
    """A row of a table, or an item of a list: a step's number, and its equations."""
    row = cells(line[:2000]) if line.lstrip().startswith("|") else []
    if len(row) >= 2:
        number, said = as_int(row[0]), row[1]
    elif (match := _TABLE_ROW.match(line[:2000])) is not None:
        number, said = int(match[1]), match[2]
    else:
        return None
    names = as_names(said, both_ways=False)
    return None if number is None or names is None else (number, names)


def numbered(chain: str) -> str:
    """The chain with the numbers of its steps as comments."""
    first, *rest = chain.split("\n")
    return "\n".join([first, *(f"{line}    # step {k}" for k, line in enumerate(rest, 1))])


def right_steps(item: Item, answer: Mapping[int, tuple[str, ...]]) -> list[bool]:
    """For each step whether the answer justifies it, or says that nothing does where nothing does."""
    equations = problem_of(item.shown).equations
    terms = [line.term for line in chain_lines(item.shown)]
    known = item.reference["justifications"]
    return [_right(s, t, equations, answer.get(k), known[k - 1]) for k, (s, t) in _steps(terms)]


def _steps(terms: list[Term]) -> list[tuple[int, tuple[Term, Term]]]:
    return list(enumerate(pairwise(terms), 1))


def _answer(justifications: list[Any]) -> str:
    listed = [{"step": k, "supportingEquations": list(names)} for k, names in enumerate(justifications, 1)]
    return json.dumps({"explanation": "Found by matching.", "stepJustifications": listed})


def _right(s: Term, t: Term, equations: Any, names: tuple[str, ...] | None, known: list[list[str]]) -> bool:
    if names is None:
        return False
    if not names:
        return not known
    if any(n not in equations for n in names):
        return False
    return parallel_step(s, t, [equations[n] for n in names]) is not None


def _twin(rng: Random, maker: LookalikeMaker) -> Equation | None:
    """An equation that is used, made a little more special (two variables are one, or a constant stands for one), so
    that some step may have two."""
    c = rng.choice([c for s in maker.steps for c in s.contractions])
    names = variables(c.equation.left)
    if not names:
        return None
    name = rng.choice(names)
    same = [variable(n) for n in names if n != name and c.substitution[n] is c.substitution[name]]
    value = rng.choice(same) if same else c.substitution[name]
    if value.args:
        return None
    left, right = named_anew(*(substitute(side, {name: value}) for side in (c.equation.left, c.equation.right)))
    if left is right or any((e.left, e.right) == (left, right) for e in maker.equations):
        return None
    return Equation(f"E{len(maker.equations) + 1}", left, right)
