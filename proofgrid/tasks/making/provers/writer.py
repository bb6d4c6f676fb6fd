"""Turns a proof into NDL text, with the names, remarks and habits of one imagined author.

A :class:`Style` fixes the habits for a whole proof: how steps are named, how often conclusions are spelled out with
BY, how much is remarked on, how negated atoms and indentation look. ``PLAIN`` is the machine's own hand: every step
annotated, nothing named but premises, no remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from proofgrid.checker.formulas import BINARY, FALSE, Formula
from proofgrid.tasks.making.provers import remarks
from proofgrid.tasks.making.provers.lines import Assume, Line, Step, free_in

Naming = Literal["none", "describing", "numbered", "letters"]


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one author; shares are probabilities."""

    naming: Naming = "none"
    prefix: str = "s"
    separator: str = "_"
    annotated: float = 1.0
    remarks: float = 0.0
    light: bool = False
    """``~B`` for a negated atom instead of ``(~ B)`` inside formulas."""
    indent: int = 2
    by_formula: float = 0.0
    """How often a named formula is cited by its text all the same."""
    name_hypotheses: float = 1.0
    named: float = 1.0
    """How often a step gets a name at all."""
    blank_lines: bool = False
    shadow: bool = False
    """Atoms that were derived get their own letter as a name (``A := A BY ...``)."""
    inline: float = 0.0
    """How often the subproofs of ``cases`` stand inside its arguments."""
    absurd: float = 0.0
    """How often an indirect proof of a negation is a ``suppose-absurd``."""


PLAIN = Style()


def draw_style(rng: Random, *, whole_language: bool = False) -> Style:
    """A random author. With ``whole_language``, one who may use what the proof-writing prompts do not offer."""
    naming: Naming = rng.choices(("none", "describing", "numbered", "letters"), (2, 5, 4, 1))[0]
    return Style(
        naming=naming,
        prefix=rng.choice(("s", "p", "step", "step-", "d", "line", "c", "x")),
        separator=rng.choice("__-"),
        annotated=rng.choice((1.0, 1.0, 1.0, 0.9, 0.6, 0.0 if naming != "none" else 0.7)),
        remarks=rng.choice((0.0, 0.25, 0.5, 0.5, 0.8)),
        light=rng.random() < 0.6,
        indent=rng.choice((2, 2, 2, 4)),
        by_formula=rng.choice((0.0, 0.1, 0.3)),
        name_hypotheses=rng.choice((1.0, 0.7, 0.3, 0.0)),
        blank_lines=rng.random() < 0.4,
        shadow=naming == "describing" and rng.random() < 0.25,
        inline=rng.choice((0.0, 0.0, 0.0, 0.5)),
        absurd=rng.choice((0.0, 0.5, 1.0)) if whole_language else 0.0,
    )


def machine_style(rng: Random) -> Style:
    """The habits of a program: numbered names, no remarks, few annotations."""
    return Style(
        naming="numbered",
        prefix=rng.choice(("s", "d", "f", "t", "x")),
        annotated=rng.choice((0.1, 0.2, 0.3)),
        light=rng.random() < 0.5,
        by_formula=rng.choice((0.1, 0.3, 0.5)),
        name_hypotheses=rng.choice((0.0, 0.5, 1.0)),
    )


def formula_text(f: Formula, light: bool = False) -> str:
    """A formula with its outer parentheses; ``light`` writes ``~B`` for negated atoms inside others."""
    return _inside(f, light) if f.op != "~" or not light else f"({_inside(f, light, spaced=True)})"


def _inside(f: Formula, light: bool, spaced: bool = False) -> str:
    if f.op == "~":
        if not light:
            return f"(~ {_inside(f.left, light)})"
        body = _inside(f.left, light)
        if spaced:
            return f"~ {body}"
        return f"~{body}" if f.left.op in ("atom", "true", "false") else f"(~ {body})"
    if f.op in BINARY:
        return f"({_inside(f.left, light)} {f.op} {_inside(f.right, light)})"
    return f.name


def write(lines: Sequence[Line], premises: Sequence[Formula], style: Style = PLAIN, rng: Random | None = None) -> str:
    """The text of a proof from ``premises`` (cited as premise-1, ...). Equal arguments give equal text."""
    rng = rng or Random(0)
    if style.absurd:
        lines = whole_language(lines, style.absurd, rng)
    return _Writer(premises, style, rng).proof(lines)


