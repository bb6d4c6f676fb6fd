"""Certificates that no filling of a proof's holes works, and their verification.

A certificate is the tree of a search that failed. A node first takes alternatives that are the only ones left
(``take``: [step, argument, alternative]), then names a choice (``on``) and has a child for every alternative of it
that is not refuted at once (``then``). Verification shares nothing with the search but the constraints: it checks
with a unifier of its own, without undoing, that at every ``take`` and ``on`` each alternative that is passed over
clashes with what was taken before. Then no filling exists, whatever the holes are filled with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid.checker.formulas import Formula
from proofgrid.tasks.kinds.masking.constraints import Constraints, StepChoice, is_variable

Bindings = dict[Formula, Formula]


def verify(constraints: Constraints, certificate: Mapping[str, Any]) -> bool:
    """Whether ``certificate`` proves that ``constraints`` have no solution. Total: a malformed one proves nothing."""
    bindings: Bindings = {}
    for a, b in constraints.equations:
        extended = _unify(bindings, a, b)
        if extended is None:
            return certificate.get("equations") is True
        bindings = extended
    try:
        return _verify(constraints, certificate, bindings)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return False


def _verify(constraints: Constraints, root: Mapping[str, Any], bindings: Bindings) -> bool:
    stack: list[tuple[Mapping[str, Any], Bindings, dict[int, int], tuple[int, int, int] | None]]
    stack = [(root, bindings, {}, None)]
    while stack:
        node, bindings, forms, first = stack.pop()
        bindings, forms = dict(bindings), dict(forms)
        for number, (step, argument, alternative) in enumerate([*([first] if first else []), *node["take"]]):
            chosen = _take(constraints, bindings, forms, (step, argument), alternative)
            if number >= (1 if first else 0):
                harmless = chosen is not None and argument >= 0 and len(chosen) == len(bindings)
                for other in [] if harmless else _alternatives(constraints, forms, (step, argument)):
                    if other != alternative and not _clashes(constraints, bindings, forms, (step, argument), other):
                        return False
            if chosen is None:
                break  # what had to be taken clashes: refuted
            bindings = chosen
            if argument < 0:
                forms[step] = alternative
        else:
            choice = (int(node["on"][0]), int(node["on"][1]))
            for alternative in _alternatives(constraints, forms, choice):
                child = node["then"].get(str(alternative))
                if child is not None:
                    stack.append((child, bindings, forms, (*choice, alternative)))
                elif not _clashes(constraints, bindings, forms, choice, alternative):
                    return False
    return True


def _alternatives(constraints: Constraints, forms: Mapping[int, int], choice: tuple[int, int]) -> Sequence[int]:
    step = constraints.steps[choice[0]]
    if choice[1] < 0:
        if choice[0] in forms:
            raise ValueError("the form of this step was taken before")
        return range(len(step.alternatives))
    _targets(step, forms[choice[0]])[choice[1]]  # the argument must exist
    return step.facts


def _targets(step: StepChoice, form: int) -> list[Formula]:
    alternative = step.alternatives[form]
    held = [alternative.arguments[i] for i in alternative.holds if i not in step.inline]
    return [*held, *alternative.requires]


def _take(
    constraints: Constraints, bindings: Bindings, forms: Mapping[int, int], choice: tuple[int, int], alternative: int
) -> Bindings | None:
    step = constraints.steps[choice[0]]
    if choice[1] >= 0:
        return _unify(bindings, _targets(step, forms[choice[0]])[choice[1]], constraints.facts[alternative])
    form = step.alternatives[alternative]
    extended = _unify(bindings, form.concludes, step.conclusion)
    for pattern, argument in zip(form.arguments, step.arguments, strict=True):
        extended = None if extended is None else _unify(extended, pattern, argument)
    return extended


def _clashes(
    constraints: Constraints, bindings: Bindings, forms: Mapping[int, int], choice: tuple[int, int], alternative: int
) -> bool:
    extended = _take(constraints, bindings, forms, choice, alternative)
    if extended is None:
        return True
    if choice[1] >= 0:
        return False
    step = constraints.steps[choice[0]]
    return any(
        all(_unify(extended, target, constraints.facts[fact]) is None for fact in step.facts)
        for target in _targets(step, alternative)
    )


def _unify(bindings: Bindings, a: Formula, b: Formula) -> Bindings | None:
    """Bindings that extend ``bindings`` and make a and b equal, or None; ``bindings`` is not changed."""
    new: Bindings = {}

    def value(f: Formula) -> Formula:
        while True:
            if f in new:
                f = new[f]
            elif f in bindings:
                f = bindings[f]
            else:
                return f

    def inside(v: Formula, f: Formula) -> bool:
        f = value(f)
        if f is v:
            return True
        if f.op in ("atom", "true", "false"):
            return False
        return inside(v, f.left) or (f.op != "~" and inside(v, f.right))

    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        a, b = value(a), value(b)
        if a is b:
            continue
        if not is_variable(a):
            a, b = b, a
        if is_variable(a):
            if inside(a, b):
                return None
            new[a] = b
        elif a.op != b.op or a.op in ("atom", "true", "false"):
            return None
        else:
            pairs.append((a.left, b.left))
            if a.op != "~":
                pairs.append((a.right, b.right))
    return {**bindings, **new} if new else bindings
