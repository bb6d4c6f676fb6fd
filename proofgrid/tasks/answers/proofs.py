"""Reading a proof out of an answer: ``{"proof": ...}`` in any clothes, a code block, or the last stretch of text."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal

from proofgrid.tasks.answers.markup import unmarked, unmarked_end
from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.near_json import NotJson, decode_object
from proofgrid.tasks.answers.reading import (
    CUT_OFF,
    UNFINISHED,
    after_reasoning,
    decided,
    escaped_once,
    read_json_answer,
    stands_elsewhere,
)
from proofgrid.tasks.answers.steps import as_lines_of_proof, without_list
from proofgrid.tasks.answers.texts import Test, balanced, hilbert_line, macro_line, ndl_line, passage, tail
from proofgrid.tasks.answers.values import strip_fence
from proofgrid.tasks.core import EMPTY, Reading

ProofLanguage = Literal["ndl", "macro", "hilbert"]
LINE_FITS: Final[dict[ProofLanguage, Test]] = {"ndl": ndl_line, "macro": macro_line, "hilbert": hilbert_line}
"""Whether a line of text reads as part of a proof, by language."""

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
        "proof_lines",
        "derivation",
        "proofs",
        "the_proof",
        "solution",
        "preuve",
        "démonstration",
        "demostración",
        "prueba",
        "beweis",
        "dimostrazione",
        "prova",
        "demonstração",
        "bewijs",
        "dowód",
        "доказательство",
        "证明",
        "證明",
        "証明",
        "증명",
    )
}
"""How else the proof's member is called."""
_LAST_RESORT = {
    "proof": (
        "answer",
        "final_answer",
        "response",
        "result",
        "output",
        "text",
        "code",
        "content",
        "steps",
        "lines",
        "ndl",
    )
}

_MENTIONED = re.compile(r"""["'“]\s*(?:\w*[_ ]?proof\w*|derivation|solution)\s*["'”]\s*:(?!=)""", re.IGNORECASE)


def read_proof(text: str, language: ProofLanguage) -> Reading:
    """The proof of an answer as one string.

    A list of lines, of objects (number, formula, reason), a code fence around the proof and a whole answer inside the
    string are read as the proof meant. If no JSON holds it, or the JSON only says that it stands elsewhere, the last
    code block with a line of a proof is read, or else the last stretch of such lines, as a list or a table too; nothing
    that is cut off inside a block.
    """
    line_fits = LINE_FITS[language]
    reading = read_json_answer(text, ("proof",), ALIASES, _LAST_RESORT)
    if reading.value is None:
        if decided(reading) and reading.problem != UNFINISHED:
            return reading
        return _from_text(text, language, reading)
    repairs = dict.fromkeys(reading.repairs)
    proof = _as_proof(reading.value["proof"], language, repairs)
    if proof is None:
        return Reading(None, tuple(repairs), 'the value of "proof" is not a text')
    if stands_elsewhere(proof) and proof.strip():
        instead = _from_text(text, language, Reading(None, tuple(repairs)), elsewhere=True)
        return instead if instead.value is not None else Reading(proof, tuple(repairs))
    if not proof.strip():
        return Reading(None, tuple(repairs), EMPTY)
    if "outline" in repairs and not balanced(proof):
        return Reading(None, tuple(repairs), CUT_OFF)
    if _HTML_BREAK.search(proof):
        repairs["markup"] = None
        proof = unmarked(proof).strip()
    return Reading(_without_lead(proof, line_fits, repairs), tuple(repairs))


_HTML_BREAK = re.compile(r"<(?:br|/?p|/?code|/?pre|/?div)\s*/?>", re.IGNORECASE)


def _without_lead(proof: str, line_fits: Test, repairs: dict[str, None]) -> str:
    """A proof without the words that lead to it ("Proof:"); nothing that could be part of a step is dropped."""
    lines = proof.split("\n")
    for first, line in enumerate(lines):
        if line_fits(line):
            if first:
                repairs["text_before"] = None
            return "\n".join(lines[first:])
        if not _LEAD.fullmatch(line):
            break
    return proof


_LEAD = re.compile(r"(?!.*(?::=|\bBY\b|\bassert\b|[{};]))[^\n]*", re.IGNORECASE)


