"""The Pythons of this machine that the package supports."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MINORS = range(11, 15)
"""Of Python 3: what ``requires-python`` in pyproject.toml allows."""


def installed() -> dict[str, Path]:
    """Version ("3.12") -> an interpreter that runs and can make virtual environments; from the path and from pyenv."""
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = {}
    for minor in MINORS:
        name = f"python3.{minor}"
        candidates = [shutil.which(name), *(str(path) for path in sorted(versions.glob(f"3.{minor}.*/bin/{name}")))]
        for candidate in filter(None, candidates):
            if subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
                found[f"3.{minor}"] = Path(candidate)
                break
    return found
