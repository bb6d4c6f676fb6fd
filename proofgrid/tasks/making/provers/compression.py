"""Makes macro proofs short: needless case distinctions go, and small steps are folded into large ones."""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker.formulas import FALSE, Formula
from proofgrid.checker.macro.weights import JUSTIFIERS, Weights
from proofgrid.tasks.making.provers.lines import Assume, Line, Step, free_in, minimise


def keeps_the_bound(lines: Sequence[Line], weights: Weights) -> bool:
    """Whether no step weighs more than it may."""
    return all(
        keeps_the_bound(line.body, weights)
        if isinstance(line, Assume)
        else weights.step(tuple(line.args), line.formula).kept
        for line in lines
    )


def unwrap(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Cases whose body never cites its hypothesis stand for themselves, and the rest of the block is not needed."""
    out: list[Line] = []
    for line in lines:
        if isinstance(line, Assume):
            body = unwrap(line.body)
            target = lines[-1].formula
            if line.hypothesis not in free_in(body) and body[-1].formula in (target, FALSE):
                out += body
                if body[-1].formula is not target:
                    last = out.pop()
                    if isinstance(last, Step):
                        out.append(Step("from", last.args, target))
                    else:
                        out += [last, Step("from", (FALSE,), target)]
                return tuple(out)
            line = Assume(line.hypothesis, body)
        out.append(line)
    return tuple(out)


def compress(lines: Sequence[Line], weights: Weights) -> tuple[Line, ...]:
    """Fold steps that are used once into the step that uses them, while that keeps the bound on what a step weighs."""
    current = minimise(lines)
    while True:
        uses: dict[Formula, int] = {}
        _count(current, uses)
        folded, changed = _fold(current, {}, uses, weights)
        if not changed:
            return current
        current = minimise(folded)


def _count(lines: Sequence[Line], uses: dict[Formula, int]) -> None:
    for line in lines:
        if isinstance(line, Step):
            for f in line.args:
                uses[f] = uses.get(f, 0) + 1
        else:
            _count(line.body, uses)


def _fold(
    lines: Sequence[Line], sources: dict[Formula, Step], uses: dict[Formula, int], weights: Weights
) -> tuple[tuple[Line, ...], bool]:
    """One pass; ``sources`` are the steps in scope that may be folded into their only use."""
    out: list[Line] = []
    scope = dict(sources)
    discharged: set[Formula] = set()  # (p ==> false) may be as strong as several premises, the literal (~ p) never is
    changed = False
    for line in lines:
        if isinstance(line, Assume):
            inner = {f: s for f, s in scope.items() if f is not line.hypothesis}
            body, more = _fold(line.body, inner, uses, weights)
            out.append(Assume(line.hypothesis, body))
            discharged.add(line.formula)
            changed = changed or more
            continue
        args = list(line.args)
        for f in line.args:
            if f in scope and uses.get(f) == 1:
                merged = list(dict.fromkeys([*(a for a in args if a is not f), *scope[f].args]))
                if len(merged) <= JUSTIFIERS and weights.step(merged, line.formula).kept:
                    args = merged
                    changed = True
        step = Step("from", tuple(args), line.formula)
        out.append(step)
        if discharged.isdisjoint(step.args):
            scope[line.formula] = step
    return tuple(out), changed
