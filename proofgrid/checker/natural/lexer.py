"""Tokens of NDL, coarse enough to make an LALR parser in Python fast.

A parenthesised formula is one token (it is read once for every distinct text, later), a rule's name with its ``on``
is one, a label with its ``:=`` is one. Positions are offsets into the text; comments are blanked out first, so they
stay true. Everything is linear in the text's length: a regular expression finds the end of formulas nested up to
twelve deep, and parentheses deeper than that are matched in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Final, TypeAlias

from proofgrid.checker.natural.deep import Deep
from proofgrid.checker.natural.syntax import Application, From, Label, LarkToken, RuleApplication, Term

NAME_CHARACTERS: Final = "A-Za-z0-9_'-"
IDENTIFIER: Final = rf"[A-Za-z0-9_'][{NAME_CHARACTERS}]*"
KEYWORDS: Final = {"by": "BY", "on": "ON", "assume": "ASSUME", "suppose-absurd": "SUPPOSE"}
MACRO_KEYWORDS: Final = {**KEYWORDS, "from": "FROM"}
UNFILLED: Final = re.compile(rf"(?<![{NAME_CHARACTERS}])(?:GAP-?[0-9]+|MASK-?[0-9]+|GAP|MASK)(?![{NAME_CHARACTERS}])")
"""A slot that an answer should have filled."""
_PUNCTUATION: Final = {",": "COMMA", ";": "SEMI", "{": "LBRACE", "}": "RBRACE", ")": "RPAREN"}

_LEVELS: Final = 12
_formula = r"\([^(){};,:]*+\)"
for _ in range(_LEVELS - 1):
    _formula = rf"\((?:[^(){{}};,:]++|{_formula})*+\)"
FORMULA: Final = _formula
"""What looks like a formula in parentheses, up to twelve levels of them."""
_TOKEN = rf"\s*+(?:({IDENTIFIER})(?:\s*+(:=)|\s++((?i:on))(?![{NAME_CHARACTERS}]))?+|({_formula})|(\()|([,;{{}})])|(:=)"
_NEXT: Final = {
    operators: (re.compile(_TOKEN + other, re.ASCII), re.compile(_TOKEN.replace(FORMULA, "(?!)") + other, re.ASCII))
    for operators, other in ((False, r"|(\S))"), (True, r"|(<==>|==>|[~&|])|(\S))"))
}
"""By whether connectives are tokens (then group 8): the next token, and the same where a ``(`` is always one."""
_A_FORMULA = re.compile(FORMULA)
_NO_KEYWORD = rf"(?!(?=[bofasBOFAS])(?i:by|on|from|assume|suppose-absurd)(?![{NAME_CHARACTERS}]))"
WORD: Final = rf"{_NO_KEYWORD}{IDENTIFIER}+"  # possessive: the end of a word is no keyword
_TERM = rf"(?:{WORD}|{_formula})"
_LABELLED = rf"\s*+(?:({WORD})\s*+:=)?+"
_ARGUMENTS = rf"\s*+({_TERM}(?:\s*+,\s*+{_TERM})*+)\s*+"
STEP_AS_WRITTEN: Final = {
    "ndl": rf"{_LABELLED}\s*+(?:({_TERM})\s*+(?i:by)\s++)?+({WORD})\s++(?i:on)(?![{NAME_CHARACTERS}]){_ARGUMENTS}",
    "macro": rf"{_LABELLED}\s*+({_TERM})\s*+((?i:from))(?![{NAME_CHARACTERS}]){_ARGUMENTS}",
}
"""Pattern of a whole step whose arguments are formulas and names: label, conclusion, rule, arguments."""
_STEP: Final = {language: re.compile(rf"{step}(?:;|(?=}})|\Z)", re.ASCII) for language, step in STEP_AS_WRITTEN.items()}
"""Such a step with the ``;`` after it, or up to a ``}``."""
_OPENING: Final = re.compile(
    rf"{_LABELLED}\s*+((?i:assume|suppose-absurd))(?![{NAME_CHARACTERS}]){_LABELLED}\s*+({_TERM})\s*+{{", re.ASCII
)
"""How a composite opens: its label, the keyword, the hypothesis's label, the hypothesis."""
_COMMENT = re.compile(r"#[^\n]*")
_WORDS_OF_A_PROOF = re.compile(rf"(?<![{NAME_CHARACTERS}])(?i:on|by|from|assume|suppose-absurd)(?![{NAME_CHARACTERS}])")
_CLOSED = re.compile(r"\)*+")


