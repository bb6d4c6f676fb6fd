"""What the readers of answers let pass, each with its meaning; apart from the checker's fixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REPAIRS: Final[Mapping[str, str]] = {
    "reasoning": "reasoning in tags before the answer was passed over",
    "text_before": "text before the answer was passed over",
    "text_after": "text after the answer was passed over",
    "fence": "the answer was taken out of a code fence",
    "several_candidates": "of several candidate answers the last complete one was taken",
    "raw_newline": "line breaks or tabs stood unescaped in a string",
    "control_character": "a control character stood unescaped in a string",
    "trailing_comma": "a comma before a closing bracket was dropped",
    "missing_comma": "a comma between members was inserted",
    "single_quotes": "single quotes were read as double ones",
    "curly_quotes": "typographic quotes were read as straight ones",
    "backquotes": "backquotes were read as double quotes",
    "triple_quotes": "a triple-quoted string was read as one string",
    "joined_strings": "adjacent strings were joined",
    "inner_quote": "an unescaped quotation mark inside a string was kept as text",
    "bad_escape": "a backslash that escapes nothing was kept or dropped",
    "doubly_escaped": "line breaks that were escaped twice were read as line breaks",
    "python_literal": "Python's True, False or None was read as JSON's",
    "bare_key": "a key without quotes was read",
    "comment": "a comment inside the JSON was passed over",
    "unclosed": "closing brackets that were missing at the end were added",
    "escaped_json": "JSON with escaped quotes was unescaped first",
    "key_name": "a key spelled differently was read as the one asked for",
    "nested": "the answer was taken from inside another object or a list",
    "json_text": "the answer was JSON inside a string",
    "proof_lines": "the proof was a list of lines",
    "json_sections": "sections were handed in as JSON",
    "merged_sections": "no one candidate had every section: the last of each was taken",
    "block": "the answer was read from a code block, for no JSON held it",
    "plain_text": "the answer was read from plain text, for no JSON held it",
    "only_gap": "steps without a heading were read as those of the only gap",
    "punctuation": "other punctuation between members was read as JSON's",
    "call": "the arguments of a call were read as an object",
    "characters": "full-width and invisible characters were read as plain ones",
    "markup": "HTML, XML, LaTeX or quoting marks were taken off",
    "unopened": "an opening brace that was missing was added",
    "list_items": "steps were taken out of a list or a table",
    "outline": "an outline of indented keys and values (YAML) was read as an object",
    "in_order": "values without names were taken in order",
    "html": "HTML entities were read as the characters they stand for",
    "array": "a bare list was read as the list asked for",
    "wrapped_value": "a value was taken out of a list or an object that held nothing else",
    "equation_form": "a direction, a position or the text of an equation was dropped beside its name",
    "inline_section": "a section began on the line of its heading",
}
"""Every repair that a :class:`~proofgrid.tasks.core.Reading` can name, with its meaning."""
