"""What would have been right: the nearest formula that holds, the step that gives a missing one, a fitting rule.

Advice only: nothing here decides a verdict, and the work is bounded whatever the size of the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice, permutations
from typing import Final

from checker.formulas import FALSE, Formula, complements, show
from checker.ndl.tolerance import same_up_to_order, without_double_negations
from checker.rules import RULES, results

_CANDIDATES: Final = 200
_LENGTH: Final = 200
_UNARY: Final = ("left-and", "right-and", "dn", "left-iff", "right-iff", "dm", "neg-cond", "neg-bicond", "cond-def",
                 "bicond-def'")  # fmt: skip


def _small(formula: Formula) -> bool:
    return not show(formula, _LENGTH).endswith("…")


def nearest_held(missing: Formula, holds: Sequence[Formula]) -> Formula | None:
    """Of ``holds`` (latest first), the formula most like ``missing``; None where nothing comes near."""
    if not _small(missing):
        return None
    text = show(missing, _LENGTH)
    best: Formula | None = None
    best_ratio = 0.6
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)
    for candidate in holds[:_CANDIDATES]:
        if not _small(candidate):
            continue
        if same_up_to_order(candidate, missing) or (
            without_double_negations(candidate) is without_double_negations(missing)
        ):
            return candidate
        matcher.set_seq1(show(candidate, _LENGTH))
        if matcher.quick_ratio() > best_ratio and (ratio := matcher.ratio()) > best_ratio:
            best, best_ratio = candidate, ratio
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
    if missing.op == "==>":
        return f"prove it with 'assume {show(missing.left, _LENGTH)} {{ ... }}'"
    return None


def other_rule(arguments: Sequence[Formula], stated: Formula) -> str | None:
    """Another rule, or order of the arguments, that gives ``stated`` from the same arguments."""
    if len(arguments) > 3:
        return None
    for order in permutations(arguments):
        for rule in RULES.values():
            if rule.arity == len(order) and rule.name not in ("claim", "from-false", "from-complements"):
                for _, conclusion in results(rule, order):
                    if conclusion is stated:
                        return f"'{rule.name} on {', '.join(show(f, _LENGTH) for f in order)}' gives it"
    return None


def similar_name(name: str, names: Iterable[str]) -> str | None:
    """Of the first few hundred ``names``, the one that ``name`` may be a misspelling of."""
    if len(name) > 40:
        return None
    near = get_close_matches(name, [n for n in islice(names, 300) if len(n) <= 40], 1, 0.7)
    return near[0] if near else None
