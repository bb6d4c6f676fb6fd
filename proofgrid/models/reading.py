"""Reading what servers send, whatever it is: texts, parts, token counts, event streams.

Every function here takes any JSON value. An odd count or name is an unknown one and costs nobody the answer; what
cannot be understood as an answer is one :class:`RequestFailed`, never another exception.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from proofgrid.models.failures import BROKEN_OFF, RequestFailed, Usage

MOST_TOKENS = 10**12
"""A usage above this is no count (and would not fit into the store)."""
MOST_NAME = 300
"""Characters kept of a server's name for itself, of a request's id or of a finish word."""
AFTER_END = 2.0
"""Seconds that a stream may take, after the answer has ended, to say what it used and to end itself."""
_EVENT_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry)?:")


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def count(value: Any) -> int | None:
    """A number of tokens as a server reports it; None if it is no count (negative, not a number, absurd)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST_TOKENS:
        return None
    return int(value)


def whole_characters(text: str) -> str:
    """``text`` with surrogate pairs joined (a stream may cut between them) and lone surrogates as ``?``, so that it
    can be stored, and sent back in a repair round."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.encode("utf-8", "replace").decode().replace("\ufffd", "?")
    return text


def name_of(value: Any) -> str | None:
    """A short name (a model, an id, a fingerprint) as a server sends it; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return whole_characters(str(value)[:MOST_NAME]) or None


def finish_word(value: Any) -> str | None:
    """Why an answer ended, in the server's word; None if it does not say. Raises RequestFailed if it says no word."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise RequestFailed("bad_response", "the finish reason is no word", billed=True)
    return whole_characters(value[:MOST_NAME]) or None


def refuse_broken_off(finish: str | None, usage: Usage) -> None:
    """Raise RequestFailed if the finish word says that the server could not finish the answer."""
    if finish is not None and finish.lower() in BROKEN_OFF:
        raise RequestFailed("interrupted", f"the server broke the answer off: {finish}", billed=True, usage=usage)


def text_of(content: Any) -> str:
    """The answer in a message's content: a string, nothing, or a list of strings and parts. Thought is left out.

    Raises RequestFailed if it is something else.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        content = [content]
    if isinstance(content, list):
        return "".join(_part_text(part) for part in content)
    raise RequestFailed("bad_response", "the message's content is neither text nor a list of parts", billed=True)


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping) or _is_thought(part):
        return ""
    text = part.get("text")
    if isinstance(text, Mapping):  # some gateways: {"text": {"value": "..."}}
        text = text.get("value")
    return text if isinstance(text, str) else ""


def _is_thought(part: Mapping[str, Any]) -> bool:
    kind = part.get("type")
    return isinstance(kind, str) and ("thinking" in kind or "reasoning" in kind)


def thought_of(message: Mapping[str, Any]) -> str:
    """The reasoning in a message or a delta, wherever servers put it; an empty text if there is none.

    ``reasoning_content`` (DeepSeek, older vLLM) or ``reasoning`` (newer vLLM, OpenRouter), each text, parts or an
    object; else ``thinking``; else OpenRouter's ``reasoning_details``; and parts of the content of type ``thinking``.
    """
    found = ""
    for name in ("reasoning_content", "reasoning", "thinking", "reasoning_details"):
        if found := _thought(message.get(name)):
            break
    content = message.get("content")
    if isinstance(content, list):
        found += "".join(_thought(part) for part in content if isinstance(part, Mapping) and _is_thought(part))
    return found


