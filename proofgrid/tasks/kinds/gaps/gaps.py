"""Cutting gaps into a proof, and putting steps in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from random import Random

from proofgrid.checker import CheckerError, ProofSyntaxError, parse_proof
from proofgrid.checker.natural.alone import ReadAlone, read_steps
from proofgrid.checker.natural.lexer import blank_comments
from proofgrid.checker.natural.syntax import Block, Definition, RuleApplication
from proofgrid.tasks.making.mutations import splice

GAP = re.compile(r"GAP-(?<![A-Za-z0-9_'-]GAP-)(\d+)(?![A-Za-z0-9_'-])")
"""A gap. What it begins with comes first, before what must not stand before it: that is found ten times as fast."""

_HYPOTHESIS = re.compile(r"(?<![\w'-])(?:assume|suppose-absurd)(?![\w'-])")
_PLAIN = re.compile(r"[\w\s(){};:=~&|<>,'-]*", re.ASCII)
_SHORT = 10_000
_FORMULA = re.compile(r"\(|(?:true|false|[A-Z][0-9]*(?:_[0-9]+)*)\Z")


def cut(
    proof: str,
    share: tuple[float, float],
    count: tuple[int, int],
    rng: Random,
    *,
    longest: int = 4,
    shuffled: bool = False,
) -> tuple[str, dict[str, str]] | None:
    """A proof with gaps and what they hide, or None where this draw missed the wanted numbers.

    ``share`` bounds the share of the characters that is hidden, ``count`` the number of gaps, ``longest`` the steps of
    one gap. Gaps are numbered in text order, or with holes and in any order where ``shuffled``.
    """
    runs: list[tuple[int, int]] = []
    most = share[1] * len(proof)
    for node in parse_proof(proof).walk():
        if isinstance(node, Block):
            for first in range(len(node.steps)):
                for last in range(first, min(first + longest, len(node.steps))):
                    if isinstance(node.steps[last], Definition):
                        continue
                    span = (node.steps[first].start, closed(proof, node.steps[first].start, node.steps[last].end))
                    if span[1] - span[0] <= max(most / max(1, count[0]), 12) * 1.5:
                        runs.append(span)
    rng.shuffle(runs)
    if rng.random() < 0.5:
        runs.sort(key=lambda span: -((span[1] - span[0]) // 200))
    taken: list[tuple[int, int]] = []
    hidden = 0
    wanted = rng.uniform(*share) * len(proof)
    for start, end in runs:
        if hidden >= wanted or len(taken) == count[1]:
            break
        if hidden + end - start <= most and all(_apart(proof, (start, end), other) for other in taken):
            taken.append((start, end))
            hidden += end - start
    if not (share[0] * len(proof) <= hidden and count[0] <= len(taken) <= count[1]):
        return None
    taken.sort()
    numbers = list(range(1, len(taken) + 1))
    if shuffled:
        numbers = rng.sample(range(1, len(taken) + len(taken) // 3 + 2), len(taken))
    edits = [(start, end, f"GAP-{n}") for (start, end), n in zip(taken, numbers, strict=True)]
    hidden_steps = {f"GAP-{n}": proof[a:b] for (a, b), n in zip(taken, numbers, strict=True)}
    return without_hints(splice(proof, edits)), hidden_steps


def closed(proof: str, start: int, end: int) -> int:
    """The end of a span of steps with the parentheses that it opened; a step ends before that of its last argument."""
    seen = blank_comments(proof)
    left = seen.count("(", start, end) - seen.count(")", start, end)
    while left > 0:
        end = seen.index(")", end) + 1
        left -= 1
    return end


def without_hints(skeleton: str) -> str:
    """The skeleton without the remarks right above its gaps: they are about what the gaps hide, and often name it."""
    kept: list[str] = []
    for line in skeleton.split("\n"):
        if GAP.search(blank_comments(line)):
            while kept and (kept[-1].lstrip().startswith("#") or not kept[-1].strip()):
                kept.pop()
        kept.append(line)
    return "\n".join(kept)


def _apart(proof: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans are disjoint with more than a semicolon between them (else they would be one gap)."""
    if one[0] > other[0]:
        one, other = other, one
    return one[1] < other[0] and bool(re.search(r"[^\s;]", blank_comments(proof[one[1] : other[0]])))


def gap_names(proof: str) -> list[str]:
    """The gaps of a proof in text order."""
    return list(dict.fromkeys(match[0] for match in GAP.finditer(blank_comments(proof))))


def _alone(steps: str) -> ReadAlone | None:
    """Steps read alone; None if they are no steps. The last short ones are remembered."""
    return _remembered(steps) if len(steps) <= _SHORT else _read_alone(steps)


def _read_alone(steps: str) -> ReadAlone | None:
    try:
        return read_steps(steps)
    except CheckerError:
        return None


_remembered = lru_cache(maxsize=512)(_read_alone)


@lru_cache(maxsize=512)
def clean(steps: str) -> str | None:
    """Steps as they can stand in a gap; None if they are not one or several whole steps.

    They are read alone, so nothing in them (an open remark, bracket or block) reaches what stands around the gap. What
    is in the language to the letter stays as it is, but for remarks and final semicolons; anything else is written back
    as it was read. They may hold no gap, and a hypothesis must bring its own braces.
    """
    plain = "\n".join(line.rstrip() for line in blank_comments(steps.replace("\r", "")).split("\n") if line.strip())
    plain = plain.strip().rstrip("; \n\t")
    alone = _alone(steps)
    if alone is None:
        return None
    text = plain if not alone.kinds and _PLAIN.fullmatch(plain) else alone.text
    return None if GAP.search(text) or _lacks_a_block(text) else text


def _lacks_a_block(steps: str) -> bool:
    """Whether a hypothesis has no block: the tolerant checker would put what stands after the gap into it."""
    for step in re.split("[;}]", blank_comments(steps).lower()):
        outside = step.rpartition("{")[2]
        if ("assume" in outside or "suppose-absurd" in outside) and _HYPOTHESIS.search(outside):
            return True
    return False


def slips(steps: str) -> tuple[str, ...]:
    """The kinds of the slips of syntax that reading ``steps`` alone passed over; none if they are no steps."""
    alone = _alone(steps)
    return () if alone is None else alone.kinds


def fill(proof: str, fillings: Mapping[str, str]) -> str:
    """The proof with gaps replaced by whole token; a gap without admissible steps stays."""
    return place(proof, {name: steps for name, text in fillings.items() if (steps := clean(text)) is not None})


def place(proof: str, cleaned: Mapping[str, str]) -> str:
    """The proof with gaps replaced by steps as :func:`clean` gives them, which need not be read again."""
    plain = blank_comments(proof)
    edits = [(match.start(), match.end(), cleaned[match[0]]) for match in GAP.finditer(plain) if match[0] in cleaned]
    return splice(proof, edits)


def definitions(steps: str) -> dict[str, str]:
    """Formulas that announced steps of a filling give to names (name -> formula as written)."""
    cleaned = clean(steps)
    if cleaned is None or ":=" not in cleaned:
        return {}
    try:
        parsed = parse_proof("{\n" + cleaned + "\n}")
    except ProofSyntaxError:
        return {}
    return {
        label.text: node.conclusion.text
        for node in parsed.walk()
        if isinstance(node, RuleApplication) and node.conclusion is not None and _FORMULA.match(node.conclusion.text)
        for label in node.labels
    }
