"""The lemma library: theorems of the three axioms with the shortest proofs known to us.

A proof is kept as condensed detachment [Meredith; see Kalman, J. Symb. Logic 48 (1983)]: ``1 2 3`` are the axioms and
``D x y`` applies what x proves to what y proves under their most general unifier. The strings were found by this
package's own search and shortening over the letters P, Q, R, and by enumeration of all short condensed proofs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from proofgrid.checker import Formula, parse_formula
from proofgrid.checker.formulas import atom, atoms, implies, neg, postorder, substitute
from proofgrid.tasks.making.hilbert_prover.derivation import Derivation, Step, axiom1, axiom2, axiom3, lines

CONDENSED: tuple[tuple[str, str, str], ...] = (
    # name, what it says, proof
    ("K", "P ==> (Q ==> P)", "1"),
    ("S", "(P ==> (Q ==> R)) ==> ((P ==> Q) ==> (P ==> R))", "2"),
    ("N", "(~P ==> ~Q) ==> ((~P ==> Q) ==> P)", "3"),
    ("I", "P ==> P", "DD211"),
    ("efq", "~P ==> (P ==> Q)", "DD2DD2D12DD2D11DD2D131D11"),
    ("efq2", "P ==> (~P ==> Q)", "DD2D1D2DD2D131DD2D111"),
    ("dne", "~~P ==> P", "DD2DD2D131D1DD211"),
    ("dni", "P ==> ~~P", "DD2D1D3DD2DD2D131D1DD2111"),
    ("B", "(Q ==> R) ==> ((P ==> Q) ==> (P ==> R))", "DD2D121"),
    ("B2", "(P ==> Q) ==> ((Q ==> R) ==> (P ==> R))", "DD2D1D2DD2D1211"),
    ("C", "(P ==> (Q ==> R)) ==> (Q ==> (P ==> R))", "DD2DD2D12DD2D112D11"),
    ("W", "(P ==> (P ==> Q)) ==> (P ==> Q)", "DD22D1DD211"),
    ("assertion", "P ==> ((P ==> Q) ==> Q)", "DD2D1D2DD2111"),
    ("transpose", "(~P ==> ~Q) ==> (Q ==> P)", "DD2DD2D12DD2D113D11"),
    ("transpose_left", "(~P ==> Q) ==> (~Q ==> P)", "DD2D1D2DD2D1311"),
    ("contrapose", "(P ==> Q) ==> (~Q ==> ~P)", "DD2D1D2DD2D131DD2D11DD2DD2D121D1DD2DD2D131D1DD211"),
    ("contrapose_right", "(P ==> ~Q) ==> (Q ==> ~P)", "DD2DD2D12DD2D11DD2D13DD2DD2D121D1DD2DD2D131D1DD211D11"),
    ("clavius", "(~P ==> P) ==> P", "D3DD211"),
    ("clavius_neg", "(P ==> ~P) ==> ~P", "DD2DD2D13DD2DD2D121D1DD2DD2D131D1DD211D1DD2DD2D131D1DD211"),
    (
        "absurd",
        "(P ==> Q) ==> ((P ==> ~Q) ==> ~P)",
        "DD2D1D2DD2D13DD2DD2D121D1DD2DD2D131D1DD211DD2D11DD2DD2D121D1DD2DD2D131D1DD211",
    ),
    (
        "absurd2",
        "(P ==> ~Q) ==> ((P ==> Q) ==> ~P)",
        "DD2DD2D12DD2D11DD2D13DD2DD2D121D1DD2DD2D131D1DD211D1DD2DD2D121D1DD2DD2D131D1DD211",
    ),
    (
        "cases",
        "(P ==> Q) ==> ((~P ==> Q) ==> Q)",
        "DD2D1D2D1D3DD211DD2D1D2DD2D121DD2D11DD2D1D2DD2D131DD2D11DD2DD2D121D1DD2DD2D131D1DD211",
    ),
    ("left", "~(P ==> Q) ==> P", "DD2DD2D131D1DD2DD2D12DD2D11DD2D131D11"),
    ("right", "~(P ==> Q) ==> ~Q", "DD2DD2D131D1DD2D11DD2DD2D131D1DD211"),
    ("right_pos", "~(P ==> ~Q) ==> Q", "DD2DD2D131D11"),
    ("both", "P ==> (~Q ==> ~(P ==> Q))", "DD2D1D2DD2D131DD2D11DD2D1D2DD2DD2D131D1DD2111"),
    ("both_pos", "P ==> (Q ==> ~(P ==> ~Q))", "DD2DD2D12DD2D11DD2D13DD2D1D2DD2DD2D131D1DD2111D11"),
    ("peirce", "((P ==> Q) ==> P) ==> P", "DD2D1D3DD211DD2DD2D121D1DD2DD2D12DD2D11DD2D131D11"),
    ("refute", "~Q ==> ((~P ==> Q) ==> P)", "DD2D131"),
)


_Node = tuple[str, int, int]
"""``~`` or ``==>`` with the numbers of its parts; letters come first and have no node."""


@dataclass(frozen=True, eq=False)
class Lemma:
    """A theorem in the letters P, Q, R and its proof, a line a step.

    ``theorem`` builds the formula from the letters, its last node, and ``nodes`` every formula of the proof; ``steps``
    has each line's formula, rule and arguments as numbers of letters and nodes. An instance is so made in one pass,
    without looking at a formula twice.
    """

    name: str
    formula: Formula
    letters: tuple[Formula, ...]
    proof: tuple[tuple[Formula, Step], ...]
    theorem: tuple[_Node, ...]
    nodes: tuple[_Node, ...]
    steps: tuple[tuple[int, str, tuple[int, ...]], ...]

    def instance(self, values: Sequence[Formula]) -> Formula:
        """The theorem with ``values`` for its letters, in order."""
        made = list(values)
        for op, left, right in self.theorem:
            made.append(neg(made[left]) if op == "~" else implies(made[left], made[right]))
        return made[-1]


def _compiled(name: str, formula: Formula, proof: tuple[tuple[Formula, Step], ...]) -> Lemma:
    letters = tuple(atom(x) for x in atoms(formula))
    number = {letter: k for k, letter in enumerate(letters)}
    nodes = _nodes(number, (formula,))
    theorem = tuple(nodes)
    steps = []
    for line, (rule, args) in proof:
        nodes += _nodes(number, (line, *args))
        steps.append((number[line], rule, tuple(number[x] for x in args)))
    return Lemma(name, formula, letters, proof, theorem, tuple(nodes), tuple(steps))


def _nodes(number: dict[Formula, int], formulas: Sequence[Formula]) -> list[_Node]:
    """The nodes of what has no number yet, which is given one."""
    nodes: list[_Node] = []
    for f in postorder(*formulas):
        if f not in number:
            number[f] = len(number)
            nodes.append((f.op, number[f.left], number[f.right] if f.op == "==>" else 0))
    return nodes


def match(pattern: Formula, formula: Formula) -> dict[Formula, Formula] | None:
    """What the pattern's atoms stand for so that it becomes ``formula``, or None."""
    found: dict[Formula, Formula] = {}
    stack = [(pattern, formula)]
    while stack:
        p, f = stack.pop()
        if p.op == "atom":
            if found.setdefault(p, f) is not f:
                return None
        elif p.op != f.op:
            return None
        else:
            stack.append((p.left, f.left))
            if p.op == "==>":
                stack.append((p.right, f.right))
    return found


