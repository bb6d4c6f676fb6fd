"""Accepted proofs written for other systems: what they say, and that those systems accept them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import CheckerError, ProblemSyntaxError, check
from proofgrid.checker.equational import parse_equational_problem, parse_term
from proofgrid.checker.export import export_proof
from proofgrid.checker.export.api import lines_of
from proofgrid.checker.export.coq_chain import chain_section
from proofgrid.checker.rules import RULES

PROBLEM = "(A ==> C) # (C ==> D) # (A & B ==> D)"
PROOF = """assume h := (A & B) {
  A BY left-and on h;
  C BY mp on (A ==> C), A;
  suppose-absurd (~ C) { false BY absurd on C, (~ C) };
  D := D BY mp on (C ==> D), C
}"""
CHAIN_PROBLEM = "E1: f(X) = X # E2: g(X, a) = f(b) # g(f(a), a) = b"
CHAIN = "s = g(f(a), a)\n= g(a, a) by E1\n= f(b) by E2\n= b by E1"

EACH_RULE = [
    ("claim", "A # A", "A BY claim on A"),
    ("left-and", "(A & B) # A", "A BY left-and on (A & B)"),
    ("right-and", "(A & B) # B", "B BY right-and on (A & B)"),
    ("both", "A # B # (A & B)", "both on A, B"),
    ("mp", "(A ==> B) # A # B", "mp on (A ==> B), A"),
    ("left-either", "A # (A | B)", "left-either on A, B"),
    ("right-either", "B # (A | B)", "right-either on A, B"),
    ("cases", "(A | B) # (A ==> C) # (B ==> C) # C", "cases on (A | B), (A ==> C), (B ==> C)"),
    ("absurd", "(~ A) # A # false", "absurd on (~ A), A"),
    ("absurd", "A # (~ A) # false", "absurd on A, (~ A)"),
    ("dn", "(~ (~ A)) # A", "dn on (~ (~ A))"),
    ("left-iff", "(A <==> B) # (A ==> B)", "left-iff on (A <==> B)"),
    ("right-iff", "(A <==> B) # (B ==> A)", "right-iff on (A <==> B)"),
    ("equiv", "(A ==> B) # (B ==> A) # (A <==> B)", "equiv on (A ==> B), (B ==> A)"),
    ("ex-middle", "true # (A | (~ A))", "ex-middle on A"),
    ("dm", "(~ (A & B)) # ((~ A) | (~ B))", "dm on (~ (A & B))"),
    ("dm", "(~ (A | B)) # ((~ A) & (~ B))", "dm on (~ (A | B))"),
    ("dsyl", "(A | B) # (~ A) # B", "dsyl on (A | B), (~ A)"),
    ("dsyl", "((~ A) | B) # A # B", "dsyl on ((~ A) | B), A"),
    ("dsyl", "(A | B) # (~ B) # A", "dsyl on (A | B), (~ B)"),
    ("dsyl", "(A | (~ B)) # B # A", "dsyl on (A | (~ B)), B"),
    ("neg-cond", "(~ (A ==> B)) # (A & (~ B))", "neg-cond on (~ (A ==> B))"),
    ("neg-cond", "(A & (~ B)) # (~ (A ==> B))", "neg-cond on (A & (~ B))"),
    ("neg-bicond", "(~ (A <==> B)) # ((A & (~ B)) | ((~ A) & B))", "neg-bicond on (~ (A <==> B))"),
    ("neg-bicond", "((A & (~ B)) | ((~ A) & B)) # (~ (A <==> B))", "neg-bicond on ((A & (~ B)) | ((~ A) & B))"),
    ("from-false", "false # A", "from-false on A"),
    ("mt", "(A ==> B) # (~ B) # (~ A)", "mt on (A ==> B), (~ B)"),
    ("mt", "(A ==> (~ B)) # B # (~ A)", "mt on (A ==> (~ B)), B"),
    ("cond-def", "(A ==> B) # ((~ A) | B)", "cond-def on (A ==> B)"),
    ("cond-def", "((~ A) | B) # (A ==> B)", "cond-def on ((~ A) | B)"),
    ("bicond-def'", "(A <==> B) # ((A & B) | ((~ A) & (~ B)))", "bicond-def' on (A <==> B)"),
    ("bicond-def'", "((A & B) | ((~ A) & (~ B))) # (A <==> B)", "bicond-def' on ((A & B) | ((~ A) & (~ B)))"),
    ("from-complements", "B # (~ B) # A", "from-complements on A, B, (~ B)"),
    ("from-complements", "(~ B) # B # A", "from-complements on A, (~ B), B"),
    ("by-contradiction", "((~ A) ==> false) # A", "by-contradiction on A, ((~ A) ==> false)"),
    ("by-contradiction", "(A ==> false) # (~ A)", "by-contradiction on (~ A), (A ==> false)"),
]


def coqc(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Let Coq compile ``text``."""
    (folder / "proof.v").write_text(text, encoding="utf-8")
    return subprocess.run(["coqc", "proof.v"], cwd=folder, capture_output=True, text=True, check=False)


