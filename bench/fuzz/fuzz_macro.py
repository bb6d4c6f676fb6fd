"""Coverage-guided fuzzing of the macro language with atheris: entailment, countermodels and the merging rule.

For every input: check never raises, the strict mode and the `strict` flag agree, what is accepted follows from the
premises, a countermodel makes the justifiers true and the conclusion false.

    python bench/fuzz/fuzz_macro.py [--quick] [any libFuzzer option, e.g. -max_total_time=600 CORPUS_FOLDER]

--quick runs 8,000 inputs. Exits non-zero, with the input, where a law breaks.
"""

from __future__ import annotations

import json

import atheris
from driver import fuzz

with atheris.instrument_imports(include=["proofgrid.checker"]):
    from proofgrid.checker import check, entails, parse_formula
    from proofgrid.checker.formulas import evaluate

PREMISES = tuple(map(parse_formula, ("A", "(A ==> B)", "(B | (~ C))", "(C | D)", "(~ (D & E))", "(E <==> F)", "F")))
SEEDS = (
    "{ B from A, (A ==> B); x := D from (C | D), B; assume h := (~ D) { C from h, (C | D) } }",
    "{ (A & B & F) from A, (A ==> B), F; ((~ D) & F) from (~ (D & E)), F, (E <==> F); C from (A & B & F), (C | D) }",
    "{ suppose-absurd D { false from D, (~ (D & E)), F, (E <==> F) }; C from (~ D), premise-4 }",
    "B from A, A, A, A, A, premise-2",
    "assume E { false from E; }; D from (C |",
)
SYMBOLS = "from assume suppose-absurd { } ; , ( ) := ~ & | ==> <==> true false A B C D E F premise-1 premise-2 h x"


def one_input(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    goal = parse_formula("C")
    verdict = check((PREMISES, goal), text, language="macro", all_failures=True)
    strict = check((PREMISES, goal), text, language="macro", mode="strict")
    assert strict.correct == verdict.strict, "the modes disagree"
    failure = verdict.failure
    assert verdict.correct == (failure is None)
    if verdict.conclusion is not None and (failure is None or failure.kind == "wrongTopConclusion"):
        assert entails(PREMISES, parse_formula(verdict.conclusion)), "something false was proved"
    for f in verdict.failures:
        if f.kind == "doesNotFollow":
            assert f.countermodel is not None
            assert f.inference is not None
            assert all(evaluate(parse_formula(p), f.countermodel) for p in f.evaluated), "the countermodel is none"
            assert not evaluate(parse_formula(f.inference.to), f.countermodel), "the countermodel is none"
    json.dumps(verdict.to_json())


if __name__ == "__main__":
    fuzz(one_input, (seed.encode() for seed in SEEDS), SYMBOLS.split(), 400)
