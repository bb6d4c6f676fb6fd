"""What is written leads somewhere: every link between the project's pages, and every section that is cited."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CITED = re.compile(r"docs/spec\.md,\s+(?:#\s+)?sections?\s+(?:#\s+)?([0-9]+(?:\.[0-9]+)?)")


def tracked(*suffixes: str) -> list[Path]:
    """Files of the project with one of the endings, links to rooms left out."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith(suffixes) and (ROOT / name).is_file()]


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings can be linked by, as GitHub and site generators make them."""
    made = set()
    for heading in re.findall(r"^#+ +(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        made.add(re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-"))
    return made


def links() -> Iterator[tuple[Path, str]]:
    """Every relative link of every page."""
    for page in tracked(".md"):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in LINK.findall(text):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def test_links_lead_somewhere() -> None:
    """A relative link names a file of the project, and a fragment one of its headings."""
    wrong = []
    found = list(links())
    assert len(found) > 20
    for page, target in found:
        name, _, fragment = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (fragment and path.suffix == ".md" and fragment not in anchors(path)):
            wrong.append(f"{page.relative_to(ROOT)}: {target}")
    assert not wrong, "\n".join(wrong)


def test_cited_sections_exist() -> None:
    """Every section of docs/spec.md that a docstring, comment or page cites is a heading there."""
    spec = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ ([0-9]+(?:\.[0-9]+)?)", spec, re.MULTILINE))
    cited = {
        (path.relative_to(ROOT), section)
        for path in tracked(".py", ".md", ".lark")
        for section in CITED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(cited) > 10
    wrong = [f"{path}: section {section}" for path, section in sorted(cited) if section not in sections]
    assert not wrong, "\n".join(wrong)


def test_nothing_cites_what_is_not_here() -> None:
    """No page or docstring sends its reader to a SPEC that is not in the project."""
    wrong = [
        str(path) for path in tracked(".py", ".md") if re.search(r"\bSPEC [0-9]", path.read_text(encoding="utf-8"))
    ]
    assert wrong in ([], [str(Path(__file__))])
