"""Kinds of failures (docs/spec.md, section 3)."""

from __future__ import annotations

from proofgrid.glossary.entries import Entry, Example

FAILURES = (
    Entry(
        code="Parsing",
        name="text that is no proof",
        group="failure",
        said=(
            "The text cannot be read as a proof at this place, and no small slip explains it. Nothing after it was"
            " read."
        ),
        remedy="Write each step as RULE on ARGUMENTS, with steps separated by semicolons and blocks closed.",
        example=Example(
            problem="A # (A ==> B) # B",
            proof="B BY mp on, A",
            mended="B BY mp on (A ==> B), A",
        ),
    ),
    Entry(
        code="undefinedName",
        name="a name that was never given",
        group="failure",
        said="A step cites a name that nothing before it bears: no premise, no named step, no definition in scope.",
        remedy="Cite the premise or the named step, or write the formula itself.",
        example=Example(
            problem="A # (A ==> B) # B",
            proof="B BY mp on rule1, A",
            mended="B BY mp on premise-2, premise-1",
        ),
    ),
    Entry(
        code="invalidAssumption",
        name="an assumption that is no formula",
        group="failure",
        said="`assume x { ... }` where x is neither a formula nor a name of one.",
        remedy="Write `assume NAME := FORMULA { ... }`, or the formula alone.",
        example=Example(
            problem="B # (A ==> B)",
            proof="assume hyp {\n  B BY claim on B\n}",
            mended="assume hyp := A {\n  B BY claim on B\n}",
        ),
    ),
    Entry(
        code="malformedRuleApp",
        name="a rule that does not fit its arguments",
        group="failure",
        said=(
            "The rule was given arguments of a form, or a number, that it does not take: `mp` wants a conditional "
            "and its left side, `cases` a disjunction and two conditionals."
        ),
        remedy="Look up what the rule takes, or find the rule that takes what there is.",
        example=Example(
            problem="(A & B) # A",
            proof="A BY left-either on premise-1",
            mended="A BY left-and on premise-1",
        ),
    ),
    Entry(
        code="notInAB",
        name="an argument that was not shown to hold",
        group="failure",
        said=(
            "The rule fits, but one of its arguments is no premise, no open assumption and no conclusion of an "
            "earlier step that is still in scope. Upstream's name: not in the assumption base."
        ),
        remedy="Prove the formula first, in the same block or an enclosing one, and then use it.",
        example=Example(
            problem="(A | B) # (A ==> C) # (B ==> C) # C",
            proof="C BY mp on premise-2, A",
            mended="C BY cases on premise-1, premise-2, premise-3",
        ),
    ),
    Entry(
        code="conclusionMismatch",
        name="a conclusion that the rule does not give",
        group="failure",
        said="The step says with BY what it concludes, and the rule, rightly applied, concludes another formula.",
        remedy="State what the rule gives, and go on from there.",
        example=Example(
            problem="(A & B) # B",
            proof="B BY both on premise-1, premise-1",
            mended="B BY right-and on premise-1",
        ),
    ),
    Entry(
        code="doesNotFollow",
        name="a step that does not follow",
        group="failure",
        said="A macro step concludes a formula that the formulas it cites do not entail; a countermodel shows it.",
        remedy="Cite what it rests on, or conclude less.",
        example=Example(
            problem="(A | B) # (~ A) # B",
            proof="B from premise-1",
            mended="B from premise-1, premise-2",
            language="macro",
        ),
    ),
    Entry(
        code="notFalse",
        name="a refutation that does not end in false",
        group="failure",
        said="The body of `suppose-absurd` has to conclude `false`; this one concludes something else.",
        remedy="End the body with `absurd on` a formula and its negation.",
        example=Example(
            problem="A # (~ B) # (~ (A ==> B))",
            proof="suppose-absurd (A ==> B) {\n  B BY mp on (A ==> B), A\n}",
            mended="suppose-absurd (A ==> B) {\n  B BY mp on (A ==> B), A;\n  absurd on B, (~ B)\n}",
        ),
    ),
    Entry(
        code="aggregation",
        name="a macro step that takes too much at once",
        group="failure",
        said=(
            "The step follows, but it does the work of more steps than the weight rule of the macro language lets "
            "one do."
        ),
        remedy="Break it into steps that each rest on few formulas.",
    ),
    Entry(
        code="tooManyJustifiers",
        name="more premises cited than a step may",
        group="failure",
        said="A macro step cites more formulas than it may rest on.",
        remedy="Break it into steps that each rest on few formulas.",
    ),
    Entry(
        code="wrongTopConclusion",
        name="a sound proof of something else",
        group="failure",
        said="Every step is right, and what the proof proves in the end is not the goal.",
        remedy="Go on until the last step concludes the goal itself, letter for letter.",
        example=Example(
            problem="(A & B) # B",
            proof="A BY left-and on premise-1",
            mended="B BY right-and on premise-1",
        ),
    ),
    Entry(
        code="unfilled",
        name="a gap or mask left open",
        group="failure",
        said="The answer leaves a GAP, a MASK or `??` unfilled.",
        remedy="Fill every one; an answer with one open fails as a whole.",
        example=Example(
            problem="(A & B) # B",
            proof="B BY MASK1 on premise-1",
            mended="B BY right-and on premise-1",
        ),
    ),
    Entry(
        code="notAnInstance",
        name="no instance of the axiom",
        group="failure",
        said="A Hilbert line names an axiom of which its formula is no instance, whatever is put for p, q and r.",
        remedy="Find the axiom and the assignments that give the formula.",
        example=Example(
            problem="A # (B ==> A)",
            proof="0. A, Premise1;\n1. (A ==> (A ==> B)), Axiom1, p := A, q := B;\n2. (B ==> A), mp, 1, 0;",
            mended="0. A, Premise1;\n1. (A ==> (B ==> A)), Axiom1, p := A, q := B;\n2. (B ==> A), mp, 1, 0;",
            language="hilbert",
        ),
    ),
    Entry(
        code="wrongContractum",
        name="a rewrite with the wrong result",
        group="failure",
        said="The equations cited do apply to the term, but what they give is not the term that the step states.",
        remedy="Put the equation's right side, with the same values for its variables, in place of its left side.",
        example=Example(
            problem="E1: f(X) = g(X,a) # f(b) = g(b,a)",
            proof="s = f(b)\n= g(a,b) by E1",
            mended="s = f(b)\n= g(b,a) by E1",
            language="equational",
        ),
    ),
    Entry(
        code="wrongEquations",
        name="the wrong equations cited",
        group="failure",
        said="The step is right, or could be, but not by the equations that it cites.",
        remedy="Cite each equation that is used, and no other.",
        example=Example(
            problem="E1: f(X) = g(X,a) # E2: a = b # f(b) = g(b,a)",
            proof="s = f(b)\n= g(b,a) by E2",
            mended="s = f(b)\n= g(b,a) by E1",
            language="equational",
        ),
    ),
    Entry(
        code="checkerLimit",
        name="more than the checker looks at",
        group="failure",
        said=(
            "The text asks for more work than the checker's limits allow, counted in steps and never in seconds. "
            "There is no verdict, and the answer counts as wrong."
        ),
        remedy="Write a shorter proof.",
    ),
)
