"""First-order terms of the equational language (docs/spec.md, section 5): immutable, interned, compared by identity.

Two terms that read the same *are* the same object, so ``s is t`` is equality and matching a pattern costs the
pattern's size only. Nothing here recurses: terms may be 100,000 levels deep.

Positions are Dewey lists from 1 as tuples: ``()`` is the root, ``(2, 1)`` the first argument of the second argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.counting import count
from proofgrid.checker.errors import TermSyntaxError
from proofgrid.checker.interning import InternTable

Position = tuple[int, ...]
Substitution = Mapping[str, "Term"]

SIGNATURE: Final[Mapping[str, int]] = {
    **dict.fromkeys("abcde", 0),
    **{f"{letter}{n}": arity for letter, arity in zip("fghr", (1, 2, 3, 4), strict=True) for n in ("", 1, 2, 3, 4, 5)},
}
"""Arity of every constant and function symbol (docs/spec.md, section 5)."""


class Term:
    """One term. Make them with :func:`variable`, :func:`apply` or :func:`parse_term`."""

    __slots__ = ("__weakref__", "args", "ground", "name")
    name: str
    args: tuple[Term, ...]
    ground: bool
    """Whether no variable occurs in it."""

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("terms are immutable")

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable (its name starts with an upper-case letter)."""
        return not self.args and self.name[0].isupper()

    def __str__(self) -> str:
        """``h(c,V1,c)``: no spaces."""
        return "".join(_pieces(self))

    def __repr__(self) -> str:
        return f"<Term {show(self, 200)}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return parse_term, (str(self),)


def _pieces(term: Term) -> Iterator[str]:
    stack: list[Term | str] = [term]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        yield item.name
        if item.args:
            yield "("
            stack.append(")")
            for argument in reversed(item.args[1:]):
                stack += [argument, ","]
            stack.append(item.args[0])


def show(term: Term, limit: int) -> str:
    """The term as text, cut with an ellipsis where it would be longer than ``limit`` characters."""
    out: list[str] = []
    room = limit
    for piece in _pieces(term):
        out.append(piece)
        room -= len(piece)
        if room < 0:
            return "".join(out)[: limit - 1] + "…"
    return "".join(out)


_Key = tuple[str, tuple[Term, ...]]
_interned: InternTable[_Key, Term] = InternTable()
_known = _interned.made.get
_new = object.__new__
_put_name = Term.name.__set__  # type: ignore[attr-defined, misc]
_put_args = Term.args.__set__  # type: ignore[attr-defined, misc]
_put_ground = Term.ground.__set__  # type: ignore[attr-defined, misc]


def _make(name: str, args: tuple[Term, ...], ground: bool) -> Term:
    key = (name, args)
    found = _known(key)
    return _add(key, ground) if found is None else found


def _add(key: _Key, ground: bool) -> Term:
    """The term of a key that is not in the table."""
    made = _new(Term)
    _put_name(made, key[0])
    _put_args(made, key[1])
    _put_ground(made, ground)
    return _interned.add(key, made)


def variable(name: str) -> Term:
    """The variable called ``name`` (ValueError unless it starts with an upper-case letter)."""
    if not re.fullmatch(r"[A-Z][A-Za-z0-9_]*", name):
        raise ValueError(f"'{name}' is not a variable: those start with an upper-case letter")
    return _make(name, (), False)


def apply(symbol: str, *args: Term) -> Term:
    """``symbol(args)``, a constant where there are none (ValueError unless the signature has it at that arity)."""
    arity = SIGNATURE.get(symbol)
    if arity is None:
        raise ValueError(f"'{symbol}' is not a symbol of the signature")
    if arity != len(args):
        raise ValueError(f"'{symbol}' takes {count(arity, 'argument')}, not {len(args)}")
    return _make(symbol, args, all(argument.ground for argument in args))


def parse_term(text: str) -> Term:
    """Read one term.

    Raises TermSyntaxError with the offset of the first character that does not fit.
    """
    term, end = scan_term(text, 0)
    if text[end:].strip():
        raise TermSyntaxError("the term ends here, but the text goes on", end + _blank(text, end))
    return term


def scan_term(text: str, start: int) -> tuple[Term, int]:
    """Read the term that starts at offset ``start`` (after blanks); the term and the offset after it."""
    return _scan(text, start, None)


@dataclass(slots=True)
class TermSlips:
    """What a term was read through, if anything."""

    missing: bool = False
    """Whether its last parentheses are missing."""
    renamed: str = ""
    """The first symbol that was written with a ``_``."""
    error: TermSyntaxError | None = None
    """What is wrong at the first slip, for whoever reads the text as it stands."""


