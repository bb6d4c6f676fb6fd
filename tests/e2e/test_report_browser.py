"""The report in a real browser: opened, clicked through, read by an accessibility checker, hostile answers in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from proofgrid.report import write_report
from proofgrid.report.links import answer_link
from proofgrid.report.simulate import simulate_run
from proofgrid.run.scored import ScoredRun
from proofgrid.statistics import MISSING
from proofgrid.tasks import TASK_IDS
from tests.proofgrid.hostile_texts import HOSTILE, hostile_run

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent.parent / "artifacts" / "report"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def drive(
    report: Path,
    hostile: list[dict[str, str]],
    beside: dict[str, str] | None = None,
    long: list[tuple[str, str]] | None = None,
    chains: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    """Run the clicks of report_browser.mjs on a page and return what they found."""
    options = {
        "chromium": shutil.which("chromium"),
        "report": report.as_uri(),
        "artifacts": str(ARTIFACTS),
        "hostile": hostile,
        "shots": True,
        "beside": beside or {},
        "long": long or [],
        "chains": chains or [],
    }
    path = report.with_suffix(".json")
    path.write_text(json.dumps(options))
    done = subprocess.run(
        ["node", str(HERE / "report_browser.mjs"), str(path)], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def leaderboard_link(run: ScoredRun) -> str:
    """The address of some answer."""
    return answer_link(str(run.attempts["model"].iloc[0]), str(run.attempts["item"].iloc[0]))


def failures(run: ScoredRun) -> list[tuple[str, str, dict[str, Any]]]:
    """(model, item, failure) of every first answer whose proof or chain fails in some line."""
    frame = run.attempts[(run.attempts["attempt"] == 0) & (run.attempts["round"] == 0)]
    found = []
    for model, item, verdict in zip(frame["model"], frame["item"], frame["verdict"], strict=True):
        failure = verdict.get("failure") if isinstance(verdict, dict) else None
        if failure and failure["line"]:
            found.append((str(model), str(item), failure))
    return found


def together(a: ScoredRun, b: ScoredRun) -> ScoredRun:
    """Two runs as one, for a page that holds both."""
    return ScoredRun(
        a.name, {**a.header, **b.header}, {**a.items, **b.items}, pd.concat([a.attempts, b.attempts], ignore_index=True)
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of 24 simulated models on all tasks, with hostile models among them."""
    run = together(simulate_run(24, 2, tasks=TASK_IDS), hostile_run())
    report = tmp_path_factory.mktemp("report") / "report.html"
    write_report([run], report)
    split = report.with_name("split.html")
    assert len(write_report([run], split, page_bytes=0, file_bytes=100_000)) > 2
    gone = report.with_name("gone.html")
    gone.write_bytes(split.read_bytes().replace(b"split_files", b"gone_files"))
    link = leaderboard_link(run)
    problems = [i for i in run.items if i.endswith(tuple(f"{n:04d}" for n in range(len(HOSTILE)))) and "-s11-" in i]
    return drive(
        report,
        long=[(model, item) for model, item, failure in failures(run) if failure["line"] > 60],
        chains=[(model, item) for model, item, _ in failures(run) if item.startswith("eq_gf")],
        beside={"split": split.as_uri() + link, "gone": gone.as_uri() + link},
        hostile=[
            {"model": "server/plain" if n % 2 else "server/⟨U+202E⟩gnp.exe", "item": p} for n, p in enumerate(problems)
        ],
    )


def test_console_is_silent_and_nothing_is_fetched(found: dict[str, Any]) -> None:
    """Opening and clicking through the page logs no error, opens no dialog and asks no network for anything."""
    assert found["errors"] == []
    assert found["requests"] == []
    assert found["dialogs"] == 0


