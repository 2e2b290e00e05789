"""Trying a promotion on past orders: asked for by staff, done by the clock in steps, each of which may be the last.

A step reads some orders, judges them, and in one transaction writes down how far it got and what it found. So whoever
takes up what another left goes on from there, and who was overtaken finds that the row is no longer theirs.
"""

import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import to_builtins
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from shopwright.commerce.checkout import findings
from shopwright.commerce.checkout.models import Simulation, State
from shopwright.commerce.checkout.replay import Gifts, Replay
from shopwright.commerce.checkout.tally import Tally
from shopwright.commerce.orders import history
from shopwright.commerce.orders.history import Window
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.promotions.errors import PromotionStateConflict
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.models import PromotionStatus
from shopwright.commerce.promotions.offers import OfferGift
from shopwright.commerce.promotions.rules import Rule
from shopwright.kit import clock, ids, principal
from shopwright.kit.db import session
from shopwright.kit.errors import Busy, Unavailable
from shopwright.kit.logging import get
from shopwright.kit.transaction import reading, transaction

AT_ONCE = 1000
#: After which a run leaves the rest to the next one, so that other work of its queue gets a turn.
RUN_SECONDS = 20.0
LEASE = timedelta(seconds=60)
MOST_TRIES = 3

log = get("simulations")


class NoLongerOurs(Exception):
    """Somebody else has taken it up, since we took too long."""


def begin(promotion_id: UUID, window: Window, *, assumes_code: bool) -> Simulation:
    """Have the promotion as it is now tried on these orders, beside the rules that it would meet.

    Raises `UnknownPromotion`, and `PromotionStateConflict` for one that has ended.
    """
    promotion, now = promotions.get(promotion_id), clock.now()
    if promotion.status == PromotionStatus.ENDED:
        raise PromotionStateConflict(is_now=str(promotion.status))
    total, left_out = history.counts(window)
    simulation = Simulation(
        promotion_id=promotion.id, version=promotion.version, others=to_builtins(promotions.met_by(promotion, now)),
        placed_from=window.since, placed_until=window.until, channel_id=window.channel_id, assumes_code=assumes_code,
        orders_total=total, orders_left_out=left_out, made_by=principal.current().id,
    )  # fmt: skip
    session.add(simulation)
    session.flush()
    return simulation


def run(seconds: float = RUN_SECONDS) -> None:
    """Go on with the simulations that wait, the oldest first, for about so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and (simulation := take()):
        try:
            work(simulation, end)
        except (NoLongerOurs, Busy, Unavailable, DBAPIError) as fault:
            # PostgreSQL may have been restarted. The lease runs out, and it is taken up again.
            log.warning("simulation interrupted", simulation_id=str(simulation.id), reason=type(fault).__name__)
        except Exception as fault:
            log.error("simulation failed", simulation_id=str(simulation.id), exc_info=fault)
            failure = f"{type(fault).__name__}: see the log."
            with suppress(NoLongerOurs), transaction():
                _keep(simulation, state=State.FAILED, finished_at=clock.now(), failure=failure)


def take() -> Simulation | None:
    """One that nobody holds, held by us from now on. What was taken too often without getting on has failed."""
    now = clock.now()
    is_free = or_(Simulation.held_until.is_(None), Simulation.held_until <= now)
    next_one = (
        select(Simulation.id)
        .where(Simulation.state.in_((State.QUEUED, State.RUNNING)), is_free)
        .order_by(Simulation.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        taken = session.scalars(
            update(Simulation)
            .where(Simulation.id == next_one.scalar_subquery())
            .values(state=State.RUNNING, held_by=ids.new(), held_until=now + LEASE, tries=Simulation.tries + 1)
            .returning(Simulation),
            execution_options={"populate_existing": True},
        ).one_or_none()
        if taken is not None and taken.tries > MOST_TRIES:
            failure = f"It was begun {MOST_TRIES} times after the same order, and never got on."
            _keep(taken, state=State.FAILED, finished_at=now, failure=failure)
    return taken if taken is None or taken.tries <= MOST_TRIES else take()


def work(simulation: Simulation, end: float) -> None:
    """Go on with what we hold, step by step, until it is done or (`time.monotonic`) the end has come.

    Raises `NoLongerOurs`.
    """
    with reading():
        replay, tally = _replay(simulation), _tally(simulation)
    window = Window(
        since=simulation.placed_from, until=simulation.placed_until, channel_id=simulation.channel_id
    )  # fmt: skip
    place = msgspec.convert(simulation.place, tuple[datetime, UUID] | None)
    read = simulation.orders_read
    while True:
        with reading():
            orders = history.read(window, place, AT_ONCE)
            _judge(orders, replay, tally)
        read += len(orders)
        place = orders[-1].place if orders else place
        if len(orders) < AT_ONCE:
            with transaction():
                result = to_builtins(findings.of(replay, tally))
                _keep(
                    simulation, state=State.DONE, finished_at=clock.now(), result=result, tally=None, orders_read=read,
                    # Some may have been canceled meanwhile.
                    orders_total=read,
                )  # fmt: skip
            return
        is_over = time.monotonic() >= end
        with transaction():
            _keep(
                simulation, place=to_builtins(place), tally=to_builtins(tally), orders_read=read, tries=0,
                held_until=None if is_over else clock.now() + LEASE,
            )  # fmt: skip
        if is_over:
            return


def _judge(orders: list[history.Past], replay: Replay, tally: Tally) -> None:
    touched = [(order, twice) for order in orders if (twice := replay.twice(order.basis, tally.used))]
    taxed = history.taxed([order.id for order, _ in touched])
    for order, twice in touched:
        tally.note(order, twice, replay, taxed[order.id])
    tally.has_gifts_of_now = tally.has_gifts_of_now or replay.has_gifts_of_now


def _keep(simulation: Simulation, **values: Any) -> None:
    """Write this down if it is still ours. Raises `NoLongerOurs`."""
    mine = update(Simulation).where(
        Simulation.id == simulation.id, Simulation.held_by == simulation.held_by, Simulation.state == State.RUNNING
    )
    # An order that is placed meanwhile, within the window, is one more to be read.
    values.setdefault("orders_total", max(simulation.orders_total, values.get("orders_read", 0)))
    kept = session.execute(
        mine.values(values).returning(Simulation.id), execution_options={"synchronize_session": False}
    )
    if kept.one_or_none() is None:
        raise NoLongerOurs()


def _tally(simulation: Simulation) -> Tally:
    kept = session.scalar(select(Simulation.tally).where(Simulation.id == simulation.id))
    return msgspec.convert(kept, Tally) if kept else Tally()


def _replay(simulation: Simulation) -> Replay:
    versions = [(UUID(id_), version) for id_, version in simulation.others]
    (rule,) = promotions.as_they_were([(simulation.promotion_id, simulation.version)])
    others = promotions.as_they_were(versions)
    return Replay(rule, others, _gifts([rule, *others]), assumes_code=simulation.assumes_code)


def _gifts(rules: list[Rule]) -> Gifts:
    """What they may give away, at the prices of now."""
    found: dict[tuple[UUID, str], list[OfferGift]] = {}
    for price in session.scalars(select(Price).where(Price.variant_id.in_(Index(rules).gifts))):
        gift = OfferGift(variant_id=price.variant_id, unit_amount=price.amount, unit_cost=price.cost_amount)
        found.setdefault((price.channel_id, price.currency), []).append(gift)
    return found
