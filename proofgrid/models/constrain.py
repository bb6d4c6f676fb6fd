"""Constrained decoding: how each kind of server is told the grammar of an answer, and whether it kept to it.

Reasoning stays free: a server with a reasoning parser (vLLM) begins to constrain where the answer begins, and a custom
tool's input comes after all thinking.

- ``structured_outputs``: vLLM, the grammar as EBNF (``structured_outputs.grammar``);
- ``grammar``: llama.cpp, the grammar as EBNF;
- ``custom_tool``: OpenAI's custom tools, the grammar as Lark; the tool's input is the answer;
- ``json_schema``: a JSON schema (``response_format``) where nothing better is offered: it knows the object and nothing
  of the proof inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from proofgrid.errors import ModelSpecError
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed

if TYPE_CHECKING:
    from proofgrid.tasks import Item

WAYS = ("structured_outputs", "grammar", "custom_tool", "json_schema")
_TOOL = "answer"


def way_for(spec: str, model: str, provider: str, table: Mapping[str, Any], wanted: object) -> str:
    """How the model is constrained; ``wanted`` is True or one of :data:`WAYS`, ``table`` the provider's row.

    Raises ModelSpecError where the model offers nothing, or not that.
    """
    offered = list(table.get("constrain", ()))
    if (tools := table.get("custom_tools")) and re.match(tools, model):
        offered.insert(0, "custom_tool")
    if provider == "server":
        offered = [way for way in WAYS if way != "custom_tool"]
        if wanted is True:
            raise ModelSpecError(
                f"{spec}: say what its server offers: ?constrain=structured_outputs (vLLM), ?constrain=grammar "
                "(llama.cpp) or ?constrain=json_schema"
            )
    if not offered:
        raise ModelSpecError(f"{spec} offers no constrained decoding; leave --constrain (constrain: true) out for it")
    if wanted is True:
        return str(offered[0])
    if wanted not in offered:
        raise ModelSpecError(f"{spec} cannot be constrained by '{wanted}'; it offers {', '.join(offered)}")
    return str(wanted)


def constraint(way: str, item: Item) -> dict[str, Any]:
    """What a request carries to hold its answer to the item's grammar."""
    from proofgrid.tasks.grammars import answer_grammar, answer_schema

    if way == "json_schema":
        schema = {"name": _TOOL, "strict": True, "schema": answer_schema(item.task, item.shown)}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    grammar = answer_grammar(item.task, item.shown)
    if way == "structured_outputs":
        return {"structured_outputs": {"grammar": grammar.ebnf()}}
    if way == "grammar":
        return {"grammar": grammar.ebnf()}
    tool = {
        "name": _TOOL,
        "description": "Takes the whole answer, in the format that was asked for.",
        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": grammar.lark()}},
    }
    return {
        "tools": [{"type": "custom", "custom": tool}],
        "tool_choice": {"type": "custom", "custom": {"name": _TOOL}},
    }


def tool_input(message: Mapping[str, Any]) -> str | None:
    """The input of the custom tool that a message calls; None where it calls none."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        custom = call.get("custom") if isinstance(call, Mapping) else None
        if isinstance(custom, Mapping) and custom.get("name") == _TOOL and isinstance(custom.get("input"), str):
            return str(custom["input"])
    return None


def kept(completion: Completion, way: str, item: Item) -> Completion:
    """The same completion. Raises RequestFailed where a whole answer does not begin as every sentence of the grammar
    does: servers that do not know the parameter pass over it without a word, and such an answer was not constrained."""
    opening = "GAP-" if item.task in ("pl1_gf", "pl1_gf_c") and way != "json_schema" else "{"
    if completion.finish_reason == "length" or completion.refusal or not completion.text.strip():
        return completion
    if completion.text.lstrip().startswith(opening):
        return replace(completion, finish_reason="stop") if completion.finish_reason == "tool_calls" else completion
    raise RequestFailed(
        "bad_response",
        f"the server passed over the grammar ({way}): its answer is not constrained",
        retry=False,
        billed=True,
    )
