"""What many search for: learnt by the clock from what was noted, and suggested to who begins to type it."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, bindparam, delete, func, insert, select, text

from shopwright.commerce.channels import queries as channels
from shopwright.kit import clock
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import words
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.learning.models import SearchPopularQuery

LEARN_LOCK = 0x5EA5
LOOKED_BACK = timedelta(days=30)
#: Anybody sees them, so more must have typed one than for the merchant's eyes.
FEWEST = 5
#: Of one channel and language.
MOST = 1_000
LONGEST = 100
#: So many are looked for in the index in one statement.
CHUNK = 100
WEEK = timedelta(weeks=1)

# A visitor's digest is another one next week, so only within one are several digests several people.
_OF_WEEK = text("""
    SELECT words, count(DISTINCT visitor) AS shoppers, mode() WITHIN GROUP (ORDER BY lower(text)) AS spelling
    FROM searches_asked
    WHERE channel_id = :channel_id AND locale = :locale AND at >= :since AND at < :until AND total > 0
        AND length(words) BETWEEN 1 AND :longest
    GROUP BY words HAVING count(DISTINCT visitor) >= :fewest ORDER BY shoppers DESC, words LIMIT :most""")
_HAD = text("""
    SELECT asked.words FROM unnest(CAST(:words AS text[])) AS asked (words)
    WHERE EXISTS (
        SELECT FROM search_documents d JOIN search_offers o ON o.product_id = d.product_id AND o.locale = d.locale
        WHERE d.locale = :locale AND d.is_found AND o.channel_id = :channel_id
            AND d.stemmed @@ plainto_tsquery(CAST(:config AS regconfig), replace(asked.words, '.', 'p')))""")
_BEGUN = Prepared(
    select(SearchPopularQuery.spelling)
    .where(
        SearchPopularQuery.channel_id == bindparam("channel_id", type_=Uuid()),
        SearchPopularQuery.locale == bindparam("locale", type_=String),
        SearchPopularQuery.words > bindparam("typed", type_=String),
        SearchPopularQuery.words < bindparam("beyond", type_=String),
    )
    .order_by(SearchPopularQuery.shoppers.desc(), SearchPopularQuery.words)
    .limit(bindparam("count", type_=Integer))
)
_LAST_SIGN = "\U0010ffff"
#: What is neither of words nor of measures: nobody needs to see it.
_ORNAMENT = re.compile(r"""[^\w\s.,'\u2019&+/"\u2033\u201d-]|_""")


class Popular(NamedTuple):
    """`shoppers` of all weeks in which there were enough, `spelling` of the one with most."""

    words: str
    shoppers: int
    spelling: str


def learn() -> None:
    """Make the list anew for each channel and language, a week at a time: that bounds each statement."""
    with reading():
        places = [(channel.id, locale) for channel in session.scalars(channels.active()) for locale in channel.locales]
    for channel_id, locale in places:
        with reading():
            found = _had(_popular(channel_id, locale), channel_id, locale)
        with transaction():
            _keep(found, channel_id, locale)


def _popular(channel_id: UUID, locale: str) -> list[Popular]:
    found: dict[str, list[tuple[int, str]]] = {}
    for since, until in _weeks():
        asked = {
            "channel_id": channel_id, "locale": locale, "since": since, "until": until, "longest": LONGEST,
            "fewest": FEWEST, "most": MOST,
        }  # fmt: skip
        for row in session.execute(_OF_WEEK, asked):
            found.setdefault(row.words, []).append((row.shoppers, row.spelling))
    popular = [Popular(said, sum(count for count, _ in weeks), max(weeks)[1]) for said, weeks in found.items()]
    return sorted(popular, key=lambda each: (-each.shoppers, each.words))[:MOST]


def _weeks() -> list[tuple[datetime, datetime]]:
    """The calendar's, of which digests are made: the first one is cut off, the last one goes on."""
    now = clock.now()
    since = now - LOOKED_BACK
    monday = since.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=since.weekday())
    begins = [monday + WEEK * number for number in range((now - monday) // WEEK + 1)]
    return [(max(begin, since), begin + WEEK) for begin in begins]


def _had(found: Sequence[Popular], channel_id: UUID, locale: str) -> list[Popular]:
    """Those of which a product that is offered there has all words: that keeps out names, slips, and what finds nothing."""
    had: set[str] = set()
    for chunk in batched([each.words for each in found], CHUNK):
        asked = {"channel_id": channel_id, "locale": locale, "config": configuration(locale), "words": [*chunk]}
        had |= set(session.scalars(_HAD, asked))
    return [each for each in found if each.words in had]


def _keep(found: Sequence[Popular], channel_id: UUID, locale: str) -> None:
    # Of two at once the second one waits, and writes the same.
    session.execute(select(func.pg_advisory_xact_lock(LEARN_LOCK)))
    there = {"channel_id": channel_id, "locale": locale}
    session.execute(delete(SearchPopularQuery).filter_by(**there))
    rows = [there | each._asdict() | {"spelling": _spelled(each.spelling, each.words, locale)} for each in found]
    if rows:
        session.execute(insert(SearchPopularQuery), rows)


def _spelled(typed: str, said: str, locale: str) -> str:
    plain = " ".join(_ORNAMENT.sub(" ", typed).split())
    return plain if words.words(plain, locale) == said.split() else said


def begun(typed: Sequence[str], channel_id: UUID, locale: str, count: int) -> list[str]:
    """So many of those that go on from these words, of which the last may be the beginning of one; the most popular first."""
    said = " ".join(typed)
    asked = {"channel_id": channel_id, "locale": locale, "typed": said, "beyond": said + _LAST_SIGN, "count": count}
    return [spelling for (spelling,) in _BEGUN.all(asked)]
