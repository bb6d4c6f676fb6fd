"""The grammar of each task's answer, in the format that its prompt asks for, and a JSON schema of the same object.

An answer is generated under it where a model offers that (``proofgrid run --constrain``). A schema says less: it
knows the object, and nothing of the proof inside its strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proofgrid.checker.equational.terms import SIGNATURE
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import JsonObject
from proofgrid.tasks.grammars.natural import formulas, natural
from proofgrid.tasks.grammars.notation import CONTROL, Chars, Expr, Grammar, Text, alt, between, many, maybe, seq, words
from proofgrid.tasks.kinds.gaps.gaps import gap_names
from proofgrid.tasks.kinds.masking.masks import mask_names

_ESCAPED = "\\n"
"""A line break inside a JSON string."""
_MOST_TEXT = 600
"""Characters of a free text, so that a weak model comes to an end."""
_HILBERT_LINES = 1200
_DIGITS = Chars("0-9")
_ATOM = re.compile(r"(?<![\w'-])[A-Z][0-9]*(?:_[0-9]+)*(?![\w'-])")

_JSON: dict[str, Expr] = {
    "TEXT": seq(
        Text('"'),
        between(0, _MOST_TEXT, alt(Chars('"\\' + CONTROL, other=True), seq(Text("\\"), Chars('"\\/bfnrt')))),
        Text('"'),
    ),
    "NUMBER": alt(Text("0"), seq(Chars("1-9"), between(0, 5, _DIGITS))),
    "EQUATION": seq(Text('"E'), Chars("1-9"), between(0, 2, _DIGITS), Text('"')),
    "equations": seq("[", maybe("EQUATION", many(", ", "EQUATION")), "]"),
}


def _only(rules: Mapping[str, Expr], *names: str) -> dict[str, Expr]:
    return {name: rules[name] for name in names}


def _written(language: str) -> Callable[[JsonObject], Grammar]:
    def make(shown: JsonObject) -> Grammar:
        rules = natural("macro" if language == "macro" else "ndl", _ESCAPED)
        del rules["steps"]
        answer = seq('{"description": ', "TEXT", ', "proof": "', "proof", '"}')
        return Grammar({"answer": answer, **rules, **_only(_JSON, "TEXT")})

    return make


def _hilbert(shown: JsonObject) -> Grammar:
    """Lines are numbered by the grammar; a line's formula is in strict form, every parenthesis and blank in place."""
    rules: dict[str, Expr] = {"answer": seq('{"proof": "', "linea", '"}')}
    for number in range(_HILBERT_LINES):
        more = [maybe(Text(_ESCAPED), _numbered("line", number + 1))] if number + 1 < _HILBERT_LINES else []
        rules[_numbered("line", number)] = seq(Text(f"{number}. "), "formula", Text(", "), "reason", Text(";"), *more)
    value = {letter: seq(Text(f", {letter} := "), "formula") for letter in "pqr"}
    return Grammar(
        rules
        | {
            "reason": alt(
                seq("Premise", "COUNT"),
                seq("mp, ", "NUMBER", ", ", "NUMBER"),
                seq(Text("Axiom1"), value["p"], value["q"]),
                seq(Text("Axiom2"), value["p"], value["q"], value["r"]),
                seq(Text("Axiom3"), value["p"], value["q"]),
            ),
            "formula": alt("ATOM", seq("(~ ", "formula", ")"), seq("(", "formula", " ==> ", "formula", ")")),
            "ATOM": seq(Chars("A-Z"), between(0, 4, _DIGITS), between(0, 2, seq("_", between(1, 4, _DIGITS)))),
            "COUNT": seq(Chars("1-9"), between(0, 3, _DIGITS)),
            "NUMBER": _JSON["NUMBER"],
        }
    )


def _numbered(name: str, number: int) -> str:
    """The name of a rule of several, in letters only."""
    letters = ""
    while True:
        letters = chr(ord("a") + number % 26) + letters
        number = number // 26 - 1
        if number < 0:
            return name + letters


def _checked(counterexample: bool) -> Callable[[JsonObject], Grammar]:
    """A wrong line is one of the proof's, with its own number, or none (``""``, 0): so text and number agree."""

    def make(shown: JsonObject) -> Grammar:
        rules = _only(_JSON, "TEXT")
        lines = [(0, ""), *((at, line.strip()) for at, line in enumerate(str(shown["proof"]).split("\n"), 1))]
        rules["place"] = alt(
            *(
                Text(f'{json.dumps(line, ensure_ascii=False)}, "offendingLineNumber": {at}')
                for at, line in lines
                if line or not at
            )
        )
        found: list[Expr | str] = [
            '"offendingLine": ', "place", ', "errorType": ', words(('"syntax"', '"type"', '"logic"')),
            ', "errorDescription": ', "TEXT",
        ]  # fmt: skip
        if counterexample:
            rules |= _assignment(_atoms(shown))
            found.append(maybe(', "counterexample": {', "assigned", "}"))
        wrong = seq('{"correct": false, "errorDetails": {', *found, "}}")
        return Grammar({"answer": alt(Text('{"correct": true, "errorDetails": {}}'), wrong), **rules})

    return make


