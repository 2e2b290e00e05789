"""Our minor units are CLDR's, Stripe's are its own (docs.stripe.com/currencies); this says one in the other, exactly."""

from shopwright.commerce.payments.provider import NoAnswer, Refused
from shopwright.kit.money import Money, exponent

# UGX stands in Stripe's list of those without decimals, too, but its special cases say two, and so does its API.
NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def to_stripe(money: Money) -> int:
    """Raises `Refused` for what Stripe cannot charge to the last unit."""
    factor = _factor(money.currency)
    if factor is None:
        raise Refused("currency_not_supported")
    amount = money.amount * factor
    # The card networks do not take the last digit, and Stripe refuses it.
    if money.currency in THREE_DECIMALS and amount % 10:
        raise Refused("amount_not_a_multiple_of_ten")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """Raises `NoAnswer` for a fraction of our unit, which only someone at Stripe itself can have moved."""
    currency = currency.upper()
    factor = _factor(currency)
    if factor is None or amount % factor:
        raise NoAnswer(f"{amount} {currency} is no whole minor unit here")
    return Money(amount // factor, currency)


def _factor(currency: str) -> int | None:
    """How many of Stripe's units one of ours is; none if one of Stripe's would be several of ours."""
    decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    shift = decimals - exponent(currency)
    return int(10**shift) if shift >= 0 else None
