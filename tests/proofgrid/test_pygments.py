"""The Pygments lexers: nothing is lost, nothing the tasks write is an error, and rules are the checker's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexer import RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Error, Keyword, Name

from proofgrid import get_task, load_suite
from proofgrid.checker.rules import RULES
from proofgrid.integrations.pygments import EquationalLexer, HilbertLexer, MacroLexer, NdlLexer

LEXERS = {
    "pl1_pw": NdlLexer,
    "pl2_pw": NdlLexer,
    "pl3_pw": MacroLexer,
    "pl4_pw": HilbertLexer,
    "eq_pc": EquationalLexer,
}


def proof_of(task: str, place: int) -> str:
    """A proof that the task's suite holds: what is shown, or the reference."""
    item = load_suite("v1", [task])[place]
    return item.shown["chain"] if task == "eq_pc" else json.loads(get_task(task).reference_answer(item))["proof"]


@pytest.mark.parametrize("task", LEXERS)
@pytest.mark.parametrize("place", [0, 5, 40, 90])
def test_what_the_tasks_write_has_no_error(task: str, place: int) -> None:
    """Every token of a proof is known, and the tokens are the text."""
    text = proof_of(task, place)
    tokens = list(LEXERS[task](stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert not [value for kind, value in tokens if kind in Error]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_one_in_front_of_on_alone(rule: str) -> None:
    """Each rule's name is a function where it is applied, and a name where it is not."""
    tokens = {value: kind for kind, value in NdlLexer().get_tokens(f"x := A BY {rule} on (A & B)")}
    assert (tokens[rule], tokens["x"], tokens["BY"]) == (Name.Function, Name.Label, Keyword)
    assert {value: kind for kind, value in NdlLexer().get_tokens(f"claim on {rule}")}[rule] is Name.Variable
    assert {value: kind for kind, value in NdlLexer().get_tokens("modus on A")}["modus"] is Name.Variable


def test_what_should_have_been_filled_stands_out() -> None:
    """A gap or mask that is left is marked as an error."""
    tokens = list(NdlLexer().get_tokens("MASK-1 BY GAP-2"))
    assert [value for kind, value in tokens if kind in Error] == ["MASK-1", "GAP-2"]


@pytest.mark.parametrize("lexer", [NdlLexer, MacroLexer, HilbertLexer, EquationalLexer])
@given(text=st.text("ABs=>(){}~&|;:,.#?0123456789 \nbyonfrom-", max_size=200))
def test_any_text_comes_back_whole(lexer: type[RegexLexer], text: str) -> None:
    """Whatever the text, its tokens are the text."""
    assert "".join(value for _, value in lexer(stripnl=False, ensurenl=False).get_tokens(text)) == text


def test_pygments_finds_them_by_name() -> None:
    """The installed package registers its lexers under their aliases."""
    assert {get_lexer_by_name(name).name for name in ("ndl", "ndl-macro", "hilbert", "proofgrid-eq")} == {
        lexer.name for lexer in (NdlLexer, MacroLexer, HilbertLexer, EquationalLexer)
    }
