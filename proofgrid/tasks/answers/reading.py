"""Reading answers: finds what a model meant to hand in, in whatever it wrote, and records what was repaired.

Two formats: one JSON object (:func:`read_json_answer`) and named sections of text (:func:`read_gaps`). In both,
reasoning before the answer is passed over, several candidates may stand in the text, and the last complete one counts.
Nothing that was cut off is ever completed, except for closing brackets after a whole last value. Every function is
total and takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from proofgrid.tasks.answers.near_json import NotJson, decode_object
from proofgrid.tasks.core import EMPTY, Reading

REPAIRS: Final[Mapping[str, str]] = {
    "reasoning": "reasoning in tags before the answer was passed over",
    "text_before": "text before the answer was passed over",
    "text_after": "text after the answer was passed over",
    "fence": "the answer was taken out of a code fence",
    "several_candidates": "of several candidate answers the last complete one was taken",
    "raw_newline": "line breaks or tabs stood unescaped in a string",
    "control_character": "a control character stood unescaped in a string",
    "trailing_comma": "a comma before a closing bracket was dropped",
    "missing_comma": "a comma between members was inserted",
    "single_quotes": "single quotes were read as double ones",
    "curly_quotes": "typographic quotes were read as straight ones",
    "backquotes": "backquotes were read as double quotes",
    "triple_quotes": "a triple-quoted string was read as one string",
    "joined_strings": "adjacent strings were joined",
    "inner_quote": "an unescaped quotation mark inside a string was kept as text",
    "bad_escape": "a backslash that escapes nothing was kept or dropped",
    "doubly_escaped": "line breaks that were escaped twice were read as line breaks",
    "python_literal": "Python's True, False or None was read as JSON's",
    "bare_key": "a key without quotes was read",
    "comment": "a comment inside the JSON was passed over",
    "unclosed": "closing brackets that were missing at the end were added",
    "escaped_json": "JSON with escaped quotes was unescaped first",
    "key_name": "a key spelled differently was read as the one asked for",
    "nested": "the answer was taken from inside another object or a list",
    "json_text": "the answer was JSON inside a string",
    "proof_lines": "the proof was a list of lines",
    "json_sections": "sections were handed in as JSON",
    "merged_sections": "no one candidate had every section: the last of each was taken",
    "inline_section": "a section began on the line of its heading",
}
"""Every repair that a :class:`~tasks.core.Reading` can name, with its meaning."""

_CLOSE_THINK = re.compile(
    r"</\s*(?:think|thinking|thought|reasoning|reflection|scratchpad)\s*>|\[/THINK\]|◁/think▷"
    r"|<\|channel\|>\s*final\s*(?:<\|message\|>)?|<\|end_of_thought\|>|<\|begin_of_solution\|>",
    re.IGNORECASE,
)
_OPEN_THINK = re.compile(
    r"\s*(?:<\s*(?:think|thinking|thought|reasoning|scratchpad)\s*>|\[THINK\]|◁think▷"
    r"|<\|channel\|>\s*analysis|<\|begin_of_thought\|>)",
    re.IGNORECASE,
)
_FENCE_LINE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*([\w+-]*)[ \t]*$", re.MULTILINE)
_FENCE_OPENS = re.compile(r"(?:```+|~~~+)[ \t]*+[\w+-]*+[ \t]*+\n")
_FENCE_BEFORE = re.compile(r"(?:```+|~~~+)[ \t]*[\w+-]*\s*\Z")
_FENCE_AFTER = re.compile(r"\s*(?:```+|~~~+)")
_SPECIAL = re.compile(r"<\|(?:im_end|end|return|eot_id|endoftext|end_of_solution)\|>|</s>")
_MAX_STARTS = 20_000
_MAX_WORK = 500_000


def read_json_answer(text: str, required: tuple[str, ...]) -> Reading:
    """The last complete JSON object in ``text`` that has every key of ``required``; ``value`` is a dictionary.

    Keys that differ only in case, ``_``, ``-`` or spaces count as the ones asked for. Where no object has them all,
    ``value`` is None and ``problem`` says which are missing, or that the text ends inside an object.
    """
    answer, offset, repairs = _after_reasoning(text)
    if not answer.strip():
        return Reading(None, tuple(repairs), EMPTY)
    if offset < 0:
        return Reading(None, tuple(repairs), "the text ends inside the reasoning, before any answer")
    found = _candidates(answer, required)
    if not found.complete and re.search(r'\{(?:\s|\\n)*\\"', answer):
        unescaped = _candidates(_unescape(answer), required)
        if unescaped.complete:
            answer, found = _unescape(answer), unescaped
            found.complete = [(s, e, v, ("escaped_json", *r)) for s, e, v, r in found.complete]
    if not found.complete and offset > 0:
        # The closing tag may stand inside a string of the answer: then one object spans it.
        whole = _candidates(text, required)
        spanning = [c for c in whole.complete if c[0] < offset < c[1]]
        if spanning:
            answer, found.complete, repairs = text, spanning, {}
    if not found.complete:
        return Reading(None, tuple(repairs), found.why(required))
    filled = [c for c in found.complete if not _is_placeholder(c[2], required)] or found.complete
    closed = [c for c in filled if "unclosed" not in c[3]]
    start, end, value, more = (closed or filled)[-1]
    for repair in more:
        repairs[repair] = None
    if len(found.complete) > 1:
        repairs["several_candidates"] = None
    before, after = answer[:start], answer[end:]
    if fence := _FENCE_BEFORE.search(before):
        repairs["fence"] = None
        before = before[: fence.start()]
        if match := _FENCE_AFTER.match(after):
            after = after[match.end() :]
    if before.strip():
        repairs["text_before"] = None
    if after.strip():
        repairs["text_after"] = None
    for key in required:
        if isinstance(value[key], str) and (single := _escaped_once(value[key])) != value[key]:
            value = {**value, key: single}
            repairs["doubly_escaped"] = None
    return Reading(value, tuple(repairs))


def _is_placeholder(value: Mapping[str, Any], required: Sequence[str]) -> bool:
    """Whether an object only repeats the answer's format: ``{"proof": "{ ... }"}``, not a letter in any text."""
    texts = [value[key] for key in required]
    return bool(texts) and all(isinstance(text, str) and not re.search(r"\w", text) for text in texts)


