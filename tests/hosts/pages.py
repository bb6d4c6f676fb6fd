"""Blocks of pages that need a host, run as a reader would run them: all of a section, in order, in one folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(page: str = "integrations.md", level: int = 2) -> dict[str, list[tuple[str, str]]]:
    """The (language, text) of the blocks of each section of a page, by its heading of that level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    parts = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)[1:]
    return {heading: _BLOCK.findall(text) for heading, text in zip(parts[::2], parts[1::2], strict=True)}


def run_section(
    heading: str, folder: Path, names: dict[str, Any] | None = None, env: dict[str, str] | None = None
) -> None:
    """Run a section's blocks in ``folder``, which holds what they read; ``names`` are what a reader has already."""
    run_blocks(sections()[heading], folder, names, env)


def run_blocks(
    blocks: list[tuple[str, str]], folder: Path, names: dict[str, Any] | None = None, env: dict[str, str] | None = None
) -> None:
    """Run blocks in ``folder``."""
    known: dict[str, Any] = dict(names or {})
    os.chdir(folder)
    for language, text in blocks:
        if language == "python":
            exec(compile(text, "a block", "exec"), known)
        else:
            assert language == "sh", f"a block of {language}"
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            done = subprocess.run(
                ["bash", "-ec", text], env={**os.environ, "PATH": path, **(env or {})}, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{text}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
