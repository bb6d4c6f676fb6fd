"""Terms of the report and the terminal that a reader may not know."""

from __future__ import annotations

from proofgrid.glossary.entries import Entry

_PLAIN: tuple[tuple[str, str, str], ...] = (
    (
        "instrumented",
        "accuracy",
        (
            "Share of answers that are right once small slips of writing are read through; each slip is listed as "
            "a fix. The headline everywhere."
        ),
    ),
    (
        "strict",
        "strictly right",
        "Share of answers that are right exactly as written, without a single fix.",
    ),
    (
        "paper",
        "right only for `paper`",
        (
            "Answers that upstream's profile accepts and ours does not: it overlooks a wrong conclusion wherever "
            "what holds entails it, which in a refutation is anywhere. Counted, and used in no score."
        ),
    ),
    (
        "slip",
        "slip",
        "The failed step's conclusion does follow from what held: the plan is right, the step is not.",
    ),
    (
        "fallacy",
        "fallacy",
        "The failed step's conclusion does not follow from what held; a countermodel shows it.",
    ),
    (
        "countermodel",
        "countermodel",
        "Truth values under which all that held is true and the conclusion false.",
    ),
    (
        "credit",
        "credit",
        "Mean points, with part of a point where a task gives it for a part of the answer.",
    ),
    (
        "brevity",
        "shortness",
        "How short a correct proof is beside the reference proof; 100% is as short or shorter.",
    ),
    (
        "sound",
        "sound part",
        "Share of a proof's steps before its first failure.",
    ),
    (
        "interval",
        "95% interval",
        (
            "If the whole were repeated with other items of the kind, 95 of 100 such intervals would hold the true"
            " accuracy. Wilson's, from the items; answers to one item count as one item."
        ),
    ),
    (
        "paired",
        "paired test",
        (
            "Two models on the same items: only items that one solves and the other does not speak (McNemar, "
            "exact). Over all pairs the chance of one false call is at most 5% (Holm)."
        ),
    ),
    (
        "rank",
        "rank",
        (
            "From the paired tests. `=2 2-5`: at least one other model is not told apart from it, and it may hold "
            "any place from 2 to 5."
        ),
    ),
    (
        "chance",
        "chance",
        "What the best answer that does not look at the item scores.",
    ),
    (
        "ability",
        "ability",
        "A model's place on the 2PL scale, in standard deviations of the models.",
    ),
    (
        "difficulty",
        "difficulty",
        "The ability at which half of all models solve an item.",
    ),
    (
        "discrimination",
        "discrimination",
        "How sharply an item tells models above its difficulty from those below.",
    ),
    (
        "information",
        "information",
        "How precisely abilities are measured; the standard error is 1 over its root.",
    ),
    (
        "D1",
        "discrimination of the task",
        "Expected information of the task's mean item, from 0 (tells nothing) to 1.",
    ),
    (
        "D2",
        "information near the middle",
        "Share of an item's information that lies between abilities -1 and +1.",
    ),
    (
        "DI",
        "classical discrimination",
        "Share of the upper 27% of models that solve an item, less that of the lower 27%.",
    ),
    (
        "item-rest",
        "item-rest correlation",
        "How an item's score goes with the rest of its task, over models.",
    ),
    (
        "infit",
        "infit",
        "How far answers near an item's difficulty differ from the model; 1 is as expected, above 1.3 noisier.",
    ),
    (
        "alpha",
        "Cronbach's alpha",
        "Share of the differences between models' scores that other items would show again.",
    ),
    (
        "ESI",
        "stability",
        (
            "Share of its own flawed inferences that a model holds valid when shown them alone: 1 means that it "
            "believes what it writes."
        ),
    ),
    (
        "ESI*",
        "corrected stability",
        (
            "ESI corrected for a model that accepts or rejects whatever it is shown, by its answers to valid and "
            "invalid controls. None where it cannot tell those apart."
        ),
    ),
    (
        "U",
        "own flaws rejected",
        "Share of a model's own flawed inferences that it rejects; ESI is 1 - U.",
    ),
    (
        "c",
        "valid controls accepted",
        "Share of valid inferences from the same proofs that the model accepts.",
    ),
    (
        "r",
        "invalid controls rejected",
        "Share of invalid inferences that the model never wrote and that it rejects.",
    ),
    (
        "Brier",
        "Brier score",
        "Mean squared distance of stated confidence and outcome: 0 is best, 0.25 is a coin's.",
    ),
    (
        "constrained",
        "constrained",
        "Generated under the grammar of the task's answer: it can be wrong, and never unreadable unless it is cut off.",
    ),
    (
        "IPJ",
        "accuracy per joule",
        "Share of the measured answers that are right over the mean joules of an answer (Intelligence per Watt).",
    ),
    (
        "IPW",
        "accuracy per watt",
        "Share of the measured answers that are right over the mean power while they were made.",
    ),
    (
        "truncated",
        "cut off",
        "The answer reached the limit of tokens; it counts as wrong.",
    ),
    (
        "unparsable",
        "unreadable",
        "No answer, or no single answer, could be read in what the model wrote.",
    ),
    (
        "api_error",
        "never came",
        "No answer arrived after all retries; missing, not wrong.",
    ),
)

TERMS = tuple(Entry(code=code, name=name, said=said, group="term") for code, name, said in _PLAIN)