def _escaped_once(text: str) -> str:
    """A text on one line with ``\\n`` written out, as line breaks; LaTeX's ``\\neg`` and the like stay as they are."""
    if "\n" in text:
        return text
    return re.sub(r"\\n(?!eg|ot|e\b|u\b|abla)", "\n", text)


class _Found:
    """What a scan met: complete candidates (start, end, value, repairs), and why there are none."""

    def __init__(self) -> None:
        self.complete: list[tuple[int, int, dict[str, Any], tuple[str, ...]]] = []
        self.best: dict[str, Any] | None = None
        self.ended = False

    def why(self, required: Sequence[str]) -> str:
        if self.ended:
            return "the text ends inside a JSON object: the answer was cut off"
        if self.best is None:
            return "there is no JSON object in the answer"
        missing = [f'"{key}"' for key in required if _plain_key(key) not in {_plain_key(k) for k in self.best}]
        return f"no JSON object in the answer has {' and '.join(missing)}"


def _candidates(text: str, required: Sequence[str]) -> _Found:
    found = _Found()
    position, starts, work = 0, 0, 0
    while starts < _MAX_STARTS and work < _MAX_WORK + 4 * len(text):
        start = text.find("{", position)
        if start < 0:
            break
        starts += 1
        try:
            value, end, repairs = decode_object(text, start)
        except NotJson as failure:
            work += failure.position - start
            # A first key was read before the text ended: this was JSON, not a brace of something else.
            found.ended |= failure.ended and _LOOKS_JSON.match(text, start) is not None
            position = start + 1
            continue
        position = end
        found.ended = False
        taken = _with_keys(value, required, 0)
        if taken is None:
            found.best = value
        else:
            inner, more = taken
            found.complete.append((start, end, inner, (*repairs, *more)))
    return found


