"""Reading answers that come in named sections of text: the steps for each gap of a proof."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.reading import (
    Names,
    after_reasoning,
    calls,
    candidates,
    escaped_once,
    last_array,
    nothing_to_read,
    said_twice,
)
from proofgrid.tasks.answers.steps import without_list
from proofgrid.tasks.answers.texts import FENCE_LINE, balanced, ndl_line, passage
from proofgrid.tasks.answers.values import ContradictionError, as_text, member
from proofgrid.tasks.core import Reading

_HEADING = re.compile(
    r"^[ \t]*+(?:>[ \t]*+)?(?:#{1,6}[ \t]*+|[-*+•][ \t]++|\d{1,3}[.)][ \t]++)?(?:\*\*|__|`|<|\[|\"|')*+[ \t]*+"
    r"GAP[ \t]*+[-_–—]?[ \t]*+(\d{1,6}+)[ \t]*+"
    r"(?:\*\*|__|`|>|\]|\"|')*+[ \t]*+(?:(?::=|[:=]|[-–—=]+>|[-–—](?=\s))[ \t]*+(?:\*\*|__|`)*+|(?=$))",
    re.MULTILINE | re.IGNORECASE,
)
_STEPS = ("steps", "step", "gap", "filling", "fill", "proof", "answer", "solution", "content", "missingsteps")
_SENTENCE = re.compile(r"[ \t]*[A-Z][a-z']+(?: [\w'`,():~&|<>=-]+){2,60}[.!]?[ \t]*|[ \t]*(?:---+|===+|\*\*\*+)[ \t]*")
_CLOSING_TAG = re.compile(r"</[ \t]*+GAP[ \t]*+[-_–—]?[ \t]*+\d{1,6}[ \t]*+>", re.IGNORECASE)
_END_MARK = re.compile(r"^[ \t]*+[^\w\n{}]{0,4}end[ \t]++(?:of[ \t]++)?GAP\b[^\n]*$", re.MULTILINE | re.IGNORECASE)
_PROOF_LIKE = re.compile(
    r"[;{}]|:=|\bBY\b|^[ \t]*+(?:#|[\w'-]++\s++on\s++\S)|\bfrom\s++[\w(~'-]++\s*+(?:,|$)", re.MULTILINE | re.IGNORECASE
)


def read_gaps(text: str, names: Sequence[str]) -> Reading:
    """What ``text`` says for each gap of ``names`` ("GAP-3"): ``value`` maps names to steps, in the order of ``names``.

    Headings may be plain, bold, Markdown or list items; each section or the whole may stand in a code fence; JSON with
    the names as keys is read too. Names that were not asked for are left out, missing ones are absent from ``value``;
    ``value`` is None where none was found.
    """
    answer, offset, repairs = after_reasoning(text)
    nothing = nothing_to_read(answer, offset, repairs)
    if nothing is not None:
        return nothing
    wanted = {_gap_number(name): name for name in names}
    end = unmarked_end(answer)
    plain = _parted(end)
    sections, more = _sections(plain, wanted)
    try:
        from_json, json_repairs = _json_sections(answer, wanted)
    except ContradictionError as error:
        return Reading(None, tuple(repairs), str(error))
    if len(from_json) > len(sections):
        sections, more = from_json, json_repairs
    for repair in more:
        repairs[repair] = None
    if not sections and len(names) == 1:
        found = passage(without_list(end, "ndl", ndl_line), ndl_line)
        if found is not None and balanced(found.text):
            return Reading({names[0]: found.text}, (*repairs, found.repair, "only_gap"))
    if not sections:
        return Reading(None, tuple(repairs), f"no section of the answer is headed {names[0]}:" if names else None)
    return Reading({name: sections[name] for name in names if name in sections}, tuple(repairs))


def _parted(text: str) -> str:
    """``text`` with every gap's heading at the beginning of a line, also out of the rows of a table."""
    text = _HEADING_AHEAD.sub("\n", text)
    return re.sub(
        r"^[ \t]*\|[ \t`*]*(GAP[ \t_-]?\d{1,6})[ \t`*]*\|[ \t]*(.*?)[ \t]*\|?[ \t]*$",
        r"\1: \2",
        text,
        flags=re.MULTILINE | re.IGNORECASE,
    )


