"""Text as a person sees it: without HTML, XML or LaTeX around it, quoting marks and characters that look like others.

For texts that are read as they stand, where no JSON holds the answer. Every function takes time linear in the text.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final

from proofgrid.tasks.answers.texts import tail

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_CHARACTERS: Final = {**_INVISIBLE, **_FULL_WIDTH, 0x3000: " ", 0xA0: " ", 0x202F: " "}


def plain_characters(text: str) -> str:
    """``text`` with full-width punctuation as ASCII, and without characters that are not seen."""
    return text.translate(_CHARACTERS)


def unmarked_end(text: str, lines: int = 10_000) -> str:
    """The end of a text, as ``tail`` cuts it, without marks: tags can make many lines of one."""
    return tail(unmarked(tail(text, lines)), lines)


_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w:.-]{0,40})(?P<attributes>(?:\s[^<>]{0,400})?)/?>")
_NUMBER = re.compile(r"""\b(?:id|n|no|num|number|index|step|name|gap|mask)\s*=\s*["']?(?P<value>[\w-]{1,20})""")
_INLINE = re.compile(
    "a|abbr|b|big|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|tt|u|var|center|math|m[ion]|mrow"
)
_BLOCK = re.compile(
    "answer|article|blockquote|body|br|details|div|final|final_answer|footer|h[1-6]|head|header|hr|html|main|ol|output|p"
    "|pre|proof|response|result|section|solution|style|summary|table|tbody|tfoot|thead|title|tr|ul"
)
_LATEX_NOISE = re.compile(
    r"\\(?:begin|end)[ \t]*\{(?P<environment>[A-Za-z]{1,20}\*?)\}(?:\[[^\]\n]{0,80}\]|\{[^}\n]{0,80}\})*"
    r"|\\(?:quad|qquad|displaystyle|left|right(?![a-z])|big|Big|hfill|noindent|centering)(?![A-Za-z])|\\[,;!:](?=[\s\\$\w(])"
    r"|\\[()\[\]](?!\w*[*+?])|\$\$?"
)
_BRACES = re.compile(
    r"(?P<box>\\(?:text|texttt|textbf|textit|textrm|textsf|mathtt|mathrm|mathsf|mathbf|mathit|emph|underline|boxed|fbox|"
    r"verb|operatorname\*?)[ \t]*)?\{|\}"
)
_LATEX_ESCAPE = re.compile(r"\\([_#&%{}])")
_LATEX_SIGNS = re.compile(r"\\(?:text|math|begin|item|boxed|\[|\()|\$|\\\\[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=4)
def unmarked(text: str) -> str:
    """``text`` without marks of HTML, XML, LaTeX and quotation; ``<name>value</name>`` becomes ``name: value``."""
    text = plain_characters(text)
    if "<" in text:
        text = text.replace("<![CDATA[", "").replace("]]>", "")
        text = _TAG.sub(_tag, text)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if ">" in text:
        text = re.sub(r"^[ \t]{0,3}(?:>[ \t]?)+", "", text, flags=re.MULTILINE)
    if _DIFF.search(text):
        text = _changed(text)
    if _LATEX_SIGNS.search(text):
        text = _without_latex(text)
    return text


_DIFF = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*(?:diff|patch)[ \t]*$", re.MULTILINE | re.IGNORECASE)


def _changed(text: str) -> str:
    """What the blocks of differences in a text change it to: without the lines taken out, and without marks."""
    out: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            inside = not inside and _DIFF.match(line) is not None
        elif inside:
            if line.startswith(("-", "@@", "+++ ")):
                continue
            line = line[1:] if line.startswith(("+", " ")) else line
        out.append(line)
    return "\n".join(out)


_PARAMETER = re.compile(r"""\bname\s*=\s*["'](?P<value>[\w -]{1,40})["']""")


def _tag(match: re.Match[str]) -> str:
    name = match["name"].casefold()
    if name in ("parameter", "param", "argument", "arg", "field") and not match["close"]:
        # A call of a tool in XML: the member is called by the attribute.
        called = _PARAMETER.search(match["attributes"])
        return f"\n{called['value'] if called else match['name']}: "
    if name in ("dt", "dd"):
        return "\n" if (name == "dt") is not bool(match["close"]) else ": " if match["close"] else ""
    if _INLINE.fullmatch(name):
        return ""
    if _BLOCK.fullmatch(name):
        return "\n" if name != "tr" or not match["close"] else " |\n"
    if name in ("td", "th"):
        return "" if match["close"] else " | "
    if name == "li":
        return "\n" if match["close"] else "\n- "
    if match["close"]:
        return "\n"
    number = _NUMBER.search(match["attributes"])
    return f"\n{match['name']}{' ' + number['value'] if number else ''}: "


def _unboxed(text: str) -> str:
    """``text`` without LaTeX's boxes, however deep they stand in each other; other braces stay."""
    boxes: list[tuple[int, int]] = []  # where each open brace's mark begins and ends; (-1, -1) for one that stays
    dropped: list[tuple[int, int]] = []
    for match in _BRACES.finditer(text):
        if match[0] != "}":
            boxes.append(match.span() if match["box"] else (-1, -1))
        elif boxes and (opened := boxes.pop())[0] >= 0:
            dropped += (opened, match.span())
    out, last = [], 0
    for start, end in sorted(dropped):
        out.append(text[last:start])
        last = end
    return "".join(out) + text[last:]


def _without_latex(text: str) -> str:
    aligned = re.search(r"\\begin\{(?:align|array|tabular|aligned|eqnarray)", text) is not None
    text = _unboxed(text)
    text = re.sub(r"\\item(?:[ \t]*\[(?P<label>[^\]\n]{0,40})\])?", lambda m: f"\n{m['label'] or '-'} ", text)
    text = _LATEX_NOISE.sub(" ", text)
    text = re.sub(r"\\\\(?=[ \t]*(?:\n|$)|[ \t]+)", "\n", text)
    text = re.sub(r"\\ ", " ", text)
    if aligned:
        # Columns of an alignment; a conjunction is written \land there, or "\&".
        text = re.sub(r"(?<!\\)&+", " ", text)
    return _LATEX_ESCAPE.sub(r"\1", text)
