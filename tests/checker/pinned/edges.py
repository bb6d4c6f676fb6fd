"""Texts at the edges of what the checker does: just within a limit and just beyond, each slip in each of its places.

Damage by chance seldom lands there. One function a kind of edge; ``choose.py`` puts every text among the pinned ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proofgrid.checker.slips import MEANINGS, PUNCTUATION

Text = tuple[str, str, str, dict[str, Any]]
"""Language, problem, proof, options."""

PROBLEM = "A # (A ==> B) # (B | C) # B"
CONJUNCTION = "(A & B) # ((A & B) ==> C) # (~ D) # C"
IMPLICATION = "A # (A ==> B) # B"
RIGHT = "0. A, Premise1;\n1. (A ==> B), Premise2;\n"
CHAIN = "E1: f(X) = g(X,a) # E2: g(X,Y) = g(Y,X) # E3: h(X,a,b) = X # f(h(f(a),a,b)) = g(a,f(a))"
STEPS = "s = f(h(f(a),a,b))\n = f(f(a)) by E3\n"


def ndl(proof: str, problem: str = PROBLEM, **options: Any) -> Text:
    """A text in NDL."""
    return "ndl", problem, proof, options


def macro(proof: str, problem: str = PROBLEM, **options: Any) -> Text:
    """A text in the macro language."""
    return "macro", problem, proof, options


def hilbert(proof: str, problem: str = IMPLICATION, **options: Any) -> Text:
    """A text in the Hilbert language."""
    return "hilbert", problem, proof, options


def chain(proof: str, problem: str = CHAIN, **options: Any) -> Text:
    """A chain of equations."""
    return "equational", problem, proof, options


def name(length: int, start: str = "n") -> str:
    """A name of so many characters, no two of the last ones the same."""
    return (start + "abcdefghij" * (length // 10 + 1))[:length]


def words(length: int) -> str:
    """Words of prose of so many characters together."""
    return ("so we can see that all is well and the end is near " * 9)[: length - 1] + "t"


def cuts_of_words() -> Iterator[Text]:
    """What a message quotes is cut at 60 characters, at 40 where it does not fit: just as long, and one more."""
    for n in (60, 61):
        w = name(n)
        yield ndl(f"claim on {w}")
        yield ndl(f"B BY {w} on A, premise-2")
        yield ndl(f"assume {w} {{ claim on A }}")
        yield ndl(f"{w} BY mp on premise-2, A")
        yield ndl(f"{{ {w[:-1]}. B BY mp on premise-2, A }}")
        yield ndl(f"{{ {w[:-1]}: x := mp on premise-2, A }}")
        yield ndl(f"({w[:-1]} BY mp on premise-2, A")
        yield ndl(f"{w[: n // 2]}@{w[n // 2 + 1 :]} BY mp on premise-2, A")
        yield ndl(f"{{ {w} := mp on premise-2, A; {w}2 {w} := B BY claim on B }}")
        yield ndl(f"{{ {w} {w} := mp on premise-2, A; claim on B }}")
        yield ndl(f"{{ {w} := := mp on premise-2, A; claim on B }}")
        yield ndl(f"{{ ({w}) := mp on premise-2, A; claim on B }}")
        yield ndl(f"{{ {w[: n - 5]} x := mp on premise-2, A; claim on B }}")
        yield ndl(f"{{ {w} : = mp on premise-2, A; claim on {w} }}")
        yield ndl(f"assume {w} := A {{ claim on {w}; mp on premise-2, {w} }}")
        yield ndl(f"assume {w} : A {{ claim on {w}; mp on premise-2, {w} }}")
        yield ndl(f"assume {w}= A {{ mp on premise-2, {w} }}")
        yield ndl(f"claim on premise{'-' * (n - 8)}4")
        yield ndl(f"claim on '{w}'")
        yield ndl(f"{{ {w} := claim on A; claim on '{w}'; mp on premise-2, {w} }}")
        yield ndl(f"{words(n)}:\nB BY mp on premise-2, A")
        yield ndl(f"{{ B BY mp on premise-2, A }}\n{words(n)}")
        yield ndl(f"B BY mp on premise-2, A\n{words(n)}")
        yield ndl(f"{{ {{ x := mp on premise-2, A; {w} := claim on B }}; B BY claim on {w} }}")
        yield hilbert(f"{RIGHT}2. B, {w};")
        yield hilbert(f"{RIGHT}2. B, mp{w};")
        yield hilbert(f"{RIGHT}2. B, {w[:9]}, {w}, x;")
        yield hilbert(f"{RIGHT}2. B {w} mp, 1, 0;")
        yield hilbert(f"{RIGHT}2. B, mp, 1, 0 {w};")
        yield hilbert(f"{RIGHT}2. B, mp, 1, 0;\n{words(n)}")
        yield hilbert(f"{RIGHT}2. (A ==> (B ==> A)), Axiom1, p := A, q := B, {w};")
        yield chain(f"{STEPS}= g(f(a),a) by {w}\n")
        yield chain(f"{w[:-1]}: f(X) = g(X,a)\n{STEPS}")
        yield chain(f"{STEPS} = g(f(a),a) by E1\n = g(a,f(a)) by E2\n{words(n)}")
        yield chain(f"{STEPS} = g(f(a),a) by E1 at [{'1,' * (n // 2 - 3)}{'1' * (n % 2)}]\n = g(a,f(a)) by E2")
    for n in (19, 20, 21):
        w = name(n, "f")
        yield hilbert(f"{RIGHT}2. ({w} ==> B), mp, 1, 0;")
        yield chain(f"{STEPS}= {w}_1(a,b) by E1")
        yield ndl(f"B BY mp on premise-2, A & & {w}")
    for n in (40, 41):
        w = name(n)
        yield ndl(f"B BY mp on premise-2, A {w} C")
        yield ndl(f"{w} on A, B, {w}")
        yield ndl(f"{{ {w} := claim on A; claim on {w[:-2]}z }}")
        yield ndl(f"{{ {w[:-1]} := claim on A; claim on {w}z }}")
        yield ("rule", "", w, {})
        yield ("rule", "", f"mp{'-' * (n - 2)}", {})
        yield ndl(f"B BY mp{'-' * (n - 2)} on premise-2, A")
        yield ndl(f"B BY modus ponens{'-' * (n - 12)} on premise-2, A")
        yield ndl(f"B BY modus ponens{'-' * (n - 13)} on premise-2, A")


def cuts_of_formulas() -> Iterator[Text]:
    """What a message says of a formula or term is cut, too: as text, or by its tokens."""
    for n in (11, 12, 13, 29, 30, 31, 32):
        long = " & ".join(f"A{k}" for k in range(n))
        yield ndl(f"B BY mp on premise-2, {long}")
    for n in (73, 74, 75):
        formula = "(~ " * n + "A" + ")" * n
        yield ndl(f"B BY claim on {formula}")
        yield macro(f"B from {formula}")
        yield macro(f"{formula} from premise-1, A, B, C, premise-2")
    for n in (24, 25, 26, 74, 75):
        formula = "(~ " * n + "A" + ")" * n
        yield macro(f"{formula} from (A <==> (B <==> {formula}))")
        yield hilbert(f"{RIGHT}2. {formula}, mp, 1, 0;")
        yield hilbert(f"{RIGHT}2. {formula}, Premise1;")
        yield hilbert(f"{RIGHT}2. (A ==> ({formula} ==> B)), Axiom1, p := A, q := {formula};")
    for six in ("(((D | E) | (D | E)) | (F | (G | (H | I))))", "((F | (G | (H | I))) | ((D | E) | (D | E)))",
                "(~ (((D & E) & (D & E)) & (F & (G & (H & I)))))", "((D & E) ==> ((D & E) ==> ((F & (G & H)) ==> I)))",
                "((D <==> E) | (D <==> E))", "((D | (~ D)) | (E | (F | (G | (H | I)))))",
                "((D & true) | (E & false))"):  # fmt: skip
        yield macro(f"{six} from A")
        yield macro(f"{{ assume {six} {{ D from {six}; {six} from {six}, A }} }}")
    for n in (14, 15):
        formula = "(~ " * n + "A" + ")" * n
        yield hilbert(f"{RIGHT}2. (A ==> ({formula} ==> A)), Axiom1, p := A, q := B;")
        yield ndl(f"(A & {formula}) BY both on {formula}, A")
    for n in (28, 29, 30):
        deep = "f(" * n + "a" + ")" * n
        yield chain(f"s = {deep}\n = a by E1", f"E1: f(X) = g(X,a) # {deep} = a")
        yield chain(f"s = {deep}b\n = a by E1", f"E1: f(f(X)) = g(X,a) # {deep} = f({deep})")
        yield chain(f"s = {deep}\n = f(f({deep})) by E1", f"E1: g(X,a) = f(X) # {deep} = f(f({deep}))")
    for n in (39, 40, 41):
        yield chain(
            f"s = {'f(' * n}g(a,b){')' * n}\n = {'f(' * n}g(b,b){')' * n} by E1",
            f"E1: g(X,Y) = g(Y,X) # {'f(' * n}g(a,b){')' * n} = {'f(' * n}g(b,b){')' * n}",
        )


def cuts_of_lists() -> Iterator[Text]:
    """Lists are cut: slips of one kind, names of equations, assignments, arguments, lines of prose."""
    for n in (49, 50, 51):
        yield ndl("⟪we go on:\n⟫B BY mp on premise-2, A", times=n)
        yield ndl("B BY mp on premise-2, A⟪\nas was said⟫", times=n)
    for n in (63, 64, 65):
        yield ndl(f"B BY mp on premise-2, A {' '.join(f'{chr(92)}cmd{k}' for k in range(n))}")
        yield ndl("\n".join(f"({k}) B BY mp on premise-2, A;" for k in range(n)))
        yield ndl("B BY mp on premise-2, ⟪~ ⟫A", times=n)
        yield ndl("⟪@⟫b BY mp on premise-2, A", times=n)
    for n in (8, 9, 10):
        values = ", ".join(f"{letter} := A" for letter in "rstuvwxyzklm"[:n])
        yield hilbert(f"{RIGHT}2. (A ==> (B ==> A)), Axiom1, {values};")
    for n in (2, 3, 4, 5):
        equations = " # ".join(f"E{k}: f(X) = g(X,a)" for k in range(1, n + 1))
        yield chain("s = f(a)\n = g(a,a) by E9", f"{equations} # E9: f(X) = a # f(a) = g(a,a)")
    for n in (59, 60, 61):
        equations = " # ".join(f"Eq{k}: a = b" for k in range(n))
        yield chain("s = a\n = b by E9z", f"{equations} # a = b")
    for n in (13, 14, 15, 16):
        yield chain(f"{STEPS}= g(f(a),a) by E1{' and,; the &' * n}\n = g(a,f(a)) by E2")
        yield chain(f"{STEPS}= g(f(a),a) by " + " ".join(f"E{k}z" for k in range(10, 10 + 3 * n)))
    for n in (99, 100, 101):
        yield hilbert(f"{RIGHT}2. B, x{', y' * n};")
        equations = " # ".join(f"E{k}: a = b" for k in range(n))
        yield chain(f"s = a\n = b by {', '.join(f'E{k}' for k in range(n))}", f"{equations} # a = b", times=1)
        yield ndl("mp on premise-2⟪, A⟫", times=n)
    for n in (4, 5, 6):
        yield hilbert(f"{RIGHT}2 (A ==> (B ==> A)){' ' * n},Axiom 1, p := B , q := A and so on . ;")
    for n in (98, 99, 100, 101):
        yield hilbert("⟪0. B, Premise1;\n⟫", times=n)
    for n in (198, 199, 200, 201):  # the blanks between two lines that belong together
        yield ndl(f"{' ' * n}and\nB BY mp on premise-2, A\nas was said")
        yield ndl(f"B BY mp on{' ' * n}\nwe have it")
        yield ndl(f"B BY mp on premise-2,{' ' * n}\n1) A")


def places_of_slips() -> Iterator[Text]:
    """Each slip of a step's head in each place where a step, a body or an argument may begin."""
    heads = (
        "mp with premise-2, A", "mp from premise-2, A", "mp using premise-2, A", "mp of premise-2, A",
        "mp to premise-2, A", "mp(premise-2, A)", "mp (premise-2, A)", "mp on (premise-2, A)", "mp on [premise-2, A]",
        "mp on {premise-2, A}", "modus ponens on premise-2, A", "mp: premise-2, A", "MP on : premise-2, A",
        "mp premise-2, A", "by mp on premise-2, A", "claim(B)", "claim (B)", "claim on (B)", "claim on [B]",
        "(claim on B)", "mp on premise-2, (claim on A)", "mp(premise-2, claim on A)", "dn((~ (~ B)))",
    )  # fmt: skip
    for head in heads:
        yield ndl(f"{head}")
        yield ndl(f"B BY {head}")
        yield ndl(f"{{ claim on A; {head} }}")
        yield ndl(f"{{ x := {head}; claim on x }}")
    for head in heads[:9]:
        yield ndl(f"{{ {head}; claim on B }}")
        yield ndl(f"{{ {{ claim on A }} {head} }}")
        yield ndl(f"claim on ({head})")
        yield ndl(f"both on A, {head}", "A # (A ==> B) # (A & B)")
    for sign in (": =", ":  =", ":\n=", ":: =", ": ==", ":=="):
        yield ndl(f"{{ x {sign} mp on premise-2, A; claim on x }}")
        yield ndl(f"{{ A {sign} x; claim on B }}")
        yield ndl(f"assume h {sign} A {{ mp on premise-2, h }}", "(A ==> B) # (A ==> B)")
        yield ndl(f"suppose-absurd h {sign} A {{ absurd on h, premise-1 }}", "(~ A) # (~ A)")
        yield macro(f"{{ x {sign} B from premise-2, A; B from x }}")
        yield ndl(f"(A & B) {sign} claim on A")
        yield ndl(f"{sign} claim on A")
        yield ndl(f"x {sign} claim on A")
    for word in ("by contradiction", "by-contradiction", "contradiction", "By  Contradiction", "BY contradiction BY"):
        for place in ("{} on (~ A), x", "A BY {} on x", "{{ claim on B; {} on x }}", "x := {} on A, B", "B {} on A"):
            yield ndl(place.format(word))
    for word in ("suppose absurd", "Suppose_Absurd", "supposeabsurd", "suppose-absurd", "suppose", "absurd", "assume"):
        for place in ("{} A {{ absurd on A, premise-1 }}",
        "{{ claim on premise-1; {} h := A {{ absurd on h, premise-1 }} }}",
                      "(~ A) BY {} on A, premise-1"):  # fmt: skip
            yield ndl(place.format(word), "(~ A) # (~ A)")