_HEADING_AHEAD = re.compile(
    r"[;,.](?:(?<!\.)|(?<=[A-Za-z)]\.))[ \t]++(?=[`*]{0,2}GAP[ \t_-]?\d{1,6}[`*]{0,2}[ \t]*:)", re.IGNORECASE
)


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
    if (end := _END_MARK.search(body)) is not None:
        body = body[: end.start()]
    fences = list(FENCE_LINE.finditer(body)) if "```" in body or "~~~" in body else []
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
        lines = "".join(paragraphs).rstrip().split("\n")
        while len(lines) > 1 and _is_sentence(lines[-1]) and balanced("\n".join(lines[:-1])):
            repairs["text_after"] = None
            del lines[-1]
        body = "\n".join(lines)
    body = re.sub(r"\A[ \t]*[|>][+-]?[ \t]*\n", "", body)
    if (listed := without_list(body, "ndl", ndl_line)) != body:
        repairs["list_items"] = None
        body = listed
    return body.strip("\r\n")


def _is_sentence(line: str) -> bool:
    """Whether a line is prose or a rule; a step may look like it (``Goal BY mp on step1, step2``) and is none."""
    return _SENTENCE.fullmatch(line) is not None and not ndl_line(line)


def _json_sections(text: str, wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Sections handed in as JSON: ``{"GAP-1": "..."}``, below any one key, or a list of ``{"gap", "steps"}``."""
    best: dict[str, str] = {}
    repairs: tuple[str, ...] = ()
    together: dict[str, str] = {}  # of objects that stand apart, a gap or more in each
    objects = candidates(text, Names((), {})).complete or calls(text, Names((), {}))
    for _, _, value, more in objects:
        if value.contradicted is not None:
            raise ContradictionError(said_twice(value.contradicted))
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
                name = _gap_key(str(named[0]), wanted)
                if sections.setdefault(name, texts[0]) != texts[0]:
                    raise ContradictionError(said_twice(name))
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
        if not sections and len(wanted) == 1:
            lone = [steps for key, part in value.items() if folded(key) in _STEPS and (steps := as_text(part))]
            if len(lone) == 1:
                sections[next(iter(wanted.values()))] = lone[0]
        together = sections if together.keys() & sections.keys() else together | sections
        if len(together) >= max(1, len(best)):
            best, repairs = together, (*more, "json_sections")
    best = {name: escaped_once(steps) for name, steps in best.items()}
    listed = last_array(text, lambda item: isinstance(item, (dict, str)))
    if listed is not None and len(best) < len(wanted) == len(listed[0]):
        said = [
            (_object_gap(item, wanted), as_text(item if isinstance(item, str) else member(item, *_STEPS)))
            for item in listed[0]
        ]
        in_order = all(isinstance(item, str) for item in listed[0])
        names = list(wanted.values()) if in_order else [name for name, _ in said]
        if sorted(names) == sorted(wanted.values()) and all(steps for _, steps in said):
            filled = {name: steps for name, (_, steps) in zip(names, said, strict=True) if steps}
            return filled, (*listed[1], "json_sections", *(("in_order",) if in_order else ()))
    return best, repairs


def _object_gap(item: Any, wanted: Mapping[str, str]) -> str:
    """The gap that an object of a list is about; "" for none."""
    value = member(item, "gap", "id", "name", "number", "label", "key")
    return _gap_key(str(value), wanted) if isinstance(value, (str, int)) else ""


def _gap_key(text: str, wanted: Mapping[str, str]) -> str:
    match = re.fullmatch(r"(?:GAP)?[\s_–—-]*+(\d{1,6})\s*+:?", text.strip(), re.IGNORECASE)
    return wanted.get(str(int(match[1])), "") if match else ""
