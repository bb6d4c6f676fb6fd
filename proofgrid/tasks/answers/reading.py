"""Reading answers: finds the JSON object that a model meant to hand in, in whatever it wrote.

Reasoning before the answer is passed over, several candidates may stand in the text, and the last complete one counts.
Nothing that was cut off is ever completed, except for closing brackets after a whole last value. One answer that says
two different things is no answer. Every function is total and takes time linear in the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

from proofgrid.tasks.answers.markup import plain_characters, unmarked
from proofgrid.tasks.answers.members import Members, contradiction, folded
from proofgrid.tasks.answers.near_json import NotJson, decode_object
from proofgrid.tasks.answers.outline import read_outline
from proofgrid.tasks.answers.scanning import arrays_in, calls_in, objects_in
from proofgrid.tasks.answers.texts import FENCE_AFTER, FENCE_BEFORE, code_blocks, tail
from proofgrid.tasks.core import EMPTY, Reading

CUT_OFF: Final = "the text ends inside a JSON object: the answer was cut off"
UNFINISHED: Final = "the text ends inside the reasoning, before any answer"

_REASONING = (
    r"(?:\w+:)?(?:antthinking|think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|(?:internal|inner)[_-]?"
    r"monologue|chain[_-]of[_-]thought|cot)"
)
_CLOSE_THINK = re.compile(
    rf"</\s*{_REASONING}\s*>|\[/THINK(?:ING)?\]|◁/think▷"
    r"|<\|channel\|>\s*final\s*(?:<\|message\|>)?|<\|end_of_thought\|>|<\|begin_of_solution\|>",
    re.IGNORECASE,
)
_OPEN_THINK = re.compile(
    rf"\s*(?:<\s*{_REASONING}\s*>|\[THINK(?:ING)?\]|◁think▷"
    r"|<\|channel\|>\s*analysis|<\|begin_of_thought\|>)",
    re.IGNORECASE,
)
_SPECIAL = re.compile(r"<\|(?:im_end|end|return|eot_id|endoftext|end_of_solution)\|>|</s>")


def nothing_to_read(answer: str, offset: int, repairs: Mapping[str, None]) -> Reading | None:
    """The reading of a text that holds no answer (blank, or reasoning that never ends), or None."""
    if not answer.strip():
        return Reading(None, tuple(repairs), EMPTY)
    if offset < 0:
        return Reading(None, tuple(repairs), UNFINISHED)
    return None


def read_json_answer(
    text: str,
    required: tuple[str, ...],
    aliases: Mapping[str, Sequence[str]] | None = None,
    last_resort: Mapping[str, Sequence[str]] | None = None,
) -> Reading:
    """The last complete JSON object in ``text`` that has every key of ``required``; ``value`` is a dictionary.

    Keys that differ only in case, ``_``, ``-`` or spaces count as the ones asked for, and so do their ``aliases``;
    where no object has those, names that could mean other things too (``last_resort``: "answer", "result") do. If
    no object has them all, ``value`` is None and ``problem`` says which are missing, or that the text ends inside one.
    If the object gives a member twice with different values, ``value`` is None and ``problem`` says so.
    """
    answer, offset, repairs = after_reasoning(text)
    nothing = nothing_to_read(answer, offset, repairs)
    if nothing is not None:
        return nothing
    names = Names(required, aliases or {})
    found = candidates(answer, names)
    if not found.complete and last_resort and not found.ended:
        every = {key: (*(aliases or {}).get(key, ()), *last_resort.get(key, ())) for key in required}
        instead = candidates(answer, Names(required, every))
        names, found = (Names(required, every), instead) if instead.complete else (names, found)
    for repair, other in _rewritten(answer, names) if not found.complete else ():
        rewritten = candidates(other, names)
        if rewritten.complete:
            answer, found = other, rewritten
            found.complete = [(s, e, v, (repair, *r)) for s, e, v, r in found.complete]
            break
    if not found.complete and not found.ended:
        found.complete = calls(answer, names) or outlines(answer, names)
    if not found.complete and offset > 0:
        # The closing tag may stand inside a string of the answer: then one object spans it.
        whole = candidates(text, names)
        spanning = [c for c in whole.complete if c[0] < offset < c[1]]
        if spanning:
            answer, found.complete, repairs = text, spanning, {}
    if not found.complete:
        return Reading(None, tuple(repairs), found.why(required))
    filled = [c for c in found.complete if not is_placeholder(c[2], required)] or found.complete
    closed = [c for c in filled if "unclosed" not in c[3]]
    start, end, value, more = (closed or filled)[-1]
    for repair in more:
        repairs[repair] = None
    if len(found.complete) > 1:
        repairs["several_candidates"] = None
    before, after = answer[:start], answer[end:]
    if fence := FENCE_BEFORE.search(before[-200:]):
        repairs["fence"] = None
        before = before[: len(before) - len(fence[0])]
        if match := FENCE_AFTER.match(after):
            after = after[match.end() :]
    if before.strip():
        repairs["text_before"] = None
    if after.strip():
        repairs["text_after"] = None
    if value.contradicted is not None:
        return Reading(None, tuple(repairs), said_twice(value.contradicted))
    if (rival := found.rival(answer, start, value)) is not None:
        return Reading(None, tuple(repairs), f"{_SEVERAL} that differ in {rival}")
    for key in required:
        if isinstance(value[key], str) and (single := escaped_once(value[key])) != value[key]:
            value = _with(value, key, single)
            repairs["doubly_escaped"] = None
    return Reading(value, tuple(repairs))


def decided(reading: Reading) -> bool:
    """Whether a reading says for good that there is no answer: it is blank, cut off, or says two things at once.

    Only where it does not may the text be read in other ways.
    """
    problem = reading.problem or ""
    return problem in (EMPTY, CUT_OFF, UNFINISHED) or problem.endswith(_DIFFERENT) or problem.startswith(_SEVERAL)


_DIFFERENT: Final = "twice, with different values"
_SEVERAL: Final = "the answer is a list of several"


def said_twice(name: str) -> str:
    """The ``problem`` of an answer that gives ``name`` two values."""
    return f'the answer gives "{name[:60]}" {_DIFFERENT}'


def _with(value: Members, key: str, item: Any) -> Members:
    return Members([(k, item if k == key else v) for k, v in value.items()])


def _rewritten(answer: str, names: Names) -> list[tuple[str, str]]:
    """What the text may be under one layer of escapes or marks, with the repair's name."""
    layers = []
    answer = tail(answer)
    if re.search(r'\{(?:\s|\\n)*+\\"', answer):
        layers.append(("escaped_json", _unescape(answer)))
    if "&quot;" in answer or "&#34;" in answer or "&#x22;" in answer:
        layers.append(("html", html.unescape(answer)))
    if (plain := plain_characters(answer)) != answer:
        layers.append(("characters", plain))
    if (bare := unmarked(answer)) != answer:
        layers.append(("markup", bare))
    if (member := _MEMBER.search(answer)) and answer.rfind("{", 0, member.start()) < 0:
        # Members without the brace that opens their object.
        layers.append(("unopened", "{" + answer[member.start() :]))
    return layers


