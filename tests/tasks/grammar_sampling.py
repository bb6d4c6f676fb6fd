"""Sentences of answer grammars, drawn through llguidance's matcher, and what strict reading makes of them.

The matcher says which bytes may follow; one of them is drawn, and after a while those that close something are
preferred, so that sentences end, but for a few short spells, so that the later of many places are written freely now
and then, too. So what is tested is the grammar as an engine reads it, not our idea of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import compress
from random import Random
from typing import Any

import llguidance

from proofgrid.checker import parse_proof
from proofgrid.checker.equational.terms import parse_term
from proofgrid.checker.hilbert.lines import HilbertLine
from proofgrid.checker.hilbert.read import ProofReader
from proofgrid.checker.natural.alone import read_steps
from proofgrid.checker.natural.syntax import Assume, Definition, RuleApplication, SupposeAbsurd, Term
from proofgrid.checker.parsing import read_open
from proofgrid.checker.rules import RULES
from proofgrid.tasks import Item, get_task
from proofgrid.tasks.grammars import Grammar, answer_grammar

_BYTES = llguidance.LLTokenizer("byte")
_CLOSING = b')}];"\\n.,'
_PATIENCE = 120
"""Bytes after which a sentence is brought to its end."""
_SPELL = 0.005
"""How likely at a byte after that a spell of free writing is."""


def matcher(grammar: Grammar) -> llguidance.LLMatcher:
    """llguidance's matcher for a grammar. Raises ValueError if it cannot be read."""
    made = llguidance.LLMatcher(_BYTES, llguidance.grammar_from("lark", grammar.lark()))
    if made.is_error():
        raise ValueError(made.get_error())
    return made


def accepts(grammar: Grammar, text: str) -> bool:
    """Whether ``text`` is a sentence of the grammar."""
    made, tokens = matcher(grammar), _BYTES.tokenize_str(text)
    return made.try_consume_tokens(tokens) == len(tokens) and bool(made.is_accepting())


def sentences(grammar: Grammar, count: int, seed: int) -> Iterator[str]:
    """Random sentences; the same seed gives the same ones."""
    rng = Random(seed)
    fresh = matcher(grammar)
    for _ in range(count):
        made, written = fresh.deep_copy(), bytearray()
        patience = rng.randint(1, 2 * _PATIENCE)
        while not made.is_stopped():
            if len(written) > patience:
                if made.is_accepting():
                    break
                if rng.random() < _SPELL:
                    patience = len(written) + rng.randint(1, 40)
            allowed = list(compress(range(256), made.compute_logit_bias()))
            if not allowed:
                break
            if len(written) > patience:
                pick = allowed[0] if len(allowed) == 1 else _soonest(allowed, rng)
            else:
                empty = written.endswith((b"{", b"["))  # closed at once, it would be most sentences of some grammars
                closing = [] if empty else [b for b in allowed if b in _CLOSING]
                pick = rng.choice(closing) if closing and rng.random() < 0.3 else _any(allowed, rng)
            written.append(pick)
            if not made.consume_token(pick):
                raise ValueError(made.get_error())
        yield written.decode()


def _any(allowed: list[int], rng: Random) -> int:
    """An allowed byte, of those with which no character of several bytes begins."""
    plain = [b for b in allowed if b < 128]
    return rng.choice(plain or allowed)


def _soonest(allowed: list[int], rng: Random) -> int:
    """An allowed byte that closes something, if one does; else one that opens nothing."""
    for wanted in (b'"', b"}", b")", b"]", b"\n", b";"):
        if wanted[0] in allowed and rng.random() < 0.9:
            return wanted[0]
    calm = [b for b in allowed if b in b"abcde"]  # constants: a function's name would ask for terms again
    calm = calm or [b for b in allowed if b < 128 and b not in b"({[~#\\,:"]
    return rng.choice(calm) if calm else _any(allowed, rng)


def _natural(proof: str, language: str) -> None:
    parsed = parse_proof(proof, "macro" if language == "macro" else "ndl")
    for node in parsed.walk():
        terms: list[Any] = []
        if isinstance(node, RuleApplication):
            assert node.rule in RULES
        if isinstance(node, (Assume, SupposeAbsurd)):
            terms = [node.hypothesis]
        elif isinstance(node, Definition):
            terms = [node.formula]
        elif hasattr(node, "arguments"):
            terms = [node.conclusion, *node.arguments]
        for term in terms:
            if isinstance(term, Term):
                read_open(term.text)


def _hilbert(proof: str) -> None:
    reader = ProofReader(proof)
    lines = list(reader.lines())
    assert lines
    assert all(isinstance(line, HilbertLine) for line in lines)
    assert not reader.fixes.listed, reader.fixes.listed


def read_strictly(item: Item, text: str) -> None:
    """Raises where ``text`` is not to the letter what the task asks for."""
    task = get_task(item.task)
    reading = task.read(item.shown, text)
    assert reading.value is not None, reading.problem
    assert not reading.repairs, reading.repairs
    judge = _STRICT.get(item.task)
    if judge is not None:
        judge(item, text)


def _masks(item: Item, text: str) -> None:
    for value in json.loads(text)["masks"].values():
        if value not in RULES:
            read_open(value.replace("\n", " "))


def _gaps(item: Item, text: str) -> None:
    values: Mapping[str, str] = get_task(item.task).read(item.shown, text).value
    for steps in values.values():
        assert not read_steps(steps).kinds


def _terms(item: Item, text: str) -> None:
    for step in json.loads(text)["missingSteps"]:
        parse_term(step["term"])


_STRICT: dict[str, Callable[[Item, str], None]] = {
    **{t: lambda item, text: _natural(json.loads(text)["proof"], "ndl") for t in ("pl1_pw", "pl2_pw")},
    "pl3_pw": lambda item, text: _natural(json.loads(text)["proof"], "macro"),
    **{t: lambda item, text: _hilbert(json.loads(text)["proof"]) for t in ("pl4_pw", "pl4_pw_c")},
    **dict.fromkeys(("pl1_pm", "pl1_pm_c"), _masks),
    **dict.fromkeys(("pl1_gf", "pl1_gf_c"), _gaps),
    "eq_gf": _terms,
}


def grammar_of(item: Item) -> Grammar:
    """The grammar of an item's answer."""
    return answer_grammar(item.task, item.shown)
