"""Before the first request: which items, which attempts are missing, and what asking for them can cost."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from proofgrid.checker.counting import count
from proofgrid.errors import RunError, UserError
from proofgrid.models.config import ModelConfig
from proofgrid.models.prices import TABLE
from proofgrid.models.spec import family_of
from proofgrid.run.budget import ASSUMED_ANSWER, prompt_tokens
from proofgrid.run.records import Cell
from proofgrid.run.store import RunStore
from proofgrid.scoring import completion_outcome, scorer_fingerprint
from proofgrid.tasks import TASK_IDS, Item, ItemFormatError, get_task
from proofgrid.tasks.questions import any_task
from proofgrid.textfile import file_digest, read_lines

DEFAULT_ITEMS = 20
"""Items generated for each task where a seed is given and no limit."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run's items come from: a frozen suite, a seed, or a file that ``proofgrid generate`` wrote."""

    kind: Literal["suite", "seed", "file"]
    name: str
    tasks: tuple[str, ...]
    limit: int | None = None
    level: int | None = None
    seeds: int = 1
    """Of a seed: how many, from ``name`` on."""
    subset_seed: int | None = None
    """Of a suite or file with ``limit``: which items are taken, if not the first."""
    ids: tuple[str, ...] = ()
    """Only these items; all if empty."""

    def identity(self) -> dict[str, Any]:
        """What the run's header knows the source by; fields that say nothing are left out, as older runs have it."""
        silent = {"seeds": 1, "subset_seed": None, "ids": ()}
        said = {name: value for name, value in asdict(self).items() if silent.get(name, "") != value}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def parse_tasks(names: Sequence[str]) -> tuple[str, ...]:
    """Task ids from the command line: repeated options, commas, ``all``. Raises UnknownTaskError."""
    ids = [part.strip() for name in names for part in name.split(",") if part.strip()]
    if "all" in ids or not ids:
        return TASK_IDS
    for task_id in ids:
        get_task(task_id)
    return tuple(dict.fromkeys(ids))


Making = Callable[[str, int, int], None]
"""Told while items are made: what, how many are there, of how many (0: not known)."""


LONG_FILE = 1_000
"""Lines of a file of items after which it is said that it is being read: a short one is read, or refused, at once."""


def gather(store: RunStore, source: Source, making: Making = lambda what, done, of: None) -> list[str]:
    """Ids of the source's items, which are in the store afterwards; ``making`` hears of each.

    What the store took from the same source before (for a suite: with the same content hashes) is not made again.
    """
    meta = store.meta()
    known: list[dict[str, Any]] = meta.get("sources", [])
    identity: dict[str, Any] = {**source.identity(), "hashes": _hashes(source)}
    for entry in known:
        if {name: value for name, value in entry.items() if name != "items"} == identity:
            items: list[str] = entry["items"]
            return items
    ids: dict[str, str] = {}

    def prompted() -> Iterator[tuple[Item, str]]:
        for problem in _chosen(_problems(source, making), source):
            if problem.id in ids:
                raise UserError(f"{source.name} holds the item id {problem.id} twice")
            ids[problem.id] = problem.task
            yield problem, _prompt(problem)
        if unknown := [name for name in source.ids if name not in ids]:
            raise UserError(
                f"{source.kind} {source.name} has no item '{unknown[0]}' of the tasks, level and limit asked for"
            )
        if not ids:
            raise UserError("there are no items to ask: look at --task, --level and the items' source")

    store.add_items(prompted())
    store.set_meta("sources", [*known, {**identity, "items": list(ids)}])
    versions = {task: any_task(task).prompt_version for task in dict.fromkeys(ids.values())}
    store.set_meta("prompt_versions", {**meta.get("prompt_versions", {}), **versions})
    return list(ids)


def _prompt(item: Item) -> str:
    """What the item's task shows. Raises UserError if a file's item lacks what its task needs."""
    task = any_task(item.task)
    try:
        prompt = task.prompt(item.shown)
        prompt.encode()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"the item {item.id} cannot be shown: it is not what {item.task} makes ({error})") from error
    return prompt


def _hashes(source: Source) -> dict[str, str]:
    if source.kind == "suite":
        from proofgrid.tasks.suites import suite_manifest

        files = suite_manifest(source.name)["files"].values()
        return {entry["task"]: entry["content_sha256"] for entry in files if entry["task"] in source.tasks}
    if source.kind == "file":
        return {"file": file_digest(source.name)}
    return {}