def test_a_proof_becomes_numbered_lines() -> None:
    """Premises, hypotheses, steps and discharges are lines that cite earlier lines by number."""
    lines = lines_of(PROBLEM, PROOF)
    assert [(line.kind, line.rule, line.cites, line.depth) for line in lines] == [
        ("premise", "premise", (), 0),
        ("premise", "premise", (), 0),
        ("hypothesis", "assume", (), 1),
        ("step", "left-and", (3,), 1),
        ("step", "mp", (1, 4), 1),
        ("hypothesis", "suppose-absurd", (), 2),
        ("step", "absurd", (5, 6), 2),
        ("discharge", "suppose-absurd", (6, 7), 1),
        ("step", "mp", (2, 5), 1),
        ("discharge", "assume", (3, 9), 0),
    ]


def test_a_proof_for_a_paper() -> None:
    """The LaTeX table has a row a line, a bar for each open hypothesis, the rule and what it cites."""
    text = export_proof(PROBLEM, PROOF, to="latex")
    assert text.splitlines()[0] == r"\begin{longtable}{r@{\quad}l@{\qquad}l}"
    assert r"7 & $\;\vert\;\;\vert\;\bot$ & \textit{absurd} 5, 6 \\" in text
    assert r"10 & $(A \land B) \rightarrow D$ & \textit{assume} 3--9 \\" in text
    assert export_proof("(A ==> B) # A # B", "mp on (A ==> B), A", to="fitch").splitlines() == [
        "1 │ (A ==> B)  premise",
        "2 │ A          premise",
        "  ├───",
        "3 │ B          mp 1, 2",
    ]
    plain = export_proof(PROBLEM, PROOF, to="fitch").splitlines()
    assert [line.split()[0] for line in plain if line[1].isdigit()] == [str(number) for number in range(1, 11)]
    assert " 7 │ │ │ false" in "\n".join(plain)
    assert plain[-1].endswith("assume 3-9")
    assert r"2 & $= f(b)$ & $E_{2}$ \\" in export_proof(CHAIN_PROBLEM, CHAIN, to="latex", language="equational")


@pytest.mark.kernels
def test_a_step_backwards_is_an_equation_read_backwards(tmp_path: Path) -> None:
    """A chain whose steps go either way is one that Coq accepts: a step to the left is written as the rewrite back."""
    problem = parse_equational_problem("E1: f(X) = g(X, b) # E2: f(a) = c # g(g(a, b), b) = f(c)")
    chain = "s = g(g(a, b), b)\n= f(g(a, b)) by E1\n= f(f(a)) by E1\n= f(c) by E2"
    verdict = check(problem, chain, language="equational", relation="symmetric")
    assert verdict.rewrites is not None
    terms = [parse_term(text) for text in ("g(g(a, b), b)", "f(g(a, b))", "f(f(a))", "f(c)")]
    result = coqc(tmp_path, chain_section("proof", problem, terms, verdict.rewrites))
    assert result.returncode == 0, result.stderr


