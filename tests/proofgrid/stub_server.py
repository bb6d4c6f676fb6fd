"""A model server with scripted faults: speaks /chat/completions (streaming and not), Anthropic's messages, both batch
interfaces, and can misbehave in every way that servers do. Real HTTP on 127.0.0.1; nothing in it is patched.

In a test: ``with Stub() as stub: ... stub.url``. As a process of its own (benchmarks): ``python stub_server.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Self

from aiohttp import web

FAULTS = ("429", "500", "529", "reset", "cut", "not_json", "html", "shape", "trickle")
"""Faults that a random mixture draws from; ``hang`` and others only stand in scripts."""


@dataclass(frozen=True)
class Fault:
    """One misbehaviour. ``retry_after`` goes into the header of an error status."""

    kind: str
    retry_after: str | None = None
    message: str = "scripted fault"
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Kind ``raw``: this response, byte for byte."""
    cut: bool = False
    """Kind ``raw``: the connection is reset after the body, before its end."""
    hold: bool = False
    """Kind ``raw``: the connection stays open after the body, and nothing more comes."""


def raw(body: Any, status: int = 200, cut: bool = False, hold: bool = False, **headers: str) -> Fault:
    """A response as given: bytes, a text, or anything else as JSON. Header names are written with ``_`` for ``-``."""
    kind = "text/plain" if isinstance(body, bytes | str) else "application/json"
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault("raw", status=status, body=content, headers={"content-type": kind, **named}, cut=cut, hold=hold)


def events(*data: Any, done: bool = True) -> Fault:
    """A stream of server-sent events: texts as they are, anything else as JSON."""
    lines = [item if isinstance(item, str) else json.dumps(item) for item in (*data, *(["[DONE]"] if done else []))]
    return raw("".join(f"data: {line}\n\n" for line in lines), content_type="text/event-stream")


@dataclass
class Answer:
    """What the server says when it behaves."""

    text: str = ""
    finish_reason: str | None = "stop"
    refusal: str | None = None
    reasoning: str | None = None
    prompt_tokens: int = 10
    completion_tokens: int = 5
    extra: dict[str, Any] = field(default_factory=dict)
    reasoning_field: str = "reasoning_content"
    """What the server calls it: recent vLLM and OpenRouter say ``reasoning``."""
    message: dict[str, Any] = field(default_factory=dict)
    """More fields of the message, or other values of those it has."""


def echo(body: dict[str, Any]) -> Answer:
    """The default answer: a digest of the conversation."""
    text = "\0".join(str(message["content"]) for message in body["messages"])
    return Answer("answer " + sha256(text.encode()).hexdigest()[:12])