def quotes_and_premises() -> Iterator[Text]:
    """Names in quotes and premises in other spellings: bound, not bound, bound elsewhere, an atom, none."""
    spellings = (
        "'A'", "'B'", "'x'", "'y'", "''", "'", "'A", "A'", "premise1", "Premise-1", "premise_1", "premise.1",
        "PREMISE1",
        "premise0", "premise4", "premise5", "premise-0", "premise-4", "premise-04", "'premise-1'", "'premise1'",
        "premise-1234567", "premise", "premise#1", "premise #1", "premise 1", "premise 4", "(premise 1)",
        "premise 01",
    )  # fmt: skip
    for spelled in spellings:
        yield ndl(f"claim on {spelled}")
        yield ndl(f"{{ x := claim on A; claim on {spelled} }}")
        yield ndl(f"{{ y := claim on A; ({spelled} & {spelled}) BY both on {spelled}, A }}")
        yield macro(f"(A & {spelled}) from {spelled}, A")
    for spelled in spellings[:16]:
        yield ndl(f"{{ {{ y := claim on A; claim on B }}; A BY claim on {spelled} }}")
        yield ndl(f"{{ premise1 := claim on B; (B | {spelled}) BY claim on (B | {spelled}) }}")
        yield ndl(f"{{ ({spelled}) BY claim on A; claim on {spelled} }}")
        yield ndl(f"{{ {spelled} BY claim on A; mp on premise-2, {spelled} }}")


