"""Strict reading of a proof: tokens through the LALR table of ``proof.lark`` to a syntax tree.

There is one parser. Instrumented reading repairs the text or the tokens first (:mod:`proofgrid.checker.natural.repair`)
and then comes here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, Final, Literal, TypeAlias

from proofgrid.checker.errors import ProofSyntaxError
from proofgrid.checker.natural.lexer import (
    KEYWORDS,
    AnyToken,
    Coarse,
    Opening,
    Steps,
    Terms,
    Token,
    blank_comments,
    count_steps,
    fuse,
    tokenize,
)
from proofgrid.checker.natural.syntax import (
    Application,
    Argument,
    Assume,
    Block,
    Definition,
    From,
    Label,
    Node,
    ParsedProof,
    Proof,
    RuleApplication,
    SupposeAbsurd,
    Term,
)
from proofgrid.checker.parsing import shorten
from proofgrid.checker.places import Places, plain_text

_READABLE: Final = {
    "APPLY": "a rule with 'on'",
    "TERM": "a formula or name",
    "TERMS": "a formula or name",
    "LABEL": "'name :='",
    "BYAPPLY": "'BY' with a rule and 'on'",
    "ON": "'on'",
    "FROM": "'from'",
    "ASSUME": "'assume'",
    "SUPPOSE": "'suppose-absurd'",
    "COMMA": "','",
    "SEMI": "';'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "LPAREN": "'('",
    "RPAREN": "')'",
    "$END": "the end of the proof",
}


_NOT_IN: Final = {"ndl": ("FROM",), "macro": ("APPLY", "BYAPPLY", "ON")}
"""Terminals that the one grammar has, and a language has not."""


def _arguments(given: list[Argument] | Terms) -> tuple[Argument, ...]:
    return tuple(given.terms) if type(given) is Terms else tuple(given)  # type: ignore[arg-type]


def _label(token: Token) -> Label:
    return Label(token.text, token.start, token.start + len(token.text))


def _block(items: Sequence[Node], start: int, end: int) -> Block:
    last = items[-1]
    if type(last) is Definition:
        raise ProofSyntaxError(
            "a block may not end with a definition: it names a formula and claims nothing", last.start
        )
    return Block(tuple(items), start, end)


def _with_labels(node: Proof, tokens: list[Token]) -> Proof:
    """The node, which was just made, with names."""
    node.labels = tuple([_label(token) for token in tokens])
    node.start = tokens[0].start
    return node


class _Build:
    """Callbacks of the grammar's rules; each gets the list of its children."""

    @staticmethod
    def start(children: list[Any]) -> Any:
        return children[0]

    only = start  # of a rule of one symbol that says nothing itself

    @staticmethod
    def named(children: list[Any]) -> Proof:
        return _with_labels(children[1], children[:1])

    @staticmethod
    def named_often(children: list[Any]) -> Proof:
        return _with_labels(children[1], children[0])

    @staticmethod
    def application(children: list[Any]) -> RuleApplication:
        token, arguments = children
        given = _arguments(arguments)
        start = token.start
        return RuleApplication(token.step, token.text, start, given, None, start, given[-1].end)

    @staticmethod
    def annotated(children: list[Any]) -> RuleApplication:
        term, token, arguments = children
        given = _arguments(arguments)
        return RuleApplication(token.step, token.text, token.start, given, term, term.start, given[-1].end)

    @staticmethod
    def derivation(children: list[Any]) -> From:
        term, token, arguments = children
        given = _arguments(arguments)
        return From(token.step, "from", token.start, given, term, term.start, given[-1].end)

    @staticmethod
    def block(children: list[Any]) -> Block:
        return _block(children[1], children[0].start, children[-1].end)

    @staticmethod
    def opened(children: list[Any]) -> Assume | SupposeAbsurd:
        opening: Opening = children[0]
        end = children[-1].end
        make = Assume if KEYWORDS[opening.keyword.lower()] == "ASSUME" else SupposeAbsurd
        block = _block(children[1], opening.end - 1, end)
        return make(opening.hypothesis, opening.hypothesis_label, block, opening.start, end, opening.labels)

    @staticmethod
    def assume(children: list[Any]) -> Assume:
        token, (term, label), block = children
        return Assume(term, label, block, token.start, block.end)

    @staticmethod
    def suppose(children: list[Any]) -> SupposeAbsurd:
        token, (term, label), block = children
        return SupposeAbsurd(term, label, block, token.start, block.end)

    @staticmethod
    def unnamed(children: list[Any]) -> tuple[Term, Label | None]:
        return children[0], None

    @staticmethod
    def labelled(children: list[Any]) -> tuple[Term, Label | None]:
        return children[1], _label(children[0])

    @staticmethod
    def first(children: list[Any]) -> list[Any]:
        return children

    @staticmethod
    def more(children: list[Any]) -> list[Any]:
        head = children[0]
        items: list[Any] = head.terms if type(head) is Terms else head
        items.append(children[2])
        return items

    @staticmethod
    def row(children: list[Any]) -> list[Any]:
        return list(children[0].steps)

    @staticmethod
    def more_rows(children: list[Any]) -> list[Any]:
        items: list[Any] = children[0]
        items.extend(children[2].steps)
        return items

    @staticmethod
    def define(children: list[Any]) -> Definition:
        token, term = children
        return Definition((_label(token),), term, token.start, term.end)

    @staticmethod
    def define_often(children: list[Any]) -> Definition:
        tokens, term = children
        return Definition(tuple(_label(t) for t in tokens), term, tokens[0].start, term.end)

    @staticmethod
    def push(children: list[Any]) -> list[Any]:
        items: list[Any] = children[0]
        items.append(children[1])
        return items

    @staticmethod
    def parenthesised(children: list[Any]) -> Argument:
        argument: Argument = children[1]
        return argument


