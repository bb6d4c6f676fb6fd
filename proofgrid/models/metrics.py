"""What a vLLM server is busy with, read from its metrics (Prometheus' text format)."""

from __future__ import annotations

import math
import re

from proofgrid.models.base import ServerLoad

_SAMPLE = re.compile(r"^vllm:([a-z_]+)(?:\{[^\n]*\})? (\S+)", re.MULTILINE)
_NAMES = {
    "num_requests_running": "running",
    "num_requests_waiting": "queued",
    "prompt_tokens_total": "prompt_tokens",
    "generation_tokens_total": "completion_tokens",
}


def load_of(text: str) -> ServerLoad | None:
    """The load, summed over engines; None if a figure is missing or is no number."""
    found: dict[str, float] = {}
    for name, value in _SAMPLE.findall(text):
        if name in _NAMES:
            try:
                found[_NAMES[name]] = found.get(_NAMES[name], 0.0) + float(value)
            except ValueError:
                return None
    if len(found) < len(_NAMES) or not all(math.isfinite(value) and value >= 0 for value in found.values()):
        return None
    return ServerLoad(**{name: int(value) for name, value in found.items()})
