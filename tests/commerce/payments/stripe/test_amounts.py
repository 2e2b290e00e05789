import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.commerce.payments.provider import Charge, Handle, NoAnswer, Refused
from shopwright.commerce.payments.providers.stripe import Stripe
from shopwright.commerce.payments.providers.stripe.amounts import THREE_DECIMALS, from_stripe, to_stripe
from shopwright.kit import ids
from shopwright.kit.money import Money

CURRENCIES = [
    "EUR",
    "USD",
    "HUF",
    "TWD",
    "JPY",
    "KRW",
    "VND",
    "CLP",
    "UGX",
    "ISK",
    "MGA",
    "ALL",
    "RSD",
    "KWD",
    "BHD",
    "TND",
]


@pytest.mark.parametrize(
    ("amount", "currency", "stripes"),
    [
        (1999, "EUR", 1999),
        (500, "JPY", 500),
        (500, "CLP", 500),
        # Without decimals here as in life, but Stripe counts hundredths.
        (5, "UGX", 500),
        (5, "ISK", 500),
        (500, "RSD", 50000),
        # Paid out whole, charged with decimals.
        (1045, "HUF", 1045),
        (80045, "TWD", 80045),
        (5120, "KWD", 5120),
    ],
)
def test_stripes_units_are_not_always_ours(amount: int, currency: str, stripes: int) -> None:
    assert to_stripe(Money(amount, currency)) == stripes
    assert from_stripe(stripes, currency.lower()) == Money(amount, currency)


@given(st.integers(0, 10**12), st.sampled_from(CURRENCIES))
def test_there_and_back_is_the_same(amount: int, currency: str) -> None:
    amount = amount * 10 if currency in THREE_DECIMALS else amount
    assert from_stripe(to_stripe(Money(amount, currency)), currency.lower()) == Money(amount, currency)


@pytest.mark.parametrize(
    ("money", "code"),
    [
        (Money(5124, "KWD"), "amount_not_a_multiple_of_ten"),
        (Money(1000, "LYD"), "currency_not_supported"),
        (Money(1000, "CLF"), "currency_not_supported"),
    ],
)
def test_what_cannot_be_charged_exactly_is_refused_before_anybody_is_asked(
    stripe: Stripe, money: Money, code: str
) -> None:
    handle = Handle(reference=ids.new(), provider_ref="pi_1", amount=money)
    with pytest.raises(Refused, match=code):
        stripe.authorize(Charge(reference=ids.new(), amount=money, token="pm_1", capture=True))
    with pytest.raises(Refused, match=code):
        stripe.capture(ids.new(), handle, money, is_final=True)
    with pytest.raises(Refused, match=code):
        stripe.refund(ids.new(), handle, money)


@pytest.mark.parametrize(("amount", "currency"), [(501, "isk"), (50, "rsd"), (5, "lyd")])
def test_a_fraction_of_our_unit_is_not_rounded(amount: int, currency: str) -> None:
    with pytest.raises(NoAnswer):
        from_stripe(amount, currency)
