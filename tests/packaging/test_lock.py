"""The lock file of continuous integration fits what the project asks for, and every package is held by its hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / ".ci" / "requirements.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def pins() -> dict[str, list[tuple[Version, int]]]:
    """Version and number of hashes of each package; it may have one version for some Pythons, one for others."""
    found: dict[str, list[tuple[Version, int]]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCK):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry):
            row = Version(match[2]), entry.count("--hash=sha256:")
            found.setdefault(canonicalize_name(match[1]), []).append(row)
    return found


def asked(extra: str | None) -> Iterator[Requirement]:
    """What the project, or one of its extras, asks for; an extra of our own is followed."""
    for text in PROJECT["dependencies"] if extra is None else PROJECT["optional-dependencies"][extra]:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            for inner in requirement.extras:
                yield from asked(inner)
        else:
            yield requirement


def test_every_dependency_is_pinned_as_asked() -> None:
    """`make lock` was run after the last change of pyproject.toml."""
    known = pins()
    for requirement in [*asked(None), *asked("dev")]:
        versions = [version for version, _ in known.get(canonicalize_name(requirement.name), [])]
        assert versions, f"{requirement} is not in .ci/requirements.txt: make lock"
        for version in versions:
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: {version} is pinned"


def test_every_pin_has_hashes_and_no_host() -> None:
    """No package can be another than the one that was tested, and any index may serve it."""
    assert len(pins()) > 100
    assert [name for name, rows in pins().items() for _, hashes in rows if not hashes] == []
    assert not re.search(r"https?:|file:|--(?:extra-)?index-url|--find-links", LOCK)
