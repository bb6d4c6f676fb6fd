"""Plain steps read at once, and lark's table driven by our own loop, read what the slow way reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark.exceptions import UnexpectedToken

from proofgrid.checker.errors import CheckerError, FormulaSyntaxError, ProofSyntaxError
from proofgrid.checker.formulas import TRUE
from proofgrid.checker.natural.characters import Normalised
from proofgrid.checker.natural.examine import written as as_text
from proofgrid.checker.natural.grammar import grammar
from proofgrid.checker.natural.heads import respell
from proofgrid.checker.natural.lexer import AnyToken, Steps, blank_comments, fuse, scan, tokenize, with_openings_apart
from proofgrid.checker.natural.parser import _Build, _drive, _Unfit, parse_scanned
from proofgrid.checker.natural.reading import (
    Name,
    Reading,
    _read_mended,
    _read_scanned,
    _scanned,
    read_proof,
    read_tokens,
)
from proofgrid.checker.natural.repair import repair, repair_around_steps
from proofgrid.checker.natural.scope import Open, _read, open_formula
from proofgrid.checker.natural.syntax import Application

LARK = grammar(_Build())

NAMES = st.sampled_from(["A", "B1_2", "x", "premise-1", "not-A", "_", "h'", "true", "false", "ON", "By", "from", "v"])
FORMULAS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("(~ {})".format, inner),
        st.builds("(~{})".format, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["&", "|", "==>", "<==>", "on", ""]), inner),
        st.builds("( {}&{})".format, inner, inner),
    ),
    max_leaves=14,
)
RULES = st.sampled_from(["mp", "left-and", "Both", "nonsense", "assume", "bicond-def'"])
SPACE = st.sampled_from(["", " ", "\n  ", " # on A;\n"])
LISTS = st.lists(FORMULAS, min_size=1, max_size=4).flatmap(
    lambda terms: st.sampled_from([", ", ",", " ,\n", ",,"]).map(lambda comma: comma.join(terms))
)
APPLIED = st.one_of(
    st.builds("{} on {}".format, RULES, LISTS),
    st.builds("{} BY {} on {}".format, FORMULAS, RULES, LISTS),
    st.builds("{}by {} ON{}".format, FORMULAS, RULES, LISTS),
    st.builds("{} from {}".format, FORMULAS, LISTS),
)


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=4).flatmap(
        lambda steps: st.sampled_from([";\n", "; ", ";", ";;", " "]).map(lambda mark: "{" + mark.join(steps) + "}")
    )
    return st.one_of(
        block,
        st.builds("{} := {}{}".format, NAMES, SPACE, inner),
        st.builds("a := b := {}".format, inner),
        st.builds("assume {} {}".format, FORMULAS, block),
        st.builds("suppose-absurd {} := {}{}".format, NAMES, FORMULAS, block),
        st.builds("{} := {}".format, NAMES, FORMULAS),
        st.builds("cases on {}, ({}), {}".format, FORMULAS, inner, block),
        st.builds("{}{};".format, SPACE, inner),
        st.builds("{}{}".format, inner, SPACE),
        st.builds("{}; {}".format, inner, inner),
    )


PROOFS = st.recursive(APPLIED, _around, max_leaves=8)
LANGUAGES = st.sampled_from(["ndl", "macro"])


def same(one: Any, other: Any) -> bool:
    """Whether two trees are equal in every field of every node."""
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name != "places"
        )
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def written(formulas: dict[str, Open]) -> dict[str, Open]:
    """Those in parentheses: the constants are read when a step needs them."""
    return {text: read for text, read in formulas.items() if text not in ("true", "false")}


def at_once(plain: str, language: Name, *, tolerant: bool = False) -> Reading | None:
    """A proof whose plain steps are read at once; None where that is not done."""
    tokens, formulas = _scanned(plain, language)
    return None if formulas is None else _read_scanned(tokens, formulas, plain, language, tolerant=tolerant)


@settings(derandomize=True, max_examples=600, deadline=None)
@given(PROOFS, LANGUAGES)
@example("{x := (A & A) BY both on A, A ; A BY left-and on x}", "ndl")
@example("A BY left-and on (A & (~ on))", "ndl")
@example("ABY claim on A", "ndl")
@example("{ h := Assume k := A { claim on A }; SUPPOSE-absurd (~ A) { claim on A;}; x := A; claim on A }", "ndl")
@example("claim on A, (assume A { claim on A })", "ndl")
@example("Afrom A", "macro")
@example("claim on A; mp on premise-2, A", "ndl")
@example("A from A; B from A", "macro")
@example("A BY left-and on (A on B)", "ndl")
def test_plain_steps_read_at_once_are_what_their_tokens_are(text: str, language: Name) -> None:
    """Whatever is read at once is read token by token too: to the same tree, with the same formulas."""
    plain = blank_comments(text)
    reading = at_once(plain, language)
    if reading is not None:
        proof, formulas = read_tokens(tokenize(plain, language), plain, language)
        assert same(reading.proof, proof)
        assert reading.formulas == written(formulas)


@settings(derandomize=True, max_examples=600, deadline=None)
@given(PROOFS, LANGUAGES)
@example("{ h := Assume k := A { claim on A }; SUPPOSE-absurd (~ A) {x := A}}", "ndl")
@example("assume by { claim on A }", "ndl")
@example("assume-A { claim on A }", "ndl")
@example("assume := A { claim on A }", "ndl")
def test_openings_are_apart_what_tokens_they_are(text: str, language: Name) -> None:
    """Where nothing else was read at once, the tokens are those of tokenize, in every field."""
    plain = blank_comments(text)
    scanned, formulas = _scanned(plain, language)
    if formulas is None:
        return
    tokens = list(with_openings_apart(scanned, plain))
    if not any(isinstance(token, Steps | Application) or token.type == "UNKNOWN" for token in tokens):
        assert list(map(told, tokens)) == list(map(told, tokenize(plain, language)))


def told(token: Any) -> tuple[Any, ...]:
    """A token's fields."""
    return token.type, token.text, token.start, token.end


