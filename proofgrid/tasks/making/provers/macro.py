"""A prover for the macro language: constraint propagation, failed literals and cases, then large steps.

Each premise and hypothesis is a constraint over few atoms. Under the literals known so far its truth table says which
further literals are forced; each becomes a step ``literal from constraint, literals``. Where nothing is forced, both
values of the most telling atoms are tried: one that fails is refuted in an ``assume``, and if none fails the proof
goes by cases. Afterwards the proof is minimised, cases that did not need their hypothesis are unwrapped, and steps
that are used once are folded into the step that uses them while it has at most five justifiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from proofgrid.checker.formulas import FALSE, Formula, atom, atoms, implies, neg, opposite
from proofgrid.checker.macro.weights import JUSTIFIERS, Weights
from proofgrid.tasks.making.provers.compression import compress, keeps_the_bound, unwrap
from proofgrid.tasks.making.provers.lines import Assume, Line, Step, close, minimise
from proofgrid.tasks.making.provers.parts import propagate_parts
from proofgrid.tasks.making.provers.semantics import TruthTable
from proofgrid.tasks.making.provers.state import OutOfBudget

_TABLE_ATOMS = 9
_MAX_TRIALS = 24
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class _Constraint:
    """A part of ``root`` (which is what steps cite): a truth table, or a clause where it has too many atoms."""

    root: Formula
    names: tuple[str, ...]
    table: TruthTable | None
    mask: int
    clause: tuple[tuple[str, bool], ...] = ()


def _parts(f: Formula, positive: bool = True) -> Iterator[Formula]:
    """The conjuncts of ``f`` (or of its negation), through De Morgan and conditionals."""
    if f.op == "~":
        yield from _parts(f.left, not positive)
    elif positive and f.op == "&":
        yield from _parts(f.left)
        yield from _parts(f.right)
    elif not positive and f.op == "|":
        yield from _parts(f.left, False)
        yield from _parts(f.right, False)
    elif not positive and f.op == "==>":
        yield from _parts(f.left)
        yield from _parts(f.right, False)
    else:
        yield f if positive else neg(f)


def _literals(f: Formula, positive: bool = True) -> list[tuple[str, bool]] | None:
    """The literals of a clause; None where ``f`` is no clause."""
    if f.op == "atom":
        return [(f.name, positive)]
    if f.op == "~":
        return _literals(f.left, not positive)
    if (f.op == "|" and positive) or (f.op == "&" and not positive):
        sides = _literals(f.left, positive), _literals(f.right, positive)
    elif f.op == "==>" and positive:
        sides = _literals(f.left, False), _literals(f.right)
    else:
        return None
    return None if sides[0] is None or sides[1] is None else sides[0] + sides[1]


def literal(name: str, value: bool) -> Formula:
    """The literal that says that the atom has the value."""
    return atom(name) if value else neg(atom(name))


def without_claims(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same proof with ``p from p`` for every repetition: ``claim`` is NDL's, and this language has one rule."""
    return tuple(
        replace(line, body=without_claims(line.body))
        if isinstance(line, Assume)
        else Step("from", line.args, line.formula)
        if line.rule == "claim"
        else line
        for line in lines
    )


