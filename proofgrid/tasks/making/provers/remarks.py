"""What an author says about the steps of a proof: short remarks, chosen by what the step does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from proofgrid.checker.formulas import FALSE, Formula
from proofgrid.tasks.making.provers.lines import Assume, Line

HAVE = ("have", "have", "got", "know")
FALSUM = ("contradiction", "bottom", "clash", "impossible")

_STEP = {
    "claim": ("This is already available.", "We simply restate {0}.", "{c} is at hand."),
    "left-and": ("Take the left half of {0}.", "The first conjunct gives {c}.", "Split {0}: first {c}."),
    "right-and": ("Take the right half of {0}.", "The second conjunct is {c}.", "{0} also contains {c}."),
    "both": ("Put the two parts together.", "Combine {0} and {1}.", "Both halves are there now."),
    "mp": ("The antecedent holds, so {c} follows.", "Modus ponens with {1}.", "Apply the conditional to get {c}."),
    "mt": ("The consequent fails, so the antecedent must fail too.", "Modus tollens: {c}.", "Contrapose {0}."),
    "left-either": ("One disjunct is enough.", "Weaken {0} to a disjunction.", "The left side is settled."),
    "right-either": ("The right disjunct holds, which suffices.", "Weaken to the disjunction.", "{1} is enough here."),
    "cases": ("Either way we get {c}.", "Both cases agree.", "So {c} holds in every case."),
    "absurd": ("That is a contradiction.", "{0} and {1} cannot both hold.", "This is impossible."),
    "dn": ("Remove the double negation.", "Two negations cancel: {c}."),
    "left-iff": ("Read the biconditional from left to right.", "Only one direction of {0} matters here."),
    "right-iff": ("Read the biconditional from right to left.", "Now the other direction of {0}."),
    "equiv": ("Both directions are done.", "The two conditionals make the biconditional."),
    "ex-middle": ("Either {0} or its negation holds.", "Split on {0}.", "Consider whether {0} holds."),
    "dm": ("De Morgan turns this into {c}.", "Push the negation inwards.", "By De Morgan's law."),
    "dsyl": ("The other disjunct is ruled out, leaving {c}.", "Disjunctive syllogism gives {c}.", "Only {c} is left."),
    "neg-cond": ("A conditional fails only one way.", "Unfold the negated conditional.", "This is {c} in other words."),
    "neg-bicond": ("The two sides differ.", "Exactly one side of the biconditional holds."),
    "from-false": ("Anything follows from a contradiction.", "Ex falso: {c}.", "This case cannot arise, so {c}."),
    "cond-def": ("Read the conditional as a disjunction.", "Rewrite as {c}.", "By the definition of the conditional."),
    "from": ("This forces {c}.", "Together these give {c}.", "Hence {c}.", "Nothing else is possible now."),
    "bicond-def'": ("Rewrite the biconditional as two cases.",),
    "from-complements": ("These two clash, so anything follows.", "Contradictory facts give {c}."),
    "by-contradiction": ("The assumption was untenable, hence {c}.", "So {c} after all.", "Therefore {c}."),
}
_REFUTE = ("Suppose {h}; we look for a contradiction.", "Assume {h} and refute it.", "Could {h} hold? No:")
_ASSUME = ("Assume {h} and aim for {g}.", "Case {h}.", "Suppose {h}.", "Let us see what {h} gives.", "First take {h}.")
_FINAL = ("This is the goal.", "Which is what we wanted.", "Done: {c}.", "That finishes this part.")


def pick(rng: Random, choices: Sequence[str]) -> str:
    """One of ``choices``."""
    return choices[rng.randrange(len(choices))]


def remark(line: Line, rng: Random, name: Callable[[Formula], str], *, last: bool) -> str:
    """A sentence about a line; ``name`` says how to refer to a formula."""
    if isinstance(line, Assume):
        aim = line.body[-1].formula
        template = pick(rng, _REFUTE if line.absurd or aim is FALSE else _ASSUME)
        return template.format(h=name(line.hypothesis), g=name(aim))
    templates = _STEP.get(line.rule, _FINAL)
    if last and rng.random() < 0.15:
        templates = _FINAL
    return pick(rng, templates).format(*(name(a) for a in line.args), c=name(line.formula))
