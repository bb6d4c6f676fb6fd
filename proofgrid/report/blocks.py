"""What a section of the report is made of: paragraphs, tables and plots, the same for HTML and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from proofgrid.report.tables import Table


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; ``warning`` sets it off as something to know before reading on."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure, drawn when the page is built; ``text`` says in words what it shows, for those who do not see it."""

    id: str
    title: str
    text: str
    draw: Callable[[], Figure]
    wide: bool = False
    """Half the page's width, not a third."""
    full: bool = False
    """The whole width."""
    folded: bool = False
    """Shown only when asked for: the same numbers stand in a table."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something told with the texts it quotes, and a link into the viewer."""

    title: str
    href: str
    parts: tuple[tuple[str, str], ...]
    """(label, text)."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks shown only when asked for: what goes further than the data carry, or repeats in detail."""

    id: str
    title: str
    blocks: tuple[Block, ...]


Block = Prose | Table | Plot | Case | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its blocks."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
    kicker: str = ""
    """A short line above the title."""
