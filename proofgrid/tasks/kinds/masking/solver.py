"""A complete search for what fills the holes of a proof: DPLL over unification problems.

The choices are those of :mod:`proofgrid.tasks.kinds.masking.constraints`: the form of each step, and for each
argument that must hold
the fact that it is. Propagation strikes out alternatives that no longer unify, and takes the last one left; where
several are left everywhere, the choice with the fewest is branched on. Each choice is finite, and taking an
alternative adds no new choices but the step's own arguments, so the search ends: it finds a filling or proves that
there is none, and then its tree is a certificate (:mod:`proofgrid.tasks.kinds.masking.certificate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from proofgrid.checker.formulas import Formula, build, postorder
from proofgrid.tasks.kinds.masking.constraints import Alternative, Constraints, StepChoice, is_variable


class OutOfBudget(Exception):
    """The search has used up its unifications (internal)."""


Choice = tuple[int, int]
"""(index of the step, -1) for its form; (index of the step, k) for its k-th argument that must hold."""


@dataclass(slots=True)
class Solution:
    """One way to satisfy the constraints. Holes that anything fills have a metavariable inside."""

    rules: dict[str, str]
    formulas: dict[str, Formula]
    free: bool
    """Whether some hole may be filled with more than one formula here."""


class Unifier:
    """Bindings of metavariables with an undo trail. ``spent`` counts unifications against ``budget``."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.spent = 0
        self.bindings: dict[Formula, Formula] = {}
        self.trail: list[Formula] = []
        self._open: dict[Formula, bool] = {}

    def has_variables(self, f: Formula) -> bool:
        """Whether any metavariable is written in ``f`` (bound or not)."""
        found = self._open.get(f)
        if found is None:
            for g in postorder(f):
                if g not in self._open:
                    if g.op == "atom":
                        self._open[g] = g.name[0] == "?"
                    elif g.op in ("true", "false"):
                        self._open[g] = False
                    else:
                        self._open[g] = self._open[g.left] or (g.op != "~" and self._open[g.right])
            found = self._open[f]
        return found

    def walk(self, f: Formula) -> Formula:
        """``f``, or what it is bound to where it is a bound metavariable."""
        bindings = self.bindings
        while f in bindings:
            f = bindings[f]
        return f

    def resolve(self, f: Formula) -> Formula:
        """``f`` with every bound metavariable replaced."""
        f = self.walk(f)
        if not self.has_variables(f) or f.op == "atom":
            return f
        if f.op == "~":
            return build("~", self.resolve(f.left))
        return build(f.op, self.resolve(f.left), self.resolve(f.right))

    def variables(self, f: Formula) -> Iterator[Formula]:
        """The unbound metavariables of ``f``, perhaps some twice."""
        stack = [f]
        while stack:
            g = self.walk(stack.pop())
            if not self.has_variables(g):
                continue
            if g.op == "atom":
                yield g
            else:
                stack.append(g.left)
                if g.op != "~":
                    stack.append(g.right)

    def unify(self, a: Formula, b: Formula) -> bool:
        """Make the two equal; on failure some bindings may stay (undo to a mark)."""
        stack = [(a, b)]
        while stack:
            a, b = stack.pop()
            a, b = self.walk(a), self.walk(b)
            if a is b:
                continue
            if is_variable(a):
                if self._occurs(a, b):
                    return False
                self.bindings[a] = b
                self.trail.append(a)
            elif is_variable(b):
                if self._occurs(b, a):
                    return False
                self.bindings[b] = a
                self.trail.append(b)
            elif (
                a.op != b.op
                or a.op in ("atom", "true", "false")
                or not (self.has_variables(a) or self.has_variables(b))
            ):
                return False
            else:
                stack.append((a.left, b.left))
                if a.op != "~":
                    stack.append((a.right, b.right))
        return True

    def _occurs(self, v: Formula, f: Formula) -> bool:
        return any(w is v for w in self.variables(f)) if self.has_variables(f) else False

    def undo(self, mark: int) -> None:
        """Forget bindings made since the trail was ``mark`` long."""
        while len(self.trail) > mark:
            del self.bindings[self.trail.pop()]

    def unifiable(self, a: Formula, b: Formula) -> bool:
        """Whether the two could be made equal."""
        self.spent += 1
        if self.spent > self.budget:
            raise OutOfBudget
        mark = len(self.trail)
        ok = self.unify(a, b)
        self.undo(mark)
        return ok


