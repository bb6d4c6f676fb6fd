"""An equational chain as a Coq section: a type, its functions, the equations as hypotheses, and the chain as a theorem.

Every rewrite is one equation, instantiated, under a context (``f_equal``): Coq searches for nothing, so a wrong
position or substitution in the verdict is refused. Source: docs/spec.md, the section on equational proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proofgrid.checker.equational.problems import EquationalProblem
from proofgrid.checker.equational.terms import Position, Term, parse_term, postorder, replace, subterm, variables
from proofgrid.checker.verdict import Rewrite

_HOLE = "x"


def as_coq(term: Term, hole: Position | None = None) -> str:
    """The term in Coq's notation; what stands at position ``hole`` is written ``x``."""
    out: list[str] = []
    stack: list[tuple[Term | str, Position | None]] = [(term, hole)]
    while stack:
        item, at = stack.pop()
        if isinstance(item, str):
            out.append(item)
        elif at == ():
            out.append(_HOLE)
        elif not item.args:
            out.append(_name(item.name))
        else:
            out.append(f"({_name(item.name)}")
            stack.append((")", None))
            for i in range(len(item.args), 0, -1):
                stack += [(item.args[i - 1], at[1:] if at and at[0] == i else None), (" ", None)]
    return "".join(out)


def _name(name: str) -> str:
    return f"v_{name}" if name[0].isupper() else f"s_{name}"


def chain_section(
    name: str, problem: EquationalProblem, terms: Sequence[Term], steps: Iterable[Sequence[Rewrite]]
) -> str:
    """A section with theorem ``name``: the first of ``terms`` equals the last, by ``steps`` between neighbours.

    ``steps`` are a correct verdict's ``rewrites``, one row for each step from ``terms[i]`` to ``terms[i + 1]``; under
    the symmetric relation a row may lead from ``terms[i + 1]`` to ``terms[i]``.
    """
    used = [term for left, right in _sides(problem) for term in (left, right)] + list(terms)
    symbols = {t.name: len(t.args) for root in used for t in postorder(root) if not t.is_variable}
    free = variables(*terms)
    lines = [f"Section {name}_section.", "Variable T : Type."]
    lines += [f"Variable s_{symbol} : {'T -> ' * arity}T." for symbol, arity in symbols.items()]
    lines += [f"Variable v_{variable} : T." for variable in free]
    for number, (left, right) in enumerate(_sides(problem), 1):
        bound = "".join(f" v_{v}" for v in variables(left, right))
        quantified = f"forall{bound} : T, " if bound else ""
        lines.append(f"Hypothesis eq_{number} : {quantified}{as_coq(left)} = {as_coq(right)}.")
    lines += [f"Theorem {name} : {as_coq(terms[0])} = {as_coq(terms[-1])}.", "Proof."]
    for number, (row, before, after) in enumerate(zip(steps, terms, terms[1:], strict=False), 1):
        lines.append(f"assert (step_{number} : {as_coq(before)} = {as_coq(after)}).\n{{")
        backwards = not all(_stands(before, rewrite) for rewrite in row) or _rewritten(before, row) is not after
        now = after if backwards else before
        for k, rewrite in enumerate(row, 1):
            new = _rewritten(now, [rewrite])
            lines.append(f"assert (r{k} : {as_coq(now)} = {as_coq(new)}) by {_reason(problem, now, rewrite)}.")
            now = new
        whole = _joined([f"r{k}" for k in range(1, len(row) + 1)])
        lines.append(f"exact {f'(eq_sym {whole})' if backwards else whole}. }}")
    lines.append(f"exact {_joined([f'step_{i}' for i in range(1, len(terms))])}.")
    return "\n".join([*lines, "Qed.", f"End {name}_section.", ""])


def _rewritten(term: Term, row: Iterable[Rewrite]) -> Term:
    """The term after the contractions of ``row``, each at its position."""
    for rewrite in row:
        term = replace(term, rewrite.position, parse_term(rewrite.contractum))
    return term


def _stands(term: Term, rewrite: Rewrite) -> bool:
    """Whether the redex stands where it should."""
    try:
        return str(subterm(term, rewrite.position)) == rewrite.redex
    except IndexError:
        return False


def _sides(problem: EquationalProblem) -> list[tuple[Term, Term]]:
    return [(equation.left, equation.right) for equation in problem.equations.values()]


def _reason(problem: EquationalProblem, term: Term, rewrite: Rewrite) -> str:
    """One instance of an equation, read in whichever direction fits, under the context of the redex."""
    equation = problem.equations[rewrite.equation]
    names = variables(equation.left, equation.right)
    spare = parse_term(rewrite.redex)  # a variable that neither side binds may be anything
    values = [parse_term(rewrite.substitution[v]) if v in rewrite.substitution else spare for v in names]
    number = list(problem.equations).index(rewrite.equation) + 1
    instance = f"(eq_{number}{''.join(' ' + as_coq(value) for value in values)})"
    context = f"(fun {_HOLE} => {as_coq(term, rewrite.position)})"
    return f"first [exact (f_equal {context} {instance}) | exact (f_equal {context} (eq_sym {instance}))]"


def _joined(names: Sequence[str]) -> str:
    if not names:
        return "eq_refl"
    joined = names[0]
    for name in names[1:]:
        joined = f"(eq_trans {joined} {name})"
    return joined
