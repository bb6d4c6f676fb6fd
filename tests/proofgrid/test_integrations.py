"""What can be said of the integrations without their hosts; each runs inside its real host in tests/hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from proofgrid import TASK_IDS, get_task
from proofgrid.cli import command_line


class _Loader(yaml.SafeLoader):
    """Reads ``!function`` as the name that follows it."""


_Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))


def lm_eval_folder() -> Path:
    """What ``proofgrid lm-eval-path`` prints."""
    return Path(CliRunner().invoke(command_line(), ["lm-eval-path"]).stdout.strip())


@pytest.mark.parametrize("task", TASK_IDS)
def test_lm_eval_has_every_task_at_its_version(task: str) -> None:
    """Each task has a file, which names it and the version of its prompt."""
    found = yaml.load((lm_eval_folder() / f"{task}.yaml").read_text(), _Loader)
    assert found["task"] == f"proofgrid_{task}"
    assert found["dataset_kwargs"] == {"proofgrid_task": task}
    assert str(found["metadata"]["version"]) == get_task(task).prompt_version


def test_lm_eval_group_holds_all_tasks() -> None:
    """The group ``proofgrid`` is the 15 tasks, each with the same weight."""
    group = yaml.load((lm_eval_folder() / "proofgrid.yaml").read_text(), _Loader)
    assert group["task"] == [f"proofgrid_{task}" for task in TASK_IDS]
    assert not any(metric["weight_by_size"] for metric in group["aggregate_metric_list"])
