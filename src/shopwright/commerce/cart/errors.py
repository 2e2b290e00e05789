from shopwright.kit.errors import Problem


class CartNotFound(Problem):
    status = 404
    detail = "There is no such cart for you. A guest sends the cart's token as `Cart-Token`."


class CartClosed(Problem):
    status = 409
    detail = "This cart has been ordered or merged. Open a new one."


class CartFull(Problem):
    status = 409
    detail = "The cart cannot hold that much."


class ItemNotInCart(Problem):
    status = 404
    detail = "This item is not in the cart."


class NotForSale(Problem):
    status = 409
    detail = "This variant is not sold in this channel right now."


class CountryNotServed(Problem):
    status = 409
    detail = "This channel does not sell to that country; `GET /v1/channels` lists where it does."


class ShippingMethodNotOffered(Problem):
    status = 409
    detail = "This shipping method is not offered for this cart; `GET /v1/carts/{id}/shipping-methods` lists them."


class LocaleNotSpoken(Problem):
    status = 409
    detail = "This channel does not speak that language; `GET /v1/channels` lists those it does."


class TooManyCodes(Problem):
    status = 409
    detail = "A cart takes ten codes. Remove one first."


class CodeNotEntered(Problem):
    status = 404
    detail = "This code was not entered here; the cart shows those that were."
