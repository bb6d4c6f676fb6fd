"""Frozen suites: written whole, hashed, loaded with every byte checked, made again; and what ships as v1."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import psutil
import pytest

from proofgrid.tasks import TASK_IDS, get_task
from proofgrid.tasks.errors import GenerationError, SuiteError
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.suites import SUITE_SIZES, freeze_suite, load_suite, suite_manifest, suite_names, verify_suite
from proofgrid.tasks.suites.__main__ import main
from proofgrid.tasks.suites.builtin import attempt_points, builtin_scores, score_builtin
from proofgrid.tasks.suites.freeze import class_keys
from proofgrid.tasks.suites.table import BEGIN, END, README, printed, table, write_readme

SIZES = {"eq_pc": 6, "eq_er": 3}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A small suite of two tasks."""
    return freeze_suite("small", 5, tmp_path_factory.mktemp("suites") / "small", SIZES, jobs=1)


@pytest.fixture
def copy(frozen, tmp_path):
    """A copy of it to spoil."""
    target = tmp_path / "copy"
    target.mkdir()
    for path in frozen.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def test_a_suite_holds_what_the_generators_make(frozen):
    """Loading gives the very problems of Task.generate, all or of the tasks asked for."""
    made = {task: list(get_task(task).generate(n, 5)) for task, n in SIZES.items()}
    assert load_suite(frozen) == [*made["eq_pc"], *made["eq_er"]]
    assert load_suite(frozen, ["eq_er"]) == made["eq_er"]


def test_the_manifest_says_what_is_there(frozen):
    """Hashes of the file and of its content, counts, levels, seed, versions, canary and licence."""
    manifest = suite_manifest(frozen)
    assert (manifest["suite"], manifest["seed"], manifest["items"]) == ("small", 5, 9)
    assert manifest["generator_version"]
    assert "canary" in manifest["canary"]
    assert manifest["licence"]
    entry = manifest["files"]["eq_pc.jsonl.gz"]
    packed = (frozen / "eq_pc.jsonl.gz").read_bytes()
    assert entry["sha256"] == sha256(packed).hexdigest()
    assert entry["content_sha256"] == sha256(gzip.decompress(packed)).hexdigest()
    assert (entry["task"], entry["items"], entry["seed"]) == ("eq_pc", 6, 5)
    assert entry["levels"] == {"1": 2, "2": 1, "3": 1, "4": 1, "5": 1}
    header = json.loads(gzip.decompress(packed).splitlines()[0])
    assert header["canary"] == manifest["canary"]


def test_freezing_again_gives_the_same_bytes(frozen, tmp_path):
    """The same name and seed give the same files, on one process or two; another seed gives others."""
    again = freeze_suite("small", 5, tmp_path / "again", {"eq_er": 3}, jobs=2)
    assert (again / "eq_er.jsonl.gz").read_bytes() == (frozen / "eq_er.jsonl.gz").read_bytes()
    other = freeze_suite("small", 6, tmp_path / "other", {"eq_er": 3}, jobs=1)
    assert (other / "eq_er.jsonl.gz").read_bytes() != (frozen / "eq_er.jsonl.gz").read_bytes()
    assert verify_suite(frozen, jobs=1) == ()


def test_what_is_there_is_not_overwritten(frozen):
    """Freezing to a directory that exists is refused and leaves it alone."""
    before = {path.name: path.read_bytes() for path in frozen.iterdir()}
    with pytest.raises(SuiteError, match="there already"):
        freeze_suite("small", 6, frozen, SIZES)
    assert before == {path.name: path.read_bytes() for path in frozen.iterdir()}


def test_a_freeze_that_fails_leaves_nothing(tmp_path):
    """An unknown task among the sizes raises, and no directory stays behind."""
    with pytest.raises(KeyError, match="no task 'pl9'"):
        freeze_suite("x", 1, tmp_path / "x", {"pl9": 1}, jobs=1)
    assert list(tmp_path.iterdir()) == []


