"""From the command line and models.yaml to configurations; what is wrong in a file is named with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from proofgrid.errors import ModelSpecError
from proofgrid.models.config import ModelConfig
from proofgrid.models.spec import ModelEntry, default_names, resolve
from proofgrid.textfile import read_text

LARGEST = 1 << 18
"""Bytes of a models.yaml."""
MOST_NODES = 100_000
"""Values of a models.yaml once its aliases are written out."""
LONGEST_NUMBER = 1_000
"""Characters of a value that is no text: a number, a date."""
_TEXT = "tag:yaml.org,2002:str"


def configurations(
    specs: Sequence[str],
    file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    base_url: str | None = None,
    batch: bool = False,
    allowed_keys: Sequence[str] = (),
) -> list[ModelConfig]:
    """The models to ask, with labels that differ; ``allowed_keys`` as in :func:`~proofgrid.models.spec.resolve`.
    Raises ModelSpecError."""
    lines: dict[int, int] = {}
    entries = [ModelEntry(spec=spec) for spec in specs]
    if file is not None:
        for entry, line in load_entries(file):
            lines[len(entries)] = line
            entries.append(entry)
    if not entries:
        raise ModelSpecError("no model: give --model provider/name (e.g. builtin/prover?budget=200) or --models FILE")
    configs: list[ModelConfig] = []
    for at, entry in enumerate(entries):
        try:
            config = resolve(entry, overrides, base_url, allowed_keys)
            if batch and config.api in ("openai", "anthropic") and config.provider in ("openai", "anthropic"):
                config = replace(config, batch=True)
        except ModelSpecError as error:
            raise ModelSpecError(f"{file}, line {lines[at]}: {error}" if at in lines else str(error)) from error
        taken = {other.label for other in configs}
        if entry.name is None and all(config.spec != other.spec for other in configs):
            names = default_names(entry.spec, config.constrain is not None)
            free = [name for name in names if name not in taken]
            config = replace(config, label=free[0]) if free else config
        if config.label in taken:
            where = f"{file}, line {lines[at]}: " if at in lines else ""
            raise ModelSpecError(f"{where}{config.label} is there twice; give one of the entries a `name` of its own")
        configs.append(config)
    return configs


def load_entries(path: Path) -> list[tuple[ModelEntry, int]]:
    """Entries of a models.yaml with the lines they start on. Raises ModelSpecError, which names the line at fault."""
    text = read_text(path, LARGEST)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _refuse_bombs(path, root)
        data: Any = None if root is None else yaml.SafeLoader("").construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ModelSpecError(f"{path}{where}: this is no YAML: {getattr(error, 'problem', None) or error}") from error
    except (ValueError, RecursionError) as error:  # a date that is none; brackets without end
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ModelSpecError(f"{path} cannot be read: {what}") from error
    if not isinstance(root, yaml.SequenceNode):
        line = root.start_mark.line + 1 if root is not None else 1
        raise ModelSpecError(f"{path}, line {line}: a models.yaml is a list of entries, each '- spec: provider/name'")
    entries = []
    for node, value in zip(root.value, data, strict=True):
        line = node.start_mark.line + 1
        _refuse_doubles(path, node)
        if isinstance(value, str):
            value = {"spec": value}
        if not isinstance(value, dict):
            raise ModelSpecError(
                f"{path}, line {line}: an entry is a spec or a mapping such as '- spec: openai/gpt-5.2'"
            )
        try:
            entries.append((ModelEntry.model_validate(value), line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            at = _line_of(node, first["loc"], line)
            raise ModelSpecError(f"{path}, line {at}: {_sentence(first)}") from error
    return entries


def _refuse_bombs(path: Path, root: yaml.Node) -> None:
    """Raise ModelSpecError for a small file that would become a large structure, or one without end.

    Aliases repeat what they name, and aliases of aliases do so exponentially; a number of many digits takes the square
    of its length to read. Shared nodes are counted once each and their sizes multiplied.
    """
    sizes: dict[int, int] = {}
    open_: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, done = stack.pop()
        children = (
            [part for pair in node.value for part in pair]
            if isinstance(node, yaml.MappingNode)
            else (list(node.value) if isinstance(node, yaml.SequenceNode) else [])
        )
        line = node.start_mark.line + 1
        if done:
            open_.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children)
            if sizes[id(node)] > MOST_NODES:
                raise ModelSpecError(f"{path}, line {line}: with its aliases this is more than {MOST_NODES:,} values")
        elif id(node) in open_:
            raise ModelSpecError(f"{path}, line {line}: this holds an alias of itself")
        elif id(node) not in sizes:
            if isinstance(node, yaml.ScalarNode) and node.tag != _TEXT and len(node.value) > LONGEST_NUMBER:
                raise ModelSpecError(
                    f"{path}, line {line}: a value of {len(node.value):,} characters is a text: quote it"
                )
            open_.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in children]


def _refuse_doubles(path: Path, node: yaml.Node) -> None:
    """Raise ModelSpecError where a field stands twice: YAML would silently take the last."""
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in seen:
            raise ModelSpecError(f"{path}, line {key.start_mark.line + 1}: '{key.value}' is there twice")
        seen.add(key.value)


def _line_of(node: yaml.Node, location: Sequence[int | str], line: int) -> int:
    """The line of the deepest part of ``location`` that the file has."""
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _sentence(error: Any) -> str:
    """What is wrong, with the field's name, and never the value: it may be a key that somebody put there."""
    field = ".".join(str(part) for part in error["loc"]) or "the entry"
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        if "key" in name.lower() or "token" in name.lower():
            return f"'{name}': keys do not belong into this file; name their environment variable with api_key_env"
        near = get_close_matches(name, list(ModelEntry.model_fields), n=1)
        hint = f"did you mean {near[0]}?" if near else f"fields are {', '.join(ModelEntry.model_fields)}"
        return f"there is no field '{name}'; {hint}"
    if error["type"] == "missing":
        return f"{field} is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{field}: {message[0].lower()}{message[1:]}"
