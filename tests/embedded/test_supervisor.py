import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shopwright.embedded.process import free_port

STANDIN = Path(__file__).with_name("standin.py")
LeftIn = Callable[..., set[int]]


class Run:
    """One `up` of the stand-in programs, in a process of its own."""

    def __init__(self, data: Path, *words: str, port: int | None = None) -> None:
        self.data, self.port = data, port or free_port()
        self.output = data.with_name(f"said-{time.monotonic_ns()}.txt")
        environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, STANDIN, data, str(self.port), *words],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, sight: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not sight():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def wait_until_open(self) -> "Run":
        # Its last words: who stops it in the middle of them does not hear the rest.
        self.wait_for(lambda: "stops everything" in self.said() and (self.data / "worker-pid").exists())
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def kill(self, pid_file: str) -> None:
        """Kill the child whose pid is in that file, and wait until another has written its own there."""
        pid = self.pid_in(pid_file)
        os.kill(int(pid), signal.SIGKILL)
        self.wait_for(lambda: self.pid_in(pid_file) not in ("", pid))

    def pid_in(self, pid_file: str) -> str:
        file = self.data / pid_file
        return (file.read_text().split() or [""])[0] if file.exists() else ""


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    runs: list[Run] = []

    def start_run(*words: str, port: int | None = None) -> Run:
        cluster = tmp_path / "data" / "postgres" / "data"
        if "embedded" in words and not cluster.exists():
            shutil.copytree(request.getfixturevalue("made_cluster") / "data", cluster)
        runs.append(Run(tmp_path / "data", *words, port=port))
        return runs[-1]

    yield start_run
    for run in runs:
        run.process.kill()
        run.process.wait()


def test_everything_stops_in_order_and_nothing_is_left(start: Start, tmp_path: Path, left_in: LeftIn) -> None:
    run = start("embedded").wait_until_open()
    assert run.end() == 0
    # The worker wrote this after both servers had answered it.
    assert (run.data / "worker-left").read_text() == (run.data / "secret_key").read_text()
    assert left_in(tmp_path, 0) == set()
    assert "database system is shut down" in (run.data / "logs" / "postgres.log").read_text()


def test_after_a_killed_supervisor_nothing_is_left_and_the_next_start_works(
    start: Start, tmp_path: Path, left_in: LeftIn
) -> None:
    run = start("embedded").wait_until_open()
    run.end(signal.SIGKILL)
    # At once, on the same port, while the children of the killed one are still on their way out.
    again = start("embedded", port=run.port).wait_until_open()
    again.end(signal.SIGKILL)
    assert left_in(tmp_path) == set()


def test_lost_servers_are_brought_back_but_a_database_only_once(start: Start, tmp_path: Path, left_in: LeftIn) -> None:
    run = start("embedded").wait_until_open()
    run.kill("valkey/valkey.pid")
    run.kill("postgres/data/postmaster.pid")
    run.wait_for(lambda: "PostgreSQL answers again" in run.said())
    assert "Valkey stopped by itself (SIGKILL) and is started again" in run.said()
    assert "PostgreSQL stopped by itself (SIGKILL) and is brought back" in run.said()
    os.kill(int(run.pid_in("postgres/data/postmaster.pid")), signal.SIGKILL)
    assert run.process.wait(30) == 1
    assert "PostgreSQL was lost twice within a minute" in run.said()
    assert left_in(tmp_path, 0) == set()


def test_trouble_is_shown_and_made_good_and_a_second_start_refused(start: Start) -> None:
    run = start().wait_until_open()
    run.wait_for(lambda: "worker: [ERROR] something to see" in run.said())
    run.kill("worker-pid")
    assert "worker stopped by itself (SIGKILL) and is started again" in run.said()
    second = start()
    assert second.process.wait(30) == 1
    assert f"already runs from {run.data} (process {run.process.pid}, http://127.0.0.1:{run.port})" in second.said()
    assert run.end(signal.SIGINT) == 0


def test_the_payment_provider_is_started_told_of_and_stopped(start: Start, tmp_path: Path, left_in: LeftIn) -> None:
    run = start("psp").wait_until_open()
    assert run.end() == 0
    url, secret = (run.data / "psp-told").read_text().split()
    assert f"Payments      {url}" in run.said()
    assert secret == (run.data / "psp_secret").read_text()
    assert left_in(tmp_path, 0) == set()


def test_a_taken_web_port_is_said(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = start(port=other.getsockname()[1])
        assert run.process.wait(30) == 1
    assert f"Port {run.port} on 127.0.0.1, meant for the shop, is taken" in run.said()


def test_a_failed_migration_stops_the_start(start: Start, tmp_path: Path, left_in: LeftIn) -> None:
    run = start("broken")
    assert run.process.wait(30) == 1
    assert "migrate failed (exit code 1):\nno such table" in run.said()
    assert left_in(tmp_path, 0) == set()


def test_a_stop_while_it_starts_is_a_clean_stop(start: Start, tmp_path: Path, left_in: LeftIn) -> None:
    run = start("embedded")
    run.wait_for(lambda: "PostgreSQL answers" in run.said())
    assert run.end() == 0
    assert left_in(tmp_path) == set()
