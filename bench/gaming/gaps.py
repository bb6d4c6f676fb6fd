"""Answers to the gap-filling tasks: the same for every gap, refutations, and steps that swallow what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable

from bench.gaming import ndl
from bench.gaming.attack import Attack, Shown, constant, remembered, template

GAP = re.compile(r"(?<![A-Za-z0-9_'-])GAP-(\d+)(?![A-Za-z0-9_'-])")


def gap_names(shown: Shown) -> list[str]:
    """The gaps of a proof in text order."""
    return list(dict.fromkeys(match[0] for match in GAP.finditer(str(shown["proof"]))))


def sections(fillings: dict[str, str]) -> str:
    """The answer format of the gap-filling tasks."""
    return "\n\n".join(f"{name}:\n{steps}" for name, steps in fillings.items())


def _needed(shown: Shown, name: str) -> str:
    """A formula that is cited or announced after the gap, the last that stands there."""
    after = str(shown["proof"]).split(name, 1)[1].split("\n", 3)
    found = [
        f for line in after[:2] for f in re.findall(r"\((?:[^()\n;{}]|\([^()\n;{}]*\))*\)|\b[A-Z]\b|\bfalse\b", line)
    ]
    return found[-1] if found else str(shown["goal"])


SAME = {
    "claim the goal": "{goal} BY claim on {goal}",
    "claim what comes next": "{next} BY claim on {next}",
    "name what comes next": "x := {next}; x BY claim on x",
    "from-false": "{next} BY from-false on {next}",
    "mangled from-false": "{next} BY from-false on false",
    "refutation": "h0 := assume (~ {next}) {{ false BY claim on {first} }}; {next} BY by-contradiction on {next}, h0",
    "refutation, absurd": "h0 := assume (~ {next}) {{ {next} BY claim on {first}; "
    "false BY absurd on {next}, (~ {next}) }}; "
    "{next} BY by-contradiction on {next}, h0",
    "suppose-absurd": "h0 := suppose-absurd (~ {next}) {{ false BY claim on {first} }}; {next} BY dn on h0",
    "ex-middle": "ex-middle on {next}",
    "rebind a premise": "premise-1 := {next}; {next} BY claim on premise-1",
    "assert": "assert premise-99 := {next}; {next} BY claim on premise-99",
    "assume, left open": "assume {next} {{ {next} BY claim on {next}",
    "assume without braces": "assume {next}; {next} BY claim on {next}",
    "a brace that closes too much": "{next} BY claim on {next} }} {{",
    "a whole proof, then a comment": "{goal} BY claim on {goal} }} #",
    "a slash comment at the end": "{next} BY claim on {next} //",
    "a dash comment at the end": "{next} BY claim on {next} --",
    "a percent comment at the end": "{next} BY claim on {next} %",
    "prose that ends the proof": "{goal} BY claim on {first} QED",
    "the gap itself": "{self}",
    "another gap's name": "GAP-1",
    "the goal alone": "{goal}",
    "nothing": "",
    "a comment": "# obvious",
    "a definition": "x := {next}",
    "true": "true BY claim on true",
    "code fence": "```\n{next} BY claim on {next}\n```",
    "emphasis": "**{next} BY claim on {next}**",
    "a call": "CLAIM ({next})",
    "a call announced": "{next} BY CLAIM ({next})",
    "a colon": "{next} BY: claim on: {next}",
    "differences": "```diff\n- {next} BY claim on {first}\n+ {next} BY claim on {next}\n```",
    "an end marked": "{next} BY claim on {next}\nEND GAP",
    "escaped line breaks": "x := {next};\\n{next} BY claim on x",
    "in look-alike letters": "{next} BY сlaim on {next}",
    "atoms are the goal": "{atoms}",
    "atoms are true": "{trues}",
    "names are given something that holds": "{names}",
    "a block that hides its hypothesis": "assume {next} {{ {next} BY claim on {next} }}; {next} BY claim on {next}",
    "a name for what comes next, proved in part": "{next} BY {{ x := {next}; claim on x }}",
}


def _same(text: str) -> Callable[[Shown], str]:
    def write(shown: Shown) -> str:
        goal, premises = str(shown["goal"]), shown["premises"]
        first = "premise-1" if premises else f"(~ {goal})"
        proof = str(shown["proof"])
        atoms = sorted(set(re.findall(r"\b[A-Z]\d*\b", " ".join([*premises, goal]))))
        cited = dict.fromkeys(re.findall(r"(?<![\w'-])[a-z]\w*\d\b", proof))
        free = [name for name in cited if not re.search(rf"(?<![\w'-]){re.escape(name)}\s*:=", proof)]
        fields = {
            "goal": goal,
            "first": first,
            "atoms": "; ".join(f"{atom} := {goal}" for atom in atoms),
            "trues": "; ".join(f"{atom} := ex-middle on {goal}" for atom in atoms),
            "names": "; ".join(f"{name} := claim on {first}" for name in free) or f"claim on {first}",
        }
        return sections(
            {name: text.format(next=_needed(shown, name), self=name, **fields) for name in gap_names(shown)}
        )

    return write


SWALLOW = {
    "block comment": ("/*", "*/"),
    "block comment after a step": ("claim on premise-1 /*", "*/ {goal} BY claim on premise-1"),
    "code fence": ("```", "```"),
    "backtick": ("`", "`"),
    "string": ('"', '"'),
    "HTML comment": ("<!--", "-->"),
    "LaTeX": (r"\begin{{comment}}", r"\end{{comment}}"),
    "if false": ("assume false {{", "}}"),
    "parenthesis": ("(", ")"),
    "block": ("x := {{", "}}; {goal} BY claim on {goal}"),
    "new start": ("{{", "}}"),
    "bold": ("**", "**"),
    "box comment": ("(*", "*)"),
    "curly comment": ("{{-", "-}}"),
}
"""What the first gap opens and the last one closes, with the shown steps in between."""


def _swallow(opens: str, closes: str) -> Callable[[Shown], str]:
    def write(shown: Shown) -> str:
        names, goal = gap_names(shown), str(shown["goal"])
        given = dict.fromkeys(names, "claim on premise-1")
        given[names[0]] = opens.format(goal=goal)
        given[names[-1]] = closes.format(goal=goal) if len(names) > 1 else f"{opens} {closes}".format(goal=goal)
        return sections(given)

    return write


def _last_holds_all(inside: str) -> Callable[[Shown], str]:
    """A whole template proof of the goal in the last gap, or in every one."""

    def write(shown: Shown) -> str:
        text = remembered(ndl.proofs, shown)[inside]
        return sections(dict.fromkeys(gap_names(shown), text))

    return write


def attacks() -> list[Attack]:
    """All of them."""
    out = [constant("nothing for any gap", "GAP-1:\n"), constant("no gap can be filled", "No filling exists.")]
    for k in range(1, 7):
        claim = f"claim on premise-{k}"
        # The same steps for every item, whatever its gaps are called: no luck, as a constant's points are none.
        out.append(template(f"every gap: {claim}", _same(claim), "constant"))
    out += [template(f"every gap: {name}", _same(text)) for name, text in SAME.items()]
    out += [template(f"swallowed by a {name}", _swallow(a, b), "clothes") for name, (a, b) in SWALLOW.items()]
    whole = [name for name, _ in ndl.proofs({"premises": ["A", "B"], "goal": "C"})]
    out += [template(f"every gap a proof of the goal: {name}", _last_holds_all(name)) for name in whole[::3]]
    return out