def test_nothing_of_a_hostile_answer_runs_or_becomes_an_element(found: dict[str, Any]) -> None:
    """No text of a model runs, makes an element, keeps a bidi control or stops the viewer from showing it."""
    facts = found["facts"]
    assert facts["ran"] == 0
    assert facts["injected"] == 0
    assert facts["inline_handlers"] == 0
    assert len(facts["hostile"]) == len(HOSTILE)
    for n, shown in enumerate(facts["hostile"]):
        assert (shown["ran"], shown["bad"], shown["bidi"]) == (0, 0, False), HOSTILE[n][:60]
    assert any(shown["controls"] for shown in facts["hostile"])


def test_no_serious_accessibility_violation(found: dict[str, Any]) -> None:
    """axe-core finds nothing serious or critical on the report, the viewer, the dark theme and 400 pixels."""
    assert set(found["axe"]) == {"report", "viewer", "dark", "400 light", "400 dark", "1024 dark", "1200 light"}
    serious = {
        page: [v for v in violations if v["impact"] in ("serious", "critical")]
        for page, violations in found["axe"].items()
    }
    assert not any(serious.values()), serious


def test_page_does_not_scroll_sideways_at_400_pixels(found: dict[str, Any]) -> None:
    """At 400 pixels only tables and figures scroll sideways, in their own boxes."""
    wide, window = found["facts"]["narrow"]
    assert wide <= window
    for width, theme in ((400, "light"), (400, "dark"), (1024, "dark"), (1200, "light")):
        wide, window, shown = found["facts"][f"wide-{width}-{theme}"]
        assert (wide <= window, shown) == (True, theme)


@pytest.mark.parametrize("where", ["1024-dark", "1200-light"])
def test_no_figure_is_wider_than_its_place(found: dict[str, Any], where: str) -> None:
    """Every figure is whole in its column of the page; those of all models by all models scroll in their own box."""
    assert found["facts"][f"cut-{where}"] == []


def test_the_board_is_printed_on_one_page(found: dict[str, Any]) -> None:
    """The board of 30 models on 15 tasks fits on A4, nothing is wider than the paper, no control is printed."""
    printed = found["facts"]["print"]
    assert printed["board"] < 1032
    assert printed["wide"] == []
    assert printed["buttons"] == 0


def test_heat_map_sorts_filters_and_recomputes_by_level(found: dict[str, Any]) -> None:
    """Sorting orders the rows, a level shows other figures, and all levels again are what the page was written with."""
    facts = found["facts"]
    assert facts["rows"] == 24 + 6
    numbers = [v for v in facts["sorted"] if v is not None]
    assert numbers == sorted(numbers, reverse=True)
    assert facts["level_changed"]
    assert facts["level_restored"]
    assert facts["filtered"]
    assert all("google" in name for name in facts["filtered"])


def test_exports_hold_what_the_page_shows(found: dict[str, Any]) -> None:
    """CSV has a line a model with full precision and quotes formulas; SVG and PNG are what they say."""
    facts = found["facts"]
    lines = facts["csv"].lstrip("\ufeff").splitlines()
    assert lines[0].startswith("rank,model,mean,mean strict,mean interval")
    assert facts["svg"].startswith("<svg")
    tex = facts["latex"].splitlines()
    assert tex[1] == "\\begin{tabular}{l" + "r" * 16 + "}"
    assert "\\toprule" in tex
    assert all(line.endswith(" \\\\") for line in tex[5:8])
    assert facts["png"] == "PNG"
    assert "tokens per answer" in facts["outcomes_csv"].splitlines()[0]
    assert facts["outcomes_csv"].count("google/") >= 3


def test_viewer_walks_through_wrong_answers_by_key(found: dict[str, Any]) -> None:
    """n goes from wrong answer to wrong answer and p back; a cell, a link and Escape lead in and out."""
    facts = found["facts"]
    hashes = [h for h, _ in facts["walk"]]
    assert len({*hashes[:3]}) == 3
    assert hashes[3] == hashes[1]
    for _, badge in facts["walk"][:4]:
        assert "correct" not in badge.replace("incorrect", "")
        assert "api error" not in badge
    assert all(h.count("/") >= 2 for h in hashes)
    assert facts["back"]
    assert facts["task_shown"]
    assert facts["deep"] == "server/⟨U+202E⟩gnp.exe"