def test_an_opening_with_its_names_is_one_token() -> None:
    """With at most one name before the keyword and one before the hypothesis."""
    scanned = scan("a := assume h := (A & B) { b := suppose-absurd A { claim on A } }", "ndl")
    assert [token.type for token in scanned] == ["OPENING", "OPENING", "STEPS", "RBRACE", "RBRACE"]
    scanned = scan("a := b := assume A { claim on A }", "ndl")
    assert [token.type for token in scanned] == ["LABEL", "LABEL", "ASSUME", "TERM", "LBRACE", "STEPS", "RBRACE"]


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(PROOFS, st.sampled_from(["", ";", " ; ", ";;", "\n"]), LANGUAGES)
@example("A BY claim on A; assume A { claim on A }", ";", "ndl")
@example("(1) BY claim on A; claim on B", "", "ndl")
@example("_ := claim on A; claim on not-A", "", "ndl")
@example("claim on A", ";", "ndl")
@example("x := A from A; v from x", "", "macro")
def test_steps_without_braces_read_at_once_are_what_repair_makes_of_them(text: str, end: str, language: Name) -> None:
    """Braces that are added, and a last semicolon that is dropped, without a repair are those of the repair."""
    whole = text + end
    plain = blank_comments(whole)
    reading = at_once(plain, language, tolerant=True)
    if reading is not None and reading.repairs:
        tokens, repairs = repair(whole, language)
        proof, formulas = read_tokens(tokens, plain, language)
        assert same(reading.proof, proof)
        assert reading.repairs == repairs
        assert reading.formulas == written(formulas)
        assert [(t.type, t.start, t.end, t.text) for t in reading.tokens] == [
            (t.type, t.start, t.end, t.text) for t in tokens
        ]


WORDS = (
    "( ) { } ; , . : := ~ & x A 1. not true (A&B) (A(B) ((A|B)==>x) on by from assume suppose-absurd é # GAP-1 x:= "
    "mp both premise-1 ' - _"
)
PIECES = ["claim on A", "claim on A;", "BY mp on A, x", "A from x;", "(A BY claim on A)", "assume A {claim on A}", "\n"]


