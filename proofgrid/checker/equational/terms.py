"""First-order terms of the equational language (docs/spec.md, section 5): immutable, interned, compared by identity.

Two terms that read the same *are* the same object, so ``s is t`` is equality and matching a pattern costs the
pattern's size only. Nothing here recurses: terms may be 100,000 levels deep.

Positions are Dewey lists from 1 as tuples: ``()`` is the root, ``(2, 1)`` the first argument of the second argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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

_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<mark>[(),]))")


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
    if found is not None:
        return found
    made = _new(Term)
    _put_name(made, name)
    _put_args(made, args)
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
    return _scan_right(text, start) or _scan(text, start)


_SYMBOL = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:(\()|((?:\)\s*)*)(,?))")
"""A name, then what opens its arguments, or what closes those around it and goes on to the next."""


def _scan_right(text: str, start: int) -> tuple[Term, int] | None:
    """The same for a term with nothing wrong, one match a symbol; else None."""
    symbols: list[str] = []
    waiting: list[list[Term]] = []
    args: list[Term] = []
    position = start
    match_symbol = _SYMBOL.match
    while True:
        match = match_symbol(text, position)
        if match is None:
            return None
        name, opens, closing, comma = match.groups()
        if opens:
            if name not in SIGNATURE:
                return None
            symbols.append(name)
            waiting.append(args)
            args = []
            position = match.end()
            continue
        upper = name[0].isupper()
        if not upper and SIGNATURE.get(name) != 0:
            return None
        done = _make(name, (), not upper)
        for _ in range(closing.count(")")):
            args.append(done)
            if not symbols:
                return None
            symbol = symbols.pop()
            if SIGNATURE[symbol] != len(args):
                return None
            key = (symbol, tuple(args))
            found = _known(key)
            if found is None:
                ground = done.ground
                if ground and len(args) > 1:
                    for argument in args:
                        if not argument.ground:
                            ground = False
                            break
                done = _make(symbol, key[1], ground)
            else:
                done = found
            args = waiting.pop()
        if not symbols:
            return done, match.end(3)
        if not comma:
            return None
        args.append(done)
        position = match.end()


def _scan(text: str, start: int) -> tuple[Term, int]:
    open_symbols: list[tuple[str, int, list[Term]]] = []
    position = start
    while True:
        match = _TOKEN.match(text, position)
        at = position + _blank(text, position)
        name = match["name"] if match is not None else None
        if match is None or name is None:
            raise TermSyntaxError(_wanted(text, at, "a term"), at)
        position = match.end()
        after = position + _blank(text, position)
        if text[after : after + 1] == "(":
            position = after
        if name[0].isupper():
            done = _make(name, (), False)
            if text[position : position + 1] == "(":
                raise TermSyntaxError(f"the variable '{name}' takes no arguments", position)
        else:
            arity = SIGNATURE.get(name)
            if arity is None:
                raise TermSyntaxError(f"'{name}' is not a symbol of the signature", at)
            if text[position : position + 1] == "(":
                if arity == 0:
                    raise TermSyntaxError(f"the constant '{name}' takes no arguments", position)
                open_symbols.append((name, at, []))
                position += 1
                continue
            if arity:
                raise TermSyntaxError(f"'{name}' takes {count(arity, 'argument')}; here it has none", at)
            done = _make(name, (), True)
        while open_symbols:
            symbol, where, args = open_symbols[-1]
            args.append(done)
            match = _TOKEN.match(text, position)
            mark = match["mark"] if match is not None else None
            at = position + _blank(text, position)
            if match is None or mark is None or mark == "(":
                raise TermSyntaxError(_wanted(text, at, f"',' or ')' in the arguments of '{symbol}'"), at)
            position = match.end()
            if mark == ",":
                if len(args) == SIGNATURE[symbol]:
                    raise TermSyntaxError(
                        f"'{symbol}' takes {count(SIGNATURE[symbol], 'argument')}; this is one more", at
                    )
                break
            if len(args) != SIGNATURE[symbol]:
                raise TermSyntaxError(
                    f"'{symbol}' takes {count(SIGNATURE[symbol], 'argument')}, not {len(args)}", where
                )
            open_symbols.pop()
            done = _make(symbol, tuple(args), all(argument.ground for argument in args))
        else:
            return done, position


def _blank(text: str, position: int) -> int:
    """Length of the run of blanks at ``position``."""
    end = position
    while end < len(text) and text[end].isspace():
        end += 1
    return end - position


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
