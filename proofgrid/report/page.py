"""Putting a page together: template, style, script, and the hashes of them that its policy lets in, no others."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from proofgrid.checker.counting import count
from proofgrid.report.blocks import Block, Plot
from proofgrid.report.board import Board
from proofgrid.report.drawing import narrowed
from proofgrid.report.leaderboard import groups, level_views, sizes
from proofgrid.report.links import answer_link
from proofgrid.report.names import shortened
from proofgrid.report.packing import FILE_BYTES, PAGE_BYTES, Packed, Sink, pack
from proofgrid.report.provenance import provenance, served_changes
from proofgrid.report.sections import Contents, contents
from proofgrid.report.svg import inline_svg
from proofgrid.report.terms import anchor, entry_of, used
from proofgrid.report.text import utf8, visible

log = logging.getLogger(__name__)
SCRIPTS = ("core.js", "tables.js", "board.js", "highlight.js", "viewer.js", "trying.js", "answers.js", "route.js")


@dataclass(frozen=True, slots=True)
class Live:
    """What a page that is served is written with."""

    seconds: float
    """Between its questions whether there is more."""
    version: str
    """Of the run that it shows."""
    key: str = ""
    """What its requests for the score of an edited answer bring."""


def build_page(
    board: Board,
    title: str,
    folder: str,
    sink: Sink,
    *,
    live: Live | None = None,
    page_bytes: int = PAGE_BYTES,
    file_bytes: int = FILE_BYTES,
) -> bytes:
    """Compute and render everything; answers that do not fit into the page go to ``sink`` as files.

    ``folder`` is the address of the folder of those files, relative to the page. ``live`` is what a served page
    needs to ask its server.
    """
    press = _Press(board, title, folder, live)
    sections = contents(board, with_irt=live is None)
    bare = press.render(sections, Packed({}, {}))
    return press.render(sections, pack(board, page_bytes - len(bare) - _index_size(board), sink, file_bytes))


def _index_size(board: Board) -> int:
    return (
        20_000
        + 60 * len(board.items)
        + len(board.contestants) * (2 * len(board.items) + 300)
        + 40 * len(board.attempts)
    )


@dataclass(frozen=True)
class _Press:
    """What both renderings of a page share: it is rendered once to be weighed and once for good."""

    board: Board
    title: str
    folder: str
    live: Live | None
    drawer: _Drawer = field(default_factory=lambda: _Drawer(), repr=False)

    def render(self, sections: Contents, packed: Packed) -> bytes:
        """The page. Only where answers lie beside it may its script load others, by an address it makes itself."""
        css, js = _static()
        policy = {
            "default-src": "'none'",
            "style-src": f"'sha256-{_digest(css)}'",
            "script-src": f"'sha256-{_digest(js)}'" + (" 'strict-dynamic'" if packed.files else ""),
            "img-src": "data:",
            "connect-src": "'self'" if self.live is not None else "'none'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "proofgrid-answers" if packed.files else "'none'",
        }
        data: list[tuple[str, Any]] = [
            (
                "board",
                {
                    "version": self.live.version if self.live else "",
                    "key": self.live.key if self.live else "",
                    "views": level_views(self.board),
                    "order": list(self.board.order),
                },
            ),
            ("files", {"folder": self.folder, "names": list(packed.files)}),
        ]
        if packed.index:
            data.append(("index", packed.index))
        nav = [("leaderboard", "Leaderboard")]
        nav += [("seeds", "Seeds")] if sections.seeds else []
        nav += [("pairs", "Who is better")] if sections.pairs else []
        nav += [("constrained", "Free and constrained")] if sections.constrained else []
        nav += [("comparison", "What changed")] if sections.comparison else []
        nav += [("failures", "Where proofs fail")] if sections.failures else []
        nav += [("answers", "Answers"), ("tasks", "Tasks"), ("irt", "Item response")]
        nav += [("stability", "Stability")] if sections.stability else []
        terms = used(self.board, sections.sections)
        nav += [("glossary", "Words")] if terms else []
        html = (
            _environment()
            .get_template("page.html.j2")
            .render(
                csp="; ".join(f"{k} {v}" for k, v in policy.items()),
                css=Markup(css),
                js=Markup(js),
                title=visible(self.title),
                live=self.live.seconds if self.live else None,
                contents=sections,
                nav=nav,
                tasks=self.board.tasks,
                levels=self.board.levels,
                groups=groups(self.board),
                sizes=sizes(self.board),
                chance=any(t.chance for t in self.board.tasks),
                firsts=_firsts(self.board),
                brief=_brief([row.name for row in sections.rows]),
                facts=provenance(self.board),
                terms=terms,
                notices=_notices(self.board),
                draw=self.drawer,
                data=[(k, Markup(_script_json(v))) for k, v in data],
                chunks=[(i, Markup(text)) for i, text in sorted(packed.chunks.items())],
                version=_version(),
                beside=self.folder if packed.files else "",
            )
        )
        return utf8(html)


class _Drawer:
    """Draws each plot as inline SVG, once: the report is rendered twice, to be weighed and for good."""

    def __init__(self) -> None:
        self.drawn: dict[str, Markup] = {}

    def __call__(self, plot: Plot) -> Markup:
        if plot.id not in self.drawn:
            try:
                figure = plot.draw()
                drawn = inline_svg(figure, f"f-{plot.id}", plot.title, plot.text)
                if (plot.wide or plot.full) and narrowed(figure):
                    narrow = inline_svg(figure, f"f-{plot.id}-n", plot.title, plot.text)
                    drawn = f'<div class="n-wide">{drawn}</div><div class="n-narrow">{narrow}</div>'
            except Exception as error:  # a figure that cannot be drawn does not take the page with it
                log.warning("the figure '%s' could not be drawn", plot.id, exc_info=True)
                drawn = escape(f"This figure could not be drawn ({type(error).__name__}: {error}).")
            self.drawn[plot.id] = Markup(drawn)
        return self.drawn[plot.id]


WIDE, NARROW = 40, 30
"""Characters of a model's name on the leaderboard: two lines on a screen, three on a telephone's."""


def _brief(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Each name in at most WIDE and at most NARROW characters, distinct where the names are."""
    return dict(zip(names, zip(shortened(names, WIDE), shortened(names, NARROW), strict=True), strict=True))


