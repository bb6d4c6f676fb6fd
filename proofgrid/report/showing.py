"""One item and its answers as lines for a terminal: what was given, the numbered proof, what the checker says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from proofgrid.checker.render import printable, render, render_failure
from proofgrid.glossary import plain_name
from proofgrid.report.proofs import chain_in, claimed_line, fault_in, proof_of, true_error
from proofgrid.report.text import visible
from proofgrid.report.verdicts import verdict_from
from proofgrid.tasks import Item, Score
from proofgrid.tasks.answers.repairs import REPAIRS
from proofgrid.tasks.outcomes import OUTCOMES

MOST_LINES = 400
"""Lines of a proof that are shown; of a longer one those around the failure."""
AROUND = 12


def given(item: Item) -> Iterator[str]:
    """What the item gives, as labelled lines; a proof that it shows comes with numbers, its error marked."""
    yield f"{item.id} ({item.task.upper().replace('_', '-')}, level {item.level})"
    yield ""
    blocks = []
    for key, value in sorted(item.shown.items(), key=lambda pair: pair[0] == "goal"):
        label = key.replace("_", " ")
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            singular = label.removesuffix("s")
            for number, text in enumerate(value, 1):
                yield f"  {f'{singular} {number}':<12} {printable(text)}"
        elif isinstance(value, str) and "\n" not in value:
            yield f"  {label:<12} {printable(value)}"
        elif isinstance(value, str):
            blocks.append((label, value))
        else:
            yield f"  {label:<12} {printable(json.dumps(value, ensure_ascii=False))}"
    error = true_error(item)
    for label, text in blocks:
        yield f"  {label}, as shown:"
        yield from numbered(text, error["line"] if error else 0)
        if error:
            yield f"    {printable(str(error['text']))}"


def numbered(text: str, at: int = 0) -> Iterator[str]:
    """Lines with their numbers, the one at ``at`` marked; of very many those around it, or the first."""
    lines = text.split("\n")
    first, last = 1, len(lines)
    if last > MOST_LINES:
        middle = min(max(at, AROUND + 1), last)
        first, last = (max(1, middle - AROUND), min(last, middle + AROUND)) if at else (1, MOST_LINES)
    width = len(str(last))
    if first > 1:
        yield f"    … {first - 1:,} lines before"
    for number in range(first, last + 1):
        yield f"  {'>' if number == at else ' '} {number:>{width}} | {printable(lines[number - 1])}".rstrip()
    if last < len(lines):
        yield f"    … {len(lines) - last:,} lines after"


def attempt(
    item: Item, who: str, text: str, score: Score, *, raw: bool = False, colour: bool = False, width: int | None = None
) -> Iterator[str]:
    """An answer: what became of it, its proof as the checker read it, verdict, fixes, where in the text it stood."""
    row = OUTCOMES[score.outcome]
    credit = f", {score.points:g} points" if 0 < score.points < 1 else ""
    strict = ", not in the strict language" if score.outcome == "correct" and not score.strict else ""
    yield f"{row.mark} {visible(who)}: {score.outcome.replace('_', ' ')}{strict}{credit}"
    if raw:
        yield from ("", "The raw answer:", *text.rstrip().split("\n")) if text else ("", "The answer is empty.")
        return
    answer = score.answer
    verdict = verdict_from(score.verdict)
    failure = verdict.failure if verdict is not None else None
    fault = fault_in(item, answer) if verdict is None and score.outcome != "correct" else None
    proof = proof_of(item, answer, text)
    if proof:
        yield ""
        placed = failure if verdict is None or verdict.language != "equational" or chain_in(item, answer) else None
        at = placed or fault
        yield from numbered(proof, at.line if at is not None else 0)
    elif text:
        yield ""
        yield from (f"    {printable(line)}" for line in text.rstrip().split("\n")[:40])
        if text.count("\n") > 40:
            yield "    … (--raw shows all)"
    if verdict is not None:
        yield ""
        yield from (
            f"  {line}".rstrip() for line in render(verdict, colour=colour, width=width and width - 2).split("\n")
        )
        if failure is not None:
            yield f"  that is: {plain_name(failure.kind)} (proofgrid explain {failure.kind})"
        if verdict.paper_only:
            yield from _wrapped(
                "the profile `paper` accepts this answer; no score does (proofgrid explain paper)", width
            )
    elif fault is not None:
        yield ""
        yield from (f"  {line}".rstrip() for line in render_failure(fault, colour=colour, width=width and width - 2))
    elif score.feedback:
        yield ""
        yield from _wrapped(printable(score.feedback), width)
    line = claimed_line(item, answer)
    if line:
        yield f"  it says that the first error is in line {line}"
    if score.repairs:
        said = [REPAIRS.get(name, name) for name in score.repairs]
        yield from _wrapped("read past: " + "; ".join(map(printable, said)), width)
    if isinstance(answer, str) and (place := where(answer, text)):
        yield from _wrapped(place, width)


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None:
        return [f"  {text}"]
    return wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def where(answer: str, text: str) -> str:
    """Where in the raw text the answer stood; nothing where it is all of it, or was put together from parts."""
    body = answer.strip()
    if not body or body == text.strip():
        return ""
    at, length = text.find(body), len(body)
    if at < 0:
        escaped = json.dumps(body, ensure_ascii=False)[1:-1]
        at, length = text.find(escaped), len(escaped)
    if at < 0:
        escaped = json.dumps(body)[1:-1]
        at, length = text.find(escaped), len(escaped)
    if at < 0:
        return ""
    first, last = text.count("\n", 0, at) + 1, text.count("\n", 0, at + length) + 1
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    return f"stood in {lines} of {text.count(chr(10)) + 1} of the raw answer (--raw shows it)"


def facts(completion: Mapping[str, Any]) -> str:
    """Tokens, seconds, cost and joules of an answer in one line."""
    parts = []
    if completion.get("completion_tokens") is not None:
        parts.append(f"{completion['completion_tokens']:,} tokens")
    if completion.get("seconds") is not None:
        parts.append(f"{completion['seconds']:.1f} s")
    if completion.get("cost"):
        parts.append(f"${completion['cost']:.4g}")
    if completion.get("joules") is not None:
        parts.append(f"{completion['joules']:.4g} J")
    return ", ".join(parts)
