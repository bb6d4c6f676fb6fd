"""Logs of Inspect AI as answers of a run: what each sample was asked, what came back, and which samples failed.

Needs ``inspect_ai`` to read its own logs (.eval and .json, one sample in memory at a time). Tested with 0.3.285.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofgrid.errors import UserError
from proofgrid.tasks import Item, TaskError

if TYPE_CHECKING:
    from inspect_ai.log import EvalSample


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """One sample of a log: its item and, as ``proofgrid import`` reads it, what became of it."""

    item: Item
    line: dict[str, Any]


def logged_answers(path: Path) -> Iterator[LoggedAnswer]:
    """The samples of a log in order. Raises UserError where it is none of ours, or no log at all."""
    from inspect_ai.log import read_eval_log, read_eval_log_samples

    try:
        header = read_eval_log(str(path), header_only=True)
    except Exception as error:  # whatever the reader trips over: it is a stranger's file
        raise UserError(f"{path} cannot be read as an Inspect log: {type(error).__name__}: {error}") from error
    model = header.eval.model
    samples = read_eval_log_samples(str(path), all_samples_required=False)
    while True:
        try:
            sample = next(samples)
        except StopIteration:
            return
        except Exception as error:
            raise UserError(f"{path}: a sample cannot be read: {type(error).__name__}: {error}") from error
        yield LoggedAnswer(_item(path, sample), _line(sample, model))


def _item(path: Path, sample: EvalSample) -> Item:
    text = (sample.metadata or {}).get("item")
    if not isinstance(text, str):
        raise UserError(f"{path}: sample {sample.id} holds no item: only logs of proofgrid's own tasks can be imported")
    try:
        return Item.from_json(text)
    except TaskError as error:
        raise UserError(f"{path}: sample {sample.id}: {error}") from error


def _line(sample: EvalSample, model: str) -> dict[str, Any]:
    """A line of a completions file; a sample that failed is an api_error with Inspect's sentence."""
    line: dict[str, Any] = {
        "item": str(sample.id),
        "model": model,
        "attempt": sample.epoch - 1,
        "text": sample.output.completion,
    }
    if sample.error is not None or not sample.output.choices:
        return line | {"text": "", "error": f"inspect: {sample.error.message if sample.error else 'no answer'}"[:1000]}
    stop = str(sample.output.stop_reason)
    line["finish_reason"] = {"max_tokens": "length", "model_length": "length"}.get(stop, stop)
    line["seconds"] = sample.output.time
    if (usage := sample.output.usage) is not None:
        line |= {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        }
    return line