class Stub:
    """The server, on a thread of its own. ``requests`` and ``headers`` are what it was asked, for tests to read."""

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Answer] = echo,
        script: Iterable[Fault | None] = (),
        fault_rate: float = 0.0,
        seed: int = 0,
        delay: float = 0.0,
        keep: bool = True,
        port: int = 0,
    ) -> None:
        self.answer = answer
        self.script = deque(script)
        self.fault_rate = fault_rate
        self.random = Random(seed)
        self.delay = delay
        self.fault_for: Callable[[dict[str, Any]], Fault | None] = lambda _body: None
        self.keep = keep
        self.port = port
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.sent: Counter[str] = Counter()
        self.asked = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.limit: int | None = None
        """More requests at once than this are refused with 429."""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.batch_polls = 1
        """How often a batch is in progress before it is done."""
        self.batch_fault: Fault | None = None
        self.batch_raw: Callable[[str, str], Fault | None] = lambda _what, _name: None
        """Another response for a batch's ``create``, ``status``, ``list`` or ``results``, by its name."""
        self.batch_edit: Callable[[dict[str, Any]], dict[str, Any]] = lambda said: said
        """What is said of a batch, changed."""
        self.results_edit: Callable[[bytes], bytes] = lambda content: content
        """A batch's results, changed."""
        self.metrics = ""
        """What ``/metrics`` says; nothing: there is no such page."""
        self.indiscreet = False
        """Whether the descriptions of models and the version quote the request's Authorization header."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._started = threading.Event()

    # --- life -----------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        if not self._started.wait(10):
            raise RuntimeError("the stub server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server; connections are cut."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        runner = await self.start()
        self._started.set()
        await self._end.wait()
        await runner.cleanup()

    async def start(self) -> web.AppRunner:
        """Listen, in the running loop."""
        app = web.Application(client_max_size=2**30)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/models/{id}", self._model)
        app.router.add_get("/version", self._version)
        app.router.add_get("/health", self._version)
        app.router.add_get("/stats", self._stats)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._download)
        app.router.add_post("/v1/batches", self._openai_batch)
        app.router.add_get("/v1/batches", self._openai_batches)
        app.router.add_get("/v1/batches/{id}", self._openai_batch_state)
        app.router.add_post("/v1/messages/batches", self._anthropic_batch)
        app.router.add_get("/v1/messages/batches", self._anthropic_batches)
        app.router.add_get("/v1/messages/batches/{id}", self._anthropic_batch_state)
        app.router.add_get("/v1/messages/batches/{id}/results", self._anthropic_results)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, backlog=2048)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return runner

    # --- chat completions -----------------------------------------------------------------------------------------

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._faulty(request, body, self._completion)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._faulty(request, body, self._message)

    async def _faulty(self, request: web.Request, body: dict[str, Any], well: Callable[..., Any]) -> web.StreamResponse:
        self.asked += 1
        if self.keep:
            self.requests.append(body)
            self.headers.append(dict(request.headers))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.limit is not None and self.in_flight > self.limit:
                return self._error(Fault("429", "0.05"))
            fault = self.script.popleft() if self.script else self.fault_for(body)
            if fault is None and self.fault_rate and self.random.random() < self.fault_rate:
                fault = Fault(self.random.choice(FAULTS), self.random.choice([None, "0", "0.01"]))
            if self.delay:
                await asyncio.sleep(self.delay)
            if fault is not None:
                return await self._misbehave(request, body, fault, well)
            response = await well(request, body)
            self.sent[str(body["messages"][0]["content"])] += 1
            return response  # type: ignore[no-any-return]
        except ConnectionResetError:  # the client went away, or was killed
            return web.Response()
        finally:
            self.in_flight -= 1

    async def _raw(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if not fault.cut and not fault.hold:
            return web.Response(body=fault.body, status=fault.status, headers=fault.headers)
        response = web.StreamResponse(status=fault.status, headers=fault.headers)
        response.content_length = len(fault.body) + 100
        await response.prepare(request)
        await response.write(fault.body)
        if fault.hold:
            await asyncio.sleep(3600)
        if request.transport is not None:
            request.transport.abort()
        return response

    def _error(self, fault: Fault) -> web.Response:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        body = {"error": {"message": fault.message, "type": "stub_error"}}
        return web.json_response(body, status=int(fault.kind), headers=headers)

    async def _misbehave(
        self, request: web.Request, body: dict[str, Any], fault: Fault, well: Callable[..., Any]
    ) -> web.StreamResponse:
        if fault.kind.isdigit():
            return self._error(fault)
        if fault.kind == "raw":
            return await self._raw(request, fault)
        if fault.kind == "hang":
            await asyncio.sleep(3600)
        if fault.kind == "reset":
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.kind == "not_json":
            return web.Response(text='{"choices": [{"mess', content_type="application/json")
        if fault.kind == "html":
            return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
        if fault.kind == "shape":
            return web.json_response({"object": "surprise", "choices": []})
        if fault.kind == "error_inside":
            return web.json_response({"error": {"message": fault.message, "code": 502}})
        whole = json.dumps(completion_json(body, self.answer(body))).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(whole)
        await response.prepare(request)
        if fault.kind == "cut":
            await response.write(whole[: len(whole) // 2])
            if request.transport is not None:
                request.transport.abort()
            return response
        if fault.kind == "trickle":
            step = max(1, len(whole) // 8)
            for at in range(0, len(whole), step):
                await response.write(whole[at : at + step])
                await asyncio.sleep(0.005)
            self.sent[str(body["messages"][0]["content"])] += 1
            return response
        if fault.kind == "endless":
            for byte in whole[:-1]:
                await response.write(bytes([byte]))
                await asyncio.sleep(0.2)
        raise ValueError(fault.kind)

    async def _completion(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        answer = self.answer(body)
        if not body.get("stream"):
            return web.json_response(completion_json(body, answer), headers={"x-request-id": f"req-{self.asked}"})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in stream_events(body, answer):
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _models(self, request: web.Request) -> web.Response:
        rows = [{"id": "stub-model", "object": "model", "owned_by": "stub", "max_model_len": 4096}]
        if self.indiscreet:
            rows[0]["owned_by"] = rows[0]["root"] = request.headers["Authorization"]
            rows.append({**rows[0], "id": request.headers["Authorization"]})
        return web.json_response({"object": "list", "data": rows})

    async def _model(self, request: web.Request) -> web.Response:
        row = {
            "id": request.match_info["id"],
            "type": "model",
            "display_name": "Stub",
            "created_at": "2025-01-01T00:00:00Z",
        }
        return web.json_response(row)

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": request.headers["Authorization"] if self.indiscreet else "0.0-stub"})

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=self.metrics, status=200 if self.metrics else 404)

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response({"asked": self.asked, "sent": self.sent, "most_in_flight": self.most_in_flight})

    # --- Anthropic ------------------------------------------------------------------------------------------------

    async def _message(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        said = message_json(body, self.answer(body))
        if not body.get("stream"):
            return web.json_response(said)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in message_events(said):
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
        return response

    async def _anthropic_batch(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        name = f"msgbatch_{len(self.batches) + 1}"
        self.batches[name] = {"requests": body["requests"], "polls": 0, "created": len(self.batches)}
        if self.batch_fault is not None:
            fault, self.batch_fault = self.batch_fault, None
            return self._error(fault)
        return await self._batch(request, "create", name, self._anthropic_json)

    async def _batch(
        self, request: web.Request, what: str, name: str, well: Callable[[str], dict[str, Any]]
    ) -> web.StreamResponse:
        said = well(name) if name in self.batches else {"error": {"message": "no such batch"}}
        fault = self.batch_raw(what, name)
        if fault is not None:
            return await self._raw(request, fault) if fault.kind == "raw" else self._error(fault)
        return web.json_response(self.batch_edit(said), status=200 if name in self.batches else 404)

    def _anthropic_json(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        done = batch["polls"] >= self.batch_polls
        batch["polls"] += 1
        n = len(batch["requests"])
        counts = {
            "processing": 0 if done else n,
            "succeeded": n if done else 0,
            "errored": 0,
            "canceled": 0,
            "expired": 0,
        }
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": "ended" if done else "in_progress",
            "request_counts": counts,
            "created_at": datetime.now(UTC).isoformat(),
            "expires_at": "2025-01-02T00:00:00Z",
            "ended_at": "2025-01-01T01:00:00Z" if done else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": f"{self.url}/messages/batches/{name}/results" if done else None,
        }

    async def _anthropic_batches(self, request: web.Request) -> web.Response:
        rows = [self._anthropic_json(name) for name in reversed(self.batches)]
        return web.json_response({"data": rows, "has_more": False, "first_id": None, "last_id": None})

    async def _anthropic_batch_state(self, request: web.Request) -> web.StreamResponse:
        return await self._batch(request, "status", request.match_info["id"], self._anthropic_json)

    async def _anthropic_results(self, request: web.Request) -> web.StreamResponse:
        fault = self.batch_raw("results", request.match_info["id"])
        if fault is not None:
            return await self._raw(request, fault) if fault.kind == "raw" else self._error(fault)
        lines = []
        for one in reversed(self.batches[request.match_info["id"]]["requests"]):  # results come in any order
            params = one["params"]
            result: dict[str, Any] = {"type": "succeeded", "message": message_json(params, self.answer(params))}
            if "errored" in str(params.get("system")):
                result = {"type": "errored", "error": {"type": "error", "error": {"type": "x", "message": "no"}}}
            lines.append(json.dumps({"custom_id": one["custom_id"], "result": result}, ensure_ascii=False))
        content = self.results_edit(("\n".join(lines) + "\n").encode())
        return web.Response(body=content, content_type="application/x-jsonl")

    # --- OpenAI's batches -----------------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        data = await request.post()
        upload: Any = data["file"]
        name = f"file-{len(self.files) + 1}"
        self.files[name] = upload.file.read()
        return web.json_response(
            {"id": name, "object": "file", "bytes": len(self.files[name]), "created_at": 0, "filename": "b.jsonl",
             "purpose": str(data["purpose"]), "status": "processed"}
        )  # fmt: skip

    async def _download(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        fault = self.batch_raw("results", name)
        if fault is not None:
            return await self._raw(request, fault) if fault.kind == "raw" else self._error(fault)
        if name not in self.files:
            return web.json_response({"error": {"message": "no such file"}}, status=404)
        return web.Response(body=self.results_edit(self.files[name]), content_type="application/jsonl")

    async def _openai_batch(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        name = f"batch_{len(self.batches) + 1}"
        self.batches[name] = {"input": body["input_file_id"], "metadata": body.get("metadata"), "polls": 0}
        if self.batch_fault is not None:
            fault, self.batch_fault = self.batch_fault, None
            return self._error(fault)
        return await self._batch(request, "create", name, self._openai_json)

    def _openai_json(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        done = batch["polls"] >= self.batch_polls
        batch["polls"] += 1
        if done and "output" not in batch:
            good, bad = [], []
            for line in reversed(self.files[batch["input"]].decode().split("\n")):
                one = json.loads(line)
                if "errored" in str(one["body"]["messages"]):
                    bad.append({"custom_id": one["custom_id"], "response": None, "error": {"message": "no"}})
                    continue
                said = completion_json(one["body"], self.answer(one["body"]))
                good.append(
                    {"custom_id": one["custom_id"], "response": {"status_code": 200, "body": said}, "error": None}
                )
            batch["output"] = f"file-out-{name}"
            self.files[batch["output"]] = "\n".join(json.dumps(row, ensure_ascii=False) for row in good).encode(
                "utf-8", "replace"
            )
            if bad:
                batch["errors"] = f"file-err-{name}"
                self.files[batch["errors"]] = "\n".join(map(json.dumps, bad)).encode()
        return {
            "id": name,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "created_at": 0,
            "input_file_id": batch["input"],
            "status": "completed" if done else "in_progress",
            "output_file_id": batch.get("output"),
            "error_file_id": batch.get("errors"),
            "metadata": batch["metadata"],
        }

    async def _openai_batches(self, request: web.Request) -> web.Response:
        rows = [self._openai_json(name) for name in reversed(self.batches)]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    async def _openai_batch_state(self, request: web.Request) -> web.StreamResponse:
        return await self._batch(request, "status", request.match_info["id"], self._openai_json)


def completion_json(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """A chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": answer.refusal}
    if answer.reasoning is not None:
        message[answer.reasoning_field] = answer.reasoning
    message |= answer.message
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": f"{body['model']}-2025",
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": {
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
            "total_tokens": answer.prompt_tokens + answer.completion_tokens,
            "completion_tokens_details": {"reasoning_tokens": 2 if answer.reasoning else 0},
        },
        **answer.extra,
    }


