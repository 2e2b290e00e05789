"""How often the hot writes ask PostgreSQL. Whoever needs one question more says so here."""

from tests import sent
from tests.shopping import Buyer, Shop


def told(statements: list[str]) -> list[str]:
    """The first words, without the savepoints that join a test's requests in one transaction."""
    words = [" ".join(text.split()[:2]).lower() for text in statements]
    return [word for word in words if not word.startswith(("savepoint", "release", "rollback"))]


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


def test_an_item_is_added_in_nine_statements(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    another = shop.product(stock_of=10)
    with sent.statements() as seen:
        buyer.takes(another)
    assert len(told(seen)) == 9


def test_a_payment_takes_thirty_statements(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product(stock_of=10))
    buyer.orders()
    with sent.statements() as seen:
        buyer.pays()
    assert len(told(seen)) == 30
