"""Right answers to real items in plain clothes: without JSON, or with JSON wrapped as programs wrap it.

The table of dressed answers (``dressed/``) has small items; here the formulas are as deep, the terms as long and the
proofs as many-lined as in the suite.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from proofgrid.tasks import TASK_IDS, Item, get_task
from proofgrid.tasks.suites import load_suite

Answer = dict[str, Any]


def _indented(text: str, by: str) -> str:
    return "\n".join(by + line if line.strip() else line for line in text.split("\n"))


def _unicode(text: str) -> str:
    for plain, sign in (("<==>", "↔"), ("==>", "→"), ("&", "∧"), ("|", "∨"), ("~", "¬")):
        text = text.replace(plain, sign)
    return text


def _tex(text: str) -> str:
    for plain, sign in (
        ("<==>", r"\leftrightarrow"),
        ("==>", r"\to"),
        ("&", r"\land"),
        ("|", r"\lor"),
        ("~", r"\lnot"),
    ):
        text = text.replace(plain, sign)
    return text


def _fields(answer: Answer) -> str:
    """An object's members as lines ``key: value``, values that are no text as JSON."""
    return "\n".join(f"{k}: {v if isinstance(v, str) else json.dumps(v)}" for k, v in answer.items())


def _parameters(answer: Answer) -> str:
    given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in answer.items()}
    inside = "\n".join(f'<parameter name="{k}">{v}</parameter>' for k, v in given.items())
    return f'<function_calls>\n<invoke name="submit">\n{inside}\n</invoke>\n</function_calls>'


def _table(rows: Iterable[tuple[object, str]]) -> str:
    return "| what | said |\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)


WRAPPED: dict[str, Callable[[Answer], str]] = {
    "a tool's call": lambda a: json.dumps({"tool_calls": [{"function": {"name": "f", "arguments": json.dumps(a)}}]}),
    "a call in XML": _parameters,
    "a call's arguments": lambda a: "<tool_call>" + json.dumps({"name": "f", "arguments": a}) + "</tool_call>",
    "an object for each member": lambda a: "\n".join(json.dumps({k: v}) for k, v in a.items()),
    "JSON in a string": lambda a: json.dumps(json.dumps(a)),
    "boxed": lambda a: "$$\\boxed{" + json.dumps(a) + "}$$",
    "a quotation": lambda a: _indented("**Answer**\n\n```json\n" + json.dumps(a, indent=2) + "\n```", "> "),
    "HTML": lambda a: f"<p>Answer:</p><pre><code>{html.escape(json.dumps(a, indent=1))}</code></pre>",
}  # fmt: skip
"""Ways to wrap an answer that has the keys asked for."""

PROOFS: dict[str, Callable[[str], str]] = {
    "the proof alone": lambda p: p,
    "a block": lambda p: f"Here is the proof.\n\n```ndl\n{p}\n```\n\nEvery step follows.",
    "a tagged answer": lambda p: f"<answer>\n{p}\n</answer>",
    "differences": lambda p: "```diff\n" + "\n".join(f"+ {line}" for line in p.split("\n")) + "\n```",
    "an outline": lambda p: "description: so it goes\nproof: |\n" + _indented(p, "  "),
    "HTML": lambda p: f"<pre><code>{html.escape(p)}</code></pre>",
    "verbatim": lambda p: f"\\begin{{verbatim}}\n{p}\n\\end{{verbatim}}",
    "a quotation": lambda p: _indented(f"```\n{p}\n```", "> "),
    "escaped line breaks": lambda p: p.replace("\n", "\\n"),
    "a string": json.dumps,
    "TeX": lambda p: json.dumps({"proof": _tex(p)}),
    "signs": lambda p: json.dumps({"proof": _unicode(p)}),
    "Final answer": lambda p: f"## Final answer\n\n**Proof:**\n\n{p}\n\nQ.E.D.",
}  # fmt: skip
NUMBERED: dict[str, Callable[[str], str]] = {
    "an editor's numbers": lambda p: "\n".join(f"{k:>4} | {line}" for k, line in enumerate(p.split("\n"), 1)),
    "numbers and tabs": lambda p: "\n".join(f"{k}\t{x}" for k, x in enumerate(p.split("\n"), 1)),
    "whole lines in bold": lambda p: "\n".join(f"**{line.strip()}**" for line in p.split("\n")),
}  # fmt: skip
"""Only where lines have no numbers of their own."""