class Solver(Unifier):
    """The search over one set of constraints, within ``budget`` unifications."""

    def __init__(self, constraints: Constraints, budget: int, *, record: bool = False) -> None:
        super().__init__(budget)
        self.all = constraints
        self.record = record
        self.refutation: dict[str, Any] | None = None
        self.taken: dict[int, int] = {}
        """Form taken, by index of the step."""
        self.left: dict[Choice, list[int]] = {}
        """Alternatives left of every open choice."""
        self._undo: list[tuple[Choice, list[int] | None]] = []
        self._watch: dict[Formula, dict[Choice, None]] = {}
        self._seen = 0

    # --- choices -----------------------------------------------------------------------------------------------

    def targets(self, step: StepChoice, form: Alternative) -> list[tuple[Formula, bool]]:
        """What must hold for a form of a step, in the order of the choices (step, 0), (step, 1), ..."""
        needed = [(form.arguments[i], i in step.inline) for i in form.holds]
        return [*((f, False) for f, inline in needed if not inline), *((f, False) for f in form.requires)]

    def target(self, choice: Choice) -> Formula:
        """The formula that must hold, for a choice of facts."""
        step = self.all.steps[choice[0]]
        return self.targets(step, step.alternatives[self.taken[choice[0]]])[choice[1]][0]

    def _set(self, choice: Choice, alternatives: list[int] | None) -> None:
        self._undo.append((choice, self.left.get(choice)))
        if alternatives is None:
            self.left.pop(choice, None)
        else:
            self.left[choice] = alternatives

    def _back(self, marks: tuple[int, int]) -> None:
        self.undo(marks[0])
        self._seen = min(self._seen, len(self.trail))
        while len(self._undo) > marks[1]:
            choice, before = self._undo.pop()
            if before is None:
                self.left.pop(choice, None)
            else:
                self.left[choice] = before
            if choice[1] < 0 and before is not None:
                self.taken.pop(choice[0], None)

    def form_fits(self, step: StepChoice, form: Alternative) -> bool:
        """Whether the form agrees with what is known of the step, and whether something can hold where it must."""
        self.spent += 1
        if self.spent > self.budget:
            raise OutOfBudget
        mark = len(self.trail)
        ok = all(self.unify(p, a) for p, a in zip(form.arguments, step.arguments, strict=True)) and self.unify(
            form.concludes, step.conclusion
        )
        if ok:
            ok = all(self.can_hold(target, step) for target, _ in self.targets(step, form))
        self.undo(mark)
        return ok

    def can_hold(self, target: Formula, step: StepChoice) -> bool:
        """Whether some fact in scope unifies with ``target``."""
        return any(self.unifiable(self.all.facts[fact], target) for fact in reversed(step.facts))

    def take(self, choice: Choice, alternative: int) -> bool:
        """Commit to an alternative; whether everything still unifies."""
        step = self.all.steps[choice[0]]
        if choice[1] >= 0:
            self._set(choice, None)
            return self.unify(self.target(choice), self.all.facts[alternative])
        form = step.alternatives[alternative]
        self._set(choice, None)
        self.taken[choice[0]] = alternative
        if not all(self.unify(p, a) for p, a in zip(form.arguments, step.arguments, strict=True)):
            return False
        if not self.unify(form.concludes, step.conclusion):
            return False
        for number, _ in enumerate(self.targets(step, form)):
            self._set((choice[0], number), list(step.facts))
        return True

    # --- propagation -------------------------------------------------------------------------------------------

    def narrow(self, choice: Choice) -> list[int]:
        """Alternatives of an open choice that still fit; a fact that is the target already stands alone."""
        step = self.all.steps[choice[0]]
        before = self.left[choice]
        if choice[1] < 0:
            self._watch_terms(choice, (*step.arguments, step.conclusion))
            kept = [i for i in before if self.form_fits(step, step.alternatives[i])]
        else:
            target = self.resolve(self.target(choice))
            self._watch_terms(choice, (target,))
            kept = []
            ground = not self.has_variables(target)
            for fact in reversed(before):
                f = self.walk(self.all.facts[fact])
                if f is target:
                    return [fact]
                if f.op != target.op and not is_variable(f) and not is_variable(target):
                    continue
                if ground and not self.has_variables(f):
                    continue
                if self.unifiable(f, target):
                    kept.append(fact)
                    self._watch_terms(choice, (f,))
                    if self.resolve(f) is target:
                        return [fact]
            kept.reverse()
        if len(kept) != len(before):
            self._set(choice, kept)
        return kept

    def _watch_terms(self, choice: Choice, terms: tuple[Formula, ...]) -> None:
        for term in terms:
            if self.has_variables(term):
                for v in self.variables(term):
                    self._watch.setdefault(v, {})[choice] = None

    def propagate(self, queue: dict[Choice, None], commits: list[tuple[Choice, int]]) -> Choice | None:
        """Narrow and take single alternatives until nothing changes; the choice that has none left, or None."""
        while True:
            while self._seen < len(self.trail):
                v = self.trail[self._seen]
                self._seen += 1
                for choice in self._watch.get(v, ()):
                    queue[choice] = None
            if not queue:
                return None
            choice = next(iter(queue))
            del queue[choice]
            if choice not in self.left:
                continue
            kept = self.narrow(choice)
            if not kept:
                return choice
            if len(kept) == 1:
                commits.append((choice, kept[0]))
                if not self.take(choice, kept[0]):
                    return choice  # cannot happen: it was narrowed under these bindings
                if choice[1] < 0:
                    step = self.all.steps[choice[0]]
                    for number, _ in enumerate(self.targets(step, step.alternatives[kept[0]])):
                        queue[(choice[0], number)] = None

    # --- search ------------------------------------------------------------------------------------------------

    def solutions(self) -> Iterator[Solution]:
        """Every solution, some perhaps twice. Afterwards ``refutation`` is set where there was none.

        Raises OutOfBudget.
        """
        for a, b in self.all.equations:
            if not self.unify(a, b):
                self.refutation = {"equations": True}
                return
        for index, step in enumerate(self.all.steps):
            self.left[(index, -1)] = list(range(len(step.alternatives)))
        yield from self._search()

    def _search(self) -> Iterator[Solution]:
        """Depth first, without recursion: a stack of branches, each with its alternatives yet to be tried."""
        found = False
        root: dict[str, Any] = {}
        node = root
        queue: dict[Choice, None] = dict.fromkeys(self.left)
        stack: list[tuple[Choice, list[int], tuple[int, int], dict[str, Any]]] = []
        while True:
            commits: list[tuple[Choice, int]] = []
            failed = self.propagate(queue, commits)
            if self.record:
                node["take"] = [[*choice, alternative] for choice, alternative in commits]
            if failed is not None:
                if self.record:
                    node["on"], node["then"] = list(failed), {}
            elif not self.left:
                found = True
                yield self._solution()
            else:
                choice = min(self.left, key=lambda c: (len(self.left[c]), c[1] < 0, -c[0], c[1]))
                order = list(self.left[choice])
                if choice[1] < 0:
                    order.reverse()
                if self.record:
                    node["on"], node["then"] = list(choice), {}
                stack.append((choice, order, (len(self.trail), len(self._undo)), node))
            while stack:
                choice, order, marks, parent = stack[-1]
                self._back(marks)
                if not order:
                    stack.pop()
                    continue
                alternative = order.pop()
                node = {}
                if self.record:
                    parent["then"][str(alternative)] = node
                self.take(choice, alternative)
                queue = {choice: None}
                if choice[1] < 0:
                    step = self.all.steps[choice[0]]
                    for number, _ in enumerate(self.targets(step, step.alternatives[alternative])):
                        queue[(choice[0], number)] = None
                break
            else:
                if not found:
                    self.refutation = root
                return

    def _solution(self) -> Solution:
        rules = {
            step.rule_hole: step.alternatives[self.taken[index]].rule
            for index, step in enumerate(self.all.steps)
            if step.rule_hole
        }
        formulas = {name: self.resolve(hole) for name, hole in self.all.holes.items()}
        return Solution(rules, formulas, any(self.has_variables(f) for f in formulas.values()))

    def partial(self) -> Solution:
        """Where the budget ran out: the masks that are settled on the branch that was being tried."""
        rules = {
            step.rule_hole: step.alternatives[self.taken[index]].rule
            for index, step in enumerate(self.all.steps)
            if step.rule_hole and index in self.taken
        }
        resolved = {name: self.resolve(hole) for name, hole in self.all.holes.items()}
        return Solution(rules, {name: f for name, f in resolved.items() if not self.has_variables(f)}, True)


def ground(f: Formula, filler: Formula) -> Formula:
    """``f`` with ``filler`` for every metavariable."""
    if f.op == "atom":
        return filler if is_variable(f) else f
    if f.op in ("true", "false"):
        return f
    if f.op == "~":
        return build("~", ground(f.left, filler))
    return build(f.op, ground(f.left, filler), ground(f.right, filler))
