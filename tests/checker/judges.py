"""Judges written apart from the checker, and random material for them: for tests and for bench/trust_languages.py.

Nothing here uses the checker's own evaluation, matching or search; formulas and terms are read from their text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, apply, variable
from proofgrid.checker.formulas import Formula, atom, conj, disj, iff, implies, neg
from proofgrid.checker.hilbert.axioms import instance
from proofgrid.checker.hilbert.lines import HilbertLine, ModusPonens, Premise, axiom_line

# ---- truth tables


@cache
def compiled(text: str) -> tuple[Any, tuple[str, ...]]:
    """A formula in strict syntax as Python code over booleans, and its atoms."""
    code = text.replace("<==>", "==").replace("==>", "<=").replace("~", "not ").replace("&", " and ")
    code = re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", code.replace("|", " or ")))
    names = tuple(dict.fromkeys(re.findall(r"\b[A-Z][0-9_]*\b", text)))
    return compile(code, "formula", "eval"), names


def truth(text: str, assignment: dict[str, bool]) -> bool:
    """The truth value of a formula in strict syntax."""
    return bool(eval(compiled(text)[0], {"__builtins__": {}}, assignment))


def table_entails(premises: Sequence[Formula], conclusion: Formula) -> bool:
    """Entailment by going through the whole truth table."""
    texts = [str(p) for p in premises]
    goal = str(conclusion)
    names = sorted({name for text in (*texts, goal) for name in compiled(text)[1]})
    for values in product((False, True), repeat=len(names)):
        assignment = dict(zip(names, values, strict=True))
        if not truth(goal, assignment) and all(truth(text, assignment) for text in texts):
            return False
    return True


def refutes(model: dict[str, bool], premises: Sequence[Formula], conclusion: Formula) -> bool:
    """Whether ``model`` assigns exactly the atoms concerned, makes the premises true and the conclusion false."""
    names = {name for f in (*premises, conclusion) for name in compiled(str(f))[1]}
    return (
        set(model) == names
        and all(truth(str(p), dict(model)) for p in premises)
        and not truth(str(conclusion), dict(model))
    )


# ---- weights of macro steps, by the words of the rule


def spelled_out(formula: Formula, truth: bool, parts: set[Formula]) -> set[frozenset[tuple[Formula, bool]]]:
    """The clauses as the rule says them, one connective at a time, by recursion over frozen sets."""
    op = formula.op
    if op == "~":
        return spelled_out(formula.left, not truth, parts)
    if op in ("true", "false"):
        return set() if (op == "true") is truth else {frozenset()}
    if op == "atom" or formula in parts:
        return {frozenset([(formula, truth)])}
    a, b = formula.left, formula.right
    if op == "<==>":
        halves = [
            {x | y for x in spelled_out(formula.left, one, parts) for y in spelled_out(formula.right, other, parts)}
            for one, other in ([(False, True), (True, False)] if truth else [(True, True), (False, False)])
        ]
        return tidy(tidy(halves[0]) | tidy(halves[1]))
    left = spelled_out(a, truth if op != "==>" else not truth, parts)
    right = spelled_out(b, truth, parts)
    if (op == "&") is truth:
        return tidy(left | right)
    return tidy({x | y for x in left for y in right})


def tidy(clauses: set[frozenset[tuple[Formula, bool]]]) -> set[frozenset[tuple[Formula, bool]]]:
    """Without tautologies and subsumed clauses."""
    real = {c for c in clauses if not any((letter, not sign) in c for letter, sign in c)}
    return {c for c in real if not any(other < c for other in real)}


def subformulas(formula: Formula) -> set[Formula]:
    """It and all below it."""
    below = {"~": ["left"], "atom": [], "true": [], "false": []}.get(formula.op, ["left", "right"])
    return {formula}.union(*(subformulas(getattr(formula, side)) for side in below))


def weight_by_definition(formula: Formula, truth: bool, parts: set[Formula]) -> int:
    """A weight, by the words of the rule."""
    if formula in parts or any(neg(p) is formula or neg(formula) is p for p in parts):
        return 1
    return max(1, len(spelled_out(formula, truth, parts)))


def keeps_the_bound(parts: set[Formula], given: Sequence[Formula], made: Formula) -> bool:
    """Whether a macro step weighs at most five and six."""
    justifiers = sum(weight_by_definition(f, True, parts) for f in given)
    return justifiers <= 5 and justifiers + weight_by_definition(made, False, parts) <= 6


# ---- rewriting by brute force


def variables_of(term: Term) -> set[str]:
    """Names of a term's variables."""
    if not term.args:
        return {term.name} if term.name[0].isupper() else set()
    return set().union(*map(variables_of, term.args))


