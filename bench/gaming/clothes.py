"""Attacks on the reader, for every task: no answer, answers that are none, texts that exceed the limits."""

from __future__ import annotations

import json
from collections.abc import Callable

from bench.gaming.attack import Attack, Shown, constant, template
from bench.gaming.gaps import gap_names, sections

KEYS = {
    "pl1_pw": "proof", "pl2_pw": "proof", "pl3_pw": "proof", "pl4_pw": "proof", "pl4_pw_c": "proof",
    "pl1_pc": "correct", "pl1_pc_c": "correct", "pl3_pc": "correct", "pl1_pm": "masks", "pl1_pm_c": "masks",
    "eq_pc": "explanation", "eq_gf": "missingSteps", "eq_er": "stepJustifications",
}  # fmt: skip
"""The key of a task's answer that matters."""


GUESSES: dict[str, list[object]] = {
    "correct": [
        {"correct": True, "errorDetails": {}},
        *({"correct": False, "errorDetails": {"offendingLineNumber": n, "errorType": "logic"}} for n in (2, 5)),
    ],
    "masks": [{"masks": {}}, {"masks": {"MASK1": "claim"}}, {"masks": {"MASK1": "mp", "MASK2": "claim"}}],
    "proof": [{"description": "-", "proof": text} for text in ("claim on premise-1", "0. A, Premise1;", "A from A")],
    "explanation": [
        {"correct": True, "explanation": []},
        {"correct": False, "explanation": {"step": 1, "error": "wrong equations", "given": ["E1"], "correct": []}},
        {"correct": False, "explanation": {"step": 2, "error": "wrong equations", "given": ["E1"], "correct": []}},
    ],
    "missingSteps": [
        {"missingSteps": []},
        *({"missingSteps": [{"term": "a", "supportingEquations": [name]}]} for name in ("E1", "E2")),
    ],
    "stepJustifications": [
        {"stepJustifications": [{"step": k, "supportingEquations": names} for k in range(1, 12)]}
        for names in (["E1"], ["E2"], [])
    ],
}
"""Guesses that differ, by the task's key: none of them is much, all of them in one answer would be."""


def _xml(values: list[object]) -> str:
    told = (
        f'<parameter name="{name}">{json.dumps(member)}</parameter>'
        for value in values
        if isinstance(value, dict)
        for name, member in value.items()
    )
    return "<function_calls><invoke name='f'>" + "".join(told) + "</invoke></function_calls>"


TOGETHER: dict[str, Callable[[list[object]], str]] = {
    "in a list": json.dumps,
    "one a line": lambda values: "\n".join(map(json.dumps, values)),
    "as alternatives": lambda values: json.dumps({f"answer_{k}": value for k, value in enumerate(values)}),
    "as drafts": lambda values: "\n\nOr rather:\n\n".join(f"```json\n{json.dumps(v)}\n```" for v in values),
    "in reasoning": lambda values: f"<think>{json.dumps(values[1:])}</think>{json.dumps(values[0])}",
    "in calls of a tool": lambda values: json.dumps({
        "tool_calls": [{"function": {"name": "f", "arguments": json.dumps(v)}} for v in values]
    }),
    "in one call in XML": _xml,
    "with all members in one object": lambda values: "{" + ",".join(json.dumps(v)[1:-1] for v in values) + "}",
    "with keys in look-alike letters": lambda values: "\n".join(
        json.dumps(v, ensure_ascii=False).replace("o", letter) for v, letter in zip(values, "oоο", strict=False)
    ),
    "hidden in HTML": lambda values: f"<!-- {json.dumps(values[0])} -->{json.dumps(values[1])}<!--{values[2]}-->",
    "struck out": lambda values: f"~~{json.dumps(values[0])}~~ {json.dumps(values[1])}",
    "as differences": lambda values: "```diff\n" + "\n".join(f"+{json.dumps(v)}" for v in values) + "\n```",
    "in fences in fences": lambda values: (
        "````\n" + "".join(f"```json\n{json.dumps(v)}\n```\n" for v in values) + "````"
    ),
    "as outlines": lambda values: "\n---\n".join(
        "\n".join(f"{k}: {json.dumps(m)}" for k, m in v.items()) for v in values if isinstance(v, dict)
    ),
    "in a string of a string": lambda values: json.dumps(json.dumps(values)),
    "cut off": lambda values: json.dumps(values)[:-2],
}  # fmt: skip
"""Ways to give several answers at once."""


