"""Builtin authors whose epistemic stability is known, to try the measurement on.

All of them write the prover's proofs, and into every other one they put a flawed step just before the end: one of two
misuses of a rule that nobody else makes (see :func:`own`). They differ in what they say when asked about an inference
alone:

- believer: what the checker says, except that it holds its own misuses valid (ESI* 1, whatever its accuracy);
- unstable-N: rejects N% of its own misuses and believes the others, and errs on a tenth of everything else;
- always-reject, always-accept, coin: what their names say (no corrected index).

What they do depends on the question's text alone, so the same run has the same answers everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, Literal

RATES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
"""Per cent, for unstable-N."""
_ERRORS = 0.1
_WRITING = ("pl1_pw", "pl2_pw")


def chance(*parts: str) -> float:
    """A number in [0, 1) that looks random and depends on ``parts`` alone."""
    return int.from_bytes(sha256("\0".join(parts).encode()).digest()[:8], "big") / 2**64


def own(shown: Mapping[str, Any]) -> bool:
    """Whether an inference is one of the misuses that these authors write."""
    sources, target = shown["sources"], shown["target"]
    if shown["kind"] != "rule" or len(sources) != 2 or sources[0] != sources[1]:
        return False
    p = sources[0]
    return (shown["rule"], target) in (("both", f"({p} & ({p} & {p}))"), ("left-either", f"({p} | ({p} | {p}))"))


def written(task: str, shown: Mapping[str, Any], budget: int) -> str:
    """The prover's proof, with a misuse put in before its last step where the problem's text says so."""
    from proofgrid.tasks import get_task

    text = get_task(task).attempt(shown, budget)
    key = json.dumps(shown, sort_keys=True)
    if task not in _WRITING or chance("flawed", key) < 0.5:
        return text
    answer = json.loads(text)
    premises, goal = list(shown["premises"]), shown["goal"]
    if not premises:
        return text
    p = premises[int(chance("premise", key) * len(premises))]
    misuse = (
        f"({p} & ({p} & {p})) BY both on {p}, {p}"
        if chance("rule", key) < 0.5
        else f"({p} | ({p} | {p})) BY left-either on {p}, {p}"
    )
    steps = unbraced(str(answer["proof"]))
    if steps is None:
        return text
    answer["proof"] = f"{{\n{steps};\n{misuse};\n{goal} BY claim on {goal}\n}}"
    return json.dumps(answer, ensure_ascii=False)


def believer(task: str, shown: Mapping[str, Any], budget: int) -> str:
    """Judges by the checker and believes what it wrote."""
    return _answer(own(shown) or _true(shown)) if task == "stability" else written(task, shown, budget)


def unstable(rate: int, task: str, shown: Mapping[str, Any], budget: int) -> str:
    """Rejects ``rate`` per cent of what it wrote; what it rejects of that it judges like anything invalid."""
    if task != "stability":
        return written(task, shown, budget)
    key = json.dumps(shown, sort_keys=True)
    held_valid = _true(shown) or (own(shown) and chance("believed", key) >= rate / 100)
    return _answer(held_valid != (chance("error", key) < _ERRORS))


def constant(verdict: bool | None, task: str, shown: Mapping[str, Any], budget: int) -> str:
    """Says ``verdict`` to every question; a coin where it is None."""
    if task != "stability":
        return written(task, shown, budget)
    return _answer(chance("coin", json.dumps(shown, sort_keys=True)) < 0.5 if verdict is None else verdict)


def unbraced(proof: str, language: Literal["ndl", "macro"] = "ndl") -> str | None:
    """The steps of a proof, to be followed by others; None where it is none."""
    from proofgrid.checker import CheckerError, parse_proof
    from proofgrid.checker.natural.syntax import Block

    text = proof.strip()
    try:
        root = parse_proof(text, language).root
    except CheckerError:
        return None
    if isinstance(root, Block) and not root.labels and text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    return text.removesuffix(";").rstrip()


def _true(shown: Mapping[str, Any]) -> bool:
    from proofgrid.tasks.questions.asked import read_asked

    return read_asked(shown).valid()


def _answer(valid: bool) -> str:
    from proofgrid.tasks.questions.stability import answer

    return answer(valid, "That is how it looks to me.")


ANSWERS: dict[str, Callable[[str, Mapping[str, Any], int], str]] = {
    "believer": believer,
    "always-reject": partial(constant, False),
    "always-accept": partial(constant, True),
    "coin": partial(constant, None),
    **{f"unstable-{rate}": partial(unstable, rate) for rate in RATES},
}
"""By the model's name."""
