"""Which optional install brings which module, and the one sentence that says so when it is missing."""

from __future__ import annotations

from collections.abc import Mapping

from proofgrid.errors import UserError

EXTRAS: Mapping[str, str] = {
    "aiohttp": "eval",
    "anthropic": "anthropic",
    "datasets": "lm-eval",
    "fastapi": "serve",
    "filelock": "eval",
    "genai_prices": "eval",
    "girth": "eval",
    "httpx": "serve",
    "httpx2": "eval",
    "inspect_ai": "inspect",
    "lm_eval": "lm-eval",
    "matplotlib": "eval",
    "nemo_gym": "nemo-gym",
    "numpy": "eval",
    "openai": "eval",
    "pandas": "eval",
    "pyarrow": "eval",
    "pydantic": "eval",
    "ray": "ray",
    "reasoning_gym": "reasoning-gym",
    "scipy": "eval",
    "uvicorn": "serve",
    "uvloop": "uvloop",
    "verifiers": "verifiers",
    "yaml": "eval",
    "zeus": "energy",
}
"""Importable module -> the extra of pyproject.toml that installs it."""


class MissingExtraError(UserError, ImportError):
    """Something was asked for that needs an extra which is not installed."""


def missing_extra(error: ImportError) -> MissingExtraError | None:
    """The sentence for a module of ours whose package is not installed; None for any other failed import."""
    module = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or module not in EXTRAS:
        return None
    return MissingExtraError(f"this needs {module}, which is not installed: pip install 'proofgrid[{EXTRAS[module]}]'")
