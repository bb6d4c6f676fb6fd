"""What answers earn that do not reason: one answer for all items, a template filled from the text, a classifier.

Every figure is points by the task's own ``score``, so a verdict without the right line earns what it earns. A
template is chosen on the items that it is measured on, and so is a classifier's threshold, which flatters both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.gaps.gaps import gap_names
from proofgrid.tasks.kinds.masking.masks import mask_names
from proofgrid.tasks.registry import get_task

CHECKING = ("pl1_pc", "pl1_pc_c", "pl3_pc")
Template = Callable[[Item], str]
_STEP = re.compile(r"\b(?:BY|on|from)\b")
_WORD = re.compile(r"[\w'-]+")


def step_lines(item: Item) -> list[int]:
    """The lines of a proof, from 1, on which a step stands."""
    return _step_lines(str(item.shown["proof"]))


@lru_cache(maxsize=2_000)
def _step_lines(proof: str) -> list[int]:
    return [n for n, line in enumerate(proof.split("\n"), 1) if _STEP.search(line)] or [1]


def wrong_at(item: Item, line: int) -> str:
    """An answer that calls a proof wrong at a line."""
    text = str(item.shown["proof"]).split("\n")[line - 1].strip()
    details = {"offendingLine": text, "offendingLineNumber": line, "errorType": "logic", "errorDescription": "wrong"}
    return json.dumps({"correct": False, "errorDetails": details})


CORRECT = json.dumps({"correct": True, "errorDetails": {}})


def line_guesses() -> Iterator[tuple[str, Callable[[Item], int | None]]]:
    """Ways to say where an error is that look at the text alone; None where the text has no such line."""

    def at(share: float) -> Callable[[Item], int | None]:
        return lambda item: (steps := step_lines(item))[min(len(steps) - 1, int(share * len(steps)))]

    def by(rule: str, last: bool) -> Callable[[Item], int | None]:
        def guess(item: Item) -> int | None:
            found = lines_by_word(str(item.shown["proof"])).get(rule)
            return found[-1 if last else 0] if found else None

        return guess

    for share in (0.0, 0.25, 0.5, 0.75, 0.999):
        yield f"the step at {share:.0%}", at(share)
    for rule in RULES:
        yield f"the first {rule}", by(rule, False)
        yield f"the last {rule}", by(rule, True)
    yield (
        "the longest step",
        lambda item: max(step_lines(item), key=lambda n: len(str(item.shown["proof"]).split("\n")[n - 1])),
    )


def guess_names() -> list[str]:
    """The names of :func:`line_guesses`."""
    return [name for name, _ in line_guesses()]


@lru_cache(maxsize=2_000)
def lines_by_word(proof: str) -> dict[str, list[int]]:
    """The lines, from 1, on which each word stands; rules are words."""
    found: dict[str, list[int]] = {}
    for n, line in enumerate(proof.split("\n"), 1):
        for word in dict.fromkeys(_WORD.findall(line)):
            found.setdefault(word, []).append(n)
    return found


def right_line(item: Item, line: int | None) -> bool:
    """Whether a line is one of the failing step."""
    error = item.reference["error"]
    return line is not None and line in (*error["lines"], error["line"])


def line_prediction(items: Sequence[Item]) -> tuple[str, float, float]:
    """(the best way to guess the line of an error, how often it is right, how often a random step is)."""
    wrong = [item for item in items if not item.reference["correct"]]
    chance = float(np.mean([np.mean([right_line(i, n) for n in step_lines(i)]) for i in wrong]))
    best = max(
        ((name, float(np.mean([right_line(i, guess(i)) for i in wrong]))) for name, guess in line_guesses()),
        key=lambda found: found[1],
    )
    return (*best, chance)


def templates(task: str) -> Iterator[tuple[str, Template]]:
    """Answers made from the text of an item, first those that are the same for all."""
    if task in CHECKING:
        yield "correct", lambda item: CORRECT
        for name, guess in line_guesses():
            yield (
                f"wrong at {name}, else correct",
                lambda item, guess=guess: CORRECT if (n := guess(item)) is None else wrong_at(item, n),  # type: ignore[misc]
            )
    elif task.endswith(("_pw", "_pw_c")):
        yield "the goal claimed", lambda item: json.dumps({"proof": f"claim on {item.shown['goal']}"})
        yield "the goal from all", lambda item: json.dumps({"proof": _from_all(item)})
        yield "the goal as premise", lambda item: json.dumps({"proof": f"0. {item.shown['goal']}, Premise1;"})
    elif task.startswith("pl1_pm"):
        yield "unsolvable", lambda item: json.dumps({"solvable": False, "masks": {}})
        for value in ("mp", "cases", "A"):
            yield (
                f"{value} everywhere",
                lambda item, value=value: json.dumps(  # type: ignore[misc]
                    {"solvable": True, "masks": dict.fromkeys(mask_names(item.shown["proof"]), value)}
                ),
            )
    elif task.startswith("pl1_gf"):
        for step in ("claim on premise-1", "true BY true-intro", "claim on true"):
            yield (
                f"{step} everywhere",
                lambda item, step=step: "\n\n".join(f"{g}:\n{step}" for g in gap_names(item.shown["proof"])),  # type: ignore[misc]
            )
    elif task == "eq_gf":
        yield "[]", lambda item: json.dumps({"missingSteps": [], "confidence": 5})
    else:  # every step is to be explained: what guessing from symbols earns, bench/trust_gaming.py says
        yield "correct", lambda item: json.dumps({"correct": True, "explanation": [], "steps": []})


def _from_all(item: Item) -> str:
    names = [f"premise-{k}" for k in range(1, len(item.shown["premises"]) + 1)]
    return f"{item.shown['goal']} from {', '.join(names[:5]) or 'true'}"


def earned(task: str, items: Sequence[Item], template: Template, known: dict[tuple[str, str], float]) -> float:
    """The mean points of a template's answers; ``known`` has the points of answers that were scored before."""
    kind = get_task(task)

    def points(item: Item) -> float:
        answer = template(item)
        if (item.id, answer) not in known:
            known[item.id, answer] = kind.score(item, answer).points
        return known[item.id, answer]

    return float(np.mean([points(item) for item in items]))


def shortcut_scores(task: str, items: Sequence[Item], scores: np.ndarray | None = None) -> Mapping[str, object]:
    """``constant``, ``template`` and, where there are a classifier's ``scores`` (high: wrong), ``classifier``."""
    known: dict[tuple[str, str], float] = {}
    found = [(name, earned(task, items, template, known)) for name, template in templates(task)]
    constant = found[0]
    best = max(found, key=lambda one: one[1])
    record: dict[str, object] = {"items": len(items)}
    record["constant"] = {"answer": constant[0], "points": round(constant[1], 4)}
    record["template"] = {"answer": best[0], "points": round(best[1], 4)}
    if scores is not None:
        labels = np.array([not item.reference["correct"] for item in items])
        guess = dict(line_guesses())[line_prediction(items)[0]]
        located = np.array([wrong and right_line(i, guess(i)) for i, wrong in zip(items, labels, strict=True)])
        points = [
            float(np.mean(np.where(scores > bar, located, ~labels)))
            for bar in (*np.sort(scores), float(np.max(scores)) + 1)
        ]
        record["classifier"] = {
            "answer": "a linear model's verdict, the best line guess",
            "points": round(max(points), 4),
        }
    return record