def _firsts(board: Board) -> dict[int, str]:
    """For each contestant a link to its first wrong answer (or first answer)."""
    out: dict[int, str] = {}
    first = board.first.sort_values(["task", "item"], kind="stable")
    for who, name in enumerate(board.contestants):
        mine = first[first["who"] == who]
        wrong = mine[mine["solved"] == 0]
        rows = wrong if len(wrong) else mine
        out[who] = answer_link(name, str(rows["item"].iloc[0])) if len(rows) else "#leaderboard"
    return out


def _notices(board: Board) -> list[str]:
    """What a reader has to know first: unfinished coverage and answers that never came."""
    out = []
    expected = len(board.items)
    short = []
    for who, name in enumerate(board.contestants):
        run = board.runs[board.of_run[who]]
        seen = board.first.loc[board.first["who"] == who, "item"].nunique()
        if seen < len([p for p in run.items.values() if p.id in board.items]):
            short.append(f"{board.brief[name]} ({seen} of {expected})")
    if short:
        shown = ", ".join(short[:5]) + (f" and {len(short) - 5} more" if len(short) > 5 else "")
        out.append(visible(f"Not all items are answered yet: {shown}. Figures are those of the answers there are."))
    out += [visible(line) for line in served_changes(board)]
    failed = int((board.first["outcome"] == "api_error").sum())
    if failed:
        out.append(
            f"{count(failed, 'request')} brought no answer (api errors): missing values, not wrong answers. "
            "The same command with --retry-errors asks again."
        )
    return out


def _script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it closes the element or opens a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _static() -> tuple[str, str]:
    folder = files("proofgrid.report") / "static"
    css = (folder / "report.css").read_text(encoding="utf-8").strip()
    script = "\n".join((folder / name).read_text(encoding="utf-8").strip() for name in SCRIPTS)
    return css, f'(() => {{\n"use strict";\n{script}\n}})();'


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode("ascii")


@cache
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("proofgrid.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["visible"] = lambda text: visible(str(text))
    env.filters["breakable"] = lambda text: Markup("/<wbr>").join(visible(str(text)).split("/"))
    env.filters["runs"] = _runs
    env.filters["entry"] = entry_of
    env.filters["anchor"] = anchor
    env.filters["coded"] = _coded
    env.filters["exact"] = lambda value: f"{value:.6g}" if isinstance(value, float) else value
    return env


def _coded(text: str) -> Markup:
    """The glossary's text with what stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        escape(p) if i % 2 == 0 else Markup("<code>{}</code>").format(p) for i, p in enumerate(parts)
    )


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks one by one, except that neighbouring plots of one width stand together in a row."""
    out: list[list[Block]] = []
    for block in blocks:
        last = out[-1][-1] if out else None
        alike = isinstance(block, Plot) and isinstance(last, Plot) and not block.folded and not last.folded
        if alike and (block.wide, block.full) == (last.wide, last.full):  # type: ignore[union-attr]
            out[-1].append(block)
        else:
            out.append([block])
    return out


def _version() -> str:
    try:
        return version("proofgrid")
    except PackageNotFoundError:
        return ""
