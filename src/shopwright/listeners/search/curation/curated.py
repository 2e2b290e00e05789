"""All that is curated, as queries need it: read whole, kept in the process, and looked after every second."""

import math
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from shopwright.kit.db import session, table_of
from shopwright.kit.logging import get
from shopwright.listeners.search import words
from shopwright.listeners.search.backend import Weights
from shopwright.listeners.search.curation import bodies
from shopwright.listeners.search.curation.bodies import Body, Rule, Synonyms, Weighting, When
from shopwright.listeners.search.curation.errors import CurationIllegible
from shopwright.listeners.search.curation.models import SearchCuration, SearchRevision

SECONDS = 1.0

log = get("search")

Words = tuple[str, ...]


class Standing(NamedTuple):
    """A rule that is in force, by its dates or later."""

    id: UUID
    rule: Rule
    #: The words of its query, in each way that they may be understood; none where it has none.
    ways: tuple[Words, ...]


class Curated(NamedTuple):
    """`synonyms`: by locale and phrase, what means the same or is found, too. The `longest` of these phrases has so many words;
    the `vocabulary` is the words of all."""

    synonyms: Mapping[str, Mapping[Words, tuple[Words, ...]]]
    rules: tuple[Standing, ...]
    weights: Mapping[UUID, Weights]
    longest: int
    vocabulary: frozenset[str]


class _Kept(NamedTuple):
    curated: Curated
    newest: int
    looked_at: float


def _none() -> _Kept:
    return _Kept(Curated({}, (), {}, 0, frozenset()), -1, -math.inf)


_kept = _none()
_curations, _revisions = table_of(SearchCuration), table_of(SearchRevision)


def current() -> Curated:
    """What is in force: a change by this process at once, by another one within a second."""
    global _kept
    # Read once: another thread may replace it at any moment.
    kept = _kept
    if time.monotonic() - kept.looked_at < SECONDS:
        return kept.curated
    newest = session.scalar(select(func.coalesce(func.max(_revisions.c.number), 0))) or 0
    looked_at = time.monotonic()
    is_new = kept.newest != newest
    found = _Kept(compiled(standing()), newest, looked_at) if is_new else kept._replace(looked_at=looked_at)
    # If something was said meanwhile, what was read may be from before it.
    if _kept is kept:
        _kept = found
    return found.curated


def forget() -> None:
    """Look again for the next query."""
    global _kept
    _kept = _none()


def standing() -> list[tuple[UUID, Body]]:
    """All that is said and was not removed, the oldest first, but for what this version of the program cannot read."""
    wanted = select(_curations.c.id, _curations.c.body).where(_curations.c.removed_at.is_(None))
    found: list[tuple[UUID, Body]] = []
    for curation_id, plain in session.execute(wanted.order_by(_curations.c.id)):
        try:
            found.append((curation_id, bodies.read(plain)))
        except CurationIllegible as refusal:
            log.warning(
                "a curation that this version cannot read does not act", curation_id=str(curation_id),
                reason=str(refusal.__cause__),
            )  # fmt: skip
    return found


def compiled(bodies: Iterable[tuple[UUID, Body]]) -> Curated:
    synonyms: dict[str, dict[Words, dict[Words, None]]] = {}
    rules, weights = [], {}
    for curation_id, body in bodies:
        if isinstance(body, Synonyms):
            _note(synonyms.setdefault(body.locale, {}), body)
        elif isinstance(body, Weighting):
            weights[body.channel_id] = Weights(
                popularity=body.popularity, margin=body.margin, newness=body.newness, stock=body.stock
            )
        elif body.is_active:
            rules.append(Standing(curation_id, body, _ways(body.when)))
    return Curated(
        {locale: {said: tuple(means) for said, means in each.items()} for locale, each in synonyms.items()},
        tuple(sorted(rules, key=lambda standing: (standing.rule.priority, standing.id))),
        weights,
        max((len(said) for each in synonyms.values() for said in each), default=0),
        frozenset(word for each in synonyms.values() for said in each for word in said),
    )


def _ways(when: When) -> tuple[Words, ...]:
    if when.query is None:
        return ()
    # The sign is said in words, and which ones depends on the language that somebody asks in.
    is_any = when.locale is None and "&" in words.fold(when.query)
    tongues = words.TONGUES if is_any else (when.locale or "",)
    return tuple(dict.fromkeys(tuple(words.words(when.query, tongue)) for tongue in tongues))


def _note(known: dict[Words, dict[Words, None]], body: Synonyms) -> None:
    said = [tuple(words.words(phrase, body.locale)) for phrase in body.words]
    means = [tuple(words.words(phrase, body.locale)) for phrase in body.finds] or said
    for phrase in said:
        # A dict for its order: the first that was said comes first.
        known.setdefault(phrase, {}).update({other: None for other in means if other != phrase})


def is_in_force(when_starts: datetime | None, when_ends: datetime | None, now: datetime) -> bool:
    return (when_starts is None or when_starts <= now) and (when_ends is None or now < when_ends)
