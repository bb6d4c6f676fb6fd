"""Answers to the proof-checking tasks that do not read the proof: constants, guesses by its looks, several guesses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bench.gaming.attack import Attack, Shown, constant, template
from proofgrid.checker.rules import RULES


def _answer(correct: Any, **details: Any) -> str:
    return json.dumps({"correct": correct, "errorDetails": details})


def _lines(shown: Shown) -> list[str]:
    return str(shown["proof"]).split("\n")


def _steps(shown: Shown) -> list[int]:
    return [n for n, line in enumerate(_lines(shown), 1) if re.search(r"\b(on|from)\b", line)]


def _places(shown: Shown) -> dict[str, int]:
    """Lines that catch the eye."""
    lines, steps = _lines(shown), _steps(shown)
    if not steps:
        return {}
    every = {line.strip(): n for n, line in reversed(list(enumerate(lines, 1)))}
    premises = len(shown["premises"])
    beyond = [n for n in steps for k in re.findall(r"premise-(\d+)", lines[n - 1]) if int(k) > premises]
    return {
        "first step": steps[0],
        "last step": steps[-1],
        "middle step": steps[len(steps) // 2],
        "longest line": max(steps, key=lambda n: len(lines[n - 1])),
        "shortest line": min(steps, key=lambda n: len(lines[n - 1])),
        "most arguments": max(steps, key=lambda n: lines[n - 1].count(",")),
        "line that stands twice": next((n for n in steps if every[lines[n - 1].strip()] != n), steps[-1]),
        "first line after a block": next((n for n in steps if n > 1 and "}" in lines[n - 2]), steps[-1]),
        "premise that does not exist": beyond[0] if beyond else steps[-1],
        "two thirds down": steps[2 * len(steps) // 3],
    }


def _announces_goal(shown: Shown) -> bool:
    """Whether the last step seems to conclude the goal."""
    squeezed = re.sub(r"[\s()]", "", _lines(shown)[_steps(shown)[-1] - 1]) if _steps(shown) else ""
    return re.sub(r"[\s()]", "", str(shown["goal"])) in squeezed


def _visible(shown: Shown) -> dict[str, int]:
    """Lines on which something is wrong that no formula need be read for: too many justifiers, a name never bound."""
    bound = {f"premise-{k}" for k in range(1, len(shown["premises"]) + 1)}
    found: dict[str, int] = {}
    for n, line in enumerate(_lines(shown), 1):
        _, _, rest = re.sub(r"\b(?:on|from)\b", "\0", line.split("#")[0], count=1).partition("\0")
        names = [part.strip(" ;{}") for part in re.sub(r"\([^()]*\)", "", rest).split(",")]
        if " from " in line and len(names) > 5:
            found.setdefault("more than five justifiers", n)
        known = bound | {"", "true", "false"}
        if any(re.fullmatch(r"[a-z][\w'-]*", name) and name not in known for name in names):
            found.setdefault("a name that is bound nowhere before", n)
        bound |= set(re.findall(r"([\w'-]+)\s*:=", line))
    return found


def _rule_places(shown: Shown) -> dict[str, int]:
    """The first and the last line of each rule."""
    found: dict[str, int] = {}
    for n, line in enumerate(_lines(shown), 1):
        for rule in re.findall(r"([a-z'-]+)\s+on\b", line):
            found.setdefault(f"first {rule}", n)
            found[f"last {rule}"] = n
    return found


FEATURES = {
    "the last step announces the goal": _announces_goal,
    "the proof is short": lambda shown: len(_lines(shown)) < 20,
    "an even number of lines": lambda shown: len(_lines(shown)) % 2 == 0,
    "there are comments": lambda shown: "#" in str(shown["proof"]),
    "no line stands twice": lambda shown: len({x.strip() for x in _lines(shown)}) == len(_lines(shown)),
    "every premise is cited": lambda shown: all(
        f"premise-{n}" in shown["proof"] or p in shown["proof"] for n, p in enumerate(shown["premises"], 1)
    ),
    "most steps announce": lambda shown: 2 * str(shown["proof"]).upper().count(" BY ") > len(_steps(shown)),
    "names are used": lambda shown: ":=" in str(shown["proof"]),
    "two unequal braces": lambda shown: shown["proof"].count("{") == shown["proof"].count("}"),
    "parentheses balance on every line": lambda shown: all(x.count("(") == x.count(")") for x in _lines(shown)),
}
"""What may tell correct proofs from others without reading a step."""


def _several(shown: Shown) -> Iterator[tuple[str, str]]:
    """Several guesses in one answer."""
    lines, steps = _lines(shown), _steps(shown)
    right, wrong = {"correct": True, "errorDetails": {}}, {"correct": False, "errorDetails": {}}
    yield "every line's number in a list", _answer(False, offendingLineNumber=steps, errorType="logic")
    yield "a range of lines", _answer(False, offendingLineNumber=f"1-{len(lines)}", errorType="logic")
    yield "numbers with or", _answer(False, offendingLineNumber=" or ".join(map(str, steps)), errorType="logic")
    yield "the whole proof quoted", _answer(False, offendingLine=str(shown["proof"]), errorType="logic")
    yield "numbers in a sentence", _answer(False, offendingLineNumber=f"one of {steps}", errorType="logic")
    yield (
        "details as a list",
        json.dumps(
            {"correct": False, "errorDetails": [{"offendingLineNumber": n, "errorType": "logic"} for n in steps]}
        ),
    )
    yield (
        "one number, another line quoted",
        _answer(
            False, offendingLineNumber=steps[0] if steps else 1, offendingLine=lines[steps[-1] - 1] if steps else ""
        ),
    )
    yield "true and false at once", '{"correct": true, "correct": false, "errorDetails": {}}'
    yield "false and true at once", '{"correct": false, "correct": true, "errorDetails": {}}'
    yield "correct in two spellings", '{"correct": true, "Correct": false, "is_correct": false, "errorDetails": {}}'
    yield "two objects, true last", json.dumps(wrong) + "\n" + json.dumps(right)
    yield "a list of both", json.dumps([right, wrong])
    yield "both, nested", json.dumps({"answer": right, "otherwise": wrong})
    yield "true with an error located", _answer(True, offendingLineNumber=steps[-1] if steps else 1, errorType="logic")
    some = ", ".join(map(str, steps)) or "1"
    yield "lines in prose", f"The proof is not correct. The error is in one of lines {some}; type: logic."
    yield "a line each in prose", "Incorrect.\n" + "\n".join(f"Line {n}, type: logic" for n in steps)
    yield (
        "true, then false, in prose",
        f"The proof is correct. The proof is incorrect: line {steps[-1] if steps else 1}.",
    )
    yield "a table of lines", "| line | type |\n| --- | --- |\n" + "\n".join(f"| {n} | logic |" for n in steps)
    yield "true in JSON, a line in prose", _answer(True) + f"\n\nThe first error is in line {steps[0] if steps else 1}."
    yield "false in JSON, true in prose", _answer(False) + "\n\nOn reflection the proof is correct."
    yield "numbers in a list of texts", _answer(False, offendingLineNumber=[f"line {n}" for n in steps])
    yield (
        "a line each, an object side by side",
        "\n".join(
            json.dumps(part)
            for part in ({"correct": False}, *({"errorDetails": {"offendingLineNumber": n}} for n in steps[:50]))
        ),
    )
    yield (
        "numbers with their lines' texts",
        _answer(
            False, offendingLineNumber="; ".join(f"{n} ({lines[n - 1].strip()})" for n in steps[:50]), errorType="logic"
        ),
    )
    yield (
        "a number, and a line as an object",
        _answer(
            False,
            offendingLineNumber=steps[0] if steps else 1,
            offendingLine={"number": steps[-1] if steps else 1, "text": lines[-1]},
        ),
    )
    yield "labels in four languages", "\n".join([
        "correct: no", *(f"{word}: {n}" for word, n in zip(("Line", "Zeile", "Ligne", "行"), steps, strict=False))
    ])  # fmt: skip
    two = {"offendingLineNumber": steps[0] if steps else 1, "line": steps[-1] if steps else 1}
    yield "two numbers in two keys", _answer(False, **two, errorType="logic")
    yield "neither", _answer("unsure")
    yield "both words", _answer("true or false")
    yield "null", _answer(None)
    yield "a half", _answer(0.5)
    yield (
        "every line, one object each",
        "\n".join(_answer(False, offendingLineNumber=n, errorType="logic") for n in steps[:200]),
    )


ONE_GUESS = (
    "every line, one object each",
    "two objects, true last",
    "one number, another line quoted",
)
"""Names of those in which one place counts by a fixed rule: a single guess, if a muddled one."""
SEVERAL = [name for name, _ in _several({"proof": "claim on A", "premises": ["A"], "goal": "A"})]


def attacks() -> list[Attack]:
    """Constants, guesses and hedges."""
    out = [constant("always correct", _answer(True)), constant("always wrong, no line", _answer(False))]
    for n in (0, 1, 2, 3, 4, 5, 7, 10, 20):
        out.append(constant(f"always line {n}", _answer(False, offendingLineNumber=n, errorType="logic")))
    out.append(constant("always wrong, line quoted empty", _answer(False, offendingLine="", offendingLineNumber=0)))
    places = list(_places({"proof": "claim on A", "premises": ["A"], "goal": "A"}))

    def guess(place: str, feature: str | None = None) -> Attack:
        def write(shown: Shown) -> str:
            if feature is not None and FEATURES[feature](shown):
                return _answer(True)
            line = _places(shown).get(place, 1)
            return _answer(False, offendingLineNumber=line, errorType="logic")

        return template(f"wrong at the {place}" + (f" unless {feature}" if feature else ""), write, "statistics")

    out += [guess(place) for place in places]
    out += [guess(place, feature) for feature in FEATURES for place in ("last step", "first line after a block")]
    for visible in ("more than five justifiers", "a name that is bound nowhere before", None):

        def seen(shown: Shown, visible: str | None = visible) -> str:
            found = [n for name, n in _visible(shown).items() if visible in (None, name)]
            return _answer(False, offendingLineNumber=min(found), errorType="type") if found else _answer(True)

        out.append(template(f"correct unless there is {visible or 'either'}", seen, "statistics"))
    for rule in RULES:
        for which in ("first", "last"):

            def at(shown: Shown, place: str = f"{which} {rule}") -> str:
                line = _rule_places(shown).get(place)
                return _answer(True) if line is None else _answer(False, offendingLineNumber=line, errorType="logic")

            out.append(template(f"wrong at the {which} {rule}, else correct", at, "statistics"))
    for name in SEVERAL:
        out.append(template(name, lambda shown, n=name: dict(_several(shown))[n], "clothes"))
    return out
