"""Every text file that a person hands over is read alike: encodings, byte order marks, comments, odd files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from proofgrid.errors import UserError
from proofgrid.models.entries import load_entries
from proofgrid.textfile import TextFileError, file_digest, read_lines, read_text
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import problems

Read = Callable[[Path], tuple[int, str]]
"""Uses a file and says with which exit status and words."""

PROOF = "claim on A  # é\n"
MATRIX = "model,i1,i2,i3\né,1,0,1\nn,0,1,1\no,1,1,0\np,0,0,1\n"
MODELS = "- spec: builtin/prover?budget=50\n  name: é\n"


def items() -> str:
    """A file of items; the canary stands for a character that is not ASCII."""
    return "".join(p.to_json() + "\n" for p in problems(2)) + "\n"


def completions() -> str:
    """A file of completions for :func:`items`."""
    return "".join(
        json.dumps({"item": p.id, "model": "é", "text": "é"}, ensure_ascii=False) + "\n" for p in problems(2)
    )


TEXTS: dict[str, Callable[[], str]] = {
    "proof": lambda: PROOF,
    "proofs": lambda: json.dumps({"problem": "A # A", "proof": "claim on A # é"}, ensure_ascii=False) + "\n",
    "matrix": lambda: MATRIX,
    "models": lambda: MODELS,
    "items": items,
    "completions": completions,
}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Read]:
    """For each kind of file, the command that reads it."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str]:
        code, _, errors = in_process(monkeypatch, capsys, *map(str, arguments))
        return code, errors

    def imported(file: Path) -> tuple[int, str]:
        (tmp_path / "some.jsonl").write_text(items(), "utf-8")
        return command("import", "run", "--items", "some.jsonl", "--completions", file)

    run = ("run", "--dry-run", "--run", "run", "--limit", 1)
    return {
        "proof": lambda file: command("check", file, "--problem", "A # A"),
        "proofs": lambda file: command("check", "--jsonl", file),
        "matrix": lambda file: command("irt", "--matrix", file, "--out", "out", "--bootstrap", 0),
        "models": lambda file: command(*run, "--task", "pl1_pw", "--models", file),
        "items": lambda file: command(*run, "--items", file, "--model", "builtin/prover"),
        "completions": imported,
    }


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "a mark"])
def test_utf8_is_read_with_and_without_a_mark(kind: str, mark: bytes, read: dict[str, Read], tmp_path: Path) -> None:
    """A byte order mark in front of UTF-8 changes nothing, and neither do Windows' line ends."""
    file = tmp_path / "file"
    file.write_bytes(mark + TEXTS[kind]().replace("\n", "\r\n").encode())
    assert read[kind](file)[0] == 0


@pytest.mark.parametrize("kind", [kind for kind in TEXTS if kind != "proof"])
def test_comments_are_read_alike(kind: str, read: dict[str, Read], tmp_path: Path) -> None:
    """A line that begins with # is a comment in every file of lines."""
    file = tmp_path / "file"
    file.write_text(f"# where this comes from\n\n{TEXTS[kind]()}# the end\n", "utf-8")
    assert read[kind](file)[0] == 0


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "latin-1"])
def test_other_encodings_are_one_sentence(kind: str, encoding: str, read: dict[str, Read], tmp_path: Path) -> None:
    """What is not UTF-8 is refused with exit status 2 and one sentence that names the file, and leaves nothing."""
    file = tmp_path / "file"
    text = TEXTS[kind]()
    file.write_bytes((("\ufeff" if encoding == "utf-16-be" else "") + text + "# é\n").encode(encoding))
    code, said = read[kind](file)
    assert code == 2
    if not (kind == "proofs" and encoding == "latin-1"):  # there a bad line costs that line
        assert said.count("\n") == 1
        assert "UTF-8" in said
        assert str(file) in said


@pytest.mark.parametrize("kind", TEXTS)
def test_odd_files_are_one_sentence(kind: str, read: dict[str, Read], tmp_path: Path) -> None:
    """A folder, a missing file, a named pipe that nobody writes to: a sentence each, no traceback, no waiting."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("folder", "missing"):
        code, said = read[kind](tmp_path / name)
        assert (code, said.count("\n")) == (2, 1), said
        assert name in said
    assert read[kind](tmp_path / "pipe")[0] in (0, 1, 2)


def test_lines_end_at_line_feeds_only(tmp_path: Path) -> None:
    """Unicode's other line separators and form feeds belong to their line; line numbers count what is skipped."""
    file = tmp_path / "file"
    file.write_bytes("# x\n\na\u2028b\x85c\x0bd\x0ce\r\n \nlast".encode())
    assert list(read_lines(file)) == [(3, "a\u2028b\x85c\x0bd\x0ce"), (5, "last")]


def test_an_endless_file_is_not_read_to_its_end() -> None:
    """What is larger than its reader allows is a sentence."""
    with pytest.raises(TextFileError, match="larger than 1,000 bytes"):
        read_text("/dev/zero", 1000)


BOMBS = {
    "aliases of aliases": "- &a {spec: openai/x, extra_body: {a: &b [x,x,x,x,x,x,x,x,x]"
    + "".join(f", k{i}: &c{i} [{','.join(['*' + ('b' if i == 0 else f'c{i - 1}')] * 9)}]" for i in range(30))
    + "}}",
    "merges of merges": "- &m0 {spec: openai/x}\n"
    + "".join(f"- &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 9)}]}}\n" for i in range(1, 20)),
    "an alias of itself": "- spec: openai/x\n  extra_body: &a {x: [*a]}\n",
    "a number in base 60": "- spec: openai/x\n  temperature: " + "1:" * 60_000 + "1\n",
    "brackets": "- " + "[" * 50_000,
    "too large": "- spec: openai/x\n" + "#\n" * 200_000,
    "a constructor": "- !!python/object/apply:os.system ['touch owned']\n",
    "a NUL": "- spec: a\0b\n",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_yaml_bombs_do_not_go_off(bomb: str, tmp_path: Path) -> None:
    """A models.yaml that would become large, endless or a command is refused in a sentence that names the file."""
    file = tmp_path / "models.yaml"
    file.write_text(bomb, "utf-8")
    with pytest.raises(UserError, match=r"models\.yaml"):
        load_entries(file)


def test_aliases_are_allowed(tmp_path: Path) -> None:
    """Entries may share their parameters by an alias, as YAML has it."""
    file = tmp_path / "models.yaml"
    file.write_text("- &base {spec: openai/x, temperature: 0.5}\n- <<: *base\n  name: again\n", "utf-8")
    assert [(e.spec, e.name, e.temperature) for e, _ in load_entries(file)] == [
        ("openai/x", None, 0.5),
        ("openai/x", "again", 0.5),
    ]


def test_a_device_has_no_digest(tmp_path: Path) -> None:
    """A link to a device without an end is refused where the whole file would be read for its digest."""
    link = tmp_path / "items.jsonl"
    link.symlink_to("/dev/zero")
    with pytest.raises(TextFileError, match="it is a device"):
        file_digest(link)
    assert file_digest(os.devnull) == sha256(b"").hexdigest()