def _atoms(shown: JsonObject) -> list[str]:
    texts = [*map(str, shown["premises"]), str(shown["goal"]), str(shown["proof"])]
    return sorted(set(_ATOM.findall("\n".join(texts))))


def _assignment(atoms: Sequence[str]) -> dict[str, Expr]:
    """Truth values of some of the atoms, at least one, each once and in their order."""
    value = words(("true", "false"))
    rules: dict[str, Expr] = {}
    first: list[Expr] = []
    for at, atom in enumerate(atoms):
        rest = [_numbered("atom", at + 1)] if at + 1 < len(atoms) else []
        first.append(seq(Text(f'"{atom}": '), value, *rest))
        if at:
            rules[_numbered("atom", at)] = seq(maybe(Text(f', "{atom}": '), value), *rest)
    return {"assigned": alt(*first), **rules}


def _masks(shown: JsonObject) -> Grammar:
    """Every mask, in the order of their numbers, or none."""
    rules = formulas({"by", "on", "assume", "suppose-absurd", "true", "false", *RULES})
    names = mask_names(str(shown["proof"]))
    pairs: list[Expr] = []
    for number, name in enumerate(names):
        pairs += [Text(f'{", " if number else ""}"{name}": '), "value"]  # type: ignore[list-item]
    whole = seq('{"masks": {', maybe(*pairs), "}}")
    return Grammar({"answer": whole, "value": seq('"', alt("RULE", "term"), '"'), "RULE": words(RULES), **rules})


def _gaps(shown: JsonObject) -> Grammar:
    """Every gap's name and its steps, in the order of their numbers."""
    rules = natural("ndl", "\n")
    parts: list[Expr | str] = []
    for number, name in enumerate(sorted(gap_names(str(shown["proof"])), key=lambda name: int(name[4:]))):
        parts += [Text(("\n\n" if number else "") + f"{name}:\n"), "steps"]
    return Grammar({"answer": seq(*parts), **rules})


def _term_rules() -> dict[str, Expr]:
    ways: list[Expr] = []
    for arity in sorted(set(SIGNATURE.values())):
        symbols = words([name for name, n in SIGNATURE.items() if n == arity])
        ways.append(
            seq(symbols, *(["(", *[p for _ in range(arity) for p in ("term", ",")][:-1], ")"] if arity else []))
        )
    return {"term": alt(*ways), "quoted": seq('"', "term", '"')}


def _chain_checked(shown: JsonObject) -> Grammar:
    """An entry for every step of the chain, numbered by the grammar (a step explained twice says two things), or one of
    its steps as the wrong one."""
    steps = range(1, str(shown["chain"]).count("\n") + 1)
    parts: list[Expr | str] = []
    for number in steps:
        parts += [Text(f'{", " if number > 1 else ""}{{"step": {number}, "rewrites": ['), "rewrites", "]}"]
    rules: dict[str, Expr] = {
        "answer": alt(
            seq('{"correct": true, "explanation": [', *parts, "]}"),
            seq('{"correct": false, "explanation": {"step": ', words([str(n) for n in steps]), "wrong", "}}"),
        ),
        "wrong": alt("contractum", "cited"),
        "rewrites": seq("rewrite", many(", ", "rewrite")),
        "rewrite": seq(
            '{"equation": ', "EQUATION", ', "position": ', "position", ', "redex": ', "quoted", ', "contractum": ',
            "quoted", "}",
        ),
        "contractum": seq(
            ', "error": "wrong contractum", "equation": ', "EQUATION", ', "position": ', "position", ', "actual": ',
            "quoted", ', "expected": ', "quoted",
        ),
        "cited": seq(', "error": "wrong equations", "given": ', "equations", ', "correct": ', "equations"),
        "position": seq("[", maybe("INDEX", many(", ", "INDEX")), "]"),
        "INDEX": seq(Chars("1-9")),
    }  # fmt: skip
    return Grammar(rules | _term_rules() | _only(_JSON, "EQUATION", "equations"))


def _chain_filled(shown: JsonObject) -> Grammar:
    rules: dict[str, Expr] = {
        "answer": seq(
            '{"explanation": ', "TEXT", ', "missingSteps": [', maybe("line", many(", ", "line")), '], "confidence": ',
            Chars("1-5"), "}",
        ),
        "line": seq('{"term": ', "quoted", ', "supportingEquations": [', "EQUATION", many(", ", "EQUATION"), "]}"),
    }  # fmt: skip
    return Grammar(rules | _term_rules() | _only(_JSON, "TEXT", "EQUATION"))


