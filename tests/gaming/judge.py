"""A second judge of NDL and macro proofs: it reads strict syntax only and knows no fix but those it is told of.

Written from the language's description alone, for proofs of a few hundred steps. ``wrong_steps`` says what is wrong
with a text; a structural fix that the checker recorded at a step lets that step be what the fix says, and the step must
then still follow from those of its own arguments that hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.gaming.formulas import Form, Unreadable, follows, light, parsed, parts_of, show
from tests.gaming.rules import by_rule, by_slip

TOKENS = re.compile(
    r"(?P<space>\s+|\#[^\n]*)|(?P<op>:=|<==>|==>|[~&|(){};,])|(?P<word>[A-Za-z_0-9][A-Za-z0-9_'-]*)|(?P<bad>.)",
    re.DOTALL,
)
ATOM = re.compile(r"[A-Z][0-9]*(?:_[0-9]+)*\Z")


class Wrong(Exception):
    """What is wrong first, in words."""


@dataclass(slots=True)
class Step:
    """A node of a proof: ``kind`` is block, assume, absurd, rule, from or define."""

    kind: str
    labels: list[str] = field(default_factory=list)
    number: int = 0
    rule: str = ""
    formula: Any = None
    """The announced conclusion, the hypothesis or what is defined, unresolved."""
    hypothesis_label: str | None = None
    inner: list[Any] = field(default_factory=list)
    """Steps of a block, the body of an assume, or arguments (steps or unresolved formulas)."""


class Parser:
    """Recursive descent over one text."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        for match in TOKENS.finditer(text):
            if match.lastgroup == "bad":
                raise Unreadable(match[0])
            if match.lastgroup != "space":
                self.tokens.append(match[0])
        self.at = 0
        self.steps = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def word(self) -> str:
        return self.peek().lower()

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if token == "" or (wanted is not None and token.lower() != wanted):
            raise Unreadable(f"{wanted} expected, {token!r} found")
        self.at += 1
        return token

    def whole(self) -> Step:
        found = self.step()
        if self.peek() == ";":
            self.at += 1
        if self.peek():
            raise Unreadable(f"more text: {self.peek()}")
        return found

    def step(self) -> Step:
        labels = []
        while self.peek(1) == ":=":
            labels.append(self.take())
            self.at += 1
        found = self.unlabelled()
        found.labels = labels
        if found.kind == "define" and not labels:
            raise Unreadable("a formula alone is no step")
        return found

    def unlabelled(self) -> Step:
        if self.word() == "{":
            return Step("block", inner=self.block())
        if self.word() in ("assume", "suppose-absurd"):
            kind = "assume" if self.take().lower() == "assume" else "absurd"
            label = None
            if self.peek(1) == ":=":
                label = self.take()
                self.at += 1
            hypothesis = self.formula()
            return Step(kind, formula=hypothesis, hypothesis_label=label, inner=[Step("block", inner=self.block())])
        if self.peek(1).lower() == "on":
            return self.application(None)
        announced = self.formula()
        if self.word() == "by":
            self.at += 1
            return self.application(announced)
        if self.word() == "from":
            self.at += 1
            self.steps += 1
            return Step("from", number=self.steps, formula=announced, inner=self.arguments())
        return Step("define", formula=announced)

    def application(self, announced: Any) -> Step:
        rule = self.take()
        self.take("on")
        self.steps += 1
        return Step("rule", number=self.steps, rule=rule, formula=announced, inner=self.arguments())

    def arguments(self) -> list[Any]:
        found = [self.argument()]
        while self.peek() == ",":
            self.at += 1
            found.append(self.argument())
        return found

    def argument(self) -> Any:
        if self.word() in ("assume", "suppose-absurd", "{"):
            return self.step()
        start, steps = self.at, self.steps
        try:
            found = self.formula()
            if self.word() in ("", ",", ";", "}", ")"):
                return found
        except Unreadable:
            pass
        self.at, self.steps = start, steps
        self.take("(")
        inner = self.step()
        self.take(")")
        return inner

    def block(self) -> list[Step]:
        self.take("{")
        found = [self.step()]
        while self.peek() == ";":
            self.at += 1
            if self.peek() == "}":
                break
            found.append(self.step())
        self.take("}")
        return found

    def formula(self) -> Any:
        """An unresolved formula: names are strings; a compound one must be in parentheses."""
        if self.peek() == "(":
            self.at += 1
            found = self.binary(0)
            self.take(")")
            return found
        if self.peek() == "~":
            raise Unreadable("a negation needs parentheses")
        return self.name()

    def name(self) -> str:
        token = self.take()
        if not re.match(r"[A-Za-z_]", token) or token.lower() in ("by", "on", "from", "assume", "suppose-absurd"):
            raise Unreadable(token)
        return token

    def binary(self, level: int) -> Any:
        order = ("<==>", "==>", "|", "&")
        if level == len(order):
            if self.peek() == "~":
                self.at += 1
                return ("~", self.binary(level))
            return self.formula()
        left = self.binary(level + 1)
        if self.peek() == order[level]:
            self.at += 1
            return (order[level], left, self.binary(level))
        return left


