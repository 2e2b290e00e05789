"""What `verify` finds wrong with credit, and how it is mended."""

import pytest

from shopwright.commerce.credit.checks import CHECKS
from tests.commerce.credit.cards import account, booked, make_card, moved
from tests.drifts import force, look, mend

pytestmark = pytest.mark.usefixtures("app")


def test_nothing_is_wrong_with_a_card_that_was_just_made() -> None:
    make_card()
    assert look(CHECKS) == []


def test_a_balance_that_was_raised_by_hand_is_made_up_for_by_a_counter_entry() -> None:
    card, _ = make_card(5000)
    force("UPDATE credit_accounts SET balance_amount = 6000")

    drifts = {drift.check: (drift.row, drift.ledger) for drift in look(CHECKS)}
    assert drifts == {
        "credit: a balance is the sum of its movements (I4)": ("6000", "5000"),
        "credit: what the store owes is what balances say (I4)": ("6000", "5000"),
    }
    done = mend(CHECKS)

    assert "a movement of +1000, booked against suspense" in done
    assert look(CHECKS) == []
    assert account(card).balance_amount == 6000
    assert moved(card) == [("issued", 5000), ("repair", 1000)]
    assert booked() == {"liabilities": -6000, "unissued": 5000, "suspense": 1000}


def test_an_entry_that_is_missing_from_the_books_is_made_up_for() -> None:
    make_card(5000)
    force("DELETE FROM book_postings", "book_postings")

    done = mend(CHECKS)

    assert "the entry was made up for" in done
    assert booked() == {"liabilities": -5000, "unissued": 5000}


def test_a_movement_that_was_changed_by_hand_is_not_for_a_machine_to_judge() -> None:
    card, _ = make_card(5000)
    force("UPDATE credit_movements SET amount = 4000", "credit_movements")

    assert {drift.check for drift in look(CHECKS)} == {
        "credit: a balance is the sum of its movements (I4)", "credit: every movement is booked (I4)",
    }  # fmt: skip
    assert account(card).balance_amount == 5000
