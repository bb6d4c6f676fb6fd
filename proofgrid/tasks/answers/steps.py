"""Steps of a proof that come one by one: as objects, as items of a list or as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.texts import MOST_CELLS, Test, cells, is_rule_of_table

_NUMBERS = ("line", "number", "no", "step", "index", "id", "k", "n", "#", "linenumber", "lineno", "stepnumber")
_NAMES = ("name", "label", "id", "identifier", "bind", "binding")
_FORMULAS = (
    "formula",
    "statement",
    "wff",
    "expression",
    "conclusion",
    "content",
    "result",
    "proposition",
    "sentence",
    "claim",
)
_REASONS = ("justification", "reason", "rule", "by", "why", "from", "justifiers", "justifications", "premises")
_ARGUMENTS = (
    "from",
    "on",
    "args",
    "arguments",
    "lines",
    "refs",
    "references",
    "premises",
    "uses",
    "inputs",
    "cites",
    "cited",
    "index",
    "number",
)
_WHOLE = ("text", "line", "step", "proofline", "code", "content", "statement")


def as_lines_of_proof(value: Any, language: str) -> list[str] | None:
    """The lines of a proof that came as a list, or as an object from numbers to lines; None if it is neither."""
    if isinstance(value, Mapping):
        numbered = [(re.fullmatch(r"\D{0,12}(\d{1,6})\W*", str(key)), item) for key, item in value.items()]
        if not value or any(match is None for match, _ in numbered):
            return None
        items = [item for _, item in sorted(((int(m[1]), item) for m, item in numbered if m), key=lambda pair: pair[0])]
        if language == "hilbert" and all(isinstance(item, str) for item in items):
            items = [f"{match[1]}. {item}" for match, item in numbered if match]
    elif isinstance(value, list):
        items = value
    else:
        return None
    lines = [_line(item, index, language) for index, item in enumerate(items)]
    return None if None in lines else [line for line in lines if line is not None]


def _line(item: Any, index: int, language: str) -> str | None:
    """A line of a proof: a string, [number, formula, reason], or an object with these."""
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        if len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], str) and _WHOLE_STEP.search(item[1]):
            named = re.fullmatch(r"[A-Za-z][\w'-]*", item[0].strip())
            return f"{item[0].strip()} := {item[1]}" if named and language != "hilbert" else item[1]
        if 2 <= len(item) <= 3 and all(isinstance(part, (str, int)) for part in item):
            number, formula, reason = (index, *item) if len(item) == 2 else item
            return _written(str(number), str(formula), str(reason), language)
        return None
    if not isinstance(item, Mapping):
        return None
    members: dict[str, Any] = {folded(str(key)): value for key, value in item.items()}
    formula = next((members[name] for name in _FORMULAS if isinstance(members.get(name), str)), None)
    at, reason = next(((name, members[name]) for name in _REASONS if members.get(name) not in (None, "")), ("", None))
    if formula is not None and reason is not None:
        more = next(
            (members[name] for name in _ARGUMENTS if name != at and members.get(name) not in (None, "", [])), None
        )
        because = _reason(reason, more, language)
        names = _NUMBERS if language == "hilbert" else _NAMES
        number = next((members[name] for name in names if isinstance(members.get(name), (int, str))), index)
        return None if because is None else _written(str(number).rstrip("."), formula, because, language)
    whole = [str(members[name]) for name in _WHOLE if isinstance(members.get(name), str)]
    return str(whole[0]) if len(whole) == 1 else None


_WHOLE_STEP = re.compile(r"\S\s(?:BY|by|from)\s+\S|:=")


def _written(number: str, formula: str, reason: str, language: str) -> str:
    """One step as its language writes it. A name that is a number names nothing outside Hilbert proofs."""
    formula = formula.strip().rstrip(",; ").strip("`")
    reason = reason.strip().rstrip(";. ").strip("`")
    if language == "hilbert":
        return f"{number}. {formula}, {reason};"
    named = f"{number} := " if re.fullmatch(r"[A-Za-z][\w'-]*", number) else ""
    word = "from" if language == "macro" else "BY"
    reason = re.sub(rf"(?i)^{word}\b\s*", "", reason)
    return f"{named}{formula} {word} {reason};"


def _reason(value: Any, arguments: Any, language: str) -> str | None:
    """A reason as text: a rule and what it is applied to, together or apart."""
    if isinstance(value, Mapping):
        members = {folded(str(key)): item for key, item in value.items()}
        rule = next(
            (members[n] for n in ("rule", "name", "type", "kind", "by") if isinstance(members.get(n), str)), None
        )
        arguments = next((members[n] for n in _ARGUMENTS if members.get(n) not in (None, "", [])), arguments)
        if rule is None:
            return None
        value = rule
    parts = [str(part) for part in (value if isinstance(value, list) else [value])]
    said = ", ".join(parts)
    if arguments is None:
        return said
    cited = ", ".join(str(part) for part in (arguments if isinstance(arguments, list) else [arguments]))
    if language == "hilbert":
        return f"{said}, {cited}"
    return cited if language == "macro" else f"{said} on {cited}"


_NUMBER_WORD = "one|two|three|four|five|six|seven|eight|nine|ten"
_ITEM = re.compile(
    r"[ \t]*(?:(?:[-*•+]|\(?\d{1,4}[.):]|"
    rf"(?:\*\*|__)?[Ss]tep (?:\d{{1,4}}|{_NUMBER_WORD})(?:[.:)]|\*\*|__){{1,3}})[ \t]+"
    r"|\d{1,4}(?:[ \t]*[|│][ \t]*|\t|  +)|(?=[`]))"
)
_LISTED = re.compile(r"(?:\A|\n)[^\S\n]*+(?:[-*•+_|`]|\(?\d|[Ss]tep )")
"""The beginning of a line that may be an item or a row: most steps are neither, and need no second look."""
_BOLD = re.compile(r"[ \t]*(\*\*|__)(?P<inside>[^*].*?)\1[ \t]*")
_CODE = re.compile(r"(?:\*\*)?(`+)(?P<code>[^`]+)\1(?:\*\*)?(?:[ \t]*[;,.]?[ \t]*(?:[-–—:(,#].*|//.*)?)?")


def without_list(text: str, language: str, line_fits: Test) -> str:
    """``text`` with the steps of its lists and tables as plain lines; other lines stay as they are."""
    if _LISTED.search(text) is None:
        return text
    out: list[str] = []
    header: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("|") and bare.count("|") >= 2:
            row = cells(bare)
            if is_rule_of_table(bare):
                continue
            if not header:
                header = [cell.casefold() for cell in row]
            step = _row(row, header, language, line_fits)
            out.append(line if step is None else step)
            continue
        header = []
        out.append(_item(line, line_fits))
    return "\n".join(out)


def _item(line: str, line_fits: Test) -> str:
    if len(line) > 20_000:
        return line
    if (bold := _BOLD.fullmatch(line)) is not None and line_fits(bold["inside"]):
        line = bold["inside"]
    marker = _ITEM.match(line)
    if marker is None:
        return line
    rest = line[marker.end() :]
    code = _CODE.fullmatch(rest.strip())
    if code is not None and line_fits(code["code"]):
        return code["code"]
    return rest if marker.end() > 0 and line_fits(rest) else line


def _row(row: list[str], header: list[str], language: str, line_fits: Test) -> str | None:
    """A row of a table as a step: a cell that is one, or a formula and its reason under a heading that says so."""
    if len(row) > MOST_CELLS:
        return None
    plain = [cell.strip("`* ") for cell in row]
    whole = [cell for cell in plain if line_fits(cell)]
    if len(whole) == 1:
        return whole[0]
    if len(row) < 2 or len(header) != len(row):
        return None
    formula = next(
        (k for k, head in enumerate(header) if re.search(r"formula|statement|conclu|claim|result", head)), None
    )
    reason = next((k for k, head in enumerate(header) if re.search(r"from|justif|reason|rule|by\b|why", head)), None)
    if (
        formula is None
        or reason is None
        or [cell.casefold() for cell in plain] == [cell.strip("`* ") for cell in header]
    ):
        return None
    return _written(plain[0] if formula > 0 else "", plain[formula], plain[reason], language)