class Judge:
    """One judgement: what holds, what names mean, and the first thing that is wrong."""

    def __init__(self, premises: Sequence[Form], goal: Form, fixes: Mapping[int, frozenset[str]], macro: bool) -> None:
        self.premises, self.goal, self.fixes, self.macro = premises, goal, fixes, macro
        self.parts = parts_of(premises, goal)
        self.ever: dict[str, Form] = {}
        self.renamed: dict[int, tuple[str, ...]] = {}
        """Conclusions that a recorded fix took for names, by step."""

    def resolve(self, form: Any, names: Mapping[str, Form], step: int = 0) -> Form:
        if isinstance(form, tuple):
            return (form[0], *(self.resolve(part, names, step) for part in form[1:]))
        if form in names:
            return names[form]
        if "out-of-scope-name" in self.fixes.get(step, ()) and form in self.ever:
            return self.ever[form]
        if form in ("true", "false") or ATOM.match(form):
            return form
        raise Wrong(f"{form} is not bound")

    def unbound(self, form: Any, names: Mapping[str, Form]) -> bool:
        """Whether something is a name that nothing has."""
        return isinstance(form, str) and form not in names and form not in ("true", "false") and not ATOM.match(form)

    def run(self, root: Step) -> None:
        names = {f"premise-{n}": p for n, p in enumerate(self.premises, 1)}
        found = self.value(root, frozenset(self.premises), names)
        if found != self.goal:
            raise Wrong(f"{show(found)} is concluded instead of the goal")

    def value(self, step: Step, holds: frozenset[Form], names: dict[str, Form]) -> Form:
        if step.kind == "define":
            return self.resolve(step.formula, names)
        if step.kind == "block":
            names = dict(names)
            for inner in step.inner:
                found = self.value(inner, holds, names)
                if inner.kind != "define":
                    holds |= {found}
                for label in (*inner.labels, *self.renamed.pop(inner.number, ())):
                    self.ever[label] = found
                    if label != "_":
                        names[label] = found
            if step.inner[-1].kind == "define":
                raise Wrong("a block ends in a definition")
            return found
        if step.kind in ("assume", "absurd"):
            hypothesis = self.resolve(step.formula, names)
            names = dict(names)
            if step.hypothesis_label is not None:
                names[step.hypothesis_label] = self.ever[step.hypothesis_label] = hypothesis
            found = self.value(step.inner[0], holds | {hypothesis}, names)
            if step.kind == "assume":
                return ("==>", hypothesis, found)
            if found != "false":
                raise Wrong("a suppose-absurd does not end in false")
            return ("~", hypothesis)
        arguments, held = [], holds
        for argument in step.inner:
            if isinstance(argument, Step):
                found = self.value(argument, held, dict(names))
                held |= {found}
            else:
                found = self.resolve(argument, names, step.number)
            arguments.append(found)
        announced = step.formula
        if "conclusion-as-name" in self.fixes.get(step.number, ()) and self.unbound(announced, names):
            self.renamed[step.number], announced = (announced,), None
        stated = None if announced is None else self.resolve(announced, names, step.number)
        if (step.kind == "from") != self.macro:
            raise Wrong(f"step {step.number} is of the other language")
        if self.macro:
            return self.macro_step(step, arguments, stated, held)
        gives = by_rule(step.rule, arguments, held)
        if gives and (stated is None or stated in gives):
            return gives[0] if stated is None else stated
        kinds = self.fixes.get(step.number, frozenset()) - {"out-of-scope-name", "conclusion-as-name"}
        if not kinds:
            raise Wrong(f"step {step.number} is not right as it stands, and no fix is recorded there")
        if stated is None or not by_slip(kinds, step.rule, arguments, stated, held):
            raise Wrong(f"step {step.number}: the recorded {', '.join(sorted(kinds))} does not make it right")
        if not follows([a for a in arguments if a in held], stated):
            raise Wrong(f"step {step.number}: {show(stated)} does not follow from the arguments that hold")
        return stated

    def macro_step(self, step: Step, arguments: list[Form], stated: Form, held: frozenset[Form]) -> Form:
        if len(arguments) > 5 or any(a not in held for a in arguments):
            raise Wrong(f"step {step.number} has too many justifiers, or one that does not hold")
        if not light(arguments, stated, self.parts):
            raise Wrong(f"step {step.number} rests on too many clauses")
        if not follows(arguments, stated):
            raise Wrong(f"step {step.number} does not follow")
        return stated


def wrong_steps(
    premises: Sequence[str], goal: str, text: str, fixes: Mapping[int, frozenset[str]], *, macro: bool = False
) -> str | None:
    """What is wrong with an accepted proof; None where it is right with these fixes alone.

    ``fixes``: kinds of structural fixes by step. Raises Unreadable where the text is not in strict syntax.
    """
    root = Parser(text).whole()
    judge = Judge([parsed(p) for p in premises], parsed(goal), fixes, macro)
    try:
        judge.run(root)
    except Wrong as wrong:
        return str(wrong)
    return None


def steps_that_hold(text: str, place: re.Pattern[str]) -> list[int]:
    """The numbers of the steps of a proof in which a token that matches ``place`` stands."""
    parser = Parser(text)
    found: list[int] = []
    stack: list[Any] = [parser.whole()]
    while stack:
        step = stack.pop()
        own = [step.rule, step.formula, *(a for a in step.inner if not isinstance(a, Step))]
        if step.kind == "rule" and any(place.search(str(part)) for part in own):
            found.append(step.number)
        stack += [inner for inner in step.inner if isinstance(inner, Step)]
    return found


__all__ = ["Unreadable", "steps_that_hold", "wrong_steps"]
