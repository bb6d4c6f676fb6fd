"""Machine-made NDL proofs of any size, for benchmarks: random steps forward from random premises, always correct."""

from __future__ import annotations

from random import Random

from proofgrid.checker.formulas import FALSE, Formula, atom, build, neg
from proofgrid.checker.rules import RULES, results

_LONGEST = 60


def random_formula(rng: Random, atoms: int, depth: int) -> Formula:
    """A random formula over the first ``atoms`` letters."""
    if depth == 0 or rng.random() < 0.25:
        leaf = atom("ABCDEFGH"[rng.randrange(atoms)])
        return neg(leaf) if rng.random() < 0.3 else leaf
    if rng.random() < 0.2:
        return neg(random_formula(rng, atoms, depth - 1))
    op = rng.choice(("&", "|", "==>", "==>", "<==>"))
    return build(op, random_formula(rng, atoms, depth - 1), random_formula(rng, atoms, depth - 1))


class _Writer:
    def __init__(self, rng: Random, atoms: int) -> None:
        self.rng = rng
        self.atoms = atoms
        self.names = 0
        self.lines: list[str] = []
        self.size = 0

    def step(self, held: list[Formula]) -> Formula | None:
        """One application from ``held``; appended to the text (without its semicolon)."""
        rng = self.rng
        for _ in range(30):
            name = rng.choice(tuple(RULES))
            rule = RULES[name]
            if rule.arity == 1:
                arguments = [rng.choice(held) if name not in ("ex-middle", "from-false") else self.formula()]
            elif name in ("left-either", "right-either"):
                arguments = [rng.choice(held), self.formula()]
                if name == "right-either":
                    arguments.reverse()
            else:
                arguments = [rng.choice(held) for _ in range(rule.arity)]
                if name in ("mp", "mt", "dsyl", "cases"):
                    self.complete(arguments, held)
            for form, conclusion in results(rule, arguments):
                fits = all(arguments[i] in held for i in form.holds) and all(f in held for f in form.requires)
                if fits and conclusion not in held[-20:] and len(str(conclusion)) <= _LONGEST:
                    shown = ", ".join(str(a) for a in arguments)
                    self.names += 1
                    by = f"{conclusion} BY " if rng.random() < 0.7 else ""
                    label = f"s{self.names} := " if rng.random() < 0.5 else ""
                    self.emit(f"{label}{by}{name} on {shown}")
                    return conclusion
        return None

    def complete(self, arguments: list[Formula], held: list[Formula]) -> None:
        """Choose later arguments that fit the first."""
        first = arguments[0]
        for f in self.rng.sample(held, min(12, len(held))):
            fits_conditional = first.op == "==>" and f in (first.left, neg(first.right))
            fits_disjunction = first.op == "|" and f in (neg(first.left), neg(first.right))
            if fits_conditional or (fits_disjunction and len(arguments) == 2):
                arguments[1] = f

    def formula(self) -> Formula:
        return random_formula(self.rng, self.atoms, 2)

    def emit(self, text: str) -> None:
        self.lines.append(text)
        self.size += len(text) + 4

    def body(self, held: list[Formula], size: int, depth: int) -> Formula:
        """Steps up to ``size`` characters; the conclusion of the last."""
        rng = self.rng
        last: Formula | None = None
        until = self.size + size
        while last is None or self.size < until:
            recent = held[:6] + held[-30:]
            if depth < 5 and rng.random() < 0.12:
                hypothesis = self.formula()
                self.names += 1
                self.emit("\x01" + f"h{self.names} := assume {hypothesis} {{")
                last = build("==>", hypothesis, self.body([*recent, hypothesis], min(size // 3, 400), depth + 1))
                self.emit("\x02}")
                if len(str(last)) <= 3 * _LONGEST:
                    held.append(last)
                continue
            found = self.step(recent)
            if found is not None:
                last = found
                held.append(found)
        return last


def write_proof(rng: Random, size: int, atoms: int = 5) -> tuple[tuple[Formula, ...], Formula, str]:
    """Premises, goal and text of a strictly correct proof of about ``size`` characters."""
    premises = tuple(dict.fromkeys(random_formula(rng, atoms, 2) for _ in range(4)))
    premises = tuple(p for p in premises if p is not FALSE)
    writer = _Writer(rng, atoms)
    goal = writer.body(list(premises), size, 0)
    out: list[str] = []
    lines = writer.lines
    for i, line in enumerate(lines):
        opens = line.startswith("\x01")
        following = lines[i + 1] if i + 1 < len(lines) else "\x02"
        out.append(line.lstrip("\x01\x02") + ("" if opens or following.startswith("\x02") else ";"))
    return premises, goal, "{\n  " + "\n  ".join(out) + "\n}\n"
