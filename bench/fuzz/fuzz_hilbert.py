"""Coverage-guided fuzzing of the Hilbert checker with atheris: no text may crash it, and its laws must hold.

For every input: check never raises, the strict mode and the `strict` flag agree, a strictly correct proof has no fixes,
what is accepted follows from the premises, places lie inside the text, the verdict renders and serialises.

    python bench/fuzz/fuzz_hilbert.py [--quick] [any libFuzzer option, e.g. -max_total_time=600 CORPUS_FOLDER]

--quick runs 8,000 inputs. Exits non-zero, with the input, where a law breaks.
"""

from __future__ import annotations

import json

import atheris
from driver import fuzz, places_lie_inside

with atheris.instrument_imports(include=["proofgrid.checker"]):
    from proofgrid.checker import check, entails, parse_formula
    from proofgrid.checker.hilbert import ProofReader, check_hilbert
    from proofgrid.checker.render import render

PROBLEM = "A # (A ==> B) # ((~ B) ==> (~ A)) # B"
PREMISES = tuple(parse_formula(text) for text in PROBLEM.split(" # ")[:-1])
SEEDS = (
    "0. A, Premise1;\n1. (A ==> B), Premise2;\n2. B, mp, 1, 0;",
    "1. A, premise-1; 2. (A -> B, Premise 2; 3. B, mp 1 2",
    "0. (A ==> ((A ==> A) ==> A)), Axiom1, p := A, q := (A ==> A);\n1. A, Premise1;\n2. ((A ==> A) ==> A), mp, 0, 1;",
    "0. (((~ B) ==> (~ A)) ==> (((~ B) ==> A) ==> B)), Axiom3, p := B, q := A; 1. ~B ==> ~A, Premise3;;",
    "```\n0) A), Premise1\n1) ¬A → B, Axiom2, r = (A\n# end\n```",
)
SYMBOLS = "Premise1 Premise2 Axiom1 Axiom2 Axiom3 mp, p q r := ==> ~ ( ) ; , . 0. 1. 2. A B -> by on and modus"
DICTIONARY = SYMBOLS.split()


def one_input(data: bytes) -> None:
    text = data[1:].decode("utf-8", "surrogateescape")
    verdict = check(PROBLEM, text, language="hilbert", all_failures=bool(data and data[0] & 1))
    strict = check(PROBLEM, text, language="hilbert", mode="strict")
    assert strict.correct == verdict.strict, "the modes disagree"
    assert not (strict.correct and verdict.fixes), "a strictly correct proof has fixes"
    assert verdict.correct == (verdict.failure is None)
    places_lie_inside(text, (verdict.failure, strict.failure, *verdict.failures), verdict.fixes)
    for line in ProofReader(text).lines():
        if hasattr(line, "formula") and check_hilbert(PREMISES, line.formula, text).correct:
            assert entails(PREMISES, line.formula), "something false was proved"
    drawn = render(verdict)
    assert all(c == "\n" or c.isprintable() for c in drawn), "unprintable output"
    json.dumps(verdict.to_json())


if __name__ == "__main__":
    fuzz(one_input, (bytes([options]) + seed.encode() for seed in SEEDS for options in range(2)), DICTIONARY, 400)
