"""What the pages have a reader type works, and prints what they say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, Reader, blocks, matches

INSIDE_ITS_HOST = "runs inside its host, make test-hosts"
"""Why blocks of docs/integrations.md are not run here: tests/hosts/*/test_page.py runs them."""
MOST_NOT_RUN = 5
"""Blocks that may say why they cannot run here: other machines' hosts, and campaigns of hours."""


def pages() -> list[Path]:
    """Every page of the project that somebody reads."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [ROOT / name for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()]
    return [page for page in found if not page.is_relative_to(ROOT / "tests") and page.name != "CHANGELOG.md"]


ALL: dict[str, list[Block]] = {page.relative_to(ROOT).as_posix(): list(blocks(page)) for page in pages()}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("page", [name for name, found in ALL.items() if any(b.reason is None for b in found)])
def test_what_a_page_shows_is_what_happens(page: str, tmp_path: Path) -> None:
    """Each command and each Python block of a page, in order, in an empty folder: done as written, it prints what the
    page shows."""
    with Reader(tmp_path) as reader:
        wrong = [said for block in ALL[page] if block.reason is None for said in reader.follow(block)]
    assert not wrong, "\n\n".join(wrong)


def test_few_blocks_are_left_out() -> None:
    """Most blocks are run; those that are not say why."""
    shown = [
        block for found in ALL.values() for block in found if block.kind != "setup" and block.reason != INSIDE_ITS_HOST
    ]
    left_out = [block for block in shown if block.reason is not None]
    assert len(shown) > 40
    assert len(left_out) <= MOST_NOT_RUN, "\n".join(f"{b.page}:{b.line}: {b.reason}" for b in left_out)


def test_output_is_compared(tmp_path: Path) -> None:
    """The harness itself: outputs that differ are told, by page and line, and ``...`` allows what it stands for."""
    page = tmp_path / "page.md"
    page.write_text(
        "```\n$ echo one; echo two\none\n...\n$ echo three\nfour\n```\n\n<!-- not run: never -->\n```\n$ false\n```\n"
        "\n```python\n1 + 1  # 3\nprint('x')  # x\n```\n\n    python -c 'raise SystemExit(3)'\n",
        "utf-8",
    )
    found = list(blocks(page))
    assert [(block.kind, block.reason) for block in found] == [
        *(("session", None), ("session", "never"), ("python", None), ("commands", None)),
    ]
    reader = Reader(tmp_path)
    wrong = [said for block in found if block.reason is None for said in reader.follow(block)]
    assert [said.split(": ")[0] for said in wrong] == ["page.md:2", "page.md:15", "page.md:19"]
    assert "four" in wrong[0]
    assert "said to be 3, and is 2" in wrong[1]
    assert "ends with 3" in wrong[2]
    assert matches("a ... c\n...", "a b c\nd\ne")
    assert not matches("a\n...\nz", "a\nb")
