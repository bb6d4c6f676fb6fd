"""``vllm/NAME?option=value``: a vLLM server that we start, wait for, use over HTTP, and always stop.

vLLM is never imported: it is a program found through ``PROOFGRID_VLLM`` (its path) or on PATH, in whatever
environment it lives, so its upgrades cannot break ours. Options become flags of ``vllm serve``
(``max_model_len=32768`` is ``--max-model-len 32768``; without a value, or with ``true``, a bare flag).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from proofgrid.errors import ModelSpecError, ServerError
from proofgrid.models.config import ModelConfig
from proofgrid.models.openai_compatible import OpenAICompatible

START_SECONDS = 1800.0
"""How long a server may take to become healthy (weights are loaded, kernels compiled); PROOFGRID_VLLM_START_SECONDS."""
TAIL_LINES = 25


def vllm_program() -> str:
    """The vLLM executable. Raises ServerError with what to do where there is none."""
    named = os.environ.get("PROOFGRID_VLLM")
    found = shutil.which(named or "vllm")
    if found is None:
        where = f"PROOFGRID_VLLM names {named}, which is no program" if named else "there is no vllm on PATH"
        raise ServerError(
            f"{where}: install vLLM (pip install vllm, in an environment of its own if you like) and set "
            "PROOFGRID_VLLM to its program, or start a server yourself and use server/NAME with --base-url"
        )
    return found


def serve_command(program: str, config: ModelConfig, port: int) -> list[str]:
    """The command line that serves the model on a loopback port."""
    if config.model.startswith("-"):
        raise ModelSpecError(f"'{config.spec}': a model's name does not start with a dash; options go after ?")
    command = [program, "serve", config.model, "--host", "127.0.0.1", "--port", str(port)]
    for name, value in config.serve.items():
        flag = "--" + name.strip().replace("_", "-")
        if not re.fullmatch(r"--[A-Za-z][A-Za-z0-9.-]*", flag):
            raise ModelSpecError(f"'{config.spec}': '{name}' is no option of vllm serve")
        if flag in ("--host", "--port"):
            raise ModelSpecError(f"'{config.spec}': proofgrid chooses {flag[2:]} itself; leave it out")
        if flag == "--served-model-name":
            raise ModelSpecError(f"'{config.spec}': the served name is the model's; leave served_model_name out")
        command += [flag] if value.lower() in ("", "true") else [flag, value]
    return command


_PASSED = re.compile(
    r"(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|VIRTUAL_ENV|CONDA_PREFIX|"
    r"CC|CXX|PYTHON\w*|XDG_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|HTTPS?_PROXY|ALL_PROXY|NO_PROXY|"
    r"(?:CUDA|NVIDIA|NCCL|GLOO|ROCM|HIP|HSA|ROCR|AMD|ONEAPI|SYCL|ZE|XLA|TPU|NEURON|VLLM|HF|HUGGINGFACE|HUGGING_FACE|"
    r"TRANSFORMERS|TORCH|TORCHINDUCTOR|PYTORCH|TRITON|OMP|MKL|KMP|OPENBLAS|NUMBA|RAY|SAFETENSORS|TOKENIZERS|FLASHINFER|"
    r"LMCACHE|PROOFGRID_STOP)_\w+)",
    re.IGNORECASE,
)
"""Variables that vLLM needs to find programs, devices, caches and models (HF_TOKEN, for gated ones, is among them)."""
PASS_MORE = "PROOFGRID_VLLM_ENV"
"""Names of further variables for the server, separated by commas."""


def child_environment() -> dict[str, str]:
    """The environment of the server. It may run a model's own code, so keys of other services stay out of it."""
    more = {name.strip() for name in os.environ.get(PASS_MORE, "").split(",")}
    return {name: value for name, value in os.environ.items() if _PASSED.fullmatch(name) or name in more}


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class VLLMProcess:
    """One ``vllm serve`` behind a guard process. Start it, wait until it is healthy, stop it."""

    def __init__(self, config: ModelConfig, folder: Path, say: Callable[[str], None]) -> None:
        self.config = config
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", config.label.removeprefix("vllm/")).strip("-")[:80]
        self.log = folder / f"vllm-{name}.log"
        self._say = say
        self._guard: asyncio.subprocess.Process | None = None
        self.pid: int | None = None
        """The server's process id, which is its process group's as well."""

    async def start(self) -> None:
        """Start the server and wait for its health. Raises ServerError with the tail of its log where it dies."""
        command = serve_command(vllm_program(), self.config, self.port)
        self._say(f"{self.config.label}: starting vllm serve on port {self.port}; its log is {self.log}")
        self._guard = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "proofgrid.models.guard",
            str(self.log),
            "--",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=child_environment(),
        )
        if self._guard.stdout is not None and (line := await self._guard.stdout.readline()):
            self.pid = int(line)
        await self._healthy()

    async def _healthy(self) -> None:
        import aiohttp

        limit = float(os.environ.get("PROOFGRID_VLLM_START_SECONDS", START_SECONDS))
        start = said = time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as session:
            while True:
                self.check()
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/health") as response:
                        if response.status == 200:
                            break
                except (aiohttp.ClientError, TimeoutError, OSError):
                    pass
                waited = time.monotonic() - start
                if waited > limit:
                    raise ServerError(f"vllm serve was not healthy after {limit:g} s; its log ends:\n{self.tail()}")
                if time.monotonic() - said >= 5:
                    said = time.monotonic()
                    self._say(f"{self.config.label}: waiting for vllm, {waited:.0f} s; {self.last_line()}")
                await asyncio.sleep(0.25)
        self._say(f"{self.config.label}: vllm is up after {time.monotonic() - start:.0f} s")

    def check(self) -> None:
        """Raise ServerError, with the tail of the log, where the server has ended."""
        if self._guard is not None and self._guard.returncode is not None:
            raise ServerError(
                f"vllm serve ended with status {self._guard.returncode}; its log ({self.log}) ends:\n{self.tail()}"
            )

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of the server's log, indented."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            text = ""
        return "\n".join(f"    {line}" for line in text.rstrip("\n").split("\n")[-lines:] if line) or "    (nothing)"

    def last_line(self) -> str:
        """The last line of the log, shortened: what the server is busy with."""
        return self.tail(1).strip()[:120]

    async def stop(self) -> None:
        """End the server and everything it started; safe to call twice."""
        guard = self._guard
        if guard is None:
            return
        if guard.returncode is None:
            if guard.stdin is not None:
                guard.stdin.close()
            try:
                await asyncio.wait_for(asyncio.shield(guard.wait()), 20)
            except TimeoutError:
                guard.kill()
                await guard.wait()
        self._guard = None


class ServedByVLLM(OpenAICompatible):
    """A model whose server lives as long as the context."""

    def __init__(self, config: ModelConfig, folder: Path, say: Callable[[str], None]) -> None:
        super().__init__(config)
        self.process = VLLMProcess(config, folder, say)

    async def __aenter__(self) -> Self:
        try:
            await self.process.start()
            self.base_url = self.process.base_url
            return await super().__aenter__()
        except BaseException:
            await asyncio.shield(self.process.stop())
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            await asyncio.shield(self.process.stop())

    def check_alive(self) -> None:
        """Raise ServerError, with the tail of the log, where the server has died."""
        self.process.check()