MASKS: dict[str, Callable[[dict[str, str]], str]] = {
    "lines": lambda m: "\n".join(f"{k}: {v}" for k, v in m.items()),
    "bold names and code": lambda m: "\n".join(f"- **{k}**: `{v}` (so it must be)" for k, v in m.items()),
    "arrows": lambda m: "\n".join(f"{k} → {v}" for k, v in m.items()),
    "a table": lambda m: _table(m.items()),
    "a table of code": lambda m: _table((f"`{k}`", f"`{v}`") for k, v in m.items()),
    "columns": lambda m: "\n".join(f"{k}\t{v}" for k, v in m.items()),
    "headings": lambda m: "\n".join(f"### {k}\n`{v}`\n" for k, v in m.items()),
    "an outline": lambda m: "masks:\n" + "\n".join(f'  {k}: "{v}"' for k, v in m.items()),
    "tags": lambda m: "\n".join(f'<mask id="{k[4:]}">{html.escape(v)}</mask>' for k, v in m.items()),
    "JSON of objects": lambda m: json.dumps({"masks": [{"mask": k, "value": v} for k, v in m.items()]}),
    "signs": lambda m: json.dumps({"masks": {k: _unicode(v) for k, v in m.items()}}),
    "TeX in lines": lambda m: "\n".join(f"{k} = ${_tex(v)}$" if v[0] == "(" else f"{k} = {v}" for k, v in m.items()),
}  # fmt: skip

GAPS: dict[str, Callable[[dict[str, str]], str]] = {
    "bold headings": lambda g: "\n\n".join(f"**{k}:**\n{v}" for k, v in g.items()),
    "headings and blocks": lambda g: "\n\n".join(f"### {k}\n```\n{v}\n```" for k, v in g.items()),
    "JSON": json.dumps,
    "JSON below a key": lambda g: json.dumps({"gaps": g}),
    "an object for each": lambda g: "\n".join(json.dumps({"gap": k, "steps": v}) for k, v in g.items()),
    "objects in a list": lambda g: json.dumps([{"gap": k, "steps": v.split("\n")} for k, v in g.items()]),
    "an outline": lambda g: "\n".join(f"{k}: |\n{_indented(v, '  ')}" for k, v in g.items()),
    "tags": lambda g: "\n".join(f"<{k}>\n{html.escape(v)}\n</{k}>" for k, v in g.items()),
    "parameters": _parameters,
    "ends marked": lambda g: "\n".join(f"{k}:\n{v}\nEND {k}" for k, v in g.items()),
    "remarks as headings": lambda g: "```\n" + "\n".join(f"# {k}\n{v}" for k, v in g.items()) + "\n```",
    "a quotation": lambda g: _indented("\n\n".join(f"{k}:\n{v}" for k, v in g.items()), "> "),
}  # fmt: skip


def _verdict(answer: Answer) -> Iterator[tuple[str, str]]:
    """A verdict on a proof, in words."""
    details = answer["errorDetails"]
    if answer["correct"]:
        yield "a sentence", "I went through all steps.\n\nThe proof is **correct**."
        yield "a list", "- **Correct:** yes\n- **Offending line:** none"
        yield "an outline", "correct: true\nerrorDetails: {}"
        return
    line, number, kind = (details.get(k, "") for k in ("offendingLine", "offendingLineNumber", "errorType"))
    yield "a sentence", f"The proof is not correct. The first error is on line {number} ({kind} error)."
    yield "a list", f"- **Correct:** no\n- **Line:** {number}\n- **Text:** `{line}`\n- **Type:** {kind}"
    yield (
        "a line with its text",
        f"- **Correct:** no\n- **Offending line:** {number} (`{line.strip()}`)\n- **Type:** {kind}",
    )
    yield "an outline", f"correct: false\nerrorDetails:\n  offendingLineNumber: {number}\n  errorType: {kind}"
    yield "labels in German", f"Korrekt: nein\nZeile: {number}\nFehlertyp: {kind}"
    yield "headings", f"### Correct\nfalse\n\n### Offending line number\n{number}\n\n### Error type\n{kind}"


