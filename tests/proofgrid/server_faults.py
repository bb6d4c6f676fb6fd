"""A catalogue of what servers do: behaviours, and what each must become. Used by the tests and by the soak benchmark.

Each behaviour is played to one item of three (or, where it must stop the model, to all): the other two must be
answered. ``once``: it is played to the first try only, and the item must end answered.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tests.proofgrid.small_items import answer_text
from tests.proofgrid.stub_server import Fault, events, raw

Interface = Literal["openai", "openai-stream", "anthropic", "anthropic-stream"]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One thing that a server does. ``want`` is an outcome (``correct``, ``refused``, ...), an api_error's name with a
    colon (``overloaded:``), or ``stops`` if the model must stop with the server's sentence."""

    name: str
    fault: Fault
    want: str
    interface: Interface = "openai"
    once: bool = False
    to_all: bool = False
    says: str = ""
    """What the record's error or the stop's sentence must hold."""


RIGHT = answer_text(1)


def chat(content: Any = RIGHT, finish: Any = "stop", usage: Any = None, **fields: Any) -> dict[str, Any]:
    """A chat completion with the right answer to item 1."""
    message = {"role": "assistant", "content": content, **fields.pop("message", {})}
    return {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15} if usage is None else usage,
        **fields,
    }


def message(content: Any = None, stop: Any = "end_turn", **fields: Any) -> dict[str, Any]:
    """An Anthropic message with the right answer to item 1."""
    blocks = [{"type": "text", "text": RIGHT}] if content is None else content
    usage = {"input_tokens": 10, "output_tokens": 5}
    return {
        "id": "m",
        "type": "message",
        "model": "m",
        "content": blocks,
        "stop_reason": stop,
        "usage": usage,
        **fields,
    }


def delta(content: Any = None, finish: Any = None, **fields: Any) -> dict[str, Any]:
    """A chunk of a streamed completion."""
    parts = {} if content is None else {"content": content}
    return {"choices": [{"index": 0, "delta": {**parts, **fields}, "finish_reason": finish}]}


def error(message: str, **fields: Any) -> dict[str, Any]:
    """An error object in OpenAI's shape."""
    return {"error": {"message": message, **fields}}


def catalogue() -> Iterator[Behaviour]:
    """All behaviours."""
    yield from statuses()
    yield from meanings()
    yield from bodies()
    yield from finish_words()
    yield from answers()
    yield from streams()
    yield from anthropic()
    yield from gateways()


def statuses() -> Iterator[Behaviour]:
    """Error statuses with nothing that explains them."""
    retried = {408: "timeout:", 409: "overloaded:", 425: "overloaded:", 429: "rate_limited:", 499: "connection:"}
    retried |= {504: "timeout:", 524: "timeout:"}
    retried |= dict.fromkeys((500, 502, 503, 507, 520, 521, 522, 529, 530, 599), "overloaded:")
    for status, want in retried.items():
        for name, body in (("plain", "no"), ("JSON", json.dumps(error("no")))):
            fault = raw(body, status, content_type="application/json" if name == "JSON" else "text/plain")
            yield Behaviour(name=f"HTTP {status}, {name}", fault=fault, want=want)
        yield Behaviour(name=f"HTTP {status} once", fault=raw("no", status), want="correct", once=True)
    for status in (400, 406, 411, 415, 417, 418, 422, 424, 428, 431):
        yield Behaviour(name=f"HTTP {status}", fault=raw(error("odd"), status), want="bad_request:")
    for status, want in (
        (401, "stops"),
        (402, "stops"),
        (403, "stops"),
        (404, "stops"),
        (405, "stops"),
        (410, "stops"),
    ):
        yield Behaviour(name=f"HTTP {status} to all", fault=raw(error("go"), status), want=want, to_all=True, says="go")
    for status in (301, 302, 307, 308):
        fault = raw("", status, location="https://elsewhere.invalid/v1")
        yield Behaviour(name=f"HTTP {status}", fault=fault, want="stops", to_all=True, says="elsewhere.invalid")
    for wait in ("0", "0.01", "Thu, 01 Jan 1970 00:00:00 GMT", "-5", "soon", "nan"):
        fault = raw("no", 429, retry_after=wait)
        yield Behaviour(name=f"429, Retry-After: {wait}", fault=fault, want="correct", once=True)
    yield Behaviour(name="429, Retry-After a day", fault=raw("no", 429, retry_after="100000"), want="rate_limited:")
    yield Behaviour(name="503, Retry-After a day", fault=raw("no", 503, retry_after="100000"), want="overloaded:")
    bodies = ('{"detail": "too odd"}', '{"detail": [{"msg": "too odd"}]}', '{"message": "too odd"}', '"too odd"')
    for body in (*bodies, '{"error": "too odd"}', '{"errors": [{"message": "too odd"}]}', "too odd", "<b>too odd</b>"):
        yield Behaviour(name=f"400 says {body[:24]}", fault=raw(body, 400), want="bad_request:", says="too odd")
    yield Behaviour(name="400 says nothing", fault=raw("", 400), want="bad_request:")
    yield Behaviour(name="500 says null", fault=raw("null", 500, content_type="application/json"), want="overloaded:")
    yield Behaviour(name="500 says [[[...", fault=raw("[" * 100_000, 500), want="overloaded:")


