"""The other systems: Coq and Metamath as proof kernels, cvc5 for satisfiability. Each call is a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from proofgrid.checker.export.coq import PREAMBLE
from proofgrid.checker.formulas import Formula, atoms, postorder

LIBRARY = "NaturalDeduction"
LONGEST = 600
"""Seconds for one call. Nothing is judged by them: what does not end is reported, never counted as agreement."""
_HEAD = f"From Coq Require Import List. Import ListNotations.\nRequire Import {LIBRARY}.\n"


def missing() -> list[str]:
    """The judges that are not installed."""
    return [name for name in ("coqc", "metamath", "cvc5") if not shutil.which(name)]


def coq(folder: Path, name: str, text: str) -> str | None:
    """Have Coq compile ``text`` after the preamble; None where it accepts, else what it says."""
    library = folder / f"{LIBRARY}.v"
    if not library.exists():
        library.write_text(PREAMBLE, encoding="utf-8")
        _run(["coqc", library.name], folder)
    source = folder / f"{name}.v"
    source.write_text(_HEAD + text, encoding="utf-8")
    try:
        done = subprocess.run(
            ["coqc", source.name], cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return f"Coq did not end within {LONGEST} s"
    return None if done.returncode == 0 else (done.stderr.strip() or "no word")[:2000]


def coq_refuses(folder: Path, name: str, texts: Sequence[str]) -> list[tuple[int, str]]:
    """Which of ``texts`` Coq refuses, as (index, what it says): together first, then by halves down to single ones."""
    refused = []
    todo = [range(len(texts))] if texts else []
    while todo:
        part = todo.pop()
        said = coq(folder, f"{name}_{part.start}_{part.stop}", "\n".join(texts[i] for i in part))
        if said is not None and len(part) == 1:
            refused.append((part.start, said))
        elif said is not None:
            middle = (part.start + part.stop) // 2
            todo += [range(middle, part.stop), range(part.start, middle)]
    return refused


def coq_says(folder: Path, name: str, text: str) -> str:
    """What Coq prints for ``text`` (RuntimeError where it refuses)."""
    refused = coq(folder, name, "")
    assert refused is None, refused
    source = folder / f"{name}.v"
    source.write_text(_HEAD + text, encoding="utf-8")
    return _run(["coqc", source.name], folder)


def metamath(folder: Path, name: str, database: str) -> str | None:
    """Have Debian's metamath verify every proof of ``database``; None where it does, else what it says."""
    path = folder / f"{name}.mm"
    path.write_text(database, encoding="utf-8")
    said = _run(["metamath", f"read {path.name}", "verify proof *", "exit"], folder)
    good = "All proofs in the database were verified" in said and not re.search(r"\?Error|\?Warning", said)
    return None if good else said[-2000:]


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout)[:2000]}")
    return done.stdout


_SMT = {"~": "not", "&": "and", "|": "or", "==>": "=>", "<==>": "="}


def smt(formula: Formula) -> str:
    """The formula in SMT-LIB."""
    text: dict[Formula, str] = {}
    for f in postorder(formula):
        if f.op == "atom":
            text[f] = f"a_{f.name}"
        elif f.op in ("true", "false"):
            text[f] = f.op
        elif f.op == "~":
            text[f] = f"(not {text[f.left]})"
        else:
            text[f] = f"({_SMT[f.op]} {text[f.left]} {text[f.right]})"
    return text[formula]


def satisfiable(
    folder: Path, name: str, questions: Iterable[tuple[Sequence[Formula], Formula, Mapping[str, bool] | None]]
) -> list[str]:
    """cvc5's answer (sat, unsat) to each question: premises, a conclusion to deny, an assignment to hold to if any."""
    out = ["(set-logic QF_UF)"]
    for premises, conclusion, assignment in questions:
        out.append("(push 1)")
        out += [f"(declare-const a_{atom} Bool)" for atom in atoms(*premises, conclusion)]
        out += [f"(assert {smt(premise)})" for premise in premises]
        out.append(f"(assert (not {smt(conclusion)}))")
        if assignment is not None:
            known = set(atoms(*premises, conclusion))
            out += [
                f"(assert (= a_{atom} {str(value).lower()}))" for atom, value in assignment.items() if atom in known
            ]
        out.append("(check-sat)\n(pop 1)")
    return cvc5(folder, name, "\n".join(out), "--incremental")


def cvc5(folder: Path, name: str, script: str, *options: str) -> list[str]:
    """cvc5's answer to each (check-sat) of a script: sat, unsat or unknown; unknown alone where it did not end in time.

    Raises RuntimeError where it does not take the script: that is no question left open.
    """
    path = folder / f"{name}.smt2"
    path.write_text(script, encoding="utf-8")
    try:
        return _run(["cvc5", *options, path.name], folder).split()
    except subprocess.TimeoutExpired:
        return ["unknown"]
    except RuntimeError as error:
        if "interrupted by timeout" in str(error):  # its own --tlimit
            return ["unknown"]
        raise
