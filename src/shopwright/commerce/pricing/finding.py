"""What a quote has to know of a basket: terms and rules in force, what a piece costs this buyer, how it is shipped."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.pricing import queries
from shopwright.commerce.pricing.queries import FromList, ListPrice, Terms
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.pricing.resolving import Audience, KnownList, Resolver
from shopwright.commerce.pricing.totals import Item
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import JudgedLine
from shopwright.commerce.promotions.rules import Rule
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit import clock

NONE: frozenset[Any] = frozenset()


def known(basket: Basket, rules: Sequence[Rule] = (), facts: frozenset[str] = NONE) -> tuple[Terms, Index]:
    """With what the rules want to know: by those that were in force last, and again if others are now that ask for more.

    `rules` stand beside those in force, and these `facts` are told whether a rule wants to know them or not.
    """
    if basket.at is not None and basket.at < clock.now():
        index = promotions.then(basket.at).joined(rules)
        return _listed(basket, queries.terms(basket, index.gifts, index.asks | facts)), index
    newest = promotions.newest()
    gifts, asks = (newest.gifts, newest.asks | facts) if newest else (NONE, facts)
    terms = queries.terms(basket, gifts, asks)
    index = promotions.compiled(terms.rules).joined(rules)
    is_enough = index.gifts <= gifts and index.asks <= asks
    return _listed(basket, terms if is_enough else queries.terms(basket, index.gifts, index.asks | facts)), index


def known_of_shown(basket: Basket, *, with_history: bool = True) -> tuple[Terms, Index]:
    """As `known`, only what the price of a single piece is made from, now."""
    newest = promotions.newest()
    asks = newest.asks if newest else NONE
    terms = queries.shown_terms(basket, asks, with_history=with_history)
    index = promotions.compiled(terms.rules)
    if index.asks - asks:
        terms = queries.shown_terms(basket, index.asks, with_history=with_history)
    return _listed(basket, terms), index


def _listed(basket: Basket, terms: Terms) -> Terms:
    """With the prices that the buyer's price lists say; all pieces of a variant in the basket choose the tier."""
    if not terms.lists:
        return terms
    own = {price.variant_id: price for price in terms.prices}
    resolver = resolver_of(basket, terms)
    pieces = Counter[UUID]()
    for line in basket.lines:
        pieces[line.variant_id] += line.quantity
    variants = dict.fromkeys([*own, *(tier.variant_id for tier in terms.tiers)])
    prices = (_listed_price(id_, own.get(id_), resolver.find(id_, pieces[id_] or 1), terms) for id_ in variants)
    return replace(terms, prices=[price for price in prices if price is not None])


def resolver_of(basket: Basket, terms: Terms) -> Resolver:
    """What the lists say to this buyer; `terms` as they were read."""
    return Resolver(
        terms.lists, terms.tiers, {price.variant_id: price.amount for price in terms.prices},
        at=basket.at or clock.now(), customer_id=basket.customer_id, group_ids=terms.customer.group_ids,
    )  # fmt: skip


def _listed_price(
    variant_id: UUID, own: ListPrice | None, chosen: tuple[KnownList, int] | None, terms: Terms
) -> ListPrice | None:
    if chosen is None:
        return own
    by, amount = chosen
    own_amount, before = (own.amount, own.compare_at_amount) if own else (None, None)
    listed = FromList(
        id=by.id, version=by.version, name=by.name, is_public=by.audience is Audience.PUBLIC, own_amount=own_amount
    )
    if own_amount is not None and amount < own_amount:
        before = own_amount
    return ListPrice(
        variant_id=variant_id, amount=amount, currency=terms.currency, listed=listed,
        # What is for some only was never asked of anybody else: there is nothing to compare it with.
        compare_at_amount=before if listed.is_public and before is not None and before > amount else None,
        cost_amount=own.cost_amount if own else None,
    )  # fmt: skip


def found(
    basket: Basket, terms: Terms, gifts: Collection[UUID] = ()
) -> tuple[dict[BasketLine, Item], dict[UUID, Item]]:
    """What can be had, by line; and one piece of each of these gifts."""
    prices = {price.variant_id: price for price in terms.prices}
    last = {each.variant_id: each for each in terms.announced}
    sellable = {row.id: catalog.to_sellable(row, basket.locale) for row in terms.sellable if row.id in prices}

    def item(line: BasketLine) -> Item:
        return Item(line, sellable[line.variant_id], prices[line.variant_id], last.get(line.variant_id))

    wanted = {line: item(line) for line in basket.lines if line.variant_id in sellable}
    single = (BasketLine(line_id=id_, variant_id=id_, quantity=1) for id_ in gifts if id_ in sellable)
    return wanted, {line.variant_id: item(line) for line in single}


def chosen(
    basket: Basket, terms: Terms, items: list[Item], show: Callable[[], Sequence[JudgedLine]]
) -> ShippingOffer | None:
    """The chosen way to ship, if it is offered for so much. Where it matters what goods cost, that is told after catalog
    promotions, by `show`."""
    to_ship = [item for item in items if item.sellable.requires_shipping]
    method = next((each for each in terms.methods if each.id == basket.shipping_method_id), None)
    if not to_ship or method is None:
        return None
    weight = sum(item.sellable.weight_grams * item.line.quantity for item in to_ship)
    units = {line.line_id: line.unit_amount for line in show()} if method.asks_for_price else {}
    goods = sum(units.get(item.line.line_id, item.price.amount) * item.line.quantity for item in items)
    return method.offer(weight, goods, basket.locale)