def parentheses() -> Iterator[Text]:
    """Parentheses missing, too many, around a proof, a formula and a list, at each depth from 1 to 3 and around 12."""
    for before in range(4):
        for after in range(4):
            yield ndl(f"B BY mp on {'(' * before}A ==> B{')' * after}, A")
            if before != after:
                yield ndl(f"B BY mp on premise-2, {'(' * before}claim on A{')' * after}")
                yield ndl(f"{'(' * before}B BY mp on premise-2, A{')' * after}")
                yield macro(f"B from {'(' * before}A ==> B{')' * after}, A")
    for before in range(3):
        for after in range(3):
            for more in range(2):
                inner = f"{'(' * before}claim on premise-2{')' * after}"
                yield ndl(f"mp on {inner}, A{')' * more}")
                yield ndl(f"{{ x := claim on {inner}; mp on x, (A{')' * (more + 1)}; claim on (A & B{')' * more} }}")
                yield ndl(f"mp on {'(' * before}assume A {{ claim on B }}{')' * after}, (A & C{')' * more}")
    for n in (10, 11, 12, 13):
        deep = f"{'(~ ' * n}A{')' * n}"
        yield ndl(f"claim on {deep}", f"{deep} # {deep}")
        yield ndl(f"{{ {deep} BY claim on {deep}; claim on {deep} }}", f"{deep} # {deep}")
        yield ndl(f"claim on {deep[:-1]}", f"{deep} # {deep}")
        yield ndl(f"claim on ({'(' * n}claim on A{')' * n})")
        yield ndl(f"both on {deep}, {'(' * n}claim on A{')' * n}", f"A # {deep} # (A & {deep})")
    for word in ("v", "V", "or", "and", "not", "implies", "iff"):
        for form in ("claim on A {} B", "claim on (A {} B)", "claim on ((A) {} (B))", "claim on (A {}) B",
        "claim on A_ {} 'B'",
                     "claim on ({} A)", "both on A {} B", "{{ x := (A {} B); claim on x }}", "claim on (A, {} B)",
                     "{} := claim on A", "claim on (A ; {} B)", "(A {} B) BY claim on (A {} B)"):  # fmt: skip
            yield ndl(form.format(word, word))