_MEMBER = re.compile(r"""^[ \t]*["“](?P<name>[A-Za-z][\w -]{1,40})["”][ \t]*:(?!=)""", re.MULTILINE)


_PLACEHOLDER = re.compile(
    r"\W*(?:(?:please\s)?(?:see|as|given|shown|stated|same as|refer to|the|proof|is|block|code|my|steps?|in|text|"
    r"written|lines?|answer|full|complete)\b\W*){0,10}(?:above|below|before|preceding|earlier|previous)"
    r"(?:\W+(?:code\W+)?block)?\W*|(?:\W*(?:your|the|full|complete|ndl|macro|hilbert|formal|proof|goes|here|text|insert|"
    r"todo|tbd|n/?a|omitted|string)\b)+\W*",
    re.IGNORECASE,
)


def stands_elsewhere(text: str) -> bool:
    """Whether a text only says where the answer is ("see above"), or keeps the place of one ("...")."""
    return len(text) <= 120 and _keeps_a_place(text)


@lru_cache(maxsize=1024)
def _keeps_a_place(text: str) -> bool:
    return not re.search(r"\w", text) or _PLACEHOLDER.fullmatch(text) is not None


def is_placeholder(value: Mapping[str, Any], required: Sequence[str]) -> bool:
    """Whether an object only repeats the answer's format or says that the answer stands elsewhere."""
    texts = [value[key] for key in required]
    return bool(texts) and all(isinstance(text, str) and stands_elsewhere(text) for text in texts)


def escaped_once(text: str) -> str:
    """A text on one line with ``\\n`` written out, as line breaks; LaTeX's ``\\neg`` and the like stay as they are."""
    if "\n" in text:
        return text
    return re.sub(r"\\n(?!eg|ot|e\b|u\b|abla)", "\n", text)


