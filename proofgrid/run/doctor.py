"""What is installed, reachable and configured; keys are named, never shown."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from proofgrid.errors import UserError
from proofgrid.models.config import ModelConfig
from proofgrid.models.failures import RequestFailed

PACKAGES = ("openai", "aiohttp", "anthropic", "uvloop", "girth", "pandas", "python-sat", "lark")
PROGRAMS = {"metamath": "checks exported proofs", "coqc": "checks exported proofs", "chromium": "browser tests"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; ``works`` is None where it is for information."""

    what: str
    works: bool | None
    said: str


def installation() -> Iterator[Finding]:
    """Packages, programs, what measures energy, and which providers have a key."""
    from proofgrid.models.spec import _tables
    from proofgrid.run.energy import find_meter

    for name in PACKAGES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, None, "not installed (optional)" if name in ("anthropic", "uvloop") else "MISSING")
    for name, use in PROGRAMS.items():
        found = shutil.which(name)
        yield Finding(name, True if found else None, f"{found or 'not found'} ({use})")
    named = os.environ.get("PROOFGRID_VLLM")
    program = shutil.which(named or "vllm")
    yield Finding(
        "vllm", True if program else None, program or "not found (PROOFGRID_VLLM or PATH); needed for vllm/... only"
    )
    meter, said = find_meter()
    yield Finding("energy", True if meter else None, f"measured by {said}" if meter else f"not measured: {said}")
    for provider, table in _tables()["providers"].items():
        keys = [*table.get("key", ()), *table.get("optional_key", ())]
        if keys:
            present = [key for key in keys if os.environ.get(key)]
            said = f"{present[0]} is set" if present else f"{' or '.join(keys)} not set"
            yield Finding(f"{provider}/...", True if present else None, said)


def diagnose(configs: Sequence[ModelConfig]) -> list[Finding]:
    """Whether each model would work: asks each server for its models, and nothing of a model itself."""

    async def all_() -> list[Finding]:
        return list(await asyncio.gather(*(_diagnose(config) for config in configs)))

    return asyncio.run(all_())


async def _diagnose(config: ModelConfig) -> Finding:
    try:
        if config.api == "builtin":
            return Finding(config.label, True, "builtin")
        config.api_key()
        if config.api == "vllm" and config.base_url is None:
            from proofgrid.models.vllm import serve_command, vllm_program

            program = vllm_program()
            return Finding(config.label, True, f"would start: {' '.join(serve_command(program, config, 0))}")
        return await _ask_server(config)
    except UserError as error:
        return Finding(config.label, False, str(error))


async def _ask_server(config: ModelConfig) -> Finding:
    from proofgrid.models.factory import make_model

    async with make_model(config, _no_workers, Path(gettempdir())) as model:
        try:
            async with asyncio.timeout(15):
                listed = await model.list_models()
        except RequestFailed as failure:
            if failure.kind == "not_found":
                return Finding(config.label, None, f"{config.base_url} answers, but lists no models; it may work")
            return Finding(config.label, False, f"{config.base_url}: {failure}")
        except TimeoutError:
            return Finding(config.label, False, f"{config.base_url} does not answer within 15 s")
    if config.model in listed or f"models/{config.model}" in listed:
        return Finding(config.label, True, f"{config.base_url} serves it")
    if not listed:
        return Finding(config.label, None, f"{config.base_url} answers, but lists no models; it may work")
    from difflib import get_close_matches

    near = get_close_matches(config.model, listed, n=3) or list(listed[:3])
    return Finding(config.label, False, f"{config.base_url} does not list it; it has {', '.join(near)}, ...")


def _no_workers(*_: Any) -> Future[Any]:
    raise RuntimeError("the doctor runs no builtin model")
