import secrets
import socket
from contextlib import ExitStack

import pytest

from shopwright.embedded import process
from shopwright.embedded.process import CannotStart, free_port


def test_a_free_port_is_none_that_an_outgoing_connection_may_be_lent() -> None:
    with ExitStack() as stack:
        lent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(20)]
        assert all(free_port() < min(lent) for _ in range(20))


def test_a_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        free = free_port()
        answers = iter([taken, taken, free])
        monkeypatch.setattr(secrets, "choice", lambda _ports: next(answers))
        assert free_port() == free


def test_when_none_is_free_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr(process, "PORTS", range(taken, taken + 1))
        with pytest.raises(CannotStart, match=f"No port from {taken} to {taken} is free on 127.0.0.1"):
            free_port()
