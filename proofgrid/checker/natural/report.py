"""From the evaluator's findings to the words and fields of a verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from proofgrid.checker.counting import count
from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.limits import LimitReached, Work
from proofgrid.checker.natural.advice import (
    how_to_get,
    nearest_held,
    other_rule,
    similar_name,
    similar_rule,
    without_a_step,
)
from proofgrid.checker.natural.findings import FailedStep, Slip
from proofgrid.checker.natural.kinds import (
    COMMUTATIVITY,
    CONCLUSION_AS_NAME,
    DOUBLE_NEGATION,
    ENTAILED,
    MANGLED,
    NAME,
    OUT_OF_SCOPE,
)
from proofgrid.checker.natural.lexer import UNFILLED
from proofgrid.checker.natural.syntax import Application, ParsedProof, RuleApplication, SupposeAbsurd
from proofgrid.checker.parsing import shorten
from proofgrid.checker.rules import RULES
from proofgrid.checker.verdict import Diagnosis, Failure, FailureClass, Fix, Inference

_PREMISE = re.compile(r"premise[-_]?([0-9]+)", re.IGNORECASE | re.ASCII)
FIELD_LIMIT = 20_000
"""Longest formula in a field of a verdict, in characters; what is longer is cut with an ellipsis."""
MESSAGE_LIMIT = 300
MAX_LISTED = 100
"""How many arguments of one step a verdict lists."""

CLASSES: dict[str, FailureClass] = {
    "Parsing": "syntax",
    "undefinedName": "syntax",
    "unfilled": "syntax",
    "invalidAssumption": "syntax",
    "malformedRuleApp": "type",
    "tooManyJustifiers": "type",
    "notInAB": "logic",
    "conclusionMismatch": "logic",
    "doesNotFollow": "logic",
    "notFalse": "logic",
    "aggregation": "logic",
    "wrongTopConclusion": "logic",
    "checkerLimit": "limit",
}
"""Every kind of failure in NDL and the macro language, with its class (docs/spec.md, section 3)."""


def _short(formula: Formula) -> str:
    return show(formula, MESSAGE_LIMIT)


def _field(formula: Formula | None) -> str | None:
    return None if formula is None else show(formula, FIELD_LIMIT)


def _meant(rule: str, arguments: int) -> str:
    """What an incorrect application was taken for (the slips of :mod:`proofgrid.checker.ndl.tolerance`, kind 1)."""
    if rule in ("left-and", "right-and"):
        if arguments > 1:
            return f"{rule} has one argument: the one that is a conjunction with the conclusion was taken"
        return f"'{rule}' taken as '{'right' if rule == 'left-and' else 'left'}-and'"
    if rule in ("left-either", "right-either"):
        return f"'{rule}' taken as '{'right' if rule == 'left-either' else 'left'}-either'"
    if rule in ("left-iff", "right-iff"):
        return f"'{rule}' taken as the rule that applies to its argument so"
    if rule == "mt":
        return "the conditional (q ==> false) taken for (~ q)"
    if rule == "equiv":
        return "the two conditionals of equiv taken in the other order"
    if rule == "dn":
        return "dn taken to introduce a double negation, or to change a part of the formula"
    return f"{rule} taken backwards, or on a part of the formula"


def fix_of(slip: Slip, proof: ParsedProof) -> Fix:
    """A structural fix in words."""
    node = slip.node
    if slip.kind == NAME:
        line, _ = proof.position(slip.edits[0][0])
        step = None if node is None else node.step
        return Fix(slip.kind, "syntax", step, line, f"read '{shorten(slip.name)}' as '{shorten(slip.meant)}'")
    assert node is not None
    line, _ = proof.position(node.rule_start)
    stated = shorten(node.conclusion.text if node.conclusion else "")
    if slip.kind == CONCLUSION_AS_NAME:
        name = shorten(slip.name)
        return Fix(slip.kind, "syntax", node.step, line, f"read '{name} BY {node.rule}' as '{name} := {node.rule}'")
    if slip.kind == OUT_OF_SCOPE:
        message = f"the name '{slip.name}' is out of scope here, but what it named still holds"
    elif slip.kind == MANGLED:
        message = f"'from-false on false' taken as 'from-false on {stated}'"
    elif slip.kind == DOUBLE_NEGATION:
        message = f"the conclusion {stated} is what {node.rule} gives up to double negation"
    elif slip.kind == COMMUTATIVITY:
        message = f"the conclusion {stated} is what {node.rule} gives up to the order of & or |"
    elif slip.kind == ENTAILED:
        message = f"{node.rule} gives something else, but what holds entails {stated}"
    else:
        message = f"{_meant(node.rule, len(node.arguments))}, which gives {stated}"
    return Fix(slip.kind, "structural", node.step, line, message)


def failure_of(
    problem: FailedStep,
    proof: ParsedProof,
    original: str,
    premises: Sequence[Formula],
    *,
    advise: bool = True,
    at_once: bool = True,
    work: Work | None = None,
) -> Failure:
    """A failed step in words and fields, with its local inference and diagnosis.

    ``original`` is the proof with its comments. With ``advise`` the nearest formula that holds and a step that would
    have been right are looked for. Without work left in ``work`` there is no diagnosis. Unless ``at_once``, all but
    what it is and where is worked out when it is read: then nothing else may spend of ``work``.
    """
    node = problem.node
    line, column = proof.position(problem.offset)
    kind = problem.kind
    if kind == "undefinedName" and UNFILLED.fullmatch(problem.name):
        kind = "unfilled"
    step = node.step if isinstance(node, Application) else None
    known: dict[str, Any] = {"kind": kind, "class_": CLASSES[kind], "step": step, "line": line, "column": column}

    def tell() -> dict[str, Any]:
        return known | _told(problem, kind, line, proof, original, premises, advise=advise, work=work)

    return Failure(**tell()) if at_once else Failure.later(tell, **known)


def _told(
    problem: FailedStep,
    kind: str,
    line: int,
    proof: ParsedProof,
    original: str,
    premises: Sequence[Formula],
    *,
    advise: bool,
    work: Work | None,
) -> dict[str, Any]:
    """All fields of a failure but what it is and where."""
    node = problem.node
    arguments: tuple[str, ...] = ()
    rule: str | None = None
    if isinstance(node, Application):
        rule = node.rule
        arguments = tuple(shorten(proof.text[a.start : a.end], FIELD_LIMIT) for a in node.arguments[:MAX_LISTED])
    elif isinstance(node, SupposeAbsurd):
        rule = "suppose-absurd"
    inference = None
    if problem.target is not None and problem.sources is not None:
        inference = Inference(
            tuple(show(f, FIELD_LIMIT) for f in problem.sources[:MAX_LISTED]), show(problem.target, FIELD_LIMIT)
        )
    diagnosis: Diagnosis | None = None
    model = problem.model
    if problem.target is not None:
        base = (*premises, *problem.hypotheses)
        try:
            against = countermodel(base, problem.target, work=work)
            diagnosis = "slip" if against is None else "fallacy"
            if model is None:
                model = against
        except LimitReached:  # the verdict stands without its diagnosis
            diagnosis = None
    message, hint = _words(problem, proof)
    if kind == "unfilled":
        message, hint = f"{problem.name} is not filled in", None
    nearest = None
    if not advise:
        pass
    elif problem.missing is not None:
        found = nearest_held(problem.missing, problem.holds)
        nearest = _field(found)
        hint = _remedy(problem.missing, found, problem, premises, proof.language, work)
    elif problem.kind == "undefinedName" and problem.actual is not None:
        hint = hint or _remedy(problem.actual, None, problem, premises, proof.language, work)
    elif problem.kind == "conclusionMismatch" and problem.expected is not None and problem.actual is not None:
        hint = other_rule(problem.evaluated, problem.expected, problem.holds, rule or "")
        if hint is None:
            hint = f"write {_short(problem.actual)} before BY"
            if (then := how_to_get(problem.expected, (problem.actual,))) is not None:
                hint += f"; after that {then}"
    elif problem.kind == "malformedRuleApp" and rule is not None:
        fitting = other_rule(problem.evaluated, problem.target, problem.holds, rule)
        hint = f"{hint}; {fitting}" if fitting is not None else hint
    elif problem.kind == "undefinedName" and (cited := _PREMISE.fullmatch(problem.name)) is not None:
        last = len(premises)
        if cited.group(1) not in map(str, range(1, last + 1)):
            many = "premise is premise-1" if last == 1 else f"premises are premise-1 to premise-{last}"
            hint = f"the problem's {many}" if last else "the problem has no premises"
    return {
        "message": message,
        "text": proof.places.of(original).line_text(line),
        "rule": rule,
        "arguments": arguments,
        "evaluated": tuple(show(f, FIELD_LIMIT) for f in problem.evaluated[:MAX_LISTED]),
        "missing": _field(problem.missing),
        "expected": _field(problem.expected),
        "actual": _field(problem.actual),
        "inference": inference,
        "diagnosis": diagnosis,
        "countermodel": None if model is None else dict(sorted(model.items())),
        "hint": hint,
        "nearest": nearest,
    }


def _remedy(
    missing: Formula,
    nearest: Formula | None,
    problem: FailedStep,
    premises: Sequence[Formula],
    language: str,
    work: Work | None,
) -> str | None:
    """How to come by a formula that does not hold: by one step, by a proof, or not at all."""
    hint = how_to_get(missing, problem.holds) if language == "ndl" else None
    if hint is not None:
        return hint
    try:
        entailed = countermodel((*premises, *problem.hypotheses), missing, work=work) is None
    except LimitReached:  # the verdict stands without its hint
        return None
    return without_a_step(missing, nearest, entailed)


def _forms(name: str) -> str:
    rule = RULES[name]
    rows = [f"{name} on {', '.join(map(str, form.arguments))}" for form in rule.forms]
    return " or ".join(f"'{row}'" for row in rows)


def _words(problem: FailedStep, proof: ParsedProof) -> tuple[str, str | None]:
    """Message and hint."""
    kind, node = problem.kind, problem.node
    if kind in ("undefinedName", "invalidAssumption"):
        defined = problem.defined
        similar = similar_rule(problem.name) if defined is None else similar_name(problem.name, defined)
        meant = None if similar is None else f"did you mean '{similar}'?"
    if kind == "undefinedName":
        name = shorten(problem.name)
        if node is not None and not isinstance(node, SupposeAbsurd) and problem.offset == node.rule_start:
            if proof.language == "macro":
                return f"the macro language has no rule '{name}'", "its one rule is 'p from a, b': up to 5 justifiers"
            return f"there is no rule '{name}'", meant
        if problem.actual is not None:
            what = _short(problem.actual)
            if problem.actual in problem.holds:
                return f"the name '{name}' is out of scope here", f"what it named still holds: cite {what} itself"
            return f"the name '{name}' is out of scope here, and {what}, which it named, does not hold", None
        return f"the name '{name}' is not defined here", meant
    if kind == "invalidAssumption":
        name = shorten(problem.name)
        return f"'{name}' is no formula and names none, so it cannot be assumed", meant
    if kind == "malformedRuleApp":
        assert isinstance(node, RuleApplication)
        rule = RULES[node.rule]
        given = len(problem.evaluated)
        if given != rule.arity:
            return (
                f"{node.rule} takes {count(rule.arity, 'argument')}, and {given} {'is' if given == 1 else 'are'} given",
                f"it is used as {_forms(node.rule)}",
            )
        shown = ", ".join(_short(f) for f in problem.evaluated)
        return f"{node.rule} does not apply to {shown}", f"it is used as {_forms(node.rule)}"
    if kind == "tooManyJustifiers":
        return f"a step has at most 5 justifiers, and {len(problem.evaluated)} are given", None
    if kind == "notInAB":
        assert problem.missing is not None
        return f"{_short(problem.missing)} does not hold here", None
    if kind == "conclusionMismatch":
        assert isinstance(node, RuleApplication)
        assert problem.actual is not None
        assert problem.expected is not None
        return (
            f"{node.rule} gives {_short(problem.actual)}, not {_short(problem.expected)}",
            None,
        )
    if kind == "doesNotFollow":
        assert problem.target is not None
        return f"{_short(problem.target)} does not follow from the justifiers", None
    if kind == "notFalse":
        assert problem.actual is not None
        return (
            f"the body of suppose-absurd must conclude false, and it concludes {_short(problem.actual)}",
            "end the body with 'absurd on p, (~ p)', or discharge the hypothesis with 'assume' instead",
        )
    return problem.message, problem.hint
