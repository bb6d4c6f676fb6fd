"""The rules of NDL, stated once: the checker, the prompts, the documentation, the mask solver and the mutators read
this table.

A rule has one or more *forms*. A form is a row of argument patterns, the positions of the arguments that must hold,
what else must hold, and the pattern of the conclusion. Patterns are formulas over the metavariables ``p q r`` (atoms
with lower-case names, which no real formula has), so :func:`match` and :func:`instantiate` are all that a reader of
the table needs; :attr:`Form.gives` does both at once. Where several forms match, the one that gives the annotated
conclusion counts, else the first.
Source: docs/spec.md, section 2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from proofgrid.checker.formulas import FALSE, TRUE, Formula, build
from proofgrid.checker.parsing import parse_pattern


@dataclass(frozen=True, slots=True)
class Form:
    """One way to apply a rule."""

    arguments: tuple[Formula, ...]
    """Patterns, in order."""
    holds: tuple[int, ...]
    """0-based positions of the arguments that must hold."""
    concludes: Formula
    requires: tuple[Formula, ...] = ()
    """What must hold besides (from-false: ``false``)."""
    gives: Callable[..., Formula | None] = field(init=False, repr=False, compare=False)
    """What the form concludes from arguments, as many as it has; None where they are no instance of its patterns.

    It is :func:`match` and :func:`instantiate` in one: every step of every proof asks for it.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "gives", _reader(self.arguments, self.concludes))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the language."""

    name: str
    forms: tuple[Form, ...]
    english: str
    """One sentence in schematic form, for prompts and documentation."""

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.forms[0].arguments)


def _reader(arguments: Sequence[Formula], concludes: Formula) -> Callable[..., Formula | None]:
    """:attr:`Form.gives` as one expression; mp's is ``a0.right if a0.op == '==>' and a0.left is a1 else None``."""
    names = [f"a{i}" for i in range(len(arguments))]
    places: dict[Formula, str] = {}  # by what part of a pattern stands there
    tests = ["True"]
    left = list(zip(arguments, names, strict=True))[::-1]
    while left:
        pattern, at = left.pop()
        if places.setdefault(pattern, at) is not at:
            tests.append(f"{at} is {places[pattern]}")
        elif pattern.op != "atom":
            tests.append(f"{at}.op == {pattern.op!r}")
            left += [(part, f"{at}.{side}") for side, part in reversed(_parts(pattern))]

    def made(pattern: Formula) -> str:
        if pattern in places:
            return places[pattern]
        parts = "".join(f", {made(part)}" for _, part in _parts(pattern))
        return f"build({pattern.op!r}{parts})" if parts else pattern.op.upper()

    expression = f"lambda {', '.join(names)}: {made(concludes)} if {' and '.join(tests)} else None"
    scope = {"build": build, "FALSE": FALSE, "TRUE": TRUE}
    gives: Callable[..., Formula | None] = eval(expression, scope)  # nosec B307 (of the table alone)
    return gives


def _parts(pattern: Formula) -> list[tuple[str, Formula]]:
    """A pattern's direct parts with their attributes' names."""
    sides = {"atom": (), "true": (), "false": (), "~": ("left",)}.get(pattern.op, ("left", "right"))
    return [(side, getattr(pattern, side)) for side in sides]


def _rule(name: str, english: str, *forms: tuple[str, str] | tuple[str, str, Sequence[int]], needs: str = "") -> Rule:
    built = []
    for arguments, conclusion, *rest in forms:
        patterns = tuple(parse_pattern(part) for part in arguments.split(","))
        holds = tuple(rest[0]) if rest else tuple(range(len(patterns)))
        requires = (parse_pattern(needs),) if needs else ()
        built.append(Form(patterns, holds, parse_pattern(conclusion), requires))
    return Rule(name, tuple(built), english)


