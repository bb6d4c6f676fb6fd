"""Hilbert proofs exported to Metamath: two other verifiers judge every line of 500 proofs, correct and broken."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from proofgrid.checker import parse_formula
from proofgrid.checker.hilbert import HilbertLine, ModusPonens, Premise, ProofReader, check_hilbert, format_proof
from proofgrid.checker.hilbert.metamath import MetamathProof, export_metamath, metamath_database
from tests.checker.judges import metamath_failures, random_hilbert_proof, spoiled

COUNT = 500


@pytest.fixture(scope="module")
def judged() -> tuple[str, set[str]]:
    """A database of 500 proofs, every other one spoiled, and the labels of the lines that the checker refuses."""
    proofs: list[MetamathProof] = []
    refused: set[str] = set()
    for seed in range(COUNT):
        rng = random.Random(seed)
        premises, lines = random_hilbert_proof(rng, rng.randint(8, 24))
        if seed % 2:
            lines = spoiled(rng, lines)
        goal = lines[-1].formula if seed % 10 else parse_formula("(A ==> (B ==> (~ C)))")
        name = f"t{seed}"
        verdict = check_hilbert(premises, goal, format_proof(lines), all_failures=True)
        refused |= {f"{name}.{failure.step}" for failure in verdict.failures if failure.step is not None}
        if goal is not lines[-1].formula:
            refused.add(name)
            assert verdict.failure is not None
        proofs.append(MetamathProof(name, premises, goal, lines))
    return metamath_database(proofs), refused


def test_the_sample_holds_correct_and_broken_proofs(judged: tuple[str, set[str]]) -> None:
    """At least 100 proofs have a refused line and at least 200 have none, or the judges would have little to say."""
    broken = {label.split(".")[0] for label in judged[1]}
    assert 100 <= len(broken) <= COUNT - 200


def test_a_metamath_verifier_written_anew_agrees_on_every_line(judged: tuple[str, set[str]]) -> None:
    """Exactly the lines that the checker refuses have wrong proofs."""
    database, refused = judged
    assert set(metamath_failures(database)) == refused


@pytest.mark.metamath
@pytest.mark.skipif(shutil.which("metamath") is None, reason="Debian's metamath is not installed (make system)")
def test_metamath_agrees_on_every_line(judged: tuple[str, set[str]], tmp_path: Path) -> None:
    """Exactly the lines that the checker refuses are errors to the metamath program."""
    database, refused = judged
    (tmp_path / "proofs.mm").write_text(database)
    run = subprocess.run(
        ["metamath", "read 'proofs.mm'", "verify proof *", "exit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert set(re.findall(r'label\s+"([^"]+)"', run.stdout)) == refused


def lines_of(proof: str) -> list[HilbertLine]:
    """The lines of a readable proof."""
    found = list(ProofReader(proof).lines())
    assert all(isinstance(line, HilbertLine) for line in found)
    return found  # type: ignore[return-value]


def test_tolerated_slips_are_repaired_in_the_export_unless_asked_otherwise() -> None:
    """Swapped mp and missing assignments verify once repaired; as written, the swap does not."""
    a, ab, goal = parse_formula("A"), parse_formula("(A ==> B)"), parse_formula("(C ==> B)")
    text = (
        "0. A, Premise1; 1. (A ==> B), Premise2; 2. B, mp, 0, 1; 3. (B ==> (C ==> B)), Axiom1; 4. (C ==> B), mp, 3, 2;"
    )
    proof = MetamathProof("x", (a, ab), goal, lines_of(text))
    assert metamath_failures(metamath_database([proof])) == []
    text = text.replace("Axiom1;", "Axiom1, p := B, q := C;")
    proof = MetamathProof("x", (a, ab), goal, lines_of(text))
    assert metamath_failures(metamath_database([proof], as_written=True)) == ["x.2"]


def test_a_proof_as_text_is_exported_if_it_is_correct() -> None:
    """With its slips repaired; a wrong one is refused with its first failure."""
    a, ab, goal = parse_formula("A"), parse_formula("(A ==> B)"), parse_formula("B")
    database = export_metamath((a, ab), goal, "1. A, premise-1; 2. A -> B, Premise2; 3. B, mp, 1, 2", "modus")
    assert metamath_failures(database) == []
    assert "modus $p |- B $=" in database
    with pytest.raises(ValueError, match="only a correct proof can be exported; line 1: Premise2 is"):
        export_metamath((a, ab), goal, "0. B, Premise2;")
    with pytest.raises(ValueError, match="only a correct proof can be exported; the last line is A"):
        export_metamath((a, ab), goal, "0. A, Premise1;")


def test_what_cannot_be_stated_is_refused_by_name() -> None:
    """A line without a statable justification is a ValueError that names the line."""
    a = parse_formula("A")
    for bad, says in (
        ("0. A, Premise2;", "cites a premise that the problem lacks"),
        ("0. A, mp, 0, 1;", "does not come before it"),
        ("0. A, Assumption;", "no justification"),
        ("0. A, Axiom1;", "lacks an assignment"),
    ):
        with pytest.raises(ValueError, match=says):
            metamath_database([MetamathProof("x", (a,), a, lines_of(bad))])
    conjunction = HilbertLine(0, parse_formula("(A & B)"), Premise(1))
    lines = [conjunction, HilbertLine(1, a, ModusPonens(0, 0))]
    with pytest.raises(ValueError, match="'&' is not of this language"):
        metamath_database([MetamathProof("x", (conjunction.formula,), a, lines)])


def test_the_compressed_numbers_are_metamaths() -> None:
    """1 is A, 20 is T, 21 is UA, 120 is YT, 121 is UUA (the Metamath book, appendix B)."""
    from proofgrid.checker.hilbert.metamath import _letters

    assert [_letters(n) for n in (1, 20, 21, 120, 121, 620, 621)] == ["A", "T", "UA", "YT", "UUA", "YYT", "UUUA"]
