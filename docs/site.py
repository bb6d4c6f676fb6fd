"""Builds the documentation as a site: ``python docs/site.py OUT`` leaves OUT/site/index.html (``make docs``).

Pages are those of docs/ and the README of each room, staged into one tree: links among them are rewritten, links to
other files of the project lose their target (the site stands alone). Zensical builds it, strictly: a link that leads
nowhere ends the build. The API is read from the docstrings by mkdocstrings. Nothing is fetched, neither here nor by
the pages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "proofgrid/checker/README.md": "rooms/checker.md",
    "proofgrid/tasks/README.md": "rooms/tasks.md",
    "proofgrid/irt/README.md": "rooms/irt.md",
    "runs/README.md": "rooms/runs.md",
    "README.md": "rooms/readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
"""Pages that live outside docs/, and where they stand in the site."""
PROJECT = '  { "Project" ='
"""Where the navigation's last part begins."""
ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):(?=<code>)")
"""How a docstring names another object; the page shows the name alone."""
CODE = re.compile(r"`([^`\n]*\\\|[^`\n]*)`")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]*)(#[^)\s]*)?\)")


def staged(source: Path) -> Path | None:
    """Where a file of the project stands in the site, if it does."""
    name = source.relative_to(ROOT).as_posix()
    if name in ROOMS:
        return Path(ROOMS[name])
    docs = ROOT / "docs"
    return source.relative_to(docs) if source.is_relative_to(docs) and source.suffix not in (".py", ".toml") else None


def rewritten(text: str, source: Path) -> str:
    """A page's text with its links as they are in the site; code stays as it is."""
    here = staged(source)

    def link(found: re.Match[str]) -> str:
        image, label, target, fragment = found[1], found[2], found[3], found[4] or ""
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        aim = Path(os.path.normpath(source.parent / target))
        aim = aim / "README.md" if (aim / "README.md").is_file() else aim
        there = staged(aim) if aim.is_relative_to(ROOT) and aim.is_file() else None
        if there is None or here is None:
            return found[0] if not aim.exists() else label  # a link to nowhere is for the strict build to tell
        return f"{image}[{label}]({os.path.relpath(there, here.parent)}{fragment})"

    text = re.sub(r"^\|.*$", lambda line: CODE.sub(_cell_code, line[0]), text, flags=re.MULTILINE)
    parts = re.split(r"(^```.*?^```|`[^`\n]+`(?!\]))", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("`") else LINK.sub(link, part) for part in parts)


def _cell_code(found: re.Match[str]) -> str:
    """Code in a table's cell whose bars are escaped, as GitHub wants it and Python-Markdown does not."""
    return "<code>" + escape(found[1].replace("\\|", "|")).replace("|", "&#124;") + "</code>"


def configuration() -> str:
    """The site's configuration; pages that its navigation does not list are put under More."""
    docs = ROOT / "docs"
    text = (docs / "zensical.toml").read_text("utf-8")
    pages = sorted(page.relative_to(docs).as_posix() for page in docs.rglob("*.md"))
    more = [page for page in pages if f'"{page}"' not in text]
    return text.replace(PROJECT, f'  {{ "More" = {json.dumps(more)} }},\n{PROJECT}') if more else text


def stage(out: Path) -> None:
    """Copy every page and picture into ``out``/docs."""
    shutil.rmtree(out, ignore_errors=True)
    docs = ROOT / "docs"
    for source in [*docs.rglob("*"), *(ROOT / name for name in ROOMS)]:
        there = staged(source) if source.is_file() else None
        if there is None or there.suffix == ".yaml":
            continue
        aim = out / "docs" / there
        aim.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".md":
            aim.write_text(rewritten(source.read_text("utf-8"), source), "utf-8")
        else:
            shutil.copyfile(source, aim)
    (out / "zensical.toml").write_text(configuration(), "utf-8")


def main() -> int:
    """Stage and build; the exit status is Zensical's."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python docs/site.py OUT\n")
        return 2
    out = Path(sys.argv[1]).resolve()
    stage(out)
    program = Path(sys.executable).with_name("zensical")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = subprocess.run([program, "build", "--strict"], cwd=out, env=environment, check=False).returncode
    for page in (out / "site").rglob("*.html"):
        page.write_text(ROLE.sub("", page.read_text("utf-8")), "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