def places(term: Term, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Term]]:
    """Every position with its subterm."""
    yield at, term
    for n, argument in enumerate(term.args, 1):
        yield from places(argument, (*at, n))


def written(pattern: Term, values: dict[str, str]) -> str:
    """A pattern's instance as text."""
    if not pattern.args:
        return values.get(pattern.name, pattern.name)
    return f"{pattern.name}({','.join(written(a, values) for a in pattern.args)})"


def written_with(term: Term, new: dict[tuple[int, ...], str], at: tuple[int, ...] = ()) -> str:
    """A term as text, with other text at some positions."""
    if at in new:
        return new[at]
    if not term.args:
        return term.name
    return f"{term.name}({','.join(written_with(a, new, (*at, n)) for n, a in enumerate(term.args, 1))})"


def apart(p: tuple[int, ...], q: tuple[int, ...]) -> bool:
    """Whether no position is inside the other."""
    n = min(len(p), len(q))
    return p[:n] != q[:n]


def brute_steps(s: Term, t: Term, used: Sequence[Equation]) -> Iterator[tuple[tuple[tuple[int, ...], str], ...]]:
    """Every choice of (position, contractum), one for each of ``used``, that makes s into t.

    Each variable is tried as every subterm of s and of t, each equation at every position.
    """
    pieces = sorted({str(x) for _, x in places(s)} | {str(x) for _, x in places(t)})
    target = str(t)
    choices: list[list[tuple[tuple[int, ...], str]]] = []
    for equation in used:
        names = sorted(variables_of(equation.left) | variables_of(equation.right))
        found: dict[tuple[tuple[int, ...], str], None] = {}
        for values in product(pieces, repeat=len(names)):
            by_name = dict(zip(names, values, strict=True))
            left, right = written(equation.left, by_name), written(equation.right, by_name)
            for at, here in places(s):
                if str(here) == left:
                    found[at, right] = None
        choices.append(list(found))
    for choice in product(*choices):
        at = [p for p, _ in choice]
        if all(apart(p, q) for n, p in enumerate(at) for q in at[:n]) and written_with(s, dict(choice)) == target:
            yield choice


def brute_sets(s: Term, t: Term, equations: Sequence[Equation]) -> list[frozenset[str]]:
    """Every E, a set of names, with ``s ==>_E t``."""
    found = []
    for bits in range(1, 1 << len(equations)):
        used = [e for n, e in enumerate(equations) if bits >> n & 1]
        if next(brute_steps(s, t, used), None) is not None:
            found.append(frozenset(e.name for e in used))
    return found


# ---- finite models


def model_value(term: Term, tables: dict[str, dict[tuple[int, ...], int]], point: dict[str, int]) -> int:
    """The value of a term in a finite model."""
    if term.name in point and not term.args:
        return point[term.name]
    return tables[term.name][tuple(model_value(a, tables, point) for a in term.args)]


def model_separates(size: int, tables: Any, equations: Sequence[Equation], s: Term, t: Term) -> bool:
    """Whether every equation holds at every point of the model, and s and t differ there."""
    for table in tables.values():
        if any(value not in range(size) for value in table.values()):
            return False
    for equation in equations:
        names = sorted(variables_of(equation.left) | variables_of(equation.right))
        for values in product(range(size), repeat=len(names)):
            point = dict(zip(names, values, strict=True))
            if model_value(equation.left, tables, point) != model_value(equation.right, tables, point):
                return False
    return model_value(s, tables, {}) != model_value(t, tables, {})


# ---- a Metamath verifier


class MetamathError(Exception):
    """A database that cannot be read at all (a wrong proof is no error, but a result)."""