def _problems(source: Source, making: Making) -> Iterator[Item]:
    """The source's problems, one at a time: a file may hold more than memory does."""
    if source.kind == "suite":
        from proofgrid.tasks.suites import load_suite, suite_manifest

        has = {entry["task"] for entry in suite_manifest(source.name)["files"].values()}
        whole = set(source.tasks) == set(TASK_IDS)
        making(f"items of the suite {source.name}", 0, 0)
        yield from load_suite(source.name, [t for t in source.tasks if t in has] if whole else list(source.tasks))
    elif source.kind == "file":
        for number, line in read_lines(source.name):
            if number == LONG_FILE:
                making(f"items of {source.name}", 0, 0)
            try:
                found = Item.from_json(line)
            except ItemFormatError as error:
                raise ItemFormatError(f"{source.name}, line {number}: {error}") from error
            if found.task in source.tasks:
                yield found
    else:
        from proofgrid.tasks.making.parallel import generate_parallel

        first = int(source.name)
        for seed in range(first, first + source.seeds):
            for task in source.tasks:
                number = source.limit or DEFAULT_ITEMS
                making(f"{task} items, seed {seed}", 0, number)
                for done, item in enumerate(generate_parallel(task, number, seed, source.level), 1):
                    making(f"{task} items, seed {seed}", done, number)
                    yield item


def _chosen(items: Iterator[Item], source: Source) -> Iterator[Item]:
    """The source's items that are asked for, in its order."""
    within = _limited(items, source) if source.subset_seed is None else _drawn(items, source, source.subset_seed)
    wanted = set(source.ids)
    return (item for item in within if not wanted or item.id in wanted)


def _drawn(items: Iterator[Item], source: Source, seed: int) -> Iterator[Item]:
    """A random ``limit`` of each task: those with the smallest hashes of seed and id, whatever order they come in."""
    best: dict[str, list[tuple[int, int, Item]]] = {}
    for at, item in enumerate(items):
        if source.level not in (None, item.level):
            continue
        rank = int.from_bytes(sha256(f"{seed} {item.id}".encode()).digest()[:12], "big")
        kept = best.setdefault(item.task, [])
        heapq.heappush(kept, (-rank, -at, item))
        if len(kept) > (source.limit or DEFAULT_ITEMS):
            heapq.heappop(kept)
    yield from (item for _, _, item in sorted((one for kept in best.values() for one in kept), key=lambda one: -one[1]))


def _limited(items: Iterator[Item], source: Source) -> Iterator[Item]:
    """Of a suite or a file, the level asked for and the first ``limit`` items of each task."""
    taken: dict[str, int] = {}
    for problem in items:
        if source.kind != "seed":
            if source.level not in (None, problem.level):
                continue
            taken[problem.task] = taken.get(problem.task, 0) + 1
            if source.limit is not None and taken[problem.task] > source.limit:
                continue
        yield problem


def missing_cells(
    store: RunStore, label: str, items: Sequence[str], samples: int, *, retry_errors: bool = False, repair: int = 0
) -> Iterator[Cell]:
    """Cells of items x samples that the store lacks for a model, in sample-major order.

    With ``repair``, also the next round of attempts whose last stored round failed; with ``retry_errors``, api_errors.
    """
    if not repair and not retry_errors and store.has_all(label, len(items), samples):
        return
    outcomes = store.outcomes(scorer_fingerprint(), label) if repair else {}
    last: dict[tuple[str, int], tuple[int, str, bool]] = {}
    for item, attempt, round_, key, failed in store.states(label):
        found = last.get((item, attempt))
        if failed and retry_errors:
            round_, key = round_ - 1, ""
        if found is None or round_ > found[0]:
            last[item, attempt] = (round_, key, failed)
    for attempt in range(samples):
        for item in items:
            state = last.get((item, attempt))
            if state is None or state[0] < 0:
                yield Cell(label, item, attempt)
            elif (
                state[0] < repair
                and (not state[2] or retry_errors)
                and outcomes.get(state[1])
                not in ("correct", "truncated", "refused", "empty", "checker_limit", "scorer_error")
            ):
                yield Cell(label, item, attempt, state[0] + 1)


def check_same_model(
    store: RunStore, configs: Sequence[ModelConfig], *, parameters: bool = True, server: bool = True
) -> None:
    """Raise RunError if the run asked a model of this name something else: with other ``parameters``, or at another
    ``server``. Answers of two models must not stand under one name."""
    before: dict[str, list[ModelConfig]] = {}
    for config in store.models():
        before.setdefault(config.label, []).append(config)
    for config in configs:
        olds = before.get(config.label, [])
        if not olds or next(store.states(config.label), None) is None:
            continue
        old = olds[-1]
        if parameters and not any(one.fingerprint == config.fingerprint for one in olds):
            raise RunError(_other_parameters(store.path, old, config))
        if server and old.api != "import" and not _same_address(old.base_url, config.base_url):
            raise RunError(
                f"{store.path} asked {config.label} at {old.base_url}, not at {config.base_url}: give the entry a name "
                "of its own in models.yaml, use another --run, or, if it is the same model that moved, add "
                "--moved-server"
            )


def _same_address(first: str | None, second: str | None) -> bool:
    return first is None or second is None or first.rstrip("/").lower() == second.rstrip("/").lower()


