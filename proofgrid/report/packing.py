"""The texts behind the viewer: a compressed chunk an item, in the page while all fit, else in files beside it.

The answers of all models to one item repeat its formulas, so a chunk (deflate, base64) is a fraction of its text; the
page unpacks the one that is looked at. Where the page would grow over ``PAGE_BYTES`` all chunks go into a folder beside
it, as scripts that hand their text to the page: a script is the one thing that a page opened from a disk may load.
Items are read one at a time, so that memory does not grow with the answers.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from proofgrid.glossary import ENTRIES
from proofgrid.report.board import Board
from proofgrid.report.chains import gap_left_open
from proofgrid.report.names import shortened
from proofgrid.report.proofs import (
    chain_in,
    claimed_line,
    fault_in,
    marks_of,
    noted,
    prompt_of,
    proof_of,
    reference_of,
    true_error,
)
from proofgrid.report.text import utf8
from proofgrid.statistics import MISSING
from proofgrid.tasks import Item, Task, TaskError
from proofgrid.tasks.outcomes import OUTCOMES
from proofgrid.tasks.questions import any_task

PAGE_BYTES = 9_500_000
"""What a page may weigh, in bytes, under the 10 MB that browsers and mail servers take without complaint."""
FILE_BYTES = 1_000_000
"""About what a file beside the page holds: read in a blink, and few enough to be copied."""
LONG = 100_000
"""Characters of an answer's JSON beyond which it is packed by itself."""
LEVEL = 6
"""Of zlib, for what stands in the page: 9 takes twice the time for two percent."""
LEVEL_BESIDE = 2
"""For files beside the page, where size matters less: a sixth of the time of 6 for a seventh more bytes."""

Sink = Callable[[str, bytes], None]
"""Takes the name of a file beside the page, and what is in it."""


@dataclass(frozen=True)
class Packed:
    """``chunks`` are those in the page, by the item's place; ``files`` the names of those beside it."""

    index: dict[str, Any]
    chunks: Mapping[int, str]
    """Item's place -> base64 of a raw deflate stream of JSON."""
    files: tuple[str, ...] = ()


def pack(board: Board, room: int, sink: Sink, file_bytes: int = FILE_BYTES) -> Packed:
    """Compress every answer; ``room`` is what the page has left. What does not fit goes to ``sink``, all or nothing."""
    present = set(board.attempts["item"])
    place = {t.id: at for at, t in enumerate(board.tasks)}
    items = sorted((i for i in board.items if i in present), key=lambda i: (place[board.items[i].task], i))
    inside: dict[int, str] = {}
    files: list[str] = []
    where = [-1] * len(items)
    waiting: dict[int, str] = {}
    held = 0  # characters of `waiting`
    weight = 0  # of `inside`, in the page

    def write() -> None:
        nonlocal held
        if waiting:
            name = f"answers-{len(files):04d}.js"
            sink(name, f"proofgridAnswers({json.dumps(waiting)});\n".encode("ascii"))
            for at in waiting:
                where[at] = len(files)
            files.append(name)
            waiting.clear()
            held = 0

    def put(at: int, chunk: str) -> None:
        nonlocal held
        if waiting and held + len(chunk) > file_bytes:
            write()
        waiting[at] = chunk
        held += len(chunk)

    for at, text in enumerate(_chunks(board, items)):
        if not files and not waiting:
            inside[at] = _deflate(text, LEVEL)
            weight += len(inside[at]) + 60
            if weight <= room:
                continue
            for earlier, chunk in inside.items():
                put(earlier, chunk)
            inside = {}
        else:
            put(at, _deflate(text, LEVEL_BESIDE))
    write()
    return Packed(_index(board, items, where), inside, tuple(files))


def _chunks(board: Board, items: Sequence[str]) -> Iterator[str]:
    who = {(place, model): at for at, (place, model) in enumerate(zip(board.of_run, board.models, strict=True))}
    for item in items:
        rows = [
            {**row, "who": who[place, str(row["model"])]}
            for place, run in enumerate(board.runs)
            if item in run.items
            for row in run.rows_of(item)
        ]
        yield _chunk(board.items[item], sorted(rows, key=lambda r: (r["who"], r["attempt"], r["round"])))


