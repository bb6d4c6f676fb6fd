"""Whether items made from proofs can be trusted: judges that share nothing with what made them.

1. Proof checking: goals of proofs called correct follow by truth table, counterexamples of steps that do not follow are
   evaluated, first errors are the same strictly and through the checker's repairs, and two bag-of-tokens classifiers
   are right on no more than 60 of 100 held-out proofs.
2. Masking: the search against trying every rule and subformula on small proofs; every certificate is verified by the
   unifier of its own, and false ones for solvable items are refused.
3. Gap filling: what gaps hide is accepted, a wrong step costs its own gap alone, and no answer escapes from its gap.

    python bench/trust_transform.py [--quick]

Exits 1 at the first disagreement.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from random import Random

import numpy as np

from proofgrid.checker import CheckerError, check, parse_formula, parse_proof
from proofgrid.checker.formulas import Formula, atoms, evaluate, postorder
from proofgrid.checker.natural.syntax import Block
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.checking import verify as verify_checking
from proofgrid.tasks.kinds.gaps import answer_text
from proofgrid.tasks.kinds.gaps import verify as verify_gaps
from proofgrid.tasks.kinds.gaps.gaps import clean
from proofgrid.tasks.kinds.masking import certificate, values_of
from proofgrid.tasks.kinds.masking import verify as verify_masks
from proofgrid.tasks.kinds.masking.constraints import UnsupportedProof, build
from proofgrid.tasks.kinds.masking.masks import cover, fill, mask_names, slots
from proofgrid.tasks.kinds.masking.solver import OutOfBudget, Solver
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.making.proof_sources import human_proof, neutral_style, pair
from proofgrid.tasks.registry import get_task


def demand(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"DISAGREEMENT: {what}")


def follows(premises: tuple[Formula, ...], goal: Formula) -> bool:
    names = atoms(*premises, goal)
    for row in range(2 ** len(names)):
        model = {name: bool(row >> i & 1) for i, name in enumerate(names)}
        if all(evaluate(p, model) for p in premises) and not evaluate(goal, model):
            return False
    return True


def accuracy(items: list[Item], present: bool, folds: int = 10) -> float:
    """Held-out accuracy of naive Bayes on counts, or of logistic regression on presence, of the proof's tokens."""
    texts = [re.findall(r"[A-Za-z_'][\w'-]*|<?==>|\S", p.shown["proof"]) for p in items]
    words = {w: i for i, w in enumerate(dict.fromkeys(w for t in texts for w in t))}
    counts = np.zeros((len(texts), len(words)))
    for row, text in enumerate(texts):
        for word in text:
            counts[row, words[word]] += 1
    labels = np.array([bool(p.reference["correct"]) for p in items])
    fold = np.arange(len(labels)) % folds
    hits = 0
    for held in range(folds):
        train, test = fold != held, fold == held
        if present:
            x = np.hstack([(counts > 0) * 1.0, np.ones((len(labels), 1))])
            weights = np.zeros(x.shape[1])
            for _ in range(200):
                p = 1 / (1 + np.exp(-np.clip(x[train] @ weights, -30, 30)))
                weights -= 0.5 * x[train].T @ (p - labels[train]) / train.sum() + 0.02 * weights
            guess = x[test] @ weights > 0
        else:
            scores = []
            for label in (False, True):
                rows = counts[train & (labels == label)]
                smoothed = rows.sum(axis=0) + 1.0
                scores.append(counts[test] @ np.log(smoothed / smoothed.sum()) + np.log(len(rows)))
            guess = scores[1] > scores[0]
        hits += int((guess == labels[test]).sum())
    return hits / len(labels)


def proof_checking(quick: bool) -> None:
    for name, n in (("pl1_pc", 120 if quick else 1_000), ("pl3_pc", 24 if quick else 300)):
        task = get_task(name)
        items = list(generate_parallel(name, n, 31, jobs=2))
        refuted = entailed = 0
        for item in items:
            demand(verify_checking(item, task.checked_as), f"{item.id} does not verify")
            premises, goal = pair(item.shown)
            if item.reference["correct"] and len(atoms(*premises, goal)) <= 12:
                demand(follows(premises, goal), f"{item.id} is called correct, and its goal does not follow")
                entailed += 1
            failure = check((premises, goal), item.shown["proof"], mode="strict", language=task.checked_as).failure
            if failure is not None and failure.kind == "doesNotFollow" and failure.inference is not None:
                model = item.reference["errorDetails"]["counterexample"]
                sources = [parse_formula(f) for f in failure.inference.from_]
                demand(all(evaluate(f, model) for f in sources), f"{item.id}: the counterexample falsifies a source")
                demand(not evaluate(parse_formula(failure.inference.to), model), f"{item.id}: it satisfies the target")
                refuted += 1
        right = sum(bool(p.reference["correct"]) for p in items) / n
        print(f"{name}: {n} items, {right:.3f} correct, {entailed} goals entailed, {refuted} counterexamples evaluated")
        if not quick:
            bayes, logistic = accuracy(items, False), accuracy(items, True)
            print(f"{name}: held-out accuracy by tokens: naive Bayes {bayes:.3f}, logistic regression {logistic:.3f}")
            demand(max(bayes, logistic) <= 0.6, f"the tokens of {name} give the verdict away")
        full = sum(task.score(p, task.attempt(p.shown, 20_000)).points for p in items) / n
        print(f"{name}: the builtin model at full budget scores {full:.3f}")
        demand(full >= 0.99, f"the builtin model misses items of {name}")