def _filling(answer: Answer) -> Iterator[tuple[str, str]]:
    """The steps over a gap of a chain, in words."""
    steps = answer["missingSteps"]
    if not steps:
        yield "a sentence", "I searched both ways. The gap cannot be filled."
        yield "an empty list", "missingSteps: []"
        return
    lines = [f"{s['term']} by {', '.join(s['supportingEquations'])}" for s in steps]
    yield "lines", "\n".join(f"= {line}" for line in lines)
    yield "a numbered list", "\n".join(f"{k}. `{line}`" for k, line in enumerate(lines, 1))
    yield "a table", _table((s["term"], ", ".join(s["supportingEquations"])) for s in steps)
    yield "differences", "```diff\n" + "\n".join(f"+   = {line}" for line in lines) + "\n```"


def _justified(answer: Answer) -> Iterator[tuple[str, str]]:
    """The equations of every step, in words."""
    rows = [(s["step"], ", ".join(s["supportingEquations"])) for s in answer["stepJustifications"]]
    yield "lines", "\n".join(f"Step {k}: {names or 'none'}" for k, names in rows)
    yield "a list in bold", "\n".join(f"- **Step {k}:** {names or 'no equation'}" for k, names in rows)
    yield "a table", _table((k, names or "[]") for k, names in rows)
    yield "sentences", " ".join(f"Step {k} uses {n}." if n else f"Step {k} cannot be justified." for k, n in rows)
    yield "sets", "\n".join(f"Step {k}: {{{names}}}" for k, names in rows)
    yield "columns", "```csv\nstep,equations\n" + "\n".join(f'{k},"{names}"' for k, names in rows) + "\n```"


def dressed(item: Item) -> Iterator[tuple[str, str]]:
    """A right answer to an item in every clothing that its task has."""
    task_id = item.task
    text = get_task(task_id).reference_answer(item)
    if task_id.startswith("pl1_gf"):
        gaps = item.reference["gaps"]
        yield from ((name, wear(gaps)) for name, wear in GAPS.items())
        return
    answer = json.loads(text)
    yield from ((name, wear(answer)) for name, wear in WRAPPED.items())
    if "proof" in answer:
        yield from ((name, wear(answer["proof"])) for name, wear in PROOFS.items())
        if not task_id.startswith("pl4"):
            yield from ((name, wear(answer["proof"])) for name, wear in NUMBERED.items())
    elif "masks" in answer:
        if answer["masks"]:
            yield from ((name, wear(answer["masks"])) for name, wear in MASKS.items())
    elif "missingSteps" in answer:
        yield from _filling(answer)
    elif "stepJustifications" in answer:
        yield from _justified(answer)
    elif "errorDetails" in answer:
        yield from _verdict(answer)


def _some(task_id: str) -> list[Item]:
    """Items of the suite: the first three, of the challenge versions one."""
    return list(load_suite("v1", [task_id]))[: 1 if task_id.endswith("_c") else 3]


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_a_right_answer_survives_plain_clothes(task_id: str) -> None:
    """What the reference says is right in every clothing, at the size of the suite's items."""
    task, lost = get_task(task_id), []
    for item in _some(task_id):
        assert task.score(item, task.reference_answer(item)).outcome == "correct"
        for name, text in dressed(item):
            score = task.score(item, text)
            if score.outcome != "correct":
                lost.append(f"{item.id}, {name}: {score.outcome} ({(score.feedback or '')[:200]})")
    assert lost == []