def test_every_rule_has_a_lemma_in_the_table() -> None:
    """The examples below cover every rule and every form of it."""
    counted = {name: sum(rule == name for rule, _, _ in EACH_RULE) for name in RULES}
    assert counted == {name: len(rule.forms) for name, rule in RULES.items()}


@pytest.mark.kernels
def test_coq_accepts_every_rule(tmp_path: Path) -> None:
    """One theorem for each form of each rule, compiled by Coq."""
    texts = [export_proof(problem, proof, to="coq", name=f"t{i}") for i, (_, problem, proof) in enumerate(EACH_RULE)]
    preamble = texts[0][: texts[0].index("Theorem t0")]
    result = coqc(tmp_path, preamble + "".join(text.removeprefix(preamble) for text in texts))
    assert result.returncode == 0, result.stderr


@pytest.mark.kernels
@pytest.mark.parametrize(
    ("problem", "proof", "language", "axioms"),
    [
        (PROBLEM, PROOF, "ndl", "Closed under the global context"),
        ("(~ (~ A)) # A", "dn on (~ (~ A))", "ndl", "classic"),
        ("(A | B) # (~ A ==> B)", "{ x := assume (~ A) { B from (A | B), (~ A) } }", "macro", "classic"),
        (CHAIN_PROBLEM, CHAIN, "equational", "Closed under the global context"),
    ],
)
def test_coq_rests_on_classic_alone(tmp_path: Path, problem: str, proof: str, language: str, axioms: str) -> None:
    """``Print Assumptions`` names the excluded middle or nothing."""
    text = export_proof(problem, proof, to="coq", language=language)  # type: ignore[arg-type]
    result = coqc(tmp_path, f"{text}\nPrint Assumptions proof.")
    assert result.returncode == 0, result.stderr
    named = [line for line in result.stdout.splitlines() if line and line != "Axioms:" and not line.startswith(" ")]
    assert len(named) == 1
    assert axioms in named[0]


@pytest.mark.kernels
def test_coq_refuses_what_does_not_follow(tmp_path: Path) -> None:
    """The kernel judges: the same script with another goal does not compile."""
    text = export_proof(PROBLEM, PROOF, to="coq")
    assert coqc(tmp_path, text.replace(": ((a_A /\\ a_B) -> a_D).", ": (a_D -> (a_A /\\ a_B)).", 1)).returncode != 0


def test_only_accepted_proofs_are_exported() -> None:
    """A wrong proof is a CheckerError, another target a ValueError that names what there is."""
    with pytest.raises(CheckerError, match="strictly correct"):
        export_proof("A # B", "B BY claim on B", to="coq")
    with pytest.raises(CheckerError, match="only a correct proof"):
        export_proof(CHAIN_PROBLEM, "s = g(f(a), a)\n= b by E1", to="coq", language="equational")
    with pytest.raises(ValueError, match="ndl proofs can be exported to coq, latex, fitch, not to metamath"):
        export_proof(PROBLEM, PROOF, to="metamath")
    with pytest.raises(ProblemSyntaxError):
        export_proof("A # (B &", PROOF, to="coq")


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400))
def test_deep_proofs_are_written_without_recursion(depth: int) -> None:
    """Thousands of nested blocks are lines like any others."""
    deep = depth * 10
    proof = "assume A { " * deep + "A BY claim on A" + " }" * deep
    goal = "(A ==> " * deep + "A" + ")" * deep
    lines = lines_of(f"A # {goal}", proof)
    assert max(line.depth for line in lines) == deep
    assert len(lines) == 2 * deep + 2
