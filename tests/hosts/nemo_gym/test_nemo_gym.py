"""ProofGrid's resources server inside NeMo Gym 0.7, over its own HTTP application.

Not part of `make test-hosts`: NeMo Gym 0.7.0 wants Python 3.13.14 or newer. Where that is, install `nemo-gym==0.7.0`
and ProofGrid, and run this file with that Python. Elsewhere its wheel on the path of the environment `light` will do,
with what these tests need of its requirements:

    pip download --no-deps --ignore-requires-python nemo-gym==0.7.0 && unzip -d gym nemo_gym-*.whl
    pip install --target gym omegaconf hydra-core orjson yappi devtools itsdangerous python-multipart pydot mcp
    PYTHONPATH=.:gym .venv-hosts/light/bin/python -m pytest tests/hosts/nemo_gym
"""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest

pytest.importorskip("nemo_gym", reason="needs NeMo Gym 0.7, which needs Python 3.13.14 or newer")

from fastapi.testclient import TestClient
from nemo_gym.base_resources_server import BaseResourcesServerConfig
from nemo_gym.server_utils import ServerClient

from proofgrid import get_task
from proofgrid.integrations.nemo_gym import ProofGridServer, row_of

TASK = get_task("pl1_pw")


def verified(row: dict[str, Any], text: str, cut_off: bool = False) -> dict[str, Any]:
    """What POST /verify says of a response."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}
    response = {
        "id": "r",
        "created_at": 0,
        "model": "m",
        "object": "response",
        "output": [message],
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
    }
    config = BaseResourcesServerConfig(host="127.0.0.1", port=8000, entrypoint="app.py", name="proofgrid")
    server = ProofGridServer(config=config, server_client=MagicMock(spec=ServerClient))
    answer = TestClient(server.setup_webserver()).post("/verify", json={**row, "response": response})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_right_wrong_and_cut_off() -> None:
    """A right answer earns 1.0, a wrong one and one that was cut off 0.0, and each says why."""
    (item,) = TASK.generate(1, 7, 1)
    right = TASK.reference_answer(item)
    found = [verified(row_of(item), right), verified(row_of(item), "no"), verified(row_of(item), right, cut_off=True)]
    assert [one["reward"] for one in found] == [1.0, 0.0, 0.0]
    assert [one["outcome"] for one in found] == ["correct", "unparsable", "truncated"]
    assert not any(one["mask_sample"] for one in found)


def test_a_row_that_is_no_item_is_masked() -> None:
    """Where there is nothing to score the sample is left out, not wrong."""
    (item,) = TASK.generate(1, 7, 1)
    found = verified(row_of(item) | {"item": "{}"}, "no")
    assert (found["mask_sample"], found["outcome"]) == (True, "scorer_error")
