"""Structured problems after the principles of proof complexity: cliques and colours, counting, isomorphism, orders.

Each is a contradiction of a well-known kind on a drawn graph. One of its constraints is held out, and the goal denies
it; what is not needed for that goes. Two families are no contradictions: clauses over two vocabularies that share a
few atoms, where what settles the goal has to be said in the shared ones; and a lemma that every case needs.

Sources: Tseitin 1968 on regular expanders (Urquhart 1987; Ben-Sasson, Wigderson 2001); clique-colouring pairs
(Krajicek 1997; Pudlak 1997); counting modulo k (Ajtai 1994); graph isomorphism (Toran 2013); the graph ordering
principle (Krishnamurthy 1985; Segerlind, Buss, Impagliazzo 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations
from random import Random

from proofgrid.checker import entails
from proofgrid.checker.formulas import FALSE, Formula, atoms, conj, disj, iff, implies, neg, opposite
from proofgrid.tasks.making.problems.encoding import every, if_then, not_both, some, var
from proofgrid.tasks.making.problems.entailed import Entailments, needed
from proofgrid.tasks.making.problems.linking import fresh_lemma
from proofgrid.tasks.making.problems.structures import (
    Family,
    Pair,
    clause,
    grown,
    parity,
    parity_clauses,
    shuffled,
)


def _denied(rng: Random, constraints: Sequence[Formula], held_out: Sequence[Formula], least: int) -> Pair | None:
    """Constraints that contradict each other: what is needed to deny one of ``held_out``, and that denial."""
    made = list(dict.fromkeys(constraints))
    with Entailments() as asked:
        if not asked.entails(made, FALSE):
            return None
        for out in shuffled(rng, held_out)[:4]:
            core = asked.needed(shuffled(rng, [f for f in made if f is not out]), neg(out))
            if len(core) >= least and not asked.entails(core, FALSE):
                return core, _denial(rng, out)
    return None


def _denial(rng: Random, f: Formula) -> Formula:
    """Not ``f``, for a disjunction sometimes as a conjunction."""
    if f.op != "|" or rng.random() < 0.4:
        return opposite(f)
    parts = []
    while f.op == "|":
        parts.append(opposite(f.left))
        f = f.right
    return every([*parts, opposite(f)])


def _regular_graph(rng: Random, n: int, degree: int) -> list[tuple[int, int]] | None:
    """The edges of a random regular graph in which every set of at most half the vertices has as many edges out of it
    as vertices in it (edge expansion 1 or more); None if this draw has loops, double edges or a narrow cut."""
    ends = [v for v in range(n) for _ in range(degree)]
    rng.shuffle(ends)
    edges = {(min(a, b), max(a, b)) for a, b in zip(ends[::2], ends[1::2], strict=True) if a != b}
    if 2 * len(edges) < n * degree:
        return None
    for count in range(1, n // 2 + 1):
        for inside in combinations(range(n), count):
            if sum((a in inside) != (b in inside) for a, b in edges) < count:
                return None
    return rng.sample(sorted(edges), len(edges))


def _edge(rng: Random, k: int) -> Formula:
    """What stands for an edge: an atom, or a formula of two (Tseitin's parities, lifted)."""
    one, two = var("E", k), var("F", k)
    if rng.random() < 0.5:
        return one
    return rng.choice((conj(one, two), disj(one, two), implies(one, two), iff(one, two)))


def expander_parity(rng: Random, size: int, least: int) -> Pair | None:
    """Tseitin's parities on a random regular expander of degree 3 or 4: all vertices but one settle the last."""
    n = 4 if size < 5 else 6 if size < 11 else 8
    degree = 3 if n == 4 or rng.random() < 0.8 else 4
    edges = next((e for _ in range(60) if (e := _regular_graph(rng, n, degree)) is not None), None)
    if edges is None:
        return None
    odd = [rng.random() < 0.5 for _ in range(n)]
    odd[-1] = sum(odd[:-1]) % 2 == 1
    lifted = {edge: _edge(rng, k) for k, edge in enumerate(edges, 1)}
    around = [[f for edge, f in lifted.items() if v in edge] for v in range(n)]
    goal = parity(rng, around[-1], odd=odd[-1])
    if n - 1 >= least:
        return [parity(rng, around[v], odd=odd[v]) for v in range(n - 1)], goal
    premises: list[Formula] = []
    for v in range(n - 1):  # as clauses or as one formula
        whole = rng.random() < 0.3
        premises += [parity(rng, around[v], odd=odd[v])] if whole else list(parity_clauses(rng, around[v], odd=odd[v]))
    return (premises, goal) if len(premises) >= least else None


def clique_colouring(rng: Random, size: int, least: int) -> Pair | None:
    """A clique of three in a graph with two colours: candidates for its members and colours are drawn."""
    n = 3 if size < 6 else 4
    vertices = range(1, n + 1)
    held: list[Formula] = []
    made: list[Formula] = []
    members: list[list[int]] = [sorted(rng.sample(vertices, rng.choice((1, 2, 2)))) for _ in range(3)]
    for r, candidates in enumerate(members):
        held.append(some([var("Q", r + 1, v) for v in candidates]))
    pairs: set[tuple[int, int]] = set()
    for (r, one), (s, two) in combinations(enumerate(members), 2):
        for i in one:
            for j in two:
                both = conj(var("Q", r + 1, i), var("Q", s + 1, j))
                if i == j:
                    made.append(neg(both))
                else:
                    pairs.add((min(i, j), max(i, j)))
                    made.append(if_then(rng, both, var("E", min(i, j), max(i, j))))
    for v in sorted({v for pair in pairs for v in pair}):
        held.append(disj(var("R", v), var("G", v)) if rng.random() < 0.8 else rng.choice((var("R", v), var("G", v))))
    for i, j in sorted(pairs):
        for colour in "RG":
            made.append(implies(var("E", i, j), not_both(rng, var(colour, i), var(colour, j))))
    return _denied(rng, [*held, *made], held, least)


def counting(rng: Random, size: int, least: int) -> Pair | None:
    """Blocks of two or three from a drawn list cannot part a number of elements that two or three do not divide."""
    k = 2 if size < 4 else rng.choice((2, 3))
    if k == 2:
        n = 3 if size < 2 else 5 if size < 9 else 7
    else:  # of four elements there is one such problem, with more premises than levels of few ask for
        n = 4 if size < 7 and least > 7 else 5
    everything = list(combinations(range(1, n + 1), k))
    blocks = sorted(rng.sample(everything, min(len(everything), rng.randint(n, n + 4))))
    named = {block: var("B", *block) for block in blocks}
    held = [some(parts) for v in range(1, n + 1) if (parts := [f for block, f in named.items() if v in block])]
    if len(held) < n:
        return None
    clashes = [not_both(rng, named[a], named[b]) for a, b in combinations(blocks, 2) if set(a) & set(b)]
    return _denied(rng, [*held, *clashes], held, least)


def isomorphism(rng: Random, size: int, least: int) -> Pair | None:
    """Two drawn graphs, one of them the other's up to an edge or two: where vertices can, or cannot, be sent."""
    n = 3 if size < 5 else 4
    pairs = list(combinations(range(1, n + 1), 2))
    one = {pair for pair in pairs if rng.random() < 0.5}
    sent = dict(zip(range(1, n + 1), rng.sample(range(1, n + 1), n), strict=True))
    two = {(min(sent[a], sent[b]), max(sent[a], sent[b])) for a, b in one}
    for pair in rng.sample(pairs, rng.choice((0, 1, 1, 2))):
        two ^= {pair}
    maps = {(i, j): var("M", i, j) for i in range(1, n + 1) for j in range(1, n + 1)}
    candidates = {i: sorted({sent[i], *rng.sample(range(1, n + 1), n - 1)}) for i in range(1, n + 1)}
    held = [some([maps[i, j] for j in candidates[i]]) for i in candidates]
    made: list[Formula] = []
    sendings = [(vertex, image) for vertex in candidates for image in candidates[vertex]]
    for (i, j), (k, m) in combinations(sendings, 2):
        if i == k:
            continue
        if j == m or ((min(i, k), max(i, k)) in one) != ((min(j, m), max(j, m)) in two):
            made.append(not_both(rng, maps[i, j], maps[k, m]))
    if entails([*held, *made], FALSE):
        return _denied(rng, [*held, *made], held, least)
    return grown(rng, [*held, *shuffled(rng, made)], n + 2, 2, least)


def ordering_principle(rng: Random, size: int, least: int) -> Pair | None:
    """A strict order in which each element has a smaller one among drawn neighbours: one of them cannot."""
    n = 3 if size < 6 else 4 if size < 12 else 5
    less = {(i, j): var("L", i, j) for i, j in permutations(range(1, n + 1), 2)}
    held = []
    for v in range(1, n + 1):
        others = [u for u in range(1, n + 1) if u != v]
        held.append(some([less[u, v] for u in sorted(rng.sample(others, rng.randint(1, min(3, n - 1))))]))
    made = [not_both(rng, less[i, j], less[j, i]) for i, j in combinations(range(1, n + 1), 2)]
    for i, j, k in permutations(range(1, n + 1), 3):
        links = conj(less[i, j], less[j, k])
        made.append(
            implies(links, less[i, k]) if rng.random() < 0.6 else implies(less[i, j], implies(less[j, k], less[i, k]))
        )
    return _denied(rng, [*held, *made], held, least)


def shared_vocabulary(rng: Random, size: int, least: int) -> Pair | None:
    """Clauses over two vocabularies with a few atoms in common: what one side settles passes through those alone."""
    shared = [var("C", k) for k in range(1, 3 + size // 4)]
    own = [[var(letter, k) for k in range(1, 3 + size // 3)] for letter in "PQ"]
    made: list[Formula] = []
    for turn in range(14 * len(own[0])):
        names = own[turn % 2]
        private = rng.sample(names, rng.choice((1, 2, 2)))
        common = rng.sample(shared, rng.choice((1, 1, 2)) if len(private) == 1 else 1)
        made.append(clause(rng, [f if rng.random() < 0.5 else neg(f) for f in shuffled(rng, [*private, *common])]))
    found = grown(rng, made, 2 * len(own[0]) + len(shared), 2, least)
    if found is None:
        return None
    letters = {name[0] for name in atoms(*found[0])}
    return found if {"P", "Q", "C"} <= letters else None


def hidden_lemma(rng: Random, size: int, least: int) -> Pair | None:
    """A lemma that no premise states and every case needs: who finds it first proves it once."""
    drawn = fresh_lemma(rng, "W", 1, (2, 4), (2, 4))
    if drawn is None:
        return None
    premises, lemma = drawn
    count = 2 + (size > 4) + (size > 9)
    goal = var("G", 0)
    cases = [var("C", k) for k in range(1, count + 1)]
    made: list[Formula] = [*premises, some(cases)]
    for k, case in enumerate(cases, 1):
        steps = [case, *(var("D", k, j) for j in range(1, rng.randint(1, 1 + size // 4) + 1))]
        at = rng.randrange(len(steps))
        for j, (one, two) in enumerate(zip(steps, [*steps[1:], goal], strict=True)):
            if j == at:
                link = rng.choice(
                    (
                        implies(conj(one, lemma), two),
                        implies(lemma, implies(one, two)),
                        implies(one, implies(lemma, two)),
                    )
                )
            else:
                link = if_then(rng, one, two)
            made.append(link)
    core = needed(shuffled(rng, made), goal)
    return (core, goal) if len(core) == len(made) >= least else None


PRINCIPLES: dict[str, Family] = {
    "expander_parity": expander_parity,
    "clique_colouring": clique_colouring,
    "counting": counting,
    "isomorphism": isomorphism,
    "ordering_principle": ordering_principle,
    "shared_vocabulary": shared_vocabulary,
    "hidden_lemma": hidden_lemma,
}
"""The families by name."""
