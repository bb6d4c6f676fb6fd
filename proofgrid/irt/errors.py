"""The exceptions of the package.

IrtError (a ValueError)
├── ResponseError    a response matrix that cannot be used; the message names the row or column
├── EngineError      an engine that cannot fit these data, and which one can
└── BankError        an item bank that cannot be read or does not fit the responses
"""

from __future__ import annotations


class IrtError(ValueError):
    """Root of the package's exceptions. Every message is one sentence that says what to do."""


class ResponseError(IrtError):
    """A response matrix that cannot be used."""


class EngineError(IrtError):
    """An engine that cannot fit these data."""


class BankError(IrtError):
    """An item bank that cannot be read or does not fit the responses."""
