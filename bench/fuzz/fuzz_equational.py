"""Coverage-guided fuzzing of the equational checker with atheris: no text may crash it, and its laws must hold.

For every input: check_chain never raises on a chain, the strict mode and the `strict` flag agree, the rewrites of an
accepted chain re-check, places lie inside the text, the verdict renders and serialises; a problem is read or refused
with ProblemSyntaxError; a term prints as it reads.

    python bench/fuzz/fuzz_equational.py [--quick] [any libFuzzer option, e.g. -max_total_time=600 CORPUS_FOLDER]

--quick runs 8,000 inputs. Exits non-zero, with the input, where a law breaks.
"""

from __future__ import annotations

import json
from contextlib import suppress

import atheris
from driver import fuzz, places_lie_inside

with atheris.instrument_imports(include=["proofgrid.checker"]):
    from proofgrid.checker import ProblemSyntaxError
    from proofgrid.checker.equational import (
        check_chain,
        parse_chain,
        parse_equational_problem,
        parse_term,
        rewrites_are_right,
    )
    from proofgrid.checker.errors import TermSyntaxError
    from proofgrid.checker.render import render

PROBLEM = parse_equational_problem(
    "E1: g(X,Y) = g(Y,X) # E2: f(f(X)) = X # E3: a = b # E4: f(X) = g(X,Z) # g(f(f(a)),c) = g(c,b)"
)
SEEDS = (
    "s = g(f(f(a)),c)\n= g(a,c) by E2\n= g(c,a) by E1\ng(c,b) by E3",
    "g(f(f(a)),c)\n1. -> g(a,c) using [E2]\n?? ??\n= g(c,b) by E1 and e3 # end",
    "```\ns = g(f(f(a)),c) = g(f(f(b)),c)\nby E3\n= ?? by E1\n= h(a,b,c) by E1,,E2.\n```",
    "E1: g(X,Y) = f(X) # E1: a = b # c = d",
    "r5(a,X,f(b),h1(a,b,c))",
)
SYMBOLS = "E1 E2 E3 E4 s = by using and ?? # f( g( h( r( , ) a b c X Y [ ] -> ==> 1. ```"
DICTIONARY = SYMBOLS.split()


def one_input(data: bytes) -> None:
    text = data[1:].decode("utf-8", "surrogateescape")
    options = data[0] if data else 0
    relation = "symmetric" if options & 1 else "parallel"
    verdict = check_chain(PROBLEM, text, relation=relation, all_failures=bool(options & 2))
    strict = check_chain(PROBLEM, text, relation=relation, mode="strict")
    assert strict.correct == verdict.strict, "the modes disagree"
    assert verdict.correct == (verdict.failure is None)
    places_lie_inside(text, (verdict.failure, strict.failure, *verdict.failures))
    if verdict.correct and relation == "parallel":
        terms = [line.term or PROBLEM.start for line in parse_chain(text, PROBLEM.equations).lines]
        for s, t, step in zip(terms[:-1], terms[1:], verdict.rewrites or (), strict=True):
            claims = [(PROBLEM.equations[r.equation], r.position) for r in step]
            assert rewrites_are_right(s, t, claims), "a step was accepted that is none"
    drawn = render(verdict)
    assert all(c == "\n" or c.isprintable() for c in drawn), "unprintable output"
    json.dumps(verdict.to_json())
    with suppress(ProblemSyntaxError):
        parse_equational_problem(text)
    offset = 0
    try:
        term = parse_term(text)
        assert parse_term(str(term)) is term
    except TermSyntaxError as error:
        offset = error.offset
    assert 0 <= offset <= len(text), "an offset outside the text"


if __name__ == "__main__":
    fuzz(one_input, (bytes([options]) + seed.encode() for seed in SEEDS for options in range(4)), DICTIONARY, 300)
