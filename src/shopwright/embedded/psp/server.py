"""Starts the development payment provider as a process of its own."""

import http.client
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from shopwright.embedded.process import (
    QUIET_ENVIRONMENT,
    CannotStart,
    PortTaken,
    Server,
    free_port,
    is_free,
    make_folder,
)

HOST = "127.0.0.1"
ATTEMPTS = 5
ANSWER = b'{"service":"shopwright-psp"}'
# A request that is held by a scenario needs a thread, and must not take it from the others.
THREADS = 64


def launch(
    folder: Path,
    *,
    secret: str,
    shop_url: str = "",
    port: int | None = None,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Start the provider whose state is in `folder`, on `port` or on a free one; `url` says where it answers.

    It sends its webhooks to `shop_url`, or only keeps them. `environment` may hold more of its settings.
    Raises PortTaken, or CannotStart with the reason in plain words.
    """
    folder = make_folder(folder)
    own = {"PSP_SECRET": secret, "PSP_DATA": str(folder), "PSP_SHOP_URL": shop_url, "PYTHONUNBUFFERED": "1"}
    for attempt in range(1, ATTEMPTS + 1):
        chosen = port or free_port(HOST)
        if not is_free(chosen, HOST):
            raise PortTaken("the development payment provider", HOST, chosen)
        server = Server(
            name="Payment provider", command=_command(chosen), log=log or folder / "psp.log",
            environment={**QUIET_ENVIRONMENT, **(environment or {}), **own}, url=f"http://{HOST}:{chosen}",
            answers=partial(_answers, chosen),
        )  # fmt: skip
        try:
            server.start()
        except CannotStart:
            # Somebody may have taken a free port between our look and the server's.
            if port or is_free(chosen, HOST) or attempt == ATTEMPTS:
                raise
        else:
            return server
    raise AssertionError("the last attempt returns or raises")


def _command(port: int) -> list[str | Path]:
    options = (
        f"--interface wsgi --factory --host {HOST} --port {port} --workers 1 --blocking-threads {THREADS} "
        "--backlog 1024 --backpressure 1024 --workers-kill-timeout 2 --respawn-failed-workers --no-access-log"
    )
    return [sys.executable, "-m", "granian", *options.split(), "shopwright.embedded.psp.app:create_app"]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().read() == ANSWER
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
