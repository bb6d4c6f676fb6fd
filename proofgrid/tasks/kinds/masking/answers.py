"""Reading what an answer says for each mask of a proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.reading import CUT_OFF, after_reasoning, decided, read_json_answer, read_json_list
from proofgrid.tasks.answers.texts import FENCE_LINE, bare, cells, condensed, is_rule_of_table, labelled, labelled_line
from proofgrid.tasks.answers.values import ContradictionError, member
from proofgrid.tasks.core import Reading

_ALIASES = {"masks": ("fillings", "filling", "values", "assignment", "assignments", "mask_values", "solution")}
_LAST_RESORT = {"masks": ("answer", "answers", "final_answer", "result", "response", "output")}
_VALUE = ("value", "text", "filling", "fill", "formula", "answer", "content", "replacement", "rule")
_MASK = re.compile(r"\W*(?:(?:THE\s+)?MASK)?[\s_#-]*+0{0,9}(\d{1,9})\W*", re.IGNORECASE)
_NONE = re.compile(
    r"\b(?:no|not\s+any)\s+(?:such\s+)?(?:valid\s+)?(?:assignment|filling|solution|completion|values?)\b[^.\n]{0,40}"
    r"\b(?:works?|exists?|possible|is\s+correct)\b|\bthere\s+(?:is|exists)\s+no\s+(?:valid\s+)?"
    r"(?:assignment|filling|solution|completion)\b|\b(?:masks?|proof|item)\b[^.\n]{0,30}\b(?:cannot|can\s?not|can't)\s+be\s+"
    r"(?:filled|completed|solved)|\bunsolvable\b",
    re.IGNORECASE,
)
_NO_MASKS = (
    "",
    "none",
    "null",
    "unsolvable",
    "no solution",
    "impossible",
    "no assignment works",
    "no filling works",
    "{}",
)


def read_masks(text: str, names: Sequence[str]) -> Reading:
    """The masks as a dictionary from names to texts; masks that do not exist are left out.

    An empty dictionary says that no filling works. Values come as JSON, or as lines, lists or tables "MASK1: x"; a mask
    that is given two values at once makes the answer unreadable.
    """
    by_number = {name[4:]: name for name in names}
    reading = read_json_answer(text, ("masks",), _ALIASES, _LAST_RESORT)
    elsewhere = reading.value is None and not decided(reading) and bool(names)
    if elsewhere and (listed := read_json_list(text, ("mask", names[0]))) is not None:
        reading = Reading({"masks": listed[0]}, (*reading.repairs, *listed[1]))
    elif elsewhere:
        direct = read_json_answer(text, (names[0],), {names[0]: (names[0][4:], f"MASK {names[0][4:]}")})
        if direct.value is not None:
            reading = Reading({"masks": direct.value}, (*direct.repairs, "nested"))
        elif (listed := read_json_list(text, ("name", "id"))) is not None:
            reading = Reading({"masks": listed[0]}, (*reading.repairs, *listed[1]))
    if reading.value is None:
        if decided(reading):
            return reading
        return _from_text(unmarked_end(after_reasoning(text)[0], 4_000), by_number, reading)
    masks = reading.value["masks"]
    if masks is None or (isinstance(masks, str) and masks.strip().strip(".").casefold() in _NO_MASKS):
        masks = {}
    elif isinstance(masks, str) and (listed := read_json_list(text, ("mask", "name", "id"))) is not None:
        masks = listed[0]  # objects of a list, one a mask, whose text is called as the whole may be
    try:
        pairs = _pairs(masks, names)
        if pairs is None:
            return Reading(None, reading.repairs, 'the value of "masks" is no object')
        values = _values(pairs, by_number)
    except ContradictionError as error:
        return Reading(None, reading.repairs, str(error))
    if pairs and not values:
        # "No filling exists" is said by no masks at all, not by values that are none or masks that do not exist.
        return Reading(None, reading.repairs, "no mask of the proof is given a text")
    return Reading(values, reading.repairs)


def _pairs(masks: Any, names: Sequence[str]) -> list[tuple[str, Any]] | None:
    """(mask, value) for an object, a list of objects with one mask each or of {"mask", "value"}, or of pairs.

    A list with as many plain texts as there are masks names them in their order.
    """
    if (
        isinstance(masks, list)
        and len(masks) == len(names)
        and all(isinstance(item, str) and not re.match(r"\W*(?:the\s+)?mask", item, re.IGNORECASE) for item in masks)
    ):
        return list(zip(names, masks, strict=True))
    if isinstance(masks, Mapping):
        return [(str(key), value) for key, value in masks.items()]
    if not isinstance(masks, list):
        return None
    pairs: list[tuple[str, Any]] = []
    for item in masks:
        if isinstance(item, Mapping):
            name, value = member(item, "mask", "name", "id", "number"), member(item, *_VALUE)
            if isinstance(name, (str, int)) and value is not None:
                pairs.append((str(name), value))
            else:
                pairs += [(str(key), value) for key, value in item.items()]
        elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], (str, int)):
            pairs.append((str(item[0]), item[1]))
        elif isinstance(item, str) and (line := next(labelled(item[:5000]), None)) is not None:
            pairs.append(line)
        else:
            return None
    return pairs


def _values(pairs: Iterable[tuple[str, Any]], by_number: Mapping[str, str]) -> dict[str, str]:
    """Texts by mask. Raises ContradictionError if one mask is given two."""
    values: dict[str, str] = {}
    for key, value in pairs:
        match = _MASK.fullmatch(key)
        name = by_number.get(match[1]) if match else None
        if name is None:
            continue
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, Mapping):
            value = member(value, *_VALUE)
        if not isinstance(value, (str, bool)):
            continue
        text = str(value).lower() if isinstance(value, bool) else _ON.sub("", bare(value.strip("`")))
        if not text:
            continue
        if values.setdefault(name, text) != text:
            raise ContradictionError(f"{name} is given two values")
    return values


_ON = re.compile(r"(?<=[a-z'])\s+on\Z", re.IGNORECASE)
"""A rule's mask with the word that stands behind it in the proof."""


