"""Prompts: templates in ``tasks/prompts``, filled from what an item shows and from the checker's own rule table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

NOT_OFFERED = ("from-complements",)
"""Rules that the proof-writing prompts leave out (docs/spec.md, section 2); the checker accepts them all the same."""


@cache
def environment() -> Environment:
    """The templates; prompts are plain text, so nothing is escaped."""
    return Environment(
        loader=PackageLoader("proofgrid.tasks", "prompts"),
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=False,
        trim_blocks=True,
    )


def render(template: str, **values: Any) -> str:
    """The text of ``template`` with ``values`` filled in."""
    return environment().get_template(template).render(**values)


def premise_list(premises: Sequence[str]) -> str:
    """One line a premise, with its name; empty where there are none."""
    return "".join(f"assert premise-{number} := {text}\n" for number, text in enumerate(premises, 1))