_Reduction: TypeAlias = tuple[int, "Callable[[list[Any]], Any] | None", str]
_Row: TypeAlias = dict[str, Any]
"""What a state does by terminal or made symbol: the next state's row, or a _Reduction. (A type cannot hold itself.)"""


@lru_cache(maxsize=1)
def _table() -> tuple[_Row, _Row]:
    """The LALR table's rows at the start and the end.

    A reduction has all it needs: (children, callback, what it makes). Without a callback the child stands for itself.
    :mod:`proofgrid.checker.natural.grammar` had lark make it from ``proof.lark``: making it anew in every process took
    longer than most proofs.
    """
    text = files("proofgrid.checker.natural").joinpath("proof_table.json").read_text(encoding="utf-8")
    made = json.loads(text)
    reductions: list[_Reduction] = [
        (size, None if size == 1 and callback in ("only", "start") else getattr(_Build, callback), origin)
        for size, callback, origin in made["reductions"]
    ]
    rows: list[_Row] = [{} for _ in made["states"]]
    for row, state in zip(rows, made["states"], strict=True):
        row |= {name: rows[number] for name, number in state["moves"].items()}
        row |= {name: reductions[number] for name, number in state["reductions"].items()}
    return rows[made["start"]], rows[made["end"]]


class _Unfit(Exception):
    """The token that does not fit (None: the end), the terminals that would have, and where the driver was.

    ``rows`` and ``values`` are its stacks, and ``left`` has the tokens after the one that does not fit.
    """

    def __init__(
        self,
        token: Coarse | Terms | None,
        rows: list[_Row],
        values: list[Any],
        left: Iterator[Coarse | Terms | None],
    ) -> None:
        super().__init__()
        self.token = token
        self.rows = rows
        self.values = values
        self.left = left

    @property
    def expected(self) -> frozenset[str]:
        """The terminals that would have fitted."""
        return frozenset(name for name in self.rows[-1] if name.isupper())


def _drive(tokens: Sequence[Coarse | Terms], unfit: _Unfit | None = None) -> Any:
    """What lark's own driver would make of the tokens, in a third of the time; of more tokens where it stopped.

    Raises _Unfit, and what the callbacks raise. Every move is one of lark's table. Only the loop is ours: a reduction's
    length and callback are looked up once a process, where lark's looks them up at every move.
    """
    start, end = _table()
    rows: list[_Row]
    values: list[Any]
    left: Iterator[Coarse | Terms | None]
    if unfit is None:
        rows, values, left = [start], [], iter((*tokens, None))
    else:
        rows, values, left = unfit.rows, unfit.values, chain(tokens, [unfit.token], unfit.left)
    get = rows[-1].get
    for token in left:
        kind = "$END" if token is None else token.type
        while type(move := get(kind)) is tuple:
            size, callback, made = move
            if callback is not None:
                children = values[-size:]
                values[-size:] = (callback(children),)
            del rows[-size:]
            below = rows[-1]
            row = below[made]
            get = row.get
            while type(move := get(kind)) is tuple and move[1] is None:
                row = below[move[2]]
                get = row.get
            if row is end and token is None:
                return values[-1]
            rows.append(row)
        if move is None:
            raise _Unfit(token, rows, values, left)
        rows.append(move)
        get = move.get
        values.append(token)
    raise AssertionError("the end is reduced or does not fit")