def _from_text(text: str, language: ProofLanguage, reading: Reading, elsewhere: bool = False) -> Reading:
    answer, offset, _ = after_reasoning(text)
    if offset < 0:
        return reading
    line_fits, repairs = LINE_FITS[language], dict.fromkeys(reading.repairs)
    answer = tail(answer)
    inside, assigned = _json_string(answer), _assigned(answer)
    if inside is not None:
        repairs["json_text"] = None
        answer = inside
    elif assigned is not None:
        repairs["assignment"] = None
        answer = assigned
    plain = _LED.sub("\n", _QUOTES_ALONE.sub("", unmarked_end(answer)))
    if plain != answer:
        repairs["markup"] = None
    if language != "hilbert":
        listed = without_list(plain, language, line_fits)
        if listed != plain:
            repairs["list_items"] = None
            plain = listed
    found = passage(plain, line_fits)
    if found is None:
        return reading
    if found.repair == "plain_text" and _MENTIONED.search(found.text if elsewhere else answer):
        return reading  # what looks like lines of a proof is part of a JSON object
    proof = _without_lead(found.text, line_fits, repairs)
    if (single := escaped_once(proof)) != proof:
        repairs["doubly_escaped"] = None
        proof = single
    if not balanced(proof):
        return Reading(None, reading.repairs, "the proof ends inside a block: the answer was cut off")
    repairs[found.repair] = None
    return Reading(proof, tuple(repairs))


_QUOTES_ALONE = re.compile(r"^[ \t]*(?:\"\"\"|''')[ \t]*$", re.MULTILINE)
_LED = re.compile(
    r"^[ \t#*_>]*+(?:(?:here|is|my|the|final|complete|formal|full|ndl|macro|hilbert)[ \t]+){0,4}"
    r"(?:proof|answer|solution|derivation)"
    r"[ \t*_]*+:[ \t*_]*+(?=[{(0-9]|assume\b|suppose|[\w'-]{1,40}[ \t]+(?:on|by|from|:=))",
    re.MULTILINE | re.IGNORECASE,
)
"""Words on the line on which a proof begins."""


_ASSIGNED = re.compile(
    r"^[ \t]*+(?:(?:const|let|var|val|final|static|auto|my|our|String|string|str|&str)[ \t]++){0,4}[$]?\w{0,20}?"
    r"(?:proof|answer|solution|derivation|text)\w{0,20}+[ \t]*+(?::[ \t]*+&?[\w.]{1,20}[ \t]*+)?+:?="
    r"[ \t]*+[A-Za-z]{0,2}(?P<quote>\"\"\"|\'\'\'|`(?!`)|#*\")",
    re.MULTILINE | re.IGNORECASE,
)
"""A text given to a variable of a program, up to the quotation mark."""


def _assigned(text: str) -> str | None:
    """The last text that an answer gives to a variable, in the notation of one program or another."""
    last = None
    for match in _ASSIGNED.finditer(text):
        last = match
    if last is None:
        return None
    quote = last["quote"]
    if quote != '"':
        end = text.find(quote[::-1], last.end())
        return None if end < 0 else text[last.end() : end]
    try:
        inside, _ = json.JSONDecoder(strict=False).raw_decode(text, last.end() - 1)
    except ValueError:
        return None
    return inside if isinstance(inside, str) else None


def _json_string(text: str) -> str | None:
    """The text that an answer is as a JSON string, if it is nothing else."""
    text = strip_fence(text).strip()
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return None
    try:
        inside = json.loads(text)
    except ValueError:
        return None
    return inside if isinstance(inside, str) else None


def _as_proof(value: Any, language: ProofLanguage, repairs: dict[str, None]) -> str | None:
    for _ in range(3):
        if isinstance(value, dict):
            texts = [item for key, item in value.items() if folded(key) not in ("description", "comment", "type")]
            if len(texts) != 1:
                break
            repairs["wrapped_value"] = None
            value = texts[0]
        elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], (dict, list)):
            if as_lines_of_proof(value, language) is not None:
                break
            repairs["wrapped_value"] = None
            value = value[0]
    if isinstance(value, (list, dict)):
        lines = as_lines_of_proof(value, language)
        if lines is None:
            return None
        repairs["proof_lines"] = None
        value = "\n".join(lines)
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