def metamath_failures(database: str) -> list[str]:
    """Labels of the theorems whose proofs are wrong, in order: Metamath's algorithm for what the export uses.

    Frames, substitution and compressed proofs as in the Metamath book; no distinct variables, no includes.
    """
    text = re.sub(r"\$\(.*?\$\)", " ", database, flags=re.DOTALL)
    tokens = iter(text.split())
    constants: set[str] = set()
    variables: set[str] = set()
    scopes: list[list[str]] = [[]]
    floating: dict[str, tuple[str, str]] = {}
    essential: dict[str, tuple[str, ...]] = {}
    statements: dict[str, tuple[list[str], tuple[str, ...]]] = {}
    wrong: list[str] = []

    def upto(end: str) -> list[str]:
        out = []
        for token in tokens:
            if token == end:
                return out
            out.append(token)
        raise MetamathError(f"{end} is missing")

    def mandatory(expression: tuple[str, ...]) -> list[str]:
        active = [label for scope in scopes for label in scope]
        used = set(expression).union(*(essential[label] for label in active if label in essential))
        return [label for label in active if label in essential or floating[label][1] in used]

    for token in tokens:
        if token == "${":
            scopes.append([])
        elif token == "$}":
            scopes.pop()
        elif token == "$c":
            constants.update(upto("$."))
        elif token == "$v":
            variables.update(upto("$."))
        else:
            label, keyword = token, next(tokens)
            if keyword == "$f":
                kind, name = upto("$.")
                floating[label] = kind, name
                scopes[-1].append(label)
            elif keyword == "$e":
                essential[label] = tuple(upto("$."))
                scopes[-1].append(label)
            elif keyword in ("$a", "$p"):
                expression = tuple(upto("$." if keyword == "$a" else "$="))
                if any(symbol not in constants and symbol not in variables for symbol in expression):
                    raise MetamathError(f"{label} has an unknown symbol")
                frame = mandatory(expression)
                if keyword == "$p" and _proved(upto("$."), frame, floating, essential, statements) != expression:
                    wrong.append(label)
                statements[label] = frame, expression
            else:
                raise MetamathError(f"unknown keyword {keyword}")
    return wrong


def _proved(
    proof: list[str],
    frame: list[str],
    floating: dict[str, tuple[str, str]],
    essential: dict[str, tuple[str, ...]],
    statements: dict[str, tuple[list[str], tuple[str, ...]]],
) -> tuple[str, ...] | None:
    end = proof.index(")")
    labels = [*frame, *proof[1:end]]
    stack: list[tuple[str, ...]] = []
    saved: list[tuple[str, ...]] = []
    number = 0
    for letter in "".join(proof[end + 1 :]):
        if letter == "Z":
            saved.append(stack[-1])
            continue
        if "U" <= letter <= "Y":
            number = number * 5 + ord(letter) - ord("U") + 1
            continue
        number = number * 20 + ord(letter) - ord("A")
        if number >= len(labels):
            stack.append(saved[number - len(labels)])
            number = 0
            continue
        label = labels[number]
        number = 0
        if label in floating:
            stack.append(floating[label])
        elif label in essential:
            stack.append(essential[label])
        else:
            hypotheses, expression = statements[label]
            if len(stack) < len(hypotheses):
                return None
            given = stack[len(stack) - len(hypotheses) :]
            del stack[len(stack) - len(hypotheses) :]
            values: dict[str, tuple[str, ...]] = {}
            for hypothesis, actual in zip(hypotheses, given, strict=True):
                if hypothesis in floating:
                    if actual[0] != floating[hypothesis][0]:
                        return None
                    values[floating[hypothesis][1]] = actual[1:]
                elif _substituted(essential[hypothesis], values) != actual:
                    return None
            stack.append(_substituted(expression, values))
    return stack[0] if len(stack) == 1 else None


