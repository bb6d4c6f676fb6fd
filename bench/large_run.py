"""A run's folder as large as published benchmarks are: 24 models x 15 tasks x 100 items with answers of real size.

Items and answers are a simulated run's, each item cloned under other ids. Which of an item's answers a model gives to a
clone, a right or a wrong one, is drawn from the shares that the model and the item have right. Reasoning is 10 kB of
words that repeat as little as a model's do. Scores are those of the simulated answers, so that the folder is made in
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import exp, log
from pathlib import Path
from random import Random
from typing import Any

from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.run.records import Cell, Record, attempt_key
from proofgrid.run.scored import ScoredRun
from proofgrid.run.store import RunStore
from proofgrid.scoring import scorer_fingerprint
from proofgrid.tasks import Score

REASONING = 10_000
"""Characters."""
_SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]


def words(rng: Random, characters: int) -> str:
    """Text of about that length from a few thousand words, the common ones often."""
    known = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(3000)]
    weights = [1 / (i + 3) for i in range(len(known))]
    return " ".join(rng.choices(known, weights, k=characters // 6))[:characters]


def write_large(folder: Path, run: ScoredRun, clones: int, seed: int = 1) -> int:
    """Write ``run`` with every item ``clones`` times into a store; returns the number of records."""
    rng = Random(seed)
    texts = [words(rng, REASONING) for _ in range(40)]
    scorer = scorer_fingerprint()
    configs = {m: _config(str(m)) for m in run.attempts["model"].unique()}
    solved = (run.attempts["outcome"] == "correct").groupby(run.attempts["model"]).agg(["sum", "size"])
    all_ = _log_odds(float(solved["sum"].sum()), float(solved["size"].sum()))
    ability = {str(m): _log_odds(k, n) - all_ for m, k, n in solved.itertuples()}
    by_item = {str(item): rows.to_dict("records") for item, rows in run.attempts.groupby("item", sort=False)}
    with RunStore.open(folder) as store:
        for config in configs.values():
            store.add_model(config)
        named = [replace(item, id=f"{item.id}-{clone:03d}") for item in run.items.values() for clone in range(clones)]
        store.add_items((item, "Prove it.") for item in named)
        scores: list[tuple[str, Score]] = []
        for item in run.items.values():
            rows = [(row, _score(row)) for row in by_item[item.id]]
            models = [configs[row["model"]] for row, _ in rows]
            right = [one for one in rows if one[1].outcome == "correct"]
            wrong = [one for one in rows if one[1].outcome != "correct"]
            ease = _log_odds(len(right), len(rows))
            chances = [1 / (1 + exp(-ease - ability[config.label])) for config in models]
            for clone in range(clones):
                given = [rng.choice((right if rng.random() < p else wrong) or rows) for p in chances]
                records = [
                    _record(row, f"{item.id}-{clone:03d}", config, rng, texts)
                    for (row, _), config in zip(given, models, strict=True)
                ]
                store.add_many((r, config.fingerprint, None) for r, config in zip(records, models, strict=True))
                scores += [(record.key, score) for record, (_, score) in zip(records, given, strict=True)]
            store.add_scores(scorer, scores)
            scores.clear()
    return len(run.attempts) * clones


def _log_odds(right: float, of: float) -> float:
    return log((right + 0.5) / (of - right + 0.5))


def _config(model: str) -> ModelConfig:
    return ModelConfig(
        spec=model, label=model, api="import", provider="simulated", model=model, base_url=None, params={}
    )


def _record(row: dict[str, Any], item: str, config: ModelConfig, rng: Random, texts: list[str]) -> Record:
    start = rng.randrange(REASONING)
    said = texts[rng.randrange(len(texts))]
    cell = Cell(config.label, item, int(row["attempt"]), int(row["round"]))
    failed = isinstance(row["error"], str)
    done = Completion(
        text=str(row["text"]),
        reasoning=None if failed else said[start:] + said[:start],
        finish_reason=row["finish_reason"],
        error=row["error"] if failed else None,
        prompt_tokens=_whole(row["prompt_tokens"]),
        completion_tokens=_whole(row["completion_tokens"]),
        reasoning_tokens=_whole(row["reasoning_tokens"]),
        cost=_number(row["cost"]),
        seconds=_number(row["seconds"]),
    )
    return Record(attempt_key(item, "p", config.fingerprint, cell.attempt, cell.round), cell, done)


def _score(row: dict[str, Any]) -> Score:
    return Score(
        outcome=row["outcome"],
        points=float(row["points"]),
        strict=bool(row["strict"]),
        parts=dict(row["parts"]),
        verdict=row["verdict"],
        repairs=tuple(row["repairs"]),
        feedback=row["feedback"],
        answer=row["answer"],
    )


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None or value != value else int(value)


def sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """The files of a folder with their sizes in bytes."""
    for path in sorted(folder.iterdir()):
        yield path.name, path.stat().st_size