def _index(board: Board, items: Sequence[str], where: Sequence[int]) -> dict[str, Any]:
    task_of = {t.id: i for i, t in enumerate(board.tasks)}
    number = {item: i for i, item in enumerate(items)}
    letters: list[list[str]] = [["."] * len(items) for _ in board.contestants]
    more: dict[str, list[list[int]]] = {}
    codes = {name: code for code, name in enumerate(OUTCOMES)}
    columns = ["who", "item", "attempt", "round", "outcome", "verdict"]
    ordered = board.attempts[columns].sort_values(columns[:4], kind="stable")
    first = ordered.drop_duplicates(["who", "item"])
    for who, item, outcome in zip(first["who"], first["item"], first["outcome"], strict=True):
        letters[who][number[item]] = str(codes.get(outcome, 1))
    several = ordered[ordered.duplicated(["who", "item"], keep=False)]
    for who, item, attempt, round_, outcome in zip(*(several[column] for column in columns[:5]), strict=True):
        more.setdefault(f"{who} {number[item]}", []).append([int(attempt), int(round_), codes.get(outcome, 1)])
    why, failing = _first_failures(first, number, len(board.contestants))
    return {
        "models": list(board.contestants),
        "short": shortened(board.contestants, 30),
        "why": why,
        "failing": failing,
        "tasks": [{"id": t.id, "short": t.short, "title": t.title, "language": t.language} for t in board.tasks],
        "items": [
            [item, task_of[board.items[item].task], board.items[item].level, where[number[item]]] for item in items
        ],
        "answers": ["".join(row) for row in letters],
        "more": more,
        "kinds": {e.code: e.name for e in ENTRIES.values() if e.group in ("failure", "fix")},
        "terms": {e.code: e.name for e in ENTRIES.values() if e.group == "term"},
        "outcomes": [[o.name, o.mark, o.tone, o.meaning, o.name in MISSING] for o in OUTCOMES.values()],
    }


def _first_failures(first: pd.DataFrame, number: Mapping[str, int], models: int) -> tuple[list[str], list[str]]:
    """The kinds of failure that occur, and a string a model: the kind of the first failure of its ``first`` answer to
    each item, as the character 48 + its place among the kinds from 1; "0" where no proof failed.
    """
    kinds: dict[str, int] = {}
    rows = [["0"] * len(number) for _ in range(models)]
    for who, item, verdict in zip(first["who"], first["item"], first["verdict"], strict=True):
        failure = verdict.get("failure") if isinstance(verdict, Mapping) else None
        if isinstance(failure, Mapping) and isinstance(failure.get("kind"), str):
            rows[who][number[item]] = chr(48 + kinds.setdefault(failure["kind"], len(kinds) + 1))
    return list(kinds), ["".join(row) for row in rows]


def _chunk(item: Item, rows: Sequence[Mapping[str, Any]]) -> str:
    """The JSON of an item and all answers to it. An answer is most of the text and is written out once."""
    try:
        task: Task | None = any_task(item.task)
    except TaskError:
        task = None
    answers: dict[str, list[str]] = {}
    for row in rows:
        answers.setdefault(str(row["who"]), []).append(_folded(packed_answer(item, row)))
    data = {
        "shown": dict(item.shown),
        "prompt": prompt_of(task, item),
        "reference": reference_of(task, item),
        "error": true_error(item),
    }
    of_models = ",".join(f'"{who}":[{",".join(texts)}]' for who, texts in answers.items())
    return f'{_json(data)[:-1]},"answers":{{{of_models}}}}}'


def _folded(answer: dict[str, Any]) -> str:
    """An answer's JSON; a very long one's is a stream of its own, so that looking at another does not unpack it."""
    text = _json(answer)
    if len(text) <= LONG:
        return text
    return _json({"a": answer["a"], "r": answer["r"], "o": answer["o"], "z": _deflate(text, LEVEL)})


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)


def _deflate(text: str, level: int) -> str:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return b64encode(packer.compress(utf8(text)) + packer.flush()).decode("ascii")


def packed_answer(item: Item, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What the viewer shows of an attempt (``row``: ATTEMPT_COLUMNS), without what is empty."""
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
        "joules": _plain(row["joules"]),
    }
    out["proof"] = proof_of(item, row["answer"], out["text"])
    chain = chain_in(item, row["answer"])
    out["marks"] = marks_of(verdict)
    if verdict is None:
        fault = fault_in(item, row["answer"])
        out["fault"] = None if fault is None else noted(fault)
    elif verdict.get("language") == "equational" and chain is None:
        out["elsewhere"] = True  # its lines are those of a chain that cannot be shown
    out["filled"] = chain is not None or None
    out["gap"] = gap_left_open(chain) if chain is not None and row["outcome"] == "correct" else None
    out["claim"] = claimed_line(item, row["answer"])
    out["whole"] = isinstance(row["answer"], str) or None  # the proof alone is an answer, so it is what a reader edits
    return {k: v for k, v in out.items() if v not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    """JSON's null for what pandas calls missing, and Python numbers for numpy's."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    return value.item() if hasattr(value, "item") else value