class Token(LarkToken):
    """One token. ``type`` is a terminal of the grammar; ``step`` numbers APPLY and FROM tokens, from 1."""

    __slots__ = ("end", "start", "step", "text", "type")

    def __init__(self, type_: str, text: str, start: int, end: int, step: int = 0) -> None:
        self.type = type_
        self.text = text
        self.start = start
        self.end = end
        self.step = step

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text[:60]!r}, {self.start})"


class Terms(LarkToken):
    """A list of terms with commas between them, as one token: the arguments of most applications."""

    __slots__ = ("terms",)
    type = "TERMS"

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms

    @property
    def text(self) -> str:
        """The first term's text, for messages."""
        return self.terms[0].text

    @property
    def start(self) -> int:
        """Where the first term starts."""
        return self.terms[0].start


class Steps(LarkToken):
    """Some whole steps of a block in a row, with the semicolons between them, as one token."""

    __slots__ = ("steps",)
    type = "STEPS"

    def __init__(self, steps: list[Application]) -> None:
        self.steps = steps

    @property
    def step(self) -> int:
        """The last step's number."""
        return self.steps[-1].step

    @property
    def start(self) -> int:
        """Where the first step starts."""
        return self.steps[0].start

    @property
    def end(self) -> int:
        """Where the last step ends."""
        return self.steps[-1].end


class Opening(LarkToken):
    """``[name :=] assume [name :=] formula {``, or the same with ``suppose-absurd``, as one token."""

    __slots__ = ("end", "hypothesis", "hypothesis_label", "keyword", "keyword_start", "labels", "start")
    type = "OPENING"
    step = 0

    def __init__(self, match: re.Match[str]) -> None:
        label, keyword, inner, hypothesis = match.groups()
        self.labels = () if label is None else (Label(label, *match.span(1)),)
        self.keyword = keyword
        self.keyword_start = match.start(2)
        self.hypothesis_label = None if inner is None else Label(inner, *match.span(3))
        self.hypothesis = Term(hypothesis, *match.span(4))
        self.start = self.keyword_start if label is None else match.start(1)
        self.end = match.end()

    def apart(self, text: str) -> Iterator[AnyToken]:
        """The single tokens, as :func:`tokenize` makes them of ``text``; the hypothesis is known to be a formula."""
        inner = self.hypothesis_label
        for label in self.labels:
            yield Token("LABEL", label.text, label.start, text.index("=", label.end) + 1)
        end = self.keyword_start + len(self.keyword)
        yield Token(KEYWORDS[self.keyword.lower()], self.keyword, self.keyword_start, end)
        if inner is not None:
            yield Token("LABEL", inner.text, inner.start, text.index("=", inner.end) + 1)
        yield self.hypothesis
        yield Token("LBRACE", "{", self.end - 1, self.end)


AnyToken: TypeAlias = Token | Term
Coarse: TypeAlias = Token | Term | Steps | Application | Opening
"""A token of :func:`scan`."""
RowReader: TypeAlias = Callable[[int, int], "tuple[list[Application], int, Token | None]"]
"""From an offset and the number of steps before it: the steps there, where what follows begins, and the ``;`` before
that."""


def blank_comments(text: str) -> str:
    """The same text, of the same length, with a space for every character of a comment."""
    if "#" not in text:
        return text
    return _COMMENT.sub(lambda match: " " * (match.end() - match.start()), text)


def holds_a_proof(text: str) -> bool:
    """Whether a parenthesised text is a proof (it has a keyword of proofs) rather than a formula."""
    return (" " in text or "\n" in text or "\t" in text) and _WORDS_OF_A_PROOF.search(text) is not None


def count_steps(tokens: Sequence[Coarse]) -> int:
    """The number of the last application."""
    for token in reversed(tokens):
        if not isinstance(token, Term) and token.step:
            return token.step
    return 0


def fuse(tokens: Sequence[Coarse]) -> list[Coarse | Terms]:
    """The tokens as the grammar takes them: plain arguments in one TERMS token, ``BY rule on`` in one BYAPPLY."""
    out: list[Coarse | Terms] = []
    append = out.append
    terms: list[Term] | None = None  # of the application under way
    comma: Token | None = None
    for token in tokens:
        kind = token.type
        if terms is not None:
            if kind == "TERM":
                if comma is not None or not terms:
                    terms.append(token)  # type: ignore[arg-type]
                    comma = None
                    continue
            elif kind == "COMMA" and comma is None and terms:
                comma = token  # type: ignore[assignment]
                continue
            if terms:
                append(Terms(terms))
            if comma is not None:
                append(comma)
                comma = None
            terms = None
        if kind == "APPLY":
            if out and out[-1].type == "BY":
                out.pop()
                token = Token("BYAPPLY", token.text, token.start, token.end, token.step)  # type: ignore[union-attr]
            terms = []
        elif kind == "FROM":
            terms = []
        append(token)
    if terms:
        append(Terms(terms))
    if comma is not None:
        append(comma)
    return out