def meanings() -> Iterator[Behaviour]:
    """Statuses that mean something else than they say, by code, type or message."""
    quota = [
        (429, error("You exceeded your current quota", code="insufficient_quota", type="insufficient_quota")),
        (402, error("Insufficient Balance")),
        (400, error("Your credit balance is too low to access the API", type="invalid_request_error")),
        (403, error("no credits", code="insufficient_credits")),
        (400, error("billing", code="billing_hard_limit_reached")),
    ]
    for status, body in quota:
        yield Behaviour(name=f"quota as {status}", fault=raw(body, status), want="stops", to_all=True)
    for body in (
        error("Incorrect API key provided", code="invalid_api_key"),
        error("litellm.AuthenticationError: bad key"),
        error("Authentication Error, Invalid proxy server token passed", code="400"),
        error("API key not valid. Please pass a valid API key.", status="INVALID_ARGUMENT"),
        error("/chat/completions: Invalid model name passed in model=x"),
        error("The model `x` does not exist", code="model_not_found"),
        error("stub says x is not a valid model ID"),
    ):
        said = body["error"]["message"][:30]
        yield Behaviour(name=f"400: {said}", fault=raw(body, 400), want="stops", to_all=True, says=said)
    yield Behaviour(
        name="the same 400 to all",
        fault=raw(error("unknown field top_q"), 400),
        want="stops",
        to_all=True,
        says="top_q",
    )
    yield Behaviour(name="403 for one", fault=raw(error("not for you"), 403), want="unauthorized:")
    yield Behaviour(name="404 for one", fault=raw(error("no endpoint takes this"), 404), want="not_found:")
    for status, body in (
        (400, error("filtered", code="content_filter")),
        (400, error("The response was filtered", innererror={"code": "ResponsibleAIPolicyViolation"})),
        (400, error("no", code="content_policy_violation")),
        (400, error("sensitive words", code="sensitive")),
        (400, error("unsafe", code="1301")),
        (400, error("no", code="data_inspection_failed")),
        (403, error("input was flagged by moderation", metadata={"reasons": ["violence"]})),
        (422, error("Your prompt was flagged as violating our usage policy")),
        (451, error("not here")),
    ):
        yield Behaviour(
            name=f"refused as {status}: {body['error']['message']}", fault=raw(body, status), want="refused"
        )
    for status, body in (
        (400, error("This model's maximum context length is 4096 tokens.", code="context_length_exceeded")),
        (400, error("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens")),
        (400, error("prompt is too long: 210000 tokens > 200000 maximum", type="invalid_request_error")),
        (400, error("the request exceeds the available context size, try increasing it", code=400)),
        (400, error("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000")),
        (413, error("Request too large", type="request_too_large")),
        (422, {"detail": "Input is too long: please reduce the length of the messages"}),
        (500, error("exceed context size", type="exceed_context_size_error")),
    ):
        name = f"window as {status}: {str(body)[:60]}"
        yield Behaviour(name=name, fault=raw(body, status), want="context_length:")
    yield Behaviour(
        name="a request above the limit of a minute",
        fault=raw(error("Request too large for m on tokens per min (TPM): Limit 1, Requested 2", type="tokens"), 429),
        want="rate_limited:",
    )
    yield Behaviour(
        name="a rate limit as 400", fault=raw(error("litellm.RateLimitError: x"), 400), want="rate_limited:"
    )
    for body in (
        error("busy", code=502),
        error("busy", code="overloaded"),
        error("limit", code=429),
        {"error": "busy"},
        {"error": {"status": "UNAVAILABLE", "message": "x"}},
    ):
        want = "rate_limited:" if "429" in str(body) else "overloaded:"
        yield Behaviour(name=f"200 with an error inside: {str(body)[:50]}", fault=raw(body), want=want)
        yield Behaviour(name=f"the same once: {str(body)[:50]}", fault=raw(body), want="correct", once=True)
    inside = {"choices": [{"error": {"message": "gone", "code": 502}, "message": {"content": "half"}}]}
    yield Behaviour(name="an error inside a choice", fault=raw(inside), want="overloaded:")
    yield Behaviour(name="no credit, inside a 200", fault=raw(error("no", code=402)), want="stops", to_all=True)