def test_altered_bytes_are_refused(copy):
    """A changed byte, a repacked change, a missing file and a broken manifest are one clear error each."""
    path = copy / "eq_pc.jsonl.gz"
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(SuiteError, match="not what was frozen"):
        load_suite(copy)
    changed = gzip.decompress(good).replace(b"E1", b"E2", 1)
    path.write_bytes(gzip.compress(changed, mtime=0))
    with pytest.raises(SuiteError, match="not what was frozen"):
        load_suite(copy)
    assert load_suite(copy, ["eq_er"])
    manifest = json.loads((copy / "manifest.json").read_text())
    for bad in (b"no gzip", gzip.compress(changed, mtime=0)):  # whoever changes the first hash has the second to pass
        path.write_bytes(bad)
        manifest["files"]["eq_pc.jsonl.gz"]["sha256"] = sha256(bad).hexdigest()
        (copy / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(SuiteError, match="not what was frozen"):
            load_suite(copy)
    path.unlink()
    with pytest.raises(SuiteError, match="lacks eq_pc"):
        load_suite(copy)
    for text, message in (("{", "no JSON"), ("[]", "lists no files")):
        (copy / "manifest.json").write_text(text)
        with pytest.raises(SuiteError, match=message):
            load_suite(copy)


def test_verifying_finds_a_changed_item(copy):
    """An item that the generators would not make differs even where all hashes were made to fit."""
    path = copy / "eq_er.jsonl.gz"
    changed = gzip.decompress(path.read_bytes()).replace(b"E1", b"E2", 1)
    packed = gzip.compress(changed, mtime=0)
    path.write_bytes(packed)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["eq_er.jsonl.gz"] |= {
        "sha256": sha256(packed).hexdigest(),
        "content_sha256": sha256(changed).hexdigest(),
    }
    (copy / "manifest.json").write_text(json.dumps(manifest))
    (difference,) = verify_suite(copy, jobs=1)
    assert difference.startswith("eq_er.jsonl.gz")
    manifest["generator_version"] = "0"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SuiteError, match="generator version 0"):
        verify_suite(copy, jobs=1)


def test_some_tasks_can_be_frozen_again(frozen, tmp_path):
    """The files of the others are taken over, byte for byte, from a suite of the same name and seed only."""
    again = freeze_suite("small", 5, tmp_path / "again", SIZES, jobs=1, only=["eq_er"], rest=frozen)
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in frozen.iterdir()}
    with pytest.raises(SuiteError, match="with seed 5"):
        freeze_suite("small", 6, tmp_path / "other", SIZES, jobs=1, only=["eq_er"], rest=frozen)
    assert verify_suite(frozen, jobs=1, tasks=["eq_er"]) == ()


def test_suites_that_are_not_there_are_named(frozen):
    """An unknown suite and a task that a suite has not are one sentence each, with what there is."""
    with pytest.raises(SuiteError, match="no suite 'v9'"):
        load_suite("v9")
    with pytest.raises(SuiteError, match="no items of pl1_pw; it has eq_pc, eq_er"):
        load_suite(frozen, ["pl1_pw"])


def test_several_processes_draw_the_same_problems():
    """Repeated draws included, two processes give what one gives; errors are the same, too."""
    alone = [p.to_json() for p in get_task("eq_er").generate(6, 9)]
    assert [p.to_json() for p in generate_parallel("eq_er", 6, 9, jobs=2)] == alone
    with pytest.raises(GenerationError, match="no level 99"):
        list(generate_parallel("eq_er", 2, 9, level=99, jobs=2))
    task = get_task("eq_er")
    draw, draft = task.first_draft(9, 1, 0)
    later, another = task.first_draft(9, 1, 0, draw + 1)
    assert later > draw
    assert draft.key != another.key


