"""What would have been right: the nearest formula that holds, the step that gives a missing one, a fitting rule.

Advice only: nothing here decides a verdict, and the work is bounded whatever the size of the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import permutations
from typing import Final

from proofgrid.checker.formulas import FALSE, Formula, complements, show
from proofgrid.checker.natural.relations import one_by_parts, same_up_to_order, without_double_negations
from proofgrid.checker.rules import RULES, results

_CANDIDATES: Final = 200
_LENGTH: Final = 200
_UNARY: Final = ("left-and", "right-and", "dn", "left-iff", "right-iff", "dm", "neg-cond", "neg-bicond", "cond-def",
                 "bicond-def'")  # fmt: skip


def _small(formula: Formula) -> bool:
    return not show(formula, _LENGTH).endswith("…")


def _kinship(candidate: Formula, missing: Formula) -> int:
    """How a formula that holds is related to a missing one: 3 equal up to order or double negations, 2 the converse
    or contrapositive, 1 equal up to negations, 0 none of these."""
    if same_up_to_order(candidate, missing):
        return 3
    bare, wanted = without_double_negations(candidate), without_double_negations(missing)
    if bare is wanted:
        return 3
    if bare.op == wanted.op and bare.op in ("==>", "<==>"):
        left, right = wanted.left, wanted.right
        if (bare.left is right and bare.right is left) or (
            complements(bare.left, right) and complements(bare.right, left)
        ):
            return 2
    return 1 if one_by_parts(bare, wanted, complements) else 0


def nearest_held(missing: Formula, holds: Sequence[Formula]) -> Formula | None:
    """Of ``holds`` (latest first), the formula most like ``missing``; None where nothing comes near.

    A formula that differs in the order of its parts, a converse, and one that differs in a negation are nearer than
    any that merely reads alike.
    """
    if not _small(missing):
        return None
    text = show(missing, _LENGTH)
    best: Formula | None = None
    best_rank = (0, 0.6)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)
    for candidate in holds[:_CANDIDATES]:
        if not _small(candidate):
            continue
        kinship = _kinship(candidate, missing)
        if kinship == 3:
            return candidate
        if kinship < best_rank[0]:
            continue
        matcher.set_seq1(show(candidate, _LENGTH))
        if kinship and (rank := (kinship, matcher.ratio())) > best_rank:
            best, best_rank = candidate, rank
        elif best_rank[0] == 0 and matcher.quick_ratio() > best_rank[1] and (ratio := matcher.ratio()) > best_rank[1]:
            best, best_rank = candidate, (0, ratio)
    return best


def how_to_get(missing: Formula, holds: Sequence[Formula]) -> str | None:
    """One step that would conclude ``missing`` from what holds, in a sentence; None where none is at hand."""
    held = dict.fromkeys(holds)
    for candidate in holds[:_CANDIDATES]:
        for name in _UNARY:
            for _, conclusion in results(RULES[name], (candidate,)):
                if conclusion is missing:
                    return f"'{name} on {show(candidate, _LENGTH)}' gives it"
        if candidate.op == "==>" and candidate.right is missing and candidate.left in held:
            return f"'mp on {show(candidate, _LENGTH)}, {show(candidate.left, _LENGTH)}' gives it"
    if missing.op == "&" and missing.left in held and missing.right in held:
        return f"'both on {show(missing.left, _LENGTH)}, {show(missing.right, _LENGTH)}' gives it"
    if missing.op == "|":
        for side, rule in ((missing.left, "left-either"), (missing.right, "right-either")):
            if side in held:
                return f"'{rule} on {show(missing.left, _LENGTH)}, {show(missing.right, _LENGTH)}' gives it"
        if complements(missing.left, missing.right) and missing.right.op == "~":
            return f"'ex-middle on {show(missing.left, _LENGTH)}' gives it"
    if missing is FALSE:
        for candidate in holds[:_CANDIDATES]:
            if candidate.op == "~" and candidate.left in held:
                return f"'absurd on {show(candidate.left, _LENGTH)}, {show(candidate, _LENGTH)}' gives it"
    return None


def without_a_step(missing: Formula, nearest: Formula | None, entailed: bool) -> str:
    """What to do about a missing formula that no single step gives."""
    if nearest is not None and same_up_to_order(nearest, missing):
        return f"cite it in the order in which it holds: {show(nearest, _LENGTH)}"
    if not entailed:
        if nearest is not None and nearest.op == missing.op == "==>" and nearest.left is missing.right:
            return f"only its converse holds, and {show(missing, _LENGTH)} does not follow from what holds here"
        return f"{show(missing, _LENGTH)} does not follow from what holds here: no step can conclude it"
    if missing.op == "==>":
        return f"it follows from what holds here: prove it with 'assume {show(missing.left, _LENGTH)} {{ ... }}'"
    return f"{show(missing, _LENGTH)} follows from what holds here, but no step has concluded it: prove it first"


def other_rule(arguments: Sequence[Formula], stated: Formula | None, holds: Sequence[Formula], rule: str) -> str | None:
    """A rule, or order of the arguments, that gives ``stated`` from the same arguments, where what it needs holds.

    Where the step states nothing: another order of the arguments that ``rule`` takes.
    """
    if len(arguments) > 3:
        return None
    held = set(holds)
    for order in permutations(arguments):
        for other in RULES.values():
            if other.arity != len(order) or other.name in ("claim", "from-false", "from-complements"):
                continue
            if stated is None and other.name != rule:
                continue
            for form, conclusion in results(other, order):
                if stated is not None and conclusion is not stated:
                    continue
                if all(order[i] in held for i in form.holds) and held.issuperset(form.requires):
                    gives = "it" if stated is not None else show(conclusion, _LENGTH)
                    return f"'{other.name} on {', '.join(show(f, _LENGTH) for f in order)}' gives {gives}"
    return None


_ALIASES: Final = {
    "absurd": ("contradiction", "false-intro", "neg-elim"),
    "both": ("conj", "and", "and-intro", "conjunction", "both-and"),
    "by-contradiction": ("raa", "reductio", "contradiction-proof", "by-contra"),
    "cases": ("or-elim", "disj-elim", "by-cases", "constructive-dilemma"),
    "claim": ("reiterate", "repeat", "copy", "restate", "reit"),
    "cond-def": ("implication", "material-implication", "impl-def"),
    "dm": ("demorgan", "de-morgan", "demorgans", "de-morgans"),
    "dn": ("double-negation", "dne", "neg-neg", "not-not"),
    "dsyl": ("disjunctive-syllogism", "ds", "disj-syl"),
    "equiv": ("iff-intro", "iff", "bicond"),
    "ex-middle": ("excluded-middle", "lem", "em"),
    "from-false": ("ex-falso", "false-elim", "explosion"),
    "left-and": ("and-elim-left", "and-left", "simplification"),
    "left-either": ("or-intro-left", "or-left", "addition", "left-or", "either"),
    "mp": ("modus-ponens", "implies-elim", "imp-elim"),
    "mt": ("modus-tollens",),
    "right-and": ("and-elim-right", "and-right"),
    "right-either": ("or-intro-right", "or-right", "right-or"),
}
_ALIAS_OF: Final = {alias: rule for rule, aliases in _ALIASES.items() for alias in aliases}


def similar_rule(name: str) -> str | None:
    """The rule that ``name`` may have been meant for: a misspelling, or what other systems call it."""
    plain = name.lower().replace("_", "-")
    if plain in RULES:
        return plain
    return _ALIAS_OF.get(plain) or similar_name(plain, RULES)


def similar_name(name: str, names: Iterable[str]) -> str | None:
    """Of ``names``, the one that ``name`` may be a misspelling of."""
    if len(name) > 40:
        return None
    near = get_close_matches(name, [n for n in names if len(n) <= 40], 1, 0.7)
    return near[0] if near else None


_FOREIGN_SYMBOLS: Final = (
    ("//", "a comment starts with '#'"),
    ("/*", "a comment starts with '#' and ends with the line"),
    ("=", "a name is given with ':='"),
)


def reading_hint(text: str, at: int, opened: bool) -> str | None:
    """What may have been meant by the symbol at offset ``at``, where a proof cannot be read.

    ``opened``: whether a formula or name stands directly before it as a whole step (``{ ...; B }``).
    """
    if text.lstrip().startswith("```"):
        return "leave out the code fences around the proof"
    for symbol, hint in _FOREIGN_SYMBOLS:
        if text.startswith(symbol, at):
            return hint
    here = text[at : at + 1]
    if opened and here in ("}", ";"):
        return "a formula alone is no step: to conclude what holds already, write 'claim on' before it"
    if here == "(":
        return "only an argument is a proof in parentheses: put a step in braces, or leave them out"
    return None