def unify(a: Formula, b: Formula, bound: dict[Formula, Formula]) -> bool:
    """Extend the triangular substitution ``bound`` so that a and b become equal; False where nothing does."""

    def walk(x: Formula) -> Formula:
        while x in bound:
            x = bound[x]
        return x

    stack = [(a, b)]
    while stack:
        x, y = stack.pop()
        x, y = walk(x), walk(y)
        if x is y:
            continue
        if x.op != "atom" and y.op == "atom":
            x, y = y, x
        if x.op == "atom":
            if any(x is f for f in postorder(resolve(y, bound))):
                return False
            bound[x] = y
        elif x.op != y.op:
            return False
        else:
            stack.append((x.left, y.left))
            if x.op == "==>":
                stack.append((x.right, y.right))
    return True


def resolve(formula: Formula, bound: dict[Formula, Formula]) -> Formula:
    """``formula`` under a triangular substitution."""
    values: dict[Formula, Formula] = {}
    while True:
        values = {x: y for x in postorder(formula) if x in bound for y in (bound[x],)}
        if not values:
            return formula
        formula = substitute(formula, values)


def expand(text: str, goal: Formula | None = None) -> list[tuple[Formula, Step]]:
    """The lines of a condensed proof, specialised to ``goal`` where one is given.

    Raises ValueError where two steps do not unify, or the proof proves something else.
    """
    bound: dict[Formula, Formula] = {}
    fresh = iter(range(10**9))
    done: list[tuple[Formula, str, tuple[Formula, ...]]] = []
    stack: list[Formula] = []
    for token in reversed(text):
        if token == "D":
            conditional, antecedent = stack.pop(), stack.pop()
            result = atom(f"X{next(fresh)}")
            if not unify(conditional, implies(antecedent, result), bound):
                raise ValueError(f"the condensed proof {text} does not unify")
            done.append((result, "mp", (conditional, antecedent)))
        else:
            p, q, r = (atom(f"X{next(fresh)}") for _ in range(3))
            args: tuple[Formula, ...] = (p, q, r) if token == "2" else (p, q)
            result = {"1": axiom1(p, q), "2": axiom2(p, q, r), "3": axiom3(p, q)}[token]
            done.append((result, f"Axiom{token}", args))
        stack.append(result)
    root = stack.pop()
    if goal is not None:
        frozen = match(resolve(root, bound), goal)
        if frozen is None:
            raise ValueError(f"the condensed proof {text} does not prove {goal}")
        spare = atom(atoms(goal)[0])
        table = Derivation()
        for formula, rule, args in done:
            values = [_ground(x, bound, frozen, spare) for x in (formula, *args)]
            table.setdefault(values[0], Step(rule, tuple(values[1:])))
        return lines(table, goal)
    table = Derivation()
    for formula, rule, args in done:
        table.setdefault(resolve(formula, bound), Step(rule, tuple(resolve(x, bound) for x in args)))
    return lines(table, resolve(root, bound))