def _other_parameters(path: Path, old: ModelConfig, new: ModelConfig) -> str:
    names = sorted(
        name
        for name in {*old.params, *new.params, *old.serve, *new.serve}
        if (old.params.get(name), old.serve.get(name)) != (new.params.get(name), new.serve.get(name))
    )
    what = ", ".join(names) or "its system message or spec"
    return (
        f"{path} asked {new.label} with other parameters ({what}): use another --run, give the entry a "
        "name of its own in models.yaml" + (", or add --retry-truncated" if "max" in what else "")
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one model's missing attempts can cost. ``cost`` is None where a price is unknown."""

    model: str
    calls: int
    prompt_tokens: int
    answer_tokens: int
    """At most; where ``assumed``, with an assumed bound on an answer."""
    cost: float | None
    assumed: bool


def estimate(config: ModelConfig, store: RunStore, cells: Sequence[Cell], repair: int = 0) -> Estimate:
    """An upper bound for ``cells``: prompts at a token for every two bytes, answers at ``max_tokens``; repairs at
    their worst (every round fails, every conversation grows by a whole answer)."""
    limit = config.max_tokens or ASSUMED_ANSWER
    sizes = {item: prompt_tokens(size) for item, size in store.prompt_bytes().items()} if cells else {}
    prompts = calls = 0
    for cell in cells:
        for round_ in range(cell.round, repair + 1):
            calls += 1
            prompts += sizes[cell.item] + round_ * (limit + 500)
    answers = calls * limit
    if config.api == "builtin":
        prompts = answers = 0
    return Estimate(
        config.label, calls, prompts, answers, _cost_of(config, calls, prompts, answers), config.max_tokens is None
    )


def _cost_of(config: ModelConfig, calls: int, prompts: int, answers: int) -> float | None:
    """What ``calls`` requests of the mean size cost at most (long prompts may have a price of their own)."""
    if calls == 0:
        return config.cost(0, 0)
    one = config.cost(-(-prompts // calls), -(-answers // calls), dearest=True)
    return None if one is None else one * calls


def describe_estimates(estimates: Sequence[Estimate]) -> Iterator[str]:
    """The estimate as lines for a person."""
    if estimates and not any(one.calls for one in estimates):
        yield "0 calls: every answer is there already"
    for one in estimates:
        if not one.calls:
            continue
        said = [f"{one.model}: {count(one.calls, 'call')}"]
        if one.prompt_tokens:
            said.append(f"about {one.prompt_tokens:,} prompt tokens")
        if one.cost is None:
            said.append("cost unknown (add prices to models.yaml)")
        elif one.cost == 0:
            said.append("free")
        else:
            assumed = f" (taking {ASSUMED_ANSWER:,} tokens an answer: --max-tokens is not set)" if one.assumed else ""
            said.append(f"at most ${max(0.01, one.cost):,.2f}{assumed}")
        yield ", ".join(said)


def with_max_tokens(config: ModelConfig, limit: int) -> ModelConfig:
    """The same model with another bound on an answer."""
    name = family_of(config.provider, config.model)["max_tokens"]
    return replace(config, params={**config.params, name: limit}, max_tokens=limit)


def truncated_cells(store: RunStore, label: str) -> list[Cell]:
    """Cells whose current answer was cut at the length limit."""
    return [record.cell for record in store.records(label) if completion_outcome(record.completion) == "truncated"]


PACKAGES = ("proofgrid", "openai", "anthropic", "aiohttp", "uvloop", "lark", "python-sat", "pandas", "numpy", TABLE)
"""Distributions whose versions a run's header keeps."""


def invocation_facts(arguments: Mapping[str, Any], configs: Sequence[ModelConfig] = ()) -> dict[str, Any]:
    """What the header says of this invocation: versions, commit, machine, the command's arguments, and where each
    model's prices come from."""
    import os
    import platform
    import sys
    from importlib.metadata import PackageNotFoundError, version

    packages: dict[str, str | None] = {}
    for name in (
        "proofgrid",
        "openai",
        "anthropic",
        "aiohttp",
        "uvloop",
        "lark",
        "python-sat",
        "pandas",
        "numpy",
        TABLE,
    ):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
    commit, dirty = git_state()
    return {
        "arguments": dict(arguments),
        "proofgrid": packages["proofgrid"],
        "git_commit": commit,
        "git_dirty": dirty,
        "python": sys.version.split()[0],
        "packages": packages,
        "prices": {config.label: config.price_source for config in configs},
        "machine": {"platform": platform.platform(), "cpus": os.cpu_count()},
    }


def git_state() -> tuple[str | None, bool | None]:
    """Commit and dirty flag of the checkout this package runs from; (None, None) for an installed one."""
    import subprocess

    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None, None
    try:
        commands = (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        commit, status = (
            subprocess.run(["git", "-C", str(root), *c], capture_output=True, text=True, timeout=10, check=True).stdout
            for c in commands
        )
    except (OSError, subprocess.SubprocessError):
        return None, None
    return commit.strip(), bool(status.strip())
