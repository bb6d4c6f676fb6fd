"""ProofGrid's tasks inside reasoning-gym; runs in an environment of `make test-hosts`."""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("reasoning_gym", reason="needs reasoning-gym: make test-hosts")

import reasoning_gym
from reasoning_gym.composite import DatasetSpec
from reasoning_gym.factory import create_curriculum

import proofgrid.integrations.reasoning_gym  # noqa: F401 (registers the data sets)
from proofgrid import GenerationError, Item, get_task


@pytest.mark.parametrize("task", ["pl1_pw", "pl1_pc", "eq_er"])
def test_entries_are_items_and_scores_are_ours(task: str) -> None:
    """An entry shows what a model is shown, its answer scores 1.0, and everything else 0.0, None too."""
    data = reasoning_gym.create_dataset(f"proofgrid_{task}", seed=7, size=4)
    assert len(data) == 4
    for entry in data:
        item = Item.from_json(entry["metadata"]["item"])
        assert entry["question"] == get_task(task).prompt(item.shown)
        assert data.score_answer(entry["answer"], entry) == 1.0
        assert data.score_answer("I cannot say.", entry) == data.score_answer(None, entry) == 0.0
    again = reasoning_gym.create_dataset(f"proofgrid_{task}", seed=7, size=4)
    assert list(again) == list(data)
    assert len({entry["metadata"]["item"] for entry in data}) == 4


def test_levels_are_dealt_and_flaws_do_not_follow_them() -> None:
    """Levels come in turn; where half the proofs are wrong, both levels hold wrong ones and right ones."""
    data = reasoning_gym.create_dataset("proofgrid_pl1_pc", seed=3, size=16, min_level=1, max_level=2)
    items = [Item.from_json(entry["metadata"]["item"]) for entry in data]
    assert [item.level for item in items] == [1, 2] * 8
    answers = Counter((item.level, item.reference["correct"]) for item in items)
    assert set(answers) == {(1, True), (1, False), (2, True), (2, False)}


def test_it_mixes_with_other_data_sets() -> None:
    """A composite of ours and reasoning-gym's own scores each entry with its own data set."""
    specs = [
        DatasetSpec(name="proofgrid_pl1_pw", weight=1, config={"max_level": 1}),
        DatasetSpec(name="chain_sum", weight=1, config={}),
    ]
    mixed = reasoning_gym.create_dataset("composite", seed=5, size=8, datasets=specs)
    entries = list(mixed)
    assert {entry["metadata"]["source_dataset"] for entry in entries} == {"proofgrid_pl1_pw", "chain_sum"}
    assert all(mixed.score_answer(entry["answer"], entry) == 1.0 for entry in entries)


def test_the_curriculum_climbs() -> None:
    """A task's curriculum begins at its lowest level and goes up by one."""
    curriculum = create_curriculum("proofgrid_pl4_pw")
    assert curriculum.generate_configuration({"seed": 1}).levels() == (1,)
    assert curriculum.increment_attr_level("level")
    config = curriculum.generate_configuration({"seed": 1})
    assert (config.task, config.levels()) == ("pl4_pw", (1, 2))


@pytest.mark.parametrize("wrong", [{"min_level": 9}, {"min_level": 3, "max_level": 2}, {"size": 0}])
def test_what_cannot_be_made_is_refused(wrong: dict[str, int]) -> None:
    """Levels that do not exist and empty data sets are told at once."""
    with pytest.raises((ValueError, GenerationError), match=r"has no level|is above|at least one entry"):
        reasoning_gym.create_dataset("proofgrid_pl1_pw", **wrong)
