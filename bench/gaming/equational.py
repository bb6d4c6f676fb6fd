"""Answers to the equational tasks: all equations, none, constants, and terms chosen by their looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from bench.gaming.attack import Attack, Shown, constant, template
from bench.gaming.looks import (
    around,
    changed_places,
    clusters,
    differences,
    looks_alike,
    looks_rewritten,
    part_at,
    shared_place,
)
from proofgrid.checker.equational.terms import Position, Term, parse_term, positions


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


def _parsed_terms(shown: Shown) -> list[Term]:
    return [parse_term(text) for text, _ in _terms(shown)]


def _named_looks(
    shown: Shown, before: Term, after: Term, count: int, inside: bool, known: list[str] | None = None
) -> list[tuple[Position, list[str]]]:
    """For each of so many places that changed: where it looks rewritten, and the equations that it looks so by."""
    sides = [(n, parse_term(a), parse_term(b)) for n, a, b in _sides(shown) if known is None or n in known]
    found = []
    for place in clusters(before, after, count):
        for up in list(around(place))[:: 1 if inside else -1]:
            here, there = part_at(before, up), part_at(after, up)
            names = [n for n, left, right in sides if looks_rewritten(left, right, here, there)]
            if names:
                found.append((up, names))
                break
    return found


def _generality(shown: Shown, name: str) -> int:
    return next(len({*re.findall(r"V\d+", left)}) for n, left, _ in _sides(shown) if n == name)


_TIES: dict[str, Callable[[str, dict[str, int], Shown], Any]] = {
    "the first": lambda name, used, shown: int(name[1:]),
    "the last": lambda name, used, shown: -int(name[1:]),
    "the least used so far": lambda name, used, shown: used.get(name, 0),
    "the most used so far": lambda name, used, shown: -used.get(name, 0),
    "the most special": lambda name, used, shown: _generality(shown, name),
    "the most general": lambda name, used, shown: -_generality(shown, name),
}
"""Which of several equations that look alike is named."""


# ---- eq_er


def _by_looks(inside: bool, tie: str) -> Callable[[Shown], str]:
    """For every step an equation that it looks as if it were by, whatever has to be equal."""

    def write(shown: Shown) -> str:
        used: dict[str, int] = {}
        rows = []
        for k, (before, after) in enumerate(pairwise(_parsed_terms(shown)), 1):
            found = _named_looks(shown, before, after, 1, inside) or _named_looks(shown, before, after, 2, inside)
            named = [min(names, key=lambda name: _TIES[tie](name, used, shown)) for _, names in found]
            for name in named:
                used[name] = used.get(name, 0) + 1
            rows.append({"step": k, "supportingEquations": list(dict.fromkeys(named))})
        return json.dumps({"explanation": "-", "stepJustifications": rows})

    return write


def _by_places(levels: int, one: bool = False) -> Callable[[Shown], str]:
    """For every place that changed the first equation whose sides look like what was there and what is."""

    def write(shown: Shown) -> str:
        sides = [(name, parse_term(a), parse_term(b)) for name, a, b in _sides(shown)]
        rows = []
        for k, (before, after) in enumerate(pairwise(_parsed_terms(shown)), 1):
            places = [shared_place(list(differences(before, after)))] if one else changed_places(before, after)
            found = [
                next(
                    (
                        name
                        for up in around(place)
                        for name, a, b in sides
                        if looks_alike(a, part_at(before, up), levels) and looks_alike(b, part_at(after, up), levels)
                    ),
                    None,
                )
                for place in places
            ]
            names = [] if None in found else list(dict.fromkeys(found))
            rows.append({"step": k, "supportingEquations": names})
        return json.dumps({"explanation": "-", "stepJustifications": rows})

    return write


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
    for levels, what in ((1, "one symbol"), (2, "two levels of symbols")):
        out.append(template(f"by {what} where the terms differ", _by_places(levels), "statistics"))
        out.append(template(f"one equation, by {what} where the terms differ", _by_places(levels, True), "statistics"))
    for inside in (True, False):
        for tie in _TIES:
            where = "innermost" if inside else "outermost"
            out.append(template(f"{tie} that looks like the {where} change", _by_looks(inside, tie), "statistics"))
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
    "forward by what stands there, or else nothing": lambda s, a, b, c: [
        _row(a.replace(left, right, 1), [name]) for name, left, right in _sides(s) if left in a
    ][:1],
    "back by what stands there, or else nothing": lambda s, a, b, c: [
        _row(b.replace(right, left, 1), [name]) for name, left, right in _sides(s) if right in b
    ][:1],
    "the chain written out as it is": lambda s, a, b, c: str(s["chain"]),
    "the chain written out without its gap": lambda s, a, b, c: str(s["chain"]).replace("  ?? ??\n", ""),
    "an equation left open": lambda s, a, b, c: [_row(b, ["?"])],
    "the gap as its own justification": lambda s, a, b, c: [_row(b, ["??"])],
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

_PLAIN: Shown = {"equations": ["E1: f(V1) = g(V1,a)"], "chain": "s = f(b)\n  = g(b,a) by E1"}
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


def _where_they_differ(up_to_head: bool) -> Callable[[Shown], str]:
    """Always correct; each cited equation at a place where the terms differ, or around it where its first symbol is."""

    def write(shown: Shown) -> str:
        heads = {name: parse_term(left).name for name, left, _ in _sides(shown)}
        cited = [names for _, names in _terms(shown)][1:]
        steps = []
        for k, ((before, after), names) in enumerate(zip(pairwise(_parsed_terms(shown)), cited, strict=True), 1):
            places = changed_places(before, after)
            if len(names) == 1:
                places = [shared_place(list(differences(before, after)))]
            left, rewrites = list(names), []
            for place in places:
                for name in left:
                    found = [
                        up for up in around(place) if not up_to_head or part_at(before, up).name == heads.get(name)
                    ]
                    if found:
                        rewrites.append({"equation": name, "position": list(found[0])})
                        left.remove(name)
                        break
            steps.append({"step": k, "rewrites": rewrites})
        return json.dumps({"correct": True, "explanation": steps})

    return write


def _where_it_looks_rewritten(inside: Callable[[int], bool]) -> Callable[[Shown], str]:
    """Always correct; each cited equation at the innermost or outermost place that looks rewritten by it."""

    def write(shown: Shown) -> str:
        cited = [names for _, names in _terms(shown)][1:]
        steps = []
        for k, ((before, after), names) in enumerate(zip(pairwise(_parsed_terms(shown)), cited, strict=True), 1):
            left, rewrites = list(names), []
            for place, alike in _named_looks(shown, before, after, len(names), inside(k), names):
                for name in [n for n in alike if n in left][:1]:
                    rewrites.append({"equation": name, "position": list(place)})
                    left.remove(name)
            steps.append({"step": k, "rewrites": rewrites})
        return json.dumps({"correct": True, "explanation": steps})

    return write


def _unlike(shown: Shown) -> list[dict[str, float]]:
    """What may tell a wrong step from others by its looks."""
    cited = [names for _, names in _terms(shown)][1:]
    often = {n: sum(n in names for names in cited) for n in _names(shown)}
    found = []
    for (before, after), names in zip(pairwise(_parsed_terms(shown)), cited, strict=True):
        differing = list(differences(before, after))
        here = {t for _, t in positions(before)}
        alike = _named_looks(shown, before, after, 1, True)
        found.append({
            "cited least elsewhere": min(often.get(n, 0) for n in names),
            "with the fewest equations that look like it": sum(len(found_by) for _, found_by in alike),
            "with the deepest change": -len(shared_place(differing)),
            "with the highest change": len(shared_place(differing)),
            "with the most differences": -len(differing),
            "with the fewest differences": len(differing),
            "that grows most": sum(1 for _ in positions(before)) - sum(1 for _ in positions(after)),
            "that shrinks most": sum(1 for _ in positions(after)) - sum(1 for _ in positions(before)),
            "with the most that is new": -sum(t not in here for _, t in positions(after)),
        })  # fmt: skip
    return found


def _fault_where(look: str, fixed: str) -> Callable[[Shown], str]:
    def write(shown: Shown) -> str:
        looks = _unlike(shown)
        k = min(range(len(looks)), key=lambda k: looks[k][look])
        given = _terms(shown)[k + 1][1]
        before, after = _parsed_terms(shown)[k : k + 2]
        alike = [n for _, names in _named_looks(shown, before, after, 1, True) for n in names if n not in given]
        return _fault(k + 1, error=EQUATIONS, given=given, correct=[*given[1:], *alike[:1]] if fixed else [])

    return write


def pc_attacks() -> list[Attack]:
    """Equational proof checking."""
    out = [
        constant("correct, no rewrites", '{"correct": true, "explanation": []}'),
        constant("correct, in words", '{"correct": true, "explanation": "every step is right"}'),
        constant("wrong, no step", '{"correct": false, "explanation": {}}'),
        constant("true and false", '{"correct": true, "correct": false, "explanation": []}'),
        template("correct, every rewrite at the root", _rewrites),
        template("correct, every rewrite where the terms differ", _where_they_differ(False), "statistics"),
        template("correct, every rewrite at its first symbol", _where_they_differ(True), "statistics"),
        constant("wrong, in a sentence without a step", "The chain is wrong."),
        constant("wrong, with every step named", "The chain is wrong. Step 1: equation E1. Step 2: equation E2."),
    ]
    wheres: dict[str, Callable[[int], bool]] = {
        "innermost": lambda k: True,
        "outermost": lambda k: False,
        "innermost and outermost in turn": lambda k: k % 2 == 1,
        "outermost and innermost in turn": lambda k: k % 2 == 0,
    }
    for where, inside in wheres.items():
        name = f"correct, every rewrite where it looks so, {where}"
        out.append(template(name, _where_it_looks_rewritten(inside), "statistics"))
    for look in _unlike(_PLAIN)[0]:
        out.append(template(f"the step {look}, none would do", _fault_where(look, ""), "statistics"))
        out.append(
            template(f"the step {look}, one that looks like it would do", _fault_where(look, "alike"), "statistics")
        )
    for k in range(1, 9):
        out.append(constant(f"step {k}, no equations do", _fault(k, error=EQUATIONS, given=["E1"], correct=[])))
        out.append(constant(f"step {k}, wrong contractum", _fault(k, error=CONTRACTUM, equation="E1", position=[1])))
    for where in ("first", "second", "middle", "last", "most cited", "cited again"):
        for correct in ("none", "first", "all", "given", "by symbols"):
            out.append(template(f"{where} step, {correct} would do", _fault_at(where, correct), "statistics"))
    return out
