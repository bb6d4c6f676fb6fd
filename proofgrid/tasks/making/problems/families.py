"""Structured problems: families from the literature, as premises and a goal that follows from them.

Each family is a function of a random generator and a size (1 is smallest); its docstring says what is encoded. The
premises are consistent: where a family is known as an unsatisfiable set, one constraint is left out and the goal is
its negation. ``proofgrid.tasks.making.problems.drawing`` shuffles, renames, combines and verifies them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise, permutations
from random import Random

from proofgrid.checker import countermodel, entails
from proofgrid.checker.formulas import FALSE, Formula, conj, disj, iff, implies, neg, opposite
from proofgrid.tasks.making.problems.encoding import every, exclusive, if_then, not_both, some, var

Pair = tuple[list[Formula], Formula]
Family = Callable[[Random, int], Pair | None]


def pigeonhole(rng: Random, size: int) -> Pair:
    """n + 1 pigeons do not fit into n holes: the last one is left out, or two share a hole (Cook and Reckhow 1979)."""
    holes = 2 if size <= 3 else 3 if size <= 7 else 4
    pigeons = holes + 1
    place = {(i, j): var("P", i, j) for i in range(1, pigeons + 1) for j in range(1, holes + 1)}
    premises = [some([place[i, j] for j in range(1, holes + 1)]) for i in range(1, pigeons)]
    clashes = []
    for j in range(1, holes + 1):
        for a, b in combinations(range(1, pigeons + 1), 2):
            clashes.append((place[a, j], place[b, j]))
    last = [place[pigeons, j] for j in range(1, holes + 1)]
    kind = rng.randrange(3)
    if kind == 0:
        premises += [not_both(rng, a, b) for a, b in clashes]
        return premises, rng.choice((every([neg(f) for f in last]), neg(some(last))))
    premises.append(some(last))
    kept = 2 if kind == 1 else rng.randint(1, len(clashes) - 1)
    rng.shuffle(clashes)
    premises += [not_both(rng, a, b) for a, b in clashes[kept:]]
    return premises, some([conj(a, b) for a, b in clashes[:kept]])


def parity(rng: Random, size: int) -> Pair | None:
    """Parities at the vertices of a connected graph of degree at most 3 must add up (Tseitin 1968)."""
    vertices = 3 + (size + 1) // 2
    edges: dict[tuple[int, int], Formula] = {}
    degree = dict.fromkeys(range(vertices), 0)

    def link(a: int, b: int) -> None:
        key = (min(a, b), max(a, b))
        if a != b and key not in edges and degree[a] < 3 and degree[b] < 3:
            edges[key] = var("E", len(edges) + 1)
            degree[a] += 1
            degree[b] += 1

    for v in range(vertices):
        link(v, (v + 1) % vertices)
    for _ in range(size // 2):
        link(*rng.sample(range(vertices), 2))
    charges = [rng.random() < 0.5 for _ in range(vertices)]
    last = rng.randrange(vertices)
    charges[last] = sum(c for v, c in enumerate(charges) if v != last) % 2 == 1
    constraints = []
    for v in range(vertices):
        around = [f for key, f in edges.items() if v in key]
        rng.shuffle(around)
        total = around[0]
        for f in around[1:]:
            total = exclusive(rng, f, total) if total.op == "atom" else iff(f, neg(total))
        constraints.append(total if charges[v] else _negated(rng, total))
    goal = constraints.pop(last)
    return constraints, goal


def _negated(rng: Random, f: Formula) -> Formula:
    if f.op == "<==>" and rng.random() < 0.7:
        return iff(f.left, opposite(f.right))
    return opposite(f)


def ordering(rng: Random, size: int) -> Pair:
    """Transitivity and antisymmetry leave some element that nothing precedes, or carry a chain to its end."""
    if size >= 5 and rng.random() < 0.5:
        n = 3 if size <= 6 else 4
        less = {(i, j): var("L", i, j) for i in range(1, n + 1) for j in range(1, n + 1) if i != j}
        premises = [implies(conj(less[i, j], less[j, k]), less[i, k]) for i, j, k in permutations(range(1, n + 1), 3)]
        premises += [not_both(rng, less[i, j], less[j, i]) for i, j in combinations(range(1, n + 1), 2)]
        tops = [every([neg(less[j, i]) for j in range(1, n + 1) if j != i]) for i in range(1, n + 1)]
        return premises, some(tops)
    n = 3 + (size + 1) // 2
    less = {(i, j): var("L", i, j) for i in range(1, n + 1) for j in range(1, n + 1) if i != j}
    order = list(range(1, n + 1))
    rng.shuffle(order)
    a, z = order[0], order[-1]
    premises = [less[i, j] for i, j in pairwise(order)]
    weak = rng.randrange(len(premises))
    i, j = order[weak], order[weak + 1]
    other = var("X")
    premises[weak] = disj(less[i, j], other)
    premises.append(implies(other, less[a, z]) if rng.random() < 0.5 else implies(other, less[i, j]))
    links = list(range(2, n))
    for k in links:
        premises.append(implies(conj(less[a, order[k - 1]], less[order[k - 1], order[k]]), less[a, order[k]]))
    goals = [neg(less[z, a]), less[a, z], conj(less[a, z], neg(less[z, a]))]
    premises.append(not_both(rng, less[a, z], less[z, a]))
    return premises, goals[min(size, 2)] if rng.random() < 0.5 else rng.choice(goals)


def assignment(rng: Random, size: int) -> Pair | None:
    """Every person has exactly one task and every task one person; clues leave one solution, or part of one."""
    n = 2 if size == 1 else 3 if size <= 4 else 4 if size <= 8 else 5
    has = {(i, j): var("T", i, j) for i in range(1, n + 1) for j in range(1, n + 1)}
    people = list(range(1, n + 1))
    premises = [some([has[i, j] for j in people]) for i in people]
    for j in people:
        premises += [not_both(rng, has[a, j], has[b, j]) for a, b in combinations(people, 2)]
    solution = dict(zip(people, rng.sample(people, n), strict=True))
    facts = [has[i, solution[i]] for i in people]
    lies = [has[i, j] for i in people for j in people if solution[i] != j]
    clues: list[Formula] = []
    goal = every(rng.sample(facts, min(n, 1 + size // 2)))
    for _ in range(4 * n):
        lie, fact, other = rng.choice(lies), rng.choice(facts), rng.choice(lies)
        clues.append(
            rng.choice(
                (neg(lie), implies(lie, other), disj(lie, fact), implies(fact, neg(lie)), implies(neg(fact), lie))
            )
        )
        if entails([*premises, *clues], goal):
            break
    else:
        return None
    for clue in tuple(clues):
        rest = [c for c in clues if c is not clue]
        if entails([*premises, *rest], goal):
            clues = rest
    return premises + clues, goal


def colouring(rng: Random, size: int) -> Pair:
    """Three colours: the two ends of a diamond of four vertices have the same colour, and so along a chain of them."""
    diamonds = 1 if size <= 4 else 2 if size <= 8 else 3
    colours = "RGB"
    premises: list[Formula] = []
    seen: dict[int, None] = {}

    def vertex(v: int) -> None:
        if v not in seen:
            seen[v] = None
            premises.append(some([var(c, v) for c in colours]))
            pairs = combinations(colours, 2)
            premises.extend(not_both(rng, var(a, v), var(b, v)) for a, b in pairs if v in ends and size > 2)

    def edge(u: int, v: int) -> None:
        premises.extend(not_both(rng, var(c, u), var(c, v)) for c in colours)

    ends = [1 + 3 * d for d in range(diamonds + 1)]
    for d in range(diamonds):
        a, b, c, e = ends[d], ends[d] + 1, ends[d] + 2, ends[d + 1]
        for v in (a, b, c, e):
            vertex(v)
        for u, v in ((a, b), (a, c), (b, c), (b, e), (c, e)):
            edge(u, v)
    colour = rng.choice(colours)
    first, last = var(colour, ends[0]), var(colour, ends[-1])
    return premises, implies(first, last) if size <= 3 else rng.choice((iff(first, last), disj(neg(first), last)))


def odd_cycle(rng: Random, size: int) -> Pair:
    """Two colours along a path: its ends agree or differ by its length; on an odd cycle some edge has equal ends."""
    n = 3 + size
    v = [var("C", i) for i in range(1, n + 1)]
    kind = rng.randrange(2)
    if kind == 0:
        premises = [exclusive(rng, a, b) for a, b in pairwise(v)]
        agree = (n - 1) % 2 == 0
        return premises, iff(v[0], v[-1]) if agree else rng.choice((iff(v[0], neg(v[-1])), neg(iff(v[0], v[-1]))))
    n = 3 if size <= 3 else 5
    ring = v[:n] if n <= len(v) else [var("C", i) for i in range(1, n + 1)]
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    rng.shuffle(pairs)
    kept = rng.randint(1, 2)
    premises = [exclusive(rng, a, b) for a, b in pairs[kept:]]
    return premises, some([iff(a, b) for a, b in pairs[:kept]])


def exceptions(rng: Random, size: int) -> Pair:
    """A chain of defaults, each with an exception that has to be ruled out (or is admitted in the goal)."""
    n = 2 + size
    a = [var("A", i) for i in range(1, n + 2)]
    x = [var("X", i) for i in range(1, n + 1)]
    premises: list[Formula] = []
    admitted: list[Formula] = []
    for i in range(n):
        premises.append(
            rng.choice(
                (
                    implies(conj(a[i], neg(x[i])), a[i + 1]),
                    implies(a[i], disj(x[i], a[i + 1])),
                    implies(a[i], implies(neg(x[i]), a[i + 1])),
                )
            )
        )
        kind = rng.randrange(4)
        w = var("W", i + 1)
        if kind == 0:
            admitted.append(x[i])
        elif kind == 1:
            premises += [implies(x[i], w), rng.choice((neg(w), implies(w, neg(a[i]))))]
        elif kind == 2:
            premises += [implies(x[i], conj(w, neg(a[0])))]
        else:
            premises += [disj(w, neg(x[i])), rng.choice((implies(w, a[-1]), implies(w, neg(x[i]))))]
    end = some([a[-1], *admitted]) if admitted else a[-1]
    if rng.random() < 0.5:
        premises.append(a[0])
        return premises, end
    return premises, implies(a[0], end)


def knights(rng: Random, size: int) -> Pair | None:
    """Knights always tell the truth and knaves never do; what they say decides who is what (Smullyan 1978)."""
    n = 2 + (size + 1) // 2
    k = [var("K", i) for i in range(1, n + 1)]

    def kind(f: Formula) -> Formula:
        return neg(f) if rng.random() < 0.5 else f

    premises = []
    for i in range(n):
        others = [f for j, f in enumerate(k) if j != i]
        about = rng.sample(others, min(2, len(others)))
        sentence = kind(about[0])
        if len(about) == 2 and rng.random() < 0.75:
            make = rng.choice((conj, disj, implies, iff))
            sentence = make(sentence, kind(about[1]))
        if rng.random() < 0.25:
            sentence = rng.choice((conj, disj))(kind(k[i]), sentence)
        premises.append(iff(k[i], sentence))
    if countermodel(premises, FALSE) is None:
        return None
    decided = [f for i in range(n) for f in (k[i], neg(k[i])) if entails(premises, f)]
    if len(decided) < 2:
        return None
    return premises, every(rng.sample(decided, min(len(decided), 1 + size // 2)))


def equivalences(rng: Random, size: int) -> Pair:
    """Conditionals that run in a circle make their sides equivalent: all hold or none does."""
    n = 3 + (size + 1) // 2
    p = [var("Q", i) for i in range(1, n + 1)]
    premises = [if_then(rng, a, b) for a, b in zip(p, [*p[1:], p[0]], strict=True)]
    if size >= 3:
        cut = rng.randrange(n)
        a, b = p[cut], p[(cut + 1) % n]
        y, z = var("Y"), var("Z")
        premises[cut] = implies(a, disj(y, z))
        premises += [if_then(rng, y, b), if_then(rng, z, b)]
    i, j = rng.sample(range(n), 2)
    goals = [
        implies(p[i], p[j]),
        iff(p[i], p[j]),
        disj(every(p[: 2 + size // 2]), every([neg(f) for f in p[: 2 + size // 2]])),
    ]
    return premises, goals[0] if size == 1 else rng.choice(goals[1:])


def pebbling(rng: Random, size: int) -> Pair:
    """A pyramid whose stones carry one of two colours: coloured sources colour the top (Ben-Sasson, Wigderson 2001)."""
    height = 1 if size <= 2 else 2 if size <= 5 else 3
    rows = [[(var("A", r, i), var("B", r, i)) for i in range(1, r + 1)] for r in range(1, height + 2)]
    premises: list[Formula] = [disj(*pair) for pair in rows[-1]]
    for r in range(height):
        for i, (a, b) in enumerate(rows[r]):
            left, right = rows[r + 1][i], rows[r + 1][i + 1]
            if rng.random() < 0.5:
                premises.append(implies(conj(disj(*left), disj(*right)), disj(a, b)))
            else:
                premises += [implies(conj(p, q), disj(a, b)) for p in left for q in right]
    return premises, disj(*rows[0][0])


def circuits(rng: Random, size: int) -> Pair:
    """Two circuits of named gates compute the same: exclusive or, selection, majority, parity of three."""
    a, b, c = (neg(var(x)) if rng.random() < 0.3 else var(x) for x in "ABC")
    g = [var("G", i) for i in range(1, 5)]
    h = [var("H", i) for i in range(1, 5)]

    def both(p: Formula, q: Formula) -> Formula:
        return conj(p, q) if rng.random() < 0.5 else conj(q, p)

    def either(p: Formula, q: Formula) -> Formula:
        return disj(p, q) if rng.random() < 0.5 else disj(q, p)

    kinds = ("half",) if size == 1 else ("xor", "half") if size == 2 else ("xor", "mux", "majority", "parity")
    kind = rng.choice(kinds)
    if kind == "half":
        one = [iff(g[0], either(a, b)), iff(g[1], neg(both(a, b)))]
        two = [iff(h[0], both(neg(a), neg(b))), iff(h[1], either(neg(a), neg(b)))]
        goals = [implies(g[1], h[1]), disj(g[0], h[0]), implies(h[0], g[1])]
        return one + two, rng.choice(goals)
    if kind == "xor":
        one = [iff(g[0], either(a, b)), iff(g[1], neg(both(a, b))), iff(g[2], both(g[0], g[1]))]
        two = [iff(h[0], both(a, neg(b))), iff(h[1], both(neg(a), b)), iff(h[2], either(h[0], h[1]))]
        last = 2
    elif kind == "mux":
        one = [iff(g[0], both(c, a)), iff(g[1], both(neg(c), b)), iff(g[2], either(g[0], g[1]))]
        two = [iff(h[0], implies(c, a)), iff(h[1], either(c, b)), iff(h[2], both(h[0], h[1]))]
        last = 2
    elif kind == "majority":
        one = [iff(g[0], both(a, b)), iff(g[1], both(c, either(a, b))), iff(g[2], either(g[0], g[1]))]
        two = [iff(h[0], either(a, b)), iff(h[1], both(either(a, c), either(b, c))), iff(h[2], both(h[0], h[1]))]
        last = 2
    else:
        one = [iff(g[0], neg(iff(a, b))), iff(g[1], neg(iff(g[0], c)))]
        two = [iff(h[0], iff(b, c)), iff(h[1], iff(a, h[0]))]
        last = 1
    if rng.random() < 0.3:
        one[last] = iff(g[last], neg(one[last].right))
        two[last] = iff(h[last], neg(two[last].right))
    goal = implies(g[last], h[last]) if rng.random() < 0.5 else implies(h[last], g[last])
    return one + two, goal if size <= 3 else iff(g[last], h[last])


def scheduling(rng: Random, size: int) -> Pair | None:
    """Jobs in time slots, one at a time, some before others: where a job must (not) stand."""
    n = 2 if size == 1 else 3 if size <= 4 else 4
    slots = range(1, n + 1)
    at = {(i, t): var("S", i, t) for i in slots for t in slots}
    order = list(slots)
    rng.shuffle(order)
    premises = [some([at[i, t] for t in slots]) for i in slots]
    for t in slots:
        premises += [not_both(rng, at[i, t], at[j, t]) for i, j in combinations(slots, 2)]
    place = {job: t for t, job in enumerate(order, 1)}
    before = [(i, j) for i, j in permutations(slots, 2) if place[i] < place[j]]
    chosen = rng.sample(before, min(len(before), 1 + size // 2))
    for i, j in chosen:
        for t in slots:
            later = [at[j, u] for u in slots if u > t]
            premises.append(implies(at[i, t], some(later)) if later else neg(at[i, t]))
    facts = [f for (i, t), f in at.items() if place[i] == t] + [neg(f) for (i, t), f in at.items() if place[i] != t]
    follow = [f for f in facts if f not in premises and entails(premises, f)]
    if not follow:
        return None
    return premises, every(rng.sample(follow, min(len(follow), 1 + size // 3)))


FAMILIES: dict[str, Family] = {
    "pigeonhole": pigeonhole,
    "parity": parity,
    "ordering": ordering,
    "assignment": assignment,
    "colouring": colouring,
    "odd_cycle": odd_cycle,
    "exceptions": exceptions,
    "knights": knights,
    "equivalences": equivalences,
    "pebbling": pebbling,
    "circuits": circuits,
    "scheduling": scheduling,
}
"""The families of PL2 by name."""
