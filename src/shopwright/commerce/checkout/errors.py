from shopwright.kit.errors import Problem


class CartEmpty(Problem):
    status = 409
    detail = "There is nothing in the cart."


class CheckoutIncomplete(Problem):
    status = 409
    detail = "The cart is not ready to be ordered; `missing` names what `PATCH /v1/carts/{id}` must still set."


class ItemsUnavailable(Problem):
    status = 409
    detail = "Some items are not sold here any more; take the variants that `variants` names out of the cart."


class TaxNeeded(Problem):
    status = 409
    detail = (
        "The taxes of this cart are not known, or not any more: call `POST /v1/carts/{id}/taxes`, show the shopper the new"
        " total, and order with it."
    )


class PriceChanged(Problem):
    status = 409
    detail = (
        "The total is not what you expected. Show the shopper the new one, and order with it; `refusals` say which"
        " promotions no longer hold."
    )


class UnknownSimulation(Problem):
    status = 404
    detail = "There is no such simulation. `GET /v1/admin/simulations` lists them."


class NothingToPreview(Problem):
    status = 422
    detail = "Say which cart it is (`cart_id`), or in which `channel` it would be."
