"""The staff API of price lists."""

from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from shopwright import cli
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.models import Channel
from shopwright.kit import clock, ids, outbox
from tests.make import (
    make_channel,
    make_customer,
    make_location,
    make_price_list,
    make_priced_variant,
    make_product_on_sale,
    staff_headers,
)

LISTS = "/v1/admin/price-lists"


def reader() -> dict[str, str]:
    return staff_headers(Permission.PRICES_READ)


def writer(etag: str | None = None) -> dict[str, str]:
    return staff_headers(Permission.PRICES_WRITE) | ({"If-Match": etag} if etag else {})


def patched(client: FlaskClient, path: str, etag: str, **changes: Any) -> Any:
    return client.patch(path, json=changes, headers=writer(etag), content_type="application/merge-patch+json")


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def create(client: FlaskClient, channel: Channel, **terms: Any) -> Any:
    return client.post(LISTS, json={"channel_id": str(channel.id), "name": "Wholesale", **terms}, headers=writer())


def shown(client: FlaskClient, channel: Channel) -> list[int]:
    outbox.drain()
    items = client.get(f"/v1/products?channel={channel.code}").get_json()["items"]
    return [item["price"]["amount"] for item in items]


def test_a_list_is_created_shown_changed_and_kept_from_stale_edits(client: FlaskClient) -> None:
    channel = make_channel()
    created = create(client, channel, customer_id=str(make_customer().id), adjust_ppm=-100_000)
    assert created.status_code == 201
    assert (created.json["audience"], created.json["currency"], created.json["version"]) == ("customer", "EUR", 1)
    path = f"{LISTS}/{created.json['id']}"
    read = client.get(path, headers=reader())
    assert read.json == created.json
    changed = patched(client, path, read.headers["ETag"], priority=3, adjust_ppm=None)
    assert (changed.json["priority"], changed.json["adjust_ppm"], changed.json["version"]) == (3, None, 2)
    assert patched(client, path, read.headers["ETag"], priority=4).status_code == 412
    assert client.get(path, headers=reader()).json == changed.json
    assert client.get(f"{LISTS}?channel_id={channel.id}", headers=reader()).json["items"] == [changed.json]
    assert client.get(f"{LISTS}?channel_id={ids.new()}", headers=reader()).json["items"] == []


def test_prices_are_set_for_many_variants_at_once_and_taken_away(client: FlaskClient) -> None:
    channel = make_channel()
    one, two = sorted([make_priced_variant(channel, 1000), make_priced_variant(channel, 1000)])
    created = create(client, channel)
    path = f"{LISTS}/{created.json['id']}/prices"
    tiers = [{"price": euros(900)}, {"price": euros(800), "min_quantity": 5}]
    body = {"items": [{"variant_id": str(one), "tiers": tiers}, {"variant_id": str(two), "tiers": tiers[:1]}]}
    answer = client.post(path, json=body, headers=writer(created.headers["ETag"]))
    assert (answer.status_code, answer.json["version"]) == (200, 2)
    assert client.post(path, json=body, headers=writer(created.headers["ETag"])).status_code == 412
    first = client.get(f"{path}?limit=2", headers=reader()).json
    rest = client.get(f"{path}?limit=2&cursor={first['next_cursor']}", headers=reader()).json
    assert [(each["variant_id"], each["min_quantity"], each["price"]) for each in first["items"] + rest["items"]] == [
        (str(one), 1, euros(900)), (str(one), 5, euros(800)), (str(two), 1, euros(900)),
    ]  # fmt: skip
    gone = {"items": [{"variant_id": str(one), "tiers": []}]}
    assert client.post(path, json=gone, headers=writer("*")).status_code == 200
    assert [each["variant_id"] for each in client.get(path, headers=reader()).json["items"]] == [str(two)]


def test_what_cannot_be_right_is_refused_and_changes_nothing(client: FlaskClient) -> None:
    channel = make_channel()
    now = clock.now().isoformat()
    refused = create(client, channel, starts_at=now, ends_at=now, group_id=str(ids.new()))
    assert (refused.status_code, refused.json["type"].split(":")[-1].split("/")[-1]) == (422, "validation-failed")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/ends_at", "/group_id"]
    assert create(client, channel, adjust_ppm=-1_000_001).status_code == 422
    unknown = client.post(LISTS, json={"channel_id": str(ids.new()), "name": "x"}, headers=writer())
    assert unknown.status_code == 404
    created = create(client, channel)
    path = f"{LISTS}/{created.json['id']}"
    own = patched(client, path, "*", based_on_id=created.json["id"], adjust_ppm=0)
    assert [error["pointer"] for error in own.json["errors"]] == ["/based_on_id"]
    dollars = [{"price": {"amount": 1, "currency": "USD"}}]
    foreign = {"items": [{"variant_id": str(make_priced_variant(channel, 5)), "tiers": dollars}]}
    assert client.post(f"{path}/prices", json=foreign, headers=writer("*")).status_code == 422
    assert client.get(path, headers=reader()).json == created.json
    assert client.get(f"{LISTS}/{ids.new()}", headers=reader()).status_code == 404


@pytest.mark.parametrize("permission", [Permission.CATALOG_WRITE, Permission.PROMOTIONS_WRITE])
def test_only_those_who_may_set_prices_do(client: FlaskClient, permission: Permission) -> None:
    path = f"{LISTS}/{ids.new()}"
    for asked in (
        client.get(LISTS, headers=staff_headers(permission)),
        client.get(path, headers=staff_headers(permission)),
    ):
        assert asked.status_code == 403
    body = {"channel_id": str(ids.new()), "name": "x"}
    assert client.post(LISTS, json=body, headers=staff_headers(permission)).status_code == 403


def test_a_public_list_is_shown_on_listings_and_a_private_one_is_not(client: FlaskClient) -> None:
    channel = make_channel()
    _, (variant,) = make_product_on_sale({channel: 1000}, on_hand={make_location().id: 1})
    make_price_list(channel, (variant, 1, 400), customer_id=make_customer().id)
    assert shown(client, channel) == [1000]
    make_price_list(channel, (variant, 1, 900))
    assert shown(client, channel) == [900]
    created = create(client, channel, priority=1)
    tiers = {"items": [{"variant_id": str(variant), "tiers": [{"price": euros(850)}]}]}
    client.post(f"{LISTS}/{created.json['id']}/prices", json=tiers, headers=writer("*"))
    assert shown(client, channel) == [850]


@pytest.mark.usefixtures("app")
def test_the_command_line_explains_a_price_by_sku_or_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_connected", lambda **_: None)
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    listed = make_price_list(channel, (variant, 2, 900), name="From two on")

    def explain(named: UUID | str, *more: str) -> tuple[int, str]:
        said = CliRunner().invoke(cli.cli, ["explain-price", str(named), "--channel", channel.code, *more])
        return said.exit_code, said.output

    code, said = explain(variant, "--quantity", "2")
    assert (code, "1800 EUR" in said, f"[{listed.id} v2]" in said) == (0, True, True)
    code, said = explain(variant)
    assert (code, "price list 'From two on' v2 for public: no_price" in said) == (0, True)
    assert "not sold" in explain(variant, "--at", "2020-01-01")[1]
    assert explain("no-such-sku") == (1, "Error: The product has no such variant.\n")
