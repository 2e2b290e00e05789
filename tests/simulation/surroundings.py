"""What happens by itself: the provider's webhooks and decisions, the shop's own clock work, time, and outages."""

from collections.abc import Callable
from datetime import timedelta

from shopwright.commerce.inventory import tasks as inventory_tasks
from shopwright.commerce.orders import tasks as order_tasks
from shopwright.commerce.payments import tasks as payment_tasks
from shopwright.embedded.psp.models import CAPTURED, PENDING, Delivery
from shopwright.kit import cache, clock, outbox
from shopwright.kit import tasks as kit_tasks
from tests.simulation.faults import Crash, buried
from tests.simulation.model import must
from tests.simulation.world import Asked, World

WEBHOOKS = "/v1/webhooks/payments/development"
JUMPS = (
    (12, timedelta(seconds=5)), (12, timedelta(seconds=40)), (8, timedelta(minutes=4)), (4, timedelta(minutes=16)),
    (3, timedelta(minutes=50)), (1, timedelta(hours=7)), (1, timedelta(days=2)), (3, timedelta(seconds=-8)),
)  # fmt: skip


def deliver(world: World, delivery: Delivery, *, is_last: bool = True) -> int:
    """One webhook to the shop, as the provider sends it."""
    headers = tuple(world.provider.headers(delivery).items())
    said = world.send(Asked("POST", WEBHOOKS, delivery.body.encode(), headers=headers))
    if delivery.flaw:
        must(said.status in (401, 0, 503), f"a webhook that is {delivery.flaw} was answered {said.status}")
    else:
        must(
            said.status in (200, 0, 503) or said.code == "busy",
            f"webhook {delivery.event_id} was answered {said.status} {said.raw!r}",
        )
    if is_last and (said.status == 200 or delivery.flaw):
        world.provider.heard(delivery)
    return said.status


def a_webhook_comes(world: World) -> str | None:
    waiting = world.provider.waiting()
    if not waiting:
        return None
    delivery = waiting[0] if world.dice.random() < 0.6 else world.dice.choice(waiting)
    what = world.dice.random()
    if what < 0.08:
        world.provider.heard(delivery)
        return f"webhook {delivery.seq} {delivery.kind} is lost"
    status = deliver(world, delivery, is_last=what < 0.85)
    return f"webhook {delivery.seq} {delivery.kind} {delivery.flaw}: {status}"


def webhooks_come(world: World) -> str | None:
    waiting = world.provider.waiting()
    for delivery in waiting:
        deliver(world, delivery)
    return f"{len(waiting)} webhooks come" if waiting else None


def a_forgery_comes(world: World) -> str | None:
    waiting = world.provider.waiting()
    if not waiting:
        return None
    delivery = world.dice.choice(waiting)
    headers = dict(world.provider.headers(delivery)) | {"Webhook-Signature": "0" * 64}
    said = world.send(Asked("POST", WEBHOOKS, delivery.body.encode(), headers=tuple(headers.items())))
    must(said.status in (401, 0, 503), f"a forged webhook was answered {said.status}")
    return f"a forgery of webhook {delivery.seq}: {said.code}"


def the_provider_decides(world: World) -> str | None:
    if not world.provider.is_undecided():
        return None
    if world.dice.random() < 0.5:
        world.provider.decide_due()
        return "the provider decides what is due"
    for payment in world.provider.payments():
        if payment.state == PENDING:
            world.provider.asked(f"/v1/payments/{payment.id}/decide", {"outcome": "fail"})
            return f"the provider declines {payment.id}"
    for refund in world.provider.refunds():
        if refund.decides_at is not None:
            outcome = world.dice.choice(("succeed", "fail"))
            world.provider.asked(f"/v1/refunds/{refund.id}/decide", {"outcome": outcome})
            return f"refund {refund.id} {outcome}s"
    return None


