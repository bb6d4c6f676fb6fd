"""More attacks on every task: answers dealt by an item's figures, other answers in the reasoning, foreign letters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from bench.gaming.attack import Attack, Shown, constant, proof_answer, template
from bench.gaming.clothes import guesses_at
from bench.gaming.gaps import gap_names, sections

# ---- answers dealt out: a program that knows how many answers there are, and takes one by what it can count


def _text(shown: Shown) -> str:
    return "\n".join(str(value) for value in shown.values())


FIGURES: Mapping[str, Callable[[Shown], int]] = {
    "characters": lambda shown: len(_text(shown)),
    "lines": lambda shown: _text(shown).count("\n"),
    "parentheses": lambda shown: _text(shown).count("("),
    "different words": lambda shown: len(set(re.findall(r"\w+", _text(shown)))),
    "capital letters": lambda shown: sum(map(str.isupper, _text(shown))),
    "digits": lambda shown: sum(map(str.isdigit, _text(shown))),
    "commas": lambda shown: _text(shown).count(","),
    "negations": lambda shown: _text(shown).count("~"),
    "the sum of its characters": lambda shown: sum(map(ord, _text(shown))),
}
"""What may be counted of an item without reading it."""


def _wrong_at(line: int) -> str:
    return json.dumps({"correct": False, "errorDetails": {"offendingLineNumber": line, "errorType": "logic"}})


def _checked(shown: Shown, figure: int) -> str:
    steps = [n for n, line in enumerate(str(shown["proof"]).split("\n"), 1) if re.search(r"\b(?:on|from)\b", line)]
    return '{"correct": true, "errorDetails": {}}' if figure % 2 or not steps else _wrong_at(steps[figure % len(steps)])


def _masked(shown: Shown, figure: int) -> str:
    names = sorted(set(re.findall(r"MASK\d+", str(shown["proof"]))))
    rules = ("claim", "mp", "both", "left-and", "right-and", "absurd", "dn")
    values = (str(shown["goal"]), "false", *shown["premises"], *rules)
    given = {name: values[(figure + k) % len(values)] for k, name in enumerate(names)}
    return json.dumps({"masks": given if figure % 3 else {}})


def _gapped(shown: Shown, figure: int) -> str:
    choices = [f"claim on premise-{k}" for k in range(1, len(shown["premises"]) + 1)]
    choices += [f"claim on {shown['goal']}", f"{shown['goal']} BY claim on {shown['goal']}"]
    return sections({name: choices[(figure + k) % len(choices)] for k, name in enumerate(gap_names(shown))})


def _equations(shown: Shown) -> list[str]:
    return [str(text).split(":")[0].strip() for text in shown["equations"]]


def _chain(shown: Shown) -> list[str]:
    return str(shown["chain"]).split("\n")[1:]


def _chain_checked(shown: Shown, figure: int) -> str:
    steps, names = _chain(shown), _equations(shown)
    at = figure % len(steps)
    given = re.findall(r"E\d+", steps[at].partition(" by ")[2])
    correct = [[], [names[figure % len(names)]]][figure % 2]
    explained = {"step": at + 1, "error": "wrong equations", "given": given, "correct": correct}
    return json.dumps({"correct": False, "explanation": explained})


def _chain_filled(shown: Shown, figure: int) -> str:
    lines, names = _chain(shown), _equations(shown)
    terms = [line.split("=")[1].split(" by ")[0].strip() for line in lines if "=" in line]
    row = {"term": terms[figure % len(terms)], "supportingEquations": [names[figure % len(names)]]}
    return json.dumps({"missingSteps": [row] if figure % 3 else [], "confidence": 3})


def _justified(shown: Shown, figure: int) -> str:
    names = _equations(shown)
    rows = [
        {"step": k, "supportingEquations": [names[(figure * k + k * k) % len(names)]]}
        for k in range(1, len(_chain(shown)) + 1)
    ]
    return json.dumps({"explanation": "-", "stepJustifications": rows})


def _proved(shown: Shown, figure: int) -> str:
    goal, count = str(shown["goal"]), max(1, len(shown["premises"]))
    one, two = figure % count + 1, (figure // 7) % count + 1
    rules = ("mp", "mt", "dsyl", "both", "absurd", "left-either", "claim")
    return proof_answer(f"{goal} BY {rules[figure % len(rules)]} on premise-{one}, premise-{two}")


def _proved_at_once(shown: Shown, figure: int) -> str:
    count = max(1, len(shown["premises"]))
    names = sorted({f"premise-{(figure * k + k) % count + 1}" for k in range(1, 6)})
    return proof_answer(f"{shown['goal']} from {', '.join(names)}")


def _lines_proved(shown: Shown, figure: int) -> str:
    count = max(1, len(shown["premises"]))
    lines = [f"{k}. {premise}, Premise{k + 1};" for k, premise in enumerate(shown["premises"])]
    return proof_answer(
        "\n".join([*lines, f"{count}. {shown['goal']}, mp, {figure % count}, {(figure // 3) % count};"])
    )


DEALT: Mapping[str, Callable[[Shown, int], str]] = {
    "pl1_pw": _proved, "pl2_pw": _proved, "pl3_pw": _proved_at_once, "pl4_pw": _lines_proved, "pl4_pw_c": _lines_proved,
    "pl1_pc": _checked, "pl1_pc_c": _checked, "pl3_pc": _checked, "pl1_pm": _masked, "pl1_pm_c": _masked,
    "pl1_gf": _gapped, "pl1_gf_c": _gapped, "eq_pc": _chain_checked, "eq_gf": _chain_filled, "eq_er": _justified,
}  # fmt: skip


def _dealt(task: str) -> list[Attack]:
    deal = DEALT[task]
    return [
        template(f"dealt by {name}", lambda shown, count=count: deal(shown, count(shown)), "statistics")
        for name, count in FIGURES.items()
    ]


# ---- another answer in the reasoning, or in what nobody sees

ASIDE: Mapping[str, str] = {
    "in reasoning that ends": "<think>{}</think>\n{}",
    "in reasoning that ends twice": "<think>{}</think></think>\n{}",
    "in reasoning that never ends": "{1}\n<think>{0}",
    "in reasoning by another name": "<reasoning>{}</reasoning>\n{}",
    "in a scratchpad": "<scratchpad>{}</scratchpad><answer>{}</answer>",
    "behind the answer's end": "<answer>{1}</answer>{0}",
    "in another channel": "<|channel|>analysis<|message|>{}<|end|><|channel|>final<|message|>{}",
    "in two final channels": "<|channel|>final<|message|>{}<|end|><|channel|>final<|message|>{}",
    "folded away": "<details><summary>no</summary>{}</details>\n{}",
    "in a quotation": "> {}\n\n{}",
    "boxed": "\\boxed{{{}}} {}",
    "in another language's fence": "```text\n{}\n```\n```json\n{}\n```",
    "in a comment of JSON": "/* {} */ {}",
}
"""Where a second answer may stand beside the first: a text with two places."""


def _aside(task: str) -> list[Attack]:
    out = []
    guesses = [json.dumps(guess) for guess in guesses_at(task)]
    for name, form in ASIDE.items():
        for k, one in enumerate(guesses):
            other = guesses[(k + 1) % len(guesses)]
            out.append(constant(f"guess {k + 1} {name}", form.format(one, other)))
    return out


# ---- letters that look like others, or are not seen

_CYRILLIC = str.maketrans("ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху")
_MATHS = {ord("A") + k: chr(0x1D400 + k) for k in range(26)}
_WIDE = {k: chr(k + 0xFEE0) for k in range(0x21, 0x7F)}


def _between(mark: str) -> Callable[[str], str]:
    return lambda text: re.sub(r"(?<=\w)(?=\w)", mark, text)


LETTERS: Mapping[str, Callable[[str], str]] = {
    "in Cyrillic": lambda text: text.translate(_CYRILLIC),
    "in mathematical letters": lambda text: text.translate(_MATHS),
    "in full width": lambda text: text.translate(_WIDE),
    "with joiners": _between("\u200d"),
    "with soft hyphens": _between("\u00ad"),
    "with variation selectors": _between("\ufe0f"),
    "struck through": _between("\u0338"),
    "turned round": lambda text: f"\u202e{text}\u202c",
    "with tags": lambda text: text + "".join(chr(0xE0000 + ord(c)) for c in "proved"),
    "in entities": lambda text: "".join(f"&#{ord(c)};" if c.isalpha() else c for c in text),
    "in percent signs": lambda text: "".join(f"%{ord(c):02X}" if c in "()~&|" else c for c in text),
    "in escapes": lambda text: "".join(f"\\u{ord(c):04x}" if c.isalpha() else c for c in text),
    "with line separators": lambda text: text.replace("; ", ";\u2028").replace(" BY ", "\u2029BY "),
    "with carriage returns": lambda text: text.replace("; ", ";\r").replace(" BY ", "\rBY "),
    "with null characters": _between("\x00"),
}
"""A text in other characters."""

CLAIMS: Mapping[str, tuple[str, ...]] = {
    "ndl": (
        "{goal} BY claim on {goal}",
        "x := {goal}; {goal} BY claim on x",
        "h := assume (~ {goal}) {{ false BY claim on {first} }}; {goal} BY by-contradiction on {goal}, h",
    ),
    "macro": ("{goal} from {goal}", "x := {goal}; {goal} from x", "{goal} from true"),
    "hilbert": ("0. {goal}, Premise1;", "0. {goal}, Axiom1;", "0. {first}, Premise1; 1. {goal}, mp, 0, 0;"),
}
_LANGUAGE = {"pl1_pw": "ndl", "pl2_pw": "ndl", "pl1_gf": "ndl", "pl1_gf_c": "ndl", "pl3_pw": "macro"} | dict.fromkeys(
    ("pl4_pw", "pl4_pw_c"), "hilbert"
)


def _lettered(task: str) -> list[Attack]:
    language = _LANGUAGE.get(task)
    if language is None:
        return []
    out = []
    for name, wear in LETTERS.items():
        for k, claim in enumerate(CLAIMS[language], 1):

            def write(shown: Shown, claim: str = claim, wear: Callable[[str], str] = wear) -> str:
                goal = str(shown["goal"])
                text = wear(claim.format(goal=goal, first=(shown["premises"] or [goal])[0]))
                if "proof" in shown:
                    return sections(dict.fromkeys(gap_names(shown), text))
                return json.dumps({"description": "-", "proof": text}, ensure_ascii=False)

            out.append(template(f"claim {k} {name}", write, "clothes"))
    return out


def attacks(task: str) -> list[Attack]:
    """All of them on one task."""
    return [*_dealt(task), *_aside(task), *_lettered(task)]
