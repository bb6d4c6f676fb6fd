"""Slips of the pen: ways in which a proof in strict syntax is written by someone who is careless about syntax.

None changes what a proof says to a reader. So a right proof should survive them, and a wrong one must not be saved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Slip = Callable[[str, Random], str]

WORD = r"(?<![\w'-]){}(?![\w'-])"


def _all(pattern: str, new: str) -> Slip:
    return lambda text, rng: re.sub(pattern, new, text)


def _one(pattern: str, new: str) -> Slip:
    def slip(text: str, rng: Random) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text
        match = rng.choice(found)
        return text[: match.start()] + match.expand(new) + text[match.end() :]

    return slip


def _lines(change: Callable[[str, int], str]) -> Slip:
    def slip(text: str, rng: Random) -> str:
        return "\n".join(change(line, n) for n, line in enumerate(text.split("\n"), 1))

    return slip


def _step(line: str) -> bool:
    return re.search(r"\b(on|from)\b", line) is not None


SLIPS: dict[str, Slip] = {
    "a parenthesis lost at an end": _one(r"\)(?=[;,\n])", ""),
    "an outer pair lost": _one(r"(?<=BY )|(?<=\n)(\s*)\(([^()\n]*)\)(?= BY)", r"\1\2"),
    "Unicode": lambda t, r: t.replace("<==>", "↔").replace("==>", "→").replace("&", "∧").replace("|", "∨")
    .replace("~", "¬"),
    "LaTeX": lambda t, r: t.replace("<==>", r"\leftrightarrow").replace("==>", r"\to").replace("&", r"\land")
    .replace("|", r"\lor").replace("~", r"\neg"),
    "HTML": lambda t, r: t.replace("<==>", "&lt;==&gt;").replace("==>", "==&gt;").replace(" & ", " &amp; "),
    "words": lambda t, r: t.replace(" <==> ", " iff ").replace(" ==> ", " implies ").replace(" & ", " and ")
    .replace(" | ", " or ").replace("~", "not"),
    "arrows": lambda t, r: t.replace("<==>", "<->").replace("==>", "->"),
    "double arrows": lambda t, r: t.replace("<==>", "<=>").replace("==>", "=>"),
    "C operators": lambda t, r: t.replace(" & ", " && ").replace(" | ", " || ").replace("~ ", "!"),
    "minus for not": lambda t, r: t.replace("(~ ", "(-"),
    "a semicolon lost": _one(r";\n", "\n"),
    "every semicolon lost": _all(r";\n", "\n"),
    "a semicolon doubled": _one(r";", ";;"),
    "on lost": _one(r" on ", " "),
    "calls": _all(r"([a-z-]+'?) on ([^;{}\n]+)", r"\1(\2)"),
    "bullets": _lines(lambda line, n: re.sub(r"^(\s*)(?=\S)", r"\1- ", line) if _step(line) else line),
    "numbers": _lines(lambda line, n: re.sub(r"^(\s*)(?=\S)", rf"\g<1>{n}. ", line) if _step(line) else line),
    "backticks": _all(WORD.format(r"premise-(\d+)"), r"`premise-\1`"),
    "bold rules": _all(r"BY ([a-z-]+)", r"BY **\1**"),
    "premise spelled out": _all(WORD.format(r"premise-(\d+)"), r"Premise \1"),
    "premise in one word": _all(WORD.format(r"premise-(\d+)"), r"premise\1"),
    "premise with underscore": _all(WORD.format(r"premise-(\d+)"), r"premise_\1"),
    "rules in capitals": lambda t, r: re.sub(r"([a-z-]+)(?=\s+on\s)", lambda m: m[1].upper(), t),
    "rules with underscores": lambda t, r: re.sub(r"([a-z-]+)(?=\s+on\s)", lambda m: m[1].replace("-", "_"), t),
    "rules with spaces": lambda t, r: re.sub(r"([a-z-]+)(?=\s+on\s)", lambda m: m[1].replace("-", " "), t),
    "remarks //": _lines(lambda line, n: f"{line} // so it is" if _step(line) else line),
    "remarks --": _lines(lambda line, n: f"{line} -- so it is" if _step(line) else line),
    "remarks %": _lines(lambda line, n: f"{line} % so it is" if _step(line) else line),
    "remarks /* */": _lines(lambda line, n: f"{line} /* so it is */" if _step(line) else line),
    "QED": lambda t, r: t + "\nQED",
    "a last sentence": lambda t, r: t + "\nThis completes the argument, as was to be shown.",
    "a brace too many": lambda t, r: t + "\n}",
    "full stops": _all(r"(?<=[\w)]);\n", ".;\n"),
    "a code fence": lambda t, r: f"```\n{t}\n```",
    "hypothesis with a colon": _all(r"(assume|suppose-absurd) ([\w'-]+) := ", r"\1 \2: "),
    "subscripts": lambda t, r: re.sub(r"([A-Z])(\d)(?![\w])", lambda m: m[1] + chr(0x2080 + int(m[2])), t),
    "no-break spaces": lambda t, r: t.replace(" BY ", "\u00a0BY\u00a0"),
    "carriage returns": lambda t, r: t.replace("\n", "\r\n"),
    "a byte order mark": lambda t, r: "\ufeff" + t,
    "keywords in capitals": lambda t, r: re.sub(r"\b(assume|suppose-absurd|on)\b", lambda m: m[1].upper(), t),
    "by in small letters": lambda t, r: t.replace(" BY ", " by "),
    "announcement named": _one(r"(?<=\n)(\s*)([^\n;{}:=]+) BY ([a-z-]+)( on)", r"\1result1 BY \3\4"),
    "no outer braces": lambda t, r: re.sub(r"\A\{\n(.*)\n\}\Z", r"\1", t, flags=re.DOTALL),
    "no spaces": lambda t, r: t.replace(" & ", "&").replace(" | ", "|").replace(" ==> ", "==>").replace("(~ ", "(~"),
}  # fmt: skip

FORGETFUL = ("announcement named",)
"""Slips that leave out something a proof said, and what was wrong with it may be just that."""


def asserted(text: str, premises: list[str]) -> str:
    """The proof after the problem's own assert lines."""
    return "\n".join(f"assert premise-{n} := {p}" for n, p in enumerate(premises, 1)) + "\n" + text
