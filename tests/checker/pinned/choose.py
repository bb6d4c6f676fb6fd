"""Choose the texts of verdicts.jsonl: small proofs in the four languages, damaged in one place or two.

    python tests/checker/pinned/choose.py --keep    # new verdicts on the texts that are there, and new edges
    python tests/checker/pinned/choose.py           # new texts and their verdicts: see below first

Look at the difference before you commit it: each changed line is a verdict that users will see changed.

Of many random damages the first of each shape of verdict is kept: the same failure or fixes at another step tell
nothing new. So it is with the texts of ``edges.py``, which stand at a limit or in a place that damage seldom makes.
Further texts came by ``bench/mutation/grow.py``, each for a mutant of the checker that those before it
did not tell from the code; after choosing anew, let it add its own again.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.checker.pinned.edges import texts
from tests.checker.pinned.told import stated

FILE = Path(__file__).parent / "verdicts.jsonl"
SEEDS = Path(__file__).parent / "seeds.json"
DRAWS = 2500
MOST = 110
"""Texts of one language."""
FIELDS = ("language", "problem", "proof", "options")
TOKEN = re.compile(r"\s+|[A-Za-z0-9_'-]+|<==>|==>|:=|.", re.DOTALL)
STRANGE = ("(", ")", ";", ",", "~", "&", "|", "==>", "<==>", "->", "\u2192", "\u00ac", ":=", "=", ".", "by", "on", "A",
    "B", "false", "{", "}", "f", "X", "a", "Axiom1", "mp", "\u201c", "**", "E2", "0", "7", "# so",
    "premise-1")  # fmt: skip


def damaged(text: str, rng: Random) -> str:
    """One token dropped, doubled, exchanged with another, written in capitals or replaced by something else."""
    tokens = TOKEN.findall(text)
    at, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    how = rng.randrange(6)
    if how == 0:
        tokens[at] = ""
    elif how == 1:
        tokens[at] *= 2
    elif how == 2:
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif how == 3:
        tokens[at] = tokens[at].upper()
    elif how == 4:
        tokens[at] = tokens[other]
    else:
        tokens[at] = rng.choice(STRANGE)
    return "".join(tokens)


def shape(told: dict[str, Any]) -> str:
    """What kind of verdict it is: the kinds and the messages, without the formulas and numbers in them."""
    parts = []
    for row in (*told["instrumented"].get("fixes", []), *told["instrumented"].get("failures", []), told["strict"]):
        words = (row.get("kind", ""), row.get("message", ""), row.get("hint", ""), row.get("diagnosis", ""))
        parts.append(re.sub(r"\([^ ].*?\)|'[^']*'|\b[A-Z]\w*\b|\d+", "_", " ".join(words))[:90])
    return "|".join(parts[:3])


def candidates(rng: Random) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The seeds as they are, then damaged."""
    seeds = json.loads(SEEDS.read_text(encoding="utf-8"))
    for seed in seeds:
        yield seed["language"], seed["problem"], seed["proof"], seed.get("options", {})
    for language in dict.fromkeys(seed["language"] for seed in seeds):
        own = [seed for seed in seeds if seed["language"] == language]
        for _ in range(DRAWS):
            seed = rng.choice(own)
            text = damaged(seed["proof"], rng)
            if rng.random() < 0.4:
                text = damaged(text, rng)
            yield language, seed["problem"], text, seed.get("options", {})


def chosen() -> Iterator[dict[str, Any]]:
    """The rows of the file."""
    seen: set[tuple[str, str]] = set()
    count: dict[str, int] = {}
    for language, problem, proof, options in candidates(Random("pinned verdicts")):
        if count.get(language, 0) >= MOST:
            continue
        told = stated(language, problem, proof, options)
        if (language, shape(told)) not in seen:
            seen.add((language, shape(told)))
            count[language] = count.get(language, 0) + 1
            yield {"language": language, "problem": problem, "proof": proof, "options": options, "told": told}


def outline(told: Any) -> Any:
    """What is said of a text, without the text and the places in its lines."""
    if isinstance(told, dict):
        return {k: outline(v) for k, v in told.items() if k not in ("seen", "read", "text", "column", "step")}
    return list(map(outline, told)) if isinstance(told, list | tuple) else told


def at_edges(there: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each text of edges.py of which something is said that is said of none before it."""
    known = {json.dumps([row[name] for name in FIELDS]) for row in there}
    seen: set[str] = set()
    for row in texts():
        told = stated(*row)
        said = json.dumps([row[0], outline(told)], default=str)
        if said not in seen:
            seen.add(said)
            if json.dumps(row) not in known:
                known.add(json.dumps(row))
                yield {**dict(zip(FIELDS, row, strict=True)), "told": told}


def line(row: dict[str, Any]) -> str:
    """A row as a line of the file, and one that ``splitlines`` leaves whole."""
    text = json.dumps(row, ensure_ascii=False)
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}) + "\n"


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the texts, and state their verdicts anew")
    if parser.parse_args().keep:
        rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            row["told"] = stated(row["language"], row["problem"], row["proof"], row["options"])
    else:
        rows = list(chosen())
    rows += at_edges(rows)
    FILE.write_text("".join(map(line, rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
