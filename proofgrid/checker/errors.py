"""The exceptions of the checker.

CheckerError
├── FormulaSyntaxError   a text that should be one formula is not (carries the offset)
├── TermSyntaxError      a text that should be one term is not (carries the offset)
├── ProblemSyntaxError   a problem line cannot be read
└── ProofSyntaxError     a text that should be a proof is not (from parse_proof; carries the offset)

For ``check`` a proof that cannot be read is no exception: it is a Verdict whose failure says where.
"""

from __future__ import annotations


class CheckerError(Exception):
    """Root of the package's exceptions."""


class FormulaSyntaxError(CheckerError, ValueError):
    """A formula cannot be read; ``offset`` is the 0-based position in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class TermSyntaxError(CheckerError, ValueError):
    """A term cannot be read; ``offset`` is the 0-based position in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class ProblemSyntaxError(CheckerError, ValueError):
    """A problem cannot be read."""


class ProofSyntaxError(CheckerError, ValueError):
    """A proof cannot be read; ``offset`` is 0-based, ``expected`` the terminals of the grammar that would fit."""

    def __init__(self, message: str, offset: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.offset = offset
        self.expected = expected