def solver_against_brute_force(quick: bool) -> None:
    agreed = {True: 0, False: 0}
    for seed in range(150 if quick else 1_500):
        rng = Random(f"brute {seed}")
        source = human_proof(rng, 1, neutral_style(rng))
        if source is None:
            continue
        problem = (source.premises, source.goal)
        masked, covered = cover(source.proof, 0.12, rng)
        visible = [s for s in slots(masked) if s.kind == "rule" and not masked.startswith("MASK", s.start)]
        if visible and rng.random() < 0.6:
            slot = rng.choice(visible)
            masked = masked[: slot.start] + rng.choice(list(RULES)) + masked[slot.end :]
        if len(covered) > 3:
            continue
        names = mask_names(masked)
        rules = {masked[s.start : s.end] for s in slots(masked) if s.kind == "rule"}
        subformulas = [str(f) for f in postorder(*source.premises, source.goal)]
        choices = [list(RULES) if name in rules else subformulas for name in names]
        brute = any(
            check(problem, fill(masked, dict(zip(names, values, strict=True))), mode="strict").correct
            for values in itertools.islice(itertools.product(*choices), 5_000)
        )
        try:
            search = Solver(build(parse_proof(masked), *problem), 500_000)
            solved = any(
                check(problem, fill(masked, values_of(s, *problem)), mode="strict").correct for s in search.solutions()
            )
        except (OutOfBudget, UnsupportedProof):
            continue
        demand(solved or not brute, f"the search misses a filling of {masked}")
        agreed[solved] += 1
    print(f"mask solver against brute force: {agreed[True]} solvable, {agreed[False]} unsolvable, none missed")


def masking(quick: bool) -> None:
    n = 60 if quick else 400
    task = get_task("pl1_pm")
    certified = forged = 0
    for item in generate_parallel("pl1_pm", n, 32, jobs=2):
        demand(verify_masks(item), f"{item.id} does not verify")
        demand(task.score(item, task.reference_answer(item)).strict, f"{item.id}: its reference is not strictly right")
        if not item.reference["solvable"]:
            certified += 1
            continue
        constraints = build(parse_proof(item.shown["proof"]), *pair(item.shown))
        for step in range(len(constraints.steps)):
            # A solution exists, so some form of every step does not clash: this claims that all do.
            forged += 1
            claim = {"take": [], "on": [step, -1], "then": {}}
            demand(not certificate.verify(constraints, claim), f"{item.id}: a false certificate verifies")
    print(f"pl1_pm: {n} items, {certified} certificates verified, {forged} false ones refused")


ESCAPES = (
    "}} {steps} {{",
    "{steps} }} {{ {steps}",
    "{steps}; assume (A & ~A) {{ {steps}",
    "({steps}",
    "{steps})",
    "{steps} #",
    "{steps}; # ",
    "{steps}; suppose-absurd",
    "{steps} -- '",
)
"""Fillings that would reach beyond their gap if they were put in as they are."""


def stays_inside(filling: str) -> bool:
    """Whether a filling is refused, or put in as whole steps that leave nothing open for the text around them.

    A slip of syntax, such as a parenthesis too many, may be read through: what counts is what is put in.
    """
    put_in = clean(filling)
    if put_in is None:
        return True
    deep = {"(": 0, "{": 0}
    for c in put_in:
        if c in "({":
            deep[c] += 1
        elif c in ")}":
            deep["(" if c == ")" else "{"] -= 1
        if min(deep.values()) < 0 or c in "#'\"`":
            return False
    try:
        alone = parse_proof("{\n" + put_in + "\n}")
    except CheckerError:
        return False
    return not any(deep.values()) and isinstance(alone.root, Block) and clean(put_in) == put_in


def gap_filling(quick: bool) -> None:
    n = 60 if quick else 400
    task = get_task("pl1_gf")
    gaps = 0
    for item in generate_parallel("pl1_gf", n, 33, jobs=2):
        demand(verify_gaps(item), f"{item.id} does not verify")
        hidden = item.reference["gaps"]
        for name, steps in hidden.items():
            gaps += 1
            one_wrong = task.score(item, answer_text({**hidden, name: "claim on Z9"}))
            wanted = (len(hidden) - 1) / len(hidden)
            demand(one_wrong.points == 0.0, f"{item.id}: a step that cites what never holds is accepted in {name}")
            demand(abs(one_wrong.parts["gaps"] - wanted) < 1e-9, f"{item.id}: {name} spoils other gaps")
            for escape in ESCAPES:
                demand(stays_inside(escape.format(steps=steps)), f"{item.id}: an answer escapes from {name}: {escape}")
    print(f"pl1_gf: {n} items, {gaps} gaps, each counted by itself, none escaped from")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample under a minute")
    quick = parser.parse_args().quick
    proof_checking(quick)
    solver_against_brute_force(quick)
    masking(quick)
    gap_filling(quick)


if __name__ == "__main__":
    main()
