from shopwright.commerce.cart.errors import CartClosed, CartNotFound
from shopwright.commerce.checkout import service
from shopwright.commerce.checkout.errors import CartEmpty, CheckoutIncomplete, ItemsUnavailable, PriceChanged, TaxNeeded
from shopwright.commerce.checkout.schemas import PlaceOrder
from shopwright.commerce.inventory.errors import OutOfStock
from shopwright.commerce.orders.schemas import OrderOut
from shopwright.kit.access import Anyone
from shopwright.kit.http import Routes

routes = Routes("checkout")


@routes.command(
    "POST", "/orders", access=Anyone, status=201,
    errors=(
        CartNotFound, CartClosed, CartEmpty, ItemsUnavailable, CheckoutIncomplete, TaxNeeded, PriceChanged, OutOfStock,
    ),
)  # fmt: skip
def place_order(body: PlaceOrder) -> OrderOut:
    """Order what is in a cart.

    Stock is set aside and payment awaited (`expires_at` says until when). One cart becomes one order: asked again,
    with whichever key, this answers with the same order. A guest gets the order's `token`.
    """
    order, timeline = service.place_order(body.cart_id, body.expected_total)
    token = None if order.customer_id else service.order_token(order.id)
    return OrderOut.of(order, timeline, token)
