"""What an order was quoted from: kept with it, so that it can be judged again by other rules, whatever has changed since."""

from msgspec import Struct

from shopwright.commerce.pricing.quotes import Basket
from shopwright.commerce.promotions.offers import Offer


class Basis(Struct, frozen=True, kw_only=True):
    """The basket that was asked for, and what promotions were asked of it: the offer with the chosen way to ship, prices
    and unit costs, and all that could be told of its items and its buyer then."""

    basket: Basket
    offer: Offer
