"""Structured problems that are drawn, not filled in: random graphs, hypergraphs, clashes, orders, wirings, plans.

Each family draws constraints of its kind at random until they settle something that no single one says, chooses what
they settle as the goal, and drops every constraint that is not needed for it: what is left is irredundant, so that a
proof has to use all of it, and of at least as many as asked for. Sizes are parameters,
and the number of classes grows faster than exponentially with them.

Sources: random k-SAT at its threshold (Mitchell, Selman, Levesque 1992); Tseitin 1968 on random graphs (Urquhart 1987,
expanders); random k-XOR; 1-in-3 (Schaefer 1978); graph colouring near its threshold (Cheeseman et al. 1991); bipartite
matching with forbidden pairs (Hall 1935); linear orders (Bonet, Galesi 2001); bounded planning (Kautz, Selman 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, permutations, product
from random import Random

from proofgrid.checker import countermodel
from proofgrid.checker.formulas import FALSE, Formula, atom, atoms, conj, disj, iff, implies, neg, opposite
from proofgrid.tasks.making.problems.encoding import every, exclusive, if_then, not_both, some, var
from proofgrid.tasks.making.problems.entailed import Entailments

Pair = tuple[list[Formula], Formula]
Family = Callable[[Random, int, int], Pair | None]


def _settled(rng: Random, premises: Sequence[Formula], asked: Entailments) -> list[Formula]:
    """Some of what the premises settle over one or two atoms and none says."""
    model = countermodel(premises, FALSE)
    if model is None:
        return []
    names = atoms(*premises)
    facts = [atom(n) if model.get(n) else neg(atom(n)) for n in names]
    rng.shuffle(facts)
    found = [f for f in facts[:10] if f not in premises and asked.entails(premises, f)]
    for _ in range(8 if len(facts) > 1 else 0):
        one, two = rng.sample(facts, 2)
        if one in found or two in found:
            continue
        wanted = rng.choice((disj(one, opposite(two)), implies(two, one), iff(one, two)))
        if wanted not in premises and asked.entails(premises, wanted):
            found.append(wanted)
    return found


def grown(
    rng: Random, constraints: Sequence[Formula], start: int, step: int, least: int, goal: Formula | None = None
) -> Pair | None:
    """Take constraints in, a few at a time, until something that they settle needs ``least`` of them.

    Answers what is needed, and the goal: of what is settled, that which needs most.
    """
    held = list(dict.fromkeys(constraints))
    with Entailments() as asked:
        for count in range(min(start, len(held)), len(held) + step, step):
            premises = held[:count]
            if goal is not None:
                wanted = [goal] if asked.entails(premises, goal) else []
            else:
                wanted = _settled(rng, premises, asked)
            cores = [(asked.needed(premises, f), f) for f in wanted[:6]]
            best = max(cores, key=lambda pair: len(pair[0]), default=None)
            if best is not None and len(best[0]) >= least:
                return best
            if len(wanted) >= 6 and count > 2 * start:
                return None  # everything is settled cheaply by now
    return None


def random_clauses(rng: Random, size: int, least: int) -> Pair | None:
    """Random clauses of three literals (some of two), near the number at which they settle a literal."""
    n = 4 + size
    names = [var("P", k) for k in range(1, n + 1)]
    made: list[Formula] = []
    for _ in range(6 * n):
        literals = [x if rng.random() < 0.5 else neg(x) for x in rng.sample(names, 2 if rng.random() < 0.2 else 3)]
        made.append(clause(rng, literals))
    return grown(rng, made, 2 * n, 2, least)


def clause(rng: Random, literals: Sequence[Formula]) -> Formula:
    """A clause, as a disjunction or a conditional."""
    if len(literals) == 1:
        return literals[0]
    if len(literals) == 2:
        return if_then(rng, opposite(literals[0]), literals[1])
    if len(literals) > 3:
        return rng.choice((some(literals), implies(every([opposite(f) for f in literals[:2]]), some(literals[2:]))))
    a, b, c = literals
    return rng.choice(
        (
            some([a, b, c]),
            implies(opposite(a), disj(b, c)),
            implies(conj(opposite(a), opposite(b)), c),
            implies(opposite(a), implies(opposite(b), c)),
            neg(every([opposite(a), opposite(b), opposite(c)])),
        )
    )


def parity_network(rng: Random, size: int, least: int) -> Pair | None:
    """Tseitin's parities on a random connected graph of degree at most 4: all vertices but one settle the last."""
    n = 3 + (size + 1) // 2
    edges: dict[tuple[int, int], Formula] = {}
    degree = dict.fromkeys(range(n), 0)

    def link(a: int, b: int) -> None:
        pair = (min(a, b), max(a, b))
        if a != b and pair not in edges and degree[a] < 4 and degree[b] < 4:
            edges[pair] = var("E", len(edges) + 1)
            degree[a] += 1
            degree[b] += 1

    order = rng.sample(range(n), n)
    for k in range(1, n):
        link(order[k], order[rng.randrange(max(0, k - 3), k)])
    for _ in range(n):
        link(*rng.sample(range(n), 2))
    if any(d < 2 for d in degree.values()):
        return None
    charge = {v: rng.random() < 0.5 for v in range(n)}
    last = rng.randrange(n)
    charge[last] = sum(c for v, c in charge.items() if v != last) % 2 == 1
    around = {v: [f for pair, f in edges.items() if v in pair] for v in range(n)}
    goal = parity(rng, around.pop(last), odd=charge[last])
    if n - 1 >= least:
        return [parity(rng, parts, odd=charge[v]) for v, parts in around.items()], goal
    premises = [c for v, parts in around.items() for c in parity_clauses(rng, parts, odd=charge[v])]
    return (premises, goal) if len(premises) >= least else None


