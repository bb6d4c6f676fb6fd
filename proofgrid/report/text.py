"""Text from a model or a server made safe to look at: nothing invisible, nothing that reorders a line.

Escaping for HTML is jinja2's and the browser's business (autoescape, textContent). This is about characters that are
harmless as markup and still deceive a reader: bidi controls, zero-width characters, tags, other control characters.
"""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """``text`` with every hidden character written as ``⟨U+202E⟩``; tabs and line feeds stay, CR LF becomes LF."""
    return _HIDDEN.sub(lambda m: f"⟨U+{ord(m.group()):04X}⟩", text.replace("\r\n", "\n"))


def utf8(text: str) -> bytes:
    """``text`` as UTF-8; a lone surrogate, which has no UTF-8, is written as ``⟨U+D800⟩``."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", lambda m: f"⟨U+{ord(m.group()):04X}⟩", text).encode()


def one_line(text: str, limit: int) -> str:
    """The first line-like ``limit`` characters of ``text``, visible, with an ellipsis where something was cut."""
    flat = " ".join(text[: 4 * limit + 4].split())
    cut = flat[:limit].rstrip() + "…" if len(flat) > limit or len(text) > 4 * limit + 4 else flat
    return visible(cut)


_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def spell(number: int) -> str:
    """Small numbers in words."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"