def stream_events(body: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    """The same completion in pieces."""
    whole = completion_json(body, answer)
    base = {"id": whole["id"], "object": "chat.completion.chunk", "created": 0, "model": whole["model"]}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if answer.reasoning:
        deltas.append({answer.reasoning_field: answer.reasoning})
    half = len(answer.text) // 2
    deltas += [{"content": answer.text[:half]}, {"content": answer.text[half:]}]
    if answer.message:
        deltas = [{"role": "assistant"}, answer.message]
    if answer.refusal:
        deltas.append({"refusal": answer.refusal})
    events = [{**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}]})
    events.append({**base, "choices": [], "usage": whole["usage"]})
    return events


def message_json(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """An Anthropic message."""
    blocks: list[dict[str, Any]] = []
    if answer.reasoning is not None:
        blocks.append({"type": "thinking", "thinking": answer.reasoning, "signature": "x"})
    blocks.append({"type": "text", "text": answer.text})
    reasons = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": blocks,
        "stop_reason": reasons.get(answer.finish_reason or "stop"),
        "stop_sequence": None,
        "usage": {"input_tokens": answer.prompt_tokens, "output_tokens": answer.completion_tokens},
    }


def message_events(said: dict[str, Any]) -> list[dict[str, Any]]:
    """An Anthropic message as the events of a stream."""
    start = {**said, "content": [], "stop_reason": None, "usage": {**said["usage"], "output_tokens": 1}}
    found: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for at, block in enumerate(said["content"]):
        name = "thinking" if block["type"] == "thinking" else "text"
        found.append({"type": "content_block_start", "index": at, "content_block": {"type": name, name: ""}})
        for part in (block[name][: len(block[name]) // 2], block[name][len(block[name]) // 2 :]):
            delta = {"type": f"{name}_delta", name: part}
            found.append({"type": "content_block_delta", "index": at, "delta": delta})
        found.append({"type": "content_block_stop", "index": at})
    end = {"stop_reason": said["stop_reason"], "stop_sequence": None}
    found.append({"type": "message_delta", "delta": end, "usage": {"output_tokens": said["usage"]["output_tokens"]}})
    return [*found, {"type": "message_stop"}]


def answers_from(path: Path) -> Callable[[dict[str, Any]], Answer]:
    """Answers by prompt from a JSON file {digest of the prompt: text}; other prompts are echoed."""
    texts = json.loads(path.read_text("utf-8"))

    def answer(body: dict[str, Any]) -> Answer:
        digest = sha256(str(body["messages"][0]["content"]).encode()).hexdigest()[:32]
        return Answer(texts[digest], completion_tokens=200) if digest in texts else echo(body)

    return answer


async def _main(arguments: argparse.Namespace) -> None:
    stub = Stub(
        answer=answers_from(arguments.answers) if arguments.answers else echo,
        fault_rate=arguments.fault_rate,
        seed=arguments.seed,
        delay=arguments.delay,
        keep=False,
        port=arguments.port,
    )
    await stub.start()
    sys.stdout.write(f"{stub.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--fault-rate", type=float, default=0.0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    try:
        import uvloop

        uvloop.run(_main(parser.parse_args()))
    except ImportError:
        asyncio.run(_main(parser.parse_args()))