_ALL: Final = (
    _rule("claim", "`claim on p` repeats p, which must hold.", ("p", "p")),
    _rule("left-and", "`left-and on (p & q)`, where (p & q) holds, gives its left conjunct p.", ("(p & q)", "p")),
    _rule("right-and", "`right-and on (p & q)`, where (p & q) holds, gives its right conjunct q.", ("(p & q)", "q")),
    _rule("both", "`both on p, q`, where p and q hold, gives their conjunction (p & q).", ("p, q", "(p & q)")),
    _rule("mp", "`mp on (p ==> q), p`, where both hold, gives q.", ("(p ==> q), p", "q")),
    _rule(
        "left-either",
        "`left-either on p, q`, where p holds (q need not), gives (p | q).",
        ("p, q", "(p | q)", (0,)),
    ),
    _rule(
        "right-either",
        "`right-either on p, q`, where q holds (p need not), gives (p | q).",
        ("p, q", "(p | q)", (1,)),
    ),
    _rule(
        "cases",
        "`cases on (p | q), (p ==> r), (q ==> r)`, where all three hold, gives r.",
        ("(p | q), (p ==> r), (q ==> r)", "r"),
    ),
    _rule(
        "absurd",
        "`absurd on p, (~ p)`, where both hold and in either order, gives false.",
        ("p, (~ p)", "false"),
        ("(~ p), p", "false"),
    ),
    _rule("dn", "`dn on (~ (~ p))`, where it holds, gives p.", ("(~ (~ p))", "p")),
    _rule("left-iff", "`left-iff on (p <==> q)`, where it holds, gives (p ==> q).", ("(p <==> q)", "(p ==> q)")),
    _rule("right-iff", "`right-iff on (p <==> q)`, where it holds, gives (q ==> p).", ("(p <==> q)", "(q ==> p)")),
    _rule(
        "equiv",
        "`equiv on (p ==> q), (q ==> p)`, where both hold, gives (p <==> q).",
        ("(p ==> q), (q ==> p)", "(p <==> q)"),
    ),
    _rule("ex-middle", "`ex-middle on p` gives (p | (~ p)), whether p holds or not.", ("p", "(p | (~ p))", ())),
    _rule(
        "dm",
        "`dm on (~ (p & q))` gives ((~ p) | (~ q)), and `dm on (~ (p | q))` gives ((~ p) & (~ q)); "
        "the argument must hold.",
        ("(~ (p & q))", "((~ p) | (~ q))"),
        ("(~ (p | q))", "((~ p) & (~ q))"),
    ),
    _rule(
        "dsyl",
        "`dsyl on (p | q), r`, where both hold and r is the complement of one disjunct, gives the other disjunct.",
        ("(p | q), (~ p)", "q"),
        ("((~ p) | q), p", "q"),
        ("(p | q), (~ q)", "p"),
        ("(p | (~ q)), q", "p"),
    ),
    _rule(
        "neg-cond",
        "`neg-cond on (~ (p ==> q))` gives (p & (~ q)), and `neg-cond on (p & (~ q))` gives (~ (p ==> q)); "
        "the argument must hold.",
        ("(~ (p ==> q))", "(p & (~ q))"),
        ("(p & (~ q))", "(~ (p ==> q))"),
    ),
    _rule(
        "neg-bicond",
        "`neg-bicond on (~ (p <==> q))` gives ((p & (~ q)) | ((~ p) & q)), and the other way round; "
        "the argument must hold.",
        ("(~ (p <==> q))", "((p & (~ q)) | ((~ p) & q))"),
        ("((p & (~ q)) | ((~ p) & q))", "(~ (p <==> q))"),
    ),
    _rule(
        "from-false",
        "`from-false on p`, where false holds (p need not), gives p.",
        ("p", "p", ()),
        needs="false",
    ),
    _rule(
        "mt",
        "`mt on (p ==> q), r`, where both hold and r is the complement of q, gives (~ p).",
        ("(p ==> q), (~ q)", "(~ p)"),
        ("(p ==> (~ q)), q", "(~ p)"),
    ),
    _rule(
        "cond-def",
        "`cond-def on (p ==> q)` gives ((~ p) | q), and `cond-def on ((~ p) | q)` gives (p ==> q); "
        "the argument must hold.",
        ("(p ==> q)", "((~ p) | q)"),
        ("((~ p) | q)", "(p ==> q)"),
    ),
    _rule(
        "bicond-def'",
        "`bicond-def' on (p <==> q)` gives ((p & q) | ((~ p) & (~ q))), and the other way round; "
        "the argument must hold.",
        ("(p <==> q)", "((p & q) | ((~ p) & (~ q)))"),
        ("((p & q) | ((~ p) & (~ q)))", "(p <==> q)"),
    ),
    _rule(
        "from-complements",
        "`from-complements on p, q, r`, where q and r hold and are complements (p need not hold), gives p.",
        ("p, q, (~ q)", "p", (1, 2)),
        ("p, (~ q), q", "p", (1, 2)),
    ),
    _rule(
        "by-contradiction",
        "`by-contradiction on p, (q ==> false)`, where the conditional holds and q is the complement of p, gives p.",
        ("p, ((~ p) ==> false)", "p", (1,)),
        ("(~ p), (p ==> false)", "(~ p)", (1,)),
    ),
)
RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in _ALL}
"""Every rule by name, in the order of docs/spec.md, section 2.3."""


def match(pattern: Formula, formula: Formula, bindings: dict[Formula, Formula]) -> bool:
    """Whether ``formula`` is an instance of ``pattern``; extends ``bindings`` (metavariable -> formula) in place.

    Bindings made before a mismatch stay: give a fresh dictionary to each attempt.
    """
    op = pattern.op
    if op == "atom":
        return bindings.setdefault(pattern, formula) is formula
    if op != formula.op:
        return False
    if op == "~":
        return match(pattern.left, formula.left, bindings)
    if op in ("true", "false"):
        return True
    return match(pattern.left, formula.left, bindings) and match(pattern.right, formula.right, bindings)


def instantiate(pattern: Formula, bindings: Mapping[Formula, Formula]) -> Formula:
    """The pattern with every metavariable replaced (KeyError where one is unbound)."""
    op = pattern.op
    if op == "atom":
        return bindings[pattern]
    if op in ("true", "false"):
        return pattern
    if op == "~":
        return build("~", instantiate(pattern.left, bindings))
    return build(op, instantiate(pattern.left, bindings), instantiate(pattern.right, bindings))


def results(rule: Rule, arguments: Sequence[Formula]) -> Iterator[tuple[Form, Formula]]:
    """Every form of ``rule`` that fits ``arguments``, with its conclusion, in the table's order."""
    if len(arguments) == rule.arity:
        for form in rule.forms:
            conclusion = form.gives(*arguments)
            if conclusion is not None:
                yield form, conclusion
