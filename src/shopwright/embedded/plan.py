"""What `shopwright up` is asked for, and the programs that it then runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shopwright.embedded.process import most_connections
from shopwright.kit.queue import QUEUES
from shopwright.settings import Settings

Command = Sequence[str | Path]


@dataclass(frozen=True)
class UpPlan:
    """All that the supervisor needs to know.

    `environment` is the caller's, handed to every child. A missing URL asks for an embedded server, a
    missing port for a free one. `seed=None` fills an empty embedded database and leaves a user's own alone.
    """

    data_dir: Path
    environment: Mapping[str, str] = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int | None = None
    web_workers: int = 2
    web_threads: int = 10
    seed: bool | None = None
    public_url: str = ""
    has_psp: bool = False
    """Whether the development payment provider is started."""
    search: str = ""
    """The search engine to be started, by its name in `engines.LAUNCHERS`."""
    has_indexer: bool = False
    """Whether processes of their own write to the search engine, so that a slow one keeps nothing else waiting."""

    @property
    def is_seeded(self) -> bool:
        return not self.database_url if self.seed is None else self.seed

    @property
    def visiting_host(self) -> str:
        """Where a client on this machine finds a server that listens on `host`."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104


def plan(settings: Settings, environment: Mapping[str, str]) -> UpPlan:
    """What these settings ask for; `environment` is handed on to the children, who read theirs from it."""
    return UpPlan(
        data_dir=Path(settings.data_dir),
        environment=environment,
        database_url=settings.database_url or None,
        redis_url=settings.redis_url or None,
        host=settings.host,
        port=settings.port or None,
        web_workers=settings.web_workers,
        web_threads=settings.web_threads,
        seed={"": None, "0": False, "1": True}[settings.seed],
        public_url=settings.public_url,
        has_psp=not settings.is_production and not settings.psp_url,
        search=settings.search,
        has_indexer=bool(settings.search or settings.elasticsearch_url or settings.opensearch_url),
    )


@dataclass(frozen=True)
class Programs:
    """`first` are run one after the other, each to its end; `services` side by side until the shop closes."""

    first: Mapping[str, Command]
    services: Mapping[str, Command]
    ready_path: str = "/readyz"


def shopwright(plan: UpPlan, port: int) -> Programs:
    """The shop's own programs."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "shopwright.worker"]
    worker = [*celery, "worker", "--loglevel=INFO", "--without-mingle", "--without-gossip"]
    prepare: list[str | Path] = [*python, "shopwright.cli", "prepare"]
    if plan.is_seeded:
        prepare.append("--seed")
    services: dict[str, Command] = {
        "web": [*python, "shopwright.serve", *_granian(plan, port), "shopwright.app:create_app"],
        "worker": worker,
        # Never `worker -B`: such a worker does not stop cleanly. No pid file: a killed run would leave one.
        "beat": [*celery, "beat", "--loglevel=INFO", "--schedule", plan.data_dir / "beat", "--pidfile="],
    }
    if plan.has_indexer:
        others = ",".join(name for name in QUEUES if name != "search")
        services["worker"] = [*worker, "--queues", others]
        services["indexer"] = [*worker, "--queues", "search", "--concurrency", "2", "--hostname", "indexer@%h"]
    return Programs(first={"database": prepare}, services=services)


def _granian(plan: UpPlan, port: int) -> list[str]:
    # Backlog and backpressure count open connections, idle ones too, each worker its own. One more than it has files for would
    # not wait in the queue but fail. Without the kill timeout a stop while
    # workers still import the shop hangs for ever; without respawn one dead worker ends the whole server.
    connections = most_connections()
    return (
        f"--interface wsgi --factory --host {plan.host} --port {port} "
        f"--workers {plan.web_workers} --blocking-threads {plan.web_threads} "
        f"--backlog {connections} --backpressure {connections} --workers-kill-timeout 30 "
        "--respawn-failed-workers --no-access-log"
    ).split()
