"""Answers are read as a fair grader would read them: the corpus of hostile answers, and laws over arbitrary text."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.tasks.answers.near_json import _FALSE_START, NotJson, _Parser, decode_object
from proofgrid.tasks.answers.proofs import read_proof
from proofgrid.tasks.answers.reading import read_json_answer
from proofgrid.tasks.answers.repairs import REPAIRS
from proofgrid.tasks.answers.sections import read_gaps
from proofgrid.tasks.answers.values import as_bool, as_int, as_text
from proofgrid.tasks.core import EMPTY

_spec = importlib.util.spec_from_file_location("answer_corpus", Path(__file__).with_name("answer_corpus.py"))
assert _spec is not None
assert _spec.loader is not None
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)


ELSEWHERE = {"block", "plain_text", "only_gap", "html", "array", "wrapped_value", "equation_form"}
"""Repairs that the tests of clothes meet."""


@pytest.mark.parametrize("row", corpus.JSON_ANSWERS, ids=lambda row: row[0])
def test_hostile_json_answer(row: tuple[str, str, tuple[str, ...], dict[str, Any] | None, set[str]]) -> None:
    """Each hostile answer gets the reading that stands beside it, and names exactly the repairs it needed."""
    _, text, required, expected, repairs = row
    reading = read_json_answer(text, required)
    if expected is None:
        assert reading.value is None
        assert reading.problem
    else:
        assert reading.value is not None, reading.problem
        for key, value in expected.items():
            assert reading.value[key] == value
    assert set(reading.repairs) == repairs


@pytest.mark.parametrize("row", corpus.PROOF_ANSWERS, ids=lambda row: row[0])
def test_hostile_proof_answer(row: tuple[str, str, str | None, set[str]]) -> None:
    """The proof that was meant is read, whatever it is wrapped in and whatever drafts stand before it."""
    _, text, expected, repairs = row
    reading = read_proof(text, "ndl")
    assert reading.value == expected
    assert set(reading.repairs) == repairs


@pytest.mark.parametrize("row", corpus.GAP_ANSWERS, ids=lambda row: row[0])
def test_hostile_gap_answer(row: tuple[str, str, tuple[str, ...], dict[str, str] | None, set[str]]) -> None:
    """Each hostile gap answer gives the sections that stand beside it, and names exactly the repairs it needed."""
    _, text, names, expected, repairs = row
    reading = read_gaps(text, names)
    if expected is None:
        assert reading.value is None
        assert reading.problem
    else:
        assert {k: v.replace("\r", "").rstrip() for k, v in (reading.value or {}).items()} == expected
    assert set(reading.repairs) == repairs


def test_corpus_is_large_and_names_known_repairs() -> None:
    """The corpus holds 60 answers or more, each repair that exists is met, and no other is named."""
    rows = [*corpus.JSON_ANSWERS, *corpus.GAP_ANSWERS]
    assert len(rows) >= 60
    assert len({(row[0], row[2]) for row in rows}) == len(rows)
    met = set().union(*(row[-1] for row in [*rows, *corpus.PROOF_ANSWERS]))
    assert met <= set(REPAIRS)
    assert set(REPAIRS) - met <= {"merged_sections"} | ELSEWHERE


def test_blank_answers_are_told_apart() -> None:
    """White space, or reasoning with nothing after it, reads as empty; prose does not."""
    assert read_json_answer(" \n", ("correct",)).problem == EMPTY
    assert read_json_answer("<think>hm</think> \n", ("correct",)).problem == EMPTY
    assert read_json_answer("no", ("correct",)).problem != EMPTY
    assert read_gaps("\n", ("GAP-1",)).problem == EMPTY


def test_cut_off_is_said() -> None:
    """An answer that stops inside its object is called cut off, not malformed."""
    reading = read_json_answer('{"proof": "assume A { mp on x', ("proof",))
    assert reading.problem is not None
    assert "cut off" in reading.problem


def test_missing_keys_are_named() -> None:
    """An object without the required keys is reported with the keys it lacks."""
    reading = read_json_answer('{"correct": true}', ("correct", "errorDetails"))
    assert reading.value is None
    assert reading.problem is not None
    assert '"errorDetails"' in reading.problem


def test_incomplete_candidates_are_merged() -> None:
    """Where no candidate has every section, the last of each is taken, and that is on record."""
    reading = read_gaps("GAP-1:\nclaim A;\nGAP-1:\nclaim B;\nGAP-2:\nclaim C;", ("GAP-1", "GAP-2", "GAP-3"))
    assert reading.value == {"GAP-1": "claim B;", "GAP-2": "claim C;"}
    assert "merged_sections" in reading.repairs


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "step",
    ["Goal BY mp on step1, step2", "Both by both on a, b", "Wcn BY equiv on u3n", "Goal BY bicond-def' on step1"],
)
def test_a_last_step_that_begins_like_a_sentence_is_kept(step: str) -> None:
    """A step that concludes a capitalised name is a step; a sentence after it is none."""
    reading = read_gaps(f"GAP-1:\na := claim on A;\n{step}\nThis fills the only gap.", ("GAP-1",))
    assert reading.value == {"GAP-1": f"a := claim on A;\n{step}"}
    assert reading.repairs == ("text_after",)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=6), _json_values, max_size=3), _json_values)
def test_what_is_json_is_read_without_repair(extra: dict[str, Any], value: Any) -> None:
    """An answer that is JSON is read as the standard decoder reads it and needs no repair."""
    data = {**{name: item for name, item in extra.items() if name.isalpha() and name.islower()}, "correct": value}
    reading = read_json_answer(json.dumps(data), ("correct",))
    assert reading.value == data
    assert reading.repairs == () or "</" in json.dumps(data)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.text(alphabet="(AB&|~=> )\n\t;:#_-{}onmpcases0123,", max_size=60).filter(lambda s: "```" not in s),
    st.sampled_from(["raw", "fence", "prose", "think"]),
)
def test_a_proof_survives_the_ways_it_is_wrapped(proof: str, way: str) -> None:
    """Raw newlines, fences, prose and reasoning around it change nothing of the proof that is read."""
    body = '{"description": "d", "proof": "' + proof + '"}'
    text = {
        "raw": body,
        "fence": f"```json\n{body}\n```",
        "prose": f"Here it is.\n{body}\nThat is all.",
        "think": f"<think>{{</think>{body}",
    }[way]
    reading = read_json_answer(text, ("proof",))
    assert reading.value is not None
    assert reading.value["proof"] == proof


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="{}[]\"':,\\ \nGAP-1*#`<>think/true0", max_size=120))
def test_any_text_has_a_reading(text: str) -> None:
    """Reading never raises; without a value it says why, and every repair it names is a known one."""
    for reading in (read_json_answer(text, ("correct",)), read_gaps(text, ("GAP-1", "GAP-11"))):
        assert (reading.value is None) == (reading.problem is not None)
        assert set(reading.repairs) <= set(REPAIRS)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.text(alphabet="(AB&|~=> )\n;:#_{}", min_size=1, max_size=40), st.data())
def test_a_cut_answer_is_never_completed(proof: str, data: st.DataObject) -> None:
    """Whatever prefix of an answer arrives, the proof that is read is the whole one or none at all."""
    body = json.dumps({"description": "d", "proof": proof})
    reading = read_json_answer(body[: data.draw(st.integers(0, len(body)))], ("proof",))
    assert reading.value is None or reading.value["proof"] == proof


@pytest.mark.parametrize(
    "unit", ["{", '{"a":', '{"a": "', "[", '"', "GAP-1:\n", "```\n", "{'", "\\", "{a:[", "</think>", "#", "{//"]
)
def test_large_hostile_texts_are_read(unit: str) -> None:
    """100 kB of any one fragment is read to the end and holds no proof."""
    assert read_json_answer(unit * (100_000 // len(unit)), ("proof",)).value is None


@pytest.mark.parametrize("space", [" ", "\n", "\t ", "\r", "\u2028", " \nx"])
def test_white_space_costs_no_more_than_its_length(space: str) -> None:
    """200 kB of white space, wherever an answer may have some, are passed over (in quadratic time: never)."""
    much = space * (200_000 // len(space))
    for text in (much + "x", f"GAP-1{much}x", f"> {much}GAP{much}1", f"GAP-1:\nclaim on A\n\n{much}x", f"```\n{much}x"):
        assert (read_gaps(text, ("GAP-1", "GAP-2")).value or {}).keys() <= {"GAP-1"}
    assert read_gaps(json.dumps({f"GAP{much}": much, "GAP-1": f"```\n{much}x"}), ("GAP-1",)).value is not None
    assert read_json_answer(f"{{a{much}", ("a",)).value is None
    assert as_int(f"line{much}") is None
    assert as_int(f"line 7{much}.") == (None if "x" in space else 7)
    assert as_text(f"```{much}") == f"```{much}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("False", False),
        ("yes", True),
        ("incorrect", False),
        (1, True),
        (2, None),
        (None, None),
        ([], None),
    ],
)
def test_truth_values(value: Any, expected: bool | None) -> None:
    """A verdict is read from a truth value, from its usual words and from nothing else."""
    assert as_bool(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        (7.0, 7),
        ("7", 7),
        ("line 7", 7),
        ("Line 12:", 12),
        ("#3", 3),
        (True, None),
        (7.5, None),
        ("seven", 7),
        ("the 2nd line", 2),
        ("several", None),
    ],
)
def test_line_numbers(value: Any, expected: int | None) -> None:
    """A line number is read from a number or from a text that holds nothing else."""
    assert as_int(value) == expected


def test_proof_texts() -> None:
    """A proof may come as a string, as a list of lines or in a fence of its own."""
    assert as_text("claim A") == "claim A"
    assert as_text(["claim A;", "claim B"]) == "claim A;\nclaim B"
    assert as_text("```ndl\nclaim A\n```") == "claim A"
    assert as_text(3) is None


@pytest.mark.parametrize("brace", ["{", "{ ", "\\u007b"])
def test_a_draft_is_given_up_where_a_new_object_begins(brace: str) -> None:
    """However the brace before its first name is written; a mark that no name begins at is one of the text."""
    text = f'{{"proof": "x\n{brace}"a": "b"}}'
    with pytest.raises(NotJson):
        decode_object(text, 0)
    value, _, repairs = decode_object(text.replace('"a": "b"', '"a" b"'), 0)
    assert str(value["proof"]).endswith('"a" b')
    assert repairs == ("raw_newline", "inner_quote")


@given(st.lists(st.sampled_from([*"{}[]:：=/#'\"“$_-.1é \n\t\x00\x7f", "ab", "Step 1", "x:", "/*", "//"]), max_size=6))
def test_a_start_that_reads_no_member_fails_as_the_parser_does(pieces: list[str]) -> None:
    """One look at a brace says what reading on from it would: how far it came, in how many steps, where to go on."""
    text = "{" + "".join(pieces)
    if _FALSE_START.match(text) is None:
        return
    with pytest.raises(NotJson) as seen:
        decode_object(text, 0)
    with pytest.raises(NotJson) as read:
        _Parser(text, 0).object(0)
    assert vars(seen.value) == vars(read.value)
