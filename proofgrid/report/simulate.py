"""A run of simulated models on real items, for demonstrations, tests and measurements of the report.

Items come from the tasks' own generators. The answers to an item are real texts with real scores: the reference, a
builtin attempt, and corruptions of the reference (a rule exchanged, a formula altered, a parenthesis lost), each read
and checked as a model's would be. Which of them a simulated model gives is drawn from a 2PL model, so that abilities,
difficulties and discriminations are there to be found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp
from random import Random

import pandas as pd

from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
from proofgrid.tasks import TASK_IDS, Item, Score, Task, get_task

PROVIDERS = ("openai", "anthropic", "google", "openrouter", "vllm/Qwen", "vllm/Llama", "server", "builtin")
RULES = (
    "left-and",
    "right-and",
    "both",
    "mp",
    "mt",
    "dsyl",
    "absurd",
    "left-either",
    "right-either",
    "dn",
    "dm",
    "cases",
)


@dataclass(frozen=True)
class SimulatedModel:
    """A name, an ability, and how often its answers never become a proof."""

    name: str
    ability: float
    sloppiness: float
    price: float
    """USD for a thousand completion tokens."""
    verbosity: float


def simulated_models(n: int, seed: int) -> list[SimulatedModel]:
    """``n`` models with standard normal abilities."""
    rng = Random(f"models {seed}")
    out = []
    for i in range(n):
        provider = PROVIDERS[i % len(PROVIDERS)]
        ability = rng.gauss(0, 1.1)
        out.append(
            SimulatedModel(
                f"{provider}/simulated-{chr(97 + i % 26)}{i // 26 or ''}{'-thinking' if i % 5 == 0 else ''}",
                ability,
                rng.uniform(0, 0.16),
                0.0
                if provider.startswith(("vllm", "server", "builtin"))
                else exp(rng.gauss(-5.5 + 0.5 * ability, 0.7)),
                exp(rng.gauss(0.35 * ability, 0.4)),
            )
        )
    return out


def simulate_run(
    n_models: int = 24,
    items_per_task: int = 12,
    seed: int = 1,
    tasks: Sequence[str] = TASK_IDS,
    name: str = "simulated",
    shift: float = 0.0,
    problems: Mapping[str, Sequence[Item]] | None = None,
) -> ScoredRun:
    """A complete run; the same arguments give the same run.

    ``shift`` is added to every ability (to compare two runs); ``problems`` are used in place of generated ones.
    """
    models = simulated_models(n_models, seed)
    items: dict[str, Item] = {}
    rows = []
    for task_id in tasks:
        task = get_task(task_id)
        given = problems.get(task_id) if problems is not None else None
        for problem in given or task.generate(items_per_task, seed):
            items[problem.id] = problem
            rows += _answers(task, problem, models, seed, shift)
    frame = pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))
    header = {"suite": f"simulated, {items_per_task} items a task", "seed": seed}
    return ScoredRun(name, header, items, frame)


def _answers(
    task: Task, item: Item, models: Sequence[SimulatedModel], seed: int, shift: float
) -> list[dict[str, object]]:
    rng = Random(f"{item.id} {seed}")
    pool = answer_pool(task, item, rng)
    right = [p for p in pool if p[1].outcome == "correct"]
    wrong = [p for p in pool if p[1].outcome != "correct"]
    slope = exp(rng.gauss(0, 0.35) + (0.3 if task.id.endswith("_c") else 0))
    b = (
        0.75 * (item.level - sum(task.levels) / len(task.levels))
        + rng.gauss(0, 0.7)
        + (0.6 if task.id.endswith("_c") else 0)
    )
    rows = []
    for model in models:
        draw = Random(f"{item.id} {model.name} {seed} {shift}")
        p = task.chance + (1 - task.chance) / (1 + exp(-slope * (model.ability + shift - b)))
        text, score = draw.choice(right) if draw.random() < p or not wrong else draw.choice(wrong)
        outcome, finish, error = score.outcome, "stop", None
        mishap = draw.random() / max(1e-9, model.sloppiness)
        if mishap < 0.25:
            cut = text[: len(text) // 2]
            text, score, outcome, finish = cut, Score("truncated"), "truncated", "length"
        elif mishap < 0.32:
            text, score, outcome, finish = "I can't help with that.", Score("refused"), "refused", "content_filter"
        elif mishap < 0.36:
            text, score, outcome, finish, error = "", Score("api_error"), "api_error", "", "429: rate limited, 6 tries"
        elif mishap < 0.5:
            text = "Let me think. The premises are strong enough, so the goal follows by cases."
            score = task.score(item, text)
            outcome = score.outcome
        tokens = int(model.verbosity * (len(text) / 3 + 300) * draw.uniform(0.7, 1.6))
        reasoning = None
        if "thinking" in model.name and not error:
            reasoning = "First I look at what is given. " * draw.randint(1, 12) + "\nThen the goal, backwards."
        rows.append(
            {
                "model": model.name,
                "task": task.id,
                "item": item.id,
                "level": item.level,
                "attempt": 0,
                "round": 0,
                "outcome": outcome,
                "points": score.points,
                "strict": score.strict,
                "parts": dict(score.parts),
                "verdict": score.verdict,
                "repairs": score.repairs,
                "feedback": score.feedback,
                "answer": score.answer,
                "text": text,
                "reasoning": reasoning,
                "error": error,
                "finish_reason": finish or None,
                "prompt_tokens": None if error else 900,
                "completion_tokens": None if error else tokens,
                "reasoning_tokens": None if error else tokens // 2 if reasoning else 0,
                "cost": None if error else tokens * model.price / 1000,
                "seconds": None if error else tokens / 90 * draw.uniform(0.8, 1.5),
            }
        )
    return rows


def answer_pool(task: Task, item: Item, rng: Random) -> list[tuple[str, Score]]:
    """A few answers to an item with their scores, at least one right and, where a corruption does it, some wrong."""
    reference = task.reference_answer(item)
    pool = [(reference, task.score(item, reference))]
    attempt = task.attempt(item.shown, 20)
    pool.append((attempt, task.score(item, attempt)))
    wrong = fixed = 0
    for _ in range(14):
        text = corrupt(reference, rng)
        if text == reference or any(text == seen for seen, _ in pool):
            continue
        score = task.score(item, text)
        if score.outcome == "correct":
            if score.strict or fixed >= 2:
                continue
            fixed += 1
        elif wrong >= 4:
            continue
        else:
            wrong += 1
        pool.append((text, score))
        if wrong >= 4 and fixed >= 2:
            break
    return pool


def corrupt(text: str, rng: Random) -> str:
    """One small change that a model might make, anywhere in an answer (none where there is nothing to change)."""
    for pattern, change in rng.sample(CHANGES, len(CHANGES)):
        found = list(re.finditer(pattern, text))
        if found:
            m = found[rng.randrange(len(found))]
            return text[: m.start()] + change(m.group(), rng) + text[m.end() :]
    return text


def _other_value(found: str) -> str:
    return {"true": "false", "false": "true"}.get(found) or str(int(found) + 1)


CHANGES: tuple[tuple[str, Callable[[str, Random], str]], ...] = (
    (r"\b(" + "|".join(RULES) + r")\b(?= on)", lambda m, rng: rng.choice([r for r in RULES if r != m])),
    (r"\(~ [A-Z]\d*\)", lambda m, rng: m[3:-1]),
    (r" (?:&|\||==>) ", lambda m, rng: rng.choice([" & ", " | ", " ==> "])),
    (r"\([A-Z]\d* [&|] [A-Z]\d*\)", lambda m, rng: m[1:-1]),
    (r"(?<=\W)[A-D](?=\W)", lambda m, rng: rng.choice("ABCDE")),
    (r"\btrue\b|\bfalse\b|(?<=[: \[])\d+(?=[,}\]])", lambda m, rng: _other_value(m)),
    (r"\bE\d\b", lambda m, rng: f"E{rng.randint(1, 4)}"),
    (r"(?<=[(,])[a-e](?=[,)])", lambda m, rng: rng.choice("abcde")),
)
"""What may go wrong in a proof, a judgement or a chain: a pattern and what becomes of a place where it fits."""


def dump(run: ScoredRun) -> str:
    """The run as JSON lines, for a look at it or a comparison of bytes."""
    lines = [json.dumps(asdict(p), sort_keys=True) for p in run.items.values()]
    return "\n".join([*lines, run.attempts.to_json(orient="records", lines=True)])
