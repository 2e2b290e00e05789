"""Limits of promotions under parallel orders (F20, the voucher attack of ACIDRain, I6): never one more than allowed."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from shopwright.commerce.cart.models import Cart, CartLine
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders import tasks as expiring
from shopwright.commerce.orders.models import Order
from shopwright.commerce.promotions import codes, service
from shopwright.commerce.promotions.rules import AmountOff, Code, FirstOrder, Limits, Percentage
from shopwright.commerce.promotions.use_models import PromotionRedemption, PromotionUse
from shopwright.kit import clock, db, ids, verification
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests import make
from tests.races.parallel import together
from tests.receiver import until
from tests.shopping import Buyer, Shop, make_shop

FIVE_OFF = AmountOff(amount=500, currency="EUR")


@pytest.fixture
def shop(real_app: Flask) -> Shop:
    return make_shop()


def promotion(code: str | None = None, effect: Any = FIVE_OFF, **limits: Any) -> UUID:
    made = make.make_promotion(effect, *([Code()] if code else []), limits=Limits(**limits))
    if code:
        with transaction():
            codes.add_code(made.id, code)
    return made.id


def shoppers(app: Flask, shop: Shop, mug: UUID, count: int, code: str | None, email: str | None = None) -> list[Buyer]:
    """Each with a cart that is ready, and the code in it. The first filled it as shoppers do; the others have copies."""
    first = Buyer(app.test_client(), shop)
    first.opens_a_cart()
    first.takes(mug)
    first.says_who_and_where(email or "guest-0@example.com", street="Street 0")
    if code:
        first.enters(code)
    with transaction():
        filled = session.scalars(select(Cart).where(Cart.id == UUID(first.cart["id"]))).one()
        (line,) = session.scalars(select(CartLine).where(CartLine.cart_id == filled.id))
        copies = [copied(filled, line, number, email) for number in range(1, count)]
        session.add_all(cart for cart, _ in copies)
    others = [
        Buyer(app.test_client(), shop, cart=first.cart | {"id": str(cart.id), "token": token}) for cart, token in copies
    ]
    return [first, *others]


def copied(cart: Cart, line: CartLine, number: int, email: str | None) -> tuple[Cart, str]:
    """The same for somebody else, and the token that opens it."""
    token = uuid4().hex
    # At a door of their own, so that only the e-mail address can tell that it is one person.
    address = (cart.shipping_address or {}) | {"street_address": f"Street {number}"}
    another = Cart(
        id=ids.new(), channel_id=cart.channel_id, token_hash=ids.hashed(token), locale=cart.locale,
        email=email or f"guest-{number}@example.com", shipping_address=address,
        shipping_method_id=cart.shipping_method_id, codes=cart.codes,
    )  # fmt: skip
    another.lines.append(CartLine(variant_id=line.variant_id, quantity=line.quantity, seen_amount=line.seen_amount))
    return another, token


def ends(answers: list[TestResponse | Exception]) -> Counter[str]:
    return Counter(
        repr(answer) if isinstance(answer, Exception)
        else str(answer.status_code) if answer.status_code < 400
        else f"{answer.status_code} {answer.get_json()['code']}"
        for answer in answers
    )  # fmt: skip


def losers_buy_at_the_new_price(
    buyers: list[Buyer], answers: list[TestResponse | Exception], because: str = "limit-reached"
) -> None:
    """Each was told the price without the promotion and why, and has the order when asking again at that price."""
    lost = [
        (buyer, answer) for buyer, answer in zip(buyers, answers, strict=True)
        if isinstance(answer, TestResponse) and answer.status_code == 409
    ]  # fmt: skip
    for buyer, answer in lost:
        problem = answer.get_json()
        assert [refusal["kind"] for refusal in problem["refusals"]] == [because]
        buyer.cart["total"] = problem["total"]
    again = together([buyer.asks_to_order for buyer, _ in lost])
    assert ends(again) == Counter({"201": len(lost)})


def given(promotion_id: UUID) -> int:
    with reading():
        return (
            session.scalar(
                select(func.count()).where(
                    PromotionRedemption.promotion_id == promotion_id, ~PromotionRedemption.is_given_back
                )
            )
            or 0
        )


@pytest.mark.parametrize(
    ("limits", "email", "most"),
    [
        pytest.param({"total": 1}, None, 1, id="a one-use code"),
        pytest.param({"per_customer": 1}, "ada@example.com", 1, id="a code for once a customer"),
        pytest.param({"per_code": 3}, None, 3, id="a code for three"),
        pytest.param({"per_day": 4}, None, 4, id="a code for four a day"),
        pytest.param({"budget": Money(5000, "EUR")}, None, 10, id="a budget with room for ten"),
        pytest.param({"budget": Money(5499, "EUR")}, None, 10, id="a budget with a rest that is too small"),
    ],
)
def test_f20_five_hundred_parallel_orders_redeem_exactly_as_often_as_allowed(
    real_app: Flask, shop: Shop, limits: dict[str, Any], email: str | None, most: int
) -> None:
    promotion_id = promotion("SUMMER", **limits)
    count = 500 if limits == {"total": 1} else 120
    buyers = shoppers(real_app, shop, shop.product(stock_of=count), count, "summer", email)
    answers = together([buyer.asks_to_order for buyer in buyers])
    assert ends(answers) == Counter({"201": most, "409 price-changed": count - most})
    losers_buy_at_the_new_price(buyers, answers)
    assert given(promotion_id) == most


def test_acidrain_voucher_attack_on_a_promotion_without_a_code(real_app: Flask, shop: Shop) -> None:
    promotion_id = promotion(effect=Percentage(ppm=500_000), per_customer=1)
    buyers = shoppers(real_app, shop, shop.product(stock_of=60), 60, None, "eve@example.com")
    answers = together([buyer.asks_to_order for buyer in buyers])
    assert ends(answers) == Counter({"201": 1, "409 price-changed": 59})
    assert given(promotion_id) == 1


def test_a_first_order_is_one_order_however_many_are_placed_afterwards(real_app: Flask, shop: Shop) -> None:
    make.make_promotion(FIVE_OFF, FirstOrder())
    mug = shop.product(stock_of=10)
    (first,) = shoppers(real_app, shop, mug, 1, None, "ada@example.com")
    assert first.orders()["discount"]["amount"] == 500
    (second,) = shoppers(real_app, shop, mug, 1, None, "ADA@example.com")
    assert second.cart["discount"]["amount"] == 0


def test_of_many_first_orders_at_once_one_is_the_first(real_app: Flask, shop: Shop) -> None:
    made = make.make_promotion(FIVE_OFF, Code(), FirstOrder())
    with transaction():
        codes.add_code(made.id, "WELCOME")
    buyers = shoppers(real_app, shop, shop.product(stock_of=60), 60, "welcome", "eve@example.com")
    answers = together([buyer.asks_to_order for buyer in buyers])
    assert ends(answers) == Counter({"201": 1, "409 price-changed": 59})
    losers_buy_at_the_new_price(buyers, answers, because="not-first-order")
    assert given(made.id) == 1


def test_who_has_another_order_is_known_when_the_first_expires(real_app: Flask, shop: Shop) -> None:
    make.make_promotion(FIVE_OFF, FirstOrder())
    mug = shop.product(stock_of=10)
    (unpaid,) = shoppers(real_app, shop, mug, 1, None, "ada@example.com")
    unpaid.orders()
    (paid,) = shoppers(real_app, shop, mug, 1, None, "ada@example.com")
    paid.orders()
    paid.pays()
    with clock.held_at(clock.now() + timedelta(hours=2)), transaction():
        assert orders.expire_due() == 1
    (again,) = shoppers(real_app, shop, mug, 1, None, "ada@example.com")
    assert again.cart["discount"]["amount"] == 0


def test_what_an_order_was_given_comes_back_when_it_expires_or_is_canceled_unpaid(real_app: Flask, shop: Shop) -> None:
    promotion_id = promotion("SUMMER", total=1, per_customer=1, budget=Money(500, "EUR"))
    mug = shop.product(stock_of=10)
    (first,) = shoppers(real_app, shop, mug, 1, "SUMMER", "ada@example.com")
    first.orders()
    (second,) = shoppers(real_app, shop, mug, 1, "SUMMER")
    assert [refusal["kind"] for refusal in second.cart["refusals"]] == ["limit-reached"]
    with clock.held_at(clock.now() + timedelta(hours=2)), transaction():
        assert orders.expire_due() == 1
    (third,) = shoppers(real_app, shop, mug, 1, "SUMMER", "ada@example.com")
    assert third.orders()["discount"]["amount"] == 500
    with reading():
        uses = session.execute(select(PromotionUse.kind, PromotionUse.used, PromotionUse.amount)).all()
    # Ada is counted once by her e-mail address and once by her door, for what she has now.
    assert sorted(uses) == [("buyer", 1, 500), ("buyer", 1, 500), ("total", 1, 500)]
    assert given(promotion_id) == 2


def test_f25_a_pause_in_mid_checkout_is_told_with_the_new_price(real_app: Flask, shop: Shop) -> None:
    promotion_id = promotion("SUMMER")
    (buyer,) = shoppers(real_app, shop, shop.product(), 1, "SUMMER")
    assert buyer.cart["discount"]["amount"] == 500
    with transaction():
        service.pause_promotion(promotion_id)
    answer = buyer.asks_to_order()
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (409, "price-changed")
    assert [refusal["kind"] for refusal in problem["refusals"]] == ["paused"]
    buyer.cart["total"] = problem["total"]
    assert buyer.orders()["discount"]["amount"] == 0


def test_i6_a_counter_that_was_changed_by_hand_is_found(real_app: Flask, shop: Shop) -> None:
    promotion("SUMMER", total=5)
    (buyer,) = shoppers(real_app, shop, shop.product(), 1, "SUMMER")
    buyer.orders()
    with db.engine().begin() as connection:
        connection.execute(text("UPDATE promotion_uses SET used = 0"))
    found = verification.repair(verification.examine(["promotions: what is counted is what was given (I6)"]))
    assert [(drift.row, drift.ledger) for drift in found.drifts] == [("0 uses of 500", "1 redemptions of 500")]
    assert found.open_drifts == []


@pytest.mark.parametrize("is_order_first", [True, False])
def test_an_order_and_the_expiry_of_another_lock_in_one_order(
    real_app: Flask, shop: Shop, is_order_first: bool
) -> None:
    """Each needs the stock and the limit, which a third holds until both have come: then one waits for it, with the stock."""
    promotion("CODE", total=100)
    late, buyer = shoppers(real_app, shop, shop.product(stock_of=100), 2, "CODE")
    late.orders()
    with transaction():
        session.execute(update(Order).values(expires_at=clock.now() - timedelta(minutes=1)))
    tasks_of_two: list[Callable[[], Any]] = [buyer.asks_to_order, expiring.expire_orders]
    with ThreadPoolExecutor(2) as pool:
        with transaction():
            session.execute(select(PromotionUse).with_for_update())
            first = pool.submit(tasks_of_two[not is_order_first])
            until(lambda: waiting() == ["limits"])
            second = pool.submit(tasks_of_two[is_order_first])
            until(lambda: len(waiting()) == 2)
            assert waiting() == ["limits", "stock"]
        ordered = (first if is_order_first else second).result(30)
        (second if is_order_first else first).result(30)
    assert ordered.status_code == 201
    with reading():
        assert session.scalars(select(PromotionUse.used)).all() == [1]


def waiting() -> list[str]:
    """What the sessions of the test's database wait for."""
    session.execute(text("SELECT pg_stat_clear_snapshot()"))
    queries = session.scalars(
        text("SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    )
    return sorted("limits" if "promotion_uses" in query else "stock" for query in queries)