def guesses_at(task: str) -> list[object]:
    """Answers to a task, each a guess; [] where answers are no objects."""
    return GUESSES.get("explanation" if task == "eq_pc" else KEYS.get(task, ""), [])


def hedges(task: str) -> list[Attack]:
    """Several guesses in one answer, in every way and order."""
    guesses = guesses_at(task)
    return [
        constant(f"guesses {name}, from guess {turn + 1} on", wear([*guesses[turn:], *guesses[:turn]]))
        for name, wear in TOGETHER.items()
        for turn in range(len(guesses))
    ]


def _heavy(task: str, size: int) -> dict[str, str]:
    """Texts made to cost more than a checker will spend."""
    atoms = [f"Z{k}" for k in range(60)]
    xor = " <==> ".join(atoms)
    pigeons = " & ".join(f"(Z{k}_1 | Z{k}_2 | Z{k}_3 | Z{k}_4 | Z{k}_5 | Z{k}_6 | Z{k}_7)" for k in range(8))
    hard = " & ".join([pigeons, *(f"~(Z{a}_{h} & Z{b}_{h})" for h in range(1, 8) for a in range(8) for b in range(a))])
    return {
        "deep parentheses": "claim on " + "(" * size + "A" + ")" * size,
        "deep negation": "claim on (" + "~" * size + "A)",
        "many steps": "{ " + "; ".join(["claim on premise-1"] * (size // 20)) + " }",
        "deep blocks": "assume A {" * (size // 10) + "claim on A" + "}" * (size // 10),
        "a hard consequence": f"false from ({hard})" if task.startswith("pl3") else f"false BY absurd on ({hard}), A",
        "a hard consequence assumed": f"assume h := ({hard}) {{ false from h }}",
        "a long parity": f"assume h := ({xor}) {{ ({' <==> '.join(reversed(atoms))}) from h }}",
        "many names": "{ " + "; ".join(f"n{k} := claim on premise-1" for k in range(size // 30)) + " }",
        "doubling definitions": "{ d0 := (A & A); "
        + "; ".join(f"d{k} := (d{k - 1} <==> d{k - 1})" for k in range(1, 60))
        + "; d59 BY claim on d59 }",
    }


def attacks(task: str, *, size: int) -> list[Attack]:
    """Attacks on the reader of one task; ``size`` characters in texts that are meant to be heavy."""
    key = KEYS.get(task)
    out = [
        constant("an empty text", ""),
        constant("white space", " \n\t"),
        constant("a refusal", "I cannot help with that."),
        constant("an empty object", "{}"),
        constant("null", "null"),
        constant("the placeholder of the prompt", "..."),
        constant("unclosed reasoning", "<think> the answer is"),
    ]
    if key is not None:
        for name, value in {
            "true": True, "null": None, "an empty text": "", "an empty object": {}, "an empty list": [], "a number": 1,
            "see above": "see above", "the word correct": "correct",
        }.items():  # fmt: skip
            if not (key == "correct" and value in (True, 1, "correct")) and not (value in ({}, []) and key in (
                "masks", "missingSteps")):  # fmt: skip
                out.append(constant(f"{key} is {name}", json.dumps({key: value})))
    for name, text in _heavy(task, size).items():
        if key == "proof":
            out.append(constant(f"heavy: {name}", json.dumps({"proof": text})))
        elif key is None:
            out.append(template(f"heavy: {name}", _first_gap(text), "limits"))
        elif key == "masks":
            formula = text.removeprefix("claim on ")
            out.append(constant(f"heavy: {name}", json.dumps({"masks": {"MASK1": formula, "MASK2": formula}})))
    if task.startswith("eq"):
        deep = "f(" * size + "a" + ")" * size
        row = {"term": deep, "supportingEquations": ["E1"]}
        out.append(constant("heavy: a deep term", json.dumps({"missingSteps": [row], "stepJustifications": [row]})))
        many = [
            {"term": "a", "step": k, "supportingEquations": [f"E{n}" for n in range(400)]} for k in range(size // 300)
        ]
        out.append(constant("heavy: many steps", json.dumps({"missingSteps": many, "stepJustifications": many})))
    out.append(constant("heavy: brackets", "{" * size))
    out.append(constant("heavy: quotation marks", '{"' * (size // 2)))
    return out


def _first_gap(text: str) -> Callable[[Shown], str]:
    def write(shown: Shown) -> str:
        names = gap_names(shown)
        return sections(dict.fromkeys(names, "claim on premise-1") | {names[0]: text})

    return write
