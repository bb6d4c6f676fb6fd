"""The texts behind the viewer: one compressed chunk an item, in the page while they fit, else in pages beside it.

The answers of all models to one item repeat its formulas, so a chunk (deflate, base64) is a fraction of its text; the
page unpacks the one that is looked at. A page file stays under ``PAGE_BYTES``; small chunks go in first, so that as
many answers as possible open at once, and the rest goes into pages of the same kind in a folder beside it, which the
viewer walks into by itself.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from proofgrid.report.board import OUTCOMES, Board
from proofgrid.report.proofs import claimed_error, prompt_of, proof_of, reference_of, true_error
from proofgrid.report.text import utf8
from proofgrid.tasks import Item, Task, TaskError
from proofgrid.tasks.questions import any_task

PAGE_BYTES = 9_500_000
"""What a page may weigh, in bytes, under the 10 MB that browsers and mail servers take without complaint."""


LONG = 100_000
"""Characters of an answer's JSON beyond which it is packed by itself."""


@dataclass(frozen=True)
class Packed:
    """Chunks by page: ``pages[0]`` is the report itself. ``index`` is what the viewer needs to know of all of them."""

    index: dict[str, Any]
    pages: tuple[dict[int, str], ...]
    """Item index -> base64 of a raw deflate stream of JSON."""


def pack(board: Board, room: int, page_bytes: int = PAGE_BYTES, overhead: int = 400_000) -> Packed:
    """Compress every answer; ``room`` is what the first page has left, ``overhead`` what each further one needs."""
    items = [i for i in board.items if i in set(board.attempts["item"])]
    items.sort(key=lambda i: ([t.id for t in board.tasks].index(board.items[i].task), i))
    grouped = dict(list(board.attempts.groupby("item", sort=False)))
    chunks = [_chunk(board, board.items[item], grouped[item]) for item in items]
    place = [0] * len(items)
    pages: list[dict[int, str]] = [{}]
    left = room
    over = []
    for i in sorted(range(len(items)), key=lambda i: len(chunks[i])):
        if len(chunks[i]) + 12 <= left:
            pages[0][i] = chunks[i]
            left -= len(chunks[i]) + 12
        else:
            over.append(i)
    left = 0
    for i in sorted(over):
        if len(chunks[i]) + 12 > left:
            pages.append({})
            left = page_bytes - overhead
        pages[-1][i] = chunks[i]
        left -= len(chunks[i]) + 12
        place[i] = len(pages) - 1
    return Packed(_index(board, items, place), tuple(pages))


def _index(board: Board, items: Sequence[str], place: Sequence[int]) -> dict[str, Any]:
    task_of = {t.id: i for i, t in enumerate(board.tasks)}
    number = {item: i for i, item in enumerate(items)}
    letters: list[list[str]] = [["."] * len(items) for _ in board.contestants]
    more: dict[str, list[list[int]]] = {}
    ordered = board.attempts.sort_values(["who", "item", "attempt", "round"], kind="stable")
    for who, item, attempt, round_, outcome in zip(
        ordered["who"], ordered["item"], ordered["attempt"], ordered["round"], ordered["outcome"], strict=True
    ):
        code = OUTCOMES.index(outcome) if outcome in OUTCOMES else 1
        if letters[who][number[item]] == ".":
            letters[who][number[item]] = str(code)
        more.setdefault(f"{who} {number[item]}", []).append([int(attempt), int(round_), code])
    return {
        "models": list(board.contestants),
        "tasks": [{"id": t.id, "short": t.short, "title": t.title, "language": t.language} for t in board.tasks],
        "items": [
            [item, task_of[board.items[item].task], board.items[item].level, place[number[item]]] for item in items
        ],
        "answers": ["".join(row) for row in letters],
        "more": {key: found for key, found in more.items() if len(found) > 1},
        "outcomes": list(OUTCOMES),
    }


def _chunk(board: Board, item: Item, rows: pd.DataFrame) -> str:
    try:
        task: Task | None = any_task(item.task)
    except TaskError:
        task = None
    answers: dict[str, list[dict[str, Any]]] = {}
    for row in rows.sort_values(["who", "attempt", "round"], kind="stable").to_dict("records"):
        answers.setdefault(str(row["who"]), []).append(_folded(_answer(task, item, row)))
    data = {
        "shown": dict(item.shown),
        "prompt": prompt_of(task, item),
        "reference": reference_of(task, item),
        "error": true_error(item),
        "answers": answers,
    }
    return _deflate(_json(data))


def _folded(answer: dict[str, Any]) -> dict[str, Any]:
    """A very long answer as a stream of its own, so that looking at another one of its item does not unpack it."""
    text = _json(answer)
    if len(text) <= LONG:
        return answer
    return {"a": answer["a"], "r": answer["r"], "o": answer["o"], "z": _deflate(text)}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def _deflate(text: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b64encode(packer.compress(utf8(text)) + packer.flush()).decode("ascii")


def _answer(task: Task | None, item: Item, row: Mapping[Any, Any]) -> dict[str, Any]:
    verdict = row["verdict"] if isinstance(row["verdict"], Mapping) else None
    out = {
        "a": int(row["attempt"]),
        "r": int(row["round"]),
        "o": row["outcome"],
        "points": _plain(row["points"]),
        "strict": bool(row["strict"]),
        "parts": _plain(row["parts"]),
        "verdict": None if verdict is None else {k: v for k, v in verdict.items() if v not in (None, [], ())},
        "repairs": list(row["repairs"]) if isinstance(row["repairs"], (list, tuple)) else [],
        "feedback": _plain(row["feedback"]),
        "text": row["text"] if isinstance(row["text"], str) else "",
        "reasoning": _plain(row["reasoning"]),
        "error": _plain(row["error"]),
        "finish": _plain(row["finish_reason"]),
        "tokens": [_plain(row[c]) for c in ("prompt_tokens", "completion_tokens", "reasoning_tokens")],
        "cost": _plain(row["cost"]),
        "seconds": _plain(row["seconds"]),
    }
    out["proof"] = proof_of(task, item, out["text"], verdict)
    out["claim"] = claimed_error(task, item, out["text"])
    return {k: v for k, v in out.items() if v not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    """JSON's null for what pandas calls missing, and Python numbers for numpy's."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    return value.item() if hasattr(value, "item") else value
