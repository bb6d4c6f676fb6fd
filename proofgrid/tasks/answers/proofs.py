"""Reading a proof out of an answer: ``{"proof": ...}`` in any clothes, a code block, or the last stretch of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from proofgrid.tasks.answers.near_json import NotJson, decode_object, folded
from proofgrid.tasks.answers.reading import CUT_OFF, after_reasoning, read_json_answer, stands_elsewhere
from proofgrid.tasks.answers.texts import balanced, passage
from proofgrid.tasks.answers.values import strip_fence
from proofgrid.tasks.core import EMPTY, Reading

ALIASES = {
    "proof": (
        "formal_proof",
        "ndl_proof",
        "macro_proof",
        "hilbert_proof",
        "final_proof",
        "complete_proof",
        "full_proof",
        "proof_text",
        "proof_steps",
        "derivation",
        "proofs",
        "the_proof",
        "solution",
    )
}
"""How else the proof's member is called."""

_MENTIONED = re.compile(r"""["'“]\s*(?:\w*[_ ]?proof\w*|derivation|solution)\s*["'”]\s*:(?!=)""", re.IGNORECASE)


def read_proof(text: str, line_fits: Callable[[str], bool]) -> Reading:
    """The proof of an answer as one string.

    A list of lines, of objects (number, formula, reason), a code fence around the proof and a whole answer inside the
    string are read as the proof meant. If no JSON holds it, or the JSON only says that it stands elsewhere, the last
    code block with a line of a proof (``line_fits``) is read, or else the last stretch of such lines; nothing that is
    cut off inside a block.
    """
    reading = read_json_answer(text, ("proof",), ALIASES)
    if reading.value is None:
        if reading.problem in (EMPTY, CUT_OFF) or "twice" in (reading.problem or ""):
            return reading
        return _from_text(text, line_fits, reading)
    repairs = dict.fromkeys(reading.repairs)
    proof = _as_proof(reading.value["proof"], repairs)
    if proof is None:
        return Reading(None, tuple(repairs), 'the value of "proof" is not a text')
    if stands_elsewhere(proof) and proof.strip():
        instead = _from_text(text, line_fits, Reading(None, tuple(repairs)), elsewhere=True)
        return instead if instead.value is not None else Reading(proof, tuple(repairs))
    if not proof.strip():
        return Reading(None, tuple(repairs), EMPTY)
    return Reading(_without_lead(proof, line_fits, repairs), tuple(repairs))


def _without_lead(proof: str, line_fits: Callable[[str], bool], repairs: dict[str, None]) -> str:
    """A proof without the words that lead to it ("Proof:"); nothing that could be part of a step is dropped."""
    lines = proof.split("\n")
    first = next((n for n, line in enumerate(lines) if line_fits(line)), 0)
    if first and all(_LEAD.fullmatch(line) for line in lines[:first]):
        repairs["text_before"] = None
        return "\n".join(lines[first:])
    return proof


_LEAD = re.compile(r"(?!.*(?::=|\bBY\b|\bassert\b|[{};]))[^\n]*", re.IGNORECASE)


def _from_text(text: str, line_fits: Callable[[str], bool], reading: Reading, elsewhere: bool = False) -> Reading:
    answer, offset, _ = after_reasoning(text)
    if offset < 0:
        return reading
    found = passage(answer, line_fits)
    if found is None:
        return reading
    if found.repair == "plain_text" and _MENTIONED.search(found.text if elsewhere else answer):
        return reading  # what looks like lines of a proof is part of a JSON object
    if not balanced(found.text):
        return Reading(None, reading.repairs, "the proof ends inside a block: the answer was cut off")
    return Reading(found.text, tuple(dict.fromkeys((*reading.repairs, found.repair))))


def _as_proof(value: Any, repairs: dict[str, None]) -> str | None:
    for _ in range(3):
        if isinstance(value, dict):
            texts = [item for key, item in value.items() if folded(key) not in ("description", "comment", "type")]
            if len(texts) != 1:
                return None
            repairs["wrapped_value"] = None
            value = texts[0]
        elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], (dict, list)):
            line = _line(value[0], 0)
            if line is not None:
                break
            repairs["wrapped_value"] = None
            value = value[0]
    if isinstance(value, list):
        lines = [_line(item, index) for index, item in enumerate(value)]
        if any(line is None for line in lines):
            return None
        repairs["proof_lines"] = None
        value = "\n".join(line for line in lines if line is not None)
    if not isinstance(value, str):
        return None
    if (bare := strip_fence(value)) != value:
        repairs["fence"] = None
        value = bare
    if value.lstrip().startswith("{") and '"' in value[:40]:
        try:
            inner, _, more = decode_object(value, value.index("{"))
        except NotJson:
            return str(value)
        named = [item for key, item in inner.items() if folded(key) == "proof"]
        if named and isinstance(named[0], str) and "unclosed" not in more and inner.contradicted is None:
            repairs |= dict.fromkeys(("json_text", *more))
            return str(named[0])
    return str(value)


_NUMBERS = ("line", "number", "no", "step", "index", "id", "k", "n", "#", "linenumber", "lineno", "stepnumber")
_FORMULAS = ("formula", "statement", "wff", "expression", "conclusion", "content", "result", "proposition", "sentence")
_REASONS = ("justification", "reason", "rule", "by", "why", "from")
_WHOLE = ("text", "line", "step", "proofline", "code")


def _line(item: Any, index: int) -> str | None:
    """A line of a proof: a string, [number, formula, reason], or an object with these."""
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        if 2 <= len(item) <= 3 and all(isinstance(part, (str, int)) for part in item):
            number, formula, reason = (index, *item) if len(item) == 2 else item
            return f"{number}. {formula}, {_reason(reason)};"
        return None
    if not isinstance(item, Mapping):
        return None
    members: dict[str, Any] = {folded(str(key)): value for key, value in item.items()}
    formula = next((members[name] for name in _FORMULAS if isinstance(members.get(name), str)), None)
    reason = next((members[name] for name in _REASONS if isinstance(members.get(name), (str, list))), None)
    if formula is not None and reason is not None:
        number = next((members[name] for name in _NUMBERS if isinstance(members.get(name), (int, str))), index)
        return f"{str(number).rstrip('.')}. {formula.rstrip(',; ')}, {_reason(reason)};"
    whole = [str(members[name]) for name in _WHOLE if isinstance(members.get(name), str)]
    return str(whole[0]) if len(whole) == 1 else None


def _reason(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(str(part) for part in parts).rstrip(";. ")
