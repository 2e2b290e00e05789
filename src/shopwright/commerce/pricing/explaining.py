"""Why a variant costs what it costs, for whom and when."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.pricing import finding, queries, service
from shopwright.commerce.pricing.quotes import Basket, BasketLine, QuoteLine, Step
from shopwright.commerce.pricing.resolving import Considered
from shopwright.commerce.promotions.offers import Refusal
from shopwright.kit import clock
from shopwright.kit.money import Money


class Explanation(Struct, frozen=True, kw_only=True):
    """`line` is absent when it is not sold there; `lists` stand in the order in which they were asked."""

    at: datetime
    line: QuoteLine | None
    lists: tuple[Considered, ...]
    refusals: tuple[Refusal, ...]


def explain(
    variant_id: UUID, channel_id: UUID, *, customer_id: UUID | None = None, quantity: int = 1,
    at: datetime | None = None,
) -> Explanation:  # fmt: skip
    """So many pieces of the variant alone, bought by this customer at this moment. Raises `UnknownVariant`, `UnknownChannel`."""
    if not catalog.products_of([variant_id]):
        raise UnknownVariant()
    line = BasketLine(line_id=variant_id, variant_id=variant_id, quantity=quantity)
    locale = channels.get(channel_id).default_locale
    basket = Basket(channel_id=channel_id, locale=locale, lines=(line,), customer_id=customer_id, at=at or clock.now())
    quote = service.quote(basket)
    resolver = finding.resolver_of(basket, queries.terms(basket))
    return Explanation(
        at=basket.at or clock.now(),
        line=next((each for each in quote.lines if each.line_id == variant_id), None),
        lists=tuple(resolver.considered(variant_id, quantity)),
        refusals=quote.refusals,
    )


def variant_named(text: str) -> UUID:
    """The variant with this id or SKU. Raises `UnknownVariant`."""
    try:
        return UUID(text)
    except ValueError:
        found = catalog.variant_ids_by_sku([text]).get(text)
    if found is None:
        raise UnknownVariant()
    return found


def describe(explanation: Explanation) -> list[str]:
    """As lines for a terminal."""
    line = explanation.line
    said = [f"At {explanation.at:%Y-%m-%d %H:%M:%S %Z}:"]
    if line is None:
        said.append("not sold: it has no price there, or is not on sale")
    else:
        said[0] = f"{line.sku} x {line.quantity} at {explanation.at:%Y-%m-%d %H:%M:%S %Z}: {_shown(line.gross)}"
        said += [_step(step) for step in line.steps]
    for each in explanation.lists:
        amount = "" if each.amount is None else f" ({each.amount})"
        said.append(f"  price list {each.name!r} v{each.version} for {each.audience}: {each.verdict}{amount}")
    said += [f"  refused {refusal.name or refusal.code}: {refusal.kind}" for refusal in explanation.refusals]
    return said


def _step(step: Step) -> str:
    by = step.promotion_id or step.price_list_id
    source = f"  [{by} v{step.version}]" if by else ""
    base = f" of {_shown(step.base)}" if step.base else ""
    return f"  {_shown(step.amount):>16}  {step.kind}: {step.label}{base}{source}"


def _shown(money: Money) -> str:
    return f"{money.amount} {money.currency}"
