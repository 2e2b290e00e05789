from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from shopwright.commerce.books import queries as book_queries
from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.checks import CHECKS
from shopwright.commerce.orders.models import Order
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.kit.verification import Check
from tests.drifts import again, force, look, mend, the_one
from tests.shopping import Buyer, make_shop

TOTAL, ORDER_OF_CART, CART_OF_ORDER, PLACED, PAID, REFUNDED, CLOSED, NOTHING_DUE, CLOSED_HOLDS, PAID_OWNS, ANNOUNCED = (
    CHECKS
)
#: An order of a mug for 19.00 and shipping for 4.90, 19 % tax in both.
TOTAL_AMOUNT, SALES, SHIPPING, TAX = 2390, -1597, -412, -381
PLACED_SIDES = {Account.RECEIVABLE: TOTAL_AMOUNT, Account.SALES: SALES, Account.SHIPPING: SHIPPING, Account.TAX: TAX}


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    """Has ordered a mug, and paid nothing yet."""
    shop = make_shop()
    buyer = Buyer(client, shop)
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    assert look(CHECKS) == []
    return buyer


def id_of(buyer: Buyer) -> UUID:
    return UUID(buyer.order["id"])


def capture(buyer: Buyer, amount: int = TOTAL_AMOUNT) -> None:
    """What a payment of the whole writes on the order and into the books."""
    with transaction():
        sides = {Account.CAPTURED: amount, Account.RECEIVABLE: -amount}
        books.post(Kind.CAPTURED, ids.new(), "EUR", sides, order_id=id_of(buyer))
        session.execute(update(Order).values(paid_amount=amount))


def refund(buyer: Buyer, amount: int, account: Account = Account.REFUNDED) -> None:
    with transaction():
        sides = {Account.CAPTURED: -amount, account: amount}
        books.post(Kind.REFUNDED, ids.new(), "EUR", sides, order_id=id_of(buyer))
        session.execute(update(Order).values(refunded_amount=Order.refunded_amount + amount))


def balances(buyer: Buyer) -> dict[Account, int]:
    with reading():
        found = book_queries.balances_of_order(id_of(buyer))
    return {account: amount for account, amount in found.items() if amount}


def cancel(buyer: Buyer) -> None:
    with transaction():
        orders.cancel(id_of(buyer), "for a test")


def said(*checks: Check) -> list[tuple[str, str, str]]:
    return [(drift.check, drift.row, drift.ledger) for drift in look(checks or CHECKS)]


def test_placing_and_canceling_leave_nothing_on_any_account(buyer: Buyer) -> None:
    assert balances(buyer) == PLACED_SIDES
    cancel(buyer)
    cancel(buyer)
    assert balances(buyer) == {}
    assert look(CHECKS) == []


def test_what_was_paid_for_a_canceled_order_is_owed_until_it_went_back(buyer: Buyer) -> None:
    capture(buyer)
    refund(buyer, 390)
    assert look(CHECKS) == []
    cancel(buyer)
    assert balances(buyer) == {Account.CAPTURED: 2000, Account.OWED: -2000}
    refund(buyer, 2000, Account.OWED)
    assert balances(buyer) == {}
    assert look(CHECKS) == []


def test_expiry_closes_the_account_of_each_order(buyer: Buyer) -> None:
    with clock.held_at(clock.now() + timedelta(hours=1)), transaction():
        assert orders.expire_due() == 1
    assert balances(buyer) == {}
    assert look(CHECKS) == []


@pytest.mark.parametrize(
    ("statement", "ledger", "cause"),
    [
        ("UPDATE orders SET total_amount = 2391", "2390", "a line or the total was changed"),
        (
            "UPDATE order_lines SET gross_amount = gross_amount + 1, net_amount = net_amount + 1", "2391",
            "a line or the total was changed",
        ),
        ("UPDATE orders SET shipping_amount = 0", "1900", "subtotal, discount, shipping or tax was changed"),
    ],
)  # fmt: skip
def test_amounts_that_do_not_make_the_total_are_named(buyer: Buyer, statement: str, ledger: str, cause: str) -> None:
    force(statement)
    drift = the_one([TOTAL])
    assert (drift.subject, drift.ledger) == (buyer.order["id"], ledger)
    assert drift.cause == f"{cause} after the order was placed"
    assert mend([TOTAL]) == ["left: No entry could mend this; it needs somebody who looks."]


def test_a_cart_that_is_open_again_and_one_without_its_order_are_named(buyer: Buyer) -> None:
    force("UPDATE carts SET state = 'open'")
    assert said() == [(ORDER_OF_CART.name, f"cart {buyer.cart['id']}", "a cart that is open")]
    force("UPDATE carts SET state = 'ordered'")
    force("UPDATE orders SET cart_id = id")
    assert said() == [
        (ORDER_OF_CART.name, f"cart {buyer.order['id']}", "no such cart"),
        (CART_OF_ORDER.name, "ordered", "no order"),
    ]


