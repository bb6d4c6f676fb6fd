"""Derived rules of natural deduction as proof terms, each in two forms: a lemma of the library applied to its
arguments, or written out from the axioms. The first is short where the arguments are hypotheses that will be
discharged together, the second where they are proved already; which it is shows only when the whole proof is there,
so a search asks for one or the other and the shortest proof decides.
"""

from __future__ import annotations

from proofgrid.checker import Formula
from proofgrid.checker.formulas import implies, neg
from proofgrid.tasks.making.hilbert_prover.terms import Term, apply, discharge, hypothesis, theorem


def by_cases_of_denial(goal: Formula, x: Term, not_x: Term) -> Term:
    """The goal, from x and (~ x), each proved with the help of the hypothesis (~ goal): the third axiom."""
    denied = neg(goal)
    if x.proves is goal:
        return apply(theorem("clavius", goal), discharge(denied, x))
    return apply(theorem("N", goal, x.proves), discharge(denied, not_x), discharge(denied, x))


def anything(goal: Formula, x: Term, not_x: Term, lemma: bool) -> Term:
    """The goal from a contradiction."""
    if lemma:
        return apply(theorem("efq", x.proves, goal), not_x, x)
    return by_cases_of_denial(goal, x, not_x) if x.proves is not goal else x


def weaken(p: Formula, q: Term) -> Term:
    """(p ==> q) from q."""
    return apply(theorem("K", q.proves, p), q)


def from_denied(q: Formula, not_p: Term, lemma: bool) -> Term:
    """(p ==> q) from (~ p)."""
    p = not_p.proves.left
    if lemma:
        return apply(theorem("efq", p, q), not_p)
    return discharge(p, apply(theorem("N", q, p), discharge(neg(q), not_p), discharge(neg(q), hypothesis(p))))


def drop_double_negation(t: Term) -> Term:
    """p from (~ (~ p))."""
    return apply(theorem("dne", t.proves.left.left), t)


def add_double_negation(t: Term, lemma: bool) -> Term:
    """(~ (~ p)) from p."""
    p = t.proves
    if lemma:
        return apply(theorem("dni", p), t)
    return by_cases_of_denial(neg(neg(p)), t, drop_double_negation(hypothesis(neg(neg(neg(p))))))


def antecedent(t: Term, lemma: bool) -> Term:
    """p from (~ (p ==> q))."""
    p, q = t.proves.left.left, t.proves.left.right
    if lemma:
        return apply(theorem("left", p, q), t)
    return by_cases_of_denial(p, from_denied(q, hypothesis(neg(p)), lemma=True), t)


def denied_consequent(t: Term, lemma: bool) -> Term:
    """(~ q) from (~ (p ==> q)), or r where q is (~ r)."""
    p, q = t.proves.left.left, t.proves.left.right
    if q.op == "~":
        if lemma:
            return apply(theorem("right_pos", p, q.left), t)
        return by_cases_of_denial(q.left, weaken(p, hypothesis(q)), t)
    if lemma:
        return apply(theorem("right", p, q), t)
    return by_cases_of_denial(neg(q), weaken(p, drop_double_negation(hypothesis(neg(neg(q))))), t)


def deny_conditional(p: Term, q: Formula, other: Term, lemma: bool) -> Term:
    """(~ (p ==> q)) from p and (~ q), or from p and r where q is (~ r)."""
    goal = neg(implies(p.proves, q))
    positive = q.op == "~" and other.proves is q.left
    if lemma:
        name, value = ("both_pos", other.proves) if positive else ("both", q)
        return apply(theorem(name, p.proves, value), p, other)
    there = apply(drop_double_negation(hypothesis(neg(goal))), p)
    return by_cases_of_denial(goal, other, there) if positive else by_cases_of_denial(goal, there, other)


def tollens(conditional: Term, other: Term, lemma: bool) -> Term:
    """(~ p) from (p ==> q) and a complement of q; where p is (~ s), s."""
    p, q = conditional.proves.left, conditional.proves.right
    positive = q.op == "~" and other.proves is q.left
    if p.op == "~":
        if lemma:
            name, value = ("transpose", q.left) if positive else ("transpose_left", q)
            return apply(theorem(name, p.left, value), conditional, other)
        if positive:
            return apply(theorem("N", p.left, q.left), conditional, discharge(p, other))
        return apply(theorem("N", p.left, q), discharge(p, other), conditional)
    if lemma:
        name, value = ("contrapose_right", q.left) if positive else ("contrapose", q)
        return apply(theorem(name, p, value), conditional, other)
    there = apply(conditional, drop_double_negation(hypothesis(neg(neg(p)))))
    if positive:
        return by_cases_of_denial(neg(p), other, there)
    return by_cases_of_denial(neg(p), there, other)