def _ground(formula: Formula, bound: dict[Formula, Formula], frozen: dict[Formula, Formula], spare: Formula) -> Formula:
    """``formula`` resolved, with what is left open filled in: by ``frozen``, or else by ``spare``."""
    open_ = resolve(formula, bound)
    return substitute(open_, {atom(name): frozen.get(atom(name), spare) for name in atoms(open_)})


@cache
def library() -> dict[str, Lemma]:
    """All lemmas by name, those of fewest lines first."""
    found = []
    for name, text, condensed in CONDENSED:
        formula = parse_formula(text)
        found.append(_compiled(name, formula, tuple(expand(condensed, formula))))
    return {entry.name: entry for entry in sorted(found, key=lambda entry: len(entry.proof))}


def lemma(name: str) -> Lemma:
    """The lemma called ``name``."""
    return library()[name]


@lru_cache(maxsize=50_000)
def find_lemma(formula: Formula) -> tuple[Lemma, tuple[Formula, ...]] | None:
    """The lemma of fewest lines that ``formula`` is an instance of, with the values of its letters; None if none."""
    if formula.op == "==>":
        for entry in library().values():
            values = match(entry.formula, formula)
            if values is not None:
                return entry, tuple(values[letter] for letter in entry.letters)
    return None


def write_lemma(table: Derivation, entry: Lemma, values: tuple[Formula, ...]) -> None:
    """Add the lines of an instance's proof to a derivation."""
    for formula, step in _instance_lines(entry, values):
        if formula not in table:
            table[formula] = step


@lru_cache(maxsize=4_000)  # many proofs of one problem are tried, and they use the same instances
def _instance_lines(entry: Lemma, values: tuple[Formula, ...]) -> tuple[tuple[Formula, Step], ...]:
    """The proof with ``values`` for the letters."""
    made = list(values)
    for op, left, right in entry.nodes:
        made.append(neg(made[left]) if op == "~" else implies(made[left], made[right]))
    return tuple((made[line], Step(rule, tuple([made[x] for x in args]))) for line, rule, args in entry.steps)
