"""Single values of an answer as models write them: truth values, line numbers, texts, and members by any spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.texts import FENCE_OPENS


class ContradictionError(ValueError):
    """An answer gives one thing two values; the message says which. Readers catch it: it never leaves them."""


def member(value: Any, *names: str) -> Any:
    """The member of an object that is called one of ``names``, in any spelling; None if it has none.

    Raises ContradictionError if two of them are there with different values.
    """
    if not isinstance(value, Mapping):
        return None
    wanted = _all_folded(names)
    found = [item for key, item in value.items() if folded(str(key)) in wanted and item is not None]
    if any(item != found[0] for item in found[1:]):
        raise ContradictionError(f'"{names[0]}" is given twice, with different values')
    return found[0] if found else None


@lru_cache(maxsize=256)
def _all_folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, names))


def has_member(value: Any, *names: str) -> bool:
    """Whether an object has a member called one of ``names``, null included."""
    wanted = _all_folded(names)
    return isinstance(value, Mapping) and any(folded(str(key)) in wanted for key in value)


def unwrapped(value: Any) -> Any:
    """``value`` out of lists and objects that hold nothing else."""
    for _ in range(3):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, Mapping) and len(value) == 1:
            value = next(iter(value.values()))
    return value


def as_bool(value: Any) -> bool | None:
    """A truth value as models write them: true, "True", "yes", "correct", 1; None where it is none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = value.strip().strip(".").casefold() if isinstance(value, str) else None
    if word is None:
        return None
    if _YES.fullmatch(word):
        return True
    return False if _NO.fullmatch(word) else None


_YES = re.compile(
    "true|yes|correct|valid|right|sound|t|y|vrai|oui|correcte|juste|richtig|wahr|ja|korrekt|verdadero|sí|si|correcto"
    "|válido|vero|corretto|verdadeiro|sim|correto|да|верно|правильно|истина|是|对|對|正确|正確|真|はい|正しい|참"
)
_NO = re.compile(
    "false|no|incorrect|invalid|wrong|unsound|flawed|f|n|faux|non|incorrecte|invalide|falsch|nein|inkorrekt|unwahr"
    "|falso|incorrecto|inválido|scorretto|errato|não|incorreto|нет|неверно|неправильно|ложь|否|错|錯|错误|錯誤"
    "|不正确|不正確|假|いいえ|誤り|거짓"
)
_COUNTED = re.compile(
    "(zero|zeroth)|(one|first)|(two|second)|(three|third)|(four|fourth)|(five|fifth)|(six|sixth)|(seven|seventh)"
    "|(eight|eighth)|(nine|ninth)|(ten|tenth)|(eleven|eleventh)|(twelve|twelfth)|(thirteen|thirteenth)"
    "|(fourteen|fourteenth)|(fifteen|fifteenth)|(sixteen|sixteenth)|(seventeen|seventeenth)|(eighteen|eighteenth)"
    "|(nineteen|nineteenth)|(twenty|twentieth)"
)
"""Numbers in words; the group that matches, counted from 0, is the number."""
_WORD = re.compile(r"(?:(?:the|lines?|steps?|number)\s+)*(?P<word>[a-z]{3,12})(?:\s+(?:line|step))?", re.IGNORECASE)
_NUMBER = (
    r"(?:the\s+)?(?:(?:lines?|steps?|l|no|number|nr|row)\b|l(?=\d))?[\s.#:_-]*(\d{1,9})(?:\.0+|st|nd|rd|th)?\s*[.:)]?"
    r"(?:\s*(?:line|step))?(?:\s+(?:of|out\s+of)\s+\d{1,9})?"
)


def as_int(value: Any) -> int | None:
    """A number as models write it: 7, 7.0, "7", "line 7", "Step 7:", "#7"; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**9 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e9 else None
    if isinstance(value, str):
        plain = value.strip().strip("`*\"'").strip()
        match = re.fullmatch(_NUMBER, plain, re.IGNORECASE)
        if match is not None:
            return int(match[1])
        spelled = _WORD.fullmatch(plain[:60])
        counted = _COUNTED.fullmatch(spelled["word"].casefold()) if spelled else None
        return None if counted is None or counted.lastindex is None else counted.lastindex - 1
    return None


def as_lines(value: Any) -> tuple[int, ...] | None:
    """The lines that are named: one, or all of a range ("5-6") or list ([5, 6], "5 and 6"); None if it is neither.

    Whoever judges must ask that *all* of them are right: a range is no way to guess.
    """
    if isinstance(value, list):
        numbers = [as_int(item) for item in value[:1000]]
        return tuple(n for n in numbers if n is not None) if None not in numbers and numbers else None
    single = as_int(value)
    if single is not None:
        return (single,)
    if isinstance(value, str):
        text = re.sub(r"(?i)\blines?\b|\bnos?\b\.?|[\[\](){}]", " ", value).strip()
        match = re.fullmatch(r"(\d{1,6})\s*(?:-|–|—|to|\.\.+)\s*(\d{1,6})", text, re.IGNORECASE)
        if match and 0 <= int(match[2]) - int(match[1]) < 1000:
            return tuple(range(int(match[1]), int(match[2]) + 1))
        parts = re.split(r"\s*(?:,|&|\band\b)\s*", text)
        if len(parts) > 1 and all(re.fullmatch(r"\d{1,9}", part) for part in parts):
            return tuple(map(int, parts))
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
    opened = FENCE_OPENS.match(bare)
    if opened is None or not bare.endswith(("```", "~~~")):
        return text
    body = bare[opened.end() :].rstrip(bare[-1]).rstrip(" \t").removesuffix("\n")
    return body if "```" not in body else text
