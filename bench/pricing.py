"""`python -m bench.pricing`: what the quote of a large cart costs, out of 200 rules and out of 2,000."""

import argparse
import contextlib
import time
from collections.abc import Iterator
from statistics import median
from uuid import UUID

from bench import processes, report, servers
from bench.rules import APPLYING, CODES, LINES, TOLD, Shelves, put_in_force, write_rules
from sqlalchemy import text

from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.catalog.taxonomy import Brand
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import TaxDisplay
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote
from shopwright.commerce.shipping import service as shipping
from shopwright.commerce.shipping.models import RateKind
from shopwright.commerce.shipping.terms import Rate as ShippingRate
from shopwright.commerce.taxes import service as taxes
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction

FEW, MANY = 200, 2000
MOST_SECONDS, MOST_TIMES = 0.003, 1.5
WARMING = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.pricing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quotes", type=int, default=300, help="in each round, of each number of rules")
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    measure(asked.rounds, asked.quotes, is_kept=not asked.dry)


def measure(rounds: int, quotes: int, *, is_kept: bool) -> None:
    """Print, and keep if asked to, what a quote costs in rounds in which both numbers of rules take turns.

    The least of the cheaper one, and the median of the ratios.
    """
    found: list[tuple[float, float]] = []
    with servers.tables_alone():
        basket = prepare()
        for turn in range(rounds):
            order = (FEW, MANY) if turn % 2 else (MANY, FEW)
            costs = {rules: cost_of(basket, rules, quotes) for rules in order}
            found.append((costs[FEW], costs[MANY]))
    few = min(cost for cost, _ in found)
    times = median(many / cost for cost, many in found)
    for name, told, is_reached in (
        (f"a quote out of {FEW} rules", f"{few * 1000:.2f} ms", few <= MOST_SECONDS),
        (f"a quote out of {MANY:,} rules", f"{times:.2f} times that", times <= MOST_TIMES),
    ):
        print(f"{name}: {told}, {'reached' if is_reached else 'missed'}")
        if is_kept:
            report.note(name, told, is_reached=is_reached)


def cost_of(basket: Basket, rules: int, quotes: int) -> float:
    """Processor seconds of one quote, here and in PostgreSQL together, while so many rules are in force."""
    with transaction():
        put_in_force(rules)
    for _ in range(WARMING):
        check(quote(basket))
    with the_backend() as backend:
        began = time.process_time() + processes.cpu_seconds(backend)
        for _ in range(quotes):
            pricing.quote(basket)
        return (time.process_time() + processes.cpu_seconds(backend) - began) / quotes


def quote(basket: Basket) -> Quote:
    with reading():
        return pricing.quote(basket)


def check(quoted: Quote) -> None:
    """That the cart is what it is said to be."""
    shipped = quoted.shipping.steps if quoted.shipping else ()
    given = {step.promotion_id for line in quoted.lines for step in line.steps} | {
        step.promotion_id for step in shipped
    }
    applied = len(given - {None})
    if (applied, len(quoted.refusals)) != (APPLYING, TOLD):
        raise SystemExit(f"{applied} rules apply and {len(quoted.refusals)} are refused, not {APPLYING} and {TOLD}")


@contextlib.contextmanager
def the_backend() -> Iterator[int]:
    """A read that stays in one connection, and the process that answers in it."""
    with reading():
        yield session.scalars(text("SELECT pg_backend_pid()")).one()


def prepare() -> Basket:
    """A shop with goods, taxes, a way to ship and all rules; and a cart of it."""
    with transaction():
        berlin = locations.open_location(code="berlin", name="Berlin", country="DE")
        channel = channels.open_channel(
            code="eu", name="Europe", currency="EUR", countries=["DE", "AT"], locales=["en"],
            tax_display=TaxDisplay.GROSS,
        )  # fmt: skip
        locations.sell_from(channel.id, [berlin.id])
        taxes.add_class("standard", "Standard")
        taxes.open_zone("Germany", [("DE", None)], {"standard": Rate(190_000, "VAT 19 %")})
        flat = ShippingRate(RateKind.FLAT, ((0, Money(490, "EUR")),))
        zone = shipping.open_zone("Germany", [("DE", None)])
        method = shipping.add_method(zone.id, channel.id, code="parcel", name="Parcel", rate=flat)
        shelves = Shelves([put_on_shelf(number, channel.id, berlin.id) for number in range(LINES + 1)])
        write_rules(shelves, MANY)
    with transaction():
        session.execute(text("ANALYZE"))
    lines = tuple(
        BasketLine(line_id=ids.new(), variant_id=variant_id, quantity=2 + number % 3)
        for number, (_, variant_id, _) in enumerate(shelves.goods[:LINES])
    )
    return Basket(
        channel_id=channel.id, locale="en", lines=lines, country="DE", shipping_method_id=method.id, codes=CODES,
        buyer_keys=("somebody", "somewhere"),
    )  # fmt: skip


def put_on_shelf(number: int, channel_id: UUID, location_id: UUID) -> tuple[UUID, UUID, UUID]:
    """A product, its variant and its brand."""
    brand = Brand(name=f"Brand {number}", slug=f"brand-{number}")
    session.add(brand)
    session.flush()
    product = Product(title=f"Thing {number}", slug=f"thing-{number}", published_at=clock.now(), brand_id=brand.id)
    session.add(product)
    session.flush()
    variant = Variant(product_id=product.id, position=0, sku=f"thing-{number}", weight_grams=100)
    session.add(variant)
    session.flush()
    pricing.set_price(variant.id, channel_id, Money(2000 + 350 * number, "EUR"), cost=Money(500, "EUR"))
    stock.set_count(variant.id, location_id, 1000, Reason.RECEIPT)
    return product.id, variant.id, brand.id


if __name__ == "__main__":
    main()