def _with_rows_apart(
    tokens: Sequence[Coarse | Terms], apart: Callable[[Sequence[Application]], Iterable[AnyToken]]
) -> Any:
    """What the driver makes of tokens with the steps of each row one by one. Raises as it does."""
    unfit: _Unfit | None = None
    while True:
        try:
            return _drive(tokens, unfit)
        except _Unfit as error:
            if type(error.token) is Steps:
                row = error.token
                error.token = next(error.left)
            elif error.values and type(error.values[-1]) is Steps:
                row = error.values.pop()
                error.rows.pop()
            else:
                raise
            tokens, unfit = fuse([*apart(row.steps)]), error


def parse_tokens(tokens: Sequence[AnyToken], text: str, language: Literal["ndl", "macro"]) -> ParsedProof:
    """The tree of a token list. Raises ProofSyntaxError at the first token that does not fit."""
    try:
        root = _drive(fuse(tokens))
    except _Unfit as error:
        raise _located(error, tokens, text, language) from None
    return ParsedProof(text, root, count_steps(tokens), language, Places(text))


def parse_repaired(
    tokens: Sequence[Coarse],
    text: str,
    language: Literal["ndl", "macro"],
    apart: Callable[[Sequence[Application]], Iterable[AnyToken]],
) -> ParsedProof:
    """What :func:`parse_tokens` makes of the tokens with the steps in each row one by one, as ``apart`` makes them.

    They are made where a row does not fit, as a step alone may, and before what does not, whose error they decide.
    """
    try:
        root = _with_rows_apart(fuse(tokens), apart)
    except _Unfit as error:
        raise _located(error, tokens, text, language) from None
    return ParsedProof(text, root, count_steps(tokens), language, Places(text))


def parse_scanned(tokens: Sequence[Coarse], text: str, language: Literal["ndl", "macro"]) -> ParsedProof | None:
    """The tree of what :func:`scan` made; None where it has none, for a reason that parse_tokens gives."""
    if text.count("{") != text.count("}"):
        return None
    try:
        root = _drive(fuse(tokens))
    except (_Unfit, ProofSyntaxError):
        return None
    return ParsedProof(text, root, count_steps(tokens), language, Places(text))


def _located(error: _Unfit, tokens: Sequence[Coarse], text: str, language: str) -> ProofSyntaxError:
    token = error.token
    expected = sorted(error.expected - {"STEP", "STEPS", "OPENING"})
    fitting = [name for name in _READABLE if name in expected and name not in _NOT_IN[language]]
    wanted = list(dict.fromkeys(_READABLE[name] for name in fitting))
    if not isinstance(token, (Token, Term, Terms)):
        at = tokens[-1].end if tokens else len(text.rstrip())
        found = "the proof ends too soon" if tokens else "there is no proof"
    else:
        at = token.start
        if isinstance(token, Token) and token.type == "BY" and "BYAPPLY" in expected:
            after = next((t.start for t in tokens if t.start >= token.end), token.end)
            return ProofSyntaxError("a rule with 'on' and arguments must follow 'BY'", after, tuple(expected))
        if token.type == "BYAPPLY":
            return ProofSyntaxError(f"no conclusion stands before 'BY {token.text}'", at, tuple(expected))
        if isinstance(token, Token) and token.start == token.end:  # a repair put it there
            found = "the step is not complete here"
        else:
            shown = token.text if isinstance(token, Terms) else text[token.start : token.end]
            found = f"'{shorten(shown, 40)}' does not fit here"
    choice = " or ".join([", ".join(wanted[:-1]), wanted[-1]] if len(wanted) > 1 else wanted)
    message = found + (f": expected {choice}" if wanted and len(wanted) <= 6 else "")
    return ProofSyntaxError(message, at, tuple(expected))


def parse_proof(text: str, language: Literal["ndl", "macro"] = "ndl") -> ParsedProof:
    """Read a proof strictly. Raises ProofSyntaxError (``offset``: 0-based) where the text is no proof.

    Formulas are not looked into: whether each is well formed is found when the proof is checked.
    """
    plain = blank_comments(plain_text(text))
    return parse_tokens(tokenize(plain, language), plain, language)
