"""A model as a run uses it: everything that can change an answer, and no secret.

Keys are named by their environment variable and read where a request is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal

from proofgrid.errors import ModelSpecError
from proofgrid.models import prices as price_table

BATCH_DISCOUNT = 0.5
"""What a batch costs, as a share of the price, with both providers that have one."""
Api = Literal["openai", "anthropic", "vllm", "builtin", "import"]
"""Who is asked, and how: ``import`` stands for answers that were made elsewhere."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A model as the run uses it. ``params`` is what requests carry besides the model's name and the messages."""

    spec: str
    label: str
    api: Api
    provider: str
    model: str
    base_url: str | None
    params: Mapping[str, Any]
    serve: Mapping[str, str] = field(default_factory=dict)
    """vLLM: arguments of ``vllm serve``; builtin: its options."""
    key_env: tuple[str, ...] = ()
    key_needed: bool = False
    system: str | None = None
    prices: Mapping[str, float] | None = None
    """USD per million tokens, from models.yaml; else the packed table is asked."""
    concurrency: int | None = None
    timeout: float = 600.0
    stream: bool = False
    batch: bool = False
    local: bool = False
    max_tokens: int | None = None
    """The bound on an answer, whatever its name is in ``params``."""
    family: str | None = None
    """The maker, or whatever groups models that share mistakes; statistics may draw whole families."""
    constrain: str | None = None
    """How answers are held to their grammar, one of :data:`proofgrid.models.constrain.WAYS`; None: they are free."""
    own_server: bool = False
    """Whether ``base_url`` is the provider's own: only there go the provider's headers from the environment."""

    @property
    def fingerprint(self) -> str:
        """Changes with the model's name here and everything that can change an answer, and with nothing else."""
        said = [self.label, self.spec, self.model, dict(self.params), dict(self.serve), self.system]
        said += [self.constrain] if self.constrain is not None else []
        return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary that :meth:`from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelConfig:
        """The configuration that :meth:`to_json` wrote. Raises ValueError or TypeError if it is none."""
        texts = ("spec", "label", "api", "provider", "model")
        if not all(isinstance(data.get(name), str) for name in texts) or not isinstance(data.get("params"), Mapping):
            raise ValueError("it is no model's configuration")
        return cls(**{**data, "key_env": tuple(map(str, data["key_env"]))})

    def api_key(self) -> str | None:
        """The key from the environment. Raises ModelSpecError, naming the variable, if a needed one is missing."""
        for name in self.key_env:
            if value := os.environ.get(name, "").strip():
                return value
        if self.key_needed:
            names = " or ".join(self.key_env)
            raise ModelSpecError(f"{self.spec} needs an API key: set the environment variable {names}")
        return None

    @property
    def priced(self) -> bool:
        """Whether what an answer costs can be known."""
        return self.api == "builtin" or self.prices is not None or price_table.known(self.provider, self.model)

    @property
    def price_source(self) -> str | None:
        """Where prices come from, for the run's header."""
        if self.api == "builtin":
            return None
        if self.prices is not None:
            return "models.yaml"
        return price_table.table_version() if self.priced else None

    def cost(
        self, prompt: int | None, completion: int | None, cached: int = 0, written: int = 0, dearest: bool = False
    ) -> float | None:
        """USD for so many tokens; None if a price or a count is unknown. Builtin models cost nothing.

        ``cached`` tokens of the prompt were read from a cache, ``written`` ones written to it. With ``dearest``, the
        most that they can cost at any hour.
        """
        if self.api == "builtin":
            return 0.0
        if prompt is None or completion is None:
            return None
        if self.prices is not None:
            usd: float | None = price_table.listed_cost(self.prices, prompt, completion, cached)
        elif dearest:
            usd = price_table.dearest_table_cost(self.provider, self.model, prompt, completion)
        else:
            usd = price_table.table_cost(self.provider, self.model, prompt, completion, cached, written)
        if usd is None:
            return None
        discount = BATCH_DISCOUNT if self.prices is None else self.prices.get("batch_discount", BATCH_DISCOUNT)
        return usd * discount if self.batch else usd
