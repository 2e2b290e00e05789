"""What the books say of an order as a whole: what placing it booked, and how closing it takes that back."""

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.orders.models import Order


def book_placing(order: Order) -> None:
    """Book that the buyer owes the total, unless that is booked already."""
    sides = {account: -amount for account, amount in _earned(order).items()} | {Account.RECEIVABLE: order.total_amount}
    books.note(Kind.PLACED, order.id, order.currency, sides, order_id=order.id)


def book_closing(order: Order) -> bool:
    """Book that a locked order will not be: nothing is earned by it, nothing is due, and what was paid is owed back.

    Answers whether it was not booked before.
    """
    sides = _earned(order) | {
        Account.RECEIVABLE: order.paid_amount - order.total_amount,
        Account.OWED: order.refunded_amount - order.paid_amount,
        Account.REFUNDED: -order.refunded_amount,
    }
    return books.post(Kind.CLOSED, order.id, order.currency, sides, order_id=order.id)


def _earned(order: Order) -> dict[Account, int]:
    # Shipping without its tax stands only in the quote: the order's own amount is as the channel shows it.
    quoted = order.quote.get("shipping")
    shipping = int(quoted["net"]["amount"]) if quoted else 0
    goods = order.total_amount - order.gift_card_amount - shipping - order.tax_amount
    return {
        Account.SALES: goods + order.discount_amount,
        Account.UNISSUED: order.gift_card_amount,
        Account.SHIPPING: shipping,
        Account.TAX: order.tax_amount,
        Account.DISCOUNTS: -order.discount_amount,
    }
