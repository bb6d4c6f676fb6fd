"""Writing what was found: CSV tables, JSON, the forest plot, and a Markdown page with ten cases to read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofgrid.irt.esi import sensitivity

if TYPE_CHECKING:
    from proofgrid.stability.measure import Case, Stability

REASONS = {
    "too_few": "fewer than 10 asked",
    "cannot_tell_valid_from_invalid": "cannot tell valid from invalid",
    "too_few_controls": "too few controls to tell it from a coin",
    "no_controls": "no controls answered",
}
"""Why there is no (corrected) index, for a person."""


def share_text(value: float | None) -> str:
    """A share to two digits, or a dash."""
    return "–" if value is None else f"{value:.2f}"


def interval_text(interval: tuple[float, float] | None) -> str:
    """``.42 to .61``, or a dash."""
    return "–" if interval is None else f"{interval[0]:.2f}–{interval[1]:.2f}"


def write_stability(found: Stability, folder: str | Path) -> None:
    """stability.csv, breakdown.csv, judgements.csv, stability.json, stability.md, forest.svg and forest.png."""
    import pandas as pd

    from proofgrid.irt.output import save_figure
    from proofgrid.stability.measure import forest_plot

    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    found.table().to_csv(out / "stability.csv", float_format="%.6g", lineterminator="\n")
    found.judgements.to_csv(out / "judgements.csv", index=False, lineterminator="\n")
    parts = [one.breakdown.assign(model=one.model) for one in found.models]
    if parts:
        pd.concat(parts).to_csv(out / "breakdown.csv", index=False, float_format="%.6g", lineterminator="\n")
    data = as_json(found)
    (out / "stability.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    save_figure(forest_plot(found), out / "forest")
    (out / "stability.md").write_text(markdown(found), encoding="utf-8")


def as_json(found: Stability) -> dict[str, Any]:
    """Plain data; what is not there is null."""
    models = []
    for one in found.models:
        models.append(
            {
                "model": one.model,
                "accuracy": one.accuracy,
                "flawed_proofs": one.flawed_proofs,
                "not_asked": dict(one.not_asked),
                "unanswered": one.unanswered,
                **asdict(one.index),
                "reverse": asdict(one.reverse),
                "breakdown": json.loads(one.breakdown.to_json(orient="records")),
            }
        )
    return {"models": models, "cases": [asdict(case) for case in found.cases]}


def markdown(found: Stability) -> str:
    """The table, what was not asked, the reverse, and the cases."""
    lines = [
        "# Epistemic stability",
        "",
        "ESI: share of its own flawed inferences that a model holds valid when shown them alone. ESI* corrects for a "
        "model that rejects (or accepts) everything, by c, the share of valid controls it accepts, and r, the share of "
        "invalid ones it rejects.",
        "",
        "| model | accuracy | flawed proofs | asked | rejected | ESI | c | r | ESI* | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found.models:
        index = one.index
        esi = f"{share_text(index.esi)} ({interval_text(index.esi_interval)})"
        corrected = f"{share_text(index.corrected)} ({interval_text(index.corrected_interval)})"
        lines.append(
            f"| {_cell(one.model)} | {share_text(one.accuracy)} | {one.flawed_proofs} | {index.asked} | "
            f"{index.rejected:g} | {esi} | {share_text(index.c)} | {share_text(index.r)} | {corrected} | "
            f"{REASONS.get(index.reason or '', '')} |"
        )
    lines += ["", "## If its own errors are seen less often than the invalid controls", ""]
    for one in found.models:
        if one.index.corrected is not None:
            said = ", ".join(f"r - {step:g}: {share_text(value)}" for step, value in sensitivity(one.index).items())
            lines.append(f"- {_cell(one.model)}: ESI* {share_text(one.index.corrected)}; {said}")
    lines += ["", "## Not asked", ""]
    for one in found.models:
        said = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in sorted(one.not_asked.items()))
        lines.append(f"- {_cell(one.model)}: {said or 'nothing'}; without a readable answer: {one.unanswered}")
    lines += ["", "## Valid steps called wrong in proof checking, and taken in proofs of the model's own", ""]
    for one in found.models:
        lines.append(f"- {_cell(one.model)}: {one.reverse.used} of {one.reverse.rejected}")
        lines += [f"  - {_cell(example)}" for example in one.reverse.examples]
    lines += ["", f"## {len(found.cases)} cases", ""]
    for number, case in enumerate(found.cases, 1):
        lines += _case(number, case)
    return "\n".join(lines) + "\n"


def _case(number: int, case: Case) -> list[str]:
    marked = [f"{'>>' if n == case.line else '  '} {n:>3}| {text}" for n, text in enumerate(case.proof.split("\n"), 1)]
    return [
        f"### {number}. {_cell(case.model)} on {case.item} (attempt {case.attempt}): {case.kind}",
        "",
        *_fenced("\n".join(marked)),
        f"The inference: {_cell(case.inference)}",
        "",
        "The question:",
        "",
        *_fenced(case.question),
        "The model's own rejection:",
        "",
        *_fenced(case.rejection),
    ]


def _fenced(text: str) -> list[str]:
    """A code fence longer than any run of backquotes in it: model text is hostile."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence, ""]


def _runs(text: str) -> list[str]:
    import re

    return re.findall(r"`+", text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
