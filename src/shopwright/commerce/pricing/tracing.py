"""What promotions made of a basket, told line by line as the steps of its price."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID, uuid5

from shopwright.commerce.pricing.quotes import BasketLine, Step, StepKind
from shopwright.commerce.pricing.totals import Item, Priced, Shipped
from shopwright.commerce.promotions.offers import Applied, JudgedGift, JudgedLine, Judgement
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit.money import Money


def priced(items: Iterable[Item], judgement: Judgement) -> list[Priced]:
    """The items as promotions left them."""
    judged = {line.line_id: line for line in judgement.lines}
    return [_priced(item, judged.get(item.line.line_id)) for item in items]


def given(gifts: Iterable[JudgedGift], found: Mapping[UUID, Item]) -> Iterator[Priced]:
    """The gifts as lines of their own. The same gift of the same promotion always has the same line id."""
    for gift in gifts:
        item = found[gift.variant_id]
        line = BasketLine(
            line_id=uuid5(gift.step.promotion_id, gift.variant_id.hex), variant_id=gift.variant_id, quantity=1
        )
        nothing = Money(0, item.price.currency)
        steps = _steps(StepKind.CART_PROMOTION, [gift.step], item.price.currency)
        yield Priced(item._replace(line=line), nothing, nothing, steps, is_gift=True)


def shipped(offer: ShippingOffer, judgement: Judgement) -> Shipped:
    """The way to ship as promotions left it."""
    if judgement.shipping_amount is None:
        return Shipped(offer, offer.price)
    currency = offer.price.currency
    steps = _steps(StepKind.CART_PROMOTION, judgement.shipping, currency)
    return Shipped(offer, Money(judgement.shipping_amount, currency), steps)


def _priced(item: Item, judged: JudgedLine | None) -> Priced:
    quantity, currency = item.line.quantity, item.price.currency
    if judged is None:
        return Priced(item, item.price.price, item.price.price * quantity)
    catalog = _steps(StepKind.CATALOG_PROMOTION, judged.catalog, currency, quantity)
    cart = _steps(StepKind.CART_PROMOTION, judged.cart, currency)
    return Priced(item, Money(judged.unit_amount, currency), Money(judged.amount, currency), catalog + cart)


def _steps(kind: StepKind, applied: Sequence[Applied], currency: str, times: int = 1) -> tuple[Step, ...]:
    return tuple(
        Step(
            kind=kind, label=each.name, amount=Money(-each.amount * times, currency), base=Money(each.base, currency),
            promotion_id=each.promotion_id, version=each.version, code=each.code,
        )
        for each in applied
    )  # fmt: skip
