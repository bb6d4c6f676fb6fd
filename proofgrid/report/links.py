"""Links to answers: ``#model/item``, readable and shared by hand, with ``~attempt.round`` where it is not the first."""

from __future__ import annotations

from urllib.parse import quote


def answer_link(contestant: str, item: str, attempt: int = 0, round_: int = 0) -> str:
    """The fragment that opens an answer in the viewer. The page splits it at the last ``/``."""
    suffix = "" if attempt == 0 and round_ == 0 else f"~{attempt}.{round_}" if round_ else f"~{attempt}"
    return f"#{quote(contestant, safe='/:@.-_')}/{quote(item, safe='.-_')}{suffix}"
