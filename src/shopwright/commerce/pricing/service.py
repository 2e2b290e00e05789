"""What things cost: the prices that staff set, and the quote that adds them up. Nobody else adds up prices."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import TaxDisplay
from shopwright.commerce.pricing import finding, history, offering, shown, taxable, totals, tracing
from shopwright.commerce.pricing.basis import Basis
from shopwright.commerce.pricing.errors import CompareAtTooLow, PriceInForeignCurrency, UnknownPrice
from shopwright.commerce.pricing.events import PriceChanged
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.pricing.queries import Terms
from shopwright.commerce.pricing.quotes import Basket, Quote
from shopwright.commerce.pricing.totals import Priced, Shipped
from shopwright.commerce.promotions.offers import Judgement, Offer, Spent
from shopwright.commerce.promotions.rules import Rule
from shopwright.commerce.taxes import answers
from shopwright.commerce.taxes.provider import Taxable
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import conditional
from shopwright.kit.conditional import PreconditionFailed
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.money import Money

AT_ONCE = 1000
AMOUNTS = ("amount", "compare_at_amount", "cost_amount")


class Quoted(NamedTuple):
    """A quote, and what it was made from."""

    quote: Quote
    basis: Basis


class Judged(NamedTuple):
    """A basket as promotions left it, before taxes."""

    terms: Terms
    priced: list[Priced]
    shipped: Shipped | None
    offer: Offer
    judgement: Judgement
    unavailable: tuple[UUID, ...]


class PriceTag(Struct, frozen=True, kw_only=True):
    """A price to be set: all of it is replaced, so what is left out goes away."""

    variant_id: UUID
    channel_id: UUID
    price: Money
    compare_at: Money | None = None
    cost: Money | None = None


def quote(basket: Basket, *, spent: Sequence[Spent] = ()) -> Quote:
    """What this basket costs now, and why. The same basket at the same prices and promotions makes the same quote.

    In a gross channel the gross price is the same wherever the buyer lives, and contains the tax of that place; in a
    net channel the tax of the place comes on top. Tax is rounded half up, as the channel says. `spent` are limits that
    were found used up since. Raises `UnknownChannel`.
    """
    return quoted(basket, spent=spent).quote


def quoted(
    basket: Basket, *, spent: Sequence[Spent] = (), rules: Sequence[Rule] = (), facts: Collection[str] = ()
) -> Quoted:
    """As `quote`, with what it was made from.

    `rules` are taken as if they were in force, too, each instead of the one with its id; `facts` (of `catalog.FACTS`)
    are told of the items even if no rule asks for them.
    """
    terms, priced, shipped, offer, judgement, unavailable = _judged(basket, spent, rules, facts)
    added = totals.add_up(
        priced, shipped, {rate.tax_class: Rate(rate.rate_ppm, rate.name) for rate in terms.rates},
        currency=terms.currency, is_gross=terms.tax_display == TaxDisplay.GROSS, country=terms.country,
        region=basket.region if basket.country else None, how=taxable.taxation(basket, terms, priced, shipped),
    )  # fmt: skip
    whole = replace(added, unavailable=unavailable, refusals=judgement.refusals, redemptions=judgement.redemptions)
    return Quoted(whole, Basis(basket=basket, offer=offer))


def taxes_to_ask(basket: Basket) -> Taxable | None:
    """What the tax service must be asked before this basket can be ordered. Raises `UnknownChannel`."""
    judged = _judged(basket)
    question = taxable.question(basket, judged.terms, judged.priced, judged.shipped)
    return None if question is None or answers.fresh(question) else question


def _judged(
    basket: Basket, spent: Sequence[Spent] = (), rules: Sequence[Rule] = (), facts: Collection[str] = ()
) -> Judged:
    terms, index = finding.known(basket, rules, frozenset(facts))
    found, gifts = finding.found(basket, terms, index.gifts)
    items = [found[line] for line in basket.lines if line in found]
    offer = offering.offer_of(
        index, basket, terms, map(offering.line_of, items), offering.gifts(index, basket, terms), spent
    )
    shipping = finding.chosen(basket, terms, items, lambda: offering.shown(index, offer))
    offer = offering.shipped(offer, shipping)
    judgement = offering.judged(index, offer)
    priced = [*tracing.priced(items, judgement), *tracing.given(judgement.gifts, gifts)]
    shipped = tracing.shipped(shipping, judgement) if shipping else None
    missing = dict.fromkeys(line.variant_id for line in basket.lines if line not in found)
    return Judged(terms, priced, shipped, offer, judgement, tuple(missing))


def set_price(
    variant_id: UUID, channel_id: UUID, price: Money, *, compare_at: Money | None = None, cost: Money | None = None
) -> Price:
    """Set what a variant costs in a channel. A price that was never set has the version 0.

    Raises `UnknownVariant`, `UnknownChannel`, `PriceInForeignCurrency`, `CompareAtTooLow`, and `PreconditionFailed`
    for a stale edit.
    """
    tag = PriceTag(variant_id=variant_id, channel_id=channel_id, price=price, compare_at=compare_at, cost=cost)
    _check([tag])
    row = _locked(variant_id, channel_id, price.currency)
    conditional.check(row.version if row else 0)
    if row is None:
        row = Price(**_key(tag))
        session.add(row)
    for name, value in _amounts(tag).items():
        setattr(row, name, value)
    is_changed = session.is_modified(row)
    try:
        session.flush()
    except IntegrityError as overtaken:
        raise PreconditionFailed() from overtaken
    if is_changed:
        _tell([row])
    return row


def set_prices(tags: Collection[PriceTag]) -> int:
    """Set many prices at once, whatever they were; of two for the same variant and channel the later one counts.

    Answers how many changed. Raises as `set_price`.
    """
    _check(tags)
    # In one order, so that two who do this at once wait for each other but never deadlock.
    distinct = {(tag.variant_id, tag.channel_id): tag for tag in tags}
    rows = [_key(tag) | _amounts(tag) | {"version": 1} for _, tag in sorted(distinct.items())]
    changed = 0
    for start in range(0, len(rows), AT_ONCE):
        changed += len(told := _upsert(rows[start : start + AT_ONCE]))
        _tell(told)
    return changed


def remove_price(variant_id: UUID, channel_id: UUID) -> None:
    """Sell it there no more. Raises `UnknownPrice`, `UnknownChannel`, and `PreconditionFailed` for a stale edit."""
    row = _locked(variant_id, channel_id, channels.get(channel_id).currency)
    if row is None:
        raise UnknownPrice()
    conditional.check(row.version)
    session.delete(row)
    session.flush()
    history.note([{"variant_id": variant_id, "channel_id": channel_id, "currency": row.currency}])
    shown.announce(channel_id, [variant_id])
    emit(PriceChanged(variant_id=variant_id))


def _check(tags: Collection[PriceTag]) -> None:
    currencies = {id_: channels.get(id_).currency for id_ in {tag.channel_id for tag in tags}}
    for tag in tags:
        currency = currencies[tag.channel_id]
        if any(money is not None and money.currency != currency for money in (tag.price, tag.compare_at, tag.cost)):
            raise PriceInForeignCurrency(currency=currency)
        if tag.compare_at is not None and tag.compare_at <= tag.price:
            raise CompareAtTooLow()
    wanted = {tag.variant_id for tag in tags}
    if unknown := wanted - catalog.products_of(wanted).keys():
        raise UnknownVariant(variants=sorted(map(str, unknown)))


def _locked(variant_id: UUID, channel_id: UUID, currency: str) -> Price | None:
    key = (variant_id, channel_id, currency)
    return session.get(Price, key, with_for_update=True, populate_existing=True)


def _key(tag: PriceTag) -> dict[str, Any]:
    return {"variant_id": tag.variant_id, "channel_id": tag.channel_id, "currency": tag.price.currency}


def _amounts(tag: PriceTag) -> dict[str, Any]:
    return {
        "amount": tag.price.amount,
        "compare_at_amount": tag.compare_at and tag.compare_at.amount,
        "cost_amount": tag.cost and tag.cost.amount,
    }


def _tell(changed: Collection[Price]) -> None:
    """Write down what costs something else now, and what anybody is shown of it."""
    names = ("variant_id", "channel_id", "currency", *AMOUNTS)
    history.note({name: getattr(price, name) for name in names} for price in changed)
    for channel_id in {price.channel_id for price in changed}:
        shown.announce(channel_id, [price.variant_id for price in changed if price.channel_id == channel_id])
    for variant_id in dict.fromkeys(price.variant_id for price in changed):
        emit(PriceChanged(variant_id=variant_id))


def _upsert(rows: list[dict[str, Any]]) -> list[Price]:
    """The prices that are others now."""
    new = insert(Price).values(rows)
    before = tuple_(*(getattr(Price, name) for name in AMOUNTS))
    after = tuple_(*(new.excluded[name] for name in AMOUNTS))
    statement = new.on_conflict_do_update(
        index_elements=[Price.variant_id, Price.channel_id, Price.currency],
        set_={name: new.excluded[name] for name in AMOUNTS} | {"version": Price.version + 1},
        where=before.is_distinct_from(after),
    ).returning(Price)
    # What this session has read of them before must not be stale.
    return list(session.scalars(statement, execution_options={"populate_existing": True}))