@settings(derandomize=True, max_examples=2000, deadline=None)
@given(st.lists(st.sampled_from([*WORDS.split(), *PIECES]), min_size=1, max_size=9), st.booleans(), LANGUAGES)
def test_what_is_no_proof_when_read_at_once_is_none_token_by_token(
    words: list[str], within: bool, language: Name
) -> None:
    """So what has slips is read by its single tokens in their repair only."""
    text = " ".join(words)
    plain = blank_comments(f"{{ claim on A; {text} }}" if within else text)
    scanned, formulas = _scanned(plain, language)
    if plain.strip() and (
        parse_scanned(scanned, plain, language) is None
        if formulas is None
        else at_once(plain, language, tolerant=True) is None
    ):
        tokens = tokenize(plain, language)
        respell(tokens)
        with pytest.raises(ProofSyntaxError):
            read_tokens(tokens, plain, language)


def repaired(text: str, plain: str, language: Name) -> Reading:
    """The reading of the single tokens of a text after every repair."""
    tokens, repairs = repair(text, language)
    proof, formulas = read_tokens(tokens, plain, language)
    return Reading(proof=proof, formulas=formulas, repairs=repairs, read_as=tokens)


def promised(tokens: list[AnyToken]) -> list[tuple[str, int | None, int | None]]:
    """The type of each token, and where it starts and ends as far as Reading.tokens promises that."""
    marks, starts = ("BY", "COMMA", "SEMI"), ("LABEL", "APPLY", "FROM")
    return [
        (t.type, None if t.type in marks else t.start, None if t.type in (*marks, *starts) else t.end) for t in tokens
    ]


def outcome(read: Callable[[], Reading]) -> Reading | tuple[str, int]:
    """What is read, or what is wrong, and where."""
    try:
        return read()
    except ProofSyntaxError as error:
        return str(error), error.offset


STEPS = {
    "ndl": [
        "claim on A",
        "x := (A & B) BY both on A,(~ B)",
        "h1 := claim ON x",
        "A by mp on (A ==> B) , B",
        "Claim on A",
        "(A BY claim on A) BY claim on A",
    ],
    "macro": ["A from A", "x := (A & B) from A,(~ B)", "h1 := A FROM x"],
}


def assert_read_alike(found: object, expected: object) -> None:
    """The same tree, formulas, repairs in the same order, and tokens; or the same error at the same place."""
    if not (isinstance(expected, Reading) and isinstance(found, Reading)):
        assert found == expected
        return
    assert same(found.proof, expected.proof)
    assert found.repairs == expected.repairs
    assert written(found.formulas) == written(expected.formulas)
    assert promised(found.tokens) == promised(expected.tokens)
    assert as_text(found.tokens) == as_text(expected.tokens)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(LANGUAGES, st.data())
def test_what_is_mended_around_plain_steps_is_read_as_all_of_it_mended(language: Name, data: st.DataObject) -> None:
    """The tokens are those of the repair of single ones, plain steps taken apart again."""
    rows = st.lists(st.sampled_from(STEPS[language]), min_size=1, max_size=4).map("; ".join)
    parts = st.one_of(rows, rows.map("assume A {{{}}}".format), rows.map("assume h := A {{ {};}}".format))
    marks = st.lists(st.sampled_from(["; ", ";", ";;", " ", "\n", ".; ", ",;", "# on A\n;"]), min_size=5, max_size=5)
    text = "".join(
        part + mark for part, mark in zip(data.draw(st.lists(parts, max_size=5)), data.draw(marks), strict=False)
    )
    around = data.draw(st.sampled_from(["{}", "{{{}", "{{{}}}", "{{{}}} }}"]))
    text = around.format(text)
    plain = blank_comments(text)
    expected = outcome(lambda: repaired(text, plain, language))
    found = outcome(lambda: read_proof(text, plain, language, (), TRUE, tolerant=True))
    assert_read_alike(found, expected)


CARELESS = {
    "ndl": [
        *STEPS["ndl"],
        *("claim on A, mp", "claim on left", "and on A", "absurd on A", "B BY claim on x'", "with BY claim on A"),
        *("claim on", "h1", "assume A {claim on A}", "h₁ := (A → B) by both on A, ¬A", "claim on (¬ A)"),
    ],
    "macro": [
        *STEPS["macro"],
        "A from left",
        "and from A",
        "A from A, mp",
        "using from A",
        "A BY from A",
        "h1",
        "A from ¬A",
    ],
}
MARKS = [
    " ",
    "\n",
    ")",
    " )",
    "))",
    ".",
    " . ",
    "). ",
    ".)",
    "..",
    ",",
    ";",
    "; ",
    ";.",
    ");",
    "",
    "}",
    "{",
    "(",
    "[",
    ": ",
    "; 1. ",
    "; h1: ",
    ";\nA = ",
]