def _from_text(text: str, by_number: Mapping[str, str], reading: Reading) -> Reading:
    """The last set of lines "MASK1: x"; a mask that comes again begins a new set, if the last set was whole."""
    sets: list[dict[str, str]] = [{}]
    last = ""
    try:
        for label, value in _labelled(text):
            for name, said in _values([(label, value)], by_number).items():
                last = said
                if name in sets[-1] and len(sets[-1]) == len(by_number):
                    sets.append({})
                if sets[-1].setdefault(name, said) != said:
                    raise ContradictionError(f"{name} is given two values")
    except ContradictionError as error:
        return Reading(None, reading.repairs, str(error))
    if last.count("(") > last.count(")"):
        return Reading(None, reading.repairs, CUT_OFF)
    whole = [values for values in sets if len(values) == len(by_number)]
    values = (whole or sets)[-1] or _in_order(text, by_number)
    repairs = (*reading.repairs, "plain_text")
    if values:
        return Reading(values, repairs)
    if "{" not in text and _NONE.search(condensed(text.strip(), 2000).rsplit("\n\n", 1)[-1]):
        return Reading({}, repairs)
    return reading


_MASK_AHEAD = re.compile(
    r"(?:[,;|]|(?<![ \t]))[ \t]++(?=[\"'`*_]{0,3}MASK[\s_-]?\d{1,9}[\"'`*_]{0,3}[ \t]*(?::|=|-+>|→|↦|\||is[ \t]))",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\W*(?P<label>(?:the\s+)?MASK[\s_-]?\d{1,9})\W{1,4}(?:is|becomes|stands for|↦|:-)\s+(?P<value>[^\n]+)",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s+(?:#|//|—|–|--|←|<--?)\s.*$|(?<=[^\s`])`[*_]{0,2}\s*[(].*$")
_COLUMNS = re.compile(
    r"[\"'`]?(?P<label>MASK[\s_-]?\d{1,9})[\"'`]?(?:[ ]*\t+[ ]*|[ ]{2,}|[ ]*,[ ]*)(?P<value>\S[^\n]*)", re.IGNORECASE
)
"""A row of columns that tabs, blanks or a comma part."""
_ALONE = re.compile(r"[#\s\"'`*_\[<(]*(?P<label>MASK[\s_-]?\d{1,9})[\s\"'`*_\]>).:]*", re.IGNORECASE)


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """(mask, value) from lines, list items, several on a line, headings, columns, and tables either way round."""
    heading: list[str] = []
    above = ""
    for line in text.split("\n"):
        if not line.strip() or FENCE_LINE.match(line):
            continue
        if (alone := _ALONE.fullmatch(line[:200])) is not None:
            above = alone["label"]
            continue
        if above:
            yield above, bare(_REMARK.sub(_kept, condensed(line[:4000])))
            above = ""
            continue
        if (columns := _COLUMNS.fullmatch(line[:20_000].strip())) is not None:
            yield columns["label"], bare(columns["value"])
            continue
        if line.lstrip().startswith("|"):
            row = cells(line[:20_000])
            if is_rule_of_table(line):
                continue
            if row and all(map(_is_mask, row)) and len(row) > 1:
                heading = row
            elif heading and len(heading) == len(row):
                yield from zip(heading, (bare(cell) for cell in row), strict=True)
            elif len(row) >= 2 and _is_mask(row[0]):
                yield row[0], bare(row[1])
            continue
        for part in _MASK_AHEAD.sub("\n", line.strip().removeprefix("{").removesuffix("}")).split("\n"):
            found = labelled_line(part)
            if found is not None and _is_mask(found[0]):
                yield found[0], bare(_REMARK.sub(_kept, found[1]))
            elif (match := _IS.fullmatch(part.rstrip(".;, "))) is not None:
                yield match["label"], bare(match["value"])


def _kept(match: re.Match[str]) -> str:
    return "`" if match[0].startswith("`") else ""


def _is_mask(text: str) -> bool:
    return _CALLED_MASK.match(text) is not None


_CALLED_MASK = re.compile(r"\W*(?:the\s+)?mask", re.IGNORECASE)


def _in_order(text: str, by_number: Mapping[str, str]) -> dict[str, str]:
    """Items 1 to n of a numbered list, where the proof has the masks 1 to n."""
    items = [match for line in text.split("\n") if (match := _NUMBERED.match(line[:5000]))]
    if [match["number"] for match in items] != list(by_number):
        return {}
    return {by_number[match["number"]]: bare(match["value"]) for match in items}


_NUMBERED = re.compile(r"[ \t]*(?P<number>\d{1,9})[.):][ \t]+(?P<value>\S[^\n]*)$")
