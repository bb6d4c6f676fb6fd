"""Kinds of fixes: surface slips that the instrumented reader reads through and counts (docs/spec.md, section 3)."""

from __future__ import annotations

from proofgrid.glossary.entries import Entry

_PLAIN: tuple[tuple[str, str, str], ...] = (
    (
        "missing-parentheses",
        "parentheses left out",
        "`A ==> B` read as `(A ==> B)`, or brackets that do not balance.",
    ),
    (
        "conclusion-as-name",
        "a conclusion that is a name",
        "`false1 BY absurd on ...` read as `false1 := absurd on ...`.",
    ),
    (
        "conclusion-name-replaced",
        "a malformed conclusion read as a name",
        "What stands before BY is no formula and is cited later as a name.",
    ),
    (
        "missing-semicolon",
        "a semicolon left out",
        "Two steps stand one after the other without a `;` between them.",
    ),
    (
        "double-semicolon",
        "one semicolon too many",
        "A `;` that ends nothing.",
    ),
    (
        "missing-braces",
        "braces left out",
        "Several steps stand where one, or a block, is expected.",
    ),
    (
        "missing-on",
        "`on` left out",
        "The rule stands directly before its arguments.",
    ),
    (
        "stray-punctuation",
        "a stray full stop or comma",
        "A step ends in `.` or `,`.",
    ),
    (
        "call-syntax",
        "a rule written as a call",
        "`mp(a, b)` read as `mp on a, b`.",
    ),
    (
        "argument-list",
        "arguments in brackets",
        "The arguments stand in a list or in parentheses of their own.",
    ),
    (
        "hypothesis-name",
        "a hypothesis named with a colon",
        "`assume h: p {` read as `assume h := p {`.",
    ),
    (
        "keyword-spelling",
        "a keyword spelled otherwise",
        "`suppose absurd`, `ASSUME` and the like.",
    ),
    (
        "name-spelling",
        "a name spelled otherwise",
        "`Premise 1` or `premise_1` read as `premise-1`.",
    ),
    (
        "rule-spelling",
        "a rule spelled otherwise",
        "`modus ponens` or `left_and` read as the rule it means.",
    ),
    (
        "assert-repeated",
        "premises asserted again",
        "The problem's own `assert` lines are repeated.",
    ),
    (
        "code-fence",
        "a code fence",
        "The proof stands in triple backticks.",
    ),
    (
        "comment",
        "a comment of another language",
        "`//`, `%`, `/* */` or `--` in place of `#`.",
    ),
    (
        "own-comment",
        "a comment without its sign",
        "A remark that is no step stands beside one.",
    ),
    (
        "connective",
        "a connective spelled otherwise",
        "`->`, `&&`, `¬`, `\\land` or a word in place of the connective.",
    ),
    (
        "emphasis",
        "quotes or emphasis",
        "Backticks, asterisks or quotes around names and formulas.",
    ),
    (
        "non-ascii",
        "characters from elsewhere",
        "Invisible or typographic characters that say nothing.",
    ),
    (
        "numbering",
        "numbers or bullets",
        "Steps begin with `1.` or `-`.",
    ),
    (
        "prose",
        "words around the proof",
        "A sentence, or QED, before or after the proof.",
    ),
    (
        "subscript",
        "subscript digits",
        "`A₁` read as `A1`.",
    ),
    (
        "table",
        "a table",
        "The steps stand in the cells of a table.",
    ),
    (
        "relation",
        "another sign of equality",
        "`->`, `≈` or `⇒` in place of `=` in a chain.",
    ),
    (
        "start",
        "a chain without its head",
        "The first term stands without `s =`.",
    ),
    (
        "missing-line-break",
        "steps on one line",
        "Several steps of a chain or lines of a proof stand on one line.",
    ),
    (
        "citation",
        "a citation spelled otherwise",
        "`using E1`, `(E1)` or `[E1]` read as `by E1`.",
    ),
    (
        "spacing",
        "blanks where they matter",
        "`Premise 3`, or none where one is expected.",
    ),
    (
        "missing-comma",
        "a comma left out",
        "A Hilbert line's parts stand without the comma between them.",
    ),
    (
        "justification",
        "a justification spelled otherwise",
        "`A1` for Axiom1, `MP 1 2`, and the like.",
    ),
    (
        "assignment",
        "assignments that are missing or wrong",
        "The formula is an instance of the axiom named, by other assignments than those written.",
    ),
    (
        "swapped-mp",
        "the two lines of mp swapped",
        "`mp, i, j` where line j is the conditional.",
    ),
    (
        "incorrect-application",
        "the neighbouring rule",
        (
            "`left-and` where `right-and` was meant, arguments swapped, dm or dn backwards: the step's own "
            "conclusion shows what was meant."
        ),
    ),
    (
        "mangled-from-false",
        "from-false on false",
        "`p BY from-false on false` read as `from-false on p`.",
    ),
    (
        "double-negation",
        "right up to double negation",
        "The stated conclusion is the rule's up to `(~ (~ p))`.",
    ),
    (
        "commutativity",
        "right up to order",
        "The stated conclusion is the rule's up to the order of `&` or `|`.",
    ),
    (
        "entailed",
        "wrong, and true for another reason",
        (
            "The stated conclusion is not the rule's, but what holds entails it. Only the profile `paper` "
            "overlooks this, and no score uses it: in a refutation every conclusion is entailed."
        ),
    ),
    (
        "out-of-scope-name",
        "a name out of scope",
        "What the name stood for still holds, though the name does not.",
    ),
)

FIXES = tuple(Entry(code=code, name=name, said=said, group="fix") for code, name, said in _PLAIN)
