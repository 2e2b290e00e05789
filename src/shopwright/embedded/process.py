"""Programs that this one starts, and that never outlive it."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")
STOP_LIMIT = 20.0
#: What a web process needs for 12,000 shoppers whose connections are open, and for itself.
OPEN_FILES = 12_288 + 512
POLL_SECONDS = 0.02
#: Linux lends from 32,768 to outgoing connections, others from 49,152.
PORTS = range(20_000, 32_768)
QUIET_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


class CannotStart(Exception):
    """Says, in words meant for the person at the terminal, what is in the way."""


class PortTaken(CannotStart):
    def __init__(self, name: str, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host}, meant for {name}, is taken by another program. "
            "Stop that program or choose another port."
        )


@dataclass
class Process:
    """One program in a session of its own, so that a Ctrl-C at the terminal does not reach it.

    It gets `stop_signal` when the process that started it dies, however that happens. Start it from the
    main thread: the kernel watches the thread that started it. All it prints goes to `log`.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    #: How many seconds it has to end when the one that started it died; 0: as long as it needs.
    grace: float = STOP_LIMIT
    identity: str = "caller"
    environment: Mapping[str, str] = field(default_factory=lambda: QUIET_ENVIRONMENT)
    folder: Path | None = None
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _log_start: int = field(default=0, init=False, repr=False)

    def start(self) -> None:
        # What a server says of its trouble may hold a customer's data.
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._running = subprocess.Popen(  # noqa: S603  the programs are our own
                guarded(self.command, self.stop_signal, self.grace, self.identity),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was ever started."""
        return self._running.poll() if self._running else None

    def ending(self) -> str:
        """How it ended, for a sentence about it."""
        code = self.exit_code
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"

    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def ask_to_stop(self) -> None:
        if self._running and self.is_alive():
            self._running.send_signal(self.stop_signal)

    def stop(self, limit: float = STOP_LIMIT) -> None:
        """Ask it to stop, wait up to `limit` seconds, then kill what is left of it. Safe to repeat."""
        if self._running is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._running.wait(limit)
        self.sweep()
        self._running.wait()

    def sweep(self) -> None:
        """Kill whatever is left of its session: a dead leader may have left workers behind."""
        if self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._running.pid, signal.SIGKILL)

    def last_words(self, lines: int = 8) -> str:
        """The end of what it printed since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            printed = log.read().decode(errors="replace")
        return "\n".join(printed.splitlines()[-lines:])


@dataclass
class Server(Process):
    """A process that others connect to by `url`. It has started only when it answers."""

    grace: float = 0
    url: str = ""
    answers: Callable[[], bool] = field(default=lambda: True, repr=False)
    ready_limit: float = 30.0

    def start(self) -> None:
        """Start it and wait for its first answer. Raises CannotStart and leaves nothing if none comes."""
        super().start()
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + self.ready_limit
        while not self.answers():
            if not self.is_alive():
                raise CannotStart(f"{self.name} did not start. Its last words:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{self.name} gave no answer for {self.ready_limit:.0f} s; see {self.log}")
            time.sleep(POLL_SECONDS)


def guarded(command: Sequence[str | Path], stop_signal: signal.Signals, grace: float, identity: str) -> list[str]:
    """The same command, run through guard.py by this interpreter."""
    program, *arguments = map(str, command)
    found = shutil.which(program)
    if found is None:
        raise CannotStart(f"There is no program {program} to run.")
    guard = [sys.executable, "-I", "-S", str(GUARD)]
    return [*guard, str(os.getpid()), str(int(stop_signal)), str(grace), identity, found, *arguments]


def make_folder(path: Path, *, is_passage: bool = False) -> Path:
    """A folder of ours that nobody else can look into; its full path.

    Through a passage others may come, where it is root's: its database may have to run as a user who must
    reach a folder below.
    """
    path.mkdir(mode=0o711 if is_passage and os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    return path.resolve()


def run(command: Sequence[str | Path], identity: str = "caller") -> subprocess.CompletedProcess[str]:
    """Run a short command to its end, as `identity`. What it printed, on either stream, is in `stdout`."""
    return subprocess.run(  # noqa: S603  the programs are our own
        guarded(command, signal.SIGKILL, 0, identity),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=QUIET_ENVIRONMENT,
        check=False,
    )


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens there. Raises CannotStart if we could not do so either."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # Connections of an earlier run that are still in TIME_WAIT do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise CannotStart(f"Nothing can listen on {host}, port {port}: {error.strerror}.") from error
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on, of those that systems do not lend to outgoing connections.

    One of the lent ones may be taken at any moment, for a moment, by whoever connects to anything.
    """
    for _ in range(PORTS.stop - PORTS.start):
        # By chance that no seed repeats: two processes that look at once must not find the same.
        port = secrets.choice(PORTS)
        if is_free(port, host):
            return port
    raise CannotStart(f"No port from {PORTS.start} to {PORTS.stop - 1} is free on {host}.")


def stop_stale(pid_file: Path, program: str, folder: Path, stop_signal: signal.Signals) -> None:
    """Stop the server that an earlier, killed run left in `folder`; forget a pid that is now another's.

    Only to be called by the one who holds `folder`.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    if _runs_in(pid, program, folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
        deadline = time.monotonic() + STOP_LIMIT
        while _runs_in(pid, program, folder) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if _runs_in(pid, program, folder):
            raise CannotStart(f"An earlier {program} (process {pid}) still runs in {folder} and does not stop.")
    pid_file.unlink(missing_ok=True)


def _runs_in(pid: int, program: str, folder: Path) -> bool:
    """Whether that pid is still this program, at work in this folder."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder
        except OSError:
            return False
    ps = ["ps", "-p", str(pid), "-o", "comm="]
    return program in subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603


def raise_open_files() -> None:
    """Let this process, and all that it starts from now on, hold as many connections as the system allows, up to what is needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def most_connections() -> int:
    """How many connections a program that is started now can hold beside the files that it needs itself."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_files = OPEN_FILES if soft == resource.RLIM_INFINITY else min(soft, OPEN_FILES)
    return max(128, open_files - 512)
