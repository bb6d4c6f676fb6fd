"""Keeping secrets out of files, logs and messages: every text that may quote a server passes through here.

Keys are read from the environment where a request is made and are stored nowhere; what this module knows of them is
which environment variables hold them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

_SECRET_NAME = re.compile(r"(?:API_?KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)$")
_LOOKS_SECRET = re.compile(
    r"(?i)(bearer\s+|basic\s+|x-api-key['\"]?\s*[:=]\s*['\"]?|api[-_ ]?key\s*[:=]\s*['\"]?)"
    r"(?!\[redacted\])[^\s'\",;)}\]]{6,}"
    r"|\bsk-[A-Za-z0-9_\-*]{8,}|\b(?:hf|gsk|xai)[-_][A-Za-z0-9]{16,}"
)
MASK = "[redacted]"


def secret_values(names: Iterable[str] = ()) -> tuple[str, ...]:
    """The values of the environment variables in ``names`` and of those named like a secret; longest first."""
    found = {
        value: None
        for name, value in os.environ.items()
        if len(value) >= 8 and (name in set(names) or _SECRET_NAME.search(name.upper()))
    }
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


class Redactor:
    """Replaces secrets in texts. ``prose`` also masks what merely looks like one: for messages, not for answers."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._values = secret_values(names)

    def exact(self, text: str) -> str:
        """``text`` with every known secret masked."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return text

    def within(self, value: Any) -> Any:
        """A JSON value with every known secret masked in its texts."""
        if isinstance(value, str):
            return self.exact(value)
        if isinstance(value, list):
            return [self.within(part) for part in value]
        if isinstance(value, dict):
            return {self.exact(str(name)): self.within(part) for name, part in value.items()}
        return value

    def prose(self, text: str, limit: int = 500) -> str:
        """An error message with secrets, and what looks like one, masked; at most ``limit`` characters, on one line."""
        text = _LOOKS_SECRET.sub(lambda match: (match[1] or "") + MASK, self.exact(text))
        text = " ".join(text.split())
        return text if len(text) <= limit else text[: limit - 1] + "…"