_LOOKS_JSON = re.compile(r"""\{\s*["'“]?[A-Za-z_][\w -]*+["'”]?\s*+:(?!=)""")


def _with_keys(value: Any, required: Sequence[str], depth: int) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """``value``, or the object inside it, that has the keys; None where there is none within three levels."""
    if isinstance(value, dict):
        if all(key in value for key in required):
            return value, ()
        wanted = {_plain_key(key): key for key in required}
        if wanted.keys() <= {_plain_key(str(key)) for key in value}:
            renamed = {wanted.get(_plain_key(str(name)), str(name)): item for name, item in value.items()}
            return renamed, ("key_name",)
    if depth >= 3:
        return None
    inner: Sequence[Any] = ()
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    for item in reversed(inner):
        if isinstance(item, (dict, list)):
            taken = _with_keys(item, required, depth + 1)
            if taken is not None:
                return taken[0], ("nested", *(r for r in taken[1] if r != "nested"))
        elif isinstance(item, str) and item.lstrip().startswith("{"):
            try:
                decoded, _, repairs = decode_object(item, item.index("{"))
            except NotJson:
                continue
            taken = _with_keys(decoded, required, depth + 1)
            if taken is not None and "unclosed" not in repairs:
                return taken[0], ("json_text", *repairs, *taken[1])
    return None


def _plain_key(key: str) -> str:
    return re.sub(r"[\s_-]+", "", key).casefold()


def _unescape(text: str) -> str:
    return re.sub(r'\\(["\\n])', lambda m: "\n" if m[1] == "n" else m[1], text)


def _after_reasoning(text: str) -> tuple[str, int, dict[str, None]]:
    """(text after the last closing tag of reasoning, its offset, repairs); offset -1 where the reasoning never ends."""
    text = text.removeprefix("\ufeff")
    repairs: dict[str, None] = {}
    offset = max((match.end() for match in _CLOSE_THINK.finditer(text)), default=0)
    if offset:
        repairs["reasoning"] = None
    elif _OPEN_THINK.match(text):
        return text, -1, {"reasoning": None}
    return _SPECIAL.sub("", text[offset:]), offset, repairs


def read_proof(text: str) -> Reading:
    """The proof of an answer ``{"description", "proof"}`` as one string.

    A list of lines, a code fence around the proof and a whole answer inside the string are read as the proof meant.
    """
    reading = read_json_answer(text, ("proof",))
    if reading.value is None:
        return reading
    repairs = dict.fromkeys(reading.repairs)
    proof = reading.value["proof"]
    if isinstance(proof, list) and all(isinstance(line, str) for line in proof):
        repairs["proof_lines"] = None
        proof = "\n".join(proof)
    if not isinstance(proof, str):
        return Reading(None, tuple(repairs), 'the value of "proof" is not a string')
    if (bare := strip_fence(proof)) != proof:
        repairs["fence"] = None
        proof = bare
    if proof.lstrip().startswith("{") and (taken := _with_keys({"": proof}, ("proof",), 0)) is not None:
        inner, more = taken
        if isinstance(inner["proof"], str):
            repairs |= dict.fromkeys(more)
            proof = inner["proof"]
    if not proof.strip():
        return Reading(None, tuple(repairs), EMPTY)
    return Reading(proof, tuple(repairs))


# --- single values of an answer ---------------------------------------------------------------------------------------


