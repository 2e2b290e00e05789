"""Balances, movements and the books move together, once a cause."""

from datetime import timedelta
from uuid import UUID

import pytest

from shopwright.commerce.credit import queries, service
from shopwright.commerce.credit.errors import (
    CreditExpired,
    CreditInForeignCurrency,
    CreditTooLow,
    CreditUsedUp,
    GiftCardShown,
    UnknownGiftCard,
)
from shopwright.commerce.credit.models import State
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.auditor import audit
from tests.commerce.credit.cards import account, booked, make_card, moved

pytestmark = pytest.mark.usefixtures("app")


def spend(account_id: UUID, amount: int, payment_id: UUID | None = None, currency: str = "EUR") -> int:
    with transaction():
        return service.spend(account_id, payment_id or ids.new(), Money(amount, currency), order_id=ids.new())


def give_back(account_id: UUID, payment_id: UUID, amount: int, refund_id: UUID | None = None) -> None:
    with transaction():
        service.give_back(account_id, payment_id, refund_id or ids.new(), amount, order_id=ids.new())


def test_a_sold_card_is_owed_and_no_revenue() -> None:
    card, _ = make_card(5000)

    assert account(card).balance == Money(5000, "EUR")
    assert moved(card) == [("issued", 5000)]
    assert booked() == {"liabilities": -5000, "unissued": 5000}
    audit()


def test_a_card_is_issued_once_however_often_it_is_asked_for() -> None:
    order_id, line_id = ids.new(), ids.new()
    for amount in (5000, 7000):
        with transaction():
            service.issue(order_id, line_id, 1, Money(amount, "EUR"), "NL")

    with reading():
        (card,) = queries.session.scalars(queries.gift_cards(order_id)).all()
    assert moved(card.id) == [("issued", 5000)]


def test_a_card_pays_once_a_payment_and_never_more_than_is_left() -> None:
    card, _ = make_card(5000)
    payment = ids.new()

    assert [spend(card, 3000, payment), spend(card, 3000, payment)] == [3000, 3000]
    assert spend(card, 3000) == 2000
    with pytest.raises(CreditUsedUp):
        spend(card, 1)

    assert moved(card) == [("issued", 5000), ("spent", -3000), ("spent", -2000)]
    assert account(card).state is State.USED_UP
    assert booked() == {"unissued": 5000, "captured": -5000}
    audit()


def test_a_card_in_another_currency_pays_nothing() -> None:
    card, _ = make_card(5000, currency="CHF")

    with pytest.raises(CreditInForeignCurrency) as refused:
        spend(card, 100)

    assert refused.value.facts == {"currency": "CHF"}
    assert moved(card) == [("issued", 5000)]


def test_what_comes_back_comes_back_once_and_never_more_than_was_spent() -> None:
    card, _ = make_card(5000)
    payment, refund = ids.new(), ids.new()
    spend(card, 3000, payment)

    give_back(card, payment, 1000, refund)
    give_back(card, payment, 1000, refund)
    with pytest.raises(CreditTooLow) as refused:
        give_back(card, payment, 2001)

    assert refused.value.facts == {"left": 2000}
    assert moved(card) == [("issued", 5000), ("spent", -3000), ("returned", 1000)]
    assert account(card).balance_amount == 3000
    audit()


def test_a_card_that_has_expired_pays_nothing_and_lapses() -> None:
    card, _ = make_card(5000, country="US")
    ends = account(card).expires_at
    assert ends is not None

    with clock.held_at(ends):
        with pytest.raises(CreditExpired) as refused:
            spend(card, 100)
        with transaction():
            assert service.expire_due() == 1
        with transaction():
            assert service.expire_due() == 0

    assert refused.value.facts == {"expired_at": ends.isoformat()}
    assert moved(card) == [("issued", 5000), ("expired", -5000)]
    assert booked() == {"unissued": 5000, "lapsed": -5000}
    audit()


def test_a_card_is_good_until_its_last_moment() -> None:
    card, _ = make_card(5000, country="US")
    ends = account(card).expires_at
    assert ends is not None

    with clock.held_at(ends - timedelta(microseconds=1)):
        assert spend(card, 5000) == 5000


def test_what_comes_back_to_an_expired_card_is_good_for_ninety_days() -> None:
    card, _ = make_card(5000, country="US")
    payment = ids.new()
    spend(card, 3000, payment)
    ends = account(card).expires_at
    assert ends is not None

    with clock.held_at(ends + timedelta(days=30)):
        with transaction():
            service.expire_due()
        give_back(card, payment, 3000)
        assert account(card).expires_at == ends + timedelta(days=120)
        assert spend(card, 1000) == 1000
    with clock.held_at(ends + timedelta(days=120)), transaction():
        assert service.expire_due() == 1

    assert moved(card)[2:] == [("expired", -2000), ("returned", 3000), ("spent", -1000), ("expired", -2000)]
    audit()


def test_a_code_is_shown_once_and_kept_as_a_hash() -> None:
    order_id = ids.new()
    with transaction():
        service.issue(order_id, ids.new(), 1, Money(5000, "EUR"), "NL")
    with transaction():
        card, code = service.reveal(order_id, 1)

    with pytest.raises(GiftCardShown), transaction():
        service.reveal(order_id, 1)
    with pytest.raises(UnknownGiftCard), transaction():
        service.reveal(order_id, 2)

    with reading():
        assert queries.by_code(code.lower().replace("-", " ")).id == card.id
        assert card.code_hash == ids.hashed(code.replace("-", ""))


def test_a_renewed_card_has_its_balance_and_another_code() -> None:
    card, old = make_card(5000)
    with transaction():
        renewed = service.renew(card)
    assert renewed.order_id is not None

    with transaction():
        _, new = service.reveal(renewed.order_id, 1)

    with reading():
        with pytest.raises(UnknownGiftCard):
            queries.by_code(old)
        assert queries.by_code(new).balance_amount == 5000