def test_workers_end_with_their_parent():
    """A process that is killed while its pool works leaves no worker behind."""
    code = (
        "import os, time\n"
        "from proofgrid.tasks.making.parallel import worker_pool\n"
        "if __name__ == '__main__':\n"
        "    pool = worker_pool(1)\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_the_commands_say_what_they_did(frozen, tmp_path, capsys):
    """Freeze and verify exit 0; a suite that is not there exits 2 with a sentence; a table is printed."""
    assert main(["verify", str(frozen), "--jobs", "1"]) == 0
    assert "eq_pc: the same bytes" in capsys.readouterr().err
    assert main(["verify", "v9"]) == 2
    assert "there is no suite 'v9'" in capsys.readouterr().err
    assert main(["freeze", "--name", "x", "--seed", "1", "--out", str(tmp_path)]) == 2
    assert "there already" in capsys.readouterr().err
    assert main(["table", str(frozen)]) == 0
    assert capsys.readouterr().out.count("\n") == 4


def test_the_builtin_models_record_is_printed(copy, tmp_path):
    """The record has the points of every item; the table shows their share, and what is not solved is listed."""
    assert "not recorded" in table(copy)
    score_builtin(copy, ("eq_er",), jobs=1)
    record = builtin_scores(copy)["eq_er"]
    problems = load_suite(copy, ["eq_er"])
    assert record["items"] == 3
    assert record["points"] == sum(attempt_points(p) for p in problems)
    assert record["budget"] == get_task("eq_er").full_budget
    assert f"{record['points'] / 3:.1%}" in table(copy)
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    write_readme(copy, readme)
    assert readme.read_text() == f"above\n{printed(copy)}\nbelow\n"


@pytest.mark.parametrize("name", ["pl1_pc", "pl1_pm", "eq_gf", "pl1_pm_c", "pl3_pc", "pl1_pc_c"])
def test_labels_are_dealt_exactly(name):
    """At the suite's size the flawed items are the task's share, to the item; of each level, to the nearest item."""
    task = get_task(name)
    n = SUITE_SIZES[name]
    dealt = [task.dealt(None, index) for index in range(n)]
    assert sum(dealt) == task.flawed * n
    for at in range(len(task.levels)):
        mine = dealt[at :: len(task.levels)]
        assert all(abs(sum(mine[:k]) - task.flawed * k) < 1 for k in range(len(mine) + 1))


@pytest.mark.parametrize("name", ["pl1_pc", "pl3_pc"])
def test_half_of_any_number_of_items_are_wrong(name):
    """With an even number of levels, these take turns, so a batch of any size is half and half."""
    task = get_task(name)
    dealt = [task.dealt(None, index) for index in range(500)]
    assert all(abs(sum(dealt[:k]) - k / 2) <= 0.5 for k in range(501))


def test_a_suite_has_one_item_a_class_over_all_tasks(tmp_path):
    """Problems that another task has are not dealt again, and what is made again stays what was frozen."""
    sizes = {"pl4_pw": 3, "pl1_pw": 3}
    made = freeze_suite("tiny", 3, tmp_path / "tiny", sizes, jobs=1)
    keys = class_keys(load_suite(made))
    assert len(keys) == 6
    (first,) = list(get_task("pl1_pw").generate(1, 3))
    (other,) = list(get_task("pl1_pw").generate(1, 3, taken=class_keys([first])))
    assert class_keys([first]).isdisjoint(class_keys([other]))
    assert verify_suite(made, jobs=1, tasks=["pl1_pw"]) == ()


# --- v1 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def v1():
    """The problems of v1."""
    return load_suite("v1")


@pytest.mark.parametrize("name", ["v1-b", "v1-c"])
def test_suites_from_other_seeds_have_a_tenth_of_each_task(name):
    """All tasks, all of another seed than v1's, and the whole file intact."""
    items = load_suite(name)
    counts = Counter(item.task for item in items)
    assert counts == {task: n // 10 for task, n in SUITE_SIZES.items()}
    assert {item.seed for item in items} == {suite_manifest(name)["seed"]} != {1}


def test_v1_has_all_fifteen_tasks_at_their_sizes(v1):
    """Every task of the registry, 300 items for pl1_pc, 50 for each challenge task, 100 for the others."""
    assert suite_names() == ("v1", "v1-b", "v1-c")
    assert Counter(p.task for p in v1) == SUITE_SIZES
    assert tuple(SUITE_SIZES) == TASK_IDS
    assert len({p.id for p in v1}) == len(v1) == suite_manifest("v1")["items"]
    for task in TASK_IDS:
        assert {p.level for p in v1 if p.task == task} == set(get_task(task).levels)


def test_references_of_v1_score_one_strictly(v1):
    """Of each task a spread of items: the reference answer scores 1 in strict mode, an empty one no more than 0."""
    for task_id in TASK_IDS:
        task = get_task(task_id)
        problems = [p for p in v1 if p.task == task_id]
        for problem in problems[:: len(problems) // 6]:
            score = task.score(problem, task.reference_answer(problem))
            assert (score.points, score.strict) == (1.0, True), problem.id
            assert task.score(problem, "").points == 0.0


def test_the_readme_is_what_the_suite_prints():
    """tasks/README.md has the table and the list that the code prints from v1 today."""
    assert printed("v1") in README.read_text()


def test_the_data_stay_small():
    """v1 is a few megabytes as it ships."""
    manifest = suite_manifest("v1")
    assert sum(entry["bytes"] for entry in manifest["files"].values()) < 8_000_000
    assert all((Path(README).parent / "suites" / "v1" / file).is_file() for file in manifest["files"])
