"""How much an answer without reasoning earns: the best of a family of attacks on each task, beside its chance.

    python bench/trust_gaming.py [TASK...] [--suite NAME] [--quick] [--items N] [--tries N] [--all]

Templates, constants, guesses from the surface of what is shown, answers that are several at once, and texts made to
exceed the limits are written from what an item shows, never from its reference (the writers are not given it). Exits 1
where one of them earns more than the task's chance: a constant may not earn more at all; what depends on the item may
be lucky, but not so that chance would do it once in 10,000 times over all attacks tried.

Then answers that do start from a reference are weakened step by step to whatever is still accepted, and wrong answers
are edited wherever a fix could bless them: of each accepted one a second judge, which knows no fix but those recorded,
must find every step right.

--quick takes a sample; --items N shows an attack that is no constant N items, spread over the suite; --all prints every
attack that won anything.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.gaming import (
    checking,
    clothes,
    disguises,
    equational,
    fillings,
    gaps,
    hilbert,
    lines,
    macro,
    masking,
    ndl,
    search,
)
from bench.gaming.attack import Attack, Result, passes_chance, run
from proofgrid.tasks.registry import TASK_IDS, get_task
from proofgrid.tasks.suites import load_suite

FAMILIES = {
    "pl1_pw": ndl.attacks, "pl2_pw": ndl.attacks, "pl3_pw": macro.attacks,
    "pl4_pw": hilbert.attacks, "pl4_pw_c": hilbert.attacks,
    "pl1_pc": checking.attacks, "pl1_pc_c": checking.attacks, "pl3_pc": checking.attacks,
    "pl1_pm": masking.attacks, "pl1_pm_c": masking.attacks, "pl1_gf": gaps.attacks, "pl1_gf_c": gaps.attacks,
    "eq_pc": equational.pc_attacks, "eq_gf": equational.gf_attacks, "eq_er": equational.er_attacks,
}  # fmt: skip

SEARCHES = {
    "pl1_pw": lambda items, rng, tries: search.search(items, "ndl", rng, tries),
    "pl2_pw": lambda items, rng, tries: search.search(items, "ndl", rng, tries),
    "pl3_pw": lambda items, rng, tries: search.search(items, "macro", rng, tries),
    "pl1_pm": fillings.search,
    "pl1_gf": fillings.search,
    "pl4_pw": lines.hilbert,
    "eq_er": lines.reconstruction,
}


def attacks_on(task_id: str, *, quick: bool) -> list[Attack]:
    """Every attack on a task."""
    reader = clothes.attacks(task_id, size=2_000 if quick else 60_000)
    return FAMILIES[task_id]() + reader + clothes.hedges(task_id) + disguises.attacks(task_id)


def best(
    task_id: str, suite: str, *, quick: bool, show_all: bool, most: int | None = None
) -> tuple[Result, list[Result], int]:
    """The best attack on a task, those that pass its chance, and how many were tried."""
    task = get_task(task_id)
    items = list(load_suite(suite, [task_id]))
    attacks = attacks_on(task_id, quick=quick)
    if quick:
        attacks = attacks[:: 1 + len(attacks) // (15 if task_id.endswith("_c") else 60)]
    results: list[Result] = []
    for number, attack in enumerate(attacks):
        # In a sample every constant sees all items, which is cheap, and the others one each, ever another.
        chosen = items
        if quick and not (attack.kind == "constant" and not attack.name.startswith("heavy")):
            chosen = [items[7 * number % len(items)]]
        if most is not None and attack.kind != "constant":
            chosen = items[:: max(1, len(items) // most)][:most]
        if attack.name.startswith("heavy"):
            chosen = chosen[: 1 if quick else 3]
        results.append(run(task, chosen, attack))
    results.sort(key=lambda r: (-r.score, -r.items))
    bad = [r for r in results if passes_chance(r, task.chance, len(attacks))]
    if show_all:
        for r in results:
            if r.won:
                print(f"    {r.won}/{r.items}  {r.attack.kind}: {r.attack.name}  (e.g. {r.example})")
    return results[0], bad, len(attacks)


def searched(task_ids: Sequence[str], suite: str, tries: int, seed: int) -> bool:
    """Search from the references of each task that has proofs; whether anything wrong was accepted."""
    failed = False
    print(f"\n{'search':<9} {'tried':>8} {'accepted':>8} {'wrong':>6}  accepted with fixes, by kind")
    for task_id in task_ids:
        if task_id not in SEARCHES:
            continue
        items = list(load_suite(suite, [task_id]))
        found = SEARCHES[task_id](items, Random(seed), tries)
        fixes = ", ".join(f"{kind} {count}" for kind, count in found.fixed.most_common())
        print(f"{task_id:<9} {found.tried:>8} {found.accepted:>8} {len(found.defects):>6}  {fixes}", flush=True)
        for item_id, why, problem, text in sorted(found.defects, key=lambda d: len(d[3]))[:3]:
            failed = True
            print(f"--- {item_id}: {why}\n{problem}\n{text}\n", flush=True)
    return failed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--suite", default="v1")
    parser.add_argument("--quick", action="store_true", help="a sample of the items, 60 seconds at most")
    parser.add_argument("--items", type=int, help="items that each attack sees that is no constant (default: all)")
    parser.add_argument("--all", action="store_true", help="print every attack that won anything")
    parser.add_argument("--tries", type=int, default=20_000, help="texts that each search tries (default 20,000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.quick:
        options.tries = min(options.tries, 150)
    failed = False
    print(f"{'task':<9} {'chance':>6} {'best':>8} {'attacks':>7}  best attack without reasoning")
    for task_id in options.tasks or list(TASK_IDS):
        top, bad, tried = best(task_id, options.suite, quick=options.quick, show_all=options.all, most=options.items)
        mark = "  ABOVE CHANCE" if bad else ""
        task, share = get_task(task_id), f"{top.won}/{top.items}"
        print(
            f"{task_id:<9} {task.chance:>6.2f} {share:>8} {tried:>7}  {top.attack.kind}: {top.attack.name}{mark}",
            flush=True,
        )
        for r in bad[:5]:
            failed = True
            said = f"scoring raised ({r.raised})" if r.raised else f"e.g. {r.example}"
            print(f"    {r.won} of {r.items} by {r.attack.kind}: {r.attack.name} ({said})", flush=True)
    sys.exit(1 if failed | searched(options.tasks or list(TASK_IDS), options.suite, options.tries, options.seed) else 0)


if __name__ == "__main__":
    main()
