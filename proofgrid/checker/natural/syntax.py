"""The syntax tree of an NDL (or macro) proof: what was written and where, before anything is known to hold.

Everything that was written carries its span: ``start`` and ``end`` are character offsets into ``ParsedProof.text``
(0-based, end exclusive). A proof can be rebuilt with another formula, rule or subproof by cutting the text there.
Nodes are compared by identity: trees may be thousands of levels deep, so nothing here recurses. Nobody changes a node
once it is made; the classes are not frozen, as a check makes a hundred nodes a kilobyte and frozen ones cost thrice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from proofgrid.checker.places import Places


class LarkToken:
    """What lark reads of a token besides its type, to copy it to the end-of-input token; our positions are offsets."""

    __slots__ = ()
    start_pos = end_pos = line = column = end_line = end_column = None


@dataclass(slots=True, eq=False, repr=False)
class Term(LarkToken):
    """A formula or a name where a formula is expected: an argument, a conclusion, a hypothesis, a definition.

    A token of the grammar as it stands.
    """

    type: ClassVar[str] = "TERM"
    text: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether a bare identifier was written (an atom is one too: whether it is bound depends on the scope)."""
        return not self.text.startswith("(") and self.text not in ("true", "false")

    def __repr__(self) -> str:
        return f"Term({self.text[:60]!r}, {self.start}, {self.end})"


@dataclass(slots=True, eq=False)
class Label:
    """The name in ``name := ...``."""

    text: str
    start: int
    end: int


@dataclass(slots=True, eq=False, repr=False)
class Application(LarkToken):
    """One step: ``[conclusion BY] rule on arguments``, or ``conclusion from arguments`` in the macro language.

    ``start`` is the conclusion's where there is one, else the rule's; the first label's where there are labels. A token
    of the grammar as it stands, where the scanner reads a whole step at once.
    """

    type: ClassVar[str] = "STEP"
    step: int
    """Number of the application, from 1, in text order (an application is counted before its arguments')."""
    rule: str
    """The rule's name; ``"from"`` in the macro language."""
    rule_start: int
    """Where the rule's name, or the keyword ``from``, stands."""
    arguments: tuple[Argument, ...]
    conclusion: Term | None
    start: int
    end: int
    labels: tuple[Label, ...] = ()

    @property
    def rule_end(self) -> int:
        """Offset just after the rule's name."""
        return self.rule_start + len(self.rule)

    @property
    def text(self) -> str:
        """The rule's name, for messages."""
        return self.rule


class RuleApplication(Application):
    """``[conclusion BY] rule on arguments``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"RuleApplication({self.step}, {self.rule!r}, {len(self.arguments)} arguments)"


class From(Application):
    """``conclusion from arguments`` of the macro language."""

    __slots__ = ()
    conclusion: Term

    def __repr__(self) -> str:
        return f"From({self.step}, {len(self.arguments)} arguments)"


@dataclass(slots=True, eq=False, repr=False)
class Hypothetical:
    """``assume`` or ``suppose-absurd``: a block under a hypothesis, which may have a name."""

    hypothesis: Term
    hypothesis_label: Label | None
    body: Block
    start: int
    end: int
    labels: tuple[Label, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.hypothesis!r})"


class Assume(Hypothetical):
    """``assume [name :=] hypothesis { ... }``."""

    __slots__ = ()


class SupposeAbsurd(Hypothetical):
    """``suppose-absurd [name :=] hypothesis { ... }``."""

    __slots__ = ()


@dataclass(slots=True, eq=False, repr=False)
class Block:
    """``{ step; ...; step }``. The last step is a proof, not a definition."""

    steps: tuple[Proof | Definition, ...]
    start: int
    end: int
    labels: tuple[Label, ...] = ()

    def __repr__(self) -> str:
        return f"Block({len(self.steps)} steps)"


@dataclass(slots=True, eq=False, repr=False)
class Definition:
    """``name := formula``: names it, claims nothing."""

    labels: tuple[Label, ...]
    formula: Term
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Definition({self.labels[0].text!r})"


Proof: TypeAlias = RuleApplication | From | Assume | SupposeAbsurd | Block
Argument: TypeAlias = Term | Proof
Node: TypeAlias = Proof | Definition


@dataclass(slots=True, eq=False, repr=False)
class ParsedProof:
    """A proof as read. ``text`` is what the spans refer to: as given, with comments blanked out by spaces."""

    text: str
    root: Proof
    steps: int
    """How many applications there are."""
    language: Literal["ndl", "macro"]
    places: Places

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character offset."""
        return self.places.position(offset)

    def walk(self) -> Iterator[Node]:
        """Every node in text order, outer before inner; arguments that are proofs included."""
        stack: list[Node] = [self.root]
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, Block):
                stack.extend(reversed(node.steps))
            elif isinstance(node, (Assume, SupposeAbsurd)):
                stack.append(node.body)
            elif not isinstance(node, Definition):
                stack.extend(a for a in reversed(node.arguments) if not isinstance(a, Term))

    def applications(self) -> Iterator[RuleApplication | From]:
        """Every application in step order."""
        return (node for node in self.walk() if isinstance(node, (RuleApplication, From)))

    def __repr__(self) -> str:
        return f"ParsedProof({self.steps} steps, {len(self.text)} characters)"
