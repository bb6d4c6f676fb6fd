"""What a question asks about: an inference in formulas, or a rewriting step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.rewriting import AskedRewrite

AnyAsked = Asked | AskedRewrite


def read_asked(shown: Mapping[str, Any]) -> AnyAsked:
    """What ``to_json`` of either kind wrote."""
    return AskedRewrite.from_json(shown) if shown["kind"] == AskedRewrite.kind else Asked.from_json(shown)
