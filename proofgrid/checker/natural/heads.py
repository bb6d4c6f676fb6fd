"""Repairs of what stands before a step's arguments: rules and keywords in other spellings, and calls."""

from __future__ import annotations

import re

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import CALL, HYPOTHESIS_NAME, KEYWORD, RULE
from proofgrid.checker.natural.lexer import AnyToken, Token
from proofgrid.checker.natural.spelling import spelled_rule
from proofgrid.checker.natural.syntax import Term
from proofgrid.checker.parsing import shorten
from proofgrid.checker.rules import RULES


def respelled(written: str, rule: str, at: int) -> Repair:
    """The repair of a rule's name."""
    return Repair(RULE, at, f"read the rule '{written}' as '{rule}'")


def respell(tokens: list[AnyToken]) -> list[Repair]:
    """Give rules that are spelled another way their own names, in place; the repairs made."""
    repairs = []
    for i, token in enumerate(tokens):
        if token.type == "APPLY" and token.text not in RULES:
            name = spelled_rule(token.text)
            if name is not None:
                repairs.append(respelled(token.text, name, token.start))
                tokens[i] = Token("APPLY", name, token.start, token.end, token.step)  # type: ignore[union-attr]
    return repairs


def join_words(tokens: list[AnyToken], repairs: list[Repair], _: str) -> list[AnyToken]:
    """Rules and keywords written as two words, with ``_`` or ``:``, and the hypothesis' name before ``:`` or ``=``."""
    out: list[AnyToken] = []
    for i, token in enumerate(tokens):
        kind = token.type
        if kind not in _MAY_JOIN or (kind == "TERM" and token.text[0] == "("):
            out.append(token)
            continue
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        before = out[-1].type if out else ""
        if kind == "FROM" and before == "BY":
            by = out.pop()
            repairs.append(Repair(KEYWORD, by.start, f"read '{by.text} {token.text}' as 'from'"))
        elif (kind == "UNKNOWN" and token.text == ":" and before in ("BY", "APPLY", "FROM")) or (
            kind == "ON" and before == "FROM"
        ):
            repairs.append(Repair(KEYWORD, token.start, f"dropped a '{token.text}' before the arguments"))
            continue
        word = token.text.lower()
        if kind == "TERM" and word in ("suppose_absurd", "supposeabsurd"):
            repairs.append(Repair(KEYWORD, token.start, f"read '{token.text}' as 'suppose-absurd'"))
            token = Token("SUPPOSE", token.text, token.start, token.end)
        elif kind == "TERM" and word == "absurd" and out and out[-1].text.lower() == "suppose":
            first = out.pop()
            repairs.append(Repair(KEYWORD, first.start, "read 'suppose absurd' as 'suppose-absurd'"))
            token = Token("SUPPOSE", first.text, first.start, token.end)
        elif kind == "APPLY" and word == "contradiction" and _by_is_its_own(out):
            first = out.pop()
            repairs.append(Repair(RULE, first.start, "read the rule 'by contradiction' as 'by-contradiction'"))
            token = Token("APPLY", "by-contradiction", first.start, token.end)
        elif kind == "TERM" and word in _FOR_ON and following is not None and _names_a_rule(out):
            first = out.pop()
            shown = shorten(f"{first.text} {token.text}")
            repairs.append(Repair(KEYWORD, token.start, f"read '{shown}' as '{shorten(first.text)} on'"))
            token = Token("APPLY", first.text, first.start, token.end)
        elif kind in ("APPLY", "TERM") and out and isinstance(out[-1], Term) and out[-1].is_name:
            first = out[-1]
            two = spelled_rule(f"{first.text}-{token.text}") if len(first.text) + len(token.text) < 40 else None
            rule_follows = kind == "APPLY" or (following is not None and following.type in ("TERM", "LPAREN"))
            if two is not None and rule_follows and spelled_rule(first.text) is None:
                out.pop()
                repairs.append(Repair(RULE, first.start, f"read the rule '{first.text} {token.text}' as '{two}'"))
                if kind == "APPLY":
                    token = Token("APPLY", two, first.start, token.end)
                else:
                    token = Term(two, first.start, token.end)
        elif kind == "UNKNOWN" and token.text == "=" and len(out) > 1 and out[-1].text == ":":
            label = out[-2]
            if isinstance(label, Term) and label.is_name:
                del out[-2:]
                repairs.append(Repair(KEYWORD, label.end, f"read ': =' behind '{shorten(label.text)}' as ':='"))
                token = Token("LABEL", label.text, label.start, token.end)
        elif kind == "UNKNOWN" and token.text in (":", "=") and len(out) > 1 and out[-2].type in ("ASSUME", "SUPPOSE"):
            name = out[-1]
            if isinstance(name, Term) and name.is_name and following is not None and following.type != "LBRACE":
                out.pop()
                shown = shorten(f"{name.text}{token.text}")
                repairs.append(Repair(HYPOTHESIS_NAME, name.start, f"read '{shown}' as '{shorten(name.text)} :='"))
                token = Token("LABEL", name.text, name.start, token.end)
        out.append(token)
    return out


