"""Whether a problem is settled by a single rule application: such problems are not asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from proofgrid.checker.formulas import Formula
from proofgrid.checker.rules import RULES, results


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
