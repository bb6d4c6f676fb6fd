"""Accepted proofs and refuted inferences to show to other systems, gathered by several processes at once.

They come from the frozen suite, from fresh items of every generator, from what the builtin models answer and, where the
data beside the project is at hand, from published proofs and from answers that a language model wrote. Whoever wrote
it, a text goes the same way: it is read as its task reads answers, the proof in it is checked in instrumented mode, and
what is accepted is written for the other system as the instrumented reader took it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from proofgrid.checker import CheckerError, as_read, check, examine, parse_formula, parse_proof, trace_steps
from proofgrid.checker.equational import parse_chain
from proofgrid.checker.export.coq import coq_theorem
from proofgrid.checker.export.coq_chain import chain_section
from proofgrid.checker.export.fitch import fitch_lines
from proofgrid.checker.formulas import Formula
from proofgrid.checker.hilbert.metamath import export_metamath
from proofgrid.models.builtin import BUILTIN
from proofgrid.tasks import TASK_IDS, Item, get_task
from proofgrid.tasks.kinds.equational.values import problem_of
from proofgrid.tasks.kinds.gaps.gaps import fill as fill_gaps
from proofgrid.tasks.kinds.masking.masks import fill as fill_masks
from proofgrid.tasks.suites import load_suite
from tests.shared_data import ANSWERS, PUBLISHED_CHECKING, PUBLISHED_HILBERT

LANGUAGES = {"pl1": "ndl", "pl2": "ndl", "pl3": "macro", "pl4": "hilbert", "eq": "equational"}
PORTION = 25
"""Items of one job."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was written, and what it is to prove; ``options`` are the checker's."""

    language: Any
    problem: Any
    text: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proof that our checker accepts, written for the kernel of its language."""

    name: str
    source: str
    language: str
    sequent: tuple[tuple[Formula, ...], Formula] | None
    """Premises and goal; None where it is equational."""
    export: str
    """A Coq theorem, a Coq section or a Metamath database."""
    slips: int = 0
    """Steps that a structural fix forgave: they are shown to the kernel as steps that follow, without their rule."""

    @property
    def label(self) -> str:
        """What its theorem is called."""
        return label(self.source, self.name)


@dataclass(frozen=True, slots=True)
class Fallacy:
    """An inference that our checker says does not follow, with its countermodel."""

    name: str
    source: str
    premises: tuple[Formula, ...]
    conclusion: Formula
    countermodel: Mapping[str, bool]


@dataclass(slots=True)
class Corpus:
    """What was gathered. ``count`` says what became of each text; ``faults`` are disagreements found on the way."""

    proofs: list[Accepted] = field(default_factory=list)
    wrong: list[Fallacy] = field(default_factory=list)
    items: list[tuple[str, Item]] = field(default_factory=list)
    """Items with a certificate that nothing solves them, or with the part that a solver can see."""
    count: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Corpus) -> None:
        """Take in what another process gathered."""
        self.proofs += other.proofs
        self.wrong += other.wrong
        self.items += other.items
        self.count += other.count
        self.faults += other.faults

    def judge(self, source: str, name: str, proof: Proof) -> None:
        """Check one proof, and keep it as accepted or, where it fails by a fallacy, the fallacy."""
        verdict = check(proof.problem, proof.text, language=proof.language, **proof.options)
        if verdict.correct:
            try:
                self.proofs.append(exported(source, name, proof))
            except (CheckerError, KeyError) as error:
                self.faults.append(f"{source} {name} is accepted, but cannot be exported: {error}")
            return
        assert verdict.failure is not None
        self.count[f"not accepted, {verdict.failure.class_}: {source}"] += 1
        if verdict.failure.diagnosis == "fallacy" and proof.language in ("ndl", "macro"):
            # The verdict cuts long formulas for display; what the checker saw has them whole.
            seen = examine(proof.problem, proof.text, language=proof.language).failed
            if seen is None or seen.target is None or verdict.failure.countermodel is None:
                self.faults.append(f"{source} {name} is called a fallacy without a countermodel")
            else:
                model = verdict.failure.countermodel
                self.wrong.append(Fallacy(name, source, tuple(seen.sources), seen.target, model))


def label(source: str, name: str) -> str:
    """An identifier for the theorem of a proof."""
    return "".join(c if c.isalnum() else "_" for c in f"t_{source}_{name}")


def exported(source: str, name: str, proof: Proof) -> Accepted:
    """The accepted proof for the kernel of its language. Raises CheckerError or KeyError where that fails."""
    called = label(source, name)
    if proof.language == "equational":
        verdict = check(proof.problem, proof.text, language="equational", **proof.options)
        assert verdict.rewrites is not None
        read = [line.term for line in parse_chain(proof.text, proof.problem.equations).lines if line.term is not None]
        terms = read if len(read) == len(verdict.rewrites) + 1 else [proof.problem.start, *read]
        return Accepted(name, source, "equational", None, chain_section(called, proof.problem, terms, verdict.rewrites))
    premises, goal = tuple(map(parse_formula, proof.problem[0])), parse_formula(proof.problem[1])
    if proof.language == "hilbert":
        try:
            return Accepted(name, source, "hilbert", (premises, goal), export_metamath(premises, goal, proof.text))
        except ValueError as error:
            raise CheckerError(str(error)) from error
    problem = (premises, goal)
    said = as_read(problem, proof.text, proof.language)
    forgiven = {fix.step for fix in check(problem, said, language=proof.language).fixes if fix.class_ == "structural"}
    trace = trace_steps(problem, said, proof.language, "instrumented" if forgiven else "strict")
    lines = fitch_lines(premises=premises, proof=parse_proof(said, proof.language), trace=trace)
    # A forgiven step is no application of the rule that it names; that it follows is what is left to ask.
    lines = tuple(replace(line, rule="from") if line.step and line.step in forgiven else line for line in lines)
    theorem = coq_theorem(called, goal, lines)
    return Accepted(name, source, proof.language, problem, theorem, len(forgiven))


def proof_in(item: Item, answer: Any) -> Proof | None:
    """The whole proof that an answer as read amounts to; None where it is another kind of answer."""
    shown, language = item.shown, LANGUAGES[item.task.partition("_")[0]]
    kind = item.task.removesuffix("_c").partition("_")[2]
    given = (shown.get("premises", ()), shown.get("goal", ""))
    if kind == "pw":
        return Proof(language, given, answer)
    if kind == "pm":
        return Proof(language, given, fill_masks(shown["proof"], answer)) if answer else None
    if kind == "gf" and language == "ndl":
        return Proof(language, given, fill_gaps(shown["proof"], answer))
    if kind == "gf" and answer["missing"]:
        lines = "\n".join(f"  = {term} by {', '.join(names)}" for term, names in answer["missing"])
        options = {"relation": "symmetric", "most": 2}
        return Proof(language, problem_of(shown), shown["chain"].replace("  ?? ??", lines), options)
    if kind == "er":
        lines = shown["chain"].splitlines()
        named = [answer.get(number) for number in range(1, len(lines))]
        if all(named):
            steps = [f"{line} by {', '.join(names)}" for line, names in zip(lines[1:], named, strict=True) if names]
            return Proof(language, problem_of(shown), "\n".join([lines[0], *steps]))
    return None


def proof_shown(item: Item) -> Proof | None:
    """The proof that an item of proof checking shows."""
    if "_pc" not in item.task:
        return None
    shown, language = item.shown, LANGUAGES[item.task.partition("_")[0]]
    if language == "equational":
        return Proof(language, problem_of(shown), shown["chain"])
    return Proof(language, (shown["premises"], shown["goal"]), shown["proof"])


def of_items(source: str, items: Iterable[Item]) -> Corpus:
    """What items hold themselves: the proofs that they show, and their references."""
    found = Corpus()
    for item in items:
        proof = proof_shown(item) or answered(item, get_task(item.task).reference_answer(item))
        if proof is not None:
            found.judge(source, item.id, proof)
        if item.task == "eq_gf" or item.task.removesuffix("_c") == "pl1_pm":
            found.items.append((source, item))
    return found


def answered(item: Item, text: str) -> Proof | None:
    """The proof in an answer; None where none can be read, or the answer is none."""
    value = get_task(item.task).read(item.shown, text).value
    return None if value is None else proof_in(item, value)


def from_suite(task: str, start: int, step: int) -> Corpus:
    """Items of v1, by portions."""
    return of_items("v1", load_suite("v1", [task])[start::step])


def from_generator(task: str, count: int, seed: int) -> Corpus:
    """Fresh items."""
    return of_items("fresh", (replace(item, id=f"{item.id}-{seed}") for item in get_task(task).generate(count, seed)))


def from_builtin(model: str, options: Mapping[str, float], source: str, task: str, start: int, step: int) -> Corpus:
    """What a builtin model answers to items of v1."""
    found = Corpus()
    known = {name: option.default for name, option in BUILTIN[model].options.items()}
    for item in load_suite("v1", [task])[start::step]:
        try:
            text = BUILTIN[model].answer(task, item.shown, {**known, **options}, 0)
        except NotImplementedError:
            continue
        proof = answered(item, text)
        found.count[f"answers without a proof: {source}"] += proof is None
        if proof is not None:
            found.judge(source, item.id, proof)
    return found


def from_answers() -> Corpus:
    """The answers that a language model wrote."""
    found = Corpus()
    for number, line in enumerate(ANSWERS.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        item = Item(**row["problem"])
        proof = answered(item, row["text"])
        found.count["answers without a proof: answers"] += proof is None
        if proof is not None:
            found.judge("answers", f"{number}_{item.id}", proof)
    return found


def from_published() -> Corpus:
    """Published proofs: some are right, others are not."""
    found = Corpus()
    for path in (*PUBLISHED_CHECKING, PUBLISHED_HILBERT):
        language = "hilbert" if path is PUBLISHED_HILBERT else "ndl"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            *premises, goal = [part.strip() for part in row["problem"].split("#")]
            found.judge("published", f"{path.stem}_{number}", Proof(language, (premises, goal), row["proof"]))
    return found


STUDENTS = (0.35, 0.6, 0.85)
"""The skills of the students that are asked."""


def jobs(quick: bool, seed: int) -> Iterator[Callable[[], Corpus]]:
    """What there is to gather, in portions of about equal length."""
    for task in TASK_IDS:
        size = len(load_suite("v1", [task]))
        checking = task in ("pl1_pc", "pl1_pc_c", "pl3_pc")
        step = (4 if checking else 25) if quick else max(1, size // PORTION)
        portions = range(9 % step, 9 % step + 1) if quick else range(step)  # the ninth cannot be solved
        yield from (partial(from_suite, task, start, step) for start in portions)
        dear = task.endswith("_c")
        for part in range(1 if quick else 14 if checking and not dear else 2):
            yield partial(from_generator, task, 1 if quick else PORTION // (2 if dear else 1), seed + part)
        budget = min(1000, get_task(task).full_budget)
        models: list[tuple[str, Mapping[str, float], str]] = [("prover", {"budget": budget}, "prover")]
        models += [("student", {"skill": s}, f"student {s}") for s in (STUDENTS[-1:] if quick else STUDENTS)]
        if "_pc" not in task and not dear:
            for name, options, source in models:
                yield from (partial(from_builtin, name, options, source, task, start, step) for start in portions)
    if ANSWERS.exists():
        yield from_answers
    if not missing_published():
        yield from_published


def missing_published() -> list[Path]:
    """The files of published proofs that are not here."""
    return [path for path in (*PUBLISHED_CHECKING, PUBLISHED_HILBERT) if not path.exists()]


def left_out() -> list[str]:
    """What of the corpus is not at hand, in words."""
    out = [] if ANSWERS.exists() else [f"answers that a language model wrote ({ANSWERS.name})"]
    return out + [f"published proofs ({path.name})" for path in missing_published()]


def gather(quick: bool, seed: int, share: int, workers: int, say: Callable[[str], None]) -> Corpus:
    """The corpus, or one of ``share`` portions of it; ``say`` is told now and then how far it is.

    Its order does not depend on who ends first.
    """
    todo = list(jobs(quick, seed))[::share]
    found: list[Corpus | None] = [None] * len(todo)
    with ProcessPoolExecutor(workers) as pool:
        pending = {pool.submit(job): number for number, job in enumerate(todo)}
        for done, future in enumerate(as_completed(pending), 1):
            found[pending[future]] = future.result()
            if done % max(1, len(todo) // 20) == 0 or done == len(todo):
                known = [part for part in found if part is not None]
                proofs, wrong = sum(len(p.proofs) for p in known), sum(len(p.wrong) for p in known)
                say(f"gathered {done} of {len(todo)} portions: {proofs:,} accepted proofs, {wrong:,} fallacies")
    whole = Corpus()
    for part in found:
        assert part is not None
        whole.add(part)
    return whole


def sequents(proofs: Sequence[Accepted]) -> list[tuple[Accepted, tuple[Formula, ...], Formula]]:
    """The proofs that have premises and a goal, with these."""
    return [(proof, *proof.sequent) for proof in proofs if proof.sequent is not None]
