"""Sentences on a terminal: broken between words where it ends, whole lines for a file or a pipe."""

from __future__ import annotations

import os
import shutil
import sys
from textwrap import wrap
from typing import TextIO

UNBOUNDED = 1000
"""Columns of what is no terminal: lines stay whole, for whoever searches in them."""
LEAST = 40
"""Columns that any terminal is taken to have."""


def columns(stream: TextIO) -> int:
    """How wide ``stream`` is: a terminal's columns, or what COLUMNS says, or as good as no bound."""
    if stream.isatty() or "COLUMNS" in os.environ:
        return max(LEAST, shutil.get_terminal_size().columns)
    return UNBOUNDED


def paragraph(text: str, width: int, indent: str = "") -> list[str]:
    """``text`` in lines of at most ``width`` characters, those after the first behind ``indent``; no word is broken."""
    if len(text) <= width:
        return [text]
    return wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def say(text: str, *, indent: str = "", err: bool = False) -> None:
    """Print a sentence so that it fits the terminal it goes to."""
    stream = sys.stderr if err else sys.stdout
    stream.write("\n".join(paragraph(text, columns(stream), indent)) + "\n")
    stream.flush()
