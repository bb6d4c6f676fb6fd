"""The first failure of a Hilbert proof as a question, and the valid lines before it: modus ponens and axioms.

A line that cites a premise wrongly, a line that is not there, or nothing at all states no inference.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker import Formula, FormulaSyntaxError, check, parse_formula
from proofgrid.checker.hilbert import Axiom, HilbertLine, ModusPonens, ProofReader, as_read
from proofgrid.checker.verdict import Failure
from proofgrid.stability.flaws import Flaw, NotAsked, Step, worth_asking
from proofgrid.tasks.questions.inference import Asked


def find_hilbert_flaw(premises: Sequence[Formula], goal: Formula, proof: str) -> Flaw | None:
    """The first failure of ``proof``; None where the checker accepts it. Total: never raises on any text."""
    failure = check((premises, goal), proof, language="hilbert").failure
    if failure is None:
        return None
    if failure.kind == "checkerLimit":
        return Flaw("checkerLimit", None, 0, 0, None, "limit", (), ())
    steps = _steps(premises, goal, proof)
    if failure.kind == "wrongTopConclusion":
        return Flaw(failure.kind, None, 0, 0, None, "wrong_goal", steps, ())
    asked, reason = _question(failure)
    return Flaw(failure.kind, failure.rule, failure.line, 0, asked, reason, steps, ())


def valid_hilbert_steps(premises: Sequence[Formula], goal: Formula, proof: str) -> tuple[Step, ...]:
    """The lines of a proof, up to its first failure if it has one, that modus ponens or an axiom gives. Total."""
    failure = check((premises, goal), proof, language="hilbert").failure
    return () if failure is not None and failure.kind == "checkerLimit" else _steps(premises, goal, proof)


def _steps(premises: Sequence[Formula], goal: Formula, proof: str) -> tuple[Step, ...]:
    formulas: list[Formula] = []
    steps = []
    for line in ProofReader(as_read(premises, goal, proof), tuple(premises), goal).lines():
        if not isinstance(line, HilbertLine):
            break
        because = line.justification
        if isinstance(because, ModusPonens):
            cited = (formulas[because.implication], formulas[because.antecedent])
            steps.append(Step(Asked("rule", "mp", cited, line.formula), line.formula, cited, 0))
        elif isinstance(because, Axiom):
            steps.append(Step(Asked("axiom", f"Axiom{because.number}", (), line.formula), line.formula, (), 0))
        formulas.append(line.formula)
    return tuple(steps)


def _question(failure: Failure) -> tuple[Asked | None, NotAsked | None]:
    if failure.inference is None:
        return None, "no_inference"
    try:
        target = parse_formula(failure.inference.to)
        cited = tuple(parse_formula(text) for text in failure.evaluated)
    except FormulaSyntaxError:  # a formula that was cut for the verdict
        return None, "too_long"
    if failure.kind == "notAnInstance" and failure.rule is not None:
        asked = Asked("axiom", failure.rule.partition(",")[0], (), target)
    elif failure.kind in ("conclusionMismatch", "malformedRuleApp") and len(cited) == 2:
        swapped = cited[1].op == "==>" and cited[1].left is cited[0]
        asked = Asked("rule", "mp", (cited[1], cited[0]) if swapped else cited, target)
    else:
        return None, "no_inference"
    return worth_asking(asked)
