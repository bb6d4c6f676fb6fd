"""The builtin model's way to fill gaps: work out what each gap has to deliver, then prove it.

What remains of the proof is read as constraints (:mod:`proofgrid.tasks.kinds.masking.constraints`) in which a name
that only a gap can
bind, and what a gap concludes at the end of a block, are metavariables. Unifying each remaining step with its rule
settles most of them; the rest are guessed among subformulas that follow. What a step needs and nothing else provides
is charged to the first gap in scope at which it follows, and proved there by the goal-directed prover.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from proofgrid.checker import entails
from proofgrid.checker.formulas import FALSE, Formula, build, postorder
from proofgrid.tasks.kinds.masking.constraints import Alternative, Constraints, GapSite, StepChoice
from proofgrid.tasks.kinds.masking.solver import Unifier, ground
from proofgrid.tasks.making.provers.goal_directed import GoalDirected
from proofgrid.tasks.making.provers.writer import write

_ENTAILMENTS = 4_000


class GapFitter:
    """One attempt on one proof, within ``budget`` search steps of the prover."""

    def __init__(self, constraints: Constraints, premises: Sequence[Formula], goal: Formula, budget: int) -> None:
        self.all = constraints
        self.budget = budget
        self.unifier = Unifier(10**9)
        self.checks = _ENTAILMENTS
        self.pool = [f for f in postorder(*premises, goal) if f.op != "atom"]
        self.pool += [f for f in postorder(*premises, goal) if f.op == "atom"]
        self.pool += [build("~", f) for f in self.pool if f.op != "~"]
        self.forms: dict[int, Alternative] = {}
        self.delivered: dict[str, dict[Formula, list[str]]] = {name: {} for name in constraints.gaps}
        """What each gap provides, with the names it is given."""

    def run(self) -> dict[str, str]:
        """Steps for the gaps that could be filled."""
        for a, b in self.all.equations:
            self.unifier.unify(a, b)
        self._settle()
        for index, step in enumerate(self.all.steps):
            self._charge(step, self.forms.get(index))
        for site in self.all.gaps.values():
            for name, meant in site.names.items():
                self._bind(name, meant)
        return dict(self._write())

    # --- unification -------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Take the form of every step of which only one fits; then of the others the first that fits."""
        forced = True
        while True:
            changed = False
            for index, step in enumerate(self.all.steps):
                if index in self.forms:
                    continue
                fitting = [form for form in step.alternatives if self._fits(step, form)]
                if len(fitting) == 1 or (fitting and not forced):
                    self._take(index, step, fitting[0])
                    changed = True
                    if not forced:
                        break
            if not changed:
                if not forced:
                    return
                forced = False
            else:
                forced = True

    def _fits(self, step: StepChoice, form: Alternative) -> bool:
        mark = len(self.unifier.trail)
        fits = self._unify(step, form)
        if fits and not step.gaps:
            fits = all(
                any(self.unifier.unifiable(self.all.facts[fact], form.arguments[i]) for fact in step.facts)
                for i in form.holds
                if i not in step.inline
            )
        self.unifier.undo(mark)
        return fits

    def _unify(self, step: StepChoice, form: Alternative) -> bool:
        unify = self.unifier.unify
        return all(unify(p, a) for p, a in zip(form.arguments, step.arguments, strict=True)) and unify(
            form.concludes, step.conclusion
        )

    def _take(self, index: int, step: StepChoice, form: Alternative) -> None:
        self._unify(step, form)
        self.forms[index] = form
        for position in form.holds:
            target = self.unifier.resolve(form.arguments[position])
            if self.unifier.has_variables(target) and target.op != "atom" and not step.gaps:
                facts = [f for f in step.facts if self.unifier.unifiable(self.all.facts[f], target)]
                if len(facts) == 1:
                    self.unifier.unify(self.all.facts[facts[0]], target)

    # --- what gaps have to deliver -----------------------------------------------------------------------------

    def known(self, site: GapSite) -> list[Formula]:
        """What holds at a gap as far as it is settled, earlier gaps included."""
        facts = [self.unifier.resolve(self.all.facts[fact]) for fact in site.facts]
        for name in site.earlier:
            facts += self.delivered[name]
        return list(dict.fromkeys(f for f in facts if not self.unifier.has_variables(f)))

    def follows(self, formula: Formula, site: GapSite) -> bool:
        """Whether a gap could deliver ``formula``."""
        self.checks -= 1
        return self.checks > 0 and entails(self.known(site), formula)

    def _charge(self, step: StepChoice, form: Alternative | None) -> None:
        if form is None:
            return
        needed = [form.arguments[i] for i in form.holds if i not in step.inline] + list(form.requires)
        for target in needed:
            wanted = self.unifier.resolve(target)
            if self.unifier.has_variables(wanted):
                wanted = self._guess(target, step.gaps) or wanted
                if self.unifier.has_variables(wanted):
                    continue
            holds = any(self.unifier.resolve(self.all.facts[fact]) is wanted for fact in step.facts)
            if not holds and not any(wanted in self.delivered[gap] for gap in step.gaps):
                self._deliver(wanted, step.gaps)

    def _guess(self, target: Formula, gaps: Sequence[str]) -> Formula | None:
        """Settle what is open in ``target`` by the first formula of the problem that fits and follows."""
        for candidate in self.pool:
            if self.unifier.unifiable(target, candidate):
                for gap in gaps:
                    if self.follows(candidate, self.all.gaps[gap]):
                        self.unifier.unify(target, candidate)
                        return candidate
        shape = self.unifier.resolve(target)
        if shape.op == "atom":
            return None
        for gap in gaps:
            site = self.all.gaps[gap]
            for part in [*self.known(site), *self.pool]:
                candidate = ground(shape, part)
                if self.unifier.unifiable(target, candidate) and self.follows(candidate, site):
                    self.unifier.unify(target, candidate)
                    return candidate
        return None

    def _deliver(self, wanted: Formula, gaps: Sequence[str]) -> None:
        for gap in gaps:
            if self.follows(wanted, self.all.gaps[gap]):
                self.delivered[gap].setdefault(wanted, [])
                return

    def _bind(self, name: str, meant: Formula) -> None:
        sites = [site for site in self.all.gaps.values() if site.names.get(name) is meant]
        if any(name in names for site in sites for names in self.delivered[site.name].values()):
            return
        formula = self.unifier.resolve(meant)
        if self.unifier.has_variables(formula):
            guessed = self._guess(meant, [site.name for site in sites])
            if guessed is None:
                return
            formula = guessed
        for site in sites:
            if formula in self.delivered[site.name]:
                self.delivered[site.name][formula].append(name)
                return
        for site in sites:
            if self.follows(formula, site):
                self.delivered[site.name][formula] = [name]
                return

    # --- proving -----------------------------------------------------------------------------------------------

    def _write(self) -> Iterator[tuple[str, str]]:
        for name, site in self.all.gaps.items():
            wanted = dict(self.delivered[name])
            if site.conclusion is not None:
                last = self.unifier.resolve(site.conclusion)
                if self.unifier.has_variables(last):
                    last = next((f for f in self.pool if self.follows(f, site)), FALSE)
                    self.unifier.unify(site.conclusion, last)
                wanted[last] = wanted.pop(last, [])
            holding = self.known(site)
            steps: list[str] = []
            for formula, labels in wanted.items():
                proved = self._prove(holding, formula)
                if proved is None:
                    break
                steps.append("".join(f"{label} := " for label in labels) + proved)
                holding.append(formula)
            else:
                yield name, ";\n".join(steps) or f"claim on {holding[0] if holding else 'true'}"

    def _prove(self, holding: Sequence[Formula], formula: Formula) -> str | None:
        if formula in holding:
            return f"claim on {formula}"
        if self.budget <= 0 or not entails(holding, formula):
            return None
        search = GoalDirected(holding, formula, self.budget)
        lines = search.run()
        self.budget -= search.state.spent
        return None if lines is None else write(lines, ())