def _thought(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 4:
        return ""
    if isinstance(value, list):
        return "".join(_thought(part, depth + 1) for part in value)
    if isinstance(value, Mapping):
        for name in ("text", "thinking", "content", "reasoning", "reasoning_content", "summary"):
            if found := _thought(value.get(name), depth + 1):
                return found
    return ""


def openai_usage(value: Any) -> Usage:
    """Usage as OpenAI-compatible servers report it. A total beyond its parts is completion (reasoning that a server
    counts apart from ``completion_tokens`` is paid for as well)."""
    usage = mapping(value)
    prompt, completion = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    total = count(usage.get("total_tokens"))
    reasoning = count(mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    if reasoning is None:
        reasoning = count(usage.get("reasoning_tokens"))
    if total is not None and prompt is not None:
        completion = max(completion or 0, total - prompt)
    cached = count(mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
    if cached is None:
        cached = count(usage.get("prompt_cache_hit_tokens"))  # DeepSeek
    return Usage(prompt, completion, reasoning, cached or 0)


def anthropic_usage(value: Any) -> Usage:
    """Usage as Anthropic's interface reports it: what was read from or written to a cache is counted apart."""
    usage = mapping(value)
    cached = count(usage.get("cache_read_input_tokens")) or 0
    written = count(usage.get("cache_creation_input_tokens")) or 0
    fresh, completion = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    details = mapping(usage.get("output_tokens_details"))
    reasoning = count(details.get("thinking_tokens"))
    if reasoning is None:
        reasoning = count(details.get("reasoning_tokens"))
    prompt = fresh + cached + written if fresh is not None else None
    return Usage(prompt, completion, reasoning, cached, written)


async def lines_of(chunks: AsyncIterator[bytes], longest: int) -> AsyncIterator[bytes]:
    """Lines of a stream of bytes, cut at ``\\n`` and nowhere else: U+2028, U+2029 and U+0085 are characters of a text.

    A ``\\r`` before the ``\\n`` belongs to the end of the line. Raises RequestFailed on a line above ``longest`` bytes.
    """
    rest = bytearray()
    async for chunk in chunks:
        searched = len(rest)
        rest += chunk
        start = 0
        while (end := rest.find(b"\n", max(start, searched))) >= 0:
            yield bytes(rest[start:end]).removesuffix(b"\r")
            start = end + 1
        del rest[:start]
        if len(rest) > longest:
            raise RequestFailed("bad_response", f"a line of more than {longest:,} bytes", billed=True)
    if rest:
        yield bytes(rest).removesuffix(b"\r")


async def events_of(lines: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, str]]:
    """(event, data) of a server-sent event stream. The ``data:`` lines of one event are joined with newlines; an event
    ends at an empty line, or where its data so far is whole (servers that forget the empty line).
    """
    name = ""
    data: list[str] = []
    first = True
    async for raw in lines:
        line = raw.decode("utf-8", "replace")
        if first:
            line, first = line.removeprefix("\ufeff"), False
        if not line:
            if data:
                yield name, "\n".join(data)
            name = ""
            data.clear()
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            if data and _whole("\n".join(data)):
                yield name, "\n".join(data)
                data.clear()
            data.append(value)
        elif field == "event":
            name = value
    if data:
        yield name, "\n".join(data)


async def until_over(
    events: AsyncIterator[tuple[str, str]], ended: Callable[[], bool]
) -> AsyncIterator[tuple[str, str]]:
    """The events of a stream. Once the answer has ended (it said why) it is whole: a connection that is cut or held
    open after that takes nothing from it."""
    until: float | None = None
    while True:
        if until is None and ended():
            until = asyncio.get_running_loop().time() + AFTER_END
        try:
            async with asyncio.timeout_at(until):
                event = await anext(events)
        except StopAsyncIteration:
            return
        except Exception:  # whatever a transport raises
            if until is None:
                raise
            return
        yield event


def is_stream(head: bytes) -> bool:
    """Whether a body that begins so is a stream of events, whatever its content type says."""
    return _EVENT_LINE.match(head) is not None


def is_json(head: bytes) -> bool:
    """Whether a body that begins so can only be JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def told_error(data: Mapping[str, Any]) -> Any:
    """The error in a response that is no answer: under ``error``, or in the shapes that gateways have of their own;
    None if it says nothing of one."""
    if data.get("error"):
        return data["error"]
    base = mapping(data.get("base_resp"))  # MiniMax
    if base.get("status_code"):
        return {"message": base.get("status_msg"), "code": base["status_code"]}
    message = data.get("message") or data.get("msg")
    if isinstance(message, str) and (data.get("code") or data.get("object") == "error"):
        return {"message": message, "code": data.get("code"), "type": data.get("type")}
    if data.get("detail") or data.get("errors"):
        return {"message": data.get("detail") or data.get("errors")}
    return None


def _whole(data: str) -> bool:
    if data.strip() == "[DONE]":
        return True
    return read_json(data) is not None


def read_json(text: str | bytes) -> Any:
    """The JSON value that a text is; None if it is none (or is ``null``)."""
    try:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return None
        except ValueError:  # not UTF-8; or a number of more digits than Python reads, which is no count anyway
            return json.loads(text, parse_int=float)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
