import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from shopwright.embedded import valkey
from shopwright.embedded.process import PortTaken


def test_data_outlives_a_stop_where_that_was_asked(tmp_path: Path) -> None:
    for durable, kept in ((True, b"42"), (False, None)):
        folder = tmp_path / str(durable)
        for expected in (None, kept):
            server = valkey.launch(folder, durable=durable)
            with redis.Redis.from_url(server.url) as client:
                assert client.get("answer") == expected
                client.set("answer", 42)
            server.stop()
            assert server.exit_code == 0


def test_nobody_enters_without_the_password(tmp_path: Path) -> None:
    server = valkey.launch(tmp_path, durable=False)
    address = server.url.rpartition("@")[2]
    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    assert (tmp_path / "valkey.conf").stat().st_mode & 0o777 == 0o600
    server.stop()


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1.* is taken"):
            valkey.launch(tmp_path, durable=False, port=port)


def test_a_killed_parent_leaves_no_server(tmp_path: Path, left_in: Callable[..., set[int]]) -> None:
    script = (
        "import os, sys, pathlib; from shopwright.embedded import valkey; "
        "valkey.launch(pathlib.Path(sys.argv[1]), durable=True); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert left_in(tmp_path) == set()
