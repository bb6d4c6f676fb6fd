"""A stratified random sample of mutants of the checker, by the operators of mutmut; run in an environment that has it.

    .venv-mutation/bin/python bench/mutation/mutants.py --n 400 --seed 1 > mutants.jsonl

A line each: module, line, the lines before and after, and the whole mutated source. Each module gives in proportion to
its mutants. Texts with a space in them are prose, which the tests of messages judge, and are left alone; so are
docstrings and annotations. What stands outside functions, such as the table of rules, is mutated like the rest.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from random import Random

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("rules.py", "natural", "ndl", "macro", "hilbert", "equational")
"""What of proofgrid/checker decides a verdict."""
TOOLS = ("grammar.py",)
"""Modules among them that no verdict runs through: this one writes the parser's table, which a test holds to it."""


def sources() -> list[Path]:
    """The modules that are mutated."""
    checker = ROOT / "proofgrid" / "checker"
    return sorted(
        p
        for name in JUDGED
        for p in ([checker / name] if name.endswith(".py") else (checker / name).glob("*.py"))
        if p.name not in TOOLS
    )


def prose(node: cst.CSTNode) -> bool:
    """Whether a mutated node is a text of more than one word."""
    return isinstance(node, cst.SimpleString) and any(c.isspace() for c in str(node.evaluated_value).strip())


def mutations(path: Path) -> tuple[cst.Module, list[Mutation]]:
    """The tree of a module and what mutmut would change in it, in the order of the text."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    module = wrapper.visit(visitor)
    return module, [mutation for mutation in visitor.mutations if not prose(mutation.original_node)]


def described(path: Path, module: cst.Module, mutation: Mutation) -> dict[str, object]:
    """One mutant as a row."""
    source = module.deep_replace(mutation.original_node, mutation.mutated_node).code
    old, new = module.code.splitlines(), source.splitlines()
    first = _shared(old, new)
    same = _shared(old[first:][::-1], new[first:][::-1])
    before, after = old[first : len(old) - same], new[first : len(new) - same]
    where = path.relative_to(ROOT).as_posix()
    return {
        "module": where,
        "line": first + 1,
        "before": "\n".join(before),
        "after": "\n".join(after),
        "source": source,
    }


def _shared(old: list[str], new: list[str]) -> int:
    """How many lines are the same from the first on."""
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def main() -> None:
    """Print the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=400, help="mutants in the sample (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = Random(options.seed)
    found = {path: mutations(path) for path in sources()}
    total = sum(len(rows) for _, rows in found.values())
    # The share of each module, rounded so that the sum is right: largest remainders.
    shares = {path: len(rows) * (options.n or total) / total for path, (_, rows) in found.items()}
    count = {path: int(share) for path, share in shares.items()}
    for path in sorted(shares, key=lambda p: count[p] - shares[p])[: (options.n or total) - sum(count.values())]:
        count[path] += 1
    for path, (module, rows) in found.items():
        for index in sorted(rng.sample(range(len(rows)), count[path])):
            print(json.dumps(described(path, module, rows[index])))
    print(f"{total:,} mutants in {len(found)} modules", file=sys.stderr)


if __name__ == "__main__":
    main()
