"""The pages that are made from the program are in step with it, and the site builds without a warning."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import proofgrid

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = script("generate")


@pytest.mark.parametrize("name", generate.PAGES)
def test_generated_pages_say_what_the_program_says(name: str) -> None:
    """The reference and the gallery are what `python docs/generate.py` writes today."""
    assert (ROOT / "docs" / name).read_text("utf-8") == generate.PAGES[name](), "run: python docs/generate.py"


def test_the_gallery_holds_ten_failures_of_different_kinds() -> None:
    """Ten proofs that fail, in three languages, by seven kinds of failure or more, slips and fallacies among them."""
    text = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    kinds = re.findall(r"^error\[(\w+)\]", text, re.MULTILINE)
    assert len(kinds) == 10
    assert len(set(kinds)) >= 7
    assert "= slip:" in text
    assert "= fallacy:" in text
    assert "strictly correct" not in text


def test_the_four_languages_have_the_same_headings() -> None:
    """A reader who knows one page finds everything on the others."""
    pages = sorted((ROOT / "docs" / "languages").glob("*.md"))
    heads = {tuple(re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)) for page in pages}
    assert len(pages) == 4
    assert len(heads) == 1


def test_the_api_page_has_every_public_name() -> None:
    """What ``import proofgrid`` gives stands on the page about it, but for the constant."""
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    listed = re.findall(r"^::: proofgrid\.[\w.]*?(\w+)$", page, re.MULTILINE)
    assert sorted([*listed, "TASK_IDS"]) == sorted(proofgrid.__all__)


def test_every_page_is_in_the_navigation() -> None:
    """What is written can be found: each page of docs/ and each room's page stands in the site's navigation, once."""
    site = script("site")
    listed = re.findall(r'"([\w/-]+\.md)"', site.configuration())
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert sorted(listed) == sorted(pages | set(site.ROOMS.values()))


def test_links_are_rewritten_for_the_site() -> None:
    """Links among pages stay, links to rooms lead to their pages, others lose their target; code stays."""
    site = script("site")
    page = ROOT / "docs" / "how-to" / "reward.md"
    text = "[a](../trust.md#top) [b](../../proofgrid/checker/README.md) [c](../../Makefile) `[d](../../Makefile)`"
    assert site.rewritten(text, page) == "[a](../trust.md#top) [b](../rooms/checker.md) c `[d](../../Makefile)`"
    assert site.rewritten("| `a \\| b` |", page) == "| <code>a &#124; b</code> |"
    assert site.rewritten("[e](nowhere.md)", page) == "[e](nowhere.md)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The site, built strictly, and what the build said."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "site.py"), str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "site", done.stdout + done.stderr


def test_the_site_builds_without_a_warning(built: tuple[Path, str]) -> None:
    """The strict build ends well; the API page has the docstrings, and no page asks another server for anything."""
    site, said = built
    assert "No issues found" in said
    api = (site / "reference" / "api.html").read_text("utf-8")
    assert 'id="proofgrid.checker.check"' in api
    assert 'id="proofgrid.irt.fit_2pl"' in api
    assert not re.search(r":(func|class|meth|data):", api), "docstrings' roles are for readers of the source"
    for page in site.rglob("*.html"):
        fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"', page.read_text("utf-8"))
        assert not fetched, page
