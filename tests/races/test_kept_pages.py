"""What shoppers of two processes are shown, beside what is true, while staff change everything and time goes by."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
import pytest
from flask import Flask
from msgspec.structs import replace

from shopwright import settings as settings_module
from shopwright.commerce.catalog import brands, categories, collections, translations
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import TranslationDraft
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.promotions.rules import Kind, Percentage, Products
from shopwright.commerce.storefront import tasks
from shopwright.kit import cache, ids, outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.make import make_channel, make_location, make_price_list, make_product_on_sale, make_promotion
from tests.races.watching import Seen, Shoppers, Work

#: A quiet machine needs some 20 seconds; a busy one is given time, since what is told late is no fault.
ENOUGH, LONGEST_SECONDS = 10_000, 400
GRACE_SECONDS = 1.0
PRODUCTS = 4


T = TypeVar("T")


class Truth(NamedTuple):
    """What a page showed from `since` on, at the earliest. When it was replaced is known by the next truth's `by`; if the
    clock did it, then to the moment."""

    shown: str
    since: float
    by: float
    is_by_clock: bool


class Process:
    """Another process with the same database and Redis."""

    def __init__(self, settings: Settings) -> None:
        command = [sys.executable, "-m", "tests.races.watching"]
        root = Path(__file__).parents[2]
        self.program = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._tell(msgspec.json.encode(settings))

    def ask(self, paths: list[str], *, is_at_random: bool = False) -> list[Seen]:
        """What its shoppers have seen until now."""
        self._tell(msgspec.json.encode(Work(paths, is_at_random)))
        assert self.program.stdout is not None
        return msgspec.json.decode(self.program.stdout.readline(), type=list[Seen])

    def stop(self) -> None:
        try:
            self.program.communicate(timeout=30)
        finally:
            self.program.kill()

    def _tell(self, line: bytes) -> None:
        assert self.program.stdin is not None
        self.program.stdin.write(line + b"\n")
        self.program.stdin.flush()


@contextmanager
def processes(*settings: Settings) -> Iterator[list[Process]]:
    made = [Process(each) for each in settings]
    try:
        yield made
    finally:
        for process in made:
            process.stop()


class Staff:
    """Who change one thing after another, and look at what is true after each change."""

    def __init__(self, truthful: Process) -> None:
        self.truthful = truthful
        self.history: dict[str, list[Truth]] = {}
        self.looked_at: dict[str, float] = {}
        self.changes = self.turns = 0
        self.channel: Channel = make_channel()
        self.berlin = make_location().id
        with transaction():
            locations.sell_from(self.channel.id, [self.berlin])
            self.kitchen = categories.category("Kitchen")
            self.mugs = categories.category("Kitchen", "Mugs")
            self.picked = collections.create_collection(title="Picked")
            self.brand_id = brands.brand("Delft").id
        made = [self._product(number) for number in range(PRODUCTS)]
        with transaction():
            translations.translate(made[0][0], {"de": TranslationDraft(title="Ding")})
        self.products, self.variants = [product for product, _ in made], [variant for _, (variant,) in made]
        rest = ("categories", "categories/mugs", "collections", "collections/picked", "products", "products?sort=price",
                "products?category=kitchen", "products?collection=picked", "products?available=true")  # fmt: skip
        self.paths = [
            f"/v1/{path}{'&' if '?' in path else '?'}channel={self.channel.code}"
            for path in (*(f"products/thing-{number}" for number in range(PRODUCTS)), *rest)
        ]
        outbox.drain()
        self.look()

    def _product(self, number: int) -> tuple[UUID, list[UUID]]:
        return make_product_on_sale(
            {self.channel: 1000}, on_hand={self.berlin: 5}, title=f"Thing {number}", brand="Delft",
            slug=f"thing-{number}", category_ids=[self.mugs.id],
        )  # fmt: skip

    def work(self) -> None:
        """Each kind of change once, in any order."""
        kinds = [self.promote, self.list_prices, self.hold]
        kinds += [partial(self.change, kind) for kind in range(len(self._edits(0)))]
        for kind in random.sample(kinds, len(kinds)):
            kind(random.randrange(PRODUCTS))

    def change(self, kind: int, place: int) -> None:
        """One thing, which holds from its commit on."""
        self.step(partial(in_one, self._edits(place)[kind]))
        self.hear()

    def hear(self) -> None:
        """What the worker makes of it: one commit after another, since each of them may show something else."""
        while outbox.relay(lambda name, batch: [self.step(partial(outbox.deliver, name, [each])) for each in batch]):
            pass
        self.step(tasks.follow_promotions)

    def _edits(self, place: int) -> list[Callable[[], object]]:
        product_id, variant_id, number = self.products[place], self.variants[place], self.changes
        name = f"No {number}"
        return [
            lambda: pricing.set_price(variant_id, self.channel.id, Money(500 + number, "EUR")),
            lambda: stock.set_count(variant_id, self.berlin, self._turn(0, 5), Reason.COUNT),
            lambda: catalog.change_product(product_id, {"title": name}),
            lambda: self._turn(catalog.unpublish, catalog.publish)(product_id),
            lambda: catalog.change_product(product_id, {"category_ids": self._turn([], [self.mugs.id])}),
            lambda: categories.change_category(self.mugs.id, {"title": name}),
            lambda: brands.change_brand(self.brand_id, {"name": name}),
            lambda: collections.pick(self.picked.id, self.products[: 1 + self.turns % PRODUCTS]),
            lambda: collections.change_collection(self.picked.id, {"title": name}),
            # All that is made in the channel is made by it, so none may be made by a kept one.
            lambda: channels.change_channel(self.channel.id, {"locales": self._turn(["de", "en"], ["en", "de"])}),
        ]

    def _turn(self, first: T, second: T) -> T:
        self.turns += 1
        return first if self.turns % 2 else second

    def promote(self, place: int) -> None:
        begins, ends = self.soon(1), self.soon(4)
        sale = Products(any_of=(self.products[place],))
        self.step(
            lambda: make_promotion(Percentage(ppm=500_000), sale, kind=Kind.CATALOG, starts_at=begins, ends_at=ends)
        )
        self.pass_by(begins)
        self.pass_by(ends)

    def list_prices(self, place: int) -> None:
        begins, ends = self.soon(1), self.soon(4)
        self.step(lambda: make_price_list(self.channel, (self.variants[place], 1, 77), starts_at=begins, ends_at=ends))
        self.pass_by(begins)
        self.pass_by(ends)

    def hold(self, place: int) -> None:
        """All that is left, for an order that is never paid."""
        variant_id, until = self.variants[place], self.soon(2)
        self.step(partial(in_one, lambda: stock.set_count(variant_id, self.berlin, 3, Reason.COUNT)))
        self.step(partial(in_one, lambda: inventory.reserve(ids.new(), self.channel.id, {variant_id: 3}, until)))
        self.pass_by(until)
        self.step(partial(in_one, lambda: inventory.sweep_expired(10)))
        self.hear()

    def step(self, do: Callable[[], object]) -> None:
        do()
        self.changes += 1
        self.look()

    def soon(self, times: int) -> datetime:
        """Late enough that all know by then that it comes, and that what is true before has been looked at."""
        return datetime.now(UTC) + timedelta(seconds=GRACE_SECONDS + times * (0.1 + 4 * self.look_seconds))

    def pass_by(self, moment: datetime) -> None:
        at, now = moment.timestamp(), time.time()
        is_in_time = now < at
        if is_in_time:
            time.sleep(at + 0.001 - now)
        self.changes += 1
        # On a machine too busy for that, it is not known which was seen before.
        self.look(by=at if is_in_time else None)
        self.hear()

    def look(self, by: float | None = None) -> None:
        """See what is true now: what is new came after it was looked at last, and before `by` if that is known."""
        done = time.time()
        for seen in self.truthful.ask(self.paths):
            known = self.history.setdefault(seen.path, [])
            if not known or known[-1].shown != seen.shown:
                known.append(Truth(seen.shown, self.looked_at.get(seen.path, done), by or done, by is not None))
            self.looked_at[seen.path] = seen.asked_at
        self.look_seconds = time.time() - done

    def is_right(self, seen: Seen) -> bool:
        """Whether it was true at some moment while it was asked, or, where that may be, at most a second before."""
        known = self.history[seen.path]
        for truth, following in zip(known, [*known[1:], None], strict=True):
            if seen.shown == truth.shown and truth.since <= seen.told_at:
                if following is None:
                    return True
                grace = 0.0 if seen.is_anew or following.is_by_clock else GRACE_SECONDS
                if seen.asked_at <= following.by + grace:
                    return True
        return False


def in_one(do: Callable[[], object]) -> None:
    with transaction():
        do()


@pytest.fixture
def keeping(real_app: Flask) -> Settings:
    """The settings of a shop that keeps its pages, as this process does from now on."""
    own = replace(settings_module.current(), cache_enabled=True, cache_prefix=f"kept:{ids.new()}:", db_pool_size=4)
    cache.configure(own.redis_url, prefix=own.cache_prefix, enabled=True)
    settings_module.use(own)
    return own


def test_nobody_is_shown_what_was_not_true_a_second_ago(real_app: Flask, keeping: Settings) -> None:
    with processes(keeping, replace(keeping, cache_enabled=False)) as (another, truthful):
        staff = Staff(truthful)
        another.ask(staff.paths, is_at_random=True)
        here, ends = Shoppers(real_app, staff.paths), time.time() + LONGEST_SECONDS
        try:
            while time.time() < ends and 2 * len(here.seen) < ENOUGH:
                staff.work()
        finally:
            seen = here.stop()
        seen_there = another.ask([])
    wrong = [each for each in (*seen, *seen_there) if not staff.is_right(each)]
    assert wrong == []
    assert len(seen) + len(seen_there) + staff.changes >= ENOUGH
    assert [path for path, known in staff.history.items() if len(known) == 1] == []