def ways_of_reading() -> Iterator[Text]:
    """The same steps, read at once or token by token: with a remark, a label, a proof in an argument, other blanks."""
    steps = (
        ("{ A BY claim on A; B BY mp on premise-2, A }", "ndl"),
        ("{ x := claim on A; y := B BY mp on premise-2, x; claim on y }", "ndl"),
        ("{ claim on A; { claim on B; claim on A }; claim on B }", "ndl"),
        ("assume h := A { claim on h; mp on premise-2, h }", "ndl"),
        ("{ B from A, premise-2; B from B }", "macro"),
        ("{ x := B from A, premise-2; y := B from x }", "macro"),
    )
    for text, language in steps:
        make = ndl if language == "ndl" else macro
        yield make(text)
        yield make(text[1:-1] if text[0] == "{" else text)
        yield make(text.replace("; ", ";").replace(", ", ","))
        yield make(text.replace(" ", "\n"))
        yield make(text.replace(" ", "\t "))
        yield make(text.replace("; ", "; # so\n"))
        yield make(text.replace("; ", " ; ; "))
        yield make(text.replace("; ", "\n"))
        yield make(text.replace(" }", "; }"))
        yield make(text.replace(" }", " };"))
        yield make(text.replace(" }", ""))
        yield make(text + "}")
        yield make(text + ";;")
        yield make(text.replace("claim on A", "claim on (claim on A)"))
        yield make(text.replace("A", "(A)"))
        yield make(text.replace("A,", "(A & ,"))
        yield make(text.replace(" on ", " ON ").replace(" from ", " From "))
        yield make(text.replace(" on ", " on on ").replace(" from ", " from from "))
        yield make(text.replace("x", "_").replace("h", "_"))
        yield make(text.replace("x", "by").replace("h", "on"))
        yield ("steps", language, text[1:-1].strip(), {})
        yield ("steps", language, text, {})
        yield ("steps", language, text[1:-1].strip().replace("mp", "MP").replace("claim", "nothing"), {})
        yield ("steps", language, text[1:-1].strip().replace("mp", "Modus_Ponens"), {})
        yield ("steps", language, text[1:-1].replace("; ", " ; # so\n") + ";", {})
    for text in ("B BY claim on", "B BY", "B", "", "{", "}", "{ }", "claim on A }", "{ { claim on A }", "(claim on A",
                 "x := ", "x := A", "{ x := A }", "{ x := y := A; claim on A }", "x := y := claim on A",
                 "x := { claim on A }",
                 "{ x := assume A { claim on A }; claim on x }", "B BY { mp on premise-2, A }",
                 "claim on { claim on A }",
                 "{ claim on A; MASK1; claim on B }", "{ claim on A; GAP-1 }", "claim on (A & GAP)", "MASK-2 on A",
                 "MASK1 := claim on A", "(MASK1) BY claim on A", "assume MASK1 { claim on A }",
                 "assume x { claim on A }",
                 "suppose-absurd A { claim on B }", "suppose-absurd y { claim on false }",
                 "{ claim on A; B: claim on B }",
                 "{ 1. A BY claim on A; 2. B BY mp on premise-2, A }", "1. B BY mp on premise-2, A",
                 "{ A. claim on A; B. claim on B }", "claim on A.", "{ claim on A. claim on B. }", "claim on A,",
                 "{ claim on A,; claim on B, }", ";claim on A", "{;claim on A}", "claim on A # and\n# so",
                 "/* a */ claim on A",
                 "claim on A /* b", "// c\nclaim on A", "claim on A // d", "`claim` on **A**", "_claim_ on $A$",
                 "claim on A ∧ B", "claim on ¬A", "assert A; B BY mp on premise-2, A",
                 "assert premise-1 := A; claim on A",
                 "premise-1 : A; premise-2 = (A ==> B); B BY mp on premise-2, A", "goal : B; B BY mp on premise-2, A",
                 "{ assert A; B BY mp on premise-2, A }", "premise 1: A\npremise 2: (A ==> B)\nmp on premise-2, A",
                 "assert goal := B; claim on B", "assert C; claim on B", "premise-9: A; claim on B",
                 "premise-1: B; claim on B"):  # fmt: skip
        yield ndl(text)
        yield ndl(f"{{ {text}; B BY claim on B }}")
    for text in ("B from", "from A", "B from A B", "B BY from A", "B from: A", "B from on A", "B by from A, B",
    "B from (A, B)",
                 "B from [A]", "B from {A}", "B from from A", "B BY A", "mp on premise-2, A",
                 "x := B from A, premise-2",
                 "B from A, A, A, A, A, A", "B from premise-2 and A", "B from A, and premise-2",
                 "x from A"):  # fmt: skip
        yield macro(text)
        yield macro(f"{{ C from A; {text} }}")


PIECES = ("A", "x", "BY", "on", ";", "{", "}", "(", ")", "assume", "suppose-absurd", "mp on", "x :=", ",", ":=",
".", ":", "=", "&",
    "(A & B)", "from", "and", "[", "]")  # fmt: skip


def starts_and_ends() -> Iterator[Text]:
    """Every two pieces where a proof starts, and where it ends: what stands before is another piece, or nothing."""
    for one in PIECES:
        yield ndl(f"{one} mp on premise-2, A")
        yield ndl(f"mp on premise-2, A {one}")
        yield macro(f"{one} B from premise-2, A")
        yield macro(f"B from premise-2, A {one}")
        yield ndl(f"{{ claim on A; {one} A and premise-2 }}")
        yield ndl(f"{{ {one} on A and B; claim on A }}")
        for two in PIECES:
            yield ndl(f"{one} {two} B BY mp on premise-2, A")
            yield ndl(f"B BY mp on premise-2, A {one} {two}")
    for text in ("(( from) BY mp on premise-2, A", "(( from) x := claim on A", "( from & A BY claim on A", "on A and B",
                 "(x from) on A", "(( from ) & A) BY claim on A", "assume x h := A { claim on h }", "x y := claim on A",
                 "assume (x h := A { claim on h }", "( ( from) assume A { claim on A }"):  # fmt: skip
        yield ndl(text)
        yield ndl(f"{{ {text}; claim on A }}")


