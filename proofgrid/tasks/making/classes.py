"""The class of an item: what is the same for items that are one problem up to renaming, told from what they show."""

from __future__ import annotations

from hashlib import blake2b

from proofgrid.tasks.core import JsonObject
from proofgrid.tasks.kinds.equational.chains import key_of
from proofgrid.tasks.kinds.equational.values import chain_lines, problem_of
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.making.proof_sources import pair


def class_key(shown: JsonObject) -> str:
    """32 hexadecimal digits, equal for items of one class, whatever their tasks.

    Of premises and a goal it is their canonical key, whatever proof is shown with them; of a chain of equations, one
    that neither names of symbols and variables nor names of equations change. Raises DrawFailedError where the search
    for the class of a problem is given up.
    """
    if "goal" in shown:
        return canonical_key(*pair(shown))
    equations = list(problem_of(shown).equations.values())
    terms = [line.term for line in chain_lines(shown)]  # None where a gap is
    key = key_of(equations, [term for term in terms if term is not None])
    gaps = [at for at, term in enumerate(terms) if term is None]
    return blake2b(f"{gaps} {key}".encode(), digest_size=16).hexdigest()
