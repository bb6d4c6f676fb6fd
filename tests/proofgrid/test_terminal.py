"""Sentences and tables on a terminal: no word is broken, no name or number is lost, at 80 and at 120 columns."""

from __future__ import annotations

import pytest

from proofgrid import irt
from proofgrid.commands.irt_tables import MOST, ability_lines, task_lines
from proofgrid.commands.terminal import UNBOUNDED, paragraph
from proofgrid.irt.discrimination import task_summary
from proofgrid.matrix import irt_arguments, run_matrix
from proofgrid.report.simulate import simulate_run

TEXT = "With 10 models the discrimination of a single problem is barely identified: do not rank single problems by it."


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_sentence_is_broken_between_words(width: int) -> None:
    """Every line fits, what follows stands under the indent, and put together the words are what they were."""
    lines = paragraph(f"note: {TEXT}", width, " " * 6)
    assert max(map(len, lines)) <= width
    assert all(line.startswith(" " * 6) for line in lines[1:])
    assert " ".join(line.strip() for line in lines) == f"note: {TEXT}"


def test_what_is_no_terminal_gets_whole_lines() -> None:
    """A file has one line a sentence; a path longer than a terminal is not torn."""
    assert paragraph(TEXT, UNBOUNDED) == [TEXT]
    assert paragraph("see /" + "a" * 200, 80) == ["see", "/" + "a" * 200]


@pytest.mark.parametrize("width", [80, 120])
def test_abilities_and_tasks_fit_the_terminal(width: int) -> None:
    """A row a model, ablest first, with its ability and interval; a row a task with D1; long names keep their ends."""
    run = simulate_run(6, 6, tasks=("pl1_pw", "pl1_pc"))
    run.attempts["model"] = "openrouter/some-provider/a-rather-long-family-name-" + run.attempts["model"]
    arguments = irt_arguments(run_matrix([run]))
    fit = irt.fit_2pl(**arguments)
    lines = ability_lines(fit, width)
    assert max(map(len, lines)) <= width
    numbers = [float(line.split()[1]) for line in lines[2:]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 6 <= MOST
    assert len({line.split()[0] for line in lines[2:]}) == 6
    tasks = task_lines(task_summary(fit, arguments["groups"]), width)
    assert max(map(len, tasks)) <= width
    assert [line.split()[0] for line in tasks[2:]] in (["pl1_pw", "pl1_pc"], ["pl1_pc", "pl1_pw"])
