"""What every task calls the size and the depth of a formula."""

from __future__ import annotations

from proofgrid.checker.formulas import Formula, postorder


def size(formula: Formula) -> int:
    """Connectives, atoms and constants in all, each occurrence counted."""
    sizes: dict[Formula, int] = {}
    for f in postorder(formula):
        sizes[f] = 1 + sum(sizes[g] for g in _parts(f))
    return sizes[formula]


def depth(formula: Formula) -> int:
    """Connectives on the longest way down: 0 for an atom."""
    depths: dict[Formula, int] = {}
    for f in postorder(formula):
        depths[f] = 1 + max((depths[g] for g in _parts(f)), default=-1)
    return depths[formula]


def _parts(f: Formula) -> tuple[Formula, ...]:
    if f.op in ("atom", "true", "false"):
        return ()
    return (f.left,) if f.op == "~" else (f.left, f.right)