def bodies() -> Iterator[Behaviour]:
    """200s that are no answer."""
    for body in (
        *("", "null", "[]", "{}", "0", '"text"', "true", "<html>Bad gateway</html>", '{"choices": [{"mess', "\ufeff{}"),
        *('{"choices": null}', '{"choices": []}', '{"choices": {}}', '{"choices": ["x"]}', '{"choices": [{}]}'),
        *('{"choices": [null]}', '{"choices": [{"message": null}]}', '{"choices": [{"message": []}]}', "[" * 99_999),
        *('{"choices": [{"message": {"content": 7}}]}', '{"choices": [{"text": "old interface"}]}'),
    ):
        fault = raw(body, content_type="application/json")
        yield Behaviour(name=f"200: {body[:40]!r}", fault=fault, want="bad_response:")
    yield Behaviour(name="200: bytes", fault=raw(bytes(range(256))), want="bad_response:")
    yield Behaviour(name="cut body", fault=raw(b'{"choices": [', cut=True), want="connection:")
    yield Behaviour(name="cut body once", fault=raw(b'{"choices": [', cut=True), want="correct", once=True)
    yield Behaviour(name="reset", fault=Fault("reset"), want="correct", once=True)
    yield Behaviour(name="trickle", fault=Fault("trickle"), want="correct", once=True)
    yield Behaviour(name="hang", fault=Fault("hang"), want="timeout:")
    yield Behaviour(name="endless", fault=Fault("endless"), want="timeout:")
    bomb = gzip.compress(b" " * (80 << 20), 9)
    yield Behaviour(name="80 MB in 80 KB", fault=raw(bomb, content_encoding="gzip"), want="bad_response:")
    yield Behaviour(name="an 80 MB error", fault=raw(bomb, 500, content_encoding="gzip"), want="bad_response:")
    whole = json.dumps(chat()).encode()
    yield Behaviour(name="gzip", fault=raw(gzip.compress(whole), content_encoding="gzip"), want="correct")
    yield Behaviour(
        name="no gzip in spite of its name", fault=raw(whole, content_encoding="gzip"), want="bad_response:"
    )
    yield Behaviour(
        name="half a gzip", fault=raw(gzip.compress(whole)[:40], content_encoding="gzip"), want="bad_response:"
    )


def finish_words() -> Iterator[Behaviour]:
    """Why an answer ended."""
    for word in ("error", "abort", "network_error", "insufficient_system_resource", "ERROR", "cancelled"):
        yield Behaviour(name=f"finish {word}", fault=raw(chat(finish=word)), want="interrupted:", says=word)
        yield Behaviour(name=f"finish {word} once", fault=raw(chat(finish=word)), want="correct", once=True)
    for word in ("content_filter", "SAFETY", "sensitive", "refusal", "PROHIBITED_CONTENT"):
        yield Behaviour(name=f"finish {word}", fault=raw(chat(finish=word)), want="refused")
    for word in ("length", "max_tokens", "model_length"):
        yield Behaviour(name=f"finish {word}", fault=raw(chat(finish=word)), want="truncated")
    for word in ("stop", "eos", None, "", "a word nobody knows", "tool_calls", "x" * 10_000, "\ud800"):
        yield Behaviour(name=f"finish {str(word)[:20]!r}", fault=raw(chat(finish=word)), want="correct")
    for word in ([], {}, 7, True):
        yield Behaviour(name=f"finish {word}", fault=raw(chat(finish=word)), want="bad_response:")