def test_an_order_that_was_never_booked_is_booked(buyer: Buyer) -> None:
    force("DELETE FROM book_postings", "book_postings")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (PLACED.name, "2390", "0")
    assert mend(CHECKS) == ["the entry was made up for"]
    assert balances(buyer) == PLACED_SIDES
    assert again(drift) == "it had gone meanwhile"
    assert balances(buyer) == PLACED_SIDES


def test_a_total_that_is_not_the_booked_one_is_left_to_people(buyer: Buyer) -> None:
    force("UPDATE orders SET total_amount = 2500")
    assert the_one([PLACED]).cause == "the total was changed after the order was booked"
    (left,) = mend([PLACED])
    assert left.startswith("left: What was sold for how much is not for a machine to say")
    assert balances(buyer) == PLACED_SIDES


@pytest.mark.parametrize(
    ("row", "ledger", "cause"),
    [
        (2390, 0, "a capture was not booked, or paid_amount was raised by hand"),
        (1000, 2390, "a capture was booked that the order never got, or paid_amount was lowered by hand"),
    ],
)
def test_what_is_paid_but_not_booked_is_booked_against_suspense(
    buyer: Buyer, row: int, ledger: int, cause: str
) -> None:
    if ledger:
        capture(buyer, ledger)
    before = balances(buyer)
    force(f"UPDATE orders SET paid_amount = {row}")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger, drift.cause) == (PAID.name, str(row), str(ledger), cause)
    assert mend(CHECKS) == [f"{row - ledger:+d} were booked as paid, against suspense"]
    after = balances(buyer)
    assert after.get(Account.SUSPENSE, 0) == row - ledger
    assert after.get(Account.RECEIVABLE, 0) == before.get(Account.RECEIVABLE, 0) - (row - ledger)
    assert again(drift) == "it had gone meanwhile"
    assert balances(buyer) == after


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_refunded_but_not_booked_is_booked_against_suspense(buyer: Buyer, is_closed: bool) -> None:
    capture(buyer)
    if is_closed:
        cancel(buyer)
    before = balances(buyer)
    force("UPDATE orders SET refunded_amount = 700")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (REFUNDED.name, "700", "0")
    assert mend(CHECKS) == ["+700 were booked as refunded, against suspense"]
    account = Account.OWED if is_closed else Account.REFUNDED
    assert balances(buyer) == before | {account: before.get(account, 0) + 700, Account.SUSPENSE: -700}
    assert again(drift) == "it had gone meanwhile"


def test_the_money_of_a_closed_order_is_left_to_people(buyer: Buyer) -> None:
    capture(buyer)
    cancel(buyer)
    before = balances(buyer)
    force("UPDATE orders SET paid_amount = 1000")
    assert said() == [(PAID.name, "1000", "2390")]
    (left,) = mend(CHECKS)
    assert left.startswith("left: The order is closed, its account settled")
    assert balances(buyer) == before


def test_an_order_closed_past_the_shop_is_booked_as_closed_and_lets_go_of_its_stock(buyer: Buyer) -> None:
    force("UPDATE orders SET state = 'canceled', expires_at = NULL")
    assert said() == [
        (CLOSED.name, "canceled", "not closed"),
        (CLOSED_HOLDS.name, "canceled", "1 held or claimed"),
    ]
    drifts = look(CHECKS)
    assert mend(CHECKS) == ["the entry was made up for", "its stock was let go of"]
    assert balances(buyer) == {}
    with reading():
        (variant_id,) = inventory.available(
            buyer.shop.channel.id, [UUID(buyer.order["lines"][0]["variant_id"])]
        ).values()
    assert variant_id == 10
    assert again(drifts[0]) == "it had gone meanwhile"


def test_what_is_booked_on_a_closed_order_is_named(buyer: Buyer) -> None:
    cancel(buyer)
    with transaction():
        sides = {Account.RECEIVABLE: 5, Account.SUSPENSE: -5}
        books.post(Kind.DISPUTED, ids.new(), "EUR", sides, order_id=id_of(buyer))
    drift = the_one(CHECKS)
    assert (drift.check, drift.ledger) == (NOTHING_DUE.name, "still due: 5")


def test_a_paid_order_that_lost_its_stock_is_named(buyer: Buyer) -> None:
    buyer.pays()
    assert look([PAID_OWNS]) == []
    force("UPDATE reservations SET state = 'released', expires_at = NULL")
    assert said(PAID_OWNS) == [(PAID_OWNS.name, "1 to be shipped", "0 claimed")]
    with reading():
        assert session.scalars(select(Order.state)).all() == ["open"]


def test_a_paid_order_that_nobody_was_told_of_is_named(buyer: Buyer) -> None:
    buyer.pays()
    assert look([ANNOUNCED]) == []
    force("DELETE FROM outbox WHERE name = 'orders.OrderPaid'")
    assert said(ANNOUNCED) == [(ANNOUNCED.name, "paid", "no such fact")]
