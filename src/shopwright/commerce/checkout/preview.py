"""What any cart costs for any customer at any moment, with promotions that are not in force yet. Changes nothing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from shopwright.commerce.accounts import queries as accounts
from shopwright.commerce.cart import held as carts
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.checkout.errors import NothingToPreview
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote
from shopwright.commerce.promotions import buyers
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.promotions.errors import PromotionStateConflict
from shopwright.commerce.promotions.models import PromotionStatus
from shopwright.commerce.promotions.rules import Rule


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for instead of what the cart has; None leaves that as it is."""

    cart_id: UUID | None
    channel: str | None
    lines: Sequence[tuple[UUID, int]] | None
    customer_id: UUID | None
    parts: dict[str, Any]
    """Of a `Basket`, as they are."""


def preview(wanted: Wanted, promotion_ids: Sequence[UUID]) -> Quote:
    """Raises `CartNotFound`, `UnknownChannel`, `UnknownCustomer`, `UnknownPromotion`, `PromotionStateConflict` for one that has
    ended, and `NothingToPreview` without a cart or a channel.
    """
    rules = [_rule(promotion_id) for promotion_id in dict.fromkeys(promotion_ids)]
    return pricing.quoted(_basket(wanted), rules=rules).quote


def _rule(promotion_id: UUID) -> Rule:
    promotion = promotions.get(promotion_id)
    if promotion.status == PromotionStatus.ENDED:
        raise PromotionStateConflict(is_now=str(promotion.status))
    return promotions.as_if_active(promotion)


def _basket(wanted: Wanted) -> Basket:
    parts = {name: value for name, value in wanted.parts.items() if value is not None}
    if wanted.lines is not None:
        # Numbered, so that the same question has the same answer.
        parts["lines"] = tuple(
            BasketLine(line_id=UUID(int=place), variant_id=variant_id, quantity=quantity)
            for place, (variant_id, quantity) in enumerate(wanted.lines, start=1)
        )
    if wanted.customer_id is not None:
        customer = accounts.customer(wanted.customer_id)
        keys = buyers.keys_of(customer.id, customer.email, None)
        parts |= {"customer_id": customer.id, "buyer_keys": keys}
    channel = channels.by_code(wanted.channel) if wanted.channel is not None else None
    if channel is not None:
        parts["channel_id"] = channel.id
    if wanted.cart_id is not None:
        return replace(carts.anyones(wanted.cart_id).basket, **parts)
    if channel is None:
        raise NothingToPreview()
    return Basket(**{"locale": channel.default_locale, "lines": ()} | parts)
