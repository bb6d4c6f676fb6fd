"""Texts that try to run in, restyle or deceive a page that shows them, and a run that is full of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd

from proofgrid.checker import Failure, Verdict
from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
from proofgrid.tasks import Score, get_task

MARK = "window.__ran=(window.__ran||0)+1"
"""What a text does that gets to run: the browser test counts it."""

HOSTILE = (
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"</textarea></title></style></noscript></svg></math><script>{MARK}</script>",
    f"<!--<script>{MARK}//--><script>{MARK}</script>",
    f"<img src=x onerror='{MARK}'>",
    f"<svg onload='{MARK}'><animate onbegin='{MARK}' attributeName=x dur=1s></svg>",
    f"<svg><script>{MARK}</script><foreignObject><iframe srcdoc='<script>parent.{MARK}</script>'></iframe>",
    f"<a href='javascript:{MARK}'>next wrong</a><form action='javascript:{MARK}'><button autofocus onfocus='{MARK}'>",
    "<style>*{display:none}@import url(//127.0.0.1:9/x)</style><link rel=stylesheet href=//127.0.0.1:9/y>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/z'><base href='http://127.0.0.1:9/'>",
    f"{{{{ ''.__class__.__mro__ }}}}{{% for x in [1] %}}{{{{ x }}}}{{% endfor %}}${{{MARK}}}`",
    f'"\'><b autofocus tabindex=1 onfocus={MARK}>x</b>" style="position:fixed;inset:0;background:red',
    "A\u202e\u2066 ==> (B\u2069 & C)\u202c \u200b\u2060\ufeff\u061c gnorw si foorp eht",
    "\u2028\u2029\x00\x07\x1b[31mred\x1b[0m\x9b31m\r\n\ttab\x7f\u0085",
    "lone surrogates \ud800 and \udfff, a tag \U000e0041\U000e007f",
    "<![CDATA[ ]]> &lt;script&gt; &#x3c;script&#x3e; %3Cscript%3E \\u003cscript\\u003e",
    '=HYPERLINK("http://127.0.0.1:9/";"open")',
    "A & " * 250_000,
    "(" * 1_000_000,
    "漢字 عربي עברית ∀x∃y ¬P→Q 🧮\u200d🧮 e\u0301\u0301\u0301\u0301\u0301",
)
"""One line each but for control characters; two of them are a megabyte in one line."""


def long_verdict(line: str) -> dict[str, Any]:
    """A verdict whose failure repeats a very long line wherever it can."""
    failure = Failure(
        "Parsing",
        "syntax",
        None,
        2,
        900_000,
        line,
        text=line,
        rule=line[:50],
        arguments=(line,),
        evaluated=(line,),
        hint=line,
    )
    return Verdict(False, False, None, failure=failure, steps=3).to_json()


def hostile_run(name: str = "hostile <script>alert(1)</script>") -> ScoredRun:
    """A run of pl1_pw where every text that a model or a server says is hostile, and so are the models' names.

    Model k answers item k with text k inside a proof, with text k as reasoning and error, and the others' raw.
    """
    task = get_task("pl1_pw")
    problems = list(task.generate(len(HOSTILE), 11))
    models = [f"server/{text[:60]}" for text in HOSTILE[:4]] + ["server/plain", "server/\u202egnp.exe"]
    rows: list[dict[str, Any]] = []
    for place, model in enumerate(models):
        for n, problem in enumerate(problems):
            hostile = HOSTILE[n]
            text = (
                json.dumps({"proof": f"claim on premise-1;\n{hostile};\nclaim on premise-1"}) if place % 2 else hostile
            )
            # Scores of the long ones are made up: how long the checker works on them is for its own tests to say.
            score = (
                task.score(problem, text) if len(text) < 100_000 else Score("incorrect", verdict=long_verdict(hostile))
            )
            verdict = dict(score.verdict) if score.verdict else None
            if verdict and verdict.get("failure"):
                verdict["failure"] = {
                    **verdict["failure"],
                    "message": hostile[:5000],
                    "kind": "<i>kind</i>",
                    "rule": hostile[:40],
                }
            score = replace(score, feedback=hostile[:3000])
            row = {
                "model": model,
                "task": problem.task,
                "item": problem.id,
                "level": problem.level,
                "attempt": 0,
                "round": 0,
                "outcome": score.outcome,
                "points": score.points,
                "strict": score.strict,
                "parts": {hostile[:50]: 0.5},
                "verdict": verdict,
                "repairs": (hostile[:200],),
                "feedback": score.feedback,
                "text": text,
                "reasoning": hostile,
                "error": None,
                "finish_reason": hostile[:80],
                "prompt_tokens": 10,
                "completion_tokens": 20,
                "reasoning_tokens": 0,
                "cost": 0.001 * (place + 1),
                "seconds": 1.0,
            }
            if (place + n) % 7 == 0:
                row |= {"outcome": "api_error", "error": hostile, "text": "", "verdict": None, "cost": None}
            rows.append(row)
    for row in rows:  # a data frame holds no lone surrogates, as the run store does not; verdicts and parts may
        for column in ("feedback", "text", "reasoning", "error", "finish_reason"):
            if row[column] is not None:
                row[column] = str(row[column]).encode("utf-8", "replace").decode()
    frame = pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))
    return ScoredRun(name, {"suite": HOSTILE[0], "seed": HOSTILE[1]}, {p.id: p for p in problems}, frame)
