"""Joules of a window of a run, by zeus: graphics cards (NVML, AMD) and processors (RAPL). No meter, no number.

Only what is served on this machine is measured: by a vLLM server of ours, or by vLLM, llama.cpp or Ollama at a loopback
address. The window begins with the first request and ends with the last answer; before it, the server, up and idle, is
measured for a few seconds, so that the idle baseline can stand apart. A meter sees the whole machine: other work on it
counts, too.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from proofgrid.checker.counting import count
from proofgrid.models.config import ModelConfig
from proofgrid.run.records import now
from proofgrid.run.state import Stop
from proofgrid.run.store import RunStore

IDLE_SECONDS = 5.0
"""How long the idle server is measured."""
NOT_INSTALLED = "zeus is not installed (pip install 'proofgrid[energy]')"


class Monitor(Protocol):
    """What is used of ``zeus.monitor.ZeusMonitor``."""

    def begin_window(self, key: str, sync_execution: bool = ...) -> None:
        """Begin a window."""

    def end_window(self, key: str, sync_execution: bool = ...) -> Any:
        """End it; its ``time`` in seconds, and ``gpu_energy``, ``cpu_energy``, ``dram_energy`` in joules by index."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a window took: seconds, and joules by kind of device (``gpu``, ``cpu``, ``dram``)."""

    seconds: float
    parts: Mapping[str, float]

    @property
    def joules(self) -> float:
        """Of all devices."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class EnergyWindow:
    """A measured stretch of one model's answers, as the run keeps it. ``idle_watts`` is what the idle server drew."""

    model: str
    started: str
    ended: str
    seconds: float
    joules: float
    parts: Mapping[str, float]
    idle_watts: float
    answers: int
    completion_tokens: int | None
    meter: str


class Meter:
    """Windows over a monitor of zeus; ``name`` says what measures."""

    def __init__(self, monitor: Monitor, name: str) -> None:
        self._monitor = monitor
        self.name = name

    def begin(self, key: str) -> None:
        """Begin a window. Nothing is waited for: the work is another process's."""
        self._monitor.begin_window(key, sync_execution=False)

    def end(self, key: str) -> Reading:
        """End a window."""
        found = self._monitor.end_window(key, sync_execution=False)
        kinds = {"gpu": found.gpu_energy, "cpu": found.cpu_energy, "dram": found.dram_energy}
        return Reading(
            float(found.time), {kind: float(sum(joules.values())) for kind, joules in kinds.items() if joules}
        )


def find_meter() -> tuple[Meter | None, str]:
    """The machine's meter, and a phrase on what it is or why there is none."""
    try:
        from zeus import __version__ as version
        from zeus.monitor import ZeusMonitor
    except ImportError:
        return None, NOT_INSTALLED
    logging.getLogger("zeus").setLevel(logging.ERROR)  # it tells of every kind of device that is not there
    try:
        monitor = ZeusMonitor()
    except Exception as error:  # drivers fail in many ways; a run goes on without joules
        return None, f"zeus cannot measure here ({type(error).__name__}: {str(error)[:200]})"
    counts = (("graphics card", len(monitor.gpu_indices)), ("processor package", len(monitor.cpu_indices)))
    seen = [count(number, what) for what, number in counts if number]
    if not seen:
        return None, "zeus finds neither a graphics card (NVML, AMD) nor RAPL that it may read"
    name = f"zeus {version}: {', '.join(seen)}"
    return Meter(monitor, name), name


def on_this_machine(config: ModelConfig) -> bool:
    """Whether the model's work is done here, by a server: vLLM of ours; vLLM, llama.cpp or Ollama at a loopback
    address. Any other server there (``server/NAME``) may be a gateway to another machine."""
    if not config.local or config.api == "builtin":
        return False
    if config.base_url is None:
        return True
    host = urlsplit(config.base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Measuring:
    """The measuring of one invocation: the meter is looked for once, when a model needs it."""

    def __init__(
        self,
        store: RunStore,
        say: Callable[[str], None],
        find: Callable[[], tuple[Meter | None, str]] = find_meter,
    ) -> None:
        self._store = store
        self._say = say
        self._find = find
        self._meter: Meter | None = None
        self._looked = False

    def meter(self) -> Meter | None:
        """The meter; the first call says which it is, or why nothing is measured (nothing if zeus is not there)."""
        if not self._looked:
            self._looked = True
            self._meter, what = self._find()
            if what != NOT_INSTALLED:
                self._say(f"energy is measured by {what}" if self._meter else f"energy is not measured: {what}")
        return self._meter

    @asynccontextmanager
    async def window(self, config: ModelConfig, stop: Stop) -> AsyncIterator[None]:
        """Measure what is done inside, and share it among the answers that arrive meanwhile, however it ends.

        Nothing is measured where the model's server is not on this machine or there is no meter. A meter that fails
        costs the joules of its window and no answer.
        """
        meter = self.meter() if on_this_machine(config) else None
        if meter is None:
            yield
            return
        idle: Reading | None = None
        started = ""
        try:
            meter.begin("idle")
            await stop.sleep(IDLE_SECONDS)
            idle = meter.end("idle")
            meter.begin(config.fingerprint)
            started = now()
        except Exception as error:  # drivers fail in many ways
            self._lost(config, error)
            idle = None
        try:
            yield
        finally:
            if idle is not None:
                try:
                    found = meter.end(config.fingerprint)
                except Exception as error:
                    self._lost(config, error)
                else:
                    self._keep(meter, config, idle, started, found)

    def _lost(self, config: ModelConfig, error: Exception) -> None:
        """Say that a meter failed, and use it no more: its windows may be open for good."""
        self._meter = None
        self._say(f"{config.label}: energy is not measured: the meter failed ({type(error).__name__}: {error})")

    def _keep(self, meter: Meter, config: ModelConfig, idle: Reading, started: str, found: Reading) -> None:
        answers, tokens = self._store.share_joules(config.fingerprint, started, found.joules)
        window = EnergyWindow(
            model=config.label,
            started=started,
            ended=now(),
            seconds=found.seconds,
            joules=found.joules,
            parts=found.parts,
            idle_watts=idle.joules / idle.seconds if idle.seconds > 0 else 0.0,
            answers=answers,
            completion_tokens=tokens,
            meter=meter.name,
        )
        self._store.set_meta("energy", [*self._store.meta().get("energy", []), asdict(window)])