def seldom() -> Iterator[Text]:
    """What hardly any text comes to: limits of what is looked for, and forms that only two slips together make."""
    long = "(~ " * 70 + "A" + ")" * 70
    yield ndl("claim on C", f"{long} # (A ==> C) # C")
    yield ndl(f"claim on {long}", f"(~ {long}) # A # A")
    for n in (12, 13, 14):
        deep = f"{'(~ ' * n}A{')' * n}"
        for rule in ("dn", "DN", "Claim", "nothing"):
            yield ndl(f"{rule} on {deep}", f"{deep} # A")
            yield ndl(f"{rule} on {deep}, {deep}", f"{deep} # A")
    yield ndl("{ D := claim on A; D BY mp on premise-2, A }")
    yield ndl("C BY cases on A, (~ A), C", "A # (~ A) # C # C")
    yield ndl("C BY both on false", "false # C")
    for constant in ("true", "false", "True", "premise-2", "mp", "_"):  # as the name of something else
        yield ndl(f"{{ {constant} := claim on A; claim on {constant} }}")
        yield ndl(f"{{ {constant} := claim on A; both on {constant}, {constant}; claim on (A & {constant}) }}")
        yield macro(f"{{ {constant} := A from A; B from {constant}, premise-2 }}")
    yield ndl("{ x := claim on A; D BY mp on premise-2, x; claim on D }")
    for spelled in ("premise1", "'A'", "'x'", "y", "premise9"):
        yield ndl(f"{{ x := claim on A; (x & {spelled}) BY both on x, {spelled} }}")
        yield ndl(f"{{ x := claim on A; claim on {spelled} & x; B BY mp on premise-2, A }}")
        yield ndl(f"both on {spelled} & A, {spelled} | ~ {spelled}", "A # B # (A & B)")
        yield ndl(f"{{ x := (A & true); (x & {spelled}) BY both on x, {spelled} | false }}")
    for closing in (". QED", "; q.e.d.", ". Done!", " QED", ";done", ". Done it is", ".\nQ.E.D.", ". qed qed"):
        yield ndl(f"B BY mp on premise-2, A{closing}")
        yield ndl(f"{{ claim on A; B BY mp on premise-2, A }}{closing}")
        yield macro(f"B from premise-2, A{closing}")
    for fence in ("```", "  ```", "\n\n```ndl", "``", "x```"):
        yield ndl(f"{fence}\nclaim on B\n```")
        yield ndl(f"{fence}\nB BY mp on premise-2, A\n```")
    for term in ("(claim on A)", "A, B", "claim on A", "(A & B) & C", "x", "'x'", "{ A }", "A # so", "A;", "", "(",
    "x := A", "A BY B",
                 "premise 1", "A ∧ B", "(x)", "GAP1", "~ ~ A"):  # fmt: skip
        yield ("term", "", term, {})
    yield hilbert("⟪0. B, mp, 0, 0;\n⟫", times=101)
    yield hilbert(f"0. A, Premise1;\n{'1. (A ==> B), Premise2;'}⟪2. B, mp, 0, 1;\n2. A, mp, 1, 0;\n⟫", times=101)
    yield hilbert("0. ⟪~⟫A, Premise1;", times=100_001)
    yield chain("s = f(f(a))\n = f(a)\n by E1 = a", "E1: f(X) = X # f(f(a)) = a")
    yield chain("s = f(f(a))\n = f(a)\n by E1 so\n = a by E1", "E1: f(X) = X # f(f(a)) = a")
    yield chain("s = ⟪f(⟫a⟪)⟫\n = b by E1", "E1: f(X) = X # f(a) = b", times=2_999)
    for words in ("B mp with premise-2, A", "(A & B) mp with premise-2, A", "A mp using premise-2, A", "B, mp from A"):
        yield ndl(words)
        yield ndl(f"{{ claim on A; {words} }}")
    for conclusion in ("B (A & B)", "(A ==> B)", "C | (A & B)", "(~ B)"):
        yield ndl(f"{{ claim on A; {conclusion} := mp on premise-2, A; claim on B }}")
    for ending in (";", ".", ",", "; ;", ";}"):
        for opening in ("assume", "suppose-absurd"):
            yield ndl(f"{opening} h : {ending}")
            yield ndl(f"{{ claim on A; {opening} h = {ending}")
    implications = ("(A ==> B), (B ==> false)", "(A ==> B)", "(A ==> C), (C ==> false)", "(A ==> B), (B ==> D)")
    for given in ("(A ==> B), (B ==> false), (A ==> B)", "(A & B), (B ==> false)", *implications):
        for sides in ("(~ A) BY mt", "(~ D) BY mt", "(A <==> B) BY equiv"):
            yield ndl(f"{sides} on {given}", "(A ==> B) # (B ==> false) # C # C")
    yield ndl("{ 1 := claim on A; claim on\n(1) ; claim on ! B }")
    yield ndl("{ 1 := claim on A; { mp on premise-2,\n(1) ; claim on A -> B } }")
    yield ndl("⟪{ ⟫", IMPLICATION, times=20_500)
    remark = "/* ⟪so it is and B BY nothing at all ; ⟫*/"
    yield ndl(f"{{ claim on A; {remark} ⟪x := claim on A;\n⟫ B BY mp(premise-2, A) }}", IMPLICATION, times=500)
    for said in ("goal: B", "premise-1: A", "assert goal: B;"):  # the problem once more, and then a long text
        yield ndl(f"{said}\n{{ claim on A; ⟪x := claim on A;\n⟫ B BY mp(premise-2, A) }}", IMPLICATION, times=1_300)
    for given in ("mp on (claim on A, premise-2)", "both on (mp on premise-2, A)", "both on (A BY claim on A, A)",
                  "both on ((~ A) BY claim on A, A)"):  # fmt: skip
        yield ndl(f"{given} .")
        yield ndl(f"{{ {given};; claim on A }}")
    yield hilbert("0 . A, Premise1;\n1. (A ==> B), Premise2;\n2. B, mp, 1, 0;")
    yield hilbert("0. A, Premise1;\n1 .(A ==> B), Premise2;\n2. B, mp, 1, 0;")
    yield chain(f"{STEPS} = ?? by E1\n = g(a,f(a)) by E2")
    yield chain(f"{STEPS}= g(f(a),a) by E1 = ?? by E2 = g(a,f(a)) by E2")
    for word in ("Xenia", "Xmp", "Xyz, 1, 0", "XX", "~ x"):
        yield hilbert(f"{RIGHT}2. B {word};")
        yield hilbert(f"{RIGHT}2. (A ==> B){word};")
    for after in ("(h(a))", "(q)", "(a,", "()", "((a))", "(g(a,b)", "(a b)"):  # blanks before what is wrong
        yield chain(f"s = f {after}\n = a by E1")
    for cut in ("f(f(g(a,a)", "g(f(a),f(f(a)", "f(f(f(a", "g(a,h(a,b,f(a)"):
        yield chain(f"s = {cut}\n = a by E1")
    for stated in ("E1': f(X) = g(X,a)", "e1': f(X) = g(X,a)", "E1': g(X,a) = f(X)"):
        yield chain(f"{stated}\n{STEPS} = g(f(a),a) by E1\n = g(a,f(a)) by E2")
    ways = "E1: f(X) = g(X,a) # E2: g(X,Y) = g(Y,X) # f(a) = g(a,f(a))"
    wrong = " = f(f(a)) by E2\n = f(a) by E2\n" * 51  # and then one that is right the other way round
    yield chain(
        f"s = f(a)\n{wrong} = g(a,a) by E1\n = f(a) by E1 left to right\n = g(a,f(a)) by E2\n",
        ways,
        relation="symmetric",
    )
    deep = [f"g({'f(' * n}a{')' * n},{'f(' * n}b{')' * n})" for n in (80, 81)]
    yield chain("s = f(a)\n" + "".join(f" = {term} by E2, E1\n" for term in deep * 20), ways)
    for n in range(1, 9):  # more equations than are tried in all ways
        equations = " # ".join(f"E{k}: f(X) = f(X)" if k % 3 else f"E{k}: g(X,Y) = g(Y,X)" for k in range(n))
        start = "g(a,f(b))"
        for _ in range(n // 2):
            start = f"g({start},f(a))"
        end = start.replace("g(a,f(b))", "g(f(b),a)")
        cited = ", ".join(f"E{k}" for k in range(n))
        for back in ("", " reversed"):
            yield chain(f"s = {start}\n = {end} by {cited}{back}", f"{equations} # {start} = {end}")
            yield chain(
                f"s = {start}\n = {start} by {cited}{back}", f"{equations} # {start} = {start}", relation="symmetric"
            )


def spellings() -> Iterator[Text]:
    """Every sign and word that stands for a connective, and every mark of a list, in each language."""
    signs = [
        *MEANINGS,
        *PUNCTUATION,
        "<->",
        "<-->",
        "<=>",
        "<==>",
        "->",
        "-->",
        "=>",
        "==>",
        "===>",
        "&&",
        "||",
        "^",
        "!",
        "-",
        "--",
        "=",
        "<-",
    ]
    for sign in signs:
        yield ndl(f"claim on (A {sign} B)")
        yield ndl(f"claim on {sign}A")
        yield hilbert(f"{RIGHT}2. (A {sign} B), Premise2;")
        yield hilbert(f"{RIGHT}2. ({sign} A), Premise1;")
        yield chain(f"s {sign} f(h(f(a),a,b))\n {sign} f(f(a)) by E3")
    for mark in (
        "- ",
        "+ ",
        "* ",
        "1) ",
        "(1) ",
        "12. ",
        "Step 1: ",
        "line 2. ",
        "step 3) ",
        "-",
        "1)",
        "(12345) ",
        "> ",
        "| ",
        "# ",
    ):
        yield ndl(f"{mark}claim on A;\n{mark}mp on premise-2, A")
        yield ndl(f"{{ claim on A;\n{mark}x := mp on premise-2, A;\n{mark}}}")
        yield macro(f"B from\n{mark}premise-2,\n{mark}A")
        yield hilbert(f"{mark}A, Premise1;\n{mark}B, Premise2;")
        yield chain(f"{mark}{STEPS}{mark}= g(f(a),a) by E1")


def hints() -> Iterator[Text]:
    """What would have been right, of formulas as long as a hint shows and one longer; and after very many failures."""
    for n in (49, 50):
        long = "(~ " * n + "P" + ")" * n
        for held, missing in ((f"{long} # ({long} ==> C)", "C"), (f"{long} # B", f"({long} & B)"), (f"{long} # B",
        f"(B & {long})"),
                              (f"{long} # B", f"({long} | D)"), (f"{long} # B", f"(D | {long})"), ("B # B",
                              f"({long} | (~ {long}))"),
                              (f"{long} # (~ {long})", "false"), (f"({long} & B) # B", f"(B & {long})"), ("B # B",
                              long),
                              (f"({long} ==> B) # A", f"(B ==> {long})"), (f"(B ==> {long}) # A",
                              f"((~ {long}) ==> (~ B))"),
                              (f"(B & {long}) # A", f"({long} | B)"), (f"({long} & C) # A", long),
                              (f"(~ {long}) # A", long)):  # fmt: skip
            yield ndl(f"claim on {missing}", f"{held} # A")
        yield ndl(f"B BY both on {long}, B", f"{long} # B # A")
        yield ndl(f"both on {long}", f"{long} # B # A")
        yield ndl(f"({long} & B) BY left-and on ({long} & B)", f"({long} & B) # A")
    yield chain("s = a⟪\n = f(a) by E1\n = a by E1⟫", "E1: f(X) = X # a = f(a)", times=102)
    yield ndl("{ ⟪claim on C; ⟫claim on A }", times=51)
    for n in (73, 74, 75):
        long = "(~ " * n + "A" + ")" * n
        yield ndl("claim on A", f"A # {long}")
        yield ndl(f"claim on {long}", f"{long} # A")
        yield hilbert(f"0. {long}, Premise1;", f"{long} # A")
        yield hilbert("0. A, Premise1;", f"A # {long}")
    for length in (200, 201):
        said = "'E1' is another equation in the problem: f() = a"
        yield chain("s = a\n = b by E1: a = b", f"E1: f({name(length - len(said), 'X')}) = a # a = b")


def after_a_failure() -> Iterator[Text]:
    """What a failed step leaves behind: names, what it advertises, what is taken on trust inside a body."""
    wrong = (
        "C BY mp on premise-2, A",
        "C BY claim on D",
        "mp on A, A",
        "nothing on A",
        "D BY nothing on A",
        "claim on x",
    )
    for step in wrong:
        yield ndl(f"{{ {step}; y := {step}; B BY mp on premise-2, A; claim on y; claim on C }}")
        yield ndl(f"{{ assume A {{ {step}; claim on C }}; claim on (A ==> C); {step}; claim on C }}")
        yield ndl(f"{{ suppose-absurd A {{ {step} }}; claim on (~ A); claim on D }}")
        yield ndl(f"{{ both on A, ({step}); claim on ({step}); (A & C) BY both on A, C }}")
        yield ndl(f"{{ assume A {{ y := {step} }}; claim on y; (y & A) BY both on y, A }}")
        yield ndl(f"{{ assume A {{ y := {step}; claim on A }}; B BY mp on (y ==> B), y; claim on (~ y) }}")
        yield ndl(f"{{ z := {step}; (A & z) BY both on A, z; claim on (z | B) }}")
    for step in ("C from B", "C from x", "x from A", "C from A, A, A, A, A, A"):
        yield macro(f"{{ {step}; y := {step}; D from C; (B & C) from B, C; B from y }}")
        yield macro(f"{{ assume A {{ {step} }}; (A ==> C) from C; D from D }}")


def hilbert_lines() -> Iterator[Text]:
    """Each piece of a Hilbert line in the ways that it may be written, and in none."""
    last = "2. B, mp, 1, 0;"
    pieces = {
        "2. ": ("2 ", "2) ", "(2) ", "2: ", "[2] ", "", "2.  ", "Step 2. ", "line 2: ", "L2. ", "- 2. ", "* 2. ",
        "| 2 | ", "> 2. ",
                "#2. ", "02. ", "3. ", "1. ", "2.\n", "1234567890. ", "+ ", "2 | ", "2, ", "2 .: "),
        "B, ": ("B , ", "B,", "B ", "B: ", "B by ", "B | ", "B -- ", "B - ", "B [", "B (", "B from rule ", "B\n",
        "(B), ", "((B), ", "B), ", "b, ",
                "Bx, ", "B ==> , ", "~B, ", "B C, ", "B = A, ", ", ", "B,, ", "B. ", "B { ", "B; ", "B of ",
                "B reason: "),
        "mp, 1, 0": ("MP 1 0", "mp 1,0", "m.p. 1, 0", "modus ponens 1, 0", "modus ponens on lines 1 and 0",
        "mp(1, 0)", "1, 0 mp",
                     "1, 0, mp", "lines 1 and 0 by mp", "mp, 0, 1", "mp, 1", "mp", "mp, 1, 0, 2", "mp, L1, L0",
                     "mp, 1, 9", "mp, 1, 1",
                     "mp, 0, 0", "mp, 2, 0", "mp #1 #0", "mp, 1, 0 (given)", "mp, 1, 0.", "mp, 1, 0)", "[mp, 1, 0]",
                     "mp,1, 0", "mp ,1 ,0",
                     "Premise1", "premise 1", "the premise 1", "Premise3", "Premise0", "Premise", "Premise12",
                     "Axiom1", "A1", "Ax1", "Axiom 4",
                     "Axiom schema 1", "axiom scheme 2", "ax_3", "Axiom1, p := A", "Axiom1, p := A, q := B",
                     "given", "1", "mp, -1, 0"),
        ";": ("", ";;", " ;", ".", ",", "; ;", ";\n\n", "; QED", ";\nQED", ";\nThus we are done.", ";}", " # so",
        "; // so", "\n3. B, mp, 1, 0;",
              ";\n| --- | --- |", ";\n|  |", ";\n```", "; 3. A, Premise1;", ";\n2. A, Premise1;",
              ";\n2. A, Premise1;\n3. B, mp, 1, 2;"),
    }  # fmt: skip
    for piece, others in pieces.items():
        for other in others:
            yield hilbert(RIGHT + last.replace(piece, other))
    for before in ("Proof:\n", "Solution\n", "answer.\n", "| n | line | why |\n|---|---|---|\n",
    "assert premise 1: A\n", "Premise 1: A;\n",
                   "assert A;\n", "premise2 = (A ==> B)\n", "goal: B\n", "Premise 1: B;\n", "assert goal B\n",
                   "assert C\n", "premise 9: A\n",
                   "We have\n", "---\n", "\n\n", "assert A, so\n"):  # fmt: skip
        yield hilbert(before + RIGHT + last)
    axioms = (
        ("(A ==> (B ==> A))", 1, "p := A, q := B"),
        ("((A ==> (B ==> C)) ==> ((A ==> B) ==> (A ==> C)))", 2, "p := A, q := B, r := C"),
        ("(((~ A) ==> (~ B)) ==> (((~ A) ==> B) ==> A))", 3, "p := A, q := B"),
    )
    for formula, number, values in axioms:
        for other in (1, 2, 3):
            yield hilbert(f"0. {formula}, Axiom{other}, {values};", f"{formula}")
        for said in ("", ", p := B, q := A", ", q := B, p := A", f", {values}, s := A", ", P := A, Q := B",
        ", p = A, q = B", ", with p: A and q: B",
                     ", p/A, q/B", ", p := A, q := (B", ", p := (~ A), q := B, r := C", ", p := A q := B",
                     " (p := A, q := B)", ", p := , q := B",
                     ", p := A,, q := B", ", p := A, q := B, and more"):  # fmt: skip
            yield hilbert(f"0. {formula}, Axiom{number}{said};", f"{formula}")
        for old, new in (
            ("A", "B"),
            ("B", "(~ B)"),
            ("==>", "==> A ==>"),
            ("(", "(("),
            (")", "))"),
            ("~ ", "~"),
            ("(~ A)", "A"),
            ("A)", "D)"),
        ):
            if old in formula:
                changed = formula.replace(old, new, 1)
                yield hilbert(f"0. {changed}, Axiom{number}, {values};", f"{formula}")


def chain_lines() -> Iterator[Text]:
    """Each piece of a line of a chain in the ways that it may be written, and in none."""
    end = " = g(f(a),a) by E1\n = g(a,f(a)) by E2"
    pieces = {
        "s = ": ("", "= ", "s == ", "s: ", "s := ", "start = ", "start: ", "chain: ", "S = ", "t = ", "s -> ",
        "1. s = ", "| ", "- ", "(1) ", "[1] ", "1 | ",
                 "step 1: ", "Start ", "s ", "s = s = ", "given: "),
        " = f(f(a)) by E3": ("", " = f(f(a)) by E3 = f(f(a)) by E3", " -> f(f(a)) by E3", " => f(f(a)) by E3",
        " <-> f(f(a)) by E3", " == f(f(a)) by E3",
                             " f(f(a)) by E3", "= f(f(a)) by E3", " = f(f(a))", " = f(f(a))\n by E3",
                             " = f(f(a)) E3", " = f(f(a)) [E3]", " = f(f(a)) (E3)",
                             " = f(f(a)) {by E3}", " = f(f(a)) [by E3]", " = f(f(a)) | E3 |", " = f(f(a)) using E3",
                             " = f(f(a)) via: E3", " = f(f(a)) with E3",
                             " = f(f(a)) from E3", " = f(f(a)) by e3", " = f(f(a)) by E_3", " = f(f(a)) by E3'",
                             " = f(f(a)) by 3", " = f(f(a)) by eq3",
                             " = f(f(a)) by equation E3", " = f(f(a)) by the eqs. E3", " = f(f(a)) by E3, E3",
                             " = f(f(a)) by E3,", " = f(f(a)) by , E3",
                             " = f(f(a)) by E3 and E3", " = f(f(a)) by E3; E3", " = f(f(a)) by E3 & E1",
                             " = f(f(a)) by E3 + E1", " = f(f(a)) by E3 E1",
                             " = f(f(a)) by E3 at [1]", " = f(f(a)) by E3 at position 1.1",
                             " = f(f(a)) by E3 @ root", " = f(f(a)) by E3 at pos [1, 2]",
                             " = f(f(a)) by E3 reversed", " = f(f(a)) by E3 right to left", " = f(f(a)) by E3 R->L",
                             " = f(f(a)) by E3 RL", " = f(f(a)) by E3^{-1}",
                             " = f(f(a)) by inverse of E3", " = f(f(a)) by E3 backwards",
                             " = f(f(a)) by E3 left-to-right", " = f(f(a)) by E3 forwards",
                             " = f(f(a)) by E3 LR", " = f(f(a)) by E3 L=R, R=L", " = f(f(a)) by E3: h(X,a,b) = X",
                             " = f(f(a)) by E3 (X = h(X,a,b))",
                             " = f(f(a)) by E3: h(X,b,b) = X", " = f(f(a)) by E3: h(X,a",
                             " = f(f(a)) by E3: L -> R", " = f(f(a)) by ??", " = ?? by E3", " ?? ??",
                             " = ??", " = f(f(a)) by ?? E3", " = f(f(a) by E3", " = f(f(a))) by E3",
                             " = f(f_(a)) by E3", " = f_1(f(a)) by E3", " = f(F(a)) by E3",
                             " = f(f(a)). by E3", " = f(f(a)) by E3.", " = f(f(a)) by E3 so", " = f(f(a)),",
                             " = f(f(a)) by E3 = g(f(a),a) by E1", " = f (f (a)) by E3",
                             " = f(f(a)) by E3 #", " = f(f(a)) by", " = f(f(x)) by E3", " = f(f(a,b)) by E3",
                             " = f(f(a)) by E1", " = f(f(b)) by E3", " = f(f(a)) by E4",
                             " = f(f(a)) by E3 ==", " = f(f(a)) by E3 direction", " 2. = f(f(a)) by E3",
                             "| = f(f(a)) | by E3 |", " = f(f(a)) by E3 (pos 2"),
    }  # fmt: skip
    for piece, others in pieces.items():
        for other in others:
            yield chain((STEPS + end).replace(piece, other))
    for after in ("\nQED", "\n.", "\nThis ends the chain.", " by E2", "\n by E2", "\n = g(a,f(a))", "\n---",
    "\n| --- |", "\nE1: f(X) = g(X,a)", "\nby E1",
                  "\nassert E1: f(X) = g(X,a)", "\nE1: f(X) = g(X,b)", "\nE1: f(X)", "\nE1: f(X) = g(X,a) so",
                  "\nequation E2: g(X,Y) = g(Y,X).", "\n??"):  # fmt: skip
        yield chain(STEPS + end + after)
        if after.startswith("\n"):
            yield chain(after[1:] + "\n" + STEPS + end)
    for n in (1, 2, 3, 4):
        for term in ("f(f(f(f(a))))", "g(a,g(a,g(a,f(a))))", "h(a,b,f(h(a,b,f(a))))", "f(h(f(h(a,b,c)),b,c))"):
            yield chain(f"s = {term[:-n]}\n = a by E1", f"E1: f(X) = g(X,a) # {term} = a")
            yield chain(f"s = a\n = {term[:-n]} by E1", f"E1: a = {term} # a = {term}")
            yield chain(f"s = a\n = {term}{')' * n} by E1", f"E1: a = {term} # a = {term}")
    for relation in ("parallel", "symmetric"):
        for most in (None, 1, 2):
            for cited in ("E1", "E2", "E3", "E1, E2", "E2, E1, E3", "E1 reversed", "E9"):
                options = {"relation": relation, **({} if most is None else {"most": most})}
                yield chain(
                    f"s = g(f(a),f(b))\n = g(g(a,a),f(b)) by {cited}\n",
                    CHAIN.replace("f(h(f(a),a,b))", "g(f(a),f(b))"),
                    **options,
                )


def on_lines() -> Iterator[Text]:
    """Slips with each word on a line of its own, and with marks between their words: which line, which comes first."""
    for language, problem, proof, _ in (*places_of_slips(), *after_a_failure()):
        if language in ("ndl", "macro") and "\n" not in proof and len(proof) < 60:
            yield language, problem, proof.replace(" ", "\n"), {}
    for glued in ("b)", "(b)", "b]", "[b", "b.", "b@", "b@c", "'b", "b)c"):
        yield ndl(f"{glued} BY mp on premise-2, A")
        yield ndl(f"{glued} BY mp on A BY mp on premise-2, A")
        yield ndl(f"{{ claim on A; {glued} BY mp on premise-2, A; claim on b }}")
    for inner in (
        "x := claim on A",
        "assume A { claim on A }",
        "{ claim on A }",
        "A BY claim on A",
        "suppose-absurd A { claim on false }",
    ):
        yield ndl(f"MP on : premise-2, ({inner})")
        yield ndl(f"{{ both on A, ({inner}); both on ({inner}), A; claim on B ., }}")
        yield ndl(f"mp with (({inner}), A)")
    for before in ("", "x := ", "x := y := ", "assume A; ", "assume h := A; ", "{ claim on A } ", "{ ", "assume A { "):
        for text in ("b@c BY mp on premise-2, A", "(b BY mp on premise-2, A", "@ BY mp on premise-2, A", "(A) :=",
        "A; (A) :=", "[b] BY claim on A",
                     "b c BY claim on A", "'b' BY claim on A", "claim on A; (A) := ; B"):  # fmt: skip
            yield ndl(before + text)
            yield ndl(f"{{ claim on A; {before}{text} }}")
    for text in ("b@c BY mp on premise-2, A", "(b BY mp on premise-2, A", "{ x y := mp on premise-2, A; claim on B }",
                 "{ A : = mp on premise-2, A; claim on B }", "{ 1 . B BY mp on premise-2, A }", "mp ( premise-2, A )",
                 "modus ponens on premise-2, A", "B BY mp on A ==> B, A", "claim on A ; ; claim on B .",
                 "x := claim on B ,",
                 "mp with premise-2, A", "assume h : A { claim on h }", "assume A claim on A",
                 "{ claim on A; claim on B } }",
                 "suppose absurd A { absurd on A, A }", "{ x = = claim on A; claim on B }",
                 "B BY mp on [ premise-2, A ]"):  # fmt: skip
        places = [n for n, c in enumerate(text) if c in " @(,.;"]
        for n in places[:8]:
            yield ndl(f"{text[:n]}**{text[n:]}")
            yield ndl(f"{text[: n + 1]}\u00a0\n{text[n + 1 :]}")


def texts() -> Iterator[Text]:
    """All of them."""
    for kind in (
        cuts_of_words, cuts_of_formulas, cuts_of_lists, places_of_slips, quotes_and_premises, parentheses,
        ways_of_reading,
        starts_and_ends, seldom, spellings, hints, after_a_failure, hilbert_lines, chain_lines, on_lines,
    ):  # fmt: skip
        yield from kind()