class Names:
    """The keys asked for, and how else each may be spelled."""

    def __init__(self, required: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> None:
        self.required = tuple(required)
        self.spelled = {folded(key): key for key in required}
        for key in required:
            for alias in aliases.get(key, ()):
                self.spelled.setdefault(folded(alias), key)

    @cached_property
    def exact(self) -> Names:
        """The same without aliases: an object that has the keys asked for, deeper down, goes before an alias."""
        return Names(self.required, {})

    def of(self, value: Mapping[str, Any]) -> Members | None:
        """``value`` with its members called as asked; None if one is missing. Two spellings that differ contradict."""
        pairs = [(self.spelled.get(folded(str(name)), str(name)), item) for name, item in value.items()]
        if not {name for name, _ in pairs}.issuperset(self.required):
            return None
        filled = [(n, v) for n, v in pairs if n not in self.required or not _says_nothing(v)]
        if {name for name, _ in filled}.issuperset(self.required):
            pairs = filled
        return Members(pairs)


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and stands_elsewhere(value))


class Found:
    """What a scan met: complete candidates (start, end, value, repairs), and why there are none."""

    def __init__(self) -> None:
        self.complete: list[tuple[int, int, Members, tuple[str, ...]]] = []
        self.best: dict[str, Any] | None = None
        self.ended = False

    def why(self, required: Sequence[str]) -> str:
        """Why there is no candidate."""
        if self.ended:
            return CUT_OFF
        if self.best is None:
            return "there is no JSON object in the answer"
        missing = [f'"{key}"' for key in required if folded(key) not in {folded(k) for k in self.best}]
        return f"no JSON object in the answer has {' and '.join(missing)}"

    def rival(self, text: str, start: int, value: Members) -> str | None:
        """A member in which another object of the same list differs from the one that was taken."""
        for other_start, other_end, other, _ in self.complete:
            if (
                other_end <= start
                and other != value
                and _APART.fullmatch(text, other_end, start)
                and ("," in text[other_end:start] and text[:other_start].rstrip().endswith("["))
            ):
                return next((f'"{k}"' for k in value if other.get(k) != value[k]), "their members")
        return None


def candidates(text: str, names: Names) -> Found:
    """Every JSON object of ``text`` that has the names, in order."""
    found = Found()
    objects, found.ended = objects_in(text)
    split: list[Members] = []  # what stands right before, without the names
    last = 0
    for start, end, value, repairs in objects:
        if text[last:start].strip(_BETWEEN):
            split = []
        near, last = last, end
        taken = None
        if value or not names.required:
            nested = None if names.exact.of(value) is not None else _with_names(value, names.exact, 0)
            taken = nested or _with_names(value, names, 0)
        if taken is not None:
            inner, more = taken
            if inner.contradicted is None and value.contradicted is not None:
                inner = inner.contradicting(value.contradicted)
            if "nested" not in more or not _goes_on(found, value, near, text[near:start]):
                found.complete.append((start, end, _joined([*split, inner]), (*repairs, *more)))
                split = []
                continue
        found.best = value
        if not value or not names.required:
            continue
        split.append(value)
        if found.complete and found.complete[-1][1] == near and not text[near:start].strip(_BETWEEN):
            # The members of one answer, an object for each.
            first, _, whole, more = found.complete[-1]
            found.complete[-1] = (first, end, _joined([whole, *split]), more)
            split = []
    return found


def _goes_on(found: Found, value: Members, near: int, between: str) -> bool:
    """Whether an object goes on with the members of the complete one right before it."""
    if not found.complete or found.complete[-1][1] != near or between.strip(_BETWEEN):
        return False
    _, _, whole, more = found.complete[-1]
    return "nested" not in more and {folded(key) for key in value}.isdisjoint(map(folded, whole))


_BETWEEN: Final = " \t\r\n,"
_APART = re.compile(f"[{_BETWEEN}]*+")


def _joined(parts: Sequence[Members]) -> Members:
    """Objects side by side as one; a member that two of them give different values contradicts itself."""
    if len(parts) == 1:
        return parts[0]
    whole = Members([pair for part in parts for pair in part.items()])
    contradicted = next((part.contradicted for part in parts if part.contradicted is not None), None)
    return whole if contradicted is None else whole.contradicting(contradicted)


def calls(text: str, names: Names) -> list[tuple[int, int, Members, tuple[str, ...]]]:
    """Calls with keyword arguments that have the names: ``submit(proof="...")``."""
    found = []
    for start, end, value, repairs in calls_in(text):
        taken = names.of(value)
        if taken is not None and "unclosed" not in repairs:
            found.append((start, end, taken, repairs))
    return found