def tokenize(text: str, language: str = "ndl", *, to_the_end: bool = True) -> list[AnyToken]:
    """Tokens of ``text`` (whose comments are blank already). Total: what fits nothing is an UNKNOWN token.

    Not ``to_the_end``: the first of those, which no proof has, ends the list.
    """
    return _scan(text, language, None, None, to_the_end=to_the_end)  # type: ignore[return-value]


def tokenize_loosely(text: str, language: str) -> list[AnyToken]:
    """What :func:`tokenize` makes, but connectives outside parentheses, which no proof has, are OP tokens."""
    return _scan(text, language, None, None, to_the_end=True, operators=True)  # type: ignore[return-value]


def scan(text: str, language: str) -> list[Coarse]:
    """Tokens of ``text`` as :func:`tokenize` makes them, but the plain steps that stand in a row in a block as one, and
    what opens a composite as one.

    Faster, and for right texts only: a formula in such a step is not yet known to be one, and the first token that no
    proof has (UNKNOWN) ends the list.
    """
    return _scan(text, language, _STEP[language], None, to_the_end=False)


def scan_through(text: str, language: str, read_row: RowReader) -> list[Coarse]:
    """What :func:`scan` makes of a text in which other tokens are yet to be repaired: nothing ends the list early.

    ``read_row`` reads the steps in a row, which may have slips between them. Where a ``(`` is a token there are no
    rows, as it may belong to steps on both its sides. Connectives are OP tokens as in :func:`tokenize_loosely`.
    """
    return _scan(text, language, None, read_row, to_the_end=True, operators=True)


def with_openings_apart(tokens: Iterable[Coarse], text: str) -> Iterator[Coarse]:
    """What :func:`scan` made of a text whose formulas are some, each Opening in single tokens."""
    for token in tokens:
        if type(token) is Opening:
            yield from token.apart(text)
        else:
            yield token


def plain_steps(text: str, language: str) -> list[re.Match[str]] | None:
    """The steps of a text (whose comments are blank) that is nothing but plain steps and the semicolons between them.

    A match's groups are the label, the conclusion, the rule and the arguments, as text. None where there is anything
    else, or nothing.
    """
    found: list[re.Match[str]] = []
    match_step = _STEP[language].match
    at, end = 0, len(text.rstrip())
    while at < end:
        match = match_step(text, at)
        if match is None or (match.end() < end and text[match.end() - 1] != ";"):
            return None
        found.append(match)
        at = match.end()
    return found or None


def step_of(match: re.Match[str], number: int, language: str) -> Application:
    """The step that a pattern that begins with :data:`STEP_AS_WRITTEN` found."""
    label, stated, rule, given = match.group(1, 2, 3, 4)
    start = rule_start = match.start(3)
    conclusion: Term | None = None
    if stated is not None:
        start = match.start(2)
        conclusion = Term(stated, start, match.end(2))
    labels: tuple[Label, ...] = ()
    if label is not None:
        start = match.start(1)
        labels = (Label(label, start, match.end(1)),)
    at, end = match.span(4)
    arguments = []
    for piece in given.split(","):
        text = piece.strip()
        begin = at if text is piece else at + piece.index(text)
        arguments.append(Term(text, begin, begin + len(text)))
        at += len(piece) + 1
    if language == "ndl":
        return RuleApplication(number, rule, rule_start, tuple(arguments), conclusion, start, end, labels)
    return From(number, "from", rule_start, tuple(arguments), conclusion, start, end, labels)


def _row_of(kind: str, mark: str, start: int, end: int) -> Iterator[Token]:
    """A token for each of the same marks in a row."""
    places = [*range(start, end + 1)]
    return map(Token, repeat(kind), repeat(mark), places[:-1], places[1:])