def careless(text: str, plain: str, language: Name) -> Reading | None:
    """The reading of a text whose careless steps are read at once; None where there are none."""
    normalised = Normalised(text, (), TRUE, language)
    tokens, _ = repair_around_steps(normalised, text, language)
    if not any(type(token) is Steps for token in tokens):
        return None
    return _read_mended(text, plain, normalised, language, (), TRUE, None)


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(LANGUAGES, st.data())
def test_careless_steps_read_at_once_are_what_repair_makes_of_them(language: Name, data: st.DataObject) -> None:
    """The same tree, formulas, repairs in the same order, and tokens; or the same error at the same place."""
    step, mark = st.sampled_from(CARELESS[language]), st.sampled_from(MARKS)
    parts = data.draw(st.lists(st.tuples(step, mark), min_size=1, max_size=8))
    text = data.draw(st.sampled_from(["{}", ". {}", "{{{}", "{{{}}}", "assume A {{ {} }}", "{} é"])).format(
        "".join(map("".join, parts))
    )
    plain = blank_comments(text)
    found = outcome(lambda: careless(text, plain, language) or repaired(text, plain, language))
    expected = outcome(lambda: repaired(text, plain, language))
    assert_read_alike(found, expected)


def test_careless_steps_are_read_at_once() -> None:
    """The fast way is taken: after a beginning in order, and however the steps are written."""
    text = "{ claim on A; x := claim on A) . B BY mp on (A ==> B), A\n claim on B }"
    reading = careless(text, text, "ndl")
    assert reading is not None
    kinds = ["missing-parentheses", "missing-semicolon", "stray-punctuation", "missing-semicolon"]
    assert [made.kind for made in reading.repairs] == kinds
    assert careless("A from B) A from B", "A from B) A from B", "macro") is not None


@settings(derandomize=True, max_examples=800, deadline=None)
@given(FORMULAS, st.integers(0, 60), st.sampled_from(["", " ", "(", ")", "~", "&", "==>", "a", "true", "é", "-", "'"]))
@example("(on & (x ==> (y & on)))", 60, "")
@example("(A & (B ~ C))", 60, "")
@example("((A & B) | (A & (~ ~ B)))", 60, "")
@example("(~ (A & B & C))", 60, "")
@example("(A- & -A)", 60, "")
def test_a_formula_read_by_its_parts_is_what_its_symbols_are(text: str, at: int, put: str) -> None:
    """The formula, its names in order and the odd ones of them; or what is wrong, and where."""
    text = text[:at] + put + text[at:]

    def read(by: Callable[[str], Open]) -> object:
        try:
            formula, leaves, odd = by(text)
        except FormulaSyntaxError as error:
            return str(error), error.offset
        return formula, list(leaves.items()), odd

    assert read(open_formula) == read(_read)


def test_most_proofs_are_read_at_once() -> None:
    """The fast way is taken: labels, conclusions, blocks, hypotheses and proofs as arguments are all of it."""
    text = "{x := (A & A) BY both on A, A; assume h := A {claim on h}; A BY cases on y, (assume A {claim on A}), z}"
    assert at_once(text, "ndl") is not None
    assert at_once("claim on A; assume A {claim on A};", "ndl", tolerant=True) is not None
    assert at_once("{x := (A & A) from A, A; assume h := A {A from h}; A from x}", "macro") is not None


@settings(derandomize=True, max_examples=600, deadline=None)
@given(PROOFS, LANGUAGES)
@example("", "ndl")
@example("}", "ndl")
@example("claim on A }", "ndl")
def test_the_driver_makes_what_larks_own_makes(text: str, language: Name) -> None:
    """Both build the same tree, raise the same errors, and stop at the same token for the same reason."""

    def made(drive: Any) -> Any:
        try:
            return drive(fuse(tokenize(blank_comments(text), language)))
        except _Unfit as error:
            return (getattr(error.token, "start", None), *sorted(error.expected))
        except UnexpectedToken as error:
            return (getattr(error.token, "start", None), *sorted(error.expected))
        except CheckerError as error:
            return str(error)

    assert same(made(_drive), made(LARK.parse))
