"""What must hold of orders: their amounts, their money in the books, and their stock (I2, I5, I9)."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.orders import close, service
from shopwright.commerce.orders.models import State
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.verification import CannotMend, Check

_TOTAL = """
    SELECT id, total_amount, CASE WHEN total_amount <> parts THEN parts ELSE summed END,
           CASE WHEN total_amount <> parts THEN 'a line or the total was changed after the order was placed'
                ELSE 'subtotal, discount, shipping or tax was changed after the order was placed' END
    FROM (SELECT orders.id, total_amount,
                 coalesce((SELECT sum(gross_amount) FROM order_lines WHERE order_id = orders.id), 0)
                 + coalesce((quote #>> '{shipping,gross,amount}')::bigint, 0) AS parts,
                 subtotal_amount - discount_amount + shipping_amount
                 + CASE WHEN quote ->> 'is_gross' = 'false' THEN tax_amount ELSE 0 END
                 - coalesce((quote #>> '{tax_removed,amount}')::bigint, 0) AS summed
          FROM orders) AS o
    WHERE total_amount <> parts OR total_amount <> summed"""
_ORDER_OF_CART = """
    SELECT orders.id, 'cart ' || cart_id, coalesce('a cart that is ' || carts.state, 'no such cart'),
           'the cart was opened again or removed by hand, so it could be ordered twice'
    FROM orders LEFT JOIN carts ON carts.id = cart_id WHERE carts.state IS DISTINCT FROM 'ordered'"""
_CART_OF_ORDER = """
    SELECT id, 'ordered', 'no order', 'the order of this cart was removed, or the cart was closed by hand'
    FROM carts WHERE state = 'ordered' AND NOT EXISTS (SELECT FROM orders WHERE cart_id = carts.id)"""
_PLACED = """
    SELECT id, total_amount, coalesce(booked, 0),
           CASE WHEN booked IS NULL THEN 'it was never booked: placed before there were books, or the entry was removed'
                ELSE 'the total was changed after the order was booked' END
    FROM orders LEFT JOIN
      (SELECT cause_id, amount AS booked FROM book_postings WHERE kind = 'placed' AND account = 'receivable') AS b
      ON cause_id = id
    WHERE total_amount <> coalesce(booked, 0)"""
_PAID = """
    SELECT id, paid_amount, coalesce(booked, 0),
           CASE WHEN paid_amount > coalesce(booked, 0) THEN 'a capture was not booked, or paid_amount was raised by hand'
                ELSE 'a capture was booked that the order never got, or paid_amount was lowered by hand' END
    FROM orders LEFT JOIN
      (SELECT order_id, -sum(amount) AS booked FROM book_postings
       WHERE account = 'receivable' AND kind IN ('captured', 'repair') GROUP BY 1) AS b ON order_id = id
    WHERE paid_amount <> coalesce(booked, 0)"""
_REFUNDED = """
    SELECT id, refunded_amount, coalesce(booked, 0),
           CASE WHEN refunded_amount > coalesce(booked, 0) THEN 'a refund was not booked, or refunded_amount was raised by hand'
                ELSE 'a refund was booked that the order never got, or refunded_amount was lowered by hand' END
    FROM orders LEFT JOIN
      (SELECT order_id, sum(amount) AS booked FROM book_postings
       WHERE account IN ('refunded', 'owed') AND kind IN ('refunded', 'refund_repair') GROUP BY 1) AS b ON order_id = id
    WHERE refunded_amount <> coalesce(booked, 0)"""
_CLOSED = """
    SELECT id, state, 'not closed', 'it was closed past the shop, or before closing was booked'
    FROM orders WHERE state IN ('canceled', 'expired') AND total_amount <> 0
      AND NOT EXISTS (SELECT FROM book_postings WHERE cause_id = orders.id AND kind = 'closed')"""
_NOTHING_DUE = """
    SELECT id, state, 'still due: ' || sum(amount), 'something was booked on it after it was closed'
    FROM orders JOIN book_postings ON order_id = id
    WHERE state IN ('canceled', 'expired') AND account = 'receivable'
    GROUP BY 1, 2 HAVING sum(amount) <> 0 AND bool_or(kind = 'closed') AND bool_or(kind = 'placed')"""
_CLOSED_HOLDS = """
    SELECT orders.id, orders.state, sum(quantity) || ' held or claimed', 'its stock was not let go of when it was closed'
    FROM orders JOIN reservations ON order_id = orders.id
    WHERE orders.state IN ('canceled', 'expired') AND reservations.state IN ('held', 'claimed') GROUP BY 1, 2"""
_PAID_OWNS = """
    SELECT id, sum(wanted) || ' to be shipped', sum(coalesce(owned, 0)) || ' claimed',
           'a reservation was ended, or a line changed, by hand'
    FROM (SELECT orders.id, variant_id, sum(quantity - shipped_quantity) AS wanted
          FROM orders JOIN order_lines ON order_id = orders.id
          WHERE state = 'open' AND paid_at IS NOT NULL GROUP BY 1, 2) AS o
    LEFT JOIN (SELECT order_id, variant_id, sum(quantity) AS owned FROM reservations WHERE state = 'claimed' GROUP BY 1, 2) AS r
      ON r.order_id = o.id AND r.variant_id = o.variant_id
    WHERE wanted <> coalesce(owned, 0) GROUP BY id"""

_ANNOUNCED = """
    SELECT id, 'paid', 'no such fact', 'orders.OrderPaid was removed from the outbox, or the order marked as paid by hand'
    FROM orders WHERE paid_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM outbox WHERE aggregate_id = orders.id AND name = 'orders.OrderPaid')"""


def _mend_placing(subject: str) -> str | None:
    order = service.lock(UUID(subject))
    booked = select(func.coalesce(func.sum(Posting.amount), 0)).where(
        Posting.cause_id == order.id, Posting.kind == Kind.PLACED, Posting.account == Account.RECEIVABLE
    )
    if (found := int(session.scalar(booked) or 0)) == order.total_amount:
        return None
    if found:
        raise CannotMend(
            "What was sold for how much is not for a machine to say: compare the quote, lines and payments."
        )
    close.book_placing(order)
    return "the entry was made up for"


def _mend_closing(subject: str) -> str | None:
    order = service.lock(UUID(subject))
    is_closed = order.state in (State.CANCELED, State.EXPIRED)
    return "the entry was made up for" if is_closed and close.book_closing(order) else None


def _mend_paid(subject: str) -> str | None:
    order = service.lock(UUID(subject))
    booked = -_booked(order.id, (Account.RECEIVABLE,), (Kind.CAPTURED, Kind.REPAIR))
    if not (missing := order.paid_amount - booked):
        return None
    if order.state in (State.CANCELED, State.EXPIRED):
        raise CannotMend(
            "The order is closed, its account settled: see at the provider what was paid, and give that back."
        )
    sides = {Account.RECEIVABLE: -missing, Account.SUSPENSE: missing}
    books.post(Kind.REPAIR, ids.new(), order.currency, sides, order_id=order.id)
    return f"{missing:+d} were booked as paid, against suspense"


def _mend_refunded(subject: str) -> str | None:
    order = service.lock(UUID(subject))
    booked = _booked(order.id, (Account.REFUNDED, Account.OWED), (Kind.REFUNDED, Kind.REFUND_REPAIR))
    if not (missing := order.refunded_amount - booked):
        return None
    account = Account.OWED if order.state in (State.CANCELED, State.EXPIRED) else Account.REFUNDED
    sides = {account: missing, Account.SUSPENSE: -missing}
    books.post(Kind.REFUND_REPAIR, ids.new(), order.currency, sides, order_id=order.id)
    return f"{missing:+d} were booked as refunded, against suspense"


def _booked(order_id: UUID, accounts: tuple[Account, ...], kinds: tuple[Kind, ...]) -> int:
    asked = select(func.coalesce(func.sum(Posting.amount), 0)).where(
        Posting.order_id == order_id, Posting.account.in_(accounts), Posting.kind.in_(kinds)
    )
    return int(session.scalar(asked) or 0)


def _let_go(subject: str) -> str | None:
    order = service.lock(UUID(subject))
    if order.state not in (State.CANCELED, State.EXPIRED):
        return None
    inventory.release(order.id)
    return "its stock was let go of"


CHECKS = (
    Check("orders: lines, shipping, tax and discounts make the total (I5)", _TOTAL),
    Check("orders: an order has its own cart, which is closed (I2)", _ORDER_OF_CART),
    Check("orders: a cart that was ordered has its order (I2)", _CART_OF_ORDER),
    Check("orders: every order is booked as placed (I4)", _PLACED, _mend_placing),
    Check("orders: what is paid was booked (I4)", _PAID, _mend_paid),
    Check("orders: what was refunded was booked (I4)", _REFUNDED, _mend_refunded),
    Check("orders: every closed order is booked as closed (I4)", _CLOSED, _mend_closing),
    Check("orders: nothing is due for a closed order (I4)", _NOTHING_DUE),
    Check("orders: a closed order holds no stock (I9)", _CLOSED_HOLDS, _let_go),
    Check("orders: a paid, open order has its stock (I9)", _PAID_OWNS),
    Check("orders: a paid order was announced to all who listen (I11)", _ANNOUNCED),
)
