"""The catalogue of server behaviours, and servers that answer anything at all: named rightly, nothing lost or twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofgrid.run.plan import missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.store import RunStore
from tests.proofgrid import server_faults
from tests.proofgrid.fault_player import FAST, Tally, play, play_batches
from tests.proofgrid.server_faults import Behaviour, batch_catalogue, chat, message
from tests.proofgrid.small_items import fill, index_of, right, server_model
from tests.proofgrid.stub_server import Fault, Stub, raw

PARTS = ("statuses", "meanings", "bodies", "finish_words", "answers", "streams", "anthropic", "gateways")


def check(tally: Tally, at_least: int) -> None:
    """Everything was named rightly, nothing was lost and nothing paid for twice."""
    assert not tally.wrong, "\n".join(tally.wrong)
    assert (tally.lost, tally.paid_twice) == (0, 0)
    assert tally.named_rightly == tally.tried >= at_least


@pytest.mark.parametrize("part", PARTS)
def test_each_behaviour_of_a_server_is_named_for_what_it_means(tmp_path: Path, part: str) -> None:
    """A behaviour costs its own item at most; the other items are answered, and each request is sent as often as it
    has cause to be."""
    behaviours: Callable[[], Iterator[Behaviour]] = getattr(server_faults, part)
    check(play(behaviours(), tmp_path), 20)


def test_each_behaviour_of_a_batch_costs_its_own_rows_only(tmp_path: Path) -> None:
    """Odd rows, lost files, batches that are gone and clocks that are off: three requests end with three records, and
    one batch was paid for."""
    check(play_batches(batch_catalogue(), tmp_path), 30)


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\u2028", "", "error", "stop", "length", "text", "thinking", "overloaded_error"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON value, and some that are not (nan, infinities, halves of characters)."""


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths_of(part, (*path, name))


def with_value(whole: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """A copy of ``whole`` with ``odd`` at a place."""
    if not path:
        return odd
    copy = json.loads(json.dumps(whole))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = odd
    return copy


@st.composite
def odd_versions(draw: st.DrawFn, whole: Any) -> Any:
    """``whole`` with one or two of its values replaced by anything."""
    changed = whole
    for _ in range(draw(st.integers(1, 2))):
        changed = with_value(changed, draw(st.sampled_from(list(paths_of(changed)))), draw(ODD))
    return changed


STATUSES = st.sampled_from([200, 200, 200, 400, 429, 500])
FULL = chat(
    [{"type": "text", "text": "x"}],
    system_fingerprint="f",
    usage={"prompt_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 1}, "total_tokens": 3},
    message={"reasoning_details": [{"type": "reasoning.text", "text": "hm"}], "refusal": None},
)
EVENT = {
    "choices": [{"delta": {"content": "x", "reasoning": "hm"}, "finish_reason": "stop"}],
    "usage": {},
    "error": None,
}
ERROR = {"error": {"message": "no", "type": "x", "code": 400, "metadata": {"raw": "x"}}}
WHOLES = {
    "openai": st.one_of(odd_versions(FULL), odd_versions(ERROR), ODD),
    "openai-stream": st.one_of(odd_versions(EVENT), odd_versions(ERROR), ODD),
    "anthropic": st.one_of(odd_versions(message()), odd_versions(ERROR), ODD),
    "anthropic-stream": st.one_of(
        odd_versions({"type": "message_start", "message": message()}),
        odd_versions({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}}),
        odd_versions({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}),
        ODD,
    ),
}


def response(interface: str, value: Any, status: int) -> Fault:
    """A value as a whole response, or as the only event of a stream."""
    text = json.dumps(value)
    if interface.endswith("-stream") and status == 200:
        return raw(f"data: {text}\n\ndata: [DONE]\n\n", content_type="text/event-stream")
    return raw(text, status, content_type="application/json")


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    """One server for many examples."""
    with Stub(right, keep=False) as running:
        yield running


@pytest.mark.parametrize("interface", WHOLES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_no_value_that_a_server_can_send_stops_another_model(stub: Stub, interface: str, data: st.DataObject) -> None:
    """Whatever one server says, at any status, its items end with a record each or its model stops with a sentence,
    and the other model's items are all answered."""
    fault = response(
        interface, data.draw(WHOLES[interface]), data.draw(st.sampled_from([200, 200, 200, 400, 429, 500]))
    )
    stub.fault_for = lambda body: fault if str(body["model"]).startswith(("odd", "claude")) else None
    url = stub.url
    spec, where = ("server/odd", url) if interface.startswith("openai") else ("anthropic/claude-odd", url[:-3])
    odd = server_model(where, spec, stream=interface.endswith("-stream"), timeout=10)
    other = server_model(url)
    with TemporaryDirectory() as name:
        with RunStore.open(name) as store:
            ids = fill(store, 2)
            cells = {one.label: list(missing_cells(store, one.label, ids, 1)) for one in (odd, other)}
            ending = execute(store, [odd, other], cells, FAST)
        with RunStore.read(name) as store:
            records = list(store.records())
    found = [record for record in records if record.cell.model == other.label]
    assert len(found) == 2
    assert all(record.completion.error is None for record in found)
    assert len(records) == 4 or odd.label in ending.stops


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_no_value_in_a_batch_stops_another_model(provider: str, data: st.DataObject) -> None:
    """Whatever stands in one row or in what is said of a batch, no exception comes of it, each request has at most one
    record, and another model's items are answered."""
    where = data.draw(st.sampled_from(["row", "status", "create"]))
    with Stub(right, keep=False) as stub:
        if where == "row":

            def edit(content: bytes) -> bytes:
                rows = server_faults.rows_of(content)
                rows[0] = data.draw(odd_versions(rows[0]))
                return server_faults.file_of([json.dumps(row) for row in rows])

            stub.results_edit = edit
        else:
            odd = data.draw(ODD)
            name = data.draw(st.sampled_from(["id", "status", "processing_status", "output_file_id", "errors", "*"]))
            left = [2]  # then the truth: a batch that is never over would be waited for, for ever

            def respond(what: str, _batch: str) -> Fault | None:
                left[0] -= what == where
                return raw(odd) if what == where and name == "*" and left[0] >= 0 else None

            stub.batch_raw = respond
            stub.batch_edit = lambda said: {**said, name: odd} if name in said and left[0] >= 0 else said
        openai = provider == "openai"
        spec, url = ("openai/gpt-4.1", stub.url) if openai else ("anthropic/claude-sonnet-4-6", stub.url[:-3])
        batched, other = server_model(url, spec, batch=True), server_model(stub.url)
        with TemporaryDirectory() as folder:
            with RunStore.open(folder) as store:
                ids = fill(store, 2)
                cells = {one.label: list(missing_cells(store, one.label, ids, 1)) for one in (batched, other)}
                ending = execute(store, [batched, other], cells, FAST)
            with RunStore.read(folder) as store:
                mine, theirs = list(store.records(other.label)), list(store.records(batched.label))
    assert len(mine) == 2
    assert all(record.completion.error is None for record in mine)
    assert len(theirs) == 2 or batched.label in ending.stops


def test_index_of_reads_the_item(stub: Stub) -> None:
    """The helper that tells requests apart finds the item's number in the prompt."""
    stub.fault_for = lambda body: None
    assert index_of({"messages": [{"content": "(A7 & B7)"}]}) == 7
