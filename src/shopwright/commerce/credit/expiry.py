"""How long a gift card is good for, by the country of the channel that sold it."""

from datetime import UTC, datetime

from msgspec import Struct


class Term(Struct, frozen=True):
    years: int
    to_the_end_of_the_year: bool = False


#: Where the law says how long at least. Where it says nothing, or forbids an end, a gift card never expires.
TERMS = {
    "AT": Term(30),  # ABGB § 1478
    "AU": Term(3),  # Competition and Consumer Amendment (Gift Cards) Act 2018
    "DE": Term(3, to_the_end_of_the_year=True),  # BGB §§ 195, 199
    "IE": Term(5),  # Consumer Protection (Gift Vouchers) Act 2019
    "US": Term(5),  # Credit CARD Act of 2009, 15 U.S.C. § 1693l-1
}


def ends_at(country: str, sold_at: datetime) -> datetime | None:
    """When a gift card that is sold there now expires, in UTC, which is never before the buyer's own day has ended in
    countries whose term ends with a year; None: never."""
    term = TERMS.get(country)
    if term is None:
        return None
    if term.to_the_end_of_the_year:
        return datetime(sold_at.astimezone(UTC).year + term.years + 1, 1, 1, tzinfo=UTC)
    year = sold_at.year + term.years
    is_leap_day = (sold_at.month, sold_at.day) == (2, 29)
    return sold_at.replace(year=year, month=3, day=1) if is_leap_day else sold_at.replace(year=year)
