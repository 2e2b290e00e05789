"""Any sequence of verbs leaves the database as a plain Python model says, and I1 true."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from shopwright.commerce.inventory import queries, stock
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import NotClaimed, OutOfStock, ReservationExpired, StockInUse
from shopwright.commerce.inventory.models import Reason, Reservation, StockLevel, StockMovement
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.errors import Problem
from shopwright.kit.transaction import reading, transaction
from tests.make import hold_longer, make_location, make_selling_channel, make_stocked_variant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VARIANTS, PLACES, ORDERS = range(2), range(2), range(4)

Where = tuple[int, int]
wanted = st.dictionaries(st.sampled_from(VARIANTS), st.integers(1, 4), min_size=1)
order = st.sampled_from(ORDERS)
variant = st.sampled_from(VARIANTS)
place = st.sampled_from(PLACES)
minutes = st.integers(1, 20)


@dataclass
class Row:
    order: int
    where: Where
    quantity: int
    state: str
    expires: int


@dataclass
class Model:
    """The rules of the room over plain lists; `now` and `expires` are minutes."""

    now: int = 0
    on_hand: dict[Where, int] = field(default_factory=lambda: {(v, p): 3 for v in VARIANTS for p in PLACES})
    rows: list[Row] = field(default_factory=list)

    def wait(self, minutes: int) -> None:
        self.now += minutes
        for row in self.rows:
            if row.state == "held" and row.expires <= self.now:
                row.state = "expired"

    def free(self, where: Where) -> int:
        promised = (row.quantity for row in self.rows if row.where == where and row.state in ("held", "claimed"))
        return self.on_hand[where] - sum(promised)

    def reserve(self, order: int, wanted: dict[int, int], minutes: int) -> None:
        if any(sum(self.free((v, p)) for p in PLACES) < quantity for v, quantity in wanted.items()):
            raise OutOfStock()
        for v, quantity in wanted.items():
            whole = [p for p in PLACES if self.free((v, p)) >= quantity]
            for p in whole[:1] or PLACES:
                taken = min(self.free((v, p)), quantity)
                quantity -= taken
                if taken:
                    self.rows.append(Row(order, (v, p), taken, "held", self.now + minutes))

    def claim(self, order: int) -> None:
        states = [row.state for row in self.rows if row.order == order]
        if states and ("expired" in states or set(states) == {"released"}):
            raise ReservationExpired()
        self.move(order, {"held"}, "claimed")

    def move(self, order: int, states: set[str], to: str) -> None:
        for row in self.rows:
            if row.order == order and row.state in states:
                row.state = to

    def extend(self, order: int, minutes: int) -> None:
        for row in self.rows:
            if row.order == order and row.state == "held":
                row.expires = max(row.expires, self.now + minutes)

    def ship(self, order: int, items: dict[int, int]) -> None:
        claimed = [row for row in self.rows if row.order == order and row.state == "claimed"]
        if any(sum(row.quantity for row in claimed if row.where[0] == v) < n for v, n in items.items()):
            raise NotClaimed()
        for v, quantity in items.items():
            for row in (row for row in claimed if row.where[0] == v):
                taken = min(row.quantity, quantity)
                quantity -= taken
                row.quantity -= taken
                self.on_hand[row.where] -= taken
                if taken:
                    self.rows.append(replace(row, quantity=taken, state="shipped"))
        self.rows = [row for row in self.rows if row.quantity]

    def count(self, where: Where, on_hand: int) -> None:
        if self.free(where) + on_hand - self.on_hand[where] < 0:
            raise StockInUse()
        self.on_hand[where] = on_hand


class Warehouse(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.places = [make_location().id for _ in PLACES]
        self.channel = make_selling_channel(*self.places).id
        self.variants = [make_stocked_variant(dict.fromkeys(self.places, 3)) for _ in VARIANTS]
        self.orders = [ids.new() for _ in ORDERS]

    def both(self, real: object, model: object) -> None:
        """Do it to both; either both do it, or both refuse for the same reason."""
        refusals: list[type[Problem] | None] = []
        for act in (real, model):
            try:
                with transaction():
                    act()  # type: ignore[operator]
            except Problem as refusal:
                refusals.append(type(refusal))
            else:
                refusals.append(None)
        assert refusals[0] == refusals[1]

    @rule(minutes=minutes)
    def wait(self, minutes: int) -> None:
        clock.advance(timedelta(minutes=minutes))
        self.model.wait(minutes)

    @rule(order=order, wanted=wanted, minutes=minutes)
    def reserve(self, order: int, wanted: dict[int, int], minutes: int) -> None:
        until = clock.now() + timedelta(minutes=minutes)
        self.both(
            lambda: inventory.reserve(self.orders[order], self.channel, self.named(wanted), until),
            lambda: self.model.reserve(order, wanted, minutes),
        )

    @rule(order=order)
    def claim(self, order: int) -> None:
        self.both(lambda: inventory.claim(self.orders[order]), lambda: self.model.claim(order))

    @rule(order=order, minutes=minutes)
    def extend(self, order: int, minutes: int) -> None:
        until = clock.now() + timedelta(minutes=minutes)
        self.both(lambda: hold_longer(self.orders[order], until), lambda: self.model.extend(order, minutes))

    @rule(order=order)
    def release(self, order: int) -> None:
        let_go = {"held", "claimed", "expired"}
        self.both(lambda: inventory.release(self.orders[order]), lambda: self.model.move(order, let_go, "released"))

    @rule(order=order, items=wanted)
    def ship(self, order: int, items: dict[int, int]) -> None:
        self.both(
            lambda: inventory.ship(self.orders[order], self.named(items), "parcel"),
            lambda: self.model.ship(order, items),
        )

    @rule(variant=variant, place=place, on_hand=st.integers(0, 5))
    def count(self, variant: int, place: int, on_hand: int) -> None:
        self.both(
            lambda: stock.set_count(self.variants[variant], self.places[place], on_hand, Reason.COUNT),
            lambda: self.model.count((variant, place), on_hand),
        )

    @rule(variant=variant, place=place, delta=st.integers(-3, 3))
    def adjust(self, variant: int, place: int, delta: int) -> None:
        after = self.model.on_hand[variant, place] + delta
        self.both(
            lambda: stock.adjust(self.variants[variant], self.places[place], delta, Reason.ADJUSTMENT),
            lambda: self.model.count((variant, place), after),
        )

    @rule()
    def sweep(self) -> None:
        with transaction():
            inventory.sweep_expired(10_000)
        with reading():
            assert not session.scalars(
                select(Reservation.id).where(Reservation.state == "held", Reservation.expires_at <= clock.now())
            ).all()

    def named(self, wanted: dict[int, int]) -> dict[UUID, int]:
        return {self.variants[v]: quantity for v, quantity in wanted.items()}

    @invariant()
    def they_agree(self) -> None:
        with reading():
            available = queries.available(self.channel, self.variants)
            levels = session.scalars(select(StockLevel).where(StockLevel.variant_id.in_(self.variants))).all()
            rows = session.scalars(select(Reservation).where(Reservation.order_id.in_(self.orders))).all()
            moved = {(v, p): int(total) for v, p, total in session.execute(
                select(StockMovement.variant_id, StockMovement.location_id, func.sum(StockMovement.delta))
                .where(StockMovement.variant_id.in_(self.variants))
                .group_by(StockMovement.variant_id, StockMovement.location_id))}  # fmt: skip
        assert available == {self.variants[v]: sum(self.model.free((v, p)) for p in PLACES) for v in VARIANTS}
        assert moved == {self.named_place(where): n for where, n in self.model.on_hand.items()}
        assert Counter(
            (self.orders[row.order], *self.named_place(row.where), row.quantity, row.state) for row in self.model.rows
        ) == Counter((row.order_id, *row.place, row.quantity, state_of(row)) for row in rows)
        held = Counter[tuple[UUID, UUID, str]]()
        for row in rows:
            held[*row.place, row.state] += row.quantity
        for level in levels:
            assert level.on_hand == moved[level.place]
            assert (level.reserved, level.claimed) == (held[*level.place, "held"], held[*level.place, "claimed"])

    def named_place(self, where: Where) -> tuple[UUID, UUID]:
        return self.variants[where[0]], self.places[where[1]]


def state_of(row: Reservation) -> str:
    """What it is by its own time, swept or not."""
    is_overdue = row.state == "held" and row.expires_at is not None and row.expires_at <= clock.now()
    return "expired" if is_overdue else str(row.state)


def test_any_sequence_of_verbs_does_what_the_model_does(app: Flask) -> None:
    with clock.held_at(NOON):
        run_state_machine_as_test(
            Warehouse,
            settings=settings(
                max_examples=25, stateful_step_count=20, deadline=None, database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
