"""Writes the pages that are made from the program: ``python docs/generate.py`` (a test holds them to it).

The reference (command line, rules, failures, slips, outcomes) and the gallery say what the code says today.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer
import yaml

from proofgrid import cli
from proofgrid.checker import RULES, check
from proofgrid.checker.render import render
from proofgrid.glossary import ENTRIES, Entry
from proofgrid.tasks.outcomes import OUTCOMES

HERE = Path(__file__).parent
NOTE = "<!-- written by: python docs/generate.py -->"
MATRIX = {
    "points": "its points (1 or 0)",
    "as_truncated": "0, or missing where `--truncated` says so",
    "missing": "missing",
}

ORIGINS = {"task": "the task", "completion": "the completion", "host": "the run"}


def cell(text: str) -> str:
    """A text as a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def command_line() -> str:
    """Every command with its arguments and options, as the program declares them."""
    root: Any = typer.main.get_command(cli.command_line())
    out = ["# Command line", NOTE, (
        "Every command says this itself with `--help`. Exit status 0: done; 1: done, and the answer is no (an "
        "incorrect proof, attempts without an answer); 2: something to mend, said in one sentence; 3: "
        "over the checker's limits; 130: interrupted."
    )]  # fmt: skip
    for name, command in root.commands.items():
        if command.hidden:
            continue
        said = re.sub(r"[\b\f]", "", command.help or "").strip()
        shown = [p for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
        arguments = [_takes(p, command) for p in shown if p.param_type_name == "argument"]
        rows = [_parameter(p, command) for p in shown]
        out += [f"## proofgrid {name}", f"`{' '.join(['proofgrid', name, *arguments])}`", said]
        out += [table(("option", "what it does"), rows)] if rows else []
    return "\n\n".join(out) + "\n"


def _takes(parameter: Any, command: Any) -> str:
    """What an option or argument takes: its choices, the name that the program gives it, or nothing for a flag."""
    hint = get_type_hints(command.callback).get(parameter.name)
    kinds = [hint, *get_args(hint)]
    if bool in kinds:
        return ""
    for kind in kinds:
        if get_origin(kind) is Literal:
            return "|".join(map(str, get_args(kind)))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return "|".join(str(member.value) for member in kind)
    return str(parameter.metavar or parameter.name.upper())


def _parameter(parameter: Any, command: Any) -> tuple[str, str]:
    takes = _takes(parameter, command)
    argument = parameter.param_type_name == "argument"
    shown = takes if argument else ", ".join([*parameter.opts, *parameter.secondary_opts]) + f" {takes}".rstrip()
    said, default = cell(parameter.help or ""), parameter.default
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, str | int | float) and not isinstance(default, bool) and "default" not in said:
        said += f" ({default} by default)"
    return f"`{cell(shown)}`", said


def rules() -> str:
    """The 24 rules of NDL with their forms."""
    out = ["# Rules of NDL", NOTE, (
        "The table that the checker, the prompts and the mutators read ([NDL](../languages/ndl.md)). p, q and r "
        "stand for any formulas; an argument must hold where the step stands, unless the sentence says otherwise."
    )]  # fmt: skip
    for rule in RULES.values():
        rows = [
            (f"`{cell(', '.join(map(str, form.arguments)))}`", f"`{cell(str(form.concludes))}`") for form in rule.forms
        ]
        out += [f"## {rule.name}", rule.english, table(("on", "gives"), rows)]
    return "\n\n".join(out) + "\n"


def failures() -> str:
    """Why a proof fails: every kind with an example, judged now."""
    out = ["# Failure kinds", NOTE, (
        "What `failure.kind` of a verdict says, and `proofgrid explain KIND` in the terminal. The class is `syntax`, "
        "`type`, `logic` or `limit`; `slip` and `fallacy` say whether the conclusion follows all the same."
    )]  # fmt: skip
    return "\n\n".join([*out, *(part for entry in _group("failure") for part in _explained(entry))]) + "\n"


def slips() -> str:
    """What the instrumented mode reads through."""
    rows = [(f"`{entry.code}`", cell(entry.name), cell(entry.said)) for entry in _group("fix")]
    return "\n\n".join((
        "# Slips that are forgiven", NOTE,
        "What `fix.kind` of a verdict says: surface slips that the instrumented mode reads through and records. Strict "
        "mode takes none of them. Why these and no others: [what is forgiven](../explanation/what-is-forgiven.md).",
        table(("code", "in words", "what was read as what"), rows),
    )) + "\n"  # fmt: skip


def outcomes() -> str:
    """What can become of an attempt."""
    rows = [
        (f"`{row.name}`", row.mark, cell(row.meaning), ORIGINS[row.origin], MATRIX[row.matrix])
        for row in OUTCOMES.values()
    ]
    return "\n\n".join((
        "# Outcomes", NOTE,
        "Every attempt has one. They are kept apart in every table; none is folded into `incorrect`.",
        table(("outcome", "mark", "meaning", "who says so", "in a response matrix"), rows),
    )) + "\n"  # fmt: skip


def _group(name: str) -> Iterator[Entry]:
    return (entry for entry in ENTRIES.values() if entry.group == name)


def _explained(entry: Entry) -> Iterator[str]:
    yield f"## {entry.code}"
    yield f"*{entry.name}.* {entry.said}" + (f" {entry.remedy}" if entry.remedy else "")
    if entry.example is not None:
        yield _judged(entry.example.problem, entry.example.proof, entry.example.language)
        if entry.example.mended:
            yield f"Mended:\n\n```text\n{entry.example.mended}\n```"


def _judged(problem: str, proof: str, language: Any) -> str:
    """The proof and the checker's text about it, of today's checker."""
    *premises, goal = (part.strip() for part in problem.split(" # "))
    said = render(check(problem, proof, language=language), name="proof", colour=False).strip()
    given = "\n      ".join(premises) or "(nothing)"
    return f"```text\nfrom  {given}\nprove {goal}\n\n{proof.strip()}\n```\n\n```text\n{said}\n```"


def gallery() -> str:
    """Ten failures, each with what the checker says of it."""
    data = yaml.safe_load((HERE / "gallery.yaml").read_text("utf-8"))
    out = ["# Ten ways to be wrong", NOTE, " ".join(data["before"].split())]
    for number, case in enumerate(data["cases"], 1):
        out += [f"## {number}. {case['title']}", " ".join(case["what"].split())]
        out += [_judged(case["problem"], case["proof"], case.get("language", "ndl"))]
        out += [" ".join(case["moral"].split())]
    return "\n\n".join([*out, " ".join(data["after"].split())]) + "\n"


PAGES = {
    "reference/command-line.md": command_line,
    "reference/rules.md": rules,
    "reference/failures.md": failures,
    "reference/slips.md": slips,
    "reference/outcomes.md": outcomes,
    "gallery.md": gallery,
}


def main() -> int:
    """Write all pages; with --check, say which differ and write nothing."""
    checking = sys.argv[1:] == ["--check"]
    stale = [
        name for name, make in PAGES.items() if not (HERE / name).exists() or (HERE / name).read_text("utf-8") != make()
    ]
    for name in stale:
        if checking:
            sys.stderr.write(f"docs/{name} is not what the program says: python docs/generate.py\n")
        else:
            (HERE / name).parent.mkdir(exist_ok=True)
            (HERE / name).write_text(PAGES[name](), "utf-8")
    return int(checking and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
