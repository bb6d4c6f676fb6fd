"""Texts from which pinned verdicts are chosen: seeds, items and answers in other clothes, each as it is and damaged.

Each is a row (language, problem, proof, options) as tests/checker/pinned/verdicts.jsonl has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bench.kernels.corpus import Proof, answered, proof_shown
from proofgrid.checker import RULES, Formula, parse_formula
from proofgrid.checker.equational import format_problem
from proofgrid.checker.formulas import BINARY, atom, atoms, build, neg, substitute
from proofgrid.checker.natural.parser import parse_proof
from proofgrid.checker.natural.syntax import Block
from proofgrid.tasks import TASK_IDS, Item, get_task
from proofgrid.tasks.suites import load_suite
from tests.checker.pinned.choose import FILE, SEEDS, damaged
from tests.tasks.test_dressed_answers import ANSWERS as DRESSED
from tests.tasks.test_dressed_answers import ITEMS

LONGEST = 700
"""Characters of a proof or a problem: a pinned text is to be read."""
Row = dict[str, Any]

_SPELLINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"==>", ("->", "=>", "→", "⇒", "implies", "\\to", "\\rightarrow", "⊃", "-->", "=")),
    (r"<==>", ("<->", "↔", "iff", "≡", "\\leftrightarrow", "<=>", "==>")),
    (r"~", ("¬", "!", "not ", "-", "\\neg ", "\\lnot", "∼", "~ ~", "")),
    (r"&", ("∧", "and", "/\\", "&&", "\\land", "\\wedge", "|", "*")),
    (r"\|", ("∨", "or", "\\/", "||", "\\lor", "\\vee", "&", "v")),
    (r"\bfalse\b", ("⊥", "False", "FALSE", "\\bot", "bottom", "true", "contradiction")),
    (r":=", (":", "=", "be", ":==", "≔", ":= :=")),
    (r"\bBY\b", ("by", "By", "because", "via", "using", "from", ":", "BY BY", "")),
    (r"\bon\b", ("On", "to", "of", "ON", ":", "from", "", "on on")),
    (r"\bfrom\b", ("From", "by", "FROM", "on", "follows from", "")),
    (r"\bassume\b", ("Assume", "suppose", "ASSUME", "assume that", "let")),
    (r"\bsuppose-absurd\b", ("suppose absurd", "Suppose-absurd", "suppose_absurd", "assume", "suppose")),
    (r";", (",", ".", "", ";;", "\n", ";\n;", " ; # so", "; // why")),
    (r",", ("", ";", " and ", ",,", " ,", "&", ", ,")),
    (r"\(", ("", "[", "((", "{", "\\left(")),
    (r"\)", ("", "]", "))", "}", ")()")),
    (r"\{", ("", "[", "{{", "(", "begin", "{ # open\n", "{;")),
    (r"\}", ("", "]", "}}", ")", "end", "};", "}.", "} ;\n}")),
    (r"\bmp\b", ("MP", "modus-ponens", "modus ponens", "mP", "mpp", "mt", "m.p.")),
    (r"\bpremise-(\d)", (r"premise \1", r"Premise-\1", r"premise_\1", r"P\1", r"(premise-\1)", r"premise\1")),
    (r"\bPremise(\d)", (r"premise \1", r"Premise \1", r"premise-\1", r"P\1", r"Premise0", r"Premise9", r"given")),
    (r"\bAxiom(\d)", (r"axiom \1", r"Ax\1", r"A\1", r"Axiom 4", r"axiom schema \1", r"Axiom\1:", r"Axiom2", r"Axiom3")),
    (r"\bmp, (\d+), (\d+)", (r"mp, \2, \1", r"MP \1 \2", r"modus ponens on \1 and \2", r"mp, \1", r"\1, \2 mp",
        r"mp, \1, \1", r"mp, 99, \2", r"mp(\1, \2)")),
    (r"^(\s*)(\d+)\.", (r"\1\2)", r"\1(\2)", r"\1\2:", r"\1", r"\1\2. \2.", r"\1line \2.", r"\1- \2.", r"\g<1>7.")),
    (r"\bby\b", ("BY", "By", "[by", "(by", "using", "", "from", "by equation", "by (")),
    (r"\bE(\d)", (r"e\1", r"(E\1)", r"E\1, E\1", r"E9", r"equation \1", r"E\1 (reversed)", r"E \1")),
    (r"=", ("==", "->", "= =", "≈", "", "→", "<->", "=\n")),
    (r"\b([abcd])\b", (r"b", r"a", r"x", r"c()", r"f(\1)", r"'\1'")),
    (r"\bf\(", ("f (", "f[", "g(", "f((", "F(", "h(", "(f ")),
    (r"\b([A-E])\b", (r"B", r"A", r"(\1)", r"~ \1", r"'\1'", r"\1\1", r"P_1", r"\1.")),
    (r"\n", ("\r\n", "\n\n", " ", "\n# why\n", "\n  so we have\n", "\n- ", "\n1. ", "\n* ", " \\\\\n", "\t")),
    (r"\A", ("Proof:\n", "```\n", "\n\n", "We have: ", "Here is the proof.\n", "# proof\n", "$", "1. ", "* ", "{")),
    (r"\Z", (";", ".", "\nQED", "\n```", "\n\n", " # done", "\nThis proves the goal.", "$", " qed;", "}", "\n∎")),
)  # fmt: skip
"""What models write in place of what the languages have."""


def dressed(text: str, rng: Random) -> str:
    """Something written as models write it: at one place, or at all of them."""
    pattern, others = rng.choice(_SPELLINGS)
    places = list(re.finditer(pattern, text, re.MULTILINE))
    if not places:
        return damaged(text, rng)
    other = rng.choice(others)
    if rng.random() < 0.35:
        return re.sub(pattern, lambda m: m.expand(other.replace("\\", "\\\\") if not m.re.groups else other), text)
    place = rng.choice(places)
    put = place.expand(other) if place.re.groups else other
    return text[: place.start()] + put + text[place.end() :]


def row(language: str, problem: str, proof: str, options: Mapping[str, Any] | None = None) -> Row:
    """One text."""
    return {"language": language, "problem": problem, "proof": proof, "options": dict(options or {})}


def _of(proof: Proof | None) -> Iterator[Row]:
    if proof is None:
        return
    problem = format_problem(proof.problem) if proof.language == "equational" else " # ".join(
        [*map(str, proof.problem[0]), str(proof.problem[1])]
    )  # fmt: skip
    yield row(proof.language, problem, proof.text, proof.options)


def of_items() -> Iterator[Row]:
    """The proofs that items of v1 show, and their references."""
    for task in TASK_IDS:
        for item in load_suite("v1", [task]):
            yield from _of(proof_shown(item))
            yield from _of(answered(item, get_task(task).reference_answer(item)))


def of_clothes() -> Iterator[Row]:
    """The answers in other clothes: the proofs that are read in them, and the whole texts."""
    for line in DRESSED:
        item: Item = ITEMS[line["item"]]
        yield from _of(answered(item, line["text"]))
        if item.task.endswith("_pw"):
            language = {"pl1": "ndl", "pl2": "ndl", "pl3": "macro", "pl4": "hilbert"}[item.task[:3]]
            yield row(language, " # ".join([*item.shown["premises"], item.shown["goal"]]), line["text"])


def of_rules(rng: Random) -> Iterator[Row]:
    """Every form of every rule, right and in each way wrong: arguments, conclusion, what holds, the rule."""
    letters = [parse_formula(text) for text in ("A", "B", "C", "(~ D)", "(A & B)", "(~ (~ A))")]
    for rule in RULES.values():
        for form in rule.forms:
            names = [atom(name) for name in atoms(*form.arguments, form.concludes)]
            for _ in range(3):
                values = dict(zip(names, rng.sample(letters, len(names)), strict=True))
                fill = partial(substitute, values=values)
                arguments = [fill(pattern) for pattern in form.arguments]
                conclusion = fill(form.concludes)
                holds = [*(arguments[n] for n in form.holds), *map(fill, form.requires)]
                for said, given, called, cited in _wrong(rule.name, arguments, conclusion, holds, rng):
                    problem = " # ".join(map(str, (*given, said)))
                    yield row("ndl", problem, f"{said} BY {called} on {', '.join(map(str, cited))}")
                plain = f"{rule.name} on {', '.join(map(str, arguments))}"
                yield row("ndl", " # ".join(map(str, (*holds, conclusion))), plain)


def _wrong(
    name: str, arguments: Sequence[Formula], conclusion: Formula, holds: Sequence[Formula], rng: Random
) -> Iterator[tuple[Formula, Sequence[Formula], str, Sequence[Formula]]]:
    """Conclusion, what holds, rule and arguments of one application in many states."""
    yield conclusion, holds, name, arguments
    yield conclusion, holds, name, arguments[::-1]
    yield conclusion, holds, name, [*arguments, arguments[0]]
    yield conclusion, holds, name, arguments[1:] or [conclusion]
    yield conclusion, holds[1:], name, arguments
    yield conclusion, holds, rng.choice(list(RULES)), arguments
    sibling = re.sub("left|right", lambda side: "right" if side[0] == "left" else "left", name)
    yield conclusion, holds, sibling, arguments
    for said in (*_near(conclusion), *_near(arguments[0]), neg(conclusion), arguments[-1]):
        yield said, holds, name, arguments
    for other in _near(arguments[0]):
        yield conclusion, [*holds, other], name, [other, *arguments[1:]]
    # The rule read backwards.
    yield arguments[0], [conclusion, *holds[1:]], name, [conclusion, *arguments[1:]]


def _near(formula: Formula) -> Iterator[Formula]:
    """Formulas that are nearly this one."""
    yield neg(neg(formula))
    if formula.op == "~":
        yield formula.left
        yield neg(neg(formula.left))
    elif formula.op in BINARY:
        yield build(formula.op, formula.right, formula.left)
        yield build(formula.op, neg(neg(formula.left)), formula.right)
        yield build("|" if formula.op == "&" else "&", formula.left, formula.right)
        yield build("|" if formula.op == "==>" else "==>", neg(formula.left), formula.right)
        yield neg(build("|" if formula.op == "&" else "&", neg(formula.left), neg(formula.right)))
        yield formula.left


def parts_of(text: Row, rng: Random) -> Iterator[Row]:
    """Of a proof: some steps, a term, a rule, a formula; of a chain: steps between its terms."""
    if text["language"] in ("ndl", "macro"):
        try:
            root = parse_proof(text["proof"], text["language"]).root
        except ValueError:
            return
        steps = root.steps if isinstance(root, Block) else (root,)
        at = rng.randrange(len(steps))
        to = min(len(steps), at + rng.randint(1, 3))
        yield row("steps", text["language"], text["proof"][steps[at].start : steps[to - 1].end])
        formulas = re.findall(r"\([^(){};]*\)|\b[A-Z]\b|premise-\d", text["proof"]) or ["A"]
        yield row("term", "", rng.choice(formulas))
        yield row("formula", "", rng.choice(formulas))
        yield row("rule", "", rng.choice(re.findall(r"[a-z][a-z-]+", text["proof"]) or ["mp"]))
    elif text["language"] == "equational":
        *equations, _ = text["problem"].split(" # ")
        terms = [re.sub(r"\s+by .*", "", t).strip() for t in re.split(r"[\n=]", text["proof"]) if t.strip()]
        if len(terms) > 1:
            pair = rng.choice([tuple(terms[n : n + 2]) for n in range(len(terms) - 1)])
            yield row("rewriting", " # ".join([*equations, " = ".join(pair if rng.random() < 0.7 else pair[::-1])]), "")


def bases() -> Iterator[Row]:
    """Texts as they are."""
    for text in map(json.loads, FILE.read_text(encoding="utf-8").splitlines()):
        if "times" not in text["options"]:
            yield text
    for seed in json.loads(SEEDS.read_text(encoding="utf-8")):
        yield row(seed["language"], seed["problem"], seed["proof"], seed.get("options", {}))
    yield from of_rules(Random("rules"))
    yield from of_clothes()
    yield from of_items()


def drawn(count: int, seed: int, more: Path | None = None) -> list[Row]:
    """``count`` different texts, those that are pinned first; ``more`` is a file with further ones, a row each."""
    rng = Random(seed)
    found: dict[str, Row] = {}

    def add(text: Row) -> None:
        if len(text["proof"]) <= LONGEST and len(text["problem"]) <= LONGEST:
            one = row(text["language"], text["problem"], text["proof"], text["options"])
            found.setdefault(json.dumps(one), one)

    for text in map(json.loads, FILE.read_text(encoding="utf-8").splitlines()):
        add(text)
    pinned = len(found)
    extra = [row(*json.loads(line)) for line in more.read_text("utf-8").splitlines()] if more else []
    pool = [text for text in [*extra, *bases()] if len(text["proof"]) <= LONGEST and len(text["problem"]) <= LONGEST]
    for text in list(pool):
        if rng.random() < 0.2:
            pool.extend(parts_of(text, rng))
    by_language: dict[str, list[Row]] = {}
    for text in pool:
        by_language.setdefault(text["language"], []).append(text)
    rules = list(of_rules(rng))
    for text in [*extra, *rng.sample(rules, min(count // 5, len(rules)))]:
        add(text)
    weights = {"ndl": 4, "macro": 2.5, "hilbert": 4, "equational": 4, "rewriting": 2.5, "steps": 1, "term": 0.3,
        "rule": 0.2, "formula": 0.7}  # fmt: skip
    while len(found) - pinned < count:
        (language,) = rng.choices(list(weights), list(weights.values()))
        text = dict(rng.choice(by_language[language]))
        field = "problem" if language == "rewriting" else "proof"
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)) if language != "rewriting" else rng.choice((0, 0, 1))):
            text[field] = (dressed if rng.random() < 0.6 else damaged)(text[field], rng) if text[field] else "?"
        if language in ("ndl", "macro") and rng.random() < 0.1:
            text["options"] = {**text["options"], "profile": "paper"}
        if language == "equational" and rng.random() < 0.15:
            text["options"] = {**text["options"], "relation": "symmetric", "most": rng.choice((1, 2, 3))}
        add(text)
    return list(found.values())
