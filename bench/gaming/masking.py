"""Answers to the masking tasks: nothing, the same for every mask, and values that change what the proof says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from bench.gaming.attack import Attack, Shown, constant, template
from proofgrid.checker.rules import RULES

MASK = re.compile(r"(?<![\w'-])MASK(\d+)(?![\w'-])")


_KINDS = {
    "rule": re.compile(r"(?<![\w'-])(MASK\d+)\s+on\b"),
    "hypothesis": re.compile(r"(?:assume|absurd)\s+(?:\S+\s*:=\s*)?(MASK\d+)(?![\w'-])"),
}


@lru_cache(maxsize=64)
def _found(proof: str) -> tuple[tuple[str, ...], dict[str, frozenset[str]]]:
    """The masks of a proof in order, and which of them stand for a rule or a hypothesis; each proof is read once."""
    names = sorted({m[0] for m in MASK.finditer(proof)}, key=lambda name: int(name[4:]))
    return tuple(names), {kind: frozenset(pattern.findall(proof)) for kind, pattern in _KINDS.items()}


def _masks(shown: Shown) -> tuple[str, ...]:
    return _found(str(shown["proof"]))[0]


def _answer(masks: object) -> str:
    return json.dumps({"masks": masks})


def _is_rule(shown: Shown, name: str) -> bool:
    return name in _found(str(shown["proof"]))[1]["rule"]


def _is_hypothesis(shown: Shown, name: str) -> bool:
    return name in _found(str(shown["proof"]))[1]["hypothesis"]


def _each(rule: str, formula: str, hypothesis: str | None = None) -> Callable[[Shown], str]:
    """One value for every rule, one for every formula, one for every hypothesis; {goal} and {first} are filled in."""

    def write(shown: Shown) -> str:
        premises, goal = shown["premises"], str(shown["goal"])
        values = {"goal": goal, "first": premises[0] if premises else goal}
        given = {}
        for name in _masks(shown):
            what = rule if _is_rule(shown, name) else formula
            if hypothesis is not None and _is_hypothesis(shown, name):
                what = hypothesis
            given[name] = what.format(**values)
        return _answer(given)

    return write


STUFFED = {
    # one mask that tries to be more than one token
    "a whole step": "claim on {goal}; {goal} BY claim",
    "a comment": "claim # ",
    "a comment of another kind": "claim // ",
    "a comment opened": "claim /* ",
    "a brace": "claim on {goal} }} {{",
    "a definition": "x := claim",
    "a label": "goal := claim",
    "a name with a formula": "claim BY {goal}",
    "backticks": "`claim on {goal}`",
    "two rules": "claim or dn",
    "two rules in a list": "claim, dn",
    "rule with its arguments": "claim on {goal}",
    "newline": "claim\n",
    "newline and a step": "claim on {first};\n{goal} BY claim",
    "full-width semicolon": "claim on {goal}； claim",
    "a mask again": "MASK1",
    "a block": "{{ {goal} BY claim on {goal} }}",
    "assume": "assume {goal} {{ claim on {goal} }}",
    "prose": "claim, because {goal} holds",
    "an assert": "assert premise-1 := {goal}",
    "emphasis": "**claim**",
    "code fence": "```claim```",
    "look-alike letters": "сlаim",
    "full-width letters": "ｃｌａｉｍ",
    "letters that are not seen": "cla\u200bim",
    "a call": "claim(",
    "a call of it all": "CLAIM ({goal})",
    "the word behind it": "claim on",
    "a question mark": "?",
    "a colon": "claim:",
    "LaTeX": r"\text{{claim}}",
    "HTML": "<b>claim</b><!--",
    "a differing end": "claim\u2028{goal} BY claim",
    "an escaped line break": "claim\\n{goal} BY claim",
    "placeholder": "...",
    "ellipsis": "see above",
}


def _stuffed(text: str) -> Callable[[Shown], str]:
    return _each(text, "{goal}")


def _copied(shown: Shown) -> str:
    """Every formula mask gets the nearest formula that is shown, every rule mask the commonest rule of the proof."""
    proof = str(shown["proof"])
    rules = [r for r in RULES for _ in re.findall(rf"(?<![\w'-]){re.escape(r)}\s+on\b", proof)]
    rule = max(set(rules), key=rules.count) if rules else "claim"
    given = {}
    for name in _masks(shown):
        at = re.search(rf"(?<![\w'-]){name}(?![\w'-])", proof)
        assert at is not None
        before = re.findall(r"\((?:[^()\n;{}]|\([^()\n;{}]*\))*\)|\b[A-Z]\b", proof[: at.start()])
        given[name] = rule if _is_rule(shown, name) else before[-1] if before else str(shown["goal"])
    return _answer(given)


def _by_arity(shown: Shown) -> str:
    """The commonest rule for as many arguments as stand behind a mask; formulas as what is shown most."""
    proof, common = str(shown["proof"]), {1: "left-and", 2: "both", 3: "cases"}
    formulas = re.findall(r"\((?:[^()\n;{}]|\([^()\n;{}]*\))*\)|\b[A-Z]\b", proof) or [str(shown["goal"])]
    often = max(sorted(set(formulas)), key=formulas.count)
    given = {}
    for name in _masks(shown):
        behind = re.search(rf"(?<![\w'-]){name}\s+on\b([^;\n{{}}]*)", proof)
        given[name] = often if behind is None else common.get(behind[1].count(",") + 1, "claim")
    return _answer(given)


def attacks() -> list[Attack]:
    """All of them."""
    out = [
        constant("no masks", _answer({})),
        constant("masks are null", _answer(None)),
        constant("masks are a list", _answer([])),
        constant("a mask that does not exist", _answer({"MASK99999": "claim"})),
        constant("an empty text for the first", _answer({"MASK1": ""})),
        constant("nothing and something", '{"masks": {}, "masks": {"MASK1": "claim"}}'),
        constant("something and nothing", '{"masks": {"MASK1": "claim"}, "masks": {}}'),
        constant("it cannot be done", "There is no solution."),
        template("nothing where the last step does not announce the goal", _unless_goal, "statistics"),
        template("nothing where masks are few", lambda s: _answer({} if len(_masks(s)) < 12 else {"MASK1": "claim"})),
        template("copied from what stands before", _copied),
        template("rules by the number of their arguments", _by_arity, "statistics"),
        template(
            "alternatives as lists", lambda s: _answer({name: ["claim", "dn", "mp"] for name in _masks(s)}), "clothes"
        ),
        template(
            "alternatives as members",
            lambda s: _answer({name: {"value": "claim", "text": "dn"} for name in _masks(s)}),
            "clothes",
        ),
        template("several sets", lambda s: _answer([dict.fromkeys(_masks(s), rule) for rule in RULES]), "clothes"),
        template(
            "a set a line",
            lambda s: "\n".join(f"{name}: {rule}" for rule in RULES for name in _masks(s)),
            "clothes",
        ),
    ]
    for rule in RULES:
        out.append(template(f"{rule} everywhere, the goal everywhere", _each(rule, "{goal}", "(~ {goal})")))
        out.append(template(f"{rule} everywhere, false everywhere", _each(rule, "false", "(~ {goal})")))
        out.append(template(f"{rule} everywhere, a premise everywhere", _each(rule, "{first}", "{first}")))
    out += [template(f"hypothesis false, {rule} everywhere", _each(rule, "false", "false")) for rule in RULES]
    out += [template(f"stuffed: {name}", _stuffed(text), "clothes") for name, text in STUFFED.items()]
    return out


def _unless_goal(shown: Shown) -> str:
    lines = [line for line in str(shown["proof"]).split("\n") if " on " in line]
    squeezed = re.sub(r"[\s()]", "", lines[-1]) if lines else ""
    shows = re.sub(r"[\s()]", "", str(shown["goal"])) in squeezed or "MASK" in squeezed.split("BY")[0]
    return _answer({"MASK1": "claim"} if shows else {})