def test_answers_beside_the_page_are_loaded_from_a_disk(found: dict[str, Any]) -> None:
    """Opened from a disk the viewer loads its answers from files; where the folder is missing it says which."""
    split, gone = found["facts"]["split"], found["facts"]["gone"]
    assert split["code"] > 0
    assert not [n for n in split["notice"] if "folder" in n]
    assert gone["title"] == split["title"]
    assert any("gone_files" in notice for notice in gone["notice"])


@pytest.mark.parametrize("where", ["long", "long-400"])
def test_the_failing_line_of_a_long_proof_is_in_view(found: dict[str, Any], where: str) -> None:
    """Whatever proof is opened, the line that fails is inside its panel and inside the window."""
    seen = found["facts"][where]
    assert len(seen) > (10 if where == "long" else 1)
    assert [row for row in seen if row[3] is not True] == []


def test_the_failing_line_of_a_chain_is_marked(found: dict[str, Any]) -> None:
    """A wrong chain has its line, what is underlined in it and carets under that, in view as those of a proof are."""
    seen = found["facts"]["chains"]
    assert len(seen) > 3
    assert [row for row in seen if row[3:] != [True, 1, True]] == []


def test_the_keyboard_reaches_every_cell_and_comes_back(found: dict[str, Any]) -> None:
    """Tab reaches a cell, arrows walk over cells, Enter opens the answer, Escape leads back to the same cell."""
    keys = found["facts"]["keyboard"]
    assert keys["tabs"] < 80
    assert re.fullmatch(r"PL1-PW \d+%, strict \d+%, \d+ of \d+, 95% interval \d+–\d+", keys["label"])
    assert keys["walked"] == [[2, 3], [2, 4], [1, 4], [1, 3], [2, 3]]
    assert (keys["returned"]["row"], keys["returned"]["cell"]) == (2, 3)
    rank, _, mean = found["facts"]["read"].split("|")
    assert re.fullmatch(r"=?\d+( \d+–\d+)?", rank.strip())
    assert re.fullmatch(r"\d+ \d+ \d+–\d+", mean)


def test_a_link_to_no_answer_says_so(found: dict[str, Any]) -> None:
    """A link whose answer is not in the report is told on the page, until one that is there is followed."""
    assert "no answer at #nobody/nothing" in found["facts"]["lost"]
    assert found["facts"]["found"]


def test_the_verdict_is_a_sentence_and_lines_wrap_on_request(found: dict[str, Any]) -> None:
    """Under the title stands what became of the answer; with wrapping no line leaves its panel."""
    assert len(found["facts"]["sentence"]) > 15
    assert found["facts"]["wrapped"]


def test_answers_are_found_by_what_became_of_them(found: dict[str, Any]) -> None:
    """The matrix shows where models differ, the list what the filters leave; an answer opens, and Escape comes back."""
    answers = found["facts"]["answers"]
    run = together(simulate_run(24, 2, tasks=TASK_IDS), hostile_run())
    first = run.attempts[(run.attempts["attempt"] == 0) & (run.attempts["round"] == 0)]
    told = first[~first["outcome"].isin(MISSING)]
    right = (told["outcome"] == "correct").groupby(told["item"]).mean()
    assert answers["differ"] == f"{((right > 0) & (right < 1)).sum():,} items on which models differ"
    assert answers["alike"] == 0
    assert answers["all"] == f"{first['item'].nunique():,} items"
    assert answers["list"] == f"{len(first):,} answers"
    assert answers["wrong"] == f"{(first['outcome'] == 'incorrect').sum():,} answers"
    assert answers["outcomes"] == ["✗ incorrect"]
    assert answers["more"] == [100, 200]
    assert answers["copied"] == "copied"
    assert answers["opened"] == "✗ incorrect"
    assert answers["returned"] == 1


def test_every_click_is_answered(found: dict[str, Any]) -> None:
    """Whatever was clicked or typed had its effect (how fast is for bench/bench_report.py to say)."""
    assert all(isinstance(ms, int | float) and ms >= 0 for ms in found["clicks"].values()), found["clicks"]
