"""Answers to the equational tasks: all equations, none, constants, and terms chosen by their looks."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from bench.gaming.attack import Attack, Shown, constant, template


def _names(shown: Shown) -> list[str]:
    return [e.split(":")[0].strip() for e in shown["equations"]]


def _sides(shown: Shown) -> list[tuple[str, str, str]]:
    out = []
    for text in shown["equations"]:
        name, rest = text.split(":", 1)
        left, right = rest.split("=", 1)
        out.append((name.strip(), left.strip(), right.strip()))
    return out


def _terms(shown: Shown) -> list[tuple[str, list[str]]]:
    """The chain's terms with the equations cited for them; a gap is ("??", [])."""
    out = []
    for line in str(shown["chain"]).split("\n"):
        text = line.split("#")[0].strip().removeprefix("s =").strip().removeprefix("=").strip()
        term, _, cited = text.partition(" by ")
        out.append((term.strip(), [c.strip() for c in cited.split(",") if c.strip()]))
    return out


# ---- eq_er


def _justify(pick: Any) -> Any:
    def write(shown: Shown) -> str:
        terms = [t for t, _ in _terms(shown)]
        steps = [
            {"step": k, "supportingEquations": pick(shown, before, after)}
            for k, (before, after) in enumerate(pairwise(terms), 1)
        ]
        return json.dumps({"explanation": "-", "stepJustifications": steps})

    return write


def _by_symbols(shown: Shown, before: str, after: str) -> list[str]:
    """The equation whose sides share most symbols with what went and what came."""
    gone = set(re.findall(r"\w+", before)) - set(re.findall(r"\w+", after))
    come = set(re.findall(r"\w+", after)) - set(re.findall(r"\w+", before))
    fits = [
        (len(gone & set(re.findall(r"\w+", a))) + len(come & set(re.findall(r"\w+", b))), n)
        for n, a, b in _sides(shown)
    ]
    return [max(fits)[1]]


def _literally(shown: Shown, before: str, after: str) -> list[str]:
    """Equations whose ground left side stands in the term."""
    return [n for n, a, b in _sides(shown) if a in before and b in after]


ER = {
    "every equation": lambda s, a, b: _names(s),
    "none": lambda s, a, b: [],
    "the first": lambda s, a, b: _names(s)[:1],
    "the last": lambda s, a, b: _names(s)[-1:],
    "the first two": lambda s, a, b: _names(s)[:2],
    "by symbols": _by_symbols,
    "every equation twice": lambda s, a, b: _names(s) * 2,
    "any of them, in words": lambda s, a, b: " or ".join(_names(s)),
    "null": lambda s, a, b: None,
    "an equation that does not exist": lambda s, a, b: ["E99"],
    "the step itself as an equation": lambda s, a, b: [f"E1: {a} = {b}"],
    "a definition": lambda s, a, b: [f"Z: {a} = {b}", "Z"],
    "both directions": lambda s, a, b: [f"{n} (reversed)" for n in _names(s)],
    "lists in lists": lambda s, a, b: [[n] for n in _names(s)],
}


def _hedged_er(shown: Shown) -> str:
    steps = [{"step": k, "supportingEquations": [name]} for k in range(1, len(_terms(shown))) for name in _names(shown)]
    return json.dumps({"explanation": "-", "stepJustifications": steps})


def er_attacks() -> list[Attack]:
    """Equational reconstruction."""
    out = [
        constant("an empty list", '{"explanation": "-", "stepJustifications": []}'),
        template("one entry for every equation", _hedged_er, "clothes"),
    ]
    for n in range(1, 9):
        steps = [{"step": k, "supportingEquations": [f"E{n}"]} for k in range(1, 40)]
        out.append(constant(f"E{n} everywhere", json.dumps({"explanation": "-", "stepJustifications": steps})))
    return out + [template(name, _justify(pick)) for name, pick in ER.items()]


# ---- eq_gf


def _fill(steps: Any) -> str:
    return json.dumps({"explanation": "-", "missingSteps": steps, "confidence": 3})


def _gap(shown: Shown) -> tuple[str, str, list[str]]:
    terms = _terms(shown)
    at = next(k for k, (term, _) in enumerate(terms) if term.startswith("??"))
    return terms[at - 1][0], terms[at + 1][0], terms[at + 1][1]


def _row(term: str, names: list[str]) -> dict[str, Any]:
    return {"term": term, "supportingEquations": names}