def as_bool(value: Any) -> bool | None:
    """A truth value as models write them: true, "True", "yes", "correct", 1; None where it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = value.strip().strip(".").casefold() if isinstance(value, str) else None
    if word in ("true", "yes", "correct", "valid"):
        return True
    if word in ("false", "no", "incorrect", "invalid", "wrong"):
        return False
    return None


def as_int(value: Any) -> int | None:
    """A line number as models write them: 7, 7.0, "7", "line 7", "Line 7:"; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**9 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e9 else None
    if isinstance(value, str):
        match = re.fullmatch(r"(?:lines?|l\.?|no\.?|#)?\s*+(\d{1,9})\s*+[.:]?", value.strip(), re.IGNORECASE)
        return int(match[1]) if match else None
    return None


def as_text(value: Any) -> str | None:
    """A proof as models write it: a string, or a list of lines; code fences around it are taken off."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if not isinstance(value, str):
        return None
    return strip_fence(value)


def strip_fence(text: str) -> str:
    """``text`` without one code fence around all of it."""
    bare = text.strip()
    opened = _FENCE_OPENS.match(bare)
    if opened is None or not bare.endswith(("```", "~~~")):
        return text
    body = bare[opened.end() :].rstrip(bare[-1]).rstrip(" \t").removesuffix("\n")
    return body if "```" not in body else text


# --- named sections ---------------------------------------------------------------------------------------------------

_HEADING = re.compile(
    r"^[ \t]*+(?:>[ \t]*+)?(?:#{1,6}[ \t]*+|[-*+•][ \t]++|\d{1,3}[.)][ \t]++)?(?:\*\*|__|`|<|\[|\"|')*+[ \t]*+"
    r"GAP[ \t]*+[-_–—]?[ \t]*+(\d{1,6}+)[ \t]*+"
    r"(?:\*\*|__|`|>|\]|\"|')*+[ \t]*+(?:(?::=|[:=]|[-–—]>|[-–—](?=\s))[ \t]*+(?:\*\*|__|`)*+|(?=$))",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING_TAG = re.compile(r"</[ \t]*+GAP[ \t]*+[-_–—]?[ \t]*+\d{1,6}[ \t]*+>", re.IGNORECASE)
_PROOF_LIKE = re.compile(
    r"[;{}]|:=|\bBY\b|^[ \t]*+(?:#|[\w'-]++\s++on\s++\S)|\bfrom\s++[\w(~'-]++\s*+(?:,|$)", re.MULTILINE | re.IGNORECASE
)


def read_gaps(text: str, names: Sequence[str]) -> Reading:
    """What ``text`` says for each gap of ``names`` ("GAP-3"): ``value`` maps names to steps, in the order of ``names``.

    Headings may be plain, bold, Markdown or list items; each section or the whole may stand in a code fence; JSON with
    the names as keys is read too. Names that were not asked for are left out, missing ones are absent from ``value``;
    ``value`` is None where none was found.
    """
    answer, offset, repairs = _after_reasoning(text)
    if not answer.strip():
        return Reading(None, tuple(repairs), EMPTY)
    if offset < 0:
        return Reading(None, tuple(repairs), "the text ends inside the reasoning, before any answer")
    wanted = {_gap_number(name): name for name in names}
    sections, more = _sections(answer, wanted)
    from_json, json_repairs = _json_sections(answer, wanted)
    if len(from_json) > len(sections):
        sections, more = from_json, json_repairs
    for repair in more:
        repairs[repair] = None
    if not sections:
        return Reading(None, tuple(repairs), f"no section of the answer is headed {names[0]}:" if names else None)
    return Reading({name: sections[name] for name in names if name in sections}, tuple(repairs))


def _gap_number(name: str) -> str:
    match = re.search(r"\d+", name)
    return str(int(match[0])) if match else name


def _sections(text: str, wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    repairs: dict[str, None] = {}
    headings = [m for m in _HEADING.finditer(text) if str(int(m[1])) in wanted]
    if headings and text[: headings[0].start()].replace("`", "").strip():
        repairs["text_before"] = None
    candidates: list[dict[str, str]] = [{}]
    for index, here in enumerate(headings):
        after = headings[index + 1] if index + 1 < len(headings) else None
        name = wanted[str(int(here[1]))]
        line_end = text.find("\n", here.end())
        if text[here.end() : line_end if line_end >= 0 else None].strip("` \r\t*"):
            repairs["inline_section"] = None
        body = _section_body(text[here.end() : after.start() if after else len(text)], after is None, repairs)
        current = candidates[-1]
        if name in current and current[name].strip():
            candidates.append({})
            current = candidates[-1]
        current[name] = body
    whole = [c for c in candidates if len(c) == len(wanted)]
    if len(candidates) > 1:
        repairs["several_candidates"] = None
    if whole:
        return whole[-1], tuple(repairs)
    merged: dict[str, str] = {}
    for candidate in candidates:
        merged |= candidate
    if len(candidates) > 1:
        repairs["merged_sections"] = None
    return merged, tuple(repairs)


def _section_body(body: str, last: bool, repairs: dict[str, None]) -> str:
    if tag := _CLOSING_TAG.search(body):
        if last and body[tag.end() :].replace("`", "").strip():
            repairs["text_after"] = None
        body = body[: tag.start()]
    fences = list(_FENCE_LINE.finditer(body))
    if len(fences) >= 2:
        repairs["fence"] = None
        body = body[fences[0].end() : fences[1].start()]
    elif fences:
        repairs["fence"] = None
        before, after = body[: fences[0].start()], body[fences[0].end() :]
        # A lone fence closes what was opened before the headings, or opens a section that the text breaks off.
        body = before if before.strip() else after
    elif "`" in body:
        inline = re.fullmatch(r"\s*(`+)([^`]*)\1\s*", body)
        body = inline[2] if inline else body
    if last:
        paragraphs = re.split(r"(\n[ \t]*\n)", body)
        while len(paragraphs) > 2 and not _PROOF_LIKE.search(paragraphs[-1]):
            if paragraphs[-1].strip():
                repairs["text_after"] = None
            del paragraphs[-2:]
        body = "".join(paragraphs)
    return body.strip("\r\n")


def _json_sections(text: str, wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Sections handed in as JSON: ``{"GAP-1": "..."}``, below any one key, or a list of ``{"gap", "steps"}``."""
    best: dict[str, str] = {}
    repairs: tuple[str, ...] = ()
    for _, _, value, more in _candidates(text, ()).complete:
        pool: list[Any] = [value]
        sections: dict[str, str] = {}
        for item in pool:
            if len(pool) > 10_000:
                break
            if isinstance(item, list):
                pool += item
                continue
            if not isinstance(item, dict):
                continue
            named = [v for v in item.values() if isinstance(v, (str, int)) and _gap_key(str(v), wanted)]
            texts = [t for v in item.values() if v not in named and (t := as_text(v)) is not None]
            if len(named) == 1 and len(texts) == 1:
                sections[_gap_key(str(named[0]), wanted)] = texts[0]
                continue
            for key, part in item.items():
                name = _gap_key(str(key), wanted)
                steps = as_text(part)
                if name and steps is None and isinstance(part, dict) and len(part) == 1:
                    steps = as_text(next(iter(part.values())))
                if name and steps is not None:
                    sections[name] = steps
                elif isinstance(part, (dict, list)):
                    pool.append(part)
        if len(sections) >= max(1, len(best)):
            best, repairs = sections, (*more, "json_sections")
    return best, repairs


def _gap_key(text: str, wanted: Mapping[str, str]) -> str:
    match = re.fullmatch(r"(?:GAP)?[\s_–—-]*+(\d{1,6})\s*+:?", text.strip(), re.IGNORECASE)
    return wanted.get(str(int(match[1])), "") if match else ""