def whole_language(lines: Sequence[Line], share: float, rng: Random) -> tuple[Line, ...]:
    """The proof with what the proof-writing prompts do not offer: ``suppose-absurd`` in place of an indirect proof of
    a negation, ``from-complements`` in place of a contradiction and what follows from it, each with probability
    ``share`` where nothing else cites what goes away."""
    uses: dict[Formula, int] = {}
    _count_uses(lines, uses)
    return _whole(lines, share, rng, uses)


def _count_uses(lines: Sequence[Line], uses: dict[Formula, int]) -> None:
    for line in lines:
        if isinstance(line, Step):
            for f in line.cited():
                uses[f] = uses.get(f, 0) + 1
        else:
            _count_uses(line.body, uses)


def _whole(lines: Sequence[Line], share: float, rng: Random, uses: dict[Formula, int]) -> tuple[Line, ...]:
    out: list[Line] = []
    for index, line in enumerate(lines):
        if isinstance(line, Assume):
            out.append(Assume(line.hypothesis, _whole(line.body, share, rng, uses), line.absurd))
            continue
        before = out[-1] if out else None
        if (
            line.rule == "by-contradiction"
            and isinstance(before, Assume)
            and line.args[1] is before.formula
            and line.formula.op == "~"
            and line.formula.left is before.hypothesis
            and uses.get(before.formula) == 1
            and rng.random() < share
        ):
            out[-1] = Assume(before.hypothesis, before.body, absurd=True)
        elif (
            line.rule == "from-false"
            and isinstance(before, Step)
            and before.rule == "absurd"
            and FALSE not in free_in(lines[index + 1 :])
            and rng.random() < share
        ):
            out[-1] = Step("from-complements", (line.formula, *before.args), line.formula)
        else:
            out.append(line)
    return tuple(out)


