"""What a user writes about a model (``provider/name?option=value`` or an entry of models.yaml) and what it resolves to.

Outside data is read by pydantic (:class:`ModelEntry`); inside, a model is a frozen
:class:`~proofgrid.models.config.ModelConfig`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from proofgrid.errors import ModelSpecError
from proofgrid.models.builtin import BUILTIN
from proofgrid.models.config import ModelConfig
from proofgrid.models.constrain import way_for

_OURS = ("model", "messages", "stream", "stream_options", "n")
"""Of a request's body, what no extra_body may change: records would not be what they say, or cost more."""
_SECRET = re.compile(r"(?i)api.?key|token$|secret|password|authorization")


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from _names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part)


class Prices(BaseModel):
    """USD per million tokens."""

    model_config = ConfigDict(extra="forbid")
    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cached_input: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    batch_discount: float = Field(default=0.5, ge=0, le=1)
    """What a batch costs, as a share of the price."""


class ModelEntry(BaseModel):
    """One entry of models.yaml; a spec on the command line is an entry with nothing else."""

    model_config = ConfigDict(extra="forbid")
    spec: str
    name: str | None = None
    """What reports call it; needed if one spec stands in a list twice."""
    base_url: str | None = None
    api_key_env: str | None = None
    """The environment variable that holds the key, if it is not the provider's usual one."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, gt=0)
    seed: int | None = None
    stop: list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None
    thinking_budget: int | None = Field(default=None, ge=0)
    constrain: bool | str | None = None
    """Answers are generated under a grammar: true, or one of :data:`proofgrid.models.constrain.WAYS`."""
    system: str | None = None
    """A system message; none by default."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    prices: Prices | None = None
    family: str | None = None
    """Models of one family share mistakes: statistics may draw whole families."""
    concurrency: int | None = Field(default=None, gt=0)
    timeout: float = Field(default=600.0, gt=0)
    """Seconds for one try, all of it."""
    stream: bool = False
    batch: bool = False

    @field_validator("name", "family")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and not (value.strip() and value.isprintable()):
            raise ValueError("must be a name on one line")
        return value

    @field_validator("extra_body")
    @classmethod
    def _plain_extra(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in _OURS:
            if name in value:
                raise ValueError(f"'{name}' cannot be set here: the run decides it")
        if any(_SECRET.search(name) for name in _names(value)):
            raise ValueError("must hold no keys or passwords: what it holds is kept with the run")
        try:
            json.dumps(value, allow_nan=False)
        except (ValueError, TypeError, RecursionError):
            raise ValueError("must be plain JSON: no dates, no .nan or .inf (put texts into quotes)") from None
        return value

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        return None if value is None else check_base_url(value)

    @field_validator("api_key_env")
    @classmethod
    def _variable_name(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            # The value is not repeated: somebody may have put a key here.
            raise ValueError("must be the NAME of an environment variable, never a key")
        return value


def check_base_url(url: str) -> str:
    """``url`` without a trailing slash. Raises ValueError if it is no http(s) URL, or one that carries a secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must look like http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no password and no ?query: put the key in an environment variable (api_key_env)")
    return url.rstrip("/")


@cache
def _tables() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files("proofgrid.models").joinpath("providers.yaml").read_text("utf-8"))
    for family in loaded["families"]:
        family["match"] = re.compile(family["match"], re.IGNORECASE)
    return loaded


def provider_names() -> tuple[str, ...]:
    """The providers that a spec may name."""
    return tuple(_tables()["providers"])


def family_of(provider: str, model: str) -> Mapping[str, Any]:
    """The parameter map of a model (providers.yaml, ``families``)."""
    name = f"{provider}/{model}"
    found: Mapping[str, Any] = next(family for family in _tables()["families"] if family["match"].search(name))
    return found


_REQUEST_OPTIONS: dict[str, type] = {
    "temperature": float,
    "top_p": float,
    "max_tokens": int,
    "seed": int,
    "presence_penalty": float,
    "frequency_penalty": float,
    "reasoning_effort": str,
    "thinking_budget": int,
    "constrain": str,
}
"""Options that a spec of a server may carry after ``?``."""
_SAMPLING = ("temperature", "top_p", "seed", "stop", "presence_penalty", "frequency_penalty")


def resolve(
    entry: ModelEntry,
    overrides: Mapping[str, Any] | None = None,
    base_url: str | None = None,
    allowed_keys: Sequence[str] = (),
) -> ModelConfig:
    """The configuration of an entry; ``overrides`` (from the command line) fill fields that the entry leaves open.

    ``allowed_keys`` are variables that may hold a key for any server (``--allow-key-env``).

    Raises ModelSpecError with a sentence that says what to write instead.
    """
    provider, slash, rest = entry.spec.partition("/")
    model, _, query = rest.partition("?")
    table = _tables()["providers"].get(provider)
    if table is None or not slash or not model:
        near = get_close_matches(provider, provider_names(), n=1)
        hint = f"did you mean {near[0]}/...?" if near and table is None else f"providers: {', '.join(provider_names())}"
        raise ModelSpecError(f"'{entry.spec}' is no model spec (provider/name, e.g. openai/gpt-5.2); {hint}")
    options = _options(entry.spec, query)
    fields = {name: getattr(entry, name) for name in (*_REQUEST_OPTIONS, "stop")}
    serve: dict[str, str] = {}
    if table["api"] in ("vllm", "builtin"):
        serve = options
    else:
        for name, text in options.items():
            fields[name] = _number(entry.spec, name, text)
    family = family_of(provider, model)
    for name, value in (overrides or {}).items():
        if name in fields and fields[name] is None and not (table["api"] == "builtin" and name in family["refuses"]):
            fields[name] = value
    if table["api"] == "builtin":
        _check_builtin(entry.spec, model, serve)
    for name, value in fields.items():
        if value is not None and name in family["refuses"]:
            raise ModelSpecError(f"{entry.spec} does not take {name} ({family['name']}); leave it out")
    url = entry.base_url or base_url or table.get("base_url")
    if url is None and provider in ("server", "vllm"):
        url = os.environ.get("PROOFGRID_BASE_URL") if provider == "server" else None
        if url is None and provider == "server":
            raise ModelSpecError(
                f"{entry.spec} needs to know its server: give --base-url http://HOST:PORT/v1, set PROOFGRID_BASE_URL, "
                "or write base_url in models.yaml"
            )
    if table["api"] == "builtin":
        url = None
    if url is not None:
        try:
            url = check_base_url(url)
        except ValueError as error:
            raise ModelSpecError(f"the base URL of {entry.spec} {error}") from error
    if entry.batch and not table.get("batch"):
        raise ModelSpecError(f"{entry.spec} has no batch interface here; only openai/... and anthropic/... have one")
    way = None
    if fields["constrain"]:
        way = way_for(entry.spec, model, provider, table, fields["constrain"])
        if entry.batch or (way == "custom_tool" and entry.stream):
            raise ModelSpecError(f"{entry.spec}: constrained answers come neither in batches nor as a tool's stream")
    params = _params(fields, family, entry.extra_body)
    bounds = [params.get(name) for name in ("max_tokens", "max_completion_tokens")]  # extra_body may set one
    most = max((bound for bound in bounds if isinstance(bound, int)), default=None)
    own_key = (entry.api_key_env,) if entry.api_key_env else ()
    foreign = base_url is not None or entry.base_url is not None
    if entry.api_key_env is not None and url is not None and entry.api_key_env not in allowed_keys:
        refuse_foreign_key(entry.spec, entry.api_key_env, url)
    typed = entry.base_url is None and base_url is not None
    return ModelConfig(
        spec=entry.spec,
        label=entry.name or default_names(entry.spec, way is not None)[0],
        constrain=way,
        family=entry.family,
        api=table["api"],
        provider=provider,
        model=model,
        base_url=url,
        params=params,
        serve=serve,
        key_env=own_key or _keys(table, url, foreign, typed),
        key_needed=bool(own_key) or (bool(table.get("key")) and not foreign),
        system=entry.system,
        prices=None if entry.prices is None else entry.prices.model_dump(exclude_none=True),
        concurrency=entry.concurrency,
        timeout=entry.timeout,
        stream=entry.stream,
        batch=entry.batch,
        local=bool(table.get("local")),
        max_tokens=most or fields["max_tokens"] or family.get("default_max_tokens"),
        own_server=url is not None and same_server(url, table.get("base_url")) and not table.get("local"),
    )


def default_names(spec: str, constrained: bool = False) -> list[str]:
    """What a model may be called if its entry does not say, shortest first; the last is the spec itself.

    Options and folders of a vLLM spec belong to one machine and would fill every table: a folder's model goes by its
    last part (in a Hugging Face cache, by the repository's name). A constrained model says so.
    """
    if constrained:
        return [f"{name}, constrained" for name in default_names(spec)]
    provider, _, rest = spec.partition("/")
    model = rest.partition("?")[0]
    if provider != "vllm":
        return [spec]
    if not model.startswith(("/", "./", "../", "~")):
        return list(dict.fromkeys((f"vllm/{model}", spec)))
    parts = [part for part in model.split("/") if part not in ("", ".", "..", "~")]
    cached = [part.split("--")[-1] for part in parts if part.startswith("models--")]
    ends = ["/".join(parts[-n:]) for n in range(1, len(parts) + 1)]
    return list(dict.fromkeys((*cached[-1:], *ends, spec)))


def same_server(url: str, other: str | None) -> bool:
    """Whether two URLs are of one server: the same scheme, host and port."""
    if other is None:
        return False
    first, second = urlsplit(url), urlsplit(other)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())


@cache
def _key_owners() -> dict[str, tuple[str, ...]]:
    """Of each provider's key variable, the base URLs that it is for."""
    owners: dict[str, tuple[str, ...]] = {}
    for table in _tables()["providers"].values():
        for name in table.get("key", ()):
            owners[name] = (*owners.get(name, ()), table["base_url"])
    return owners


def refuse_foreign_key(spec: str, name: str, url: str) -> None:
    """Raise ModelSpecError if the variable ``name`` does not look like a key for the server at ``url``.

    A list of models may come from anybody, and could otherwise send any secret of the environment to any server.
    """
    owners = _key_owners().get(name)
    if owners is not None and any(same_server(url, owner) for owner in owners):
        return
    if owners is not None:
        why = f"{name} holds the key of another provider"
    elif not name.upper().endswith("_API_KEY"):
        why = f"{name} does not look like an API key's variable (they end in _API_KEY)"
    else:
        return
    raise ModelSpecError(
        f"{spec}: {why} and would be sent to {url}; use a variable of its own, or, if that is what you want, add "
        f"--allow-key-env {name}"
    )


def _keys(table: Mapping[str, Any], url: str | None, foreign: bool, typed: bool) -> tuple[str, ...]:
    """Environment variables to look for a key in. A provider's own key never goes to somebody else's server, and
    PROOFGRID_API_KEY goes where PROOFGRID_BASE_URL points (if that is set) or where the command line says."""
    own: tuple[str, ...] = tuple(table.get("key", ()))
    if own and not foreign:
        return own
    names = ("PROOFGRID_API_KEY",) if own else tuple(table.get("optional_key", ()))
    home = os.environ.get("PROOFGRID_BASE_URL")
    if home and url is not None and not typed and not same_server(url, home):
        names = tuple(name for name in names if name != "PROOFGRID_API_KEY")
    return names


def _options(spec: str, query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if bad := [name for name in options if _SECRET.search(name)]:
        raise ModelSpecError(f"a model spec holds no secrets: take {bad[0]} out and set an environment variable")
    return options


def _number(spec: str, name: str, text: str) -> Any:
    if name not in _REQUEST_OPTIONS:
        raise ModelSpecError(f"'{spec}': there is no option {name}; options are {', '.join(_REQUEST_OPTIONS)}")
    try:
        value = _REQUEST_OPTIONS[name](text)
        ModelEntry.model_validate({"spec": spec, name: value})
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"]
        raise ModelSpecError(f"'{spec}': {name}: {said[0].lower()}{said[1:]}") from error
    except ValueError as error:
        raise ModelSpecError(f"'{spec}': {name} must be a number, not '{text}'") from error
    return value


def _check_builtin(spec: str, model: str, options: Mapping[str, str]) -> None:
    if model not in BUILTIN:
        raise ModelSpecError(f"there is no '{spec}'; builtin models are {', '.join(f'builtin/{n}' for n in BUILTIN)}")
    BUILTIN[model].read(spec, options)


def _params(fields: Mapping[str, Any], family: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Fields under the names that the family uses. No stop strings unless a user asks for some."""
    params: dict[str, Any] = {}
    rename = family.get("rename", {})
    for name in _SAMPLING:
        if fields[name] is not None:
            params[rename.get(name, name)] = fields[name]
    limit = fields["max_tokens"] or family.get("default_max_tokens")
    if limit is not None:
        params[family["max_tokens"]] = limit
    if fields["reasoning_effort"] is not None and family.get("effort"):
        _merge(params, _nested(family["effort"], fields["reasoning_effort"]))
    if fields["thinking_budget"] is not None and family.get("thinking_budget"):
        _merge(params, _fill(family["thinking_budget"], fields["thinking_budget"]))
    _merge(params, extra)
    return params


def _nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    result: dict[str, Any] = value
    return result


def _fill(template: Any, budget: int) -> Any:
    if isinstance(template, dict):
        return {name: _fill(part, budget) for name, part in template.items()}
    return budget if template == "{budget}" else template


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = dict(value) if isinstance(value, Mapping) else value
