"""Whether a problem is settled by a single rule application, or by no reasoning: such problems are not asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from proofgrid.checker.formulas import Formula, atoms
from proofgrid.checker.rules import RULES, results
from proofgrid.tasks.making.problems.clauses import clausal_form


def decided_by_one_rule(premises: Sequence[Formula], goal: Formula) -> bool:
    """Whether one NDL rule gives the goal from premises (and from parts of the goal where arguments need not hold)."""
    if goal in premises:
        return True
    parts = [goal]
    if goal.op not in ("atom", "true", "false"):
        parts.append(goal.left)
        if goal.op != "~":
            parts.append(goal.right)
    held = list(dict.fromkeys(premises))
    for rule in RULES.values():
        for form in rule.forms:
            if not all(f in held for f in form.requires):
                continue
            pools = [held if i in form.holds else parts for i in range(len(form.arguments))]
            for arguments in product(*pools):
                if any(given is form and conclusion is goal for given, conclusion in results(rule, arguments)):
                    return True
    return False


def said_already(premises: Sequence[Formula], goal: Formula) -> bool:
    """Whether the premises say the goal in other words: each of its clauses is part of what one of theirs says.

    So it is for a premise up to order, De Morgan or double negation, for a conjunct, for a conjunction of premises.
    """
    bit = {name: 1 << k for k, name in enumerate(atoms(*premises, goal))}
    given = [clause for p in premises for clause in clausal_form(p, bit)]
    return all(any(a & c == c and b & d == d for c, d in given) for a, b in clausal_form(goal, bit))
