"""The Celery app and its clock; it knows every room that has work of its own."""

from datetime import timedelta

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_process_init

from shopwright import app as web
from shopwright import settings
from shopwright.commerce.accounts import tasks as accounts_tasks
from shopwright.commerce.checkout import tasks as checkout_tasks
from shopwright.commerce.credit import tasks as credit_tasks
from shopwright.commerce.inventory import tasks as inventory_tasks
from shopwright.commerce.orders import tasks as orders_tasks
from shopwright.commerce.payments import tasks as payments_tasks
from shopwright.commerce.storefront import tasks as storefront_tasks
from shopwright.commerce.taxes import tasks as taxes_tasks
from shopwright.kit import db, events, nudging, outbox, queue, tasks
from shopwright.listeners.search import states as search_states
from shopwright.listeners.search import tasks as search_tasks
from shopwright.listeners.webhooks import tasks as webhooks_tasks

#: Importing them registers their tasks.
TASKS = (
    tasks,
    accounts_tasks,
    checkout_tasks,
    credit_tasks,
    inventory_tasks,
    orders_tasks,
    payments_tasks,
    storefront_tasks,
    taxes_tasks,
    search_tasks,
    webhooks_tasks,
)
CLOCK: dict[str, tuple[str, timedelta | crontab]] = {
    "relay the outbox": ("shopwright.kit.outbox.relay", timedelta(seconds=2)),
    "expire unpaid orders": ("shopwright.commerce.orders.tasks.expire_orders", timedelta(seconds=30)),
    "complete payments": ("shopwright.commerce.payments.tasks.complete_payments", timedelta(seconds=15)),
    "reconcile payments": ("shopwright.commerce.payments.tasks.reconcile", timedelta(hours=1)),
    "run simulations": ("shopwright.commerce.checkout.tasks.run_simulations", timedelta(seconds=2)),
    "expire credit": ("shopwright.commerce.credit.tasks.expire_credit", timedelta(minutes=10)),
    "sweep sign-ins": ("shopwright.commerce.accounts.tasks.sweep_sign_ins", timedelta(hours=1)),
    "sweep tax answers": ("shopwright.commerce.taxes.tasks.sweep_tax_answers", timedelta(hours=1)),
    "sweep idempotency keys": ("shopwright.kit.tasks.sweep_idempotency_keys", timedelta(hours=1)),
    "verify": ("shopwright.kit.tasks.verify", crontab(hour=3, minute=17)),
    "follow promotions": ("shopwright.commerce.storefront.tasks.follow_promotions", timedelta(seconds=5)),
    "sweep reservations": ("shopwright.commerce.inventory.tasks.sweep_expired_reservations", timedelta(seconds=30)),
    "index for search": ("shopwright.listeners.search.tasks.index", timedelta(seconds=2)),
    "look after search indexes": ("shopwright.listeners.search.tasks.look", timedelta(seconds=15)),
    "write down searches": ("shopwright.listeners.search.tasks.write_down", timedelta(seconds=10)),
    "learn popular searches": ("shopwright.listeners.search.tasks.learn_queries", timedelta(hours=1)),
    "sweep searches": ("shopwright.listeners.search.tasks.sweep", timedelta(hours=1)),
    "follow sales in search": ("shopwright.listeners.search.tasks.follow_sales", timedelta(hours=1)),
    "follow prices in search": ("shopwright.listeners.search.tasks.follow_the_clock", timedelta(seconds=5)),
    "reconcile search": ("shopwright.listeners.search.tasks.reconcile", crontab(hour=2, minute=41)),
    "deliver webhooks": ("shopwright.listeners.webhooks.tasks.deliver", timedelta(seconds=2)),
    "sweep webhook deliveries": ("shopwright.listeners.webhooks.tasks.sweep", timedelta(hours=1)),
}


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery would replace the root logger; ours masks personal data."""


@worker_process_init.connect
def _own_connections(**_: object) -> None:
    # A connection must not be shared with the parent process.
    db.engine().dispose(close=False)


def _expires(every: timedelta | crontab) -> float:
    """After how many seconds a round that no worker took is not worth doing."""
    return max(every.total_seconds(), 10) if isinstance(every, timedelta) else 6 * 3600


def create_worker() -> Celery:
    web.configure(settings.current())
    events.nudge = nudging.Nudger(outbox.relay_task.delay).nudge
    search_states.nudge = nudging.Nudger(search_tasks.index.delay).nudge
    queue.celery.conf.beat_schedule = {
        name: {"task": task, "schedule": every, "options": {"expires": _expires(every)}}
        for name, (task, every) in CLOCK.items()
    }
    return queue.celery


celery = create_worker()
