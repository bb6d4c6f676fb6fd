"""A verdict as the checker made it, from the JSON that a score keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from proofgrid.checker.verdict import Failure, Fix, Inference, Verdict

_OTHER_VERSION = (KeyError, TypeError, ValueError, AttributeError)
"""What data of another version of the checker may raise; what is read of them then is what there is."""


def failure_from(data: Any) -> Failure | None:
    """The failure of a verdict's JSON; None where it is none."""
    if not isinstance(data, Mapping):
        return None
    known = {f.name.rstrip("_") for f in fields(Failure)}
    said: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in data.items() if n in known}
    try:
        inference = said.pop("inference", None)
        if isinstance(inference, Mapping):
            said["inference"] = Inference(from_=tuple(inference["from"]), to=inference["to"])
        said["class_"] = said.pop("class")
        return Failure(**said)
    except _OTHER_VERSION:
        return None


def verdict_from(data: Any) -> Verdict | None:
    """The verdict of :meth:`proofgrid.checker.Verdict.to_json`; None where it is none, or another version's."""
    if not isinstance(data, Mapping):
        return None
    try:
        fixes = tuple(
            Fix(kind=f["kind"], class_=f["class"], step=f.get("step"), line=f["line"], message=f["message"])
            for f in data.get("fixes") or ()
        )
        return Verdict(
            correct=bool(data["correct"]),
            strict=bool(data["strict"]),
            conclusion=data.get("conclusion"),
            fixes=fixes,
            failure=failure_from(data.get("failure")),
            failures=tuple(f for f in map(failure_from, data.get("failures") or ()) if f is not None),
            steps=int(data.get("steps") or 0),
            mode=data.get("mode", "instrumented"),
            language=data.get("language", "ndl"),
            paper_only=bool(data.get("paper_only")),
        )
    except _OTHER_VERSION:
        return None