_MAY_JOIN = frozenset(["TERM", "APPLY", "FROM", "ON", "UNKNOWN"])
"""The tokens that may be joined to what stands before them."""
_FOR_ON = ("with", "from", "using", "of", "to")
"""Words that stand for the ``on`` behind a rule's name."""
_BEFORE_A_RULE = frozenset(["BY", "SEMI", "LBRACE", "RBRACE", "LABEL", "COMMA", "LPAREN"])
"""The tokens behind which a rule's name may stand."""


def _names_a_rule(out: list[AnyToken]) -> bool:
    """Whether the last token is a rule's name at the place where a step begins."""
    rule = out[-1] if out else None
    if not isinstance(rule, Term) or spelled_rule(rule.text) is None:
        return False
    return len(out) < 2 or out[-2].type in _BEFORE_A_RULE


def read_calls(tokens: list[AnyToken], repairs: list[Repair], kinds: str, text: str) -> list[AnyToken]:
    """``rule(a, b)``, ``rule on (a, b)``, ``[a, b]`` and ``{a, b}`` as ``rule on a, b``."""
    closes, lists = _enclosed(kinds)
    dropped: set[int] = set()
    rules: dict[int, AnyToken] = {}
    """Names that get their ``on``, by where they stand."""
    for head in _BEFORE_A_BRACKET.finditer(kinds):
        i = head.start()
        token, following = tokens[i], tokens[i + 1]
        called = i + 1 in closes
        if kinds[i] == "t":
            if following.start - token.end > 1 or spelled_rule(token.text) is None:
                continue
            if following.type == "TERM":
                if not following.text.startswith("(") or text[token.end : token.end + 1] != "(":
                    continue
            elif not called:
                continue
            before = i - 1
            while before in dropped:
                before -= 1
            if before >= 0 and tokens[before].type not in _BEFORE_A_RULE:
                continue
            if called:
                dropped |= {i + 1, closes[i + 1]}
            shown = shorten(f"{token.text}(")
            repairs.append(Repair(CALL, token.start, f"read '{shown}...)' as '{shorten(token.text)} on ...'"))
            rules[i] = Token("APPLY", token.text, token.start, token.end)
        elif (
            called
            and (following.text == "[" or (i + 1 in lists and not _starts_a_proof(tokens, i + 2)))
            and not _comma(tokens, closes[i + 1] + 1)
        ):
            dropped |= {i + 1, closes[i + 1]}
            repairs.append(Repair(CALL, following.start, f"dropped the '{following.text}' around the arguments"))
        elif (braced := _IN_BRACES.match(kinds, i + 1)) is not None:
            dropped |= {i + 1, braced.end() - 1}
            repairs.append(Repair(CALL, following.start, "dropped the '{' around the arguments"))
    if not dropped and not rules:
        return tokens
    return [rules.get(i, token) for i, token in enumerate(tokens) if i not in dropped]


_BEFORE_A_BRACKET = re.compile(r"t(?=[t(])|[af](?=[(\[{])")
"""What may be a rule, before what may be an opened list of arguments."""
_IN_BRACES = re.compile(r"\{[t,]++\}(?!,)")
_OF_LISTS = re.compile(r"[(\[\]),;]")


def _enclosed(kinds: str) -> tuple[dict[int, int], set[int]]:
    """Where each ``(`` and ``[`` is closed, and which of them have a comma, and no ``;`` after the last, in them."""
    closes: dict[int, int] = {}
    lists: set[int] = set()
    if "(" not in kinds and "[" not in kinds:
        return closes, lists
    opened: list[int] = []
    for match in _OF_LISTS.finditer(kinds):
        kind, i = match.group(), match.start()
        if kind == "(" or kind == "[":
            opened.append(i)
        elif not opened:
            continue
        elif kind == ",":
            lists.add(opened[-1])
        elif kind == ";":
            lists.discard(opened[-1])
        else:
            start = opened.pop()
            if (kinds[start] == "(") is (kind == ")"):
                closes[start] = i
    return closes, lists


def _comma(tokens: list[AnyToken], i: int) -> bool:
    return i < len(tokens) and tokens[i].type == "COMMA"


def _starts_a_proof(tokens: list[AnyToken], i: int) -> bool:
    """Whether a proof rather than a formula stands at a token (as an argument, in parentheses)."""
    kind = tokens[i].type
    following = tokens[i + 1].type if i + 1 < len(tokens) else "END"
    return kind in ("APPLY", "LABEL", "ASSUME", "SUPPOSE", "LBRACE") or following in ("BY", "FROM")


def _by_is_its_own(out: list[AnyToken]) -> bool:
    """Whether the ``by`` before ``contradiction`` belongs to the rule's name: no conclusion stands before it."""
    if not out or out[-1].type != "BY":
        return False
    return len(out) < 2 or out[-2].type in _BEFORE_A_RULE
