"""Bad rules are refused when they are saved, with a pointer to each fault."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from shopwright.commerce.accounts import groups
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import product_types
from shopwright.commerce.catalog.drafts import AttributeDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind, Brand
from shopwright.commerce.promotions.models import Promotion
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.make import (
    make_channel,
    make_priced_variant,
    make_shipping_method,
    make_shipping_zone,
    staff_headers,
)  # fmt: skip

PATH = "/v1/admin/promotions"
TEN: dict[str, Any] = {"kind": "percentage", "ppm": 100_000}
NOBODY = "0199b1f0-a3c5-7d3e-8c1a-5f0d2b4e6a78"


def post(client: FlaskClient, **said: Any) -> Any:
    body = {"name": "A rule", "kind": "cart", "effect": TEN} | said
    return client.post(PATH, json=body, headers=staff_headers(Permission.PROMOTIONS_WRITE))


def pointers(client: FlaskClient, **said: Any) -> list[str]:
    """Where the faults are; nothing may have been saved."""
    answer = post(client, **said)
    assert answer.status_code == 422, answer.json
    with reading():
        assert session.scalar(select(func.count()).select_from(Promotion)) == 0
    return [fault["pointer"] for fault in answer.json["errors"]]


def amount(currency: str = "EUR", **more: Any) -> dict[str, Any]:
    return {"kind": "amount", "amount": 500, "currency": currency} | more


def buy_one_get(*items: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "buy_get", "buy_quantity": 1, "get_quantity": 1, "get": items}


def bundle_of(*items: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "bundle", "price": 5, "currency": "EUR", "parts": [{"items": items}]}


BAD: list[tuple[str, dict[str, Any]]] = [
    ("/effect/ppm", {"effect": {"kind": "percentage", "ppm": 1_000_001}}),
    ("/effect", {"effect": {"kind": "magic"}}),
    ("/effect/word", {"effect": TEN | {"word": 1}}),
    ("/effect/cap", {"effect": TEN | {"cap": 0}}),
    ("/effect/of", {"effect": {"kind": "cheapest_free", "of": 1}}),
    ("/effect/amount", {"effect": amount(amount=0)}),
    ("/effect/currency", {"effect": amount("XQX")}),
    ("/effect/currency", {"effect": amount("EUR\n")}),
    ("/effect/currency", {"effect": amount(), "conditions": [{"kind": "currency", "any_of": ["USD"]}]}),
    ("/effect/tiers/1/at_least", {"effect": {"kind": "tiers", "tiers": [{"at_least": 3, "ppm": 1}, {"at_least": 3, "ppm": 2}]}}),
    ("/effect/any_of/0", {"effect": {"kind": "gift", "any_of": [NOBODY]}}),
    ("/effect/get/0/any_of/0", {"effect": buy_one_get({"kind": "brand", "any_of": [NOBODY]})}),
    ("/effect/parts/0/items/0/any_of/0", {"effect": bundle_of({"kind": "product", "any_of": [NOBODY]})}),
    ("/ends_at", {"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"}),
    ("/starts_at", {"starts_at": "2026-01-02T00:00:00"}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "variant", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "category", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "collection", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "group", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "channel", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "shipping_method", "any_of": [NOBODY]}]}),
    ("/conditions/0/any_of", {"conditions": [{"kind": "product", "any_of": []}]}),
    ("/conditions/0/any_of/1", {"conditions": [{"kind": "currency", "any_of": ["EUR", "EUR"]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "currency", "any_of": ["euro"]}]}),
    ("/conditions/0/any_of/0", {"conditions": [{"kind": "country", "any_of": ["XX"]}]}),
    ("/conditions/0/code", {"conditions": [{"kind": "attribute", "code": "nope", "any_of": ["red"]}]}),
    ("/conditions/0/at_most", {"conditions": [{"kind": "quantity", "at_least": 3, "at_most": 2}]}),
    ("/conditions/0/at_most", {"conditions": [{"kind": "subtotal", "currency": "EUR", "at_least": 3, "at_most": 2}]}),
    ("/conditions/0/zone", {"conditions": [{"kind": "hours", "zone": "Europe/Nowhere"}]}),
    ("/conditions/0/zone", {"conditions": [{"kind": "hours", "zone": "../../etc/passwd"}]}),
    ("/conditions/0/weekdays/1", {"conditions": [{"kind": "hours", "zone": "UTC", "weekdays": [1, 1]}]}),
    ("/conditions/0/from", {"conditions": [{"kind": "hours", "zone": "UTC", "from": "24:00"}]}),
    ("/conditions/1", {"conditions": [{"kind": "first_order"}, {"kind": "first_order"}]}),
    ("/conditions/0/currency", {"effect": amount(), "conditions": [{"kind": "subtotal", "currency": "USD"}]}),
    ("/limits/per_code", {"limits": {"per_code": 1}}),
    ("/limits/total", {"limits": {"total": 0}}),
    ("/limits/budget", {"limits": {"budget": {"amount": 500, "currency": "EUR"}}}),
    ("/limits/budget/currency", {"limits": {"budget": {"amount": 500, "currency": "USD"}}, "effect": amount()}),
    ("/limits/budget/amount", {"limits": {"budget": {"amount": 0, "currency": "EUR"}}, "effect": amount()}),
    ("/limits", {"kind": "catalog", "limits": {"total": 5}}),
    ("/effect", {"kind": "catalog", "effect": {"kind": "cheapest_free", "of": 3}}),
    ("/effect", {"kind": "catalog", "effect": {"kind": "shipping"}}),
    ("/effect/per", {"kind": "catalog", "effect": amount(per="order")}),
    ("/exclusive_group", {"exclusive_group": ["one", "two"]}),
    ("/name", {"name": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("pointer", "said"), BAD)
def test_a_bad_rule_is_refused_with_the_pointer_to_its_fault(
    client: FlaskClient, pointer: str, said: dict[str, Any]
) -> None:
    assert pointers(client, **said) == [pointer]


@pytest.mark.parametrize("kind", ["sale", "first_order", "code", "quantity"])
def test_a_catalog_promotion_asks_for_nothing_that_a_listing_cannot_know(client: FlaskClient, kind: str) -> None:
    assert pointers(client, kind="catalog", conditions=[{"kind": kind}]) == ["/conditions/0"]


def test_all_faults_are_named_at_once(client: FlaskClient) -> None:
    conditions = [
        {"kind": "hours", "zone": "Nowhere"}, {"kind": "brand", "any_of": [NOBODY]},
        {"kind": "quantity", "at_least": 9, "at_most": 1},
    ]  # fmt: skip

    assert pointers(client, conditions=conditions, limits={"per_code": 1}) == [
        "/conditions/0/zone", "/conditions/2/at_most", "/limits/per_code", "/conditions/1/any_of/0",
    ]  # fmt: skip


def test_a_megabyte_of_rule_is_refused(client: FlaskClient) -> None:
    thousand = [{"kind": "product", "any_of": [str(ids.new()) for _ in range(1000)]} for _ in range(20)]

    assert pointers(client, conditions=thousand)[0] == ""
    huge = post(client, name="x" * 1_000_001)
    assert (huge.status_code, huge.json["code"]) == (413, "payload-too-large")


def test_amounts_are_of_a_currency_that_the_channels_sell_in(client: FlaskClient) -> None:
    channel = make_channel(currency="EUR")
    only_there = [{"kind": "channel", "any_of": [str(channel.id)]}]

    assert pointers(client, effect=amount("USD"), conditions=only_there) == ["/effect/currency"]
    assert post(client, effect=amount("EUR"), conditions=only_there).status_code == 201


def test_two_stop_here_rules_of_a_priority_may_not_meet(client: FlaskClient) -> None:
    channel = make_channel()
    one, other = (str(make_priced_variant(channel, 100)) for _ in range(2))
    final = {"is_final": True, "priority": 7}
    first = post(client, **final, conditions=[{"kind": "variant", "any_of": [one]}])
    assert first.status_code == 201

    meeting = post(client, **final, conditions=[{"kind": "variant", "any_of": [one, other]}])
    assert (meeting.status_code, [fault["pointer"] for fault in meeting.json["errors"]]) == (422, ["/priority"])
    for allowed in (
        {"conditions": [{"kind": "variant", "any_of": [other]}]}, {"priority": 8}, {"is_final": False},
        {"kind": "catalog"}, {"effect": {"kind": "shipping"}},
    ):  # fmt: skip
        assert post(client, **final | allowed).status_code == 201, allowed


def test_a_rule_that_names_what_there_is_is_saved(client: FlaskClient) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 100)
    method = make_shipping_method(make_shipping_zone(), channel)
    with transaction():
        brand, group = Brand(name="Acme", slug="acme"), groups.create_group("Friends")
        session.add(brand)
        color = AttributeDraft(code="color", label="Color", kind=AttributeKind.TEXT)
        product_types.create_product_type("Mug", [color])
    conditions = [
        {"kind": "variant", "any_of": [str(variant)]}, {"kind": "brand", "any_of": [str(brand.id)], "is_not": True},
        {"kind": "group", "any_of": [str(group.id)]}, {"kind": "channel", "any_of": [str(channel.id)]},
        {"kind": "shipping_method", "any_of": [str(method.id)]}, {"kind": "country", "any_of": ["DE", "AT"]},
        {"kind": "attribute", "code": "color", "any_of": ["red"]}, {"kind": "code"},
        {"kind": "hours", "zone": "Europe/Berlin", "from": "18:00", "until": "20:00", "weekdays": [5]},
        {"kind": "subtotal", "currency": "EUR", "at_least": 5000},
    ]  # fmt: skip
    limits = {"total": 10, "per_code": 1, "budget": {"amount": 5000, "currency": "EUR"}}

    saved = post(client, effect=amount(cap=400), conditions=conditions, limits=limits)

    assert saved.status_code == 201, saved.json
    for wanted, said in zip(conditions, saved.json["conditions"], strict=True):
        assert said.items() >= wanted.items()
    assert saved.json["effect"] == amount(cap=400, per="order")
