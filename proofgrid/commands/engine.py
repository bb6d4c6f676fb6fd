"""Where a command does its work: on this machine or on a Ray cluster."""

from __future__ import annotations

from enum import StrEnum


class Engine(StrEnum):
    """``--engine`` of check, score and generate."""

    local = "local"
    ray = "ray"
