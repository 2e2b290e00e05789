"""The Celery app and its clock; it knows every room that has work of its own."""

from datetime import timedelta

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from shopwright import app as web
from shopwright import settings
from shopwright.kit import db, events, outbox, queue, tasks

_ = tasks
CLOCK = {
    "relay the outbox": ("shopwright.kit.outbox.relay", timedelta(seconds=2)),
    "sweep idempotency keys": ("shopwright.kit.tasks.sweep_idempotency_keys", timedelta(hours=1)),
}


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery would replace the root logger; ours masks personal data."""


@worker_process_init.connect
def _own_connections(**_: object) -> None:
    # A connection must not be shared with the parent process.
    db.engine().dispose(close=False)


def create_worker() -> Celery:
    web.configure(settings.current())
    events.nudge = outbox.Nudger().nudge
    queue.celery.conf.beat_schedule = {
        name: {"task": task, "schedule": every, "options": {"expires": max(every.total_seconds(), 10)}}
        for name, (task, every) in CLOCK.items()
    }
    queue.celery.conf.task_queues = None
    return queue.celery


celery = create_worker()
