"""The little shop of the guide's examples, and short words for its rules, offers and judgements."""

from typing import Any
from uuid import UUID

from tests.pricing_oracle.state import Plain

AT = "2026-06-05T12:00:00+00:00"
SHOES, TEE, CAP, MUG, SOCKS, TOWEL = range(1, 7)
#: What a piece costs, and what the shop pays for it.
PRICES = {
    SHOES: (8000, None), TEE: (2000, None), CAP: (1500, 1000), MUG: (1200, 500), SOCKS: (500, None), TOWEL: (1980, None),
}  # fmt: skip


def id_of(number: int) -> str:
    return str(UUID(int=number))


def rule(number: int, name: str, effect: Plain, *conditions: Plain, **more: Any) -> Plain:
    """A cart rule with all its defaults; its number is its id and, unless said, its priority."""
    return {
        "id": id_of(number), "version": 1, "name": name, "kind": "cart", "effect": effect,
        "conditions": list(conditions), "priority": number, "exclusive_group": None, "is_final": False,
        "is_announced": False, "floor_margin_ppm": None, "starts_at": None, "ends_at": None, "is_paused": False, **more,
    }  # fmt: skip


def percent(percentage: float, cap: int | None = None) -> Plain:
    return {"kind": "percentage", "ppm": round(percentage * 10_000), "cap": cap}


def off(amount: int, per: str = "order") -> Plain:
    return {"kind": "amount", "amount": amount, "currency": "EUR", "per": per, "cap": None}


def only(*goods: int) -> Plain:
    return {"kind": "variant", "any_of": [id_of(one) for one in goods], "is_not": False}


def from_subtotal(amount: int) -> Plain:
    return {"kind": "subtotal", "currency": "EUR", "at_least": amount, "at_most": None}


CODE: Plain = {"kind": "code"}


def offer(quantities: dict[int, int], **more: Any) -> Plain:
    """So many pieces of each; a line's id is its variant's."""
    return {
        "channel_id": id_of(900), "currency": "EUR", "country": "DE", "channel_country": "DE", "at": AT,
        "lines": [line(goods, quantity) for goods, quantity in quantities.items()],
        "shopper": {"customer_id": None, "group_ids": [], "has_ordered": False, "registered_at": None},
        "shipping_method_id": None, "shipping_amount": None, "codes": [], "gifts": [], "chosen_gifts": [], "spent": [],
        **more,
    }  # fmt: skip


def line(goods: int, quantity: int) -> Plain:
    price, cost = PRICES[goods]
    return {
        "line_id": id_of(goods), "variant_id": id_of(goods), "product_id": id_of(goods), "quantity": quantity,
        "unit_amount": price, "unit_cost": cost, "brand_id": None, "category_ids": [], "collection_ids": [],
        "attributes": {}, "is_on_sale": False, "is_gift_card": False,
    }  # fmt: skip


def entered(text: str, by: Plain | None) -> Plain:
    return {"text": text, "promotion_id": by and by["id"]}


def shipping_for(amount: int) -> Plain:
    return {"shipping_method_id": id_of(800), "shipping_amount": amount}


def judged(*lines: Plain, **more: Any) -> Plain:
    nothing = {
        "gifts": [], "shipping_amount": None, "shipping": [], "refusals": [], "redemptions": [],
    }  # fmt: skip
    return {"lines": list(lines), **nothing, **more}


def costs(goods: int, amount: int, *cart: Plain, unit: int | None = None, catalog: list[Plain] | None = None) -> Plain:
    """A line's judgement: the steps of cart rules, and what it costs in the end."""
    return {
        "line_id": id_of(goods), "unit_amount": PRICES[goods][0] if unit is None else unit, "amount": amount,
        "catalog": catalog or [], "cart": list(cart),
    }  # fmt: skip


def step(by: Plain, base: int, amount: int, code: str | None = None) -> Plain:
    return {
        "promotion_id": by["id"], "version": 1, "name": by["name"], "base": base, "amount": amount, "code": code,
    }  # fmt: skip


def redeemed(by: Plain, amount: int, code: str | None = None) -> Plain:
    return {"promotion_id": by["id"], "version": 1, "amount": amount, "code": code}


def refused(kind: str, by: Plain | None, code: str | None = None, /, **facts: Any) -> Plain:
    return {
        "kind": kind, "promotion_id": by and by["id"], "name": by and by["name"], "code": code, "facts": facts,
    }  # fmt: skip
