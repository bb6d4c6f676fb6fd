"""Templates for NDL proofs: the goal is reached by words, not by steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.gaming.attack import Attack, Shown, proof_answer, remembered, template
from proofgrid.checker.rules import RULES

INSIDE = {
    # what stands in the refutation block for a derivation of false
    "false at once": "false BY claim on {first}",
    "goal, then absurd": "{goal} BY claim on {first}; false BY absurd on {goal}, (~ {goal})",
    "absurd with itself": "false BY absurd on (~ {goal}), (~ {goal})",
    "absurd with the goal": "false BY absurd on {goal}, (~ {goal})",
    "absurd with double negation": "false BY absurd on (~ {goal}), (~ (~ {goal}))",
    "mangled from-false": "false BY from-false on false",
    "from-false": "false BY from-false on {goal}",
    "mp to false": "false BY mp on ((~ {goal}) ==> false), (~ {goal})",
    "mt to false": "false BY mt on (true ==> {goal}), (~ {goal})",
    "cases to false": "false BY cases on {first}, {first}, {first}",
    "from-complements": "false BY from-complements on false, {goal}, (~ {goal})",
    "by-contradiction inside": "false BY by-contradiction on false, ((~ false) ==> false)",
    "dsyl": "false BY dsyl on ({goal} | false), (~ {goal})",
    "named false": "false1 BY absurd on {goal}, (~ {goal})",
    "definition of false": "x := false; false BY claim on x",
    "definition that is a name for the goal": "x := {goal}; false BY absurd on x, (~ {goal})",
    "nested refutation": "assume {goal} {{ false BY absurd on {goal}, (~ {goal}) }}; false BY claim on false",
    "block without steps": "",
}
ENDS = {
    "by contradiction": "{{ h := assume (~ {goal}) {{ {inside} }}; {goal} BY by-contradiction on {goal}, h }}",
    "without its BY": "{{ h := assume (~ {goal}) {{ {inside} }}; by-contradiction on {goal}, h }}",
    "suppose-absurd": "{{ h := suppose-absurd (~ {goal}) {{ {inside} }}; {goal} BY dn on h }}",
    "cases": "{{ h := assume (~ {goal}) {{ {inside}; {goal} BY from-false on {goal} }}; "
    "k := assume {goal} {{ claim on {goal} }}; e := ex-middle on {goal}; {goal} BY cases on e, k, h }}",
}
WHOLE = {
    # the goal announced, named, assumed or asserted
    "claim the goal": "{goal} BY claim on {goal}",
    "claim a premise as the goal": "{goal} BY claim on {first}",
    "define, then claim": "{{ x := {goal}; x BY claim on x }}",
    "define, then claim announced": "{{ x := {goal}; {goal} BY claim on x }}",
    "rebind the premise": "{{ premise-1 := {goal}; {goal} BY claim on premise-1 }}",
    "assert the goal": "assert premise-1 := {goal}\n{goal} BY claim on premise-1",
    "assert another premise": "assert premise-99 := {goal}\n{{ {goal} BY claim on premise-99 }}",
    "assert inside": "{{ assert g := {goal}; {goal} BY claim on g }}",
    "out of scope": "{{ assume {goal} {{ x := claim on {goal} }}; {goal} BY claim on x }}",
    "out of scope, hypothesis named": "{{ assume x := {goal} {{ claim on x }}; {goal} BY claim on x }}",
    "hypothesis as conclusion": "{{ h := assume {goal} {{ claim on {goal} }}; {goal} BY mp on h, {goal} }}",
    "block announced": "{goal} BY {{ claim on {first} }}",
    "assume announced": "{goal} BY assume true {{ claim on {first} }}",
    "named block": "{{ x := {goal} BY {{ claim on {first} }}; claim on x }}",
    "dn of the goal": "{goal} BY dn on (~ (~ {goal}))",
    "dn introduced": "{{ (~ (~ {goal})) BY dn on {goal}; {goal} BY dn on (~ (~ {goal})) }}",
    "dm on a part": "{goal} BY dm on {first}",
    "prose after": "{first} BY claim on {first}\nTherefore the goal holds. QED",
    "prose that proves": "{{ {first} BY claim on {first} }}\nHence {goal} BY claim on {goal}.",
    "comment": "{goal} BY claim on {first} /* {goal} */",
    "comment opened": "{{ {goal} BY claim on {goal} /* ",
    "closing brace too many": "{{ {goal} BY claim on {first} }} }}",
    "empty block": "{{ }}",
    "empty assume": "assume {goal} {{ }}",
    "the word": "{goal}",
    "the word true": "true",
    "ex-middle, dsyl": "{{ e := ex-middle on {goal}; {goal} BY dsyl on e, (~ (~ {goal})) }}",
    "ex-middle, cases on itself": "{{ e := ex-middle on {goal}; {goal} BY cases on e, ({goal} ==> {goal}), "
    "((~ {goal}) ==> {goal}) }}",
    "from-false outside": "{{ assume false {{ {goal} BY from-false on {goal} }}; {goal} BY from-false on {goal} }}",
    "from-false, mangled": "{goal} BY from-false on false",
    "shadowed atom": "{{ A := {first} BY claim on {first}; {goal} BY claim on A }}",
    "name of an atom as conclusion": "{{ A BY claim on {first}; {goal} BY claim on A }}",
    "name of the goal": "{{ goal := claim on {first}; {goal} BY claim on goal }}",
    "a call in capitals": "CLAIM ({goal})",
    "a call announced": "{goal} BY CLAIM ({first})",
    "calls in capitals": "{{ h0 := assume (~ {goal}) {{ false BY ABSURD ((~ {goal}), (~ {goal})) }}; "
    "{goal} BY BY-CONTRADICTION ({goal}, h0) }}",
    "colons": "{goal} BY: claim on: {first}",
    "a colon alone": "{goal}: claim on {first}",
    "look-alike letters": "{goal} BY сlaim on {goal}",
    "a rule named as the goal": "{{ claim := {first} BY claim on {first}; {goal} BY claim on claim }}",
    "the goal by differences": "```diff\n- {first}\n+ {goal} BY claim on {first}\n```",
    "shadowed atoms": "{{ {shadows}; {goal} BY claim on {first} }}",
    "a hypothesis without braces": "assume {goal}; {goal} BY claim on {goal}",
    "every premise named": "{{ {all_named} }}",
}


def _fields(shown: Shown) -> dict[str, str]:
    premises = list(shown["premises"])
    first = "premise-1" if premises else "(A | (~ A))"
    goal = str(shown["goal"])
    everything = "; ".join(f"{goal} BY claim on premise-{n}" for n in range(1, len(premises) + 1))
    atoms = sorted(set(re.findall(r"\b[A-Z]\d*\b", goal)))
    shadows = "; ".join(f"{atom} := claim on {first}" for atom in atoms)
    return {"goal": goal, "first": first, "shadows": shadows, "all_named": everything or f"{goal} BY claim on true"}


def proofs(shown: Shown) -> Iterator[tuple[str, str]]:
    """Name and proof of every template for a problem."""
    given = _fields(shown)
    for end, text in ENDS.items():
        for what, inside in INSIDE.items():
            yield f"{end}: {what}", text.format(inside=inside.format(**given), **given)
    for name, text in WHOLE.items():
        yield name, text.format(**given)
    n = len(shown["premises"])
    for rule in RULES.values():
        arguments = [f"premise-{1 + k % n}" if n else given["goal"] for k in range(rule.arity)]
        yield f"{rule.name} on the first premises", f"{given['goal']} BY {rule.name} on {', '.join(arguments)}"
        with_goal = [given["goal"], *arguments][: rule.arity]
        yield f"{rule.name} on the goal", f"{given['goal']} BY {rule.name} on {', '.join(with_goal)}"


def attacks() -> list[Attack]:
    """One attack for every template."""
    names = [name for name, _ in proofs({"premises": ["A", "B"], "goal": "C"})]
    return [template(name, lambda shown, n=name: proof_answer(remembered(proofs, shown)[n])) for name in names]
