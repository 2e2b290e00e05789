"""What a single piece costs, as it is shown: to anybody, to a customer, or to a group's members."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shopwright.commerce.channels import queries as channels
from shopwright.commerce.pricing import finding, history, offering, totals
from shopwright.commerce.pricing.history import Announced, ShownPrice
from shopwright.commerce.pricing.queries import ListPrice, Terms
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.promotions.index import Index
from shopwright.kit import clock
from shopwright.kit.money import Money


class Showing(NamedTuple):
    """What is shown of variants' prices, what anybody was shown of them last, how many of each can be had, and until when
    the clock leaves all of it as it is."""

    prices: dict[UUID, ShownPrice]
    announced: dict[UUID, Announced]
    available: dict[UUID, int]
    until: datetime | None


class Asked(NamedTuple):
    """Of a single piece, and before if that was more: in whole minor units of the channel's currency, since an index that holds
    thousands has no use for as many `Money`."""

    amount: int
    before: int | None


class Going(NamedTuple):
    """What is asked, and how many of each can be had."""

    prices: dict[UUID, Asked]
    available: dict[UUID, int]


def prices(
    channel_id: UUID, variant_ids: Collection[UUID], *, customer_id: UUID | None = None, group_id: UUID | None = None
) -> dict[UUID, ShownPrice]:
    """What is shown of these variants' prices there now, to anybody or to a customer or a group's members.

    One that is not on sale is absent. Raises `UnknownChannel`.
    """
    if not variant_ids:
        return {}
    return showing(channel_id, variant_ids, customer_id=customer_id, group_id=group_id).prices


def showing(
    channel_id: UUID, variant_ids: Collection[UUID], *, customer_id: UUID | None = None, group_id: UUID | None = None
) -> Showing:
    """As `prices`, with what else was read at the same moment, and the next at which the clock changes any of it."""
    since, basket = clock.now(), _singly(channel_id, variant_ids, customer_id, group_id)
    terms, index = finding.known_of_shown(basket)
    announced = {each.variant_id: each for each in terms.announced}
    found: dict[UUID, ShownPrice] = {}
    for listed, amount, before in _each_shown(basket, terms, index):
        price = Money(amount, listed.currency)
        lowest = None if before is None else totals.lowest_for(price, listed, announced.get(listed.variant_id))
        found[listed.variant_id] = ShownPrice(price, None if before is None else Money(before, listed.currency), lowest)
    changes = (terms.changes_at, index.changes_at(since), *(stock.frees_at for stock in terms.stock))
    return Showing(
        prices=found, announced=announced,
        available={stock.variant_id: stock.quantity for stock in terms.stock},
        until=min((at for at in changes if at is not None), default=None),
    )  # fmt: skip


def going(channel_id: UUID, variant_ids: Collection[UUID]) -> Going:
    """What is asked of anybody now, for hundreds of variants. Raises `UnknownChannel`."""
    basket = _singly(channel_id, variant_ids)
    terms, index = finding.known_of_shown(basket, with_history=False)
    return Going(
        prices={
            listed.variant_id: Asked(amount, before) for listed, amount, before in _each_shown(basket, terms, index)
        },
        available={stock.variant_id: stock.quantity for stock in terms.stock},
    )


def announce(channel_id: UUID, variant_ids: Collection[UUID]) -> dict[UUID, ShownPrice]:
    """Write down what anybody is shown of these variants' prices there from now on; answers as `prices`."""
    if not variant_ids:
        return {}
    found = showing(channel_id, variant_ids)
    history.announce(channel_id, channels.get(channel_id).currency, variant_ids, found.prices, found.announced)
    return found.prices


def _singly(
    channel_id: UUID, variant_ids: Iterable[UUID], customer_id: UUID | None = None, group_id: UUID | None = None
) -> Basket:
    pieces = (BasketLine(line_id=id_, variant_id=id_, quantity=1) for id_ in dict.fromkeys(variant_ids))
    return Basket(
        channel_id=channel_id, locale="", lines=tuple(pieces), customer_id=customer_id, group_id=group_id
    )  # fmt: skip


def _each_shown(basket: Basket, terms: Terms, index: Index) -> Iterator[tuple[ListPrice, int, int | None]]:
    """The price of each that is on sale, what is asked for a piece, and what before, if that was more."""
    shown = offering.shown_amounts(index, basket, terms)
    on_sale = {row.id for row in terms.sellable}
    for listed in terms.prices:
        if listed.variant_id in on_sale:
            amount = shown.get(listed.variant_id, listed.amount)
            yield listed, amount, listed.amount if amount < listed.amount else listed.compare_at_amount
