from uuid import UUID

from shopwright.kit.money import Money
from shopwright.kit.wire import In


class PlaceOrder(In):
    """`expected_total` is what the shopper saw: if the cart costs anything else by now, nothing is ordered."""

    cart_id: UUID
    expected_total: Money
