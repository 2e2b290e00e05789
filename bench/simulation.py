"""`python -m bench.simulation`: how long it takes to try a promotion on 100,000 orders, of which it touches 10,000.

The orders are copies of a few that were really placed, so quoting those again, one by one, tells what must come out of all.
"""

import argparse
import os
import random
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import Text, cast, select, text, update

from shopwright import app
from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.cart import queries as cart_queries
from shopwright.commerce.cart import service as carts
from shopwright.commerce.catalog import categories
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import ProductDraft
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.checkout import service as checkout
from shopwright.commerce.checkout import simulate
from shopwright.commerce.checkout.findings import Findings
from shopwright.commerce.checkout.models import Simulation
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.orders.history import Window
from shopwright.commerce.orders.models import Order
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.basis import Basis
from shopwright.commerce.promotions import queries as promotion_queries
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.rules import (
    AmountOff,
    BuyGet,
    Categories,
    Condition,
    Effect,
    Kind,
    Percentage,
    Products,
    Rule,
    Subtotal,
    Terms,
)
from shopwright.embedded import postgres
from shopwright.kit import clock, db, ids, schema
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.principal import Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from shopwright.settings import Settings

LIMIT = 60.0
PLACED, PRODUCTS, KINDS = 200, 100, 20
AT_ONCE = 25
ADDRESS = Address(
    name="Ada Lovelace", street_address="Unter den Linden 1", city="Berlin", postal_code="10117", country_code="DE"
)
OTHERS = {
    "id": "gen_random_uuid()", "cart_id": "gen_random_uuid()", "number": "nextval('order_numbers')",
    "placed_at": "placed_at - make_interval(secs => copy)",
    "basis": "jsonb_set(basis, '{offer,at}', to_jsonb(placed_at - make_interval(secs => copy)))",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.simulation", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user than root
        server = postgres.launch(Path(folder) / "pg", durable=False)
        try:
            settings = Settings(environment="test", database_url=server.url, log_json=False)
            app.configure(settings)
            schema.upgrade(settings)
            is_good = measure(asked.orders)
            db.engine().dispose()
        finally:
            server.stop()
    if not is_good:
        raise SystemExit(1)


def measure(orders: int) -> bool:
    draft = fill()
    copies = orders // PLACED
    expected, each = one_by_one(draft)
    multiply(copies)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with transaction():
        now = clock.now()
        window = Window(since=now - timedelta(days=365), until=now)
        simulation_id = simulate.begin(draft, window, assumes_code=True).id
    began, used = time.monotonic(), time.process_time()
    simulate.run(seconds=3600)
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    with reading():
        done = session.get_one(Simulation, simulation_id)
    found = msgspec.convert(done.result, Findings)
    (sums,) = found.currencies
    is_equal = (found.orders_touched, sums.discount.amount, sums.change.amount) == tuple(
        part * copies for part in expected
    )  # fmt: skip
    print(f"{done.orders_read:,} orders, {found.orders_touched:,} touched, {len(done.others)} other promotions,")
    print(f"{os.cpu_count()} processors: {seconds:.1f} s (mark: {LIMIT:.0f} s), {cpu:.1f} s of them in this process,")
    print(f"{grown // 1024} MiB more of memory. One by one each takes {each * 1000:.1f} ms, all {each * orders:.0f} s:")
    print("the same result" if is_equal else f"ANOTHER RESULT: {expected} of {PLACED}")
    return is_equal and seconds < LIMIT


def fill() -> UUID:
    """A shop with promotions, `PLACED` orders, and a draft that touches a tenth of them."""
    chance = random.Random(1)
    channel, location_id = make_channel()
    with transaction():
        kinds = [categories.create_category(title=f"Kind {n}").id for n in range(KINDS)]
        variants = [
            make_product(channel, location_id, kinds[n % KINDS], 500 + 137 * n) for n in range(PRODUCTS)
        ]  # fmt: skip
    special = variants[::KINDS]
    usual = [pair for pair in variants if pair not in special]
    for n in range(40):
        make_promotion(Percentage(ppm=10_000 * (1 + n % 9)), Products(any_of=(usual[n][1],)), kind=Kind.CATALOG)
    for n in range(20):
        make_promotion(
            AmountOff(amount=100 + n, currency="EUR"),
            Categories(any_of=(kinds[n % KINDS],)),
            exclusive_group=f"{n % 4}",
        )
    for n in range(20):
        make_promotion(Percentage(ppm=10_000), Subtotal(currency="EUR", at_least=2000 * n), exclusive_group="big")
    make_promotion(BuyGet(buy_quantity=5, get_quantity=1))
    for n in range(PLACED):
        wanted = chance.sample(usual, chance.randint(1, 4)) + (chance.sample(special, 1) if n % 10 == 0 else [])
        place(channel, [variant_id for variant_id, _ in wanted], chance)
    return make_promotion(Percentage(ppm=150_000), Categories(any_of=(kinds[0],)), is_active=False).id


def make_channel() -> tuple[Channel, UUID]:
    with transaction():
        channel = channels.open_channel(
            code="eu", name="Europe", currency="EUR", countries=["DE"], locales=["en"], tax_display=TaxDisplay.GROSS
        )
        location = locations.open_location(code="berlin", name="Berlin", country="DE")
        locations.sell_from(channel.id, [location.id])
        return channel, location.id


def make_product(channel: Channel, location_id: UUID, kind: UUID, price: int) -> tuple[UUID, UUID]:
    """Its variant's id, and its own. Nothing is shipped."""
    draft = ProductDraft(title=f"Thing at {price}", is_published=True, category_ids=[kind])
    product = catalog.create_product(draft)
    (variant,) = product.variants
    variant.requires_shipping = False
    pricing.set_price(variant.id, channel.id, Money(price, "EUR"), cost=Money(price // 2, "EUR"))
    stock.set_count(variant.id, location_id, 1_000_000, Reason.COUNT)
    return variant.id, product.id


def make_promotion(
    effect: Effect, *conditions: Condition, is_active: bool = True, kind: Kind = Kind.CART, **more: str
) -> Promotion:
    with transaction():
        made = promotions.create_promotion(Terms(name="One", kind=kind, effect=effect, conditions=conditions, **more))
        return promotions.activate_promotion(made.id) if is_active else made


def place(channel: Channel, variant_ids: list[UUID], chance: random.Random) -> None:
    with transaction():
        cart, token = carts.open_cart(channel.code, None)
    assert token is not None
    with acting_as(Principal(cart_token=ids.hashed(token))), transaction():
        for variant_id in variant_ids:
            carts.add_item(cart.id, variant_id, chance.randint(1, 4))
        said = {"email": f"{ids.new().hex}@example.com", "billing_address": ADDRESS}
        total = cart_queries.priced(carts.change_cart(cart.id, said)).quote.total
        checkout.place_order(cart.id, total)


def one_by_one(draft: UUID) -> tuple[tuple[int, int, int], float]:
    """Of the orders that were placed: how many it touches, what it gives, what that changes; and the seconds for each."""
    with reading():
        rule = promotion_queries.as_if_active(promotion_queries.get(draft))
        kept = session.scalars(select(cast(Order.basis, Text))).all()
        bases = [msgspec.json.decode(basis, type=Basis) for basis in kept]
        began = time.monotonic()
        found = [quoted_twice(basis, rule) for basis in bases]
        seconds = time.monotonic() - began
    touched = sum(given > 0 for given, _ in found)
    return (touched, sum(given for given, _ in found), sum(change for _, change in found)), seconds / len(found)


def quoted_twice(basis: Basis, rule: Rule) -> tuple[int, int]:
    before, after = pricing.quote(basis.basket), pricing.quoted(basis.basket, rules=[rule]).quote
    given = sum(-step.amount.amount for line in after.lines for step in line.steps if step.promotion_id == rule.id)
    return given, after.total.amount - before.total.amount


def multiply(copies: int) -> None:
    """The orders alone: nothing else of them is read."""
    began = time.monotonic()
    columns = [column.name for column in db.table_of(Order).columns]
    chosen = ", ".join(OTHERS.get(name, name) for name in columns)
    statement = text(f"""
        INSERT INTO orders ({", ".join(columns)})
        SELECT {chosen} FROM (SELECT * FROM orders ORDER BY number LIMIT {PLACED}) AS placed,
            generate_series(CAST(:first AS int), CAST(:last AS int)) AS copy
    """)
    with transaction():
        session.execute(update(Order).values(expires_at=None))
    for first in range(1, copies, AT_ONCE):
        with transaction():
            session.execute(statement, {"first": first, "last": min(first + AT_ONCE, copies) - 1})
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE orders"))
    print(f"Filled in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
