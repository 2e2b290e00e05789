"""A private search engine for one machine: a real Elasticsearch or OpenSearch on a loopback port, with a small heap.

It has no password: whoever is on this machine can read what any shopper can find, and could change it. Meant for
development and tests; a shop in production has an engine of its own.
"""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from shopwright.embedded import engine_files as files
from shopwright.embedded import identity as identities
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
HEAP = "512m"
#: Compiled with less care: it is there sooner, and slower only once it has run for minutes.
BRIEF = "-XX:TieredStopAtLevel=1"
START_LIMIT = 120.0
ATTEMPTS = 3
NODE = Path(__file__).with_name("OpenSearchNode.java")


def elasticsearch(folder: Path, *, port: int | None = None, log: Path | None = None, is_brief: bool = False) -> Server:
    """Start the Elasticsearch whose data is in `folder`, on `port` or on a free one; `is_brief` for a minute or two.

    Raises PortTaken, or CannotStart with the reason in plain words: also if `make search-node` did not fetch it.
    """
    home, jdk = files.find(files.ELASTICSEARCH), files.find_jdk()
    folder = make_folder(folder, is_passage=True)
    identity = _prepare(home, jdk, folder, [BRIEF] if is_brief else [])
    return _start(port, partial(_elasticsearch, home, jdk, folder, identity, log or folder / "elasticsearch.log"))


def opensearch(folder: Path, *, port: int | None = None, log: Path | None = None, is_brief: bool = False) -> Server:
    """Start the OpenSearch whose data is in `folder`; all else as with `elasticsearch`."""
    home, jdk = files.find(files.OPENSEARCH), files.find_jdk()
    folder = make_folder(folder)
    more = [BRIEF] if is_brief else []
    return _start(port, partial(_opensearch, home, jdk, folder, more, log or folder / "opensearch.log"))


NAMES = {"elasticsearch": "Elasticsearch", "opensearch": "OpenSearch"}
LAUNCHERS: Mapping[str, Callable[..., Server]] = {"elasticsearch": elasticsearch, "opensearch": opensearch}


def _start(port: int | None, server_on: Callable[[int, int], Server]) -> Server:
    for attempt in range(1, ATTEMPTS + 1):
        chosen = port or free_port(HOST)
        if not is_free(chosen, HOST):
            raise PortTaken("the search engine", HOST, chosen)
        server = server_on(chosen, free_port(HOST))
        try:
            server.start()
        except CannotStart:
            # Somebody may have taken a free port between our look and the server's.
            if port or is_free(chosen, HOST) or attempt == ATTEMPTS:
                raise
        else:
            return server
    raise AssertionError("the last attempt returns or raises")


def _prepare(home: Path, jdk: Path, folder: Path, more: list[str]) -> str:
    """Make the folders that Elasticsearch writes to, its settings among them. Says who it must run as: it refuses root."""
    identity = identities.choose(jdk / "bin" / "java", folder / "data", "Elasticsearch")
    for name in ("data", "logs", "temporary", "config"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    shutil.copytree(home / "config", folder / "config", dirs_exist_ok=True)
    # The copy took the cache's mode with it.
    (folder / "config").chmod(0o700)
    options = folder / "config" / "jvm.options"
    # Tens of megabytes of the collector's diary are of no use here.
    kept = [line for line in options.read_text().splitlines() if not line.startswith("-Xlog:gc")]
    options.write_text("\n".join([*kept, f"-Xms{HEAP}", f"-Xmx{HEAP}", *more, ""]))
    for name in ("data", "logs", "temporary", "config"):
        identities.hand_over(folder / name, identity, "Elasticsearch")
    return identity


def _elasticsearch(home: Path, jdk: Path, folder: Path, identity: str, log: Path, port: int, transport: int) -> Server:
    settings = {
        "discovery.type": "single-node", "network.host": HOST, "http.port": port, "transport.port": transport,
        "path.data": folder / "data", "path.logs": folder / "logs",
        "xpack.security.enabled": "false", "xpack.ml.enabled": "false",
        # A developer's full disk is no reason to make the index read-only.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }  # fmt: skip
    environment = {
        **QUIET_ENVIRONMENT, "ES_JAVA_HOME": str(jdk), "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "temporary"),
    }  # fmt: skip
    return Server(
        name=NAMES["elasticsearch"],
        command=[home / "bin" / "elasticsearch", *(f"-E{name}={value}" for name, value in settings.items())],
        log=log, identity=identity, environment=environment, folder=folder, grace=10, ready_limit=START_LIMIT,
        url=f"http://{HOST}:{port}", answers=partial(_is_ready, port),
    )  # fmt: skip


def _opensearch(home: Path, jdk: Path, folder: Path, more: list[str], log: Path, port: int, transport: int) -> Server:
    java: list[str | Path] = [jdk / "bin" / "java", f"-Xms{HEAP}", f"-Xmx{HEAP}", *more, "-cp", f"{home}/lib/*"]
    return Server(
        name=NAMES["opensearch"],
        command=[*java, NODE, folder / "node", str(port), str(transport)],
        log=log, folder=folder, grace=10, ready_limit=START_LIMIT,
        url=f"http://{HOST}:{port}", answers=partial(_is_ready, port),
    )  # fmt: skip


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