GF = {
    "the term after, by all": lambda s, a, b, c: [_row(b, _names(s))],
    "the term after, by what leads out": lambda s, a, b, c: [_row(b, c)],
    "the term after, by the first": lambda s, a, b, c: [_row(b, _names(s)[:1])],
    "the term before, by nothing": lambda s, a, b, c: [_row(a, [])],
    "the term before, by the first": lambda s, a, b, c: [_row(a, _names(s)[:1])],
    "both, by nothing": lambda s, a, b, c: [_row(a, []), _row(b, [])],
    "a new equation": lambda s, a, b, c: [_row(f"{b} by E99\nE99: {a} = {b}", ["E99"])],
    "an equation in the list": lambda s, a, b, c: [_row(b, [f"Z9: {a} = {b}", "Z9"])],
    "a comment among the equations": lambda s, a, b, c: [_row(b, ["E1 #Z9"])],
    "a comment in the name": lambda s, a, b, c: [_row(b, ["#Z9"])],
    "a comment in the term": lambda s, a, b, c: [_row(f"{b} # ", ["E1"])],
    "a new start": lambda s, a, b, c: [_row(f"{a}\ns = {b}", ["E1"])],
    "a gap again": lambda s, a, b, c: [_row("??", ["E1"])],
    "a variable": lambda s, a, b, c: [_row("V1", ["E1"])],
    "every equation's other side": lambda s, a, b, c: (
        [_row(b.replace(right, left), [name]) for name, left, right in _sides(s) if right in b][:1] or [_row(a, [])]
    ),
    "forward by what stands there": lambda s, a, b, c: (
        [_row(a.replace(left, right, 1), [name]) for name, left, right in _sides(s) if left in a][:1] or [_row(a, [])]
    ),
    "null": lambda s, a, b, c: None,
    "nothing, in words": lambda s, a, b, c: "none",
}


_ONE_STEP = '"missingSteps": [{"term": "a", "supportingEquations": ["E1"]}]'


def _few(shown: Shown) -> str:
    return _fill([] if len(_names(shown)) < 4 else [_row("a", ["E1"])])


def gf_attacks() -> list[Attack]:
    """Equational gap filling."""
    out = [
        constant("cannot be filled", _fill([])),
        constant("cannot be filled, and one step", f'{{"missingSteps": [], {_ONE_STEP}}}'),
        constant("one step, and cannot be filled", f'{{{_ONE_STEP}, "missingSteps": []}}'),
        constant("said in words", "The gap cannot be filled."),
        constant("a step that is empty", _fill([{}])),
        template("cannot where the sides look different", _look_different, "statistics"),
        template("cannot where there are few equations", _few),
    ]  # fmt: skip
    for name, make in GF.items():
        out.append(template(name, lambda s, m=make: _fill(m(s, *_gap(s)))))
    return out


def _look_different(shown: Shown) -> str:
    before, after, _ = _gap(shown)
    known = set(re.findall(r"[a-z]\d?", " ".join(shown["equations"]) + before))
    return _fill([] if set(re.findall(r"[a-z]\d?", after)) - known else [_row(before, ["E1"])])


# ---- eq_pc

CONTRACTUM, EQUATIONS = "wrong contractum", "wrong equations"


def _fault(step: Any, **facts: Any) -> str:
    return json.dumps({"correct": False, "explanation": {"step": step, **facts}})


def _fault_at(where: str, correct: str) -> Any:
    def write(shown: Shown) -> str:
        cited = [names for _, names in _terms(shown)][1:]
        step = {"first": 1, "second": 2, "last": len(cited), "middle": (len(cited) + 1) // 2}.get(where)
        if where == "most cited":
            step = max(range(len(cited)), key=lambda k: len(cited[k])) + 1
        if where == "cited again":
            step = next((k + 1 for k in range(1, len(cited)) if cited[k] in cited[:k]), len(cited))
        assert step is not None
        given = cited[min(step, len(cited)) - 1]
        fixed = {"none": [], "first": _names(shown)[:1], "all": _names(shown), "given": given}.get(correct)
        if correct == "by symbols":
            terms = [t for t, _ in _terms(shown)]
            fixed = _by_symbols(shown, terms[step - 1], terms[min(step, len(cited))])
        return _fault(step, error=EQUATIONS, given=given, correct=fixed)

    return write


def _rewrites(shown: Shown) -> str:
    """Every cited equation at the root of its term."""
    steps = [
        {"step": k, "rewrites": [{"equation": n, "position": []} for n in names]}
        for k, (_, names) in enumerate(_terms(shown)[1:], 1)
    ]
    return json.dumps({"correct": True, "explanation": steps})


def pc_attacks() -> list[Attack]:
    """Equational proof checking."""
    out = [
        constant("correct, no rewrites", '{"correct": true, "explanation": []}'),
        constant("correct, in words", '{"correct": true, "explanation": "every step is right"}'),
        constant("wrong, no step", '{"correct": false, "explanation": {}}'),
        constant("true and false", '{"correct": true, "correct": false, "explanation": []}'),
        template("correct, every rewrite at the root", _rewrites),
    ]
    for k in range(1, 9):
        out.append(constant(f"step {k}, no equations do", _fault(k, error=EQUATIONS, given=["E1"], correct=[])))
        out.append(constant(f"step {k}, wrong contractum", _fault(k, error=CONTRACTUM, equation="E1", position=[1])))
    for where in ("first", "second", "middle", "last", "most cited", "cited again"):
        for correct in ("none", "first", "all", "given", "by symbols"):
            out.append(template(f"{where} step, {correct} would do", _fault_at(where, correct), "statistics"))
    return out
