"""The Celery app that web processes publish to and the worker consumes from. Settings: libraries.md's measured ones."""

from celery import Celery

from shopwright.settings import Settings

celery = Celery("shopwright")
celery.set_default()

LONGEST_TASK_SECONDS = 600
#: A worker consumes all of them, or those of its `-Q`. What waits for strangers' networks is `slow`, what waits for a search
#: engine `search`.
QUEUES = ("critical", "default", "slow", "search")


def configure(settings: Settings) -> Celery:
    celery.conf.update(
        broker_url=settings.redis_url or "memory://",
        # Redis hands a task out again when it was not acknowledged for longer than the longest may run.
        broker_transport_options={
            "visibility_timeout": 2 * LONGEST_TASK_SECONDS,
            "global_keyprefix": settings.cache_prefix,
            "socket_timeout": 5,
            "socket_connect_timeout": 1,
        },
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_send_sent_event=False,
        task_time_limit=LONGEST_TASK_SECONDS,
        task_soft_time_limit=LONGEST_TASK_SECONDS - 30,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=1_000,
        worker_hijack_root_logger=False,
        task_routes={"shopwright.kit.outbox.*": {"queue": "critical"}},
        # Named here, since a worker does not consume what only a route names.
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
        task_default_queue="default",
        timezone="UTC",
    )
    return celery
