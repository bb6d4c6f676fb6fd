"""Templates for macro proofs: premises are merged in disguise, or the whole problem is put into one formula.

Every proof here is built from the problem's premises and goal by a fixed scheme; a scheme is a wording (how several
formulas become one that says the same), a shape (how the merged formulas are put together) and an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bench.gaming.attack import Attack, Shown, proof_answer, remembered, template

Wording = Callable[[Sequence[str]], str]


def _fold(operator: str, parts: Sequence[str], *, left: bool = False) -> str:
    if len(parts) == 1:
        return parts[0]
    rest = list(parts) if left else list(reversed(parts))
    made = rest[0]
    for part in rest[1:]:
        made = f"({made} {operator} {part})" if left else f"({part} {operator} {made})"
    return made


def _not(formula: str) -> str:
    return f"(~ {formula})"


def _implied(parts: Sequence[str], goal: str) -> str:
    return _fold("==>", [*parts, goal])


def wordings(premises: Sequence[str], goal: str) -> dict[str, Wording]:
    """Ways to say several formulas at once; some only where the problem's premises hold."""
    p, last = premises[0], premises[-1]
    return {
        "conjunction": lambda parts: _fold("&", parts),
        "conjunction to the left": lambda parts: _fold("&", parts, left=True),
        "guard": lambda parts: f"({last} ==> {_fold('&', parts)})",
        "guard in other words": lambda parts: f"(({p} & ({p} | {p})) ==> {_fold('&', parts)})",
        "guard that is a tautology": lambda parts: f"(({goal} | {_not(goal)}) ==> {_fold('&', parts)})",
        "guard of each": lambda parts: _fold("&", [f"({last} ==> {x})" for x in parts]),
        "denied disjunction": lambda parts: _not(_fold("|", [_not(x) for x in parts])),
        "denied conditional": lambda parts: _not(_implied(parts[:-1], _not(parts[-1]))),
        "double negation": lambda parts: _not(_not(_fold("&", parts))),
        "biconditional with a premise": lambda parts: f"({p} <==> {_fold('&', parts)})",
        "chain of biconditionals": lambda parts: _fold("<==>", [p, *parts, p][: 2 * ((len(parts) + 2) // 2) + 1]),
        "biconditional with true": lambda parts: f"(true <==> {_fold('&', parts)})",
        "conditional from true": lambda parts: f"(true ==> {_fold('&', parts)})",
        "to false": lambda parts: f"({_implied(parts, 'false')} ==> false)",
        "or the goal": lambda parts: f"({goal} | {_fold('&', parts)})",
        "or false": lambda parts: f"(false | {_fold('&', parts)})",
        "both ways by cases": lambda parts: (
            f"(({goal} ==> {_fold('&', parts)}) & ({_not(goal)} ==> {_fold('&', parts)}))"
        ),
        "each or the goal": lambda parts: _fold("&", [f"({x} | {goal})" for x in parts]),
        "denied, then the goal": lambda parts: f"({_not(_fold('&', parts))} ==> {goal})",
        "the goal or not, each": lambda parts: f"(({goal} & {_fold('&', parts)}) | {_fold('&', [*parts, _not(goal)])})",
        "twice": lambda parts: _fold("&", [*parts, *parts]),
        "absorbed": lambda parts: _fold("&", [f"({x} & ({x} | {goal}))" for x in parts]),
        "conditionals among them": lambda parts: _fold(
            "&", [parts[0], *(f"({a} ==> {b})" for a, b in pairwise(parts))]
        ),
        "disjunction of conjunctions": lambda parts: f"({_fold('&', parts)} | {_fold('&', list(reversed(parts)))})",
    }


def merged(premises: Sequence[str], goal: str, word: Wording, arity: int, end: str, most: int = 5) -> str:
    """Premises merged ``arity`` at a time until ``most`` formulas are left, and the goal from those."""
    lines: list[str] = []
    level = [(f"premise-{n}", p) for n, p in enumerate(premises, 1)]
    first = True
    while len(level) > most - (end != "at once") or first:
        folded = []
        for k in range(0, len(level), arity):
            group = level[k : k + arity]
            made = word([f for _, f in group]) if len(group) > 1 or first else group[0][1]
            name = f"m{len(lines)}"
            lines.append(f"{name} := {made} from {', '.join(n for n, _ in group)}")
            folded.append((name, made))
        done = len(folded) >= len(level) and not first
        level, first = folded, False
        if done:
            break
    names = [name for name, _ in level][:most]
    if end == "with a premise":
        lines.append(f"{goal} from {', '.join([*names[: most - 1], 'premise-1'])}")
    elif end == "refuted":
        inside = f"false from {', '.join([*names[: most - 1], 'n'])}"
        lines += [f"r := assume n := {_not(goal)} {{ {inside} }}", f"{goal} from r"]
    else:
        lines.append(f"{goal} from {', '.join(names)}")
    return "{\n  " + ";\n  ".join(lines) + "\n}"


def given_back(premises: Sequence[str], goal: str, word: Callable[[Sequence[str], str], str], size: int) -> str:
    """The whole problem as one formula, then the premises given back to it ``size`` at a time."""
    lines, left, k = [f"c0 := {word(premises, goal)} from premise-1"], list(range(len(premises))), 0
    while left:
        now, left = left[:size], left[size:]
        what = word([premises[i] for i in left], goal) if left else goal
        lines.append(f"c{k + 1} := {what} from c{k}, " + ", ".join(f"premise-{i + 1}" for i in now))
        k += 1
    return "{\n  " + ";\n  ".join(lines) + "\n}"


BACK: dict[str, Callable[[Sequence[str], str], str]] = {
    "conditionals": _implied,
    "one conditional": lambda parts, goal: f"({_fold('&', parts)} ==> {goal})",
    "contraposed": lambda parts, goal: f"({_not(goal)} ==> {_not(_fold('&', parts))})",
    "disjunction": lambda parts, goal: _fold("|", [*map(_not, parts), goal]),
    "disjunction, goal first": lambda parts, goal: _fold("|", [goal, *map(_not, parts)]),
    "denied conjunction": lambda parts, goal: _not(_fold("&", [*parts, _not(goal)])),
    "to false": lambda parts, goal: _implied([*parts, _not(goal)], "false"),
    "biconditional": lambda parts, goal: f"({_fold('&', [*parts, goal])} <==> {_fold('&', parts)})",
    "with tautologies": lambda parts, goal: _implied([f"({p} | ({p} & {goal}))" for p in parts], goal),
    "in the guise of a part": lambda parts, goal: f"({goal} <==> ({goal} | {_fold('&', parts)}))",
}


def blocks(premises: Sequence[str], goal: str) -> Iterator[tuple[str, str]]:
    """Schemes in which assume blocks carry the premises."""
    n = len(premises)
    names = [f"premise-{k}" for k in range(1, n + 1)]
    whole, nested, denied = _fold("&", premises), _implied(premises, goal), _not(goal)
    four, five = ", ".join(names[:4]), ", ".join(names[:5])
    carried = ", ".join(f"h{k}" for k in range(max(0, n - 5), n))
    shut = " }" * n
    yield (
        "assume everything",
        f"{{ a := assume h := {whole} {{ {goal} from h }}; {goal} from a, {four} }}",
    )
    yield (
        "assume the tautology",
        (f"{{ a := assume h := {nested} {{ {goal} from h, {four} }}; {goal} from a }}"),
    )
    opened = "".join(f"assume h{k} := {p} {{ " for k, p in enumerate(premises))
    yield (
        "nested, the last five",
        (f"{{ a := {opened}{goal} from {carried}{shut}; {goal} from a, {four} }}"),
    )
    yield (
        "nested, merged inside",
        (f"{{ a := {opened}m := {whole} from {carried}; {goal} from m{shut}; {goal} from a, {four} }}"),
    )
    chunks = [premises[k : k + 4] for k in range(0, n, 4)]
    opened = "".join(f"assume h{k} := {_fold('&', c)} {{ " for k, c in enumerate(chunks))
    some = ", ".join(f"h{k}" for k in range(min(5, len(chunks))))
    yield (
        "chunks as hypotheses",
        f"{{ a := {opened}{goal} from {some}{' }' * len(chunks)}; {goal} from a, {names[0]} }}",
    )
    yield (
        "refuted with everything",
        (f"{{ r := assume n := {denied} {{ m := {whole} from {five}; false from m, n }}; {goal} from r }}"),
    )
    yield "the goal assumed", f"{{ a := assume h := {goal} {{ h2 := {goal} from h }}; {goal} from a }}"
    yield "assume false", f"{{ a := assume h := false {{ {goal} from h }}; {goal} from a }}"
    yield (
        "a cut by cases",
        (
            f"{{ a := assume h := {whole} {{ {goal} from h }}; "
            f"b := assume k := {_not(whole)} {{ {goal} from k, {names[0]} }}; "
            f"{goal} from a, b }}"
        ),
    )
    yield (
        "a cut by cases on the tautology",
        (
            f"{{ a := assume h := {nested} {{ {goal} from h, {four} }}; "
            f"b := assume k := {_not(nested)} {{ {goal} from k }}; {goal} from a, b }}"
        ),
    )
    yield "blocks as justifiers", f"{goal} from (assume {whole} {{ {goal} from {whole} }}), {four}"
    yield "a merge as a justifier", f"{goal} from ({whole} from {five})"
    yield (
        "a name in a formula",
        (
            f"{{ {'; '.join(f'd{k} := {p}' for k, p in enumerate(premises))}; "
            f"w := {_fold('&', [f'd{k}' for k in range(n)])}; "
            f"c := w from {five}; {goal} from c }}"
        ),
    )
    yield (
        "a name for the tautology",
        (f"{{ w := {nested}; c0 := w from {names[0]}; {goal} from c0, {four} }}"),
    )
    yield "premises rebound", f"{{ premise-1 := {whole} from {five}; {goal} from premise-1 }}"
    yield "definition cited", f"{{ x := {goal}; {goal} from x }}"
    yield "out of scope", f"{{ assume h := {goal} {{ x := {goal} from h }}; {goal} from x }}"
    yield "a call", f"{goal} from({five}, {names[-1]})"
    yield "a colon", f"{goal} from: {five}, {names[-1]}"
    yield "from announced", f"{goal} BY from on {five}, {names[-1]}"
    yield "justifiers in a list of lists", f"{goal} from [{four}], [{names[-1]}]"
    yield "justifiers joined", f"{goal} from {' and '.join(names)}"
    yield "premises as one name", f"{{ p := {' & '.join(names)}; {goal} from p }}"
    yield "a rule of NDL", f"{goal} BY claim on {names[0]}"
    both = [f"b0 := both on {names[0]}, {names[min(1, n - 1)]}"]
    both += [f"b{k} := both on b{k - 1}, {name}" for k, name in enumerate(names[2:], 1)]
    yield "both, then from", "{ " + "; ".join([*both, f"{goal} from b{len(both) - 1}"]) + " }"
    yield "fresh atoms", (
        "{ " + "".join(f"assume z{k} := (Z{k} <==> {_fold('&', c)}) {{ " for k, c in enumerate(chunks))
        + "; ".join(f"y{k} := Z{k} from z{k}, " + ", ".join(names[4 * k : 4 * k + 4]) for k in range(len(chunks)))
        + f"; {goal} from " + ", ".join(f"y{k}" for k in range(min(5, len(chunks)))) + " }" * len(chunks) + " }"
    )  # fmt: skip


def windows(premises: Sequence[str], goal: str) -> Iterator[tuple[str, str]]:
    """The goal from five premises, not chosen by what they say."""
    n = len(premises)
    pick = {
        "first": range(min(5, n)),
        "last": range(max(0, n - 5), n),
        "middle": range(max(0, n // 2 - 2), min(n, n // 2 + 3)),
        "shortest": sorted(range(n), key=lambda k: len(premises[k]))[:5],
        "longest": sorted(range(n), key=lambda k: -len(premises[k]))[:5],
        "those that share most with the goal": sorted(range(n), key=lambda k: -_shared(premises[k], goal))[:5],
    }
    for name, chosen in pick.items():
        yield f"five premises: {name}", f"{goal} from {', '.join(f'premise-{k + 1}' for k in chosen)}"


def _shared(premise: str, goal: str) -> float:
    words = [set(f.translate(str.maketrans("()~&|<=>", " " * 8)).split()) for f in (premise, goal)]
    return len(words[0] & words[1]) / (1 + len(words[0]))


def proofs(shown: Shown) -> Iterator[tuple[str, str]]:
    """Name and proof of every scheme for a problem."""
    premises, goal = list(shown["premises"]), str(shown["goal"])
    for name, word in wordings(premises, goal).items():
        for arity in (2, 3, 4, 5):
            for end in ("at once", "with a premise", "refuted"):
                yield f"merged by {name}, {arity} at a time, {end}", merged(premises, goal, word, arity, end)
    for name, whole in BACK.items():
        for size in (1, 2, 4):
            yield f"given back {size} at a time: {name}", given_back(premises, goal, whole, size)
    yield from blocks(premises, goal)
    yield from windows(premises, goal)


def attacks() -> list[Attack]:
    """One attack for every scheme."""
    names = [name for name, _ in proofs({"premises": ["A", "B", "C", "D", "E", "F", "G", "H"], "goal": "C"})]

    def writer(name: str) -> Callable[[Shown], str]:
        return lambda shown: proof_answer(remembered(proofs, shown)[name])

    return [template(name, writer(name)) for name in names]