def a_buyer_disputes(world: World) -> str | None:
    taken = [payment for payment in world.provider.payments() if payment.captured]
    if not taken:
        return None
    payment, state = world.dice.choice(taken), world.dice.choice(("open", "won", "lost"))
    status, _ = world.provider.asked(f"/v1/payments/{payment.id}/dispute", {"state": state})
    return f"dispute of {payment.id} {state}: {status}"


def the_provider_refunds(world: World) -> str | None:
    """By hand, at the provider: the shop hears of it by a webhook or by reconciling."""
    taken = [payment for payment in world.provider.payments() if payment.state == CAPTURED and payment.captured]
    if not taken:
        return None
    payment = world.dice.choice(taken)
    body = {"payment_id": payment.id, "amount": world.dice.randrange(1, payment.captured + 1), "currency": "EUR"}
    status, _ = world.provider.asked("/v1/refunds", body, world.new_key())
    return f"refunded at the provider {payment.id}: {status}"


def time_goes_on(world: World) -> str:
    weights, steps = zip(*JUMPS, strict=True)
    step = world.dice.choices(steps, weights)[0]
    if world.depth:
        step = min(step, timedelta(minutes=4))
    if step > timedelta(minutes=30):
        # Keys are kept for a day: who waits longer than that has another intent.
        answer_staff(world)
    clock.advance(step)
    return f"the clock goes on by {step.total_seconds():g} s"


def answer_staff(world: World) -> None:
    """Every request of staff has its answer; their faults are over."""
    world.faults.clear()
    for _ in range(50):
        if not world.unanswered:
            return
        waiting, world.unanswered = world.unanswered, []
        for _, again in waiting:
            again()
        clock.advance(timedelta(seconds=61))
    must(False, f"staff have no answer to {world.unanswered[0][0]}")


def _task(name: str, work: Callable[[], object]) -> Callable[[World], str]:
    def run(world: World) -> str:
        try:
            work()
        except Crash as crash:
            buried()
            return f"{name}: {crash}"
        except Exception as fault:
            # Celery would log it, and the clock's next round do the work.
            must(world.faults.met or world.wire.is_down, f"{name} failed without a fault: {fault!r}")
            return f"{name}: {type(fault).__name__}"
        return name

    return run


def _relay_half() -> None:
    """What was sent reaches only some of those who should hear it."""
    sent: list[tuple[str, list[str]]] = []
    outbox.relay(lambda subscriber, batch: sent.append((subscriber, batch)))
    for subscriber, batch in sent[::2]:
        outbox.deliver(subscriber, reversed(batch))


relays = _task("relay", outbox.drain)
completes = _task("complete payments", payment_tasks.complete_payments)
expires = _task("expire orders", order_tasks.expire_orders)
sweeps = _task("sweep reservations", inventory_tasks.sweep_expired_reservations)
sweeps_keys = _task("sweep keys", kit_tasks.sweep_idempotency_keys)
reconciles = _task("reconcile", payment_tasks.reconcile)
relays_half = _task("relay half", _relay_half)


def redis_is_emptied(_: World) -> str:
    cache.redis().flushdb()
    return "Redis is emptied"


def the_provider_goes_or_comes(world: World) -> str:
    world.wire.is_down = not world.wire.is_down
    return f"the provider is {'away' if world.wire.is_down else 'back'}"


def it_comes_back(world: World) -> str | None:
    return the_provider_goes_or_comes(world) if world.wire.is_down else None


ACTIONS: tuple[tuple[int, Callable[[World], str | None]], ...] = (
    (14, a_webhook_comes), (2, webhooks_come), (1, a_forgery_comes), (3, the_provider_decides), (1, a_buyer_disputes),
    (1, the_provider_refunds), (10, time_goes_on), (7, relays), (2, relays_half), (7, completes), (3, expires),
    (2, sweeps), (1, sweeps_keys), (1, reconciles), (1, redis_is_emptied), (1, the_provider_goes_or_comes),
    (6, it_comes_back),
)  # fmt: skip
