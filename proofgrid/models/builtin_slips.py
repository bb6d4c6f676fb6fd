"""Slips of the pen, as they stand in published answers: what simulated students do to a proof that they had right.

Each slip is one small edit at one step, by the spans of the syntax tree. Most of them the checker reads through and
records as fixes (docs/spec.md, section 3); which ones it does, nobody here asks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Literal

from proofgrid.checker import CheckerError, Formula, parse_formula, parse_proof
from proofgrid.checker.natural.syntax import Assume, From, ParsedProof, RuleApplication, SupposeAbsurd, Term
from proofgrid.tasks.making.mutations import splice
from proofgrid.tasks.making.provers.writer import formula_text

Step = RuleApplication | From | Assume | SupposeAbsurd
Edit = tuple[int, int, str]
"""Start and end of a span of the text, and what stands there instead."""
Slip = Callable[[ParsedProof, Step, Random], Edit | None]
_OTHER_SIDE = {
    "left-and": "right-and",
    "right-and": "left-and",
    "left-iff": "right-iff",
    "right-iff": "left-iff",
    "left-either": "right-either",
    "right-either": "left-either",
}
_SYMBOLS = (
    {"==>": "→", "<==>": "↔", "&": "∧", "|": "∨", "~": "¬"},
    {"==>": "->", "<==>": "<->"},
    {"==>": "=>", "&": "&&", "|": "||"},
    {"==>": "implies", "&": "and", "|": "or", "~": "not "},
)


def _terms(step: Step) -> list[Term]:
    if isinstance(step, (Assume, SupposeAbsurd)):
        return [step.hypothesis]
    said = [] if step.conclusion is None else [step.conclusion]
    return said + [a for a in step.arguments if isinstance(a, Term)]


def _formula(term: Term | None) -> Formula | None:
    try:
        return None if term is None or term.is_name else parse_formula(term.text)
    except (CheckerError, ValueError):  # a name stands inside
        return None


def bare_formula(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """A formula loses its outer parentheses."""
    terms = [t for t in _terms(step) if t.text.startswith("(") and t.text.endswith(")")]
    if not terms:
        return None
    term = rng.choice(terms)
    return term.start, term.end, term.text[1:-1].strip()


def other_symbols(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """A formula is written with the connectives of a textbook, a programming language or English."""
    terms = [t for t in _terms(step) if not t.is_name]
    if not terms:
        return None
    term, symbols = rng.choice(terms), rng.choice(_SYMBOLS)
    written = re.sub(r"<==>|==>|[&|~]", lambda m: symbols.get(m.group(), m.group()), term.text)
    return None if written == term.text else (term.start, term.end, written)


def premise_misspelt(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """``premise-1`` as ``premise1``, ``Premise-1`` or ``premise_1``."""
    terms = [t for t in _terms(step) if re.fullmatch(r"premise-\d+", t.text)]
    if not terms:
        return None
    term, number = terms[0], terms[0].text.removeprefix("premise-")
    return term.start, term.end, rng.choice((f"premise{number}", f"Premise-{number}", f"premise_{number}"))


def rule_respelt(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """``left-and`` as ``left_and`` or ``LEFT-AND``."""
    if not isinstance(step, RuleApplication):
        return None
    written = step.rule.replace("-", "_") if "-" in step.rule and rng.random() < 0.6 else step.rule.upper()
    return step.rule_start, step.rule_end, written


def called_like_a_function(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """``mp(a, b)`` for ``mp on a, b``."""
    if not isinstance(step, RuleApplication):
        return None
    arguments = parsed.text[step.arguments[0].start : step.end]
    return step.rule_start, step.end, f"{step.rule}({arguments})"


def semicolon_slip(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """The semicolon after a step is left out or doubled."""
    after = re.compile(r"\s*;").match(parsed.text, step.end)
    return None if after is None else (after.end() - 1, after.end(), rng.choice(("", "", ";;")))


def colon_for_assign(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """``assume h: p`` for ``assume h := p``."""
    if not isinstance(step, Assume) or step.hypothesis_label is None:
        return None
    return step.hypothesis_label.end, step.hypothesis.start, ": "


def other_side(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """Left for right, where the step announces what it means."""
    if not isinstance(step, RuleApplication) or step.rule not in _OTHER_SIDE or step.conclusion is None:
        return None
    return step.rule_start, step.rule_end, _OTHER_SIDE[step.rule]


def turned_round(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """A conjunction or disjunction is announced the other way round."""
    if not isinstance(step, RuleApplication):
        return None
    term, f = step.conclusion, _formula(step.conclusion)
    if term is None or f is None or f.op not in ("&", "|") or f.left is f.right:
        return None
    return term.start, term.end, f"({formula_text(f.right)} {f.op} {formula_text(f.left)})"


def double_negation_dropped(parsed: ParsedProof, step: Step, rng: Random) -> Edit | None:
    """A conclusion is announced without the double negation that the rule leaves."""
    if not isinstance(step, RuleApplication) or step.rule not in ("dm", "neg-cond", "cond-def", "mt"):
        return None
    term, f = step.conclusion, _formula(step.conclusion)
    if term is None or f is None or "(~ (~ " not in str(f):
        return None
    plain = re.sub(r"\(~ \(~ ([A-Z][0-9_]*)\)\)", r"\1", str(f))
    return None if plain == str(f) else (term.start, term.end, plain)


SLIPS: Mapping[str, tuple[float, Slip]] = {
    slip.__name__: (weight, slip)
    for weight, slip in (
        (3, bare_formula),
        (2, other_symbols),
        (2, semicolon_slip),
        (1, premise_misspelt),
        (1, rule_respelt),
        (0.5, called_like_a_function),
        (1, colon_for_assign),
        (4, other_side),
        (3, turned_round),
        (2, double_negation_dropped),
    )
}
"""Weight and slip by name, roughly as often as they are seen."""


def slipped(
    proof: str,
    language: Literal["ndl", "macro"],
    rate: float,
    rng: Random,
    slips: Mapping[str, tuple[float, Slip]] = SLIPS,
) -> str:
    """The proof with a slip at each step with probability ``rate``, where one fits; unchanged if it cannot be read."""
    try:
        parsed = parse_proof(proof, language)
    except CheckerError:
        return proof
    edits: list[Edit] = []
    for step in [n for n in parsed.walk() if isinstance(n, (RuleApplication, From, Assume, SupposeAbsurd))]:
        if rng.random() >= rate:
            continue
        found = [(weight, edit) for weight, slip in slips.values() if (edit := slip(parsed, step, rng)) is not None]
        fitting = [(weight, edit) for weight, edit in found if not _overlaps(edit, edits)]
        if fitting:
            edits.append(rng.choices([edit for _, edit in fitting], [weight for weight, _ in fitting])[0])
    written = splice(proof, edits)
    if rng.random() < rate:
        written += rng.choice(("\nQED", ".", "\n\nThis completes the proof."))
    return written


def _overlaps(edit: Edit, others: Sequence[Edit]) -> bool:
    return any(edit[0] < end and start < edit[1] for start, end, _ in others)
