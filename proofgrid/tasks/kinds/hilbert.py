"""Hilbert proofs (PL4): premises and a goal over ``~`` and ``==>`` are shown, an axiomatic proof is asked for.

A level is a band of lengths of the shortest proof known, which is what the item's reference is. Formulas have the
published shape: conjunctions and biconditionals, written out over the two connectives, nested in conditionals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from proofgrid.checker import check
from proofgrid.checker.formulas import Formula, atom, atoms, implies, neg, postorder, substitute
from proofgrid.tasks.answers.proofs import read_proof
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.kinds.writing import pair, proof_score
from proofgrid.tasks.making.hilbert_prover import HilbertProof, prove_hilbert
from proofgrid.tasks.making.hilbert_prover.derivation import Step, lines
from proofgrid.tasks.making.hilbert_prover.derivation import render as written
from proofgrid.tasks.making.hilbert_prover.natural import TruthTable
from proofgrid.tasks.making.planted import draw_chain, unsolved
from proofgrid.tasks.making.problems import canonical_key, said_already
from proofgrid.tasks.making.problems.chained import chained_problem
from proofgrid.tasks.making.problems.measures import depth, size
from proofgrid.tasks.prompting import render

FULL_BUDGET = 2_000
"""Subgoals the generator's searches may take for a reference."""
_SKETCH_BUDGET = 120
_SHORT_SKETCH = 30
_SHORT = 20
"""Lines up to which problems are mostly chains of links; few random ones have proofs so short."""
_SHORTEST = 8
"""Lines of which a chain of modus ponens alone has fewer; with a premise moved into the goal it has more."""
_LINKED = 0.9
"""How often short problems are chains of links."""
_LEAVES = (1, 2, 3, 3, 4, 4)
_FEW_LEAVES = (1, 1, 2)
"""Letters of a formula that takes a letter's place; few where proofs are long and would not be read for length."""
_GOALS_PER_DRAW = 40
_DRAWS = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw (inclusive ranges), and the lengths of the shortest known proof that the level admits."""

    atoms: tuple[int, int]
    premises: tuple[int, int]
    depth: tuple[int, int]
    lines: tuple[int, int]
    leaves: tuple[int, ...] = ()
    """Where formulas take the places of the letters, in the problem and in its proof: how many letters they have."""


class Pl4ProofWriting(Task):
    """Short and middling Hilbert proofs."""

    id = "pl4_pw"
    title = "Proof writing, axiomatic"
    measures = "Whether a model can put a proof together from the lowest level: three axioms and modus ponens."
    language = "hilbert"
    full_budget = FULL_BUDGET
    levels: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5)
    upper_levels: ClassVar[tuple[int, ...]] = (7, 8)
    links: ClassVar[Mapping[int, tuple[int, int]]] = {7: (8, 8), 8: (10, 10)}
    """Constraints of a planted chain, by level above those of suites; even, for then two atoms are open at the end."""
    shapes: ClassVar[dict[int, Shape]] = {
        1: Shape((3, 5), (2, 4), (1, 2), (5, 11)),
        2: Shape((3, 5), (2, 4), (1, 2), (12, 20)),
        3: Shape((2, 4), (2, 4), (1, 2), (21, 40), _LEAVES),
        4: Shape((2, 5), (2, 5), (1, 2), (41, 65), _LEAVES),
        5: Shape((2, 5), (3, 5), (1, 3), (66, 99), _LEAVES),
    }

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """One problem whose shortest known proof has a length of the level, with that proof."""
        if level in self.upper_levels:
            return self._planted(rng, level)
        shape = self.shapes[level]
        drawn = self.draw(rng, level)
        if drawn is None:
            return None
        premises, goal = drawn
        if said_already(premises, goal):
            return None
        least, most = shape.lines
        sketch = prove_hilbert(premises, goal, _SKETCH_BUDGET if most > 20 else _SHORT_SKETCH)
        if sketch is None or not least <= sketch.length <= 2 * most - least:
            return None
        found = prove_hilbert(premises, goal, FULL_BUDGET)
        if found is None or not least <= found.length <= most:
            return None
        if shape.leaves:
            premises, goal, found = _deepened(rng, premises, goal, found, shape.leaves)
        if not check((premises, goal), found.text, mode="strict", language="hilbert").correct:
            raise AssertionError(f"the prover wrote a proof that does not check: {goal}")  # a defect, never a draw
        return Draft(
            {"premises": [str(p) for p in premises], "goal": str(goal)},
            {"proof": found.text, "shortest_known": found.length},
            _difficulty(premises, goal, found),
            canonical_key(premises, goal),
        )

    def draw(self, rng: Random, level: int) -> tuple[tuple[Formula, ...], Formula] | None:
        """A problem before it is proved; None where the draw came to nothing."""
        shape = self.shapes[level]
        if shape.lines[1] <= _SHORT and rng.random() < _LINKED:
            return _linked(rng, shape)
        return _draw(rng, shape)

    def _planted(self, rng: Random, level: int) -> Draft | None:
        """A chain with its planted proof; None where the prover proves it within the full budget."""
        chain = draw_chain(rng, rng.randint(*self.links[level]), whole=False).mapped(over_two)
        premises = unsolved(chain, rng, lambda p, g: prove_hilbert(p, g, FULL_BUDGET) is not None)
        if premises is None:
            return None
        table = {p: Step(f"Premise{k}") for k, p in enumerate(premises, 1)}
        for given, wanted in chain.steps():
            attempts = (prove_hilbert(given, wanted, budget) for budget in (_SKETCH_BUDGET, FULL_BUDGET))
            link = next((proof for proof in attempts if proof is not None), None)
            if link is None:
                return None
            for formula, step in link.lines:
                table.setdefault(formula, step)
        found = lines(table, chain.goal)
        text = written(found)
        if not check((premises, chain.goal), text, mode="strict", language="hilbert").correct:
            raise AssertionError(f"the planted proof does not check: {chain.goal}")  # a defect, never a draw
        return Draft(
            {"premises": [str(p) for p in premises], "goal": str(chain.goal)},
            {"proof": text, "shortest_known": len(found)},
            _difficulty(premises, chain.goal, HilbertProof(tuple(found), 0, FULL_BUDGET, FULL_BUDGET, "planted")),
            canonical_key(premises, chain.goal),
        )

    def prompt(self, shown: JsonObject) -> str:
        """The system, one example, the problem and the answer's format."""
        return render("pl4_pw.jinja", example=EXAMPLE, premises=shown["premises"], goal=shown["goal"])

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The proof, as one text."""
        return read_proof(text, "hilbert")

    def judge(self, item: Item, answer: str) -> Score:
        """1 if the tolerant checker accepts the proof. ``parts``: strictly, too; and how brief a correct proof is,
        as the shortest known length over its own, at most 1."""
        verdict = check(pair(item.shown), answer, language="hilbert")
        score = proof_score(verdict, answer)
        brevity = min(1.0, item.reference["shortest_known"] / max(1, verdict.steps)) if score.points else 0.0
        return replace(score, parts={**score.parts, "brevity": brevity})

    def reference_answer(self, item: Item) -> str:
        """The shortest proof known when the problem was made."""
        return json.dumps({"proof": item.reference["proof"]})

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """The shortest proof found with ``budget`` subgoals; else the premises only, which prove nothing yet."""
        premises, goal = pair(shown)
        found = prove_hilbert(premises, goal, budget)
        if found is not None:
            return json.dumps({"proof": found.text})
        return json.dumps({"proof": "\n".join(f"{k}. {p}, Premise{k + 1};" for k, p in enumerate(premises))})


class Pl4ProofWritingChallenge(Pl4ProofWriting):
    """Hilbert proofs whose shortest known version runs to hundreds of lines."""

    id = "pl4_pw_c"
    title = "Proof writing, axiomatic, long"
    measures = "Whether a model can keep hundreds of axiomatic lines exact, where no short proof is known."
    levels = (1, 2, 3)
    upper_levels: ClassVar[tuple[int, ...]] = ()
    shapes: ClassVar[dict[int, Shape]] = {
        1: Shape((3, 5), (3, 5), (2, 3), (100, 149), _FEW_LEAVES),
        2: Shape((3, 5), (3, 5), (2, 3), (150, 219), _FEW_LEAVES),
        3: Shape((3, 5), (3, 5), (2, 3), (220, 600), _FEW_LEAVES),
    }


def over_two(formula: Formula) -> Formula:
    """The formula written out over ``~`` and ``==>``."""
    made: dict[Formula, Formula] = {}
    for f in postorder(formula):
        if f.op == "atom":
            made[f] = f
        elif f.op == "~":
            made[f] = neg(made[f.left])
        else:
            p, q = made[f.left], made[f.right]
            made[f] = {
                "==>": implies(p, q),
                "&": neg(implies(p, neg(q))),
                "|": implies(neg(p), q),
                "<==>": neg(implies(implies(p, q), neg(implies(q, p)))),
            }[f.op]
    return made[formula]


def _linked(rng: Random, shape: Shape) -> tuple[tuple[Formula, ...], Formula] | None:
    """A chain of links, one premise moved into the goal where proofs are a little longer."""
    names = [atom(letter) for letter in "ABCDEFGH"[: rng.randint(5, 8)]]
    moved = int(shape.lines[0] > _SHORTEST)
    return chained_problem(rng, lambda deep: _formula(rng, names, deep), rng.randint(2, 4), moved)


def _deepened(
    rng: Random, premises: Sequence[Formula], goal: Formula, found: HilbertProof, leaves: Sequence[int]
) -> tuple[tuple[Formula, ...], Formula, HilbertProof]:
    """The problem and its proof with formulas over letters of their own in place of the letters.

    A proof of n lines stays one of n lines (axioms are schemes), and there are many more problems than the few dozen
    of two or three letters whose shortest known proof is that long.
    """
    names = atoms(*premises, goal)
    fresh = list("ABCDEFGHIJ")
    values: dict[Formula, Formula] = {}
    for left, name in zip(range(len(names), 0, -1), rng.sample(names, len(names)), strict=True):
        count = min(rng.choice(leaves), len(fresh) - left + 1)
        own = [fresh.pop(rng.randrange(len(fresh))) for _ in range(count)]
        values[atom(name)] = _over(rng, own)

    def new(f: Formula) -> Formula:
        return substitute(f, values)

    steps = tuple((new(f), Step(step.rule, tuple(map(new, step.args)))) for f, step in found.lines)
    return tuple(map(new, premises)), new(goal), replace(found, lines=steps)


def _over(rng: Random, names: Sequence[str]) -> Formula:
    """A formula over ``~`` and ``==>`` in which each of the letters stands once."""
    if len(names) == 1:
        return neg(atom(names[0])) if rng.random() < 0.2 else atom(names[0])
    cut = rng.randint(1, len(names) - 1)
    p, q = _over(rng, names[:cut]), _over(rng, names[cut:])
    return rng.choice((implies(p, q), neg(implies(p, neg(q))), implies(neg(p), q), neg(implies(p, q))))


def _draw(rng: Random, shape: Shape) -> tuple[tuple[Formula, ...], Formula] | None:
    """Consistent premises and a goal that follows from all of them and from no fewer; None where that fails."""
    names = [atom(letter) for letter in "ABCDE"[: rng.randint(*shape.atoms)]]
    for _ in range(_DRAWS):
        premises = [_formula(rng, names, rng.randint(*shape.depth)) for _ in range(rng.randint(*shape.premises))]
        goals = [_formula(rng, names, rng.choice((0, 0, 0, 1, 1, 2))) for _ in range(_GOALS_PER_DRAW)]
        table = TruthTable(*premises, *names)
        masks = [table(p) for p in premises]
        together = table.all
        for mask in masks:
            together &= mask
        if not together or len(set(premises)) < len(premises):
            continue
        without = []
        for k in range(len(masks)):
            rest = table.all
            for mask in masks[:k] + masks[k + 1 :]:
                rest &= mask
            without.append(rest)
        for goal in goals:
            denied = table.all & ~table(goal)
            if not together & denied and all(rest & denied for rest in without) and goal not in premises:
                used = {a for p in (*premises, goal) for a in atoms(p)}
                if len(used) == len(names):
                    return tuple(premises), goal
    return None


def _formula(rng: Random, names: Sequence[Formula], deep: int) -> Formula:
    """A formula over ``~`` and ``==>`` that is ``deep`` connectives of the usual kind deep, written out."""
    if deep == 0 or rng.random() < 0.12:
        letter = rng.choice(names)
        return neg(letter) if rng.random() < 0.35 else letter
    p = _formula(rng, names, deep - 1)
    q = _formula(rng, names, deep - 1)
    kind = rng.random()
    if kind < 0.36:
        return implies(p, q)
    if kind < 0.68:
        return neg(implies(p, neg(q)))  # p & q
    if kind < 0.80:
        return implies(neg(p), q)  # p | q
    if kind < 0.94 or deep > 2:
        return neg(implies(p, q))
    return neg(implies(implies(p, q), neg(implies(q, p))))  # p <==> q


def _difficulty(premises: Sequence[Formula], goal: Formula, found: HilbertProof) -> dict[str, float]:
    """``lines`` is the shortest proof's; ``effort`` the subgoals until the first proof was found."""
    return {
        "premises": len(premises),
        "atoms": len(atoms(*premises, goal)),
        "size": sum(size(f) for f in (*premises, goal)),
        "depth": max(depth(f) for f in (*premises, goal)),
        "lines": found.length,
        "effort": found.first,
    }


EXAMPLE = {
    "premises": ["((~ A) ==> B)", "(~ B)"],
    "goal": "A",
    "proof": """0. ((~ B) ==> ((~ A) ==> (~ B))), Axiom1, p := (~ B), q := (~ A);
1. (~ B), Premise2;
2. ((~ A) ==> (~ B)), mp, 0, 1;
3. (((~ A) ==> (~ B)) ==> (((~ A) ==> B) ==> A)), Axiom3, p := A, q := B;
4. (((~ A) ==> B) ==> A), mp, 3, 2;
5. ((~ A) ==> B), Premise1;
6. A, mp, 4, 5;""",
}
"""The example of the prompt; a test checks it strictly."""