def _substituted(expression: Iterable[str], values: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    out: list[str] = []
    for symbol in expression:
        out.extend(values.get(symbol, (symbol,)))
    return tuple(out)


# ---- random material


def random_formula(rng: random.Random, depth: int, names: Sequence[str], *, hilbert: bool = False) -> Formula:
    """A random formula of at most ``depth`` levels; over ``~`` and ``==>`` only where hilbert."""
    if depth == 0 or rng.random() < 0.2:
        return atom(rng.choice(names))
    if rng.random() < 0.25:
        return neg(random_formula(rng, depth - 1, names, hilbert=hilbert))
    make = implies if hilbert else rng.choice((conj, disj, implies, iff))
    left = random_formula(rng, depth - 1, names, hilbert=hilbert)
    return make(left, random_formula(rng, depth - 1, names, hilbert=hilbert))


def random_term(rng: random.Random, depth: int, names: Sequence[str] = ()) -> Term:
    """A random term over a, b, f, g and the variables ``names``."""
    roll = rng.random()
    if depth == 0 or roll < 0.3:
        return variable(rng.choice(names)) if names and rng.random() < 0.6 else apply(rng.choice("ab"))
    if roll < 0.6:
        return apply("f", random_term(rng, depth - 1, names))
    return apply("g", random_term(rng, depth - 1, names), random_term(rng, depth - 1, names))


def random_equations(rng: random.Random, count: int) -> list[Equation]:
    """Random equations E1, E2, ... with variables X and Y."""
    return [Equation(f"E{n}", random_term(rng, 2, "XY"), random_term(rng, 2, "XY")) for n in range(1, count + 1)]


def random_hilbert_proof(
    rng: random.Random, steps: int, names: Sequence[str] = "ABC"
) -> tuple[list[Formula], list[HilbertLine]]:
    """Premises and a correct Hilbert proof of ``steps`` lines from them, formulas kept small."""
    premises = [random_formula(rng, 3, names, hilbert=True) for _ in range(rng.randint(1, 3))]
    lines: list[HilbertLine] = []
    at: dict[Formula, int] = {}

    def add(line: HilbertLine) -> int:
        lines.append(line)
        return at.setdefault(line.formula, line.number)

    def axiom(number: int, **values: Formula) -> int:
        return add(axiom_line(len(lines), number, instance(number, values), values))

    def mp(i: int, j: int) -> int:
        return add(HilbertLine(len(lines), lines[i].formula.right, ModusPonens(i, j)))

    while len(lines) < steps:
        roll = rng.random()
        small = [n for n in at.values() if len(str(lines[n].formula)) < 60]
        one = lines[rng.choice(small)].formula if small else None
        ready = [(n, at[f.left]) for f, n in at.items() if f.op == "==>" and f.left in at and f.right not in at]
        if ready and roll < 0.5:
            mp(*rng.choice(ready))
        elif roll < 0.6 or one is None:
            n = rng.randrange(len(premises))
            add(HilbertLine(len(lines), premises[n], Premise(n + 1)))
        elif one.op == "==>" and one.right.op == "==>" and roll < 0.75:
            axiom(2, p=one.left, q=one.right.left, r=one.right.right)
        elif one.op == "==>" and one.left.op == "~" and one.right.op == "~":
            axiom(3, p=one.left.left, q=one.right.left)
        elif roll < 0.9:
            axiom(1, p=one, q=random_formula(rng, 1, names, hilbert=True))
        else:
            p, q = (random_formula(rng, 2, names, hilbert=True) for _ in "pq")
            axiom(rng.choice((1, 3)), p=p, q=q)
    return premises, lines


def spoiled(rng: random.Random, lines: Sequence[HilbertLine], names: Sequence[str] = "ABC") -> list[HilbertLine]:
    """The proof with one line changed: its formula, its citation, or its axiom (it may still be correct)."""
    out = list(lines)
    n = rng.randrange(len(out))
    line = out[n]
    because = line.justification
    kind = rng.randrange(3)
    if kind == 0 or isinstance(because, Premise):
        text = str(line.formula)
        spots = [m.span() for m in re.finditer(r"[A-Z]", text)]
        start, end = rng.choice(spots)
        from proofgrid.checker.parsing import parse_formula

        formula = parse_formula(text[:start] + rng.choice([*names, "(~ A)", "(A ==> B)"]) + text[end:])
        out[n] = HilbertLine(line.number, formula, because)
    elif isinstance(because, ModusPonens):
        i, j = because.implication, because.antecedent
        changed = rng.choice(((j, i), (rng.randrange(n), j), (i, rng.randrange(n))))
        out[n] = HilbertLine(line.number, line.formula, ModusPonens(*changed))
    elif kind == 1:
        out[n] = axiom_line(
            line.number, because.number % 3 + 1, line.formula, {**dict(because.values), "r": line.formula}
        )
    else:
        p, q, r = (random_formula(rng, 1, names, hilbert=True) for _ in "pqr")
        out[n] = axiom_line(line.number, because.number, line.formula, {"p": p, "q": q, "r": r})
    return out


def random_macro_proof(
    rng: random.Random, steps: int, names: Sequence[str] = "ABCDEF", *, blocks: bool = True
) -> tuple[list[Formula], str, Formula, list[tuple[list[Formula], Formula]]]:
    """Premises, a macro proof of about ``steps`` steps, its conclusion, and each step's justifiers and conclusion.

    Conclusions follow from their justifiers by construction: weakenings, modus ponens, cases, contraposition. Every
    step keeps the bound on what it may weigh.
    """
    while True:
        made = _random_macro_proof(rng, steps, names, blocks)
        parts = set().union(*map(subformulas, (*made[0], made[2])))
        if all(keeps_the_bound(parts, given, conclusion) for given, conclusion in made[3]):
            return made


def _random_macro_proof(
    rng: random.Random, steps: int, names: Sequence[str], blocks: bool
) -> tuple[list[Formula], str, Formula, list[tuple[list[Formula], Formula]]]:
    """One of which each step keeps the bound if the goal has no part that matters."""
    premises = [disj(random_formula(rng, 1, names), random_formula(rng, 1, names)) for _ in range(rng.randint(3, 6))]
    premises.append(implies(premises[0], atom(names[0])))
    parts = set().union(*map(subformulas, premises))
    out: list[str] = []
    inferences: list[tuple[list[Formula], Formula]] = []

    def step(holding: list[Formula]) -> tuple[str, Formula]:
        for _ in range(20):
            given, made = attempt(holding)
            if keeps_the_bound(parts, given, made):
                break
        else:
            given, made = [premises[0]], premises[0]
        inferences.append((given, made))
        return f"{made} from {', '.join(map(str, given))}", made

    def attempt(holding: list[Formula]) -> tuple[list[Formula], Formula]:
        one = rng.choice(holding)
        given = [one, *(rng.choice(holding) for _ in range(rng.randint(0, 2)))]
        extra = random_formula(rng, 1, names)
        if one.op == "==>" and one.left in holding:
            given, made = [one, one.left], one.right
        elif one.op == "|" and rng.random() < 0.3:
            made = disj(one.right, one.left)
        elif one.op == "==>" and rng.random() < 0.4:
            made = implies(neg(one.right), neg(one.left))
        else:
            made = rng.choice((disj(one, extra), disj(extra, one), implies(extra, one), neg(conj(neg(one), extra))))
        if len(str(made)) > 60 or made.op in ("atom", "~"):
            made = disj(made, extra) if made.op in ("atom", "~") else disj(holding[0], extra)
            given = [*given, holding[0]]
        return given, made

    holding = list(premises)
    while len(inferences) < steps:
        if blocks and rng.random() < 0.15:
            hypothesis = random_formula(rng, 1, names)
            inner = [*holding, hypothesis]
            lines = []
            for _ in range(rng.randint(1, 3)):
                line, made = step(inner)
                lines.append(line)
                inner.append(made)
            written = str(hypothesis)
            out.append(f"assume {written} {{\n  " + ";\n  ".join(lines) + "\n}")
            holding.append(implies(hypothesis, inner[-1]))
        else:
            line, made = step(holding)
            out.append(line)
            holding.append(made)
    return premises, "{\n" + ";\n".join(out) + "\n}", holding[-1], inferences


def judged_hilbert(premises: list[str], goal: str, text: str) -> bool:
    """A second evaluator of strict proofs, with formulas as texts: no reader, no fix, no interning of ours."""
    known: list[str] = []
    for number, line in enumerate(text.split("\n")):
        match = re.fullmatch(r"(\d+)\. ([^,;]+), ([^;]+);", line)
        if match is None or int(match[1]) != number:
            return False
        formula, reason = match[2], match[3].split(", ")
        if re.fullmatch(r"mp, \d+, \d+|Premise\d+|Axiom[13], p := [^,]+, q := [^,]+"
                        r"|Axiom2, p := [^,]+, q := [^,]+, r := [^,]+", match[3]) is None:  # fmt: skip
            return False
        if reason[0] == "mp":
            i, j = int(reason[1]), int(reason[2])
            right = i < number and j < number and known[i] == f"({known[j]} ==> {formula})"
        elif reason[0].startswith("Premise"):
            n = int(reason[0][7:])
            right = 1 <= n <= len(premises) and premises[n - 1] == formula
        else:
            v = dict(part.split(" := ") for part in reason[1:])
            p, q, r = v["p"], v["q"], v.get("r", "")
            right = formula == {
                "Axiom1": f"({p} ==> ({q} ==> {p}))",
                "Axiom2": f"(({p} ==> ({q} ==> {r})) ==> (({p} ==> {q}) ==> ({p} ==> {r})))",
                "Axiom3": f"(((~ {p}) ==> (~ {q})) ==> (((~ {p}) ==> {q}) ==> {p}))",
            }.get(reason[0])
        if not right:
            return False
        known.append(formula)
    return bool(known) and known[-1] == goal


Tree = tuple[str, tuple["Tree", ...]]
"""A term as nested tuples: nothing of the checker's."""


def tree(text: str) -> Tree | None:
    """A strictly written term as nested tuples; None where the text is none."""
    stack: list[tuple[str, list[Tree]]] = [("", [])]
    tokens = re.findall(r"[A-Za-z][A-Za-z0-9_]*|[(),]|\S", text)
    before = "("  # a name comes first, after "(" and after ",", and nowhere else
    for n, token in enumerate(tokens):
        if token[0].isalpha() != (before in ("(", ",")) or (token == "(" and not before[0].isalpha()):
            return None
        before = token
        if token == "(":
            continue
        if token == ")":
            name, parts = stack.pop()
            if not stack or not parts:
                return None
            stack[-1][1].append((name, tuple(parts)))
        elif token[0].isalpha():
            if n + 1 < len(tokens) and tokens[n + 1] == "(":
                stack.append((token, []))
            else:
                stack[-1][1].append((token, ()))
        elif token != ",":
            return None
    return stack[0][1][0] if before != "," and len(stack) == 1 and len(stack[0][1]) == 1 else None


def _bind(pattern: Tree, term: Tree, bound: dict[str, Tree]) -> bool:
    name, parts = pattern
    if name[0].isupper():
        return bound.setdefault(name, term) == term
    return (
        name == term[0]
        and len(parts) == len(term[1])
        and all(_bind(p, t, bound) for p, t in zip(parts, term[1], strict=True))
    )


def _places(term: Tree, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Tree]]:
    yield at, term
    for n, part in enumerate(term[1]):
        yield from _places(part, (*at, n))