class MacroSearch:
    """One search."""

    def __init__(self, premises: Sequence[Formula], goal: Formula, budget: int) -> None:
        self.budget = budget
        self.spent = 0
        self.goal = goal
        self.weights = Weights(premises, goal)
        self.value: dict[str, bool] = {}
        self.trail: list[str] = []
        self.constraints: list[_Constraint] = []
        self.by_atom: dict[str, list[int]] = {name: [] for name in atoms(*premises, goal)}
        self.blocks: list[list[Line]] = [[]]
        self.dirty: dict[int, None] = {}
        self.holding: dict[Formula, None] = {}
        self.conflict: tuple[Formula, ...] | None = None
        """Justifiers of ``false``, where what holds here was found to contradict itself."""
        for premise in premises:
            self.constrain(premise)

    def run(self) -> tuple[Line, ...] | None:
        """The lines of a proof, minimised and compressed; None if the budget does not reach, or a step is too heavy."""
        try:
            self.prove(self.goal)
        except OutOfBudget:
            return None
        lines = close(self.blocks[0], self.goal)
        if lines[-1].formula is self.goal and isinstance(lines[-1], Step) and lines[-1].rule == "claim":
            return (Step("from", (self.goal,), self.goal),)
        found = without_claims(compress(unwrap(minimise(lines)), self.weights))
        return found if keeps_the_bound(found, self.weights) else None

    def salvage(self) -> tuple[Line, ...]:
        """After a search that failed: what it had concluded from the premises alone."""
        return without_claims(self.blocks[0])

    def tick(self) -> None:
        """Spend one step."""
        self.spent += 1
        if self.spent > self.budget:
            raise OutOfBudget

    # --- constraints -------------------------------------------------------------------------------------------

    def constrain(self, root: Formula) -> None:
        """Let ``root`` hold, and take it apart into constraints."""
        self.holding[root] = None
        for part in _parts(root):
            names = atoms(part)
            clause = _literals(part)
            if len(names) <= _TABLE_ATOMS:
                table = TruthTable(names)
                made = _Constraint(root, names, table, table.mask(part))
            elif clause is not None:
                made = _Constraint(root, names, None, 0, tuple(dict.fromkeys(clause)))
            else:
                continue
            for name in names:
                self.by_atom[name].append(len(self.constraints))
            self.dirty[len(self.constraints)] = None
            self.constraints.append(made)

    def forced(self, c: _Constraint) -> list[tuple[str, bool]] | None:
        """Literals that ``c`` forces now; None where it contradicts what is known."""
        if c.table is None:
            free = [(n, v) for n, v in c.clause if n not in self.value]
            if any(self.value.get(n) is v for n, v in c.clause):
                return []
            return None if not free else free if len(free) == 1 else []
        mask = c.mask
        for name in c.names:
            if name in self.value:
                m = c.table.mask(atom(name))
                mask &= m if self.value[name] else ~m
        if not mask:
            return None
        found = []
        for name in c.names:
            if name not in self.value:
                m = c.table.mask(atom(name))
                if not mask & m:
                    found.append((name, False))
                elif not mask & ~m:
                    found.append((name, True))
        return found

    def why(self, c: _Constraint, conclusion: tuple[str, bool] | None) -> list[Formula]:
        """A minimal set of known literals that with ``c`` force ``conclusion`` (None: a contradiction)."""
        if c.table is None:
            skip = conclusion[0] if conclusion else None
            return [literal(n, not v) for n, v in c.clause if n != skip]
        base = c.mask
        if conclusion is not None:
            m = c.table.mask(atom(conclusion[0]))
            base &= ~m if conclusion[1] else m
        needed = [n for n in c.names if n in self.value and (conclusion is None or n != conclusion[0])]
        for name in tuple(needed):
            mask = base
            for other in needed:
                if other != name:
                    m = c.table.mask(atom(other))
                    mask &= m if self.value[other] else ~m
            if not mask:
                needed.remove(name)
        return [literal(n, self.value[n]) for n in needed]

    def record(self, c: _Constraint, conclusion: tuple[str, bool] | None) -> tuple[Formula, ...]:
        """Write the step for a forced literal (of a contradiction only what comes before it); answers its justifiers.

        Where it needs more literals than a step may rest on, it is propagated along the constraint's parts.
        """
        result = literal(*conclusion) if conclusion else FALSE
        known = self.why(c, conclusion)
        source = c.root
        if len(known) > JUSTIFIERS - 1:
            values = {(f.left if f.op == "~" else f).name: f.op != "~" for f in known}
            found = propagate_parts(c.root, values, conclusion)
            if found is not None:
                self.blocks[-1] += [step for step in found[0] if step.formula not in self.holding]
                return found[1] or (result,)
        if conclusion is not None and result not in self.holding:
            self.blocks[-1].append(Step("from", (source, *known), result))
        return (source, *known)

    def propagate(self, write: bool) -> bool:
        """Follow what is forced to the end; False where that ends in a contradiction (kept in ``conflict``)."""
        if self.conflict:
            return False
        while self.dirty:
            index = next(iter(self.dirty))
            del self.dirty[index]
            c = self.constraints[index]
            found = self.forced(c)
            if found is None:
                if write:
                    self.conflict = self.record(c, None)
                self.dirty.clear()
                return False
            for name, value in found:
                self.tick()
                if write:
                    self.record(c, (name, value))
                self.set(name, value)
        return True

    def set(self, name: str, value: bool) -> None:
        """Let a literal hold."""
        self.value[name] = value
        self.trail.append(name)
        self.dirty.update(dict.fromkeys(self.by_atom[name]))

    def undo(self, size: int) -> None:
        """Forget the literals after the first ``size``."""
        for name in self.trail[size:]:
            del self.value[name]
        del self.trail[size:]
        self.dirty.clear()

    # --- goals -------------------------------------------------------------------------------------------------

    def prove(self, goal: Formula) -> None:
        """Extend the innermost block until ``goal`` is concluded there."""
        out = self.blocks[-1]
        if goal in self.holding:
            out.append(Step("from", (goal,), goal))
        elif not self.propagate(write=True):
            out.append(Step("from", self.conflict or (), goal))
        elif self.detach() and goal in self.holding:
            return
        elif goal.op == "&":
            self.prove(goal.left)
            self.prove(goal.right)
            out.append(Step("from", (goal.left, goal.right), goal))
        elif goal.op == "==>":
            self.under(goal.left, goal.right)
        elif goal.op == "<==>":
            there, back = implies(goal.left, goal.right), implies(goal.right, goal.left)
            self.under(goal.left, goal.right)
            self.under(goal.right, goal.left)
            out.append(Step("from", (there, back), goal))
        else:
            self.search(goal)

    def detach(self) -> bool:
        """Add the consequents of conditionals whose antecedents hold as they stand; True where there were any."""
        found = False
        again = True
        while again:
            again = False
            for f in tuple(self.holding):
                if f.op != "==>" or f.right in self.holding:
                    continue
                minors = list(_conjuncts(f.left))
                if len(minors) < JUSTIFIERS and all(m in self.holding for m in minors):
                    self.tick()
                    self.blocks[-1].append(Step("from", (f, *minors), f.right))
                    self.constrain(f.right)
                    found = again = True
        return found

    def under(self, hypothesis: Formula, goal: Formula) -> None:
        """``assume hypothesis`` and prove ``goal`` there."""
        if len(self.blocks) > _MAX_DEPTH:
            raise OutOfBudget
        size, constraints = len(self.trail), len(self.constraints)
        held, conflict = len(self.holding), self.conflict
        self.blocks.append([])
        if hypothesis.op == "atom" or (hypothesis.op == "~" and hypothesis.left.op == "atom"):
            name = (hypothesis.left if hypothesis.op == "~" else hypothesis).name
            if self.value.get(name) is (hypothesis.op == "~"):
                self.blocks[-1].append(Step("from", (hypothesis, literal(name, self.value[name])), goal))
            elif name not in self.value:
                self.set(name, hypothesis.op != "~")
        elif hypothesis not in self.holding:
            self.constrain(hypothesis)
        if not self.blocks[-1]:
            self.prove(goal)
        body = close(self.blocks.pop(), goal)
        self.undo(size)
        self.conflict = conflict
        for f in tuple(self.holding)[held:]:
            del self.holding[f]
        for c in self.constraints[constraints:]:
            for name in c.names:
                self.by_atom[name].pop()
        del self.constraints[constraints:]
        self.blocks[-1].append(Assume(hypothesis, body))

    def settled(self, goal: Formula) -> bool:
        """Conclude ``goal`` where the known literals alone imply it."""
        names = [n for n in atoms(goal) if n in self.value]
        if goal is FALSE or (len(atoms(goal)) > _TABLE_ATOMS and goal.op != "|"):
            return False
        for part in _disjuncts(goal):
            own = [n for n in names if n in atoms(part)]
            table = TruthTable(atoms(part))
            if len(table.atoms) > _TABLE_ATOMS:
                continue
            base = table.full & ~table.mask(part)
            if not self._excludes(table, base, own):
                continue
            for name in tuple(own):
                if self._excludes(table, base, [n for n in own if n != name]):
                    own.remove(name)
            if len(own) <= JUSTIFIERS:
                if own:
                    self.blocks[-1].append(Step("from", tuple(literal(n, self.value[n]) for n in own), goal))
                else:  # a tautology: nothing to cite, so its negation is refuted
                    self.under(neg(goal), FALSE)
                    self.blocks[-1].append(Step("from", (implies(neg(goal), FALSE),), goal))
                return True
        return False

    def _excludes(self, table: TruthTable, mask: int, names: Sequence[str]) -> bool:
        for name in names:
            m = table.mask(atom(name))
            mask &= m if self.value[name] else ~m
        return not mask

    def search(self, goal: Formula) -> None:
        """Prove a goal that no introduction settles."""
        out = self.blocks[-1]
        single = goal.op == "atom" or (goal.op == "~" and goal.left.op == "atom")
        while True:
            if not self.propagate(write=True):
                out.append(Step("from", self.conflict or (), goal))
                return
            if single:
                name = (goal.left if goal.op == "~" else goal).name
                if self.value.get(name) is (goal.op != "~"):
                    return
            elif self.settled(goal):
                return
            if goal is not FALSE and not single and len(list(_disjuncts(goal))) > 2:
                break
            choice = self.choose(goal)
            if choice is None:
                break
            name, value, failed = choice
            if failed:
                self.under(literal(name, value), FALSE)
                other = literal(name, not value)
                out.append(Step("from", (implies(literal(name, value), FALSE),), other))
                self.set(name, not value)
            else:
                yes, no = literal(name, True), literal(name, False)
                self.under(yes, goal)
                self.under(no, goal)
                out.append(Step("from", (implies(yes, goal), implies(no, goal)), goal))
                return
        if goal is FALSE:
            raise OutOfBudget  # every atom has a value and nothing contradicts: the goal does not follow
        denied = opposite(goal)
        self.under(denied, FALSE)
        out.append(Step("from", (implies(denied, FALSE),), goal))

    def choose(self, goal: Formula) -> tuple[str, bool, bool] | None:
        """(atom, value, whether that value fails): a value that fails at once, else the atom that tells most."""
        free = [n for n in self.by_atom if n not in self.value]
        weight = {n: sum(1 for i in self.by_atom[n] if self._alive(self.constraints[i])) for n in free}
        wanted = atoms(goal)
        free = [n for n in free if weight[n] or n in wanted]
        free.sort(key=lambda n: -weight[n] - (2 if n in wanted else 0))
        best: tuple[int, str] | None = None
        for name in free[:_MAX_TRIALS]:
            gains = []
            for value in (True, False):
                self.tick()
                size = len(self.trail)
                self.set(name, value)
                fine = self.propagate(write=False)
                gains.append(len(self.trail) - size)
                self.undo(size)
                if not fine:
                    return name, value, True
            score = gains[0] * gains[1] * 4 + gains[0] + gains[1]
            if best is None or score > best[0]:
                best = (score, name)
        return None if best is None else (best[1], True, False)

    def _alive(self, c: _Constraint) -> bool:
        known = sum(n in self.value for n in c.names)
        return 0 < known < len(c.names) or (known == 0 and len(c.names) <= 3)


def _conjuncts(f: Formula) -> Iterator[Formula]:
    if f.op == "&":
        yield from _conjuncts(f.left)
        yield from _conjuncts(f.right)
    else:
        yield f


def _disjuncts(f: Formula) -> Iterator[Formula]:
    if f.op == "|":
        yield from _disjuncts(f.left)
        yield from _disjuncts(f.right)
    else:
        yield f
