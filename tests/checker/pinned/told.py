"""What is written down of a text: all that the checker says of it, and what else is worked out from it.

A verdict in both modes, its fixes and the text as read stand there to be read; what is long (the steps that were seen,
an export, certificates) stands as a digest, which changes where anything of it does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import Any

from proofgrid.checker import (
    CheckerError,
    ProblemSyntaxError,
    as_read,
    check,
    examine,
    parse_formula,
    parse_proof,
    trace_steps,
)
from proofgrid.checker.equational import (
    Equation,
    FiniteModel,
    ReachableSet,
    Term,
    apply,
    certificate_from_json,
    contractum_fault,
    contractum_faults,
    explanations,
    find_certificate,
    find_reachable,
    format_problem,
    match,
    parallel_rewrites,
    parallel_step,
    parse_chain,
    parse_equational_problem,
    positions,
    rewrites_are_right,
    single_step,
    substitute,
    subterm,
    symmetric_step,
    variable,
    variables,
    verify,
)
from proofgrid.checker.equational import as_read as chain_as_read
from proofgrid.checker.equational.terms import replace as replaced
from proofgrid.checker.hilbert.axioms import VARIABLES
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, axiom_line, format_proof
from proofgrid.checker.hilbert.metamath import MetamathProof, export_metamath, metamath_database
from proofgrid.checker.hilbert.read import ProofReader
from proofgrid.checker.limits import Work
from proofgrid.checker.natural.alone import read_rule, read_steps, read_term
from proofgrid.checker.natural.syntax import ParsedProof
from proofgrid.checker.parsing import parse_problem

WORK = 5_000
"""Units that one search may take."""
_REPEATED = re.compile("\u27ea(.*?)\u27eb", re.DOTALL)
"""What stands so often in a text as its option ``times`` says, so that a long one can be written down."""


def stated(language: str, problem: str, proof: str, options: dict[str, Any]) -> dict[str, Any]:
    """What is said of a text: a proof in one of the four languages, a part of one, or a step between two terms."""
    if times := options.get("times"):
        rest = {name: value for name, value in options.items() if name != "times"}
        told = stated(language, problem, _REPEATED.sub(lambda part: part[1] * times, proof), rest)
        return {"kind": told.get("strict", {}).get("kind", "none"), "all": digest(told)}
    if language in _PARTS:
        return _part(language, problem, proof)
    if language == "rewriting":
        return _rewriting(problem)
    try:
        told = _verdicts(language, problem, proof, options)
    except ProblemSyntaxError as error:
        return {"raises": "ProblemSyntaxError", "message": str(error)}
    told["seen"] = digest(_attempt(lambda: _seen(language, problem, proof, options)))
    return told


def digest(value: object) -> str:
    """A few characters that change where the value does."""
    return sha256(json.dumps(value, ensure_ascii=False, default=repr).encode("utf-8", "replace")).hexdigest()[:12]


def bare(value: Any) -> Any:
    """Without what is empty."""
    if isinstance(value, dict):
        return {
            k: bare(v)
            for k, v in value.items()
            if v not in (None, [], {}, "", False, 0) or (v is False and k == "correct")
        }
    return [bare(v) for v in value] if isinstance(value, list | tuple) else value


def _attempt(work: Callable[[], Any]) -> Any:
    """The result, or the error as text."""
    try:
        return work()
    except (ValueError, CheckerError) as error:
        return f"{type(error).__name__}: {error} {getattr(error, 'offset', '')} {getattr(error, 'expected', '')}"


def _verdicts(language: Any, problem: str, proof: str, options: dict[str, Any]) -> dict[str, Any]:
    """Both modes, every failure, and the text as it was read."""
    asked: dict[str, Any] = {"language": language, **options}
    free = check(problem, proof, all_failures=True, **asked).to_json()
    told = {"instrumented": bare({k: v for k, v in free.items() if k not in ("mode", "language", "failure")})}
    strict = check(problem, proof, mode="strict", **asked)
    failure = strict.failure
    told["strict"] = {
        "correct": strict.correct,
        **({"kind": failure.kind, "line": failure.line, "message": failure.message} if failure else {}),
    }
    relating = {k: v for k, v in options.items() if k in ("relation", "most")}
    try:
        read = chain_as_read(problem, proof, **relating) if relating else as_read(problem, proof, language)
    except CheckerError:
        return told
    return told if read == proof else {**told, "read": read}


def _seen(language: Any, problem: str, proof: str, options: dict[str, Any]) -> Any:
    """What stands behind the verdict: all of both modes, and steps, lines, databases or rewrites."""
    verdicts: list[Any] = [
        check(problem, proof, language=language, mode="strict", all_failures=True, **options).to_json(),
        check(problem, proof, language=language, timeout=1e9, **options).to_json(),  # nothing is worked out later
    ]
    if language in ("equational", "hilbert"):
        verdicts.append(check(problem, proof, language=language, **options).to_json())
    if language == "equational":
        try:
            known = parse_equational_problem(problem).equations
        except CheckerError:
            return verdicts
        return [*verdicts, repr(parse_chain(proof, known).lines), repr(parse_chain(proof).lines)]
    if language == "hilbert":
        premises, goal = parse_problem(problem)
        lines = [line for line in ProofReader(proof).lines() if isinstance(line, HilbertLine)]
        one = [MetamathProof("p", premises, goal, lines)]
        two = [*one, MetamathProof("q", premises, goal, lines)]
        return [
            *verdicts,
            [
                str(axiom_line(n, x.number, line.formula, dict(x.values)))
                for n, line in enumerate(lines)
                if isinstance(x := line.justification, Axiom)
                and set(VARIABLES[x.number]) == {name for name, _ in x.values}
            ],
            repr(list(ProofReader(proof).lines())),
            format_proof(lines),
            _attempt(lambda: export_metamath(premises, goal, proof)),
            _attempt(lambda: metamath_database(two)),
            _attempt(lambda: metamath_database(one, as_written=True)),
        ]
    verdicts.append(_attempt(lambda: _tree(parse_proof(proof, language))))
    verdicts.append(_attempt(lambda: len(trace_steps(problem, proof, language))))
    examined = examine(problem, proof, language=language, profile=options.get("profile", "surface"))
    verdicts.append([repr(replace(step, node=step.node.rule)) for step in examined.steps])  # type: ignore[arg-type]
    verdicts += [repr(examined.failed), examined.verdict.to_json()]
    return verdicts


def _tree(parsed: ParsedProof) -> list[str]:
    """Every node of a proof as it was parsed, with its place."""
    nodes = [f"{type(node).__name__} {node.start} {node.end} {node!r}"[:300] for node in parsed.walk()]
    steps = [
        f"{step.step} {step.rule} {[argument.start for argument in step.arguments]}" for step in parsed.applications()
    ]
    return [repr(parsed), *nodes, *steps, *(str(label) for node in parsed.walk() for label in node.labels)]


_PARTS: dict[str, Callable[[str, str], Any]] = {
    "steps": lambda text, language: read_steps(text, language),  # type: ignore[arg-type]
    "term": lambda text, _: read_term(text),
    "rule": lambda text, _: read_rule(text),
    "formula": lambda text, _: parse_formula(text),
}


def _part(kind: str, language: str, text: str) -> dict[str, Any]:
    """A part of a proof read alone: what slips it has, and how it is written."""
    try:
        read = _PARTS[kind](text, language)
        return {"read": str(read)} if kind == "formula" else {"read": read.text, "kinds": list(read.kinds)}
    except CheckerError as error:
        return {"raises": type(error).__name__, "message": str(error), "at": getattr(error, "offset", None)}


def _contractions(found: Any) -> Any:
    return [(c.equation.name, c.position, str(c.redex), str(c.contractum), sorted(c.substitution)) for c in found or ()]


def _rewriting(problem: str) -> dict[str, Any]:
    """Every question that can be asked of a step between two terms by some equations, the answers as digests."""
    try:
        given = parse_equational_problem(problem)
    except CheckerError as error:
        return {"raises": str(error)}
    s, t, equations = given.start, given.goal, list(given.equations.values())
    told: dict[str, Any] = {"problem": digest(format_problem(given))}
    sets = [equations, *([e] for e in equations)]
    if len(equations) > 2:
        sets += [equations[:2], equations[1:], [*equations, *equations]]
    told["steps"] = digest([_attempt(lambda used=used: _steps(s, t, used)) for used in sets])  # type: ignore[misc]
    told["terms"] = digest([_terms(s, t), _terms(t, s)])
    told["explanations"] = [
        _attempt(lambda most=most, both=both: _explained(s, t, equations, both, most))  # type: ignore[misc]
        for both in (False, True)
        for most in (None, 1)
    ]
    reached = islice(parallel_rewrites(s, equations, work=Work(units=WORK)), 200)
    told["reached"] = digest(_attempt(lambda: [(str(term), _contractions(how)) for term, how in reached]))
    for relation in ("parallel", "symmetric"):
        told[relation] = _attempt(lambda r=relation: _certified(s, t, equations, r))  # type: ignore[misc]
    return told


def _terms(s: Term, t: Term) -> Any:
    """A term taken apart and put together again, and as a pattern of another."""
    out: list[Any] = [repr(s), s.is_variable, s.ground, variables(s, t), [(at, str(part)) for at, part in positions(s)]]
    for at in ((), (1,), (2,), (0,), (1, 1), (2, 2), (9,)):
        try:
            out += [str(subterm(s, at)), str(replaced(s, at, t))]
        except IndexError as error:
            out.append(str(error))
    found = match(s, t)
    out.append(None if found is None else sorted((name, str(value)) for name, value in found.items()))
    out.append(str(substitute(s, dict.fromkeys(variables(s), t))))
    for name in (s.name, "V", "v", "V-1", "nothing"):
        out.append(_attempt(lambda name=name: str(apply(name, *s.args))))  # type: ignore[misc]
        out.append(_attempt(lambda name=name: str(variable(name))))  # type: ignore[misc]
    return [*out, copy(s) is s]


def _explained(s: Term, t: Term, equations: list[Equation], symmetric: bool, most: int | None) -> list[str]:
    found = explanations(s, t, equations, symmetric=symmetric, most=most, work=Work(units=WORK))
    return [("-" if e.backwards else "") + " ".join(e.equations) for e in found][:12]


def _steps(s: Term, t: Term, used: list[Equation]) -> Any:
    work = Work(units=WORK)
    how = parallel_step(s, t, used, work=work)
    either = symmetric_step(s, t, used, work=work)
    claims = [(c.equation, c.position) for c in how or ()]
    worst = contractum_fault(s, t, used, work=work)
    faults = [worst, *islice(contractum_faults(s, t, used, work=work), 50)] if worst is not None else []
    return [
        how if how is None else _contractions(how),
        None if either is None else (either[0], _contractions(either[1])),
        [(f.equation.name, f.position, str(f.redex), str(f.expected), str(f.actual)) for f in faults if f],
        [_contractions(single_step(s, t, equation)) for equation in used],
        [rewrites_are_right(s, t, c) for c in (claims, claims[1:], [*claims, *claims[:1]], [(e, (1,)) for e in used])],
    ]


def _certified(s: Term, t: Term, equations: list[Equation], relation: Any) -> Any:
    """The certificate that no chain leads from s to t, and what its check says of it and of altered ones."""
    reachable = find_reachable(equations, s, t, relation=relation, limit=60, largest=20, work=Work(units=WORK))
    found = find_certificate(equations, s, t, relation=relation, work=Work(units=WORK))
    sizes = [len(reachable.terms) if reachable else None]
    if found is None:
        return [*sizes, None]
    data = found.to_json()
    said = [verify(certificate_from_json(data), equations, s, t, relation=relation)]
    for altered in _altered(found):
        said.append(verify(altered, equations, s, t, relation=relation))
    for other in ("parallel", "symmetric"):
        said += [verify(found, equations, t, s, relation=other), verify(found, equations, s, s, relation=other)]
    return [*sizes, data["kind"], digest(data), "".join("ny"[x] for x in said)]


def _altered(found: FiniteModel | ReachableSet) -> list[FiniteModel | ReachableSet]:
    """The certificate with each value raised, each table or term left out."""
    if isinstance(found, ReachableSet):
        return [ReachableSet(found.relation, found.terms[:n] + found.terms[n + 1 :]) for n in range(len(found.terms))]
    out = [FiniteModel(found.size + 1, found.tables), FiniteModel(0, {})]
    for symbol, table in found.tables.items():
        out.append(FiniteModel(found.size, {k: v for k, v in found.tables.items() if k != symbol}))
        for point, value in table.items():
            for other in {(value + 1) % found.size, value + 1}:
                out.append(FiniteModel(found.size, {**found.tables, symbol: {**table, point: other}}))
    return list(out)