def _chain_explained(shown: JsonObject) -> Grammar:
    """An entry for every step of the chain, numbered by the grammar."""
    steps = str(shown["chain"]).count("\n")
    parts: list[Expr | str] = []
    for number in range(1, steps + 1):
        parts += [Text(f'{", " if number > 1 else ""}{{"step": {number}, "supportingEquations": '), "equations", "}"]
    answer = seq('{"explanation": ', "TEXT", ', "stepJustifications": [', *parts, "]}")
    return Grammar({"answer": answer, **_only(_JSON, "TEXT", "EQUATION", "equations")})


def _judged(shown: JsonObject) -> Grammar:
    said = words(('"valid"', '"invalid"'))
    return Grammar({"answer": seq('{"reason": ', "TEXT", ', "verdict": ', said, "}"), **_only(_JSON, "TEXT")})


_MAKERS: dict[str, Callable[[JsonObject], Grammar]] = {
    "pl1_pw": _written("ndl"),
    "pl2_pw": _written("ndl"),
    "pl3_pw": _written("macro"),
    "pl4_pw": _hilbert,
    "pl4_pw_c": _hilbert,
    "pl1_pc": _checked(False),
    "pl1_pc_c": _checked(False),
    "pl3_pc": _checked(True),
    "pl1_pm": _masks,
    "pl1_pm_c": _masks,
    "pl1_gf": _gaps,
    "pl1_gf_c": _gaps,
    "eq_pc": _chain_checked,
    "eq_gf": _chain_filled,
    "eq_er": _chain_explained,
    "stability": _judged,
}


def answer_grammar(task: str, shown: JsonObject) -> Grammar:
    """The grammar of an answer to what is shown. Raises KeyError for a task that has none."""
    return _MAKERS[task](shown)


def _object(**members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


_STRING, _INTEGER = {"type": "string"}, {"type": "integer"}


def _listed(member: Any) -> dict[str, Any]:
    return {"type": "array", "items": member}


def _one_of(*values: Any) -> dict[str, Any]:
    return {"type": "boolean" if isinstance(values[0], bool) else "string", "enum": list(values)}


def _either(*schemas: Any) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def _named(names: Sequence[str]) -> dict[str, Any]:
    return _object(**dict.fromkeys(names, _STRING))


def answer_schema(task: str, shown: JsonObject) -> dict[str, Any]:
    """A JSON schema of an answer, in the subset that strict modes take. Raises KeyError for a task that has none."""
    equations = _listed(_STRING)
    if task in ("pl1_pw", "pl2_pw", "pl3_pw"):
        return _object(description=_STRING, proof=_STRING)
    if task in ("pl4_pw", "pl4_pw_c"):
        return _object(proof=_STRING)
    if task in ("pl1_pc", "pl1_pc_c", "pl3_pc"):
        details = {
            "offendingLine": _STRING,
            "offendingLineNumber": _INTEGER,
            "errorType": _one_of("syntax", "type", "logic"),
            "errorDescription": _STRING,
        }
        found = [_object(), _object(**details)]
        if task == "pl3_pc":  # every member has to be written: an atom that does not matter is null
            assigned = _object(**{atom: {"type": ["boolean", "null"]} for atom in _atoms(shown)})
            found.append(_object(**details, counterexample=assigned))
        return _object(correct={"type": "boolean"}, errorDetails=_either(*found))
    if task in ("pl1_pm", "pl1_pm_c"):
        return _object(masks=_either(_object(), _named(mask_names(str(shown["proof"])))))
    if task in ("pl1_gf", "pl1_gf_c"):
        return _named(gap_names(str(shown["proof"])))
    if task == "eq_pc":
        rewrite = _object(equation=_STRING, position=_listed(_INTEGER), redex=_STRING, contractum=_STRING)
        wrong = [
            _object(
                step=_INTEGER,
                error=_one_of("wrong contractum"),
                equation=_STRING,
                position=_listed(_INTEGER),
                actual=_STRING,
                expected=_STRING,
            ),
            _object(step=_INTEGER, error=_one_of("wrong equations"), given=equations, correct=equations),
        ]
        lines = _listed(_object(step=_INTEGER, rewrites=_listed(rewrite)))
        return _object(correct={"type": "boolean"}, explanation=_either(lines, *wrong))
    if task == "eq_gf":
        line = _object(term=_STRING, supportingEquations=equations)
        return _object(explanation=_STRING, missingSteps=_listed(line), confidence=_INTEGER)
    if task == "eq_er":
        step = _object(step=_INTEGER, supportingEquations=equations)
        return _object(explanation=_STRING, stepJustifications=_listed(step))
    if task == "stability":
        return _object(reason=_STRING, verdict=_one_of("valid", "invalid"))
    raise KeyError(task)
