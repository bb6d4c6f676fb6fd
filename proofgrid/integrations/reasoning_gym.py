"""The 15 tasks as reasoning-gym data sets, registered when this is imported. Tested with reasoning-gym 0.1.25.

    import reasoning_gym
    import proofgrid.integrations.reasoning_gym
    data = reasoning_gym.create_dataset("proofgrid_pl1_pw", size=10, seed=7)
    data.score_answer(data[0]["answer"], data[0])  # 1.0

An entry is the first draw of its index, for it can be asked for alone: unlike what ``Task.generate`` and ``proofgrid
export-dataset`` give, two entries of a data set may be the same problem up to renaming.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reasoning_gym.coaching import BaseCurriculum, RangeAttributeDefinition
from reasoning_gym.dataset import ProceduralDataset
from reasoning_gym.factory import register_dataset

from proofgrid import TASK_IDS, GenerationError, get_task, reward
from proofgrid.integrations.items import row_of


@dataclass
class ProofGridConfig:
    """Which items; a level that is not given is the task's lowest or highest. Levels are dealt in turn."""

    task: str = "pl1_pw"
    min_level: int | None = None
    max_level: int | None = None
    seed: int | None = None
    size: int = 500

    def levels(self) -> tuple[int, ...]:
        """The levels from the lowest to the highest asked for."""
        known = get_task(self.task).levels
        low, high = self.min_level or known[0], self.max_level or known[-1]
        return tuple(range(low, high + 1))

    def validate(self) -> None:
        """Raises UnknownTaskError, GenerationError, ValueError."""
        task = get_task(self.task)
        if not self.levels():
            raise ValueError(f"min_level {self.min_level} is above max_level {self.max_level}")
        for level in self.levels():
            task.check_level(level)
        if self.size < 1:
            raise ValueError(f"a data set has at least one entry, not {self.size}")


class ProofGridDataset(ProceduralDataset):
    """Items of one task. ``answer`` is a reference, one right answer of many: scoring is the checker's."""

    category = "logic"

    def __init__(self, config: ProofGridConfig) -> None:
        super().__init__(config=config, seed=config.seed, size=config.size)

    def __getitem__(self, idx: int) -> dict[str, Any]:
        """The entry with this index. Raises GenerationError where its draws come to nothing."""
        levels = self.config.levels()
        place, at = divmod(idx, len(levels))
        task, level = get_task(self.config.task), levels[at]
        _, draft = task.first_draft(self.seed, level, place)
        if draft is None:
            raise GenerationError(f"{task.id} level {level}: entry {idx} of seed {self.seed} cannot be made")
        made = task.item(draft, self.seed, level, place)
        row = row_of(replace(made, id=f"{task.id}-s{self.seed}-level{level}-{place:04d}"))
        return {
            "question": row["prompt"],
            "answer": row["reference_answer"],
            "metadata": {
                "source_dataset": f"proofgrid_{task.id}",
                "source_index": idx,
                "item": row["item"],
                "level": level,
                "difficulty": {"level": (levels[0], levels[-1])},
            },
        }

    def score_answer(self, answer: str | None, entry: dict[str, Any]) -> float:
        """1.0 for an answer that is right, 0.0 for any other. Raises RuntimeError where scoring itself failed."""
        worth = reward(entry["metadata"]["item"], answer or "")
        if worth is None:
            raise RuntimeError("scoring failed, please report it; the log says more")
        return worth


class ProofGridCurriculum(BaseCurriculum):
    """From a task's lowest level upwards."""

    task = "pl1_pw"

    def __init__(self) -> None:
        super().__init__(type(self).__name__, ProofGridConfig)
        levels = RangeAttributeDefinition(
            name="level",
            levels=list(get_task(self.task).levels),
            default_level=0,
            description="How long the proofs are",
            lower_field_name="min_level",
            upper_field_name="max_level",
        )
        self._define_attributes(levels)

    def generate_configuration(self, defaults: dict[str, Any] | None = None, context: Any = None) -> ProofGridConfig:
        """The configuration of the curriculum's present level."""
        return super().generate_configuration({"task": self.task, **(defaults or {})}, context)


for _id in TASK_IDS:
    register_dataset(
        f"proofgrid_{_id}",
        ProofGridDataset,
        dataclass(type(f"ProofGridConfig_{_id}", (ProofGridConfig,), {"task": _id, "__annotations__": {"task": str}})),
        type(f"ProofGridCurriculum_{_id}", (ProofGridCurriculum,), {"task": _id}),
    )
