"""`shopwright up`: the whole shop on one machine, started in order, kept running, stopped in order."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from shopwright.embedded import engines, postgres, valkey
from shopwright.embedded.data_folder import DataFolder, hold
from shopwright.embedded.keeper import DatabaseKeeper, Keeper
from shopwright.embedded.plan import Programs, UpPlan, plan, shopwright
from shopwright.embedded.process import (
    STOP_LIMIT,
    CannotStart,
    PortTaken,
    Process,
    Server,
    free_port,
    is_free,
    raise_open_files,
)
from shopwright.embedded.psp import server as psp
from shopwright.embedded.terminal import LogWatch, Terminal

__all__ = ["UpPlan", "plan", "up"]

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_LIMIT = 60.0
LEFT_OVER_LIMIT = 20.0
LOOK_SECONDS = 0.1


def up(wanted: UpPlan, programs: Callable[[UpPlan, int], Programs] = shopwright) -> int:
    """Run the shop until SIGINT, SIGTERM or SIGHUP, and answer with the exit code.

    0 after such a signal, 1 when something is in the way (which is then said). However it ends, no process
    is left. To be called from the main thread.
    """
    terminal = Terminal()
    raise_open_files()
    try:
        with hold(wanted.data_dir) as folder, ExitStack() as stops:
            _listen_for_signals(stops)
            shop = _Shop(wanted, folder, terminal, stops)
            try:
                shop.open(programs)
                shop.keep()
            except KeyboardInterrupt:
                terminal.step("stopping")
                return 0
            finally:
                _ignore_signals()
    except CannotStart as fault:
        terminal.problem(str(fault))
        return 1


def _listen_for_signals(stops: ExitStack) -> None:
    for number in STOP_SIGNALS:
        # A run under nohup outlives its terminal.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            stops.callback(signal.signal, number, signal.signal(number, _interrupt))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    # The first signal ends the run; impatient ones after it must not disturb the stopping.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@dataclass
class _Shop:
    """One run. Whatever is started puts its end on `stops` first, so that the last started ends first."""

    plan: UpPlan
    folder: DataFolder
    terminal: Terminal
    stops: ExitStack
    keepers: list[Keeper | DatabaseKeeper] = field(default_factory=list)

    def open(self, programs: Callable[[UpPlan, int], Programs]) -> None:
        port = self._web_port()
        self.log_watch = LogWatch(self.terminal)
        environment = self._environment(port)
        chosen = programs(self.plan, port)
        for name, command in chosen.first.items():
            self._run_to_end(Process(name, command, self.folder.log(name), environment=environment))
        # Only what comes before the shop may know the owner of the database.
        environment.pop("MIGRATION_DATABASE_URL", None)
        services = [
            Process(name, command, self.folder.log(name), environment=environment)
            for name, command in chosen.services.items()
        ]
        self._start(services)
        self._wait_until_ready(services, port, chosen.ready_path)
        self.keepers += [Keeper(service, self.terminal) for service in services]
        self._welcome(port, environment)

    def keep(self) -> NoReturn:
        """Look after all that runs, until a signal or a loss that cannot be made good ends it."""
        while True:
            for keeper in self.keepers:
                keeper.tend()
            self.log_watch.look()
            time.sleep(LOOK_SECONDS)

    def _web_port(self) -> int:
        host, port = self.plan.host, self.plan.port
        if not port:
            return free_port(host)
        # Children of a killed run let go of the port when they have answered their last requests.
        deadline = time.monotonic() + (LEFT_OVER_LIMIT if self.folder.was_killed else 0)
        while not is_free(port, host):
            if time.monotonic() > deadline:
                raise PortTaken("the shop", host, port)
            time.sleep(LOOK_SECONDS)
        return port

    def _environment(self, port: int) -> dict[str, str]:
        """What the children are told, once the servers run that it names."""
        database = {"DATABASE_URL": self.plan.database_url} if self.plan.database_url else self._start_database()
        return {
            **self.plan.environment,
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": self.plan.environment.get("SECRET_KEY") or self.folder.secret("secret_key"),
            # Seeder, worker and web processes share the pictures, so they may not lie in one process's memory.
            "STORAGE_URL": self.plan.environment.get("STORAGE_URL")
            or (self.plan.data_dir.resolve() / "media").as_uri(),
            "METRICS_DIR": self.plan.environment.get("METRICS_DIR") or str(self.plan.data_dir.resolve() / "metrics"),
            **database,
            "REDIS_URL": self.plan.redis_url or self._start_redis().url,
            **(self._start_psp(port) if self.plan.has_psp else {}),
            **(self._start_search(self.plan.search) if self.plan.search else {}),
        }

    def _start_database(self) -> dict[str, str]:
        self.terminal.step("PostgreSQL")
        server = postgres.launch(self.folder.path / "postgres", durable=True, log=self.folder.log("postgres"))
        self.stops.callback(server.stop)
        self.keepers.append(DatabaseKeeper(server, self.terminal))
        self.terminal.done("PostgreSQL answers")
        return {"DATABASE_URL": postgres.as_application(server), "MIGRATION_DATABASE_URL": server.url}

    def _start_redis(self) -> Server:
        server = valkey.launch(self.folder.path / "valkey", durable=True, log=self.folder.log("valkey"))
        self.stops.callback(server.stop)
        self.keepers.append(Keeper(server, self.terminal))
        self.terminal.done("Redis answers")
        return server

    def _start_psp(self, port: int) -> dict[str, str]:
        """The development payment provider, which sends its webhooks to the shop's `port`; where children find it."""
        secret = self.plan.environment.get("PSP_SECRET") or self.folder.secret("psp_secret")
        server = psp.launch(
            self.folder.path / "psp", secret=secret, shop_url=self.plan.public_url or self._url(port),
            log=self.folder.log("psp"), environment=self.plan.environment,
        )  # fmt: skip
        self.stops.callback(server.stop)
        self.keepers.append(Keeper(server, self.terminal))
        self.terminal.done("The payment provider answers")
        return {"PSP_URL": server.url, "PSP_SECRET": secret}

    def _start_search(self, engine: str) -> dict[str, str]:
        self.terminal.step(engines.NAMES[engine])
        server = engines.LAUNCHERS[engine](self.folder.path / engine, log=self.folder.log(engine))
        self.stops.callback(server.stop)
        self.keepers.append(Keeper(server, self.terminal))
        self.terminal.done(f"{server.name} answers")
        return {"SEARCH": "", f"{engine.upper()}_URL": server.url}

    def _url(self, port: int) -> str:
        host = self.plan.visiting_host
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def _run_to_end(self, process: Process) -> None:
        self.terminal.step(process.name)
        try:
            process.start()
            while process.is_alive():
                time.sleep(LOOK_SECONDS / 5)
        finally:
            process.stop()
        if process.exit_code != 0:
            raise CannotStart(f"{process.name} failed ({process.ending()}):\n{process.last_words()}")
        self.terminal.done(f"{process.name} done")

    def _start(self, services: list[Process]) -> None:
        self.terminal.step(", ".join(service.name for service in services))
        self.stops.callback(stop_together, services)
        for service in services:
            self.log_watch.follow(service.log)
            service.start()

    def _wait_until_ready(self, services: list[Process], port: int, path: str) -> None:
        deadline = time.monotonic() + READY_LIMIT
        while (answer := _ask(self.plan.visiting_host, port, path)) != "200":
            for service in services:
                if not service.is_alive():
                    raise CannotStart(f"{service.name} did not start:\n{service.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"The shop is not ready after {READY_LIMIT:.0f} s; {path} says {answer}.")
            time.sleep(LOOK_SECONDS)

    def _welcome(self, port: int, environment: dict[str, str]) -> None:
        url = self._url(port)
        self.folder.note(f", {url}")
        redis = urlsplit(environment["REDIS_URL"])
        places = {
            "PostgreSQL": "yours" if self.plan.database_url else environment["DATABASE_URL"],
            "Redis": "yours" if self.plan.redis_url else f"{redis.hostname}:{redis.port}, with a password",
            **({"Payments": environment["PSP_URL"]} if self.plan.has_psp else {}),
            **({"Search": environment[f"{self.plan.search.upper()}_URL"]} if self.plan.search else {}),
            "Logs": str(self.folder.path / "logs"),
        }
        self.terminal.summary(url, places)


def stop_together(processes: list[Process]) -> None:
    """Stop all side by side; what has not ended after STOP_LIMIT seconds in all is killed."""
    for process in processes:
        process.ask_to_stop()
    deadline = time.monotonic() + STOP_LIMIT
    for process in processes:
        process.stop(max(0.0, deadline - time.monotonic()))


def _ask(host: str, port: int, path: str) -> str:
    """The status that a GET is answered with, or why there is none."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()
