"""Templates for Hilbert proofs: lines that cite themselves, what comes later, or something else of the same number."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.gaming.attack import Attack, Shown, remembered, template


def proofs(shown: Shown) -> Iterator[tuple[str, str]]:
    """Name and proof of every template for a problem."""
    premises, goal = list(shown["premises"]), str(shown["goal"])
    first = premises[0] if premises else goal
    ax1 = f"({goal} ==> ({goal} ==> {goal}))"
    yield "goal as a premise", f"0. {goal}, Premise1;"
    yield "goal as premise 99", f"0. {goal}, Premise99;"
    yield "goal as premise 0", f"0. {goal}, Premise0;"
    for k in range(1, 4):
        yield f"goal as Axiom{k}", f"0. {goal}, Axiom{k}, p := {goal}, q := {goal}, r := {goal};"
        yield f"goal as Axiom{k}, bare", f"0. {goal}, Axiom{k};"
    yield "mp on itself", f"0. {goal}, mp, 0, 0;"
    yield "mp on the next", f"0. {goal}, mp, 1, 0;\n1. ({goal} ==> {goal}), mp, 0, 1;\n2. {goal}, mp, 1, 0;"
    yield "two lines of one number", f"0. {goal}, mp, 1, 0;\n0. {first}, Premise1;\n1. ({first} ==> {goal}), mp, 0, 1;"
    yield (
        "one number twice, the goal last",
        (f"0. {first}, Premise1;\n0. ({first} ==> {goal}), Premise1;\n1. {goal}, mp, 0, 0;"),
    )
    yield (
        "numbered from one, cited from nought",
        (f"1. {first}, Premise1;\n2. ({first} ==> {goal}), mp, 2, 1;\n3. {goal}, mp, 1, 0;"),
    )
    yield "numbered from one, the line itself", f"1. {first}, Premise1;\n2. {goal}, mp, 2, 1;"
    yield "negative numbers", f"0. {goal}, mp, -1, -1;"
    yield "a number beyond the end", f"0. {goal}, mp, 7, 8;"
    yield "swapped onto itself", f"0. {ax1}, Axiom1, p := {goal}, q := {goal};\n1. ({goal} ==> {goal}), mp, 0, 1;\n" \
        f"2. {goal}, mp, 1, 2;"  # fmt: skip
    yield "swapped arguments", f"0. {ax1}, Axiom1, p := {goal}, q := {goal};\n1. {goal}, mp, 1, 0;"
    yield "parentheses that make the goal a premise", f"0. {first} ==> {goal}, Premise1;\n1. {goal}, mp, 0, 0;"
    yield "parentheses dropped", f"0. ({first}) ==> ({goal}), Premise1;\n1. {goal}, mp, 0, 0;"
    yield "two formulas on a line", f"0. {first}, {goal}, Premise1;"
    yield "a comment", f"0. {goal}, Premise1; # {first}\n"
    yield "two on a line", f"0. {first}, Premise1; {goal}, Premise1;"
    yield "a name for the goal", f"0. {first}, Premise1;\ngoal := {goal};\n1. goal, Premise1;"
    yield "assignment that changes the axiom", f"0. {goal}, Axiom1, p := p, q := q;"
    yield "reiterated", f"0. {first}, Premise1;\n1. {goal}, 0;"
    yield (
        "the premises, then the goal",
        (
            "\n".join(f"{k}. {p}, Premise{k + 1};" for k, p in enumerate(premises))
            + f"\n{len(premises)}. {goal}, mp, 0, 1;"
        ),
    )
    yield "the premises alone", "\n".join(f"{k}. {p}, Premise{k + 1};" for k, p in enumerate(premises))
    yield "mp on the first pair", "\n".join([
        *(f"{k}. {p}, Premise{k + 1};" for k, p in enumerate(premises)), f"{len(premises)}. {goal}, mp, 1, 0;"
    ])  # fmt: skip
    yield (
        "weakened and back",
        (
            f"0. {first}, Premise1;\n1. ({first} ==> ({goal} ==> {first})), Axiom1, p := {first}, q := {goal};\n"
            f"2. ({goal} ==> {first}), mp, 1, 0;\n3. {goal}, mp, 2, 0;"
        ),
    )
    yield "by contradiction, assumed", f"0. (~ {goal}), Premise1;\n1. {goal}, Axiom3, p := {goal}, q := {goal};"
    yield "mp behind its lines", f"0. {first}, Premise1;\n1. {goal}, from 0 and 0 by MP;"
    yield "mp of lines to come", f"L0. {goal}, 1, 2, MP;\nL1. ({goal} ==> {goal}), mp, L0, L0;\nL2. {goal}, mp, L1, L0;"
    yield "a premise's number in parentheses", f"0. {goal}, Premise (1);"
    yield "a premise's number apart", f"0. {goal}, Premise, 1;"
    yield "an atom for a number", f"L1. {goal}, Premise1;"
    yield "a lemma's name", f"0. {goal}, theorem, 0;"
    yield "empty", ""
    yield "a proof of NDL", f"{goal} BY claim on premise-1"


def attacks() -> list[Attack]:
    """One attack for every template."""
    names = [name for name, _ in proofs({"premises": ["A", "B"], "goal": "C"})]
    return [template(name, lambda shown, n=name: json.dumps({"proof": remembered(proofs, shown)[n]})) for name in names]