def scan_loose(text: str, start: int) -> tuple[Term, int, TermSlips]:
    """The same through what terms may lack: the final parentheses, and ``f_1`` for ``f1``.

    What cannot be read even so raises what :func:`scan_term` raises.
    """
    slips = TermSlips()
    try:
        term, end = _scan(text, start, slips)
    except TermSyntaxError as error:
        raise slips.error or error from None
    return term, end, slips


_SYMBOL = re.compile(r"\s*+([A-Za-z][A-Za-z0-9_]*)\s*(?:(\()|((?:\)\s*)*)(,?))")
"""A name, then what opens its arguments, or what closes those around it and goes on to the next."""
_BRACKET = re.compile(r"[()]")
_BLANKS = re.compile(r"\s*+")


def _scan(text: str, start: int, slips: TermSlips | None) -> tuple[Term, int]:
    """The term at ``start``, one match a symbol; with ``slips`` through slips, which are noted there."""
    symbols: list[str] = []
    waiting: list[list[Term]] = []
    args: list[Term] = []
    position = start
    match_symbol, arity_of = _SYMBOL.match, SIGNATURE.get
    while True:
        match = match_symbol(text, position)
        if match is None:
            at = position + _blank(text, position)
            raise TermSyntaxError(_wanted(text, at, "a term"), at)
        name, opens, closing, comma = match.groups()
        arity = arity_of(name)
        if opens:
            symbols.append(name if arity else _meant(match, slips))
            waiting.append(args)
            args = []
            position = match.end()
            continue
        upper = arity is None and name[0].isupper()
        done = _make(name if arity == 0 or upper else _meant(match, slips), (), not upper)
        for closed in range(closing.count(")")):
            if not symbols:  # this one is not the term's
                return done, _after(match, closed)
            args.append(done)
            symbol = symbols.pop()
            if arity_of(symbol) != len(args):
                at = _opening(text, start, _after(match, closed + 1) - 1) - len(symbol)
                raise TermSyntaxError(f"'{symbol}' takes {count(SIGNATURE[symbol], 'argument')}, not {len(args)}", at)
            key = (symbol, tuple(args))
            found = _known(key)
            if found is None:
                ground = done.ground
                if ground and len(args) > 1:
                    for argument in args:
                        if not argument.ground:
                            ground = False
                            break
                done = _add(key, ground)
            else:
                done = found
            args = waiting.pop()
        if not symbols:
            return done, match.end(3) if slips is None or slips.error is None else _after(match, closing.count(")"))
        args.append(done)
        if not comma:
            at = match.end()
            error = TermSyntaxError(_wanted(text, at, f"',' or ')' in the arguments of '{symbols[-1]}'"), at)
            whole = None if slips is None or text.startswith("(", at) else _closed(symbols, [*waiting, args])
            if slips is None or whole is None:
                raise error
            slips.missing, slips.error = True, slips.error or error
            return whole, _after(match, closing.count(")"))
        if arity_of(symbols[-1]) == len(args):
            takes = count(SIGNATURE[symbols[-1]], "argument")
            raise TermSyntaxError(f"'{symbols[-1]}' takes {takes}; this is one more", match.start(4))
        position = match.end()


def _meant(match: re.Match[str], slips: TermSlips | None) -> str:
    """The symbol that is meant by one that does not fit where it stands; TermSyntaxError where none is."""
    name, opens = match.group(1, 2)
    arity = SIGNATURE.get(name)
    if name[0].isupper():
        error = TermSyntaxError(f"the variable '{name}' takes no arguments", match.start(2))
    elif arity is None:
        error = TermSyntaxError(f"'{name}' is not a symbol of the signature", match.start(1))
    elif opens:
        error = TermSyntaxError(f"the constant '{name}' takes no arguments", match.start(2))
    else:
        error = TermSyntaxError(f"'{name}' takes {count(arity, 'argument')}; here it has none", match.start(1))
    meant = name.replace("_", "")
    if slips is None or meant not in SIGNATURE or bool(SIGNATURE[meant]) != bool(opens):
        raise error
    slips.renamed, slips.error = slips.renamed or name[:20], slips.error or error
    return meant


def _closed(symbols: list[str], waiting: list[list[Term]]) -> Term | None:
    """The term that closing all that is open makes of what was read; None where an argument would be missing."""
    args = waiting.pop()
    while symbols:
        symbol = symbols.pop()
        if SIGNATURE[symbol] != len(args):
            return None
        done = _make(symbol, tuple(args), all(argument.ground for argument in args))
        args = waiting.pop()
        args.append(done)
    return args[0]


