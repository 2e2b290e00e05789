"""Rules for the quote that is measured: 20 that apply, 50 that come near, and any number about other things."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import case, update

from shopwright.commerce.promotions.models import Promotion, PromotionStatus, RulesInForce
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Brands,
    Bundle,
    BundlePart,
    BuyGet,
    CheapestFree,
    Code,
    Condition,
    Countries,
    Effect,
    FixedPrice,
    FreeGift,
    Kind,
    Percentage,
    Products,
    Quantity,
    ShippingOff,
    Subtotal,
    Terms,
    Tier,
    Tiers,
    Variants,
)
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.kit import clock, ids
from shopwright.kit.db import session

LINES, APPLYING, NEAR = 10, 20, 50
CODES = tuple(f"CODE{number}" for number in range(5))
#: Of those that come near: what is announced, or replaced by a better one, or stopped.
TOLD = 35
FIVE = Percentage(ppm=50_000)
TEN = Percentage(ppm=100_000)
DEAR = Subtotal(currency="EUR", at_least=900_000)


class Shelves(NamedTuple):
    """Product, variant and brand of each thing; what comes after the cart's is the gift."""

    goods: list[tuple[UUID, UUID, UUID]]

    def products(self, *numbers: int) -> Products:
        return Products(any_of=tuple(self.goods[number][0] for number in numbers))

    def variants(self, *numbers: int) -> Variants:
        return Variants(any_of=tuple(self.goods[number][1] for number in numbers))

    def brands(self, *numbers: int) -> Brands:
        return Brands(any_of=tuple(self.goods[number][2] for number in numbers))


def write_rules(shelves: Shelves, count: int) -> None:
    """So many rules, those of the cart first. Not in force before `put_in_force` says so."""
    others = (_elsewhere(number) for number in range(count - APPLYING - NEAR))
    codes = iter(CODES)
    for place, terms in enumerate([*_applying(shelves), *_near(shelves), *others]):
        promotion = Promotion(id=ids.new(), status=PromotionStatus.ACTIVE)
        promotion.say(replace(terms, name=f"Rule {place}", priority=place))
        session.add(promotion)
        session.flush()
        if place < APPLYING and Code() in terms.conditions:
            session.add(PromotionCode(code=next(codes), promotion_id=promotion.id))


def put_in_force(count: int) -> None:
    """The first so many rules, and no others."""
    place = Promotion.rule["priority"].as_integer()
    session.execute(update(Promotion).values(activated_at=case((place < count, clock.now()))))
    session.execute(update(RulesInForce).values(version=ids.new()))


def _applying(shelves: Shelves) -> list[Terms]:
    return [
        _catalog(FIVE, shelves.products(0, 1, 2)),
        _catalog(AmountOff(amount=100, currency="EUR", per="item"), shelves.brands(3)),
        _catalog(FixedPrice(amount=3000, currency="EUR"), shelves.variants(4)),
        _catalog(TEN, shelves.products(5, 6)),
        _catalog(Percentage(ppm=50_000, cap=50)),
        _cart(TEN, Code(), shelves.brands(0, 1)),
        _cart(AmountOff(amount=500, currency="EUR"), Code(), Subtotal(currency="EUR", at_least=1000)),
        _cart(Tiers(tiers=(Tier(at_least=2, ppm=10_000), Tier(at_least=9, ppm=30_000))), Code(), shelves.brands(7, 8, 9)),
        _cart(FIVE, Code(), shelves.products(2, 3)),
        _cart(ShippingOff(ppm=500_000), Code()),
        *(_cart(effect, items, group=f"best {place}") for place, (effect, items) in enumerate(_best(shelves))),
        _cart(CheapestFree(of=3), shelves.products(0, 1)),
        _cart(BuyGet(buy_quantity=2, get_quantity=1, ppm=500_000), shelves.products(2, 3)),
        _cart(_bundle(shelves), shelves.brands(4, 5)),
        _cart(FreeGift(any_of=shelves.variants(LINES).any_of), Quantity(at_least=5)),
        _cart(Tiers(tiers=(Tier(at_least=5, ppm=20_000), Tier(at_least=20, ppm=40_000)))),
    ]  # fmt: skip


def _best(shelves: Shelves) -> list[tuple[Effect, Condition]]:
    """Each the best of its exclusive group."""
    return [
        (FIVE, shelves.brands(0, 1, 2, 3, 4)),
        (TEN, shelves.products(5, 6)),
        (AmountOff(amount=90, currency="EUR", per="item"), shelves.variants(7)),
        (AmountOff(amount=300, currency="EUR", per="line"), shelves.products(8)),
        (FIVE, shelves.products(*range(LINES))),
    ]


def _bundle(shelves: Shelves) -> Bundle:
    parts = tuple(BundlePart(items=(shelves.products(number),)) for number in (4, 5))
    return Bundle(parts=parts, price=4000, currency="EUR")


def _near(shelves: Shelves) -> list[Terms]:
    """Of things in the cart, but something is amiss."""
    best = [items for _, items in _best(shelves)]
    return [
        *(_cart(TEN, shelves.brands(at % LINES), DEAR, is_announced=True) for at in range(15)),
        *(_cart(TEN, shelves.products(at), Quantity(at_least=300), is_announced=True) for at in range(10)),
        *(_cart(Percentage(ppm=1000), best[at % 5], group=f"best {at % 5}") for at in range(10)),
        *(_cart(TEN, shelves.brands(at), Countries(any_of=("AT",))) for at in range(5)),
        *(_catalog(TEN, shelves.products(at), starts_at=clock.now() + timedelta(days=1)) for at in range(5)),
        *(_cart(TEN, shelves.variants(at), DEAR) for at in range(5)),
    ]


def _elsewhere(number: int) -> Terms:
    """Of things that are not in the cart, or with a code that was not entered."""
    named = tuple(ids.new() for _ in range(1 + number % 3))
    items = (Products, Brands, Variants)[number % 3](any_of=named)
    if number % 10 == 0:
        return _cart(TEN, Code())
    return _catalog(TEN, items) if number % 2 else _cart(FIVE, items, DEAR)


def _catalog(effect: Effect, *conditions: Condition, starts_at: datetime | None = None) -> Terms:
    return Terms(name="", kind=Kind.CATALOG, effect=effect, conditions=conditions, starts_at=starts_at)


def _cart(effect: Effect, *conditions: Condition, group: str | None = None, is_announced: bool = False) -> Terms:
    return Terms(
        name="", kind=Kind.CART, effect=effect, conditions=conditions, exclusive_group=group, is_announced=is_announced
    )
