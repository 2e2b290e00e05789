"""How often the hot writes ask PostgreSQL. Whoever needs one question more says so here."""

from sqlalchemy import select

from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry, subscribers_of
from shopwright.kit.transaction import reading
from tests import sent
from tests.shopping import ADDRESS, Buyer, Shop, development


def told(statements: list[str]) -> list[str]:
    """The first words, without the savepoints that join a test's requests in one transaction."""
    words = [" ".join(text.split()[:2]).lower() for text in statements]
    return [word for word in words if not word.startswith(("savepoint", "release", "rollback to"))]


def test_an_order_takes_twelve_statements_which_go_out_three_times(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    with sent.statements() as seen, sent.exchanges() as waits:
        buyer.orders()
    # Who asks, the cart · its price, its stock, the number · all that is written
    assert (len(told(seen)), waits) == (12, [2, 3, 7])


def test_an_order_of_many_lines_takes_as_many(buyer: Buyer, shop: Shop) -> None:
    buyer.opens_a_cart()
    for _ in range(7):
        buyer.takes(shop.product(stock_of=10))
    buyer.says_who_and_where()
    with sent.statements() as seen:
        buyer.orders()
    assert len(told(seen)) == 12


def test_an_order_that_is_asked_for_again_takes_three_statements(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    first = buyer.said(buyer.asks_to_order(key="the same key for both"), 201)
    with sent.statements() as seen:
        again = buyer.said(buyer.asks_to_order(key="the same key for both"), 201)
    assert (again, len(told(seen))) == (first, 3)


def test_a_cart_is_opened_in_four_statements(buyer: Buyer) -> None:
    # The first one of a process, or after they were changed, reads the promotions.
    buyer.opens_a_cart()
    with sent.statements() as seen:
        buyer.opens_a_cart()
    assert len(told(seen)) == 4


def test_an_item_is_added_changed_and_removed_in_five_statements_each(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    another = shop.product(stock_of=10)
    with sent.statements() as adding:
        buyer.takes(another)
    path = f"/v1/carts/{buyer.cart['id']}/items/{buyer.cart['items'][-1]['line_id']}"
    with sent.statements() as changing:
        changed = buyer.said(buyer.send("PATCH", path, {"quantity": 2}), 200)
    with sent.statements() as removing:
        removed = buyer.said(buyer.send("DELETE", path), 200)
    assert [len(told(each)) for each in (adding, changing, removing)] == [5, 5, 5]
    assert [item["quantity"] for item in changed["items"] + removed["items"]] == [1, 2, 1]


def test_address_and_shipping_are_set_in_five_statements_each(buyer: Buyer, shop: Shop) -> None:
    buyer.opens_a_cart()
    buyer.takes(shop.product(stock_of=10))
    path = f"/v1/carts/{buyer.cart['id']}"
    with sent.statements() as addressing:
        buyer.said(buyer.send("PATCH", path, {"email": "ada@example.com", "shipping_address": ADDRESS}), 200)
    with sent.statements() as choosing:
        chosen = buyer.said(buyer.send("PATCH", path, {"shipping_method_id": str(shop.method_id)}), 200)
    assert [len(told(each)) for each in (addressing, choosing)] == [5, 5]
    assert chosen["shipping"]["method_id"] == str(shop.method_id)


def test_a_cart_is_shown_in_two_statements(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    with sent.statements() as seen:
        buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)
    assert len(told(seen)) == 2


def test_a_payment_takes_ten_statements(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    buyer.orders()
    with sent.statements() as seen:
        buyer.pays()
    assert len(told(seen)) == 10


def test_a_paid_order_leaves_nothing_to_the_worker(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    outbox.drain()
    buyer.orders()
    payment = buyer.pays()
    assert set(development().delivers(buyer.client, payment["id"])) == {200}
    with reading():
        waiting = session.scalars(select(OutboxEntry.name).where(OutboxEntry.delivered_at.is_(None))).all()
    assert sorted(waiting) == ["orders.OrderPaid", "orders.OrderPlaced", "payments.PaymentSettled"]
    assert not any(subscribers_of(name) for name in waiting)