def _after(match: re.Match[str], closed: int) -> int:
    """The offset after a symbol and so many of the parentheses that close around it."""
    end = match.end(1)
    for _ in range(closed):
        end = match.string.index(")", end) + 1
    return end


def _opening(text: str, start: int, closing: int) -> int:
    """The offset after the name whose arguments end at the parenthesis at ``closing``, in a term from ``start`` on."""
    opened: list[int] = []
    for bracket in _BRACKET.finditer(text, start, closing):
        if bracket[0] == "(":
            opened.append(bracket.start())
        else:
            opened.pop()
    return start + len(text[start : opened[-1]].rstrip())


def _blank(text: str, position: int) -> int:
    """Length of the run of blanks at ``position``."""
    match = _BLANKS.match(text, position)
    return match.end() - position if match is not None else 0


def _wanted(text: str, at: int, what: str) -> str:
    return f"{what} is missing before '{text[at]}'" if at < len(text) else f"the text ends where {what} should stand"


def variables(*terms: Term) -> tuple[str, ...]:
    """Names of the variables of ``terms``, in the order of their first occurrence."""
    found: dict[str, None] = {}
    seen: set[Term] = set()
    stack = list(reversed(terms))
    while stack:
        term = stack.pop()
        if term.ground or term in seen:
            continue
        seen.add(term)
        if term.is_variable:
            found[term.name] = None
        stack.extend(reversed(term.args))
    return tuple(found)


def postorder(*roots: Term) -> Iterator[Term]:
    """Every distinct subterm once, arguments before what they are in."""
    seen: set[Term] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        term, ready = stack.pop()
        if term in seen:
            continue
        if ready or not term.args:
            seen.add(term)
            yield term
            continue
        stack.append((term, True))
        stack.extend((argument, False) for argument in reversed(term.args))


def positions(term: Term) -> Iterator[tuple[Position, Term]]:
    """Every position with its subterm, outermost first, left to right."""
    stack: list[tuple[Position, Term]] = [((), term)]
    while stack:
        position, here = stack.pop()
        yield position, here
        stack.extend(((*position, n), here.args[n - 1]) for n in range(len(here.args), 0, -1))


def subterm(term: Term, position: Iterable[int]) -> Term:
    """The subterm of ``term`` at ``position`` (IndexError where there is none)."""
    for n in position:
        if not 1 <= n <= len(term.args):
            raise IndexError("no such position")
        term = term.args[n - 1]
    return term


def replace(term: Term, position: Iterable[int], new: Term) -> Term:
    """``term`` with ``new`` at ``position`` (IndexError where there is no such position)."""
    path: list[tuple[Term, int]] = []
    for n in position:
        if not 1 <= n <= len(term.args):
            raise IndexError("no such position")
        path.append((term, n - 1))
        term = term.args[n - 1]
    for parent, n in reversed(path):
        args = (*parent.args[:n], new, *parent.args[n + 1 :])
        new = _make(parent.name, args, all(argument.ground for argument in args))
    return new


def disjoint(p: Position, q: Position) -> bool:
    """Whether neither position is a prefix of the other."""
    return p[: len(q)] != q and q[: len(p)] != p


def match(pattern: Term, term: Term, bound: Substitution | None = None) -> dict[str, Term] | None:
    """The least substitution that extends ``bound`` and makes ``pattern`` into ``term``; None where there is none."""
    found = dict(bound) if bound else {}
    if pattern is term and pattern.ground:
        return found
    stack = [(pattern, term)]
    while stack:
        p, t = stack.pop()
        if p.ground:
            if p is not t:
                return None
        elif p.args:
            if p.name != t.name or len(p.args) != len(t.args):
                return None
            stack.extend(zip(p.args, t.args, strict=True))
        else:
            old = found.setdefault(p.name, t)
            if old is not t:
                return None
    return found


def substitute(term: Term, substitution: Substitution) -> Term:
    """``term`` with every variable that ``substitution`` binds replaced, all at once."""
    if term.ground or not substitution:
        return term
    done: dict[Term, Term] = {}
    for t in postorder(term):
        if t.ground:
            done[t] = t
        elif t.args:
            args = tuple(done[argument] for argument in t.args)
            done[t] = _make(t.name, args, all(argument.ground for argument in args))
        else:
            done[t] = substitution.get(t.name, t)
    return done[term]