def outlines(text: str, names: Names) -> list[tuple[int, int, Members, tuple[str, ...]]]:
    """The last outline (YAML) that has the names, as a candidate that is the whole text."""
    end = tail(text)
    blocks = "\n".join(code_blocks(end))
    for plain in dict.fromkeys((end, blocks, unmarked(end))):
        found = read_outline(plain, names.spelled)
        taken = None if found is None else names.of(found)
        if taken is not None:
            return [(0, len(text), taken, ("outline",))]
    return []


def names_a_member(text: str, names: Sequence[str]) -> bool:
    """Whether a text has one of the names in quotation marks before a colon: it is JSON, if broken."""
    wanted = {folded(name) for name in names}
    return any(folded(match["name"]) in wanted for match in _QUOTED_NAME.finditer(text))


_QUOTED_NAME = re.compile(r"""["'“](?P<name>[A-Za-z][\w -]{1,40})["'”]\s{0,20}:(?!=)""")


def read_json_list(text: str, members: Sequence[str]) -> tuple[list[Any], tuple[str, ...]] | None:
    """The last JSON array of ``text`` whose items are objects that have one of ``members``; (array, repairs)."""
    wanted = {folded(name) for name in members}
    return last_array(
        text, lambda item: isinstance(item, dict) and not wanted.isdisjoint(folded(str(key)) for key in item)
    )


def last_array(text: str, fits: Callable[[Any], bool]) -> tuple[list[Any], tuple[str, ...]] | None:
    """The last JSON array of ``text`` that is not empty and of which every item fits; (array, repairs)."""
    answer, offset, _ = after_reasoning(text)
    for value, repairs in reversed(arrays_in(answer) if offset >= 0 else ()):
        if value and all(map(fits, value)) and "unclosed" not in repairs and contradiction(value) is None:
            return value, (*repairs, "array")
    return None


@lru_cache(maxsize=16)
def _object_as_text(text: str) -> tuple[Members | None, tuple[str, ...]]:
    """The object that a string holds as JSON, and what was repaired; None where it holds none.

    Kept for the last few: one answer is asked for several sets of names in turn.
    """
    try:
        decoded, _, repairs = decode_object(text, text.index("{"))
    except NotJson:
        return None, ()
    return decoded, repairs


def _with_names(value: Any, names: Names, depth: int) -> tuple[Members, tuple[str, ...]] | None:
    """``value``, or the object inside it, that has the names; None if there is none within ``_LEVELS`` levels.

    Several inside it that differ contradict each other, unless the last is called final.
    """
    if isinstance(value, Members):
        if all(key in value for key in names.required) and len(names.required) > 0 and names.of(value) == value:
            return value, ()
        renamed = names.of(value)
        if renamed is not None:
            return renamed, () if renamed == value else ("key_name",)
    if depth >= _LEVELS:
        return None
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [("", item) for item in value]
    taken: list[tuple[str, Members, tuple[str, ...]]] = []
    for name, item in inner:
        if isinstance(item, (dict, list)):
            below = _with_names(item, names, depth + 1)
            if below is not None:
                taken.append((name, below[0], ("nested", *(r for r in below[1] if r != "nested"))))
        elif isinstance(item, str) and item.lstrip().startswith("{"):
            decoded, repairs = _object_as_text(item)
            below = None if decoded is None else _with_names(decoded, names, depth + 1)
            if below is not None and "unclosed" not in repairs:
                taken.append((name, below[0], ("json_text", *repairs, *below[1])))
    if not taken:
        return None
    name, chosen, more = taken[-1]
    if any(other != chosen for _, other, _ in taken) and not _FINAL.match(name):
        chosen = chosen.contradicting(names.required[0])
    return chosen, more


_LEVELS: Final = 6
"""A call of a tool wraps its arguments in five."""
_FINAL = re.compile(r"(?:my[\s_-]*)?(?:final|corrected|revised|answer)", re.IGNORECASE)


def _unescape(text: str) -> str:
    return re.sub(r'\\(["\\n])', lambda m: "\n" if m[1] == "n" else m[1], text)


def after_reasoning(text: str) -> tuple[str, int, dict[str, None]]:
    """(text after the last closing tag of reasoning, its offset, repairs); offset -1 where the reasoning never ends."""
    answer, offset = _after_reasoning(text)
    return answer, offset, {"reasoning": None} if offset else {}


@lru_cache(maxsize=4)
def _after_reasoning(text: str) -> tuple[str, int]:
    text = text.removeprefix("\ufeff")
    offset = max((match.end() for match in _CLOSE_THINK.finditer(text)), default=0)
    if not offset and _OPEN_THINK.match(text):
        return text, -1
    return _SPECIAL.sub("", text[offset:]), offset