def parity(rng: Random, parts: list[Formula], *, odd: bool) -> Formula:
    """An odd (or even) number of ``parts`` is true, as one formula."""
    rng.shuffle(parts)
    total = parts[0]
    for f in parts[1:]:
        total = exclusive(rng, f, total) if total.op == "atom" else iff(f, neg(total))
    if odd:
        return total
    return iff(total.left, opposite(total.right)) if total.op == "<==>" else neg(total)


def parity_clauses(rng: Random, parts: Sequence[Formula], *, odd: bool) -> list[Formula]:
    """The same as clauses: one for each wrong choice of truth values."""
    rows = [row for row in product((True, False), repeat=len(parts)) if sum(row) % 2 != odd]
    return [clause(rng, [neg(f) if on else f for f, on in zip(parts, row, strict=True)]) for row in rows]


def parity_system(rng: Random, size: int, least: int) -> Pair | None:
    """Random parities of two or three atoms: added up they settle one that none of them is."""
    n = max(4 + size // 3, 6 if 4 <= least <= 5 else 0)  # of few atoms there are few such problems
    names = [var("X", k) for k in range(1, n + 1)]
    value = {x: rng.random() < 0.5 for x in names}
    made: list[Formula] = []
    for _ in range(2 * n):
        parts = rng.sample(names, rng.choice((2, 3, 3)))
        odd = sum(value[x] for x in parts) % 2 == 1
        made += parity_clauses(rng, parts, odd=odd) if least > 8 else [parity(rng, parts, odd=odd)]
    one, two = rng.sample(names, 2)
    goal = exclusive(rng, one, two) if value[one] != value[two] else iff(one, two)
    return grown(rng, made, 3, 1, least, goal)


def exactly_one(rng: Random, size: int, least: int) -> Pair | None:
    """Of each of some random triples exactly one is true (1-in-3): what that settles."""
    n = 4 + size
    names = [var("K", k) for k in range(1, n + 1)]
    chosen = {x: rng.random() < 0.34 for x in names}
    made: list[Formula] = []
    for _ in range(6 * n):
        triple = rng.sample(names, 3)
        if sum(chosen[x] for x in triple) == 1:
            parts = [some(triple), *(not_both(rng, a, b) for a, b in combinations(triple, 2))]
            made += parts if rng.random() < 0.6 else [every(parts)]
    wanted = least if least < 4 else max(least, 7)  # of two or three triples there are few
    return grown(rng, made, least, 3, wanted)


def graph_colouring(rng: Random, size: int, least: int) -> Pair | None:
    """Three colours on a random graph: neighbours differ, and from a few known vertices another's colour follows."""
    n = min(3 + (size + 1) // 2, 7)
    colours = "RGB"
    planted = {v: rng.choice(colours) for v in range(1, n + 1)}
    pairs = [(u, v) for u, v in combinations(planted, 2) if planted[u] != planted[v]]
    rng.shuffle(pairs)
    known = rng.sample(sorted(planted), 2)
    made: list[Formula] = [some([var(c, v) for c in colours]) for v in planted]
    made += [disj(var(planted[v], v), var(rng.choice(colours), w)) for v, w in (known, known[::-1])]
    for u, v in pairs:
        made += [not_both(rng, var(c, u), var(c, v)) for c in colours]
    return grown(rng, made, n + 2 + 3 * (n - 1), 3, least)


def matching(rng: Random, size: int, least: int) -> Pair | None:
    """People and tasks that fit by a random relation, no task twice: who must, or cannot, have what."""
    n = min(2 + (size + 2) // 3, 5)
    solution = rng.sample(range(1, n + 1), n)
    fits = {(i, j) for i in range(1, n + 1) for j in range(1, n + 1) if solution[i - 1] == j or rng.random() < 0.6}
    made: list[Formula] = []
    for i in range(1, n + 1):
        made.append(some([var("T", i, j) for j in range(1, n + 1) if (i, j) in fits]))
    clashes = [(a, b) for a in sorted(fits) for b in sorted(fits) if a < b and a[1] == b[1]]
    rng.shuffle(clashes)
    made += [not_both(rng, var("T", *a), var("T", *b)) for a, b in clashes]
    for _ in range(n):
        a, b = rng.sample(sorted(fits), 2)
        if solution[a[0] - 1] != a[1] or solution[b[0] - 1] == b[1]:
            made.append(if_then(rng, var("T", *a), var("T", *b)))
    return grown(rng, made, n + 2, 2, least)


def partial_orders(rng: Random, size: int, least: int) -> Pair | None:
    """Elements in a linear order of which little is known: what transitivity and the clues settle."""
    n = min(3 + (size + 2) // 4, 5)
    order = rng.sample(range(1, n + 1), n)
    place = {v: k for k, v in enumerate(order)}
    less = {(i, j): var("L", i, j) for i, j in permutations(range(1, n + 1), 2)}
    made: list[Formula] = []
    for _ in range(n + size // 2):
        pairs = rng.sample(sorted(less), 2)
        right = [p for p in pairs if place[p[0]] < place[p[1]]]
        if right:
            one, two = right[0], next(p for p in pairs if p is not right[0])
            made.append(rng.choice((disj(less[one], less[two]), if_then(rng, less[two], less[one]))))
    made += [disj(less[i, j], less[j, i]) for i, j in combinations(range(1, n + 1), 2)]
    made += [not_both(rng, less[i, j], less[j, i]) for i, j in combinations(range(1, n + 1), 2)]
    made += [implies(conj(less[i, j], less[j, k]), less[i, k]) for i, j, k in permutations(range(1, n + 1), 3)]
    return grown(rng, shuffled(rng, made), max(4, least), 3, least)


def shuffled(rng: Random, formulas: Sequence[Formula]) -> list[Formula]:
    """The same formulas in random order."""
    return rng.sample(list(formulas), len(formulas))


def wiring(rng: Random, size: int, least: int) -> Pair | None:
    """A random circuit of gates over a few inputs, and what is known of some wires: what that says of another."""
    wires = [var("A", k) for k in range(1, 3 + size // 4)]
    made: list[Formula] = []
    for k in range(1, 3 + size):
        a, b = rng.sample(wires, 2) if len(wires) > 1 else (wires[0], wires[0])
        one, two = (x if rng.random() < 0.6 else neg(x) for x in (a, b))
        gate = rng.choice((conj(one, two), disj(one, two), implies(one, two), iff(one, two), neg(conj(one, two))))
        wires.append(var("G", k))
        made.append(iff(wires[-1], gate))
    known = [x if rng.random() < 0.5 else neg(x) for x in rng.sample(wires[-(2 + size // 2) :], 2)]
    return grown(rng, [*made, *known], len(made) + 1, 1, least)


def planning(rng: Random, size: int, least: int) -> Pair | None:
    """Switches over a few instants: actions with conditions and effects, frame axioms; what holds at the end."""
    switches = 2 + size // 4
    instants = 2 + size // 3
    at = {(s, t): var("S", s, t) for s in range(1, switches + 1) for t in range(instants + 1)}
    made: list[Formula] = []
    start = {s: rng.random() < 0.5 for s in range(1, switches + 1)}
    made += [at[s, 0] if on else neg(at[s, 0]) for s, on in start.items()]
    for t in range(instants):
        moved = rng.sample(range(1, switches + 1), rng.choice((1, 1, 2)))
        act = var("D", t + 1)
        for s in range(1, switches + 1):
            if s in moved:
                condition = at[rng.randint(1, switches), t]
                effect = at[s, t + 1] if rng.random() < 0.5 else neg(at[s, t + 1])
                made.append(implies(conj(act, condition), effect))
                made.append(implies(conj(act, neg(condition)), iff(at[s, t + 1], at[s, t])))
                made.append(implies(neg(act), iff(at[s, t + 1], at[s, t])))
            else:
                made.append(iff(at[s, t + 1], at[s, t]))
    end = [at[s, instants] for s in range(1, switches + 1)]
    mixed = shuffled(rng, made)
    options = [*end, *(neg(f) for f in end), *(disj(a, neg(b)) for a, b in permutations(end, 2))]
    with Entailments() as asked:
        cores = [(asked.needed(mixed, f), f) for f in options if asked.entails(mixed, f)]
    best = max(cores, key=lambda pair: len(pair[0]), default=None)
    return best if best is not None and len(best[0]) >= least else None


STRUCTURES: dict[str, Family] = {
    "random_clauses": random_clauses,
    "parity_network": parity_network,
    "parity_system": parity_system,
    "exactly_one": exactly_one,
    "graph_colouring": graph_colouring,
    "matching": matching,
    "partial_orders": partial_orders,
    "wiring": wiring,
    "planning": planning,
}
"""The drawn families by name."""