def answers() -> Iterator[Behaviour]:
    """Answers in odd clothes."""
    separators = RIGHT.replace('""', '"a\u2028b\u2029c\u0085d\u000be\u000cf\u001cg"')
    half = len(RIGHT) // 2
    for name, content in {
        "a list of strings": [RIGHT[:half], RIGHT[half:]],
        "a list of parts": [{"type": "text", "text": RIGHT}],
        "thinking parts": [
            {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
            {"type": "text", "text": RIGHT},
        ],
        "one part": {"type": "text", "text": RIGHT},
        "parts and junk": [7, None, {"type": "text", "text": RIGHT}, {"type": "image"}],
        "text as an object": [{"type": "text", "text": {"value": RIGHT}}],
        "line separators": separators,
    }.items():
        yield Behaviour(name=f"content: {name}", fault=raw(chat(content)), want="correct")
    for name, fields in {
        "null": {"content": None},
        "blank": {"content": " \n"},
        "missing, in reasoning only": {"content": None, "reasoning_content": RIGHT},
        "an empty list": {"content": []},
    }.items():
        yield Behaviour(name=f"content: {name}", fault=raw(chat(message=fields)), want="empty")
    yield Behaviour(name="refusal", fault=raw(chat(message={"refusal": "I will not"})), want="refused")
    yield Behaviour(name="refusal of odd type", fault=raw(chat(message={"refusal": {"x": 1}})), want="correct")
    for name, fields in {
        "an object": {"reasoning": {"content": "hm"}},
        "parts": {"reasoning": [{"text": "hm"}]},
        "reasoning_details": {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        "a summary": {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        "odd": {"reasoning": 7},
        "nested": {"reasoning": [[[[[[[["hm"]]]]]]]]},
    }.items():
        yield Behaviour(name=f"reasoning: {name}", fault=raw(chat(message=fields)), want="correct")
    for name, fields in {
        "model a list": {"model": []},
        "model half a character": {"model": "\ud800"},
        "id an object": {"id": {}},
        "id half a character": {"id": "\udfff"},
        "id long": {"id": "x" * 100_000},
        "fingerprint odd": {"system_fingerprint": ["\ud800"]},
        "usage null": {"usage": [None]},
        "usage absurd": {"usage": {"prompt_tokens": 1e300, "completion_tokens": -1, "total_tokens": "x"}},
        "usage odd details": {"usage": {"prompt_tokens": 1, "completion_tokens": 1, "completion_tokens_details": [1]}},
        "usage true": {"usage": {"prompt_tokens": True, "completion_tokens": {}}},
    }.items():
        yield Behaviour(name=f"metadata: {name}", fault=raw(chat(**fields)), want="correct")
    yield Behaviour(name="half a character", fault=raw(chat("\ud800" + RIGHT)), want="correct")


def streams() -> Iterator[Behaviour]:
    """Streams of an OpenAI-compatible server."""

    def one(name: str, fault: Fault, want: str, once: bool = False) -> Behaviour:
        return Behaviour(name=f"stream: {name}", fault=fault, want=want, interface="openai-stream", once=once)

    separators = RIGHT.replace('""', '"a\u2028b\u2029c\u0085d"')
    half = len(RIGHT) // 2
    whole = (delta(RIGHT), delta(finish="stop"))
    yield one("well", events(*whole), "correct")
    plain = "".join(f"data: {json.dumps(e, ensure_ascii=False)}\n\n" for e in (delta(separators), delta(finish="stop")))
    yield one("line separators", raw(plain, content_type="text/event-stream"), "correct")
    crlf = "".join(f"data: {json.dumps(e)}\r\n\r\n" for e in whole)
    yield one("CRLF", raw(crlf, content_type="text/event-stream"), "correct")
    lines = json.dumps(delta(RIGHT), indent=1).replace("\n", "\ndata: ")
    multi = f"data: {lines}\n\ndata: {json.dumps(delta(finish='stop'))}\n\n"
    yield one("events of many data lines", raw(multi, content_type="text/event-stream"), "correct")
    loose = "".join(f"data:{json.dumps(e)}\n" for e in whole)
    yield one("no empty lines, no space", raw(loose, content_type="text/event-stream"), "correct")
    noisy = ": hello\n\nevent: message\nid: 7\nretry: 5\n" + plain
    yield one("comments and other fields", raw(noisy, content_type="text/event-stream"), "correct")
    yield one("[DONE] without a finish reason", events(delta(RIGHT)), "correct")
    yield one("an end without either", events(delta(RIGHT), done=False), "connection:")
    yield one("an end without either, once", events(delta(RIGHT[:half]), done=False), "correct", True)
    yield one("cut", raw(f"data: {json.dumps(delta(RIGHT))}\n\n".encode(), cut=True), "connection:")
    yield one("nothing", raw("", content_type="text/event-stream"), "connection:")
    yield one("an error midway", events(delta(RIGHT[:half]), error("busy", code=503)), "overloaded:")
    yield one("a limit midway", events(delta("x"), error("slow down", type="rate_limit_exceeded")), "rate_limited:")
    yield one("finish error", events(delta(RIGHT), delta(finish="error")), "interrupted:")
    yield one("finish odd", events(delta(RIGHT), delta(finish=["x"])), "bad_response:")
    yield one("no JSON", events("{half"), "bad_response:")
    yield one("no object", events("[1]"), "bad_response:")
    yield one("choices odd", events({"choices": 7}, {"choices": [None]}, *whole), "correct")
    yield one("delta odd", events({"choices": [{"delta": [1]}]}, *whole), "correct")
    yield one("whole JSON in spite of stream", raw(chat()), "correct")
    yield one("an error as JSON", raw(error("busy", code=500)), "overloaded:")
    yield one("two halves of a character", events(delta("\ud83d"), delta("\ude00"), *whole), "correct")
    yield one("parts", events(delta([{"type": "text", "text": RIGHT}]), delta(finish="stop")), "correct")
    yield one(
        "usage last", events(*whole, {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}), "correct"
    )


def anthropic() -> Iterator[Behaviour]:
    """Anthropic's interface, whole and streamed."""

    def one(name: str, fault: Fault, want: str, stream: bool = False, **more: Any) -> Behaviour:
        kind: Interface = "anthropic-stream" if stream else "anthropic"
        return Behaviour(name=f"{kind}: {name}", fault=fault, want=want, interface=kind, **more)

    def fails(kind: str, said: str = "x") -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": said}}

    yield one("well", raw(message()), "correct")
    for body in ("<html>x</html>", "", "null", "[]", "7", '"x"', "{}", '{"content": null}', '{"content": [7]}'):
        yield one(f"200: {body[:20]}", raw(body, content_type="application/json"), "bad_response:")
    yield one("an HTML page", raw("<html>x</html>", content_type="text/html"), "bad_response:")
    yield one("content as text", raw(message(RIGHT)), "correct")
    yield one("no text", raw(message([])), "empty")
    for reason in ([], {}, 7):
        yield one(f"stop_reason {reason}", raw(message(stop=reason)), "bad_response:")
    for name, fields in {"model": {"model": ["x"]}, "id": {"id": "\ud800"}, "usage": {"usage": 7}}.items():
        yield one(f"odd {name}", raw(message(**fields)), "correct")
    yield one("half a character in stop_reason", raw(message(stop="\ud800")), "correct")
    yield one("refusal", raw(message(stop="refusal")), "refused")
    yield one("max_tokens", raw(message(stop="max_tokens")), "truncated")
    yield one("window", raw(message(stop="model_context_window_exceeded")), "truncated")
    yield one(
        "thinking", raw(message([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": RIGHT}])), "correct"
    )
    for status, kind, want in (
        (429, "rate_limit_error", "rate_limited:"),
        (500, "api_error", "overloaded:"),
        (529, "overloaded_error", "overloaded:"),
        (413, "request_too_large", "context_length:"),
        (400, "invalid_request_error", "bad_request:"),
    ):
        yield one(f"{status} {kind}", raw(fails(kind), status), want)
    yield one("401", raw(fails("authentication_error"), 401), "stops", to_all=True)
    yield one("404", raw(fails("not_found_error"), 404), "stops", to_all=True)
    yield one(
        "no credit", raw(fails("invalid_request_error", "Your credit balance is too low"), 400), "stops", to_all=True
    )
    yield one(
        "a prompt too long", raw(fails("invalid_request_error", "prompt is too long: 9 > 8"), 400), "context_length:"
    )

    start = {"type": "message_start", "message": message([], None)}
    text = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": RIGHT}}
    ends = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    stop = {"type": "message_stop"}
    for name, found, want in (
        ("well", (start, text, ends, stop), "correct"),
        ("no start", (text, ends, stop), "correct"),
        ("pings", (start, {"type": "ping"}, text, ends, stop), "correct"),
        ("an unknown event", (start, {"type": "new"}, text, ends, stop), "correct"),
        ("overloaded_error", (start, text, fails("overloaded_error")), "overloaded:"),
        ("a limit", (start, fails("rate_limit_error")), "rate_limited:"),
        ("api_error", (start, fails("api_error")), "overloaded:"),
        ("cut after the text", (start, text), "connection:"),
        ("nothing", (), "connection:"),
        ("no JSON", (start, "{half"), "bad_response:"),
        ("no object", (start, "7"), "bad_response:"),
        (
            "odd events",
            ({"type": []}, {"type": "content_block_delta", "delta": 7, "index": {}}, text, ends, stop),
            "correct",
        ),
        ("refusal", (start, text, {**ends, "delta": {"stop_reason": "refusal"}}, stop), "refused"),
    ):
        yield one(name, events(*found, done=False), want, stream=True)
    once = events(start, fails("overloaded_error"), done=False)
    yield one("overloaded_error once", once, "correct", stream=True, once=True)


def gateways() -> Iterator[Behaviour]:
    """What proxies and gateways make of an answer on its way, and what they say in shapes of their own."""
    streamed = "text/event-stream"
    whole = json.dumps(chat())
    chunks = "".join(f"data: {json.dumps(event)}\n\n" for event in (delta(RIGHT), delta(finish="stop")))

    def sent(name: str, body: str | bytes, want: str = "correct", kind: Interface = "openai", **more: Any) -> Behaviour:
        return Behaviour(name=f"gateway: {name}", fault=raw(body, **more), want=want, interface=kind)

    def says(name: str, body: Any, want: str, status: int = 200, **more: Any) -> Behaviour:
        return Behaviour(name=f"gateway: {name}", fault=raw(body, status), want=want, **more)

    yield sent("a byte order mark", "\ufeff" + whole)
    yield sent("UTF-16", whole.encode("utf-16"))
    yield sent("empty lines that keep the connection", "\n" * 5_000 + whole)
    yield sent("no content type", whole, content_type="")
    yield sent("a stream that nobody asked for", chunks + "data: [DONE]\n\n", content_type=streamed)
    yield sent("whole JSON as plain text for a stream", whole, kind="openai-stream", content_type="text/plain")
    yield sent("a stream as plain text", chunks, kind="openai-stream", content_type="text/plain")
    yield sent("a byte order mark before a stream", "\ufeff" + chunks, kind="openai-stream", content_type=streamed)
    yield sent("cut after the finish reason", chunks, kind="openai-stream", content_type=streamed, cut=True)
    yield sent("held open after the finish reason", chunks, kind="openai-stream", content_type=streamed, hold=True)
    late = chunks + f"data: {json.dumps(error('accounting failed', code=500))}\n\n"
    yield sent("an error after the finish reason", late, kind="openai-stream", content_type=streamed)
    named = f"data: {json.dumps(delta('x'))}\n\nevent: error\ndata: " + json.dumps({"message": "busy", "code": 503})
    yield sent("an event called error", named + "\n\n", "overloaded:", "openai-stream", content_type=streamed)
    text = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": RIGHT}}
    ends = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    closing = [{"type": "message_start", "message": message([], None)}, text, ends, {"type": "message_stop"}]
    for name, found, more in (
        ("cut after message_delta", closing[:3], {"cut": True}),
        ("held open after message_delta", closing[:3], {"hold": True}),
        ("held open after message_stop", closing, {"hold": True}),
        ("overloaded after message_stop", [*closing, {"type": "error", "error": {"type": "overloaded_error"}}], {}),
    ):
        body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in found)
        yield sent(name, body, kind="anthropic-stream", content_type=streamed, **more)
    yield sent("packed with br", b"\x1b\x03\x00\xf8", "bad_response:", content_encoding="br")
    yield sent("packed twice", gzip.compress(gzip.compress(whole.encode())), "bad_response:", content_encoding="gzip")
    yield says("202, to be fetched later", {"status": "processing", "id": "7"}, "bad_response:", 202)
    yield says("204", "", "bad_response:", 204)
    yield says(
        "base_resp of a limit", {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "rate_limited:"
    )
    broke = {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}
    yield says("base_resp without credit", broke, "stops", to_all=True, says="insufficient balance")
    yield says(
        "code and msg in a 200", {"code": 50505, "msg": "Model service overloaded. Try again later"}, "overloaded:"
    )
    yield says("object: error in a 200", {"object": "error", "message": "no such model m", "code": 404}, "not_found:")
    yield says("detail in a 200", {"detail": "Rate limit exceeded"}, "rate_limited:")
    yield says(
        "success: false", {"success": False, "errors": [{"code": 3040, "message": "at capacity"}]}, "overloaded:"
    )
    yield says(
        "a model that loads", {"error": "Model m is currently loading", "estimated_time": 20}, "overloaded:", 503
    )
    nested = json.dumps(error("Overloaded", type="overloaded_error"))
    yield says("JSON in a message", error(f"provider said: {nested}", code=502), "overloaded:", 502)
    limit = "max_tokens is too large: 32000. This model supports at most 16384 completion tokens"
    yield says("max_tokens above the model's bound", error(limit, param="max_tokens"), "bad_request:", 400)
    yield says("NUL and control characters", chat(RIGHT.replace('""', '"a\0b\x07"')), "correct")
    yield says("two choices", {**chat(), "choices": [chat()["choices"][0], {"index": 1}]}, "correct")
    yield says("a tool call for an answer", chat(None, "tool_calls", message={"tool_calls": [{"id": "1"}]}), "empty")
    yield says("RECITATION", chat("", "RECITATION"), "refused")
    yield says(
        "a number of 5,000 digits in usage",
        json.dumps(chat(usage={"prompt_tokens": 0})).replace("0}", "9" * 5_000 + "}"),
        "correct",
    )
    yield sent("a header of 20,000 characters", whole, "bad_response:", x_trace="x" * 20_000)
    yield sent("a header in no encoding", whole, x_trace="caf\xe9 \U0001f600")


Edit = Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True)
class BatchBehaviour:
    """One thing that a provider's batches do, and what three requests must become."""

    name: str
    provider: Literal["openai", "anthropic"]
    want: dict[str, int]
    """Outcomes, or api_errors by how they begin, with how many of each."""
    stub: Callable[[Any], None] = lambda _stub: None
    """Prepares the server."""
    batches: int = 1
    """How many the provider may have got."""


def rows_of(content: bytes) -> list[Any]:
    """Rows of a results file."""
    return [json.loads(line) for line in content.decode().split("\n") if line.strip()]


def file_of(rows: list[Any]) -> bytes:
    """A results file; texts stand as they are."""
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows).encode(
        "utf-8", "replace"
    )


def batch_catalogue() -> Iterator[BatchBehaviour]:
    """All behaviours of batch interfaces."""

    def edits(change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], None]:
        def prepare(stub: Any) -> None:
            stub.results_edit = lambda content: file_of(change(rows_of(content)))

        return prepare

    def says(**fields: Any) -> Callable[[Any], None]:
        def prepare(stub: Any) -> None:
            stub.batch_edit = lambda said: {**said, **fields}

        return prepare

    def answers_with(what: str, fault: Fault, times: int = 10**9) -> Callable[[Any], None]:
        def prepare(stub: Any) -> None:
            left = [times]

            def respond(asked: str, _name: str) -> Fault | None:
                if asked != what or left[0] <= 0:
                    return None
                left[0] -= 1
                return fault

            stub.batch_raw = respond

        return prepare

    def failed_twin(rows: list[Any]) -> list[Any]:
        """An error row for a request that also has an answer."""
        twin = {"custom_id": rows[0]["custom_id"], "error": {"message": "no"}, "response": None}
        return [*rows, {**twin, "result": {"type": "errored", "error": {"message": "no"}}}]

    both: tuple[Literal["openai", "anthropic"], ...] = ("openai", "anthropic")
    for provider in both:

        def one(
            name: str,
            want: dict[str, int],
            stub: Callable[[Any], None] = lambda _stub: None,
            provider: Literal["openai", "anthropic"] = provider,
            batches: int = 1,
        ) -> BatchBehaviour:
            return BatchBehaviour(name=f"{provider}: {name}", provider=provider, want=want, stub=stub, batches=batches)

        fine = {"correct": 3}
        one_lost = {"correct": 2, "batch ": 1}
        yield one("well", fine)
        yield one("a row without custom_id", one_lost, edits(lambda rows: [{"x": 1}, *rows[1:]]))
        yield one("custom_id null", one_lost, edits(lambda rows: [{**rows[0], "custom_id": None}, *rows[1:]]))
        yield one("a row that is no JSON", one_lost, edits(lambda rows: ["{half", *rows[1:]]))
        yield one("a row that is no object", one_lost, edits(lambda rows: ["[1]", *rows[1:]]))
        yield one("a cut last line", one_lost, edits(lambda rows: [*rows[:2], json.dumps(rows[2])[:30]]))
        yield one("a missing row", one_lost, edits(lambda rows: rows[1:]))
        yield one("a stranger's row", fine, edits(lambda rows: [*rows, {**rows[0], "custom_id": "stranger"}]))
        yield one("a row twice", fine, edits(lambda rows: [*rows, rows[0]]))
        yield one("an error row after the answer", fine, edits(failed_twin))
        yield one("an error row before the answer", fine, edits(lambda rows: list(reversed(failed_twin(rows)))))
        yield one("empty lines", fine, edits(lambda rows: ["", rows[0], "", "", *rows[1:], ""]))
        yield one("no rows", {"batch ": 3}, edits(lambda rows: []))
        yield one("only junk", {"batch ": 3}, edits(lambda rows: ["<html>", "x"]))
        yield one("500 at creation, though made", fine, answers_with("create", raw("no", 500), 1))
        yield one("odd JSON at creation, though made", fine, answers_with("create", raw([1]), 1))
        yield one("429 while polling", fine, answers_with("status", raw("no", 429, retry_after="0"), 1))
        yield one("HTML while polling", fine, answers_with("status", raw("<html>"), 1))
        yield one("a list while polling", fine, answers_with("status", raw([]), 1))
        yield one("404 once while polling", fine, answers_with("status", raw("no", 404), 1))
        yield one("404 for ever", {"batch gone": 3}, answers_with("status", raw(error("no batch"), 404)))
        yield one("404 for the results", {"batch ": 3}, answers_with("results", raw("no", 404)))
        yield one("500 once for the results", fine, answers_with("results", raw("no", 500), 1))
        yield one("cut results once", fine, answers_with("results", raw(b'{"custom_id', cut=True), 1))
    for name, fields in {
        "failed": {"errors": {"data": [{"message": "bad file"}]}},
        "expired": {},
        "cancelled": {},
    }.items():
        gone = says(status=name, output_file_id=None, error_file_id=None, **fields)
        yield one(f"{name}", {f"batch {name}": 3}, gone, "openai")
        with_results = says(status=name, **fields)
        yield one(f"{name} with results", fine, with_results, "openai")
    yield one("file ids empty", {"batch completed": 3}, says(output_file_id="", error_file_id=""), "openai")
    yield one("error_file_id empty", fine, says(error_file_id=""), "openai")
    yield one("metadata null", fine, says(metadata=None), "openai")
    yield one("errors odd", fine, says(errors=[7]), "openai")
    for name, response in {
        "a status 500": {"status_code": 500, "body": error("busy")},
        "a body of null": {"status_code": 200, "body": None},
        "a body of odd shape": {"status_code": 200, "body": {"choices": [7]}},
        "finish error": {"status_code": 200, "body": chat(finish="error")},
    }.items():

        def odd(rows: list[Any], response: Any = response) -> list[Any]:
            return [{**rows[0], "response": response}, *rows[1:]]

        want = {
            "correct": 2,
            {"a body of odd shape": "bad_response", "finish error": "interrupted"}.get(name, "batch"): 1,
        }
        yield one(f"a row with {name}", want, edits(odd), "openai")
    filtered = {"status_code": 400, "body": error("no", code="content_filter")}
    yield one(
        "a refused row",
        {"correct": 2, "refused": 1},
        edits(lambda rows: [{**rows[0], "response": filtered}, *rows[1:]]),
        "openai",
    )
    for kind in ("errored", "canceled", "expired", "new"):

        def ended(rows: list[Any], kind: str = kind) -> list[Any]:
            return [{**rows[0], "result": {"type": kind}}, *rows[1:]]

        yield one(f"a row that is {kind}", {"correct": 2, f"batch {kind}": 1}, edits(ended), "anthropic")
    for result in (
        None,
        [],
        "x",
        {"type": "succeeded"},
        {"type": "succeeded", "message": {"content": 7}},
        {"type": []},
    ):

        def strange(rows: list[Any], result: Any = result) -> list[Any]:
            return [{**rows[0], "result": result}, *rows[1:]]

        want = {"correct": 2, "bad_response" if isinstance(result, dict) and result["type"] else "batch": 1}
        yield one(f"a result of {result}", want, edits(strange), "anthropic")
    yield one("cancelled", fine, says(cancel_initiated_at="2025-01-01T00:00:00Z"), "anthropic")
    yield one("a clock a day ahead", fine, says(created_at="2099-01-01T00:00:00Z"), "anthropic")
    yield one("a clock of 1970", fine, says(created_at="1970-01-01T00:00:00Z"), "anthropic")
    yield one("no clock", fine, says(created_at=None, expires_at=7, request_counts="x"), "anthropic")
