"""``proofgrid serve``: checking and scoring over HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(short_help="Check and score over HTTP.")(serve)


def serve(
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on; any but loopback needs a token.")] = "127.0.0.1",
    workers: Annotated[int | None, typer.Option(help="Processes that check; one a core if not given.", min=1)] = None,
    queue: Annotated[int, typer.Option(help="Answers that may be waiting; more are told 429.", min=1)] = 4096,
    largest: Annotated[int, typer.Option("--largest-request", help="Megabytes of one request.", min=1)] = 64,
    timeout: Annotated[float | None, typer.Option(help="Seconds for one answer; none if not given.", min=0.01)] = None,
) -> None:
    """Check proofs (POST /check) and score answers (POST /score), one or a batch, until Ctrl-C.

    PROOFGRID_SERVE_TOKEN holds the token that clients send as "Authorization: Bearer ...".
    """
    from proofgrid.errors import UserError

    token = os.environ.get("PROOFGRID_SERVE_TOKEN") or None
    if host not in LOOPBACK and token is None:
        raise UserError(f"{host} can be reached from elsewhere: set PROOFGRID_SERVE_TOKEN to what clients must send")
    import uvicorn

    from proofgrid.service.app import ServiceOptions, make_app

    options = ServiceOptions(
        workers=workers, queue=queue, largest_request=largest * 1024 * 1024, timeout=timeout, token=token
    )
    typer.echo(f"http://{host}:{port}/docs says what can be asked; Ctrl-C ends it", err=True)
    uvicorn.run(make_app(options), host=host, port=port, log_level="warning", access_log=False)