def _scan(
    text: str,
    language: str,
    step: re.Pattern[str] | None,
    read_row: RowReader | None,
    *,
    to_the_end: bool,
    operators: bool = False,
) -> list[Coarse]:
    keywords = MACRO_KEYWORDS if language == "macro" else KEYWORDS
    tokens: list[Coarse] = []
    append = tokens.append
    match_next = _NEXT[operators][0].match
    match_step = None if step is None else step.match
    in_rows = match_step is not None or read_row is not None
    fresh = in_rows  # whether a step may start here
    rows = False  # whether there are any
    deep: Deep | None = None
    steps = 0
    at, end = 0, len(text.rstrip())
    while at < end:
        if fresh:
            fresh = False
            row: list[Application] = []
            after: Token | None = None
            if match_step is None:
                assert read_row is not None
                row, at, after = read_row(at, steps)
                steps += len(row)
            else:
                while (match := match_step(text, at)) is not None:
                    steps += 1
                    row.append(step_of(match, steps, language))
                    at = match.end()
                    if text[at - 1] != ";":
                        break
                if row and text[at - 1] == ";":
                    after = Token("SEMI", ";", at - 1, at)
            if row:
                rows = True
                append(Steps(row) if tokens or len(row) > 1 or to_the_end else row[0])
                if after is not None:
                    append(after)
            if match_step is not None and (after is not None or not row):
                match = _OPENING.match(text, at)
                if match is not None:
                    append(Opening(match))
                    at = match.end()
                    fresh = True
                    continue
            if row:
                continue
        match = match_next(text, at)
        assert match is not None
        group = match.lastindex or 0
        at = match.end()
        if group == 1:
            word = match.group(1)
            kind = keywords.get(word.lower())
            if kind is None:
                append(Term(word, at - len(word), at))
            elif kind == "FROM":
                steps += 1
                append(Token("FROM", word, match.start(1), at, steps))
            else:
                append(Token(kind, word, match.start(1), at))
        elif group == 6:
            word = match.group(6)
            append(Token(_PUNCTUATION[word], word, at - 1, at))
            fresh = in_rows and (word == ";" or word == "{")
            if word == ")" == text[at : at + 1]:
                first, at = at, _CLOSED.match(text, at).end()  # type: ignore[union-attr]
                tokens += _row_of("RPAREN", ")", first, at)
        elif group == 3:
            word = match.group(1)
            if word.lower() in keywords:  # the word before this `on` is no rule: read the two apart
                at = match.end(1)
                append(Token(keywords[word.lower()], word, match.start(1), at))
            else:
                steps += 1
                append(Token("APPLY", word, match.start(1), at, steps))
        elif group == 2:
            word = match.group(1)
            if word.lower() in keywords:
                at = match.end(1)
                append(Token(keywords[word.lower()], word, match.start(1), at))
            else:
                append(Token("LABEL", word, match.start(1), at))
        elif group == 4:
            word = match.group(4)
            if holds_a_proof(word):
                at = match.start(4) + 1
                if in_rows and match_step is None:
                    in_rows = False
                    if rows:
                        tokens[:] = tokenize_loosely(text[: at - 1], language)
                append(Token("LPAREN", "(", at - 1, at))
            else:
                append(Term(word, match.start(4), at))
        elif group == 5:
            start = match.start(5)
            if deep is None:
                deep = Deep(text, _LEVELS, _WORDS_OF_A_PROOF)
                if step is None:
                    match_next = _NEXT[operators][1].match  # where each `(` ends is known from here on
            stop = deep.end(start)
            if stop is None and step is None and deep.closes(start):
                formula = _A_FORMULA.match(text, start)
                if formula is not None and not holds_a_proof(formula.group()):
                    stop = formula.end()
            if stop is None:
                if step is not None and not to_the_end and tokens and tokens[-1].type == "LPAREN":
                    return [*tokens, Token("UNKNOWN", "(", start, at)]  # nor is this
                if in_rows and match_step is None:
                    in_rows = False
                    if rows:
                        tokens[:] = tokenize_loosely(text[:start], language)
                append(Token("LPAREN", "(", start, at))
                if step is None and text.startswith("(", at):
                    first, at = at, deep.row_end(at)
                    tokens += _row_of("LPAREN", "(", first, at)
            else:
                at = stop
                append(Term(text[start:stop], start, stop))
        elif group == 7:
            append(Token("ASSIGN", ":=", match.start(7), at))
        else:
            kind = "OP" if operators and group == 8 else "UNKNOWN"
            append(Token(kind, match.group(group), match.start(group), at))
            if not to_the_end:  # no proof as it stands: the rest need not be read at once
                break
    return tokens
