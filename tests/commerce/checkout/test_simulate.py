"""Looking before leaping: a promotion is tried on what was really ordered, and nothing else comes of it."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from sqlalchemy import Text, cast, delete, select, update

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import categories
from shopwright.commerce.catalog.models import ProductCategory
from shopwright.commerce.checkout import simulate
from shopwright.commerce.checkout.models import Simulation, State
from shopwright.commerce.checkout.tasks import run_simulations
from shopwright.commerce.orders.models import Order
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.basis import Basis
from shopwright.commerce.pricing.quotes import Quote
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.promotions import service as promotion_service
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.rules import (
    AmountOff,
    BuyGet,
    Categories,
    Code,
    Currencies,
    Effect,
    FreeGift,
    Kind,
    Limits,
    Percentage,
    ShippingOff,
    Subtotal,
    Terms,
    Variants,
)  # fmt: skip
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_product_on_sale, make_promotion, staff_headers
from tests.shopping import Buyer, Shop

TENTH, HALF, ALL = Percentage(ppm=100_000), Percentage(ppm=500_000), Percentage(ppm=1_000_000)


def draft(effect: Effect, *conditions: Any, kind: Kind = Kind.CART, name: str = "A draft", **more: Any) -> Promotion:
    with transaction():
        return promotion_service.create_promotion(
            Terms(name=name, kind=kind, effect=effect, conditions=conditions, **more)
        )


def begun(client: FlaskClient, promotion_id: UUID, **asked: Any) -> Any:
    headers = staff_headers(Permission.PROMOTIONS_WRITE)
    answer = client.post(f"/v1/admin/promotions/{promotion_id}/simulate", json=asked, headers=headers)
    assert answer.status_code == 202, answer.json
    assert answer.headers["Location"] == f"/v1/admin/simulations/{answer.json['id']}"
    return answer.json


def shown(client: FlaskClient, simulation: Any) -> Any:
    headers = staff_headers(Permission.PROMOTIONS_READ)
    return client.get(f"/v1/admin/simulations/{simulation['id']}", headers=headers).json


def tried(client: FlaskClient, promotion_id: UUID, **asked: Any) -> Any:
    simulation = begun(client, promotion_id, **asked)
    run_simulations()
    found = shown(client, simulation)
    assert (found["state"], found["failure"]) == ("done", None)
    return found


def orders(buyer: Buyer, *wanted: tuple[UUID, int], code: str | None = None, email: str = "ada@example.com") -> Any:
    buyer.cart, buyer.order = {}, {}
    buyer.opens_a_cart()
    for variant_id, quantity in wanted:
        buyer.takes(variant_id, quantity)
    buyer.says_who_and_where(email, street=f"Street of {email}")
    if code:
        buyer.enters(code)
    return buyer.orders()


def costs(shop: Shop, variant_id: UUID, price: int, cost: int) -> UUID:
    with transaction():
        pricing.set_price(variant_id, shop.channel.id, Money(price, "EUR"), cost=Money(cost, "EUR"))
    return variant_id


def bases() -> list[Basis]:
    with reading():
        kept = session.scalars(select(cast(Order.basis, Text)).order_by(Order.placed_at, Order.id))
        return [msgspec.json.decode(basis, type=Basis) for basis in kept]


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def kinds(found: Any) -> list[str]:
    return [warning["kind"] for warning in found["result"]["warnings"]]


def test_an_order_keeps_what_it_was_quoted_from(buyer: Buyer, shop: Shop) -> None:
    make_promotion(TENTH)
    mug = costs(shop, shop.product(price=2000), 2000, 900)
    placed = orders(buyer, (mug, 2))
    (basis,) = bases()
    (line,) = basis.offer.lines
    assert (line.variant_id, line.quantity, line.unit_amount, line.unit_cost) == (mug, 2, 2000, 900)
    assert (basis.offer.shipping_amount, basis.offer.country, basis.basket.country) == (490, "DE", "DE")
    assert len(basis.basket.buyer_keys) == 2
    # Nothing has changed since, so it still makes the same quote.
    with reading():
        assert pricing.quote(replace(basis.basket, at=basis.offer.at)).total == Money(placed["total"]["amount"], "EUR")


def random_shop(buyer: Buyer, shop: Shop, chance: random.Random, count: int) -> list[UUID]:
    """So many orders of a few of five things, by the rules of four promotions."""
    goods = [costs(shop, shop.product(price=price, stock_of=1000), price, cost) for price, cost in PRICES]
    make_promotion(Percentage(ppm=200_000), Variants(any_of=(goods[0],)), kind=Kind.CATALOG, name="Sale")
    make_promotion(BuyGet(buy_quantity=2, get_quantity=1), priority=20, name="Third free")
    make_promotion(TENTH, Subtotal(currency="EUR", at_least=5000), priority=30, exclusive_group="big", name="Big")
    coded = make_promotion(AmountOff(amount=300, currency="EUR"), Code(), priority=40, name="Coded")
    with transaction():
        codes.add_code(coded.id, "SUMMER")
    for number in range(count):
        wanted = [(variant_id, chance.randint(1, 4)) for variant_id in chance.sample(goods, chance.randint(1, 3))]
        orders(buyer, *wanted, code="SUMMER" if chance.random() < 0.3 else None, email=f"guest-{number}@example.com")
    return goods


PRICES = [(1900, 800), (999, 990), (4500, 1200), (250, 10), (12000, 9000)]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulation_is_as_quoting_every_order_again_one_by_one(buyer: Buyer, shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    goods = random_shop(buyer, shop, chance, 30)
    drafts = [
        draft(Percentage(ppm=250_000), Variants(any_of=tuple(goods[:2])), priority=10, is_final=True),
        draft(AmountOff(amount=700, currency="EUR"), Subtotal(currency="EUR", at_least=2500), priority=25, exclusive_group="big"),
        draft(HALF, Variants(any_of=(goods[1],)), kind=Kind.CATALOG),
        draft(ShippingOff()),
    ]  # fmt: skip
    kept = bases()
    for each in drafts:
        result = tried(buyer.client, each.id)["result"]
        with reading():
            rule = promotions.as_if_active(promotions.get(each.id))
            both = [requoted(basis, rule) for basis in kept]
        changed = [(before, after) for before, after in both if steps(before) != steps(after)]
        given = [-amount for _, after in both for id_, amount in steps(after) if id_ == each.id]
        assert 0 < len(changed) < len(both) or isinstance(each.terms.effect, ShippingOff)
        assert (result["orders_touched"], len(given) > 0) == (len(changed), True)
        (found,) = result["currencies"]
        assert found["change"] == euros(sum(after.total.amount - before.total.amount for before, after in both))
        assert found["discount"] == euros(sum(given))
        assert found["margin_after"]["amount"] - found["margin_before"]["amount"] == sum(
            line.net.amount for _, after in changed for line in after.lines
        ) - sum(line.net.amount for before, _ in changed for line in before.lines)


def requoted(basis: Basis, rule: Any) -> tuple[Quote, Quote]:
    basket = replace(basis.basket, at=basis.offer.at)
    return pricing.quote(basket), pricing.quoted(basket, rules=[rule]).quote


def steps(quote: Quote) -> list[tuple[UUID, int]]:
    parts = [*quote.lines, *([quote.shipping] if quote.shipping else [])]
    return [(step.promotion_id, step.amount.amount) for part in parts for step in part.steps if step.promotion_id]


def test_what_changed_since_makes_no_difference(buyer: Buyer, shop: Shop) -> None:
    mug = costs(shop, shop.product(price=2000), 2000, 900)
    orders(buyer, (mug, 1))
    with transaction():
        pricing.set_price(mug, shop.channel.id, Money(9000, "EUR"), cost=Money(1, "EUR"))
    (found,) = tried(buyer.client, draft(TENTH).id)["result"]["currencies"]
    # 20.00 with 19 % tax in it are 16.81 without, 18.00 are 15.13; each less 9.00.
    assert found == {
        "currency": "EUR", "orders": 1, "discount": euros(200), "change": euros(-200), "margin_before": euros(781),
        "margin_after": euros(613), "lines_without_cost": 0,
    }  # fmt: skip


def test_a_draft_may_ask_of_items_what_no_rule_asked_when_they_were_ordered(buyer: Buyer, shop: Shop) -> None:
    with transaction():
        kitchen = categories.create_category(title="Kitchen")
        mugs = categories.create_category(title="Mugs", parent_id=kitchen.id)
    stock = {shop.location_id: 10}
    product_id, (mug,) = make_product_on_sale({shop.channel: 2000}, on_hand=stock, category_ids=[mugs.id])
    orders(buyer, (mug, 1))
    orders(buyer, (shop.product(price=5000), 1))
    with transaction():
        session.execute(delete(ProductCategory).where(ProductCategory.product_id == product_id))
    result = tried(buyer.client, draft(TENTH, Categories(any_of=(kitchen.id,))).id)["result"]
    assert (result["orders_touched"], result["currencies"][0]["discount"]) == (1, euros(200))


def test_it_tells_with_which_promotions_it_overlaps(buyer: Buyer, shop: Shop) -> None:
    mug, tee = shop.product(price=2000), shop.product(price=3000)
    beside = make_promotion(TENTH, Variants(any_of=(mug,)), name="Mugs", priority=200)
    better = make_promotion(TENTH, Variants(any_of=(tee,)), name="Tees", exclusive_group="one")
    orders(buyer, (mug, 1))
    orders(buyer, (tee, 1))
    orders(buyer, (mug, 1), (tee, 1))
    result = tried(buyer.client, draft(Percentage(ppm=300_000), exclusive_group="one").id)["result"]
    assert (result["orders_touched"], result["orders_given"]) == (3, 3)
    assert result["overlaps"] == [
        {"promotion_id": str(beside.id), "name": "Mugs", "together": 2, "displaced": 0},
        {"promotion_id": str(better.id), "name": "Tees", "together": 0, "displaced": 2},
    ]


def test_a_draft_with_dates_and_a_code_is_tried_as_if_in_force_and_entered(buyer: Buyer, shop: Shop) -> None:
    orders(buyer, (shop.product(price=2000), 1))
    soon = clock.now() + timedelta(days=20)
    later = make_promotion(TENTH, name="Later", starts_at=soon + timedelta(days=9), priority=200)
    over = make_promotion(TENTH, name="Over by then", ends_at=soon - timedelta(days=1))
    meets = make_promotion(TENTH, name="Meets it", starts_at=soon + timedelta(days=1), priority=200)
    tries = draft(TENTH, Code(), starts_at=soon, ends_at=soon + timedelta(days=7))
    result = tried(buyer.client, tries.id)["result"]
    assert [overlap["promotion_id"] for overlap in result["overlaps"]] == [str(meets.id)]
    assert result["currencies"][0]["discount"] == euros(200)
    assert tried(buyer.client, tries.id, assumes_code=False)["result"]["orders_touched"] == 0
    assert {later.id, over.id}.isdisjoint({UUID(overlap["promotion_id"]) for overlap in result["overlaps"]})


def test_an_active_promotion_is_compared_with_the_shop_without_it(buyer: Buyer, shop: Shop) -> None:
    active = make_promotion(TENTH)
    orders(buyer, (shop.product(price=2000), 1))
    (found,) = tried(buyer.client, active.id)["result"]["currencies"]
    assert (found["discount"], found["change"]) == (euros(200), euros(-200))


def test_what_has_ended_is_not_tried(client: FlaskClient) -> None:
    ended = make_promotion(TENTH)
    with transaction():
        promotion_service.end_promotion(ended.id)
    headers = staff_headers(Permission.PROMOTIONS_WRITE)
    refused = client.post(f"/v1/admin/promotions/{ended.id}/simulate", json={}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (409, "promotion-state-conflict")
    with reading():
        assert session.scalars(select(Simulation)).all() == []


def test_limits_hold_in_the_order_of_time(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=2000)
    for number in range(4):
        orders(buyer, (mug, number + 1), email=f"guest-{number}@example.com")
    result = tried(buyer.client, draft(TENTH, limits=Limits(total=2)).id)["result"]
    assert (result["orders_given"], result["currencies"][0]["discount"]) == (2, euros(600))
    limited = draft(TENTH, Currencies(any_of=("EUR",)), limits=Limits(budget=Money(1100, "EUR")), name="Budget")
    assert tried(buyer.client, limited.id)["result"]["currencies"][0]["discount"] == euros(200 + 400)


def test_the_strangest_orders_come_first_and_say_why(buyer: Buyer, shop: Shop) -> None:
    mug = costs(shop, shop.product(price=2000, stock_of=100), 2000, 1500)
    tee = shop.product(price=9000, stock_of=100)
    cheap, dear = orders(buyer, (mug, 1)), orders(buyer, (mug, 1), (tee, 3))
    for _ in range(10):
        orders(buyer, (tee, 1))
    strangest = tried(buyer.client, draft(HALF).id)["result"]["strangest"]
    assert len(strangest) == 10
    by_number = {strange["number"]: strange for strange in strangest}
    assert by_number[dear["number"]]["reasons"] == ["below-cost", "largest-loss", "share-off"]
    first = by_number[cheap["number"]]
    # 10.00 with tax in it are 8.40 without; the mug costs 15.00.
    assert (first["listed"], first["before"], first["after"], first["discount"], first["below_cost"], first["off_ppm"]) == (
        euros(2490), euros(2490), euros(1490), euros(1000), euros(660), 500_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"effect": ALL}, ["nearly-free", "below-cost", "no-limit"]),
        ({"effect": Percentage(ppm=600_000), "limits": Limits(total=9)}, ["half-off", "below-cost"]),
        ({"effect": Percentage(ppm=350_000), "limits": Limits(total=9)}, ["stacks"]),
        ({"effect": BuyGet(buy_quantity=3, get_quantity=1), "limits": Limits(total=9)}, ["stacks-with-itself"]),
        ({"effect": TENTH, "limits": Limits(total=9)}, []),
    ],
)
def test_signs_of_a_mistake_are_told(buyer: Buyer, shop: Shop, said: dict[str, Any], wanted: list[str]) -> None:
    mug = costs(shop, shop.product(price=2000), 2000, 700)
    make_promotion(Percentage(ppm=250_000), name="Quarter", priority=200)
    orders(buyer, (mug, 4))
    found = tried(buyer.client, draft(**said).id)
    assert kinds(found) == wanted


def test_the_same_rule_twice_and_a_gift_for_nothing_are_signs_of_a_mistake(buyer: Buyer, shop: Shop) -> None:
    mug, gift = shop.product(price=2000), shop.product(price=700)
    make_promotion(TENTH, name="Ten")
    orders(buyer, (mug, 1))
    twins = tried(buyer.client, draft(TENTH, ends_at=clock.now() + timedelta(days=1)).id)["result"]["warnings"]
    assert twins == [{"kind": "given-twice", "detail": "“Ten” says the same, and both are given.", "orders": 1}]
    found = tried(buyer.client, draft(FreeGift(any_of=(gift,)), name="Gift").id)
    assert (kinds(found), found["result"]["has_gifts_of_now"]) == (["no-limit", "gift-without-bound"], True)


def test_only_orders_of_the_window_and_the_channel_are_read(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=2000)
    orders(buyer, (mug, 1))
    orders(buyer, (mug, 1))
    canceled = orders(buyer, (mug, 1))
    buyer.said(buyer.send("POST", f"/v1/orders/{canceled['id']}/cancel"), 200)
    tries = draft(TENTH)
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert tried(buyer.client, tries.id)["orders_read"] == 2
    assert tried(buyer.client, tries.id, channel_id=str(shop.channel.id), until=tomorrow)["orders_read"] == 2
    assert tried(buyer.client, tries.id, **{"from": clock.now().isoformat()})["orders_read"] == 0
    with transaction():
        session.execute(update(Order).where(Order.id == UUID(buyer.order["id"])).values(basis=None, state="open"))
    older = tried(buyer.client, tries.id)
    assert (older["orders_read"], older["orders_total"], older["orders_left_out"]) == (2, 2, 1)


def test_who_takes_up_what_another_left_goes_on_from_there(
    buyer: Buyer, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = shop.product(price=2000)
    for number in range(5):
        orders(buyer, (mug, 1), email=f"guest-{number}@example.com")
    tries = draft(TENTH, limits=Limits(total=4))
    whole = tried(buyer.client, tries.id)["result"]
    monkeypatch.setattr(simulate, "AT_ONCE", 2)
    simulation = begun(buyer.client, tries.id)
    with clock.held_at(clock.now()):
        first = simulate.take()
        assert first is not None
        # One step, and the worker is gone.
        simulate.work(first, end=0.0)
        with transaction():
            held = {"held_until": clock.now() + simulate.LEASE, "held_by": first.held_by}
            session.execute(update(Simulation).where(Simulation.id == first.id).values(held))
        half = shown(buyer.client, simulation)
        assert (half["state"], half["orders_read"], half["orders_total"], half["result"]) == ("running", 2, 5, None)
        run_simulations()
        assert shown(buyer.client, simulation)["orders_read"] == 2
        clock.advance(simulate.LEASE)
        run_simulations()
        done = shown(buyer.client, simulation)
        assert (done["state"], done["orders_read"], done["result"]) == ("done", 5, whole)
        # The first one was only slow: what it still had to say is not heard.
        with pytest.raises(simulate.NoLongerOurs):
            simulate.work(first, end=0.0)
    assert shown(buyer.client, simulation) == done


def test_what_never_gets_on_fails_and_says_so(buyer: Buyer, shop: Shop) -> None:
    simulation = begun(buyer.client, draft(TENTH).id)
    with clock.held_at(clock.now()):
        for _ in range(simulate.MOST_TRIES):
            assert simulate.take() is not None
            assert simulate.take() is None
            clock.advance(simulate.LEASE)
        assert simulate.take() is None
    found = shown(buyer.client, simulation)
    assert (found["state"], found["result"]) == ("failed", None)
    assert found["failure"] == "It was begun 3 times after the same order, and never got on."


def test_a_fault_fails_the_simulation_and_not_the_others(buyer: Buyer, shop: Shop) -> None:
    orders(buyer, (shop.product(price=2000), 1))
    broken = begun(buyer.client, draft(TENTH).id)
    good = begun(buyer.client, draft(TENTH).id)
    with transaction():
        session.execute(
            update(Simulation).where(Simulation.id == UUID(broken["id"])).values(place=["never", "nowhere"])
        )
    run_simulations()
    found = shown(buyer.client, broken)
    assert (found["state"], found["failure"]) == (State.FAILED, "ValidationError: see the log.")
    assert shown(buyer.client, good)["state"] == State.DONE


def test_simulations_are_listed_the_newest_first(buyer: Buyer, shop: Shop) -> None:
    one, other = draft(TENTH), draft(HALF)
    made = [begun(buyer.client, promotion.id)["id"] for promotion in (one, other, one)]
    headers = staff_headers(Permission.PROMOTIONS_READ)
    everything = buyer.client.get("/v1/admin/simulations", headers=headers).json["items"]
    assert [each["id"] for each in everything] == made[::-1]
    mine = buyer.client.get(f"/v1/admin/simulations?promotion_id={one.id}", headers=headers).json["items"]
    assert [each["id"] for each in mine] == [made[2], made[0]]


def test_only_who_may_write_promotions_begins_one_and_only_who_may_read_them_sees_it(buyer: Buyer, shop: Shop) -> None:
    tries = draft(TENTH)
    path = f"/v1/admin/promotions/{tries.id}/simulate"
    refused = buyer.client.post(path, json={}, headers=staff_headers(Permission.PROMOTIONS_READ))
    assert (refused.status_code, refused.json["permission"]) == (403, "promotions:write")
    with reading():
        assert session.scalars(select(Simulation)).all() == []
    simulation = begun(buyer.client, tries.id)
    stranger = staff_headers(Permission.ORDERS_READ)
    for path in ("/v1/admin/simulations", f"/v1/admin/simulations/{simulation['id']}"):
        assert buyer.client.get(path, headers=stranger).status_code == 403
    unknown = buyer.client.get(f"/v1/admin/simulations/{tries.id}", headers=staff_headers(Permission.PROMOTIONS_READ))
    assert (unknown.status_code, unknown.json["code"]) == (404, "unknown-simulation")


def test_a_simulation_changes_no_promotion_and_no_order(buyer: Buyer, shop: Shop) -> None:
    placed = orders(buyer, (shop.product(price=2000), 1))
    tries = draft(TENTH, limits=Limits(total=1))
    with reading():
        version = session.scalar(select(promotions.RULES_VERSION))
    tried(buyer.client, tries.id)
    assert buyer.looks_at_the_order()["total"] == placed["total"]
    with reading():
        assert session.scalar(select(promotions.RULES_VERSION)) == version
        assert promotions.get(tries.id).version == tries.version
