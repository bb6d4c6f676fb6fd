"""Answer grammars: every reference is a sentence, and every sentence is read to the letter.

That the EBNF says the same is tested with xgrammar, in tests/vllm.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

pytest.importorskip("llguidance", reason="the grammar engine is a development dependency")

from proofgrid import load_suite
from proofgrid.tasks import TASK_IDS, get_task
from proofgrid.tasks.grammars import answer_grammar, answer_schema
from tests.tasks.grammar_sampling import accepts, grammar_of, read_strictly, sentences

LONG = ("pl1_pm_c", "pl1_gf_c", "pl4_pw", "pl4_pw_c")
"""Tasks whose grammars or answers are long."""


@pytest.mark.parametrize("task", TASK_IDS)
def test_references_are_sentences(task: str) -> None:
    """The reference answers of v1 are accepted as they stand (all of them: bench/trust_grammars.py)."""
    for item in load_suite("v1", [task])[: 3 if task in LONG else 12]:
        assert accepts(grammar_of(item), get_task(task).reference_answer(item)), item.id


@pytest.mark.parametrize("task", TASK_IDS)
def test_sentences_are_read_to_the_letter(task: str) -> None:
    """What is drawn from a grammar is read without a repair, and parses strictly where it holds a proof."""
    item = min(load_suite("v1", [task])[:30], key=lambda item: len(str(item.shown)))
    drawn = list(sentences(grammar_of(item), 12 if task in ("pl1_gf_c", "pl1_pm_c") else 60, seed=5))
    assert len(set(drawn)) >= min(len(drawn), 2)
    for text in drawn:
        read_strictly(item, text)


@pytest.mark.parametrize("task", ["pl1_pw", "pl3_pw", "pl3_pc", "pl1_gf", "eq_pc", "eq_gf"])
def test_what_is_spoilt_is_no_sentence(task: str) -> None:
    """Without its end or its start, or with a word before or a brace after it, a reference is no sentence."""
    item = load_suite("v1", [task])[1]
    reference = get_task(task).reference_answer(item)
    for text in (reference[:20], reference[1:], "Sure! " + reference, reference + "}"):
        assert not accepts(grammar_of(item), text)


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [
        ("claim on premise-1", True),
        ("mp on (A ==> B), A", True),
        ("{ h := A BY claim on A; assume (B & A) { claim on A } }", True),
        ("modus-ponens on A, B", False),
        ("by := claim on A", False),
        ("claim on MASK1", False),
        ("{ claim on A; h := A }", False),
        ("claim on A & B", False),
        ("(A & ) BY claim on A", False),
        ("A from premise-1", False),
    ],
)
def test_the_grammar_of_ndl_is_the_language(proof: str, sentence: bool) -> None:
    """Strict NDL is in it; unknown rules, keywords as names, slots and malformed formulas are not."""
    answer = json.dumps({"description": "", "proof": proof})
    assert accepts(answer_grammar("pl1_pw", {}), answer) == sentence


@pytest.mark.parametrize("task", TASK_IDS)
def test_repetitions_are_not_nested_in_ebnf(task: str) -> None:
    """llama.cpp writes repetitions out and refuses a grammar where one inside another comes to more than 2,000
    (make test-llama asks llama.cpp itself); so what is counted inside of what is counted has a rule of its own."""
    for rule in grammar_of(load_suite("v1", [task])[0]).ebnf().splitlines():
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]', "x", rule)
        while (inner := re.sub(r"\((?:[^()*+?{}])*\)(?![*+?{])", "x", bare)) != bare:
            bare = inner
        counted = re.findall(r"\(([^()]*)\)[*+?{]", bare)
        assert not any(set(part) & set("*+?{") for part in counted), rule
        assert bare.count("(") == len(counted), rule


@pytest.mark.parametrize("task", TASK_IDS)
def test_schemas_fit_the_references(task: str) -> None:
    """A JSON schema names exactly the members of the answer that the grammar writes."""
    for item in load_suite("v1", [task])[:20]:
        schema = answer_schema(task, item.shown)
        if task not in ("pl1_gf", "pl1_gf_c"):  # their answers are no JSON unless a schema asks for it
            assert fits(schema, json.loads(get_task(task).reference_answer(item))), item.id
        assert not fits(schema, {"answer": 42})


def test_a_counterexample_under_a_schema_says_null_where_an_atom_does_not_matter() -> None:
    """Strict modes write every member of an object; what is null is not assigned."""
    item = next(item for item in load_suite("v1", ["pl3_pc"]) if "counterexample" in item.reference["errorDetails"])
    reference = json.loads(get_task("pl3_pc").reference_answer(item))
    said = reference["errorDetails"]["counterexample"]
    variants = answer_schema("pl3_pc", item.shown)["properties"]["errorDetails"]["anyOf"]
    atoms = variants[-1]["properties"]["counterexample"]["properties"]
    assert set(said) < set(atoms)
    reference["errorDetails"]["counterexample"] = dict.fromkeys(atoms) | said
    read = get_task("pl3_pc").read(item.shown, json.dumps(reference)).value
    assert read is not None
    assert read.counterexample == said
    assert get_task("pl3_pc").score(item, json.dumps(reference)).parts["counterexample"] == 1


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value is of a schema of the kind that strict modes take."""
    if "anyOf" in schema:
        return any(fits(one, value) for one in schema["anyOf"])
    if schema["type"] == "object":
        known: dict[str, Any] = schema["properties"]
        if not isinstance(value, dict) or not set(value) <= set(known):
            return False
        return all(k in value or _may_be_null(known[k]) for k in known) and all(
            fits(known[k], v) for k, v in value.items()
        )
    if schema["type"] == "array":
        return isinstance(value, list) and all(fits(schema["items"], part) for part in value)
    types = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return isinstance(value, tuple(types[name] for name in named)) and ("enum" not in schema or value in schema["enum"])


def _may_be_null(schema: dict[str, Any]) -> bool:
    """Whether a reference may leave the member out where an answer under the schema writes null."""
    return "null" in schema.get("type", ())
