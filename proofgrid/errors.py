"""The exceptions of the command line and of evaluation.

ProofGridError
└── UserError            something its user can mend; the message is one sentence that says how
    ├── ModelSpecError   a model spec or models.yaml that cannot be used
    ├── ServerError      a model server that is down, died or did not become healthy
    └── RunError         a run folder that is missing, locked, of another version or of other items
"""

from __future__ import annotations


class ProofGridError(Exception):
    """Root of the package's exceptions."""


class UserError(ProofGridError):
    """Something its user can mend. ``exit_code`` is what the command line ends with."""

    exit_code = 2


class ModelSpecError(UserError):
    """A model spec or a models.yaml that cannot be used."""


class ServerError(UserError):
    """A model server that is down, died or did not become healthy."""


class RunError(UserError):
    """A run folder that is missing, locked, of another version or of other items."""
