"""From a configuration to an adapter."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from proofgrid.errors import ModelSpecError
from proofgrid.models.base import Model
from proofgrid.models.config import ModelConfig


def make_model(
    config: ModelConfig,
    submit: Callable[..., Future[Any]],
    folder: Path,
    say: Callable[[str], None] = lambda _line: None,
) -> Model:
    """The adapter for a configuration. ``submit`` runs a function in a worker process;
    ``folder`` receives a vLLM server's log, ``say`` its progress lines.

    Raises ModelSpecError where a key or an optional package is missing.
    """
    if config.api == "builtin":
        from proofgrid.models.builtin import BuiltinModel

        return BuiltinModel(config, submit)
    config.api_key()
    if config.api == "vllm" and config.base_url is None:
        from proofgrid.models.vllm import ServedByVLLM

        return ServedByVLLM(config, folder, say)
    if config.api == "anthropic":
        try:
            from proofgrid.models.anthropic_native import AnthropicNative
        except ImportError as error:
            raise ModelSpecError(
                f"{config.spec} needs the anthropic package: pip install 'proofgrid[anthropic]' "
                "(or use anthropic-compat/..., which loses thinking and batches)"
            ) from error
        return AnthropicNative(config)
    from proofgrid.models.openai_compatible import OpenAICompatible

    return OpenAICompatible(config)
