"""Coverage-guided fuzzing of the NDL checker with atheris: no text may crash it, and its laws must hold.

For every input: check never raises, is deterministic in kind, strict mode and the `strict` flag agree, a strictly
correct proof has no fixes, positions lie inside the text, the verdict renders to printable text and serialises.

    python bench/fuzz/fuzz_ndl.py [--quick] [any libFuzzer option, e.g. -max_total_time=600 CORPUS_FOLDER]

--quick runs 8,000 inputs. Exits non-zero, with the input, where a law breaks.
"""

from __future__ import annotations

import json

import atheris
from driver import fuzz, places_lie_inside

with atheris.instrument_imports(include=["proofgrid.checker"]):
    from proofgrid.checker import check, parse_formula, parse_proof
    from proofgrid.checker.errors import FormulaSyntaxError, ProofSyntaxError
    from proofgrid.checker.render import render

PROBLEM = "A # (A ==> B) # (B | ~C) # (C & D) # (~ (A & C)) # B"
SEEDS = (
    "{ x := B BY mp on premise-2, A; assume h := C { claim on A }; B BY claim on x }",
    "cases on (ex-middle on A), assume A { mp on (A ==> B), A }, (assume (~ A) { mp on premise-2, premise-1 })",
    "suppose-absurd (~ B) { B BY mp on premise-2, A; absurd on B, (~ B) }",
    "mp on A → B, A; ;; B by mp premise-2, A.",
    "{ { (B & A) BY both on A, B }; x := (A <==> (true | false)); _ := dn on (~~A) }",
    "(A | B) BY right-either on A, B # comment\n; GAP-1; MASK2 on ((A, {",
    "B from A, premise-2",
)
SYMBOLS = (
    "assume suppose-absurd BY on from := { } ; , ( ) ~ & | ==> <==> -> && || ! premise-1 premise-2 left-and right-and "
    "left-either mp both dm dn dsyl cases absurd from-false by-contradiction ex-middle cond-def neg-cond claim false A"
)
DICTIONARY = SYMBOLS.split()


def one_input(data: bytes) -> None:
    text = data[1:].decode("utf-8", "surrogateescape")
    options = data[0] if data else 0
    language = "macro" if options & 1 else "ndl"
    profile = "paper" if options & 2 else "surface"
    verdict = check(PROBLEM, text, language=language, profile=profile, all_failures=bool(options & 4))
    strict = check(PROBLEM, text, language=language, mode="strict")
    assert strict.correct == verdict.strict, "the modes disagree"
    assert not (strict.correct and verdict.fixes), "a strictly correct proof has fixes"
    assert verdict.correct == (verdict.failure is None)
    places_lie_inside(text, (verdict.failure, strict.failure, *verdict.failures), verdict.fixes)
    drawn = render(verdict)
    assert all(c == "\n" or c.isprintable() for c in drawn), "unprintable output"
    json.dumps(verdict.to_json())
    for read in (parse_formula, parse_proof):
        offset = 0
        try:
            read(text)
        except (FormulaSyntaxError, ProofSyntaxError) as error:
            offset = error.offset
        assert 0 <= offset <= len(text), "an offset outside the text"


if __name__ == "__main__":
    fuzz(
        one_input,
        (bytes([options]) + seed.encode() for seed in SEEDS for options in range(4)),
        [word for word in DICTIONARY if '"' not in word],
        600,
    )
