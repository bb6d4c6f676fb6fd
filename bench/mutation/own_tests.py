"""The checker's own tests before a mutant: those that run through its lines, the quickest first.

Once for a state of the checker and of a file of tests, these run with a module replaced by itself. That is the control
(a test that fails anyway would find every mutant), and it records which lines each test runs through and how long it
takes. A mutant is then judged by the tests that can tell it, in a copy of the warm process.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Generator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from bench.mutation.overlay import MutantFinder
from bench.mutation.pinned import CHECKER, Through, apart

ROOT = CHECKER.parents[1]
WORK = ROOT / "artifacts" / "mutation"
NO_JUDGES = ("test_pinned_verdicts.py", "test_export.py", "test_readme.py")
"""The pinned verdicts are asked before, text by text; what exports write is judged by other systems."""
TABLES = ("test_public_interface.py", "test_constants.py")
"""Files of tests that look at what modules have, not at what they do."""
ANSWERS = ROOT / "tests" / "gaming" / "test_accepted_as_read.py"
LEFT_OUT = "not kernels and not slow"
SPARE, TIMES = 30, 5
"""Processor seconds of a mutant, and how often the time that its tests take otherwise: what takes longer never ends."""
MEMORY = 4 * 2**30
DEAR = 1.0
"""Seconds (recorded, which doubles them) from which on a test is asked only if that is wanted: laws, and limits."""


def files() -> list[str]:
    """The files of tests that judge."""
    own = sorted(path for path in (ROOT / "tests" / "checker").glob("test_*.py") if path.name not in NO_JUDGES)
    return [path.relative_to(ROOT).as_posix() for path in [*own, ANSWERS]]


def kept() -> dict[str, Path]:
    """Where the record of each file of tests is kept, by a name that changes where it or the checker does."""
    shared = sha256()
    for path in [*sorted(CHECKER.rglob("*.py")), ROOT / "tests" / "checker" / "judges.py"]:
        shared.update(path.read_bytes())
    places = {}
    for file in files():
        own = shared.copy()
        own.update((ROOT / file).read_bytes())
        places[file] = WORK / f"{Path(file).stem}-{own.hexdigest()[:16]}.json"
    return places


class Chosen:
    """A pytest plugin that leaves the tests that were asked for, in their order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: n for n, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = sorted((x for x in items if x.nodeid in self.order), key=lambda x: self.order[x.nodeid])


class Recorder:
    """A pytest plugin that notes what each test runs through."""

    def __init__(self) -> None:
        import coverage

        self.measure = coverage.Coverage(data_file=None, source=[str(CHECKER)], config_file=False)
        self.seconds: dict[str, float] = {}
        self.measure.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool | None, bool | None]:
        """Its lines and its processor seconds, those of what it starts among them."""
        self.measure.switch_context(str(len(self.seconds)))
        begun = sum(os.times()[:4])
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = sum(os.times()[:4]) - begun
            self.measure.switch_context("")

    def rows(self) -> list[dict[str, Any]]:
        """Test, seconds, and the lines of each module."""
        self.measure.stop()
        rows: list[dict[str, Any]] = [{"test": t, "seconds": s, "lines": {}} for t, s in self.seconds.items()]
        data = self.measure.get_data()
        for path in data.measured_files():
            module = Path(path).relative_to(ROOT).as_posix()
            for line, contexts in data.contexts_by_lineno(path).items():
                for context in filter(None, contexts):
                    rows[int(context)]["lines"].setdefault(module, []).append(line)
        return rows


def _run(mutant: Mapping[str, Any], paths: Sequence[str], log: Path, plugin: object) -> int:
    """Run tests in this process, which has imported pytest but nothing of ours."""
    sys.meta_path.insert(0, MutantFinder(mutant["module"], mutant["source"]))
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(WORK / "hypothesis")
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    without = [f for name in ("cacheprovider", "xdist", "randomly") for f in ("-p", f"no:{name}")]
    arguments = ["-q", "-x", "--tb=line", "--assert=plain", *without, "-m", LEFT_OUT, *paths]
    return int(pytest.main(arguments, plugins=[sys.modules[__name__], plugin]))


def pytest_configure() -> None:
    """A failure is enough: nothing is made smaller, and every run draws the same examples."""
    own = settings.get_profile("untimed")
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("mutants", own, phases=phases, database=None, derandomize=True)
    settings.load_profile("mutants")


def recorded() -> list[dict[str, Any]] | None:
    """What each test runs through; None where one fails without a mutant."""
    same = {"module": "proofgrid/checker/rules.py", "source": (CHECKER / "rules.py").read_text(encoding="utf-8")}
    rows: list[dict[str, Any]] = []
    for file, place in kept().items():

        def record(file: str = file, place: Path = place) -> None:
            recorder = Recorder()
            if _run(same, [file], WORK / "control.log", recorder) == 0:
                place.write_text(json.dumps(recorder.rows()), encoding="utf-8")

        if not place.exists():
            apart(record)
        if not place.exists():
            print(f"a test of {file} fails without a mutant: {WORK / 'control.log'}")
            return None
        rows += json.loads(place.read_text(encoding="utf-8"))
    return rows


class Judge:
    """Asks the tests about mutants."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], dear: float = DEAR) -> None:
        self.rows, self.dear = rows, dear
        self.through = Through(row["lines"] for row in rows)

    def tests(self, mutant: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Those that run through its lines, the quickest first; of a table, those that look at tables or at its module.

        What is made when a module is imported belongs to no test.
        """
        here = self.through(mutant)
        if not here:
            looking = {n for n, row in enumerate(self.rows) if Path(row["test"].partition("::")[0]).name in TABLES}
            here = looking | self.through.near(mutant["module"])
        return sorted(
            (row for n in here if (row := self.rows[n])["seconds"] < self.dear), key=lambda row: row["seconds"]
        )

    def __call__(self, mutant: Mapping[str, Any]) -> str:
        """How a mutant was found; "" where no test fails."""
        tests = self.tests(mutant)
        if not tests:
            return ""
        names = [row["test"] for row in tests]
        child = os.fork()
        if not child:
            code = 3
            try:
                most = int(SPARE + TIMES * sum(row["seconds"] for row in tests))
                resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                paths = list(dict.fromkeys(name.partition("::")[0] for name in names))
                code = _run(mutant, paths, WORK / "mutant.log", Chosen(names))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            slow = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
            return "found: it never ends" if slow else "found: it crashes"
        nothing_ran = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
        return "found by a test" if os.WEXITSTATUS(status) not in (0, *nothing_ran) else ""
