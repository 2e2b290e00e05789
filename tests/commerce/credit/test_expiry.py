from datetime import UTC, datetime

import pytest

from shopwright.commerce.credit.expiry import ends_at

SOLD_AT = datetime(2026, 5, 17, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "ends"),
    [
        ("DE", datetime(2030, 1, 1, tzinfo=UTC)),
        ("US", datetime(2031, 5, 17, 10, 30, tzinfo=UTC)),
        ("AU", datetime(2029, 5, 17, 10, 30, tzinfo=UTC)),
        ("NL", None),
    ],
)
def test_a_card_expires_by_the_rule_of_the_country_that_sold_it(country: str, ends: datetime | None) -> None:
    assert ends_at(country, SOLD_AT) == ends


def test_a_card_sold_on_a_leap_day_is_good_for_the_whole_of_its_last_day() -> None:
    assert ends_at("IE", datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2033, 3, 1, tzinfo=UTC)