def _with(term: Tree, at: tuple[int, ...], new: Tree) -> Tree:
    if not at:
        return new
    parts = [_with(part, at[1:], new) if n == at[0] else part for n, part in enumerate(term[1])]
    return term[0], tuple(parts)


def judged_step(s: Tree, t: Tree, used: Sequence[tuple[Tree, Tree]]) -> bool:
    """Whether contracting one redex for each equation, at disjoint places of s, gives t: every choice is tried."""
    there = dict(_places(t))
    fitting: list[list[tuple[int, ...]]] = []
    for left, right in used:
        fits = []
        for at, redex in _places(s):
            bound: dict[str, Tree] = {}
            if at in there and _bind(left, redex, bound) and _bind(right, there[at], bound):
                fits.append(at)
        fitting.append(fits)
    for chosen in product(*fitting):
        if any(p[: len(q)] == q for i, p in enumerate(chosen) for j, q in enumerate(chosen) if i != j):
            continue
        result = s
        for at in chosen:
            result = _with(result, at, there[at])
        if result == t:
            return True
    return False


def judged_chain(problem: str, text: str, *, both: bool = False, most: int = 99) -> bool:
    """A second evaluator of strict chains (``s = t``, then ``= t by E1, E2`` a line), one way or ``both``."""
    *given, goal = problem.split(" # ")
    named: dict[str, tuple[Tree, Tree]] = {}
    for equation in given:
        name, sides = equation.split(": ")
        left, right = (tree(side) for side in sides.split(" = "))
        assert left is not None
        assert right is not None
        named[name] = (left, right)
    start, end = (tree(side) for side in goal.split(" = "))
    lines = [line.split("#")[0].strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    first = re.fullmatch(r"(s = \S+)\s*(= .+)", lines[0]) if lines else None
    if first is not None:  # the first step may stand beside the start
        lines[:1] = [first[1], first[2]]
    if not lines or not lines[0].startswith("s = ") or tree(lines[0][4:]) != start or start is None:
        return False
    before = start
    for line in lines[1:]:
        match = re.fullmatch(r"(?:=\s*)?(\S+?)\s+(?i:by) (.+)", line)
        after = tree(match[1]) if match is not None else None
        if match is None or after is None:
            return False
        names = re.split(r"\s*,\s*", match[2])
        if len(set(names)) != len(names) or len(names) > most or any(name not in named for name in names):
            return False
        used = [named[name] for name in names]
        if not judged_step(before, after, used) and not (both and judged_step(after, before, used)):
            return False
        before = after
    return before == end
