"""``proofgrid check``: exit codes, formats, standard input, JSONL with jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBLEM = "A # (A ==> B) # B"
GOOD = "B BY mp on premise-2, A"
LOOSE = "B BY mp on (A -> B), A"
BAD = "C BY mp on premise-2, A"


def run(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command line as a user starts it."""
    command = [sys.executable, "-m", "proofgrid.cli", "check", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, check=False, env={**os.environ, **environment}, timeout=120
    )


@pytest.mark.parametrize(
    ("proof", "options", "code"),
    [
        (GOOD, [], 0),
        (LOOSE, [], 0),
        (LOOSE, ["--mode", "strict"], 1),
        (BAD, [], 1),
        ("B from A, premise-2", ["--language", "macro"], 0),
        ("#" + "x" * 20_000_001, [], 3),
    ],
)
def test_exit_codes(proof: str, options: list[str], code: int, tmp_path: Path) -> None:
    """0 correct, 1 incorrect, 3 over the limits; the same from a file and from standard input."""
    file = tmp_path / "proof.ndl"
    file.write_text(proof, encoding="utf-8")
    from_file = run(str(file), "--problem", PROBLEM, *options)
    assert (from_file.returncode, from_file.stderr) == (code, b"")
    assert run("-", "--problem", PROBLEM, *options, stdin=proof.encode()).returncode == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-file", "--problem", PROBLEM], "no-such-file cannot be read"),
        ([".", "--problem", PROBLEM], "Is a directory"),
        (["-", "--problem", "A # ("], "the problem cannot be read"),
        (["-"], "say what is to be proved"),
        (["--jsonl", "no-such-file"], "no-such-file cannot be read"),
        (["x.ndl", "--jsonl", "y"], "leave out FILE"),
        (["-", "--problem", PROBLEM, "--mode", "lax"], "lax"),
        (["--jsonl", "x", "--jobs", "0"], "--jobs"),
    ],
)
def test_what_cannot_be_read_is_exit_2_and_a_sentence(arguments: list[str], words: str) -> None:
    """A user's mistake ends with code 2, words on stderr and no traceback."""
    result = run(*arguments)
    assert result.returncode == 2
    assert words in result.stderr.decode()
    assert b"Traceback" not in result.stderr


def test_json_is_the_library_verdict() -> None:
    """--format json prints the verdict of checker.check as one line."""
    from proofgrid.checker import check

    result = run("-", "--problem", PROBLEM, "--format", "json", "--all-failures", stdin=BAD.encode())
    assert json.loads(result.stdout) == json.loads(json.dumps(check(PROBLEM, BAD, all_failures=True).to_json()))
    assert result.stdout.count(b"\n") == 1


def test_text_is_drawn_without_colour_in_a_pipe() -> None:
    """Text output names standard input and has no escape sequences."""
    result = run("--problem", PROBLEM, stdin=BAD.encode())
    assert b"--> <stdin>:1:6" in result.stdout
    assert b"\x1b" not in result.stdout


def test_output_that_the_terminal_cannot_encode() -> None:
    """With an ASCII standard output, messages with other characters are escaped, not a crash."""
    result = run("--problem", "A # A", stdin="claim on ∧∧".encode(), PYTHONIOENCODING="ascii")
    assert result.returncode == 1
    assert result.stderr == b""


LINES = [
    json.dumps({"problem": PROBLEM, "proof": GOOD, "id": "first"}),
    "not json",
    "",
    json.dumps({"problem": PROBLEM, "proof": BAD}),
    json.dumps({"problem": "A # &", "proof": GOOD, "id": 7}),
    json.dumps({"proof": GOOD}),
    json.dumps({"problem": PROBLEM, "proof": None}),
    json.dumps([1]),
    "[" * 5000,
    json.dumps({"problem": PROBLEM, "proof": "B from A, premise-2", "language": "macro"}),
    json.dumps({"problem": PROBLEM, "proof": "x", "mode": "lax"}),
    json.dumps({"problem": PROBLEM, "proof": "\ud800" + GOOD}),
]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_jsonl_keeps_order_and_loses_nothing_to_a_bad_line(jobs: str, tmp_path: Path) -> None:
    """One object out for every object in, in order; a bad line is an error object that names its line; exit 2."""
    file = tmp_path / "proofs.jsonl"
    file.write_text("\n".join(LINES * 5) + "\n", encoding="utf-8")
    result = run("--jsonl", str(file), "--jobs", jobs)
    assert result.returncode == 2
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 5 * 11
    first, not_json, bad, problem, *rest = rows[:11]
    assert (first["id"], first["correct"], first["strict"]) == ("first", True, True)
    assert not_json["line"] == 2
    assert "no JSON" in not_json["error"]
    assert bad["failure"]["kind"] == "conclusionMismatch"
    assert (problem["id"], problem["line"]) == (7, 5)
    assert ["error" in row for row in rest] == [True, True, True, True, False, True, False]
    assert rows[:11] == [{**row, "line": row["line"] - 48} if "line" in row else row for row in rows[44:]]


def test_jsonl_exit_codes_from_standard_input() -> None:
    """All correct: 0; one incorrect: 1; one over the limits: 3."""
    good = json.dumps({"problem": PROBLEM, "proof": GOOD})
    bad = json.dumps({"problem": PROBLEM, "proof": BAD})
    over = json.dumps({"problem": PROBLEM, "proof": "#" + "x" * 20_000_001})
    assert run("--jsonl", "-", stdin=good.encode()).returncode == 0
    assert run("--jsonl", "-", stdin=f"{good}\n{bad}\n".encode()).returncode == 1
    assert run("--jsonl", "-", stdin=f"{good}\n{bad}\n{over}\n".encode()).returncode == 3
    assert run("--jsonl", "-", stdin=b"").stdout == b""


def test_jsonl_equal_for_any_number_of_jobs(tmp_path: Path) -> None:
    """The output does not depend on --jobs."""
    file = tmp_path / "proofs.jsonl"
    rows = [{"problem": PROBLEM, "proof": f"x{i} := {(GOOD, BAD, LOOSE)[i % 3]}"} for i in range(200)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("--jsonl", str(file)).stdout == run("--jsonl", str(file), "--jobs", "4").stdout
