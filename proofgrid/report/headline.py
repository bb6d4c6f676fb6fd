"""What a reader sees first, on the page and at the end of a run: who leads, how proofs fail, what it cost.

Three sentences from plain figures. Whether a lead is significant is what the paired tests over all pairs say
(:mod:`proofgrid.comparing`), never whether two intervals overlap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import pandas as pd

from proofgrid.checker.counting import count
from proofgrid.comparing import Pairwise
from proofgrid.glossary import plain_name
from proofgrid.report.text import spell
from proofgrid.statistics import MISSING, Proportion

NAMED = 3
"""Rivals that a sentence names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What answers cost: USD (NaN: nothing known), tokens and seconds, and how many answers have no known price.

    ``joules`` are those of the ``measured`` answers alone.
    """

    answers: int
    dollars: float
    unpriced: int
    tokens: float
    seconds: float
    joules: float = nan
    measured: int = 0

    @classmethod
    def of(cls, answered: pd.DataFrame, seconds: float) -> Spending:
        """Of attempts that were answered, by their columns ``cost``, ``completion_tokens`` and ``joules``."""
        cost = pd.to_numeric(answered["cost"], errors="coerce")
        joules = pd.to_numeric(answered["joules"], errors="coerce")
        return cls(
            answers=len(answered),
            dollars=float(cost.sum()) if cost.notna().any() else nan,
            unpriced=int(cost.isna().sum()),
            tokens=float(pd.to_numeric(answered["completion_tokens"], errors="coerce").fillna(0).sum()),
            seconds=seconds,
            joules=float(joules.sum()) if joules.notna().any() else nan,
            measured=int(joules.notna().sum()),
        )


def opening(
    names: Sequence[str],
    means: Sequence[Proportion],
    pairs: Pairwise,
    tasks: int,
    attempts: pd.DataFrame,
    failures: Iterable[tuple[str, str, int]],
    seconds: float,
) -> list[str]:
    """The three sentences, of all ``attempts`` (columns as in ScoredRun).

    ``failures`` of first answers: kind, diagnosis, how often; ``seconds`` are those of all answers together.
    """
    kinds: Counter[str] = Counter()
    diagnoses: dict[str, Counter[str]] = {}
    for kind, diagnosis, times in failures:
        kinds[kind] += times
        diagnoses.setdefault(kind, Counter())[diagnosis] += times
    top = kinds.most_common(1)[0][0] if kinds else ""
    outcomes = attempts.loc[attempts["round"] == 0, "outcome"]
    wrong = outcomes[~outcomes.isin(MISSING) & (outcomes != "correct")]
    lost = Counter(str(o) for o in wrong if o != "incorrect")
    return [
        who_leads(names, means, pairs, tasks),
        how_proofs_fail(kinds, len(wrong), diagnoses.get(top, {}), lost),
        what_it_cost(Spending.of(attempts[attempts["error"].isna()], seconds)),
    ]


def who_leads(names: Sequence[str], means: Sequence[Proportion], pairs: Pairwise, tasks: int) -> str:
    """The leader by mean accuracy, and from whom paired tests tell it apart; ``names`` in the order of ``pairs``."""
    known = [i for i in range(len(names)) if means[i].n]
    if not known:
        return "No answer has a verdict yet."
    best = max(known, key=lambda i: (means[i].value, -i))
    share = f"{means[best].percent}% (95% interval {means[best].interval})"
    over = "" if tasks == 1 else f", the mean over {tasks} tasks"
    if len(known) == 1:
        return f"{names[best]} solves {share} of {count(means[best].n, 'item')}{over}."
    if means[best].value == 0:
        return f"None of the {len(known)} models solves any item."
    first = [i for i in known if means[i].value == means[best].value]
    if len(first) == len(known):
        every = "Both models solve" if len(known) == 2 else f"All {len(known)} models solve"
        return f"{every} {share}{over}: {listed([names[i] for i in known])}."
    one = len(first) == 1
    rest = [i for i in known if i not in first]
    apart = [i for i in rest if all(pairs.better[j, i] for j in first)]
    above = [i for i in rest if any(pairs.better[i, j] for j in first)]
    unknown = [i for i in rest if i not in above and not any(pairs.items[j, i] for j in first)]
    open_ = sorted((i for i in rest if i not in (*apart, *above, *unknown)), key=lambda i: -means[i].value)
    said = (
        f"{listed([names[i] for i in first])} {'leads' if one else 'lead'} with {share}{'' if one else ' each'}{over}."
    )
    if len(apart) == len(rest):
        whom = {1: "the other model", 2: "both others"}.get(len(rest), f"each of the {len(rest)} others")
        return f"{said} By paired tests {'it is' if one else 'each is'} significantly better than {whom}."
    parts = []
    if apart:
        parts.append(f"significantly better than {spell(len(apart))} of the {len(rest)} others")
    if open_:
        parts.append(f"not {'' if one else 'all '}told apart from {listed([names[i] for i in open_])}")
    if not one:
        return f"{said} By paired tests they are {' and '.join(parts)}." if parts else said
    said += f" By paired tests it {'is ' if parts else ''}{' and is '.join(parts)}"
    more = []
    if above:
        more.append(f"did worse than {listed([names[i] for i in above])} on the items that both answered")
    if unknown:
        more.append(f"shares no item with {spell(len(unknown))}")
    return f"{said}{' and ' if parts and more else ''}{' and '.join(more)}."


def listed(names: Sequence[str], word: str = "and", most: int = NAMED) -> str:
    """``a, b and c``; of many the first few and how many more."""
    shown, more = list(names[:most]), len(names) - most
    if more > 0:
        return f"{', '.join(shown)} {word} {count(more, 'other')}"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def how_proofs_fail(kinds: Mapping[str, int], wrong: int, diagnoses: Mapping[str, int], lost: Mapping[str, int]) -> str:
    """The commonest first failure in plain words; where no proof was rejected, the commonest other way to be wrong.

    ``kinds`` counts the first failures by kind, ``wrong`` all answers that are not right, ``diagnoses`` slips and
    fallacies of the commonest kind, ``lost`` answers without a verdict by outcome.
    """
    if not wrong:
        return "No answer is wrong."
    missing = Counter(lost).most_common(1)
    if not kinds:
        if missing and missing[0][1] > wrong / 2:
            return f"Most wrong answers are {plain_name(missing[0][0])}: {missing[0][1]:,} of {wrong:,}."
        return f"{count(wrong, 'answer is', 'answers are')} wrong; no proof was asked for, so none failed at a step."
    kind, times = Counter(kinds).most_common(1)[0]
    total = sum(kinds.values())
    alike = sorted(plain_name(k) for k, n in kinds.items() if n == times)
    said = f"The commonest first failure is {plain_name(kind)}: {times:,} of {count(total, 'rejected proof')}"
    slips, fallacies = diagnoses.get("slip", 0), diagnoses.get("fallacy", 0)
    if len(alike) > 1:
        said = f"First failures are most often {listed(alike)}: {times:,} each of {count(total, 'rejected proof')}"
    elif slips and fallacies:
        said += f", {slips:,} with a conclusion that does follow, {fallacies:,} with one that does not"
    elif slips or fallacies:
        said += f", each with a conclusion that {'does' if slips else 'does not'} follow"
    if missing and missing[0][1] > total:
        said += f"; more answers, {missing[0][1]:,}, are {plain_name(missing[0][0])}"
    return f"{said}."


def what_it_cost(spent: Spending) -> str:
    """Money, tokens, time and, where it was measured, energy."""
    parts = []
    if spent.dollars == spent.dollars and spent.unpriced < spent.answers:
        priced = spent.answers - spent.unpriced
        if spent.dollars > 0:
            more = f" and {count(spent.unpriced, 'answer')} of unknown price" if spent.unpriced else ""
            parts.append(f"{dollars(spent.dollars)}{more}, {dollars(spent.dollars / priced)} an answer")
        else:
            parts.append("nothing" if not spent.unpriced else f"an unknown sum ({count(spent.unpriced, 'answer')})")
    else:
        parts.append("an unknown sum")
    if spent.tokens > 0:
        parts.append(f"{spell_large(spent.tokens)} tokens")
    if spent.seconds > 0:
        parts.append(f"{duration(spent.seconds)} of answering")
    if spent.joules == spent.joules and spent.joules > 0:
        of = "" if spent.measured in (0, spent.answers) else f" ({count(spent.measured, 'measured answer')})"
        parts.append(f"{watt_hours(spent.joules)}{of}")
    return f"{count(spent.answers, 'answer')} cost {'; '.join(parts)}."


def dollars(value: float) -> str:
    """``$12.30``, ``$0.0041``; never a rounded zero."""
    if value == 0:
        return "free"
    if value >= 0.995:
        return f"${value:,.2f}"
    if value >= 0.095:
        return f"${value:.2f}"
    digits = f"{value:.2g}"
    return f"${float(digits):.10f}".rstrip("0") if "e" in digits else f"${digits}"


def watt_hours(joules: float) -> str:
    """``12.3 Wh``, ``0.0041 Wh``; never a rounded zero."""
    value = joules / 3600
    return f"{value:,.1f} Wh" if value >= 0.95 else f"{float(f'{value:.2g}'):.10f}".rstrip("0") + " Wh"


def duration(seconds: float) -> str:
    """``42 s``, ``3.5 min``, ``7.2 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"


def spell_large(number: float) -> str:
    """``12,300``, ``4.2 million``."""
    if number < 1e6:
        return f"{number:,.0f}"
    return f"{number / 1e6:,.1f} million" if number < 1e9 else f"{number / 1e9:,.1f} billion"
