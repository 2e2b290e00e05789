"""A basket as promotions see it, and what they make of it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from msgspec.structs import replace

from shopwright.commerce.catalog.queries import SellableRow
from shopwright.commerce.catalog.wording import spelled
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.pricing.queries import ListPrice, Terms
from shopwright.commerce.pricing.quotes import Basket
from shopwright.commerce.pricing.totals import Item
from shopwright.commerce.promotions import evaluator
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import (
    EnteredCode,
    JudgedLine,
    Judgement,
    Offer,
    OfferGift,
    OfferLine,
    Shopper,
    Spent,
)
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit import clock

NOTHING = Judgement(lines=())


def offer_of(
    index: Index,
    basket: Basket,
    terms: Terms,
    lines: Iterable[OfferLine],
    gifts: Collection[OfferGift] = (),
    spent: Sequence[Spent] = (),
) -> Offer:
    """As it stands before shipping is chosen."""
    opened = {entered.code: entered.promotion_id for entered in terms.entered}
    return Offer(
        channel_id=basket.channel_id, currency=terms.currency, country=terms.country, channel_country=terms.home,
        at=basket.at or clock.now(), lines=tuple(lines), gifts=tuple(gifts),
        shopper=Shopper(
            customer_id=basket.customer_id, group_ids=terms.customer.group_ids, has_ordered=terms.has_ordered,
            registered_at=terms.customer.registered_at,
        ),
        codes=tuple(EnteredCode(text=code, promotion_id=opened.get(code)) for code in basket.codes),
        chosen_gifts=frozenset(basket.chosen_gifts), spent=(*spent, *_left(index, terms)),
    )  # fmt: skip


def _left(index: Index, terms: Terms) -> Iterator[Spent]:
    """What is used up; and of each budget what is left, all of it if nobody took of it yet."""
    yield from terms.spent
    begun = {each.promotion_id for each in terms.spent if each.limit == "budget"}
    for promotion_id, budget in index.budgets.items():
        if promotion_id not in begun:
            yield Spent(promotion_id=promotion_id, limit="budget", left=budget)


def shown(index: Index, offer: Offer) -> tuple[JudgedLine, ...]:
    """The lines after catalog promotions."""
    return evaluator.show(index, offer) if index.has_catalog else ()


def shown_amounts(index: Index, basket: Basket, terms: Terms) -> dict[UUID, int]:
    """By variant what a single piece costs after catalog promotions; none if there is no such promotion."""
    if not index.has_catalog:
        return {}
    on_sale = {row.id: row for row in terms.sellable}
    lines = (_single(on_sale[price.variant_id], price) for price in terms.prices if price.variant_id in on_sale)
    return {line.line_id: line.unit_amount for line in shown(index, offer_of(index, basket, terms, lines))}


def shipped(offer: Offer, shipping: ShippingOffer | None) -> Offer:
    """With the way to ship that was chosen."""
    if shipping is None:
        return offer
    return replace(offer, shipping_method_id=shipping.method_id, shipping_amount=shipping.price.amount)


def judged(index: Index, offer: Offer) -> Judgement:
    """What all promotions make of it."""
    return evaluator.judge_by(index, offer) if index.rules or offer.codes else NOTHING


def gifts(index: Index, basket: Basket, terms: Terms) -> list[OfferGift]:
    """Those that may be given and are in stock, beside what the basket itself takes of them."""
    wanted = [price for price in terms.prices if price.variant_id in index.gifts]
    on_sale = {row.id for row in terms.sellable}
    if not wanted or not basket.lines:
        return []
    available = inventory.available(basket.channel_id, [price.variant_id for price in wanted])
    for line in basket.lines:
        if line.variant_id in available:
            available[line.variant_id] -= line.quantity
    return [
        OfferGift(variant_id=price.variant_id, unit_amount=price.amount, unit_cost=price.cost_amount)
        for price in wanted
        if price.variant_id in on_sale and available[price.variant_id] > 0
    ]


def line_of(item: Item) -> OfferLine:
    """As promotions see it."""
    line, sellable, price, _ = item
    return OfferLine(
        line_id=line.line_id, variant_id=line.variant_id, product_id=sellable.product_id, quantity=line.quantity,
        unit_amount=price.amount, unit_cost=price.cost_amount, brand_id=sellable.brand_id,
        category_ids=frozenset(sellable.category_ids), collection_ids=frozenset(sellable.collection_ids),
        attributes=sellable.attributes, is_on_sale=price.compare_at_amount is not None, is_gift_card=sellable.is_gift_card,

    )  # fmt: skip


def _single(row: SellableRow, price: ListPrice) -> OfferLine:
    """As `line_of`, of what hundreds are made at once."""
    return OfferLine(
        line_id=row.id, variant_id=row.id, product_id=row.product_id, quantity=1, unit_amount=price.amount,
        unit_cost=price.cost_amount, brand_id=row.brand_id, category_ids=frozenset(row.categories or ()),
        collection_ids=frozenset(row.collections or ()),
        attributes={code: spelled(value) for code, value in (row.attributes or {}).items()},
        is_on_sale=price.compare_at_amount is not None, is_gift_card=row.is_gift_card,
    )  # fmt: skip