class _Writer:
    def __init__(self, premises: Sequence[Formula], style: Style, rng: Random) -> None:
        self.style = style
        self.rng = rng
        self.scopes: list[dict[Formula, str]] = [{}]
        self.taken: list[dict[str, None]] = [{"_": None}]
        self.counts: dict[str, int] = {}
        for number, premise in enumerate(premises, 1):
            self.scopes[0].setdefault(premise, f"premise-{number}")
            self.taken[0][f"premise-{number}"] = None

    # --- references --------------------------------------------------------------------------------------------

    def text(self, f: Formula) -> str:
        return formula_text(f, self.style.light)

    def cite(self, f: Formula) -> str:
        """A formula that must hold: by name where it has one and the author uses names."""
        name = next((scope[f] for scope in reversed(self.scopes) if f in scope), None)
        if name is None or f is FALSE or self.rng.random() < self.style.by_formula:
            return self.text(f)
        return name

    def fresh(self, wanted: str) -> str:
        """``wanted``, or with a number where that name is in scope."""
        name, number = wanted, 2
        while any(name in scope for scope in self.taken):
            name = f"{wanted}{self.style.separator}{number}"
            number += 1
        self.taken[-1][name] = None
        return name

    def count(self, prefix: str) -> str:
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        return f"{prefix}{self.counts[prefix]}"

    def describe(self, f: Formula) -> str | None:
        """A name that says what the formula says; None where that would be long."""
        sep = self.style.separator
        if f.op == "atom":
            return f"{remarks.pick(self.rng, remarks.HAVE)}{sep}{f.name}"
        if f is FALSE:
            return remarks.pick(self.rng, remarks.FALSUM)
        if f.op == "~" and f.left.op == "atom":
            return f"not{sep}{f.left.name}"
        words = {"&": "and", "|": "or", "==>": "implies", "<==>": "iff"}
        if f.op in words and all(g.op == "atom" or (g.op == "~" and g.left.op == "atom") for g in (f.left, f.right)):
            sides = [g.name if g.op == "atom" else f"not{sep}{g.left.name}" for g in (f.left, f.right)]
            return f"{sides[0]}{sep}{words[f.op]}{sep}{sides[1]}"
        return None

    def name_for(self, f: Formula, kind: str) -> str | None:
        """A name for a step (kind "step"), a hypothesis ("hyp") or a subproof ("sub")."""
        style = self.style
        if style.naming == "none" or (style.named < 1.0 and self.rng.random() >= style.named):
            return None
        if style.shadow and kind == "step" and f.op == "atom":
            return f.name  # bound to what it says, so that nothing is hidden however often it is bound
        if style.naming == "describing":
            described = self.describe(f) if kind == "step" else None
            if described:
                return self.fresh(described)
            stem = {"step": "fact", "hyp": "h", "sub": "case"}[kind]
            return self.fresh(self.count(stem))
        if style.naming == "letters":
            stem = {"step": "f", "hyp": "h", "sub": "g"}[kind]
            return self.fresh(self.count(stem))
        stem = {"step": style.prefix, "hyp": "h", "sub": style.prefix}[kind]
        return self.fresh(self.count(stem))

    # --- text --------------------------------------------------------------------------------------------------

    def proof(self, lines: Sequence[Line]) -> str:
        if len(lines) == 1:
            return "\n".join(self.line(lines[0], 0, last=True))
        return "\n".join(["{", *self.block(lines, 1), "}"])

    def block(self, lines: Sequence[Line], level: int) -> list[str]:
        out: list[str] = []
        lines, inlined = self.inline(lines)
        for index, line in enumerate(lines):
            last = index == len(lines) - 1
            if self.rng.random() < self.style.remarks:
                pad = " " * (self.style.indent * level)
                remark = remarks.remark(line, self.rng, self.reference_in_remark, last=last)
                if remark:
                    if self.style.blank_lines and out and out[-1]:
                        out.append("")
                    out.append(f"{pad}# {remark}")
            written = self.line(line, level, last=last, inlined=inlined)
            if not last:
                written[-1] += ";"
            out += written
        return out

    def inline(self, lines: Sequence[Line]) -> tuple[list[Line], dict[Formula, Assume]]:
        """Take the subproofs that only the last ``cases`` uses out of the block, to stand in its arguments."""
        last = lines[-1]
        if not (isinstance(last, Step) and last.rule == "cases" and self.style.inline):
            return list(lines), {}
        if self.rng.random() >= self.style.inline or len({*last.args[1:]}) < 2:
            return list(lines), {}
        wanted = last.args[1:]
        found = {n.formula: n for n in lines if isinstance(n, Assume) and not n.absurd and n.formula in wanted}
        cited = [f for n in lines[:-1] for f in _cited(n)]
        if len(found) < 2 or any(f in cited for f in found):
            return list(lines), {}
        return [n for n in lines if n.formula not in found], found

    def reference_in_remark(self, f: Formula) -> str:
        name = next((scope[f] for scope in reversed(self.scopes) if f in scope), None)
        return name if name and self.rng.random() < 0.4 else self.text(f)

    def line(self, line: Line, level: int, *, last: bool, inlined: dict[Formula, Assume] | None = None) -> list[str]:
        pad = " " * (self.style.indent * level)
        if isinstance(line, Assume):
            name = None if last and self.rng.random() < 0.8 else self.name_for(line.formula, "sub")
            written = self.subproof(line, level)
            written[0] = f"{pad}{name + ' := ' if name else ''}{written[0]}"
            if name:
                self.scopes[-1][line.formula] = name
            return written
        args = self.arguments(line, level, inlined or {})
        body = f"{line.rule} on {args}"
        if line.rule == "from":
            body = f"{self.text(line.formula)} from {args}"
        elif self.rng.random() < self.style.annotated:
            body = f"{self.text(line.formula)} BY {body}"
        name = None if last and self.rng.random() < 0.8 else self.name_for(line.formula, "step")
        if name:
            body = f"{name} := {body}"
            self.scopes[-1][line.formula] = name
        return f"{pad}{body}".split("\n")

    def arguments(self, step: Step, level: int, inlined: dict[Formula, Assume]) -> str:
        cited = step.cited()
        parts = []
        for argument in step.args:
            if argument in inlined:
                subproof = self.subproof(inlined[argument], level + 1)
                parts.append("(" + "\n".join(subproof) + ")")
            elif any(argument is c for c in cited):
                parts.append(self.cite(argument))
            else:
                parts.append(self.text(argument))
        return ", ".join(parts)

    def subproof(self, line: Assume, level: int) -> list[str]:
        """``assume ... {``, the body and ``}``; the first line is not indented."""
        pad = " " * (self.style.indent * level)
        self.scopes.append({})
        self.taken.append({})
        named = self.style.naming != "none" and self.rng.random() < self.style.name_hypotheses
        hypothesis = self.text(line.hypothesis)
        if named and not line.absurd:
            name = self.name_for(line.hypothesis, "hyp")
            if name:
                self.scopes[-1][line.hypothesis] = name
                hypothesis = f"{name} := {hypothesis}"
        word = "suppose-absurd" if line.absurd else "assume"
        body = self.block(line.body, level + 1)
        self.scopes.pop()
        self.taken.pop()
        return [f"{word} {hypothesis} {{", *body, f"{pad}}}"]


def _cited(line: Line) -> tuple[Formula, ...]:
    if isinstance(line, Step):
        return line.cited()
    return tuple(f for inner in line.body for f in _cited(inner))
