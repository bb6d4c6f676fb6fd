"""Parts of a proof read alone: what fills a gap or a mask is read by itself, and cannot reach beyond its place.

Each is read through slips of syntax like a whole proof, and written back in the language exactly: no comment, bracket
or quote of it is left to meet one of the text around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from proofgrid.checker.errors import ProofSyntaxError
from proofgrid.checker.formulas import TRUE
from proofgrid.checker.limits import without_collections
from proofgrid.checker.natural.examine import written
from proofgrid.checker.natural.kinds import MISSING_BRACES
from proofgrid.checker.natural.lexer import blank_comments
from proofgrid.checker.natural.reading import Name, Reading, read_proof
from proofgrid.checker.natural.scope import are_plain_steps
from proofgrid.checker.natural.spelling import spelled_rule
from proofgrid.checker.natural.syntax import Block, Definition, From, Proof, RuleApplication, Term
from proofgrid.checker.places import plain_text

_AT_ONCE = 10_000
"""Characters of steps that are first looked at without a tree: most fillings are plain steps of one or two lines."""
_LAST = {"ndl": "claim on END", "macro": "END from END"}


@dataclass(frozen=True, slots=True)
class ReadAlone:
    """A part of a proof that was read, and the kinds of the slips that were read through."""

    kinds: tuple[str, ...]
    write: Callable[[], str]

    @property
    def text(self) -> str:
        """The part as it was read, in the language exactly."""
        return self.write()


def read_steps(text: str, language: Name = "ndl") -> ReadAlone:
    """One or several whole steps (a definition may be the last). Raises ProofSyntaxError where it is anything else."""
    inside = plain_text(text).strip().rstrip("; \n\t")
    if len(inside) <= _AT_ONCE and are_plain_steps(blank_comments(inside), language):
        return ReadAlone(kinds=(), write=lambda: read_steps_by_tree(inside, language).text)
    with without_collections(len(inside)):
        return read_steps_by_tree(inside, language)


def read_steps_by_tree(inside: str, language: Name) -> ReadAlone:
    """What :func:`read_steps` reads, by way of the tree. Raises as it does."""
    said = blank_comments(inside).rstrip()
    if not said.strip():
        raise ProofSyntaxError("there are no steps", 0)
    separator = "" if said.endswith(";") else ";\n"  # a remark may stand after the last step's own semicolon
    whole = f"{{\n{inside}\n{separator}{_LAST[language]}\n}}"
    reading = read_proof(whole, blank_comments(whole), language, (), TRUE, tolerant=True)
    root = reading.proof.root
    last = root.steps[-1] if isinstance(root, Block) else None
    ends = isinstance(last, RuleApplication | From) and last.end == len(whole) - 2 and not last.labels
    if any(repair.kind == MISSING_BRACES for repair in reading.repairs):
        raise ProofSyntaxError("these steps open or close a brace of what stands around them", 0)
    if not ends or root.start != 0 or not isinstance(root, Block) or len(root.steps) < 2:
        raise ProofSyntaxError("these are no whole steps", 0)
    assert last is not None
    return ReadAlone(
        kinds=tuple(repair.kind for repair in reading.repairs), write=partial(_steps_as_read, reading, last)
    )


def _steps_as_read(reading: Reading, last: Proof | Definition) -> str:
    """What stands between the braces, without the step that was added at the end."""
    with without_collections(last.start):
        before = [token for token in reading.tokens[1:-1] if token.start < last.start]
        return written(before[:-1])


def read_term(text: str) -> ReadAlone:
    """One formula or name. Raises ProofSyntaxError where it is anything else."""
    whole = f"claim on {' '.join(plain_text(text).split())}"
    if "#" in text or "{" in text or ";" in text:
        raise ProofSyntaxError("this is no formula or name", 0)
    reading = read_proof(whole, whole, "ndl", (), TRUE, tolerant=True)
    root = reading.proof.root
    if not isinstance(root, RuleApplication) or root.rule != "claim" or len(root.arguments) != 1 or root.labels:
        raise ProofSyntaxError("this is no formula or name", 0)
    (term,) = root.arguments
    if not isinstance(term, Term) or root.conclusion is not None:
        raise ProofSyntaxError("this is no formula or name", 0)
    return ReadAlone(kinds=tuple(repair.kind for repair in reading.repairs), write=lambda: term.text)


def read_rule(text: str) -> ReadAlone:
    """The name of one rule. Raises ProofSyntaxError where it is anything else."""
    plain = " ".join(plain_text(text).split()).strip('`"* ')
    rule = spelled_rule(plain.replace(" ", "-"))
    if rule is None:
        raise ProofSyntaxError(f"there is no rule '{plain[:40]}'", 0)
    return ReadAlone(kinds=() if rule == text else ("rule-spelling",), write=lambda: rule)
