"""The macro language: what follows from the justifiers of a step, and what a step may weigh."""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.limits import Work
from proofgrid.checker.macro.weights import JUSTIFIERS, STEP, StepWeights, Weights
from proofgrid.checker.natural.check import check_proof
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.findings import UNKNOWN, FailedStep, Stop, Traced
from proofgrid.checker.natural.scope import Open
from proofgrid.checker.natural.syntax import From, ParsedProof, RuleApplication
from proofgrid.checker.verdict import Mode, Profile, Verdict


class MacroEvaluator(Evaluator):
    """Evaluation of a macro proof."""

    def __init__(
        self,
        proof: ParsedProof,
        premises: Sequence[Formula],
        goal: Formula,
        formulas: dict[str, Open],
        *,
        tolerant: bool,
        paper: bool = False,
        go_on: bool = False,
        trace: list[Traced] | None = None,
        work: Work | None = None,
    ) -> None:
        super().__init__(
            proof, premises, goal, formulas, tolerant=tolerant, paper=paper, go_on=go_on, trace=trace, work=work
        )
        self.weights = Weights(premises, goal, self.work.spend)

    def step(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        """What follows from the justifiers, if the step keeps the bound on what it weighs."""
        if not isinstance(node, From):  # NDL's rules know no weights: premises would merge unseen
            raise Stop(FailedStep("undefinedName", node.rule_start, node, name=node.rule))
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = self.resolve(node.conclusion, node)
        if UNKNOWN in values or stated is UNKNOWN:
            return stated
        evaluated = tuple(values)
        holds = self.holds
        sources = tuple(v for v in values if v in holds)
        if len(values) > JUSTIFIERS:
            raise Stop(
                FailedStep("tooManyJustifiers", node.rule_start, node, evaluated, sources=sources, target=stated)
            )
        for value in values:
            if value not in holds:
                raise Stop(
                    FailedStep(
                        "notInAB", node.rule_start, node, evaluated, missing=value, sources=sources, target=stated
                    )
                )
        weighed = self.weights.step(values, stated)
        if not weighed.kept:
            raise Stop(
                FailedStep(
                    "aggregation",
                    node.rule_start,
                    node,
                    evaluated,
                    sources=sources,
                    target=stated,
                    message=_too_heavy(evaluated, stated, weighed),
                    hint="go on in smaller steps, each from fewer or simpler formulas",
                )
            )
        model = countermodel(values, stated, work=self.work)
        if model is not None:
            raise Stop(
                FailedStep(
                    "doesNotFollow", node.rule_start, node, evaluated, sources=sources, target=stated, model=model
                )
            )
        if self.trace is not None:
            self._note(node, evaluated, evaluated, stated)
        return stated


def _too_heavy(justifiers: Sequence[Formula], conclusion: Formula, weighed: StepWeights) -> str:
    """What of a step weighs what."""
    given = zip(justifiers, weighed.justifiers, strict=True)
    what = ", ".join(f"{show(formula, 100)} weighs {weight}" for formula, weight in given)
    if weighed.together > JUSTIFIERS:
        return f"the justifiers weigh {weighed.together} together, and at most {JUSTIFIERS} is allowed: {what}"
    denied = f"the conclusion {show(conclusion, 100)}, denied, weighs {weighed.conclusion}"
    total = weighed.together + weighed.conclusion
    return f"the step weighs {total}, and at most {STEP} is allowed: {what}, and {denied}"


def check_macro(
    premises: Sequence[Formula],
    goal: Formula,
    text: str,
    *,
    mode: Mode = "instrumented",
    profile: Profile = "surface",
    all_failures: bool = False,
    timeout: float | None = None,
) -> Verdict:
    """The verdict on a macro proof. Total: never raises on any ``text``."""
    return check_proof(
        premises,
        goal,
        text,
        language="macro",
        evaluator=MacroEvaluator,
        mode=mode,
        profile=profile,
        all_failures=all_failures,
        timeout=timeout,
    )
