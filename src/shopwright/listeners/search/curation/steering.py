"""What curation does to one query."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product, takewhile
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from shopwright.commerce.catalog.views import CategoryNode
from shopwright.listeners.search import backend
from shopwright.listeners.search.backend import Ask, Term
from shopwright.listeners.search.curation import numbers
from shopwright.listeners.search.curation.bodies import (
    Action,
    Banner,
    Boost,
    Filter,
    Hide,
    Match,
    Pin,
    Redirect,
    Replace,
)
from shopwright.listeners.search.curation.curated import Curated, Standing, Words, is_in_force

MOST_PINS, MOST_BOOSTS = 50, 50
MOST_ALTERNATIVES = 20
#: What is not there matches nothing.
NOTHING = UUID(int=0)


class Asked(NamedTuple):
    """What rules judge by. `words` are the query's, as understood; the category is the one that is looked at."""

    words: tuple[str, ...]
    channel_id: UUID
    locale: str
    category_id: UUID | None
    now: datetime


class Steering(NamedTuple):
    """What rules make of a query. Where it is replaced, the words are to be understood anew, and rules act no second time."""

    rule_ids: tuple[UUID, ...] = ()
    pins: tuple[UUID, ...] = ()
    hides: tuple[UUID, ...] = ()
    boosts: tuple[backend.Boost, ...] = ()
    filters: tuple[Filter, ...] = ()
    redirect: str | None = None
    banners: tuple[Banner, ...] = ()
    replacement: str | None = None


def steer(curated: Curated, asked: Asked) -> Steering:
    acting = _acting(curated, asked)
    actions = [action for standing in acting for action in standing.rule.actions]
    hides = _products(actions, Hide)
    pins = tuple(product for product in _products(actions, Pin) if product not in hides)
    return Steering(
        rule_ids=tuple(standing.id for standing in acting),
        pins=pins[:MOST_PINS],
        hides=hides,
        boosts=tuple(_boosts(actions))[:MOST_BOOSTS],
        filters=tuple(action for action in actions if isinstance(action, Filter)),
        redirect=next((action.url for action in actions if isinstance(action, Redirect)), None),
        banners=tuple(action for action in actions if isinstance(action, Banner)),
        replacement=next((action.query for action in actions if isinstance(action, Replace)), None),
    )


def _acting(curated: Curated, asked: Asked) -> list[Standing]:
    """Those that are met as they are written, then those that are met in the other number only: `shoe` by "shoes". Where one
    that is written so speaks of the same words, these are silent."""
    said = {word: {word} for word in asked.words}
    met: dict[str, set[str]] = {}
    for word in asked.words:
        for way in numbers.ways(word, asked.locale):
            met.setdefault(way, set()).add(word)
    written: list[Standing] = []
    other: list[tuple[Standing, frozenset[str]]] = []
    spoken_for = set[frozenset[str]]()
    for standing in curated.rules:
        # Most are about other words, so these come first.
        words = _met_in(standing, met, said)
        if words is None or not _may_act(standing, asked):
            continue
        if (same := _met_in(standing, said, said)) is None:
            other.append((standing, words))
        else:
            written.append(standing)
            spoken_for.add(same)
    return [*written, *(standing for standing, words in other if words not in spoken_for)]


def _may_act(standing: Standing, asked: Asked) -> bool:
    """Whatever the words are."""
    when = standing.rule.when
    return (
        is_in_force(when.starts_at, when.ends_at, asked.now)
        and when.channel_id in (None, asked.channel_id)
        and (when.locale is None or when.locale in tongues(asked.locale))
        and when.category_id in (None, asked.category_id)
    )


def _met_in(standing: Standing, met: Mapping[str, set[str]], said: Collection[str]) -> frozenset[str] | None:
    """The words of the query that the rule is met by; None if it is not. `met` has them by what meets them."""
    if standing.rule.when.query is None:
        return frozenset()
    for way in standing.ways:
        if all(word in met for word in way):
            words = frozenset[str]().union(*(met[word] for word in way))
            if standing.rule.when.match is Match.CONTAINS or len(words) == len(said):
                return words
    return None


def _products(actions: Sequence[Action], kind: type[Pin | Hide]) -> tuple[UUID, ...]:
    named = [product for action in actions if isinstance(action, kind) for product in action.product_ids]
    return tuple(dict.fromkeys(named))


def _boosts(actions: Sequence[Action]) -> list[backend.Boost]:
    return [
        backend.Boost(
            factor=action.factor, brand_id=action.brand_id, category_id=action.category_id,
            product_ids=action.product_ids,
        )
        for action in actions
        if isinstance(action, Boost)
    ]  # fmt: skip


def steered(ask: Ask, steering: Steering, curated: Curated, tree: Sequence[CategoryNode]) -> Ask:
    """What the engine is asked, after rules, synonyms and weights."""
    filters = ask.filters
    for rule in steering.filters:
        if rule.brand_id is not None:
            is_open = not filters.brand_ids or rule.brand_id in filters.brand_ids
            filters = replace(filters, brand_ids=(rule.brand_id if is_open else NOTHING,))
        if rule.category_id is not None:
            filters = replace(filters, category_id=_lower(tree, filters.category_id, rule.category_id))
    return replace(
        ask,
        terms=expand(curated, ask.terms, ask.locale),
        filters=filters,
        weights=curated.weights.get(ask.channel_id, ask.weights),
        pins=steering.pins,
        hides=steering.hides,
        boosts=steering.boosts,
    )


def _lower(tree: Sequence[CategoryNode], chosen: UUID | None, ruled: UUID) -> UUID:
    """Of two categories that must both hold, the one that lies below the other; nothing lies in two branches of a tree."""
    if chosen is None or _lies_below(tree, ruled, chosen):
        return ruled
    return chosen if _lies_below(tree, chosen, ruled) else NOTHING


def _lies_below(nodes: Sequence[CategoryNode], lower: UUID, upper: UUID, *, is_within: bool = False) -> bool:
    """Also where they are the same."""
    return any(
        (node.id == lower and (is_within or node.id == upper))
        or _lies_below(node.children, lower, upper, is_within=is_within or node.id == upper)
        for node in nodes
    )


def tongues(locale: str) -> Iterator[str]:
    """Whose words somebody speaks: of `de-AT` its own and those of `de`."""
    while locale:
        yield locale
        locale = locale.rpartition("-")[0]


def expand(curated: Curated, terms: Sequence[Term], locale: str) -> tuple[Term, ...]:
    """The terms with what means the same. Words that together are a phrase become one term, the longest phrase first."""
    expanded: list[Term] = []
    at = 0
    while at < len(terms):
        taken, term = _longest_at(curated, terms, at, locale)
        expanded.append(term)
        at += taken
    return tuple(expanded)


def _longest_at(curated: Curated, terms: Sequence[Term], at: int, locale: str) -> tuple[int, Term]:
    # What nothing is said of ends each phrase; it is most of what shoppers say.
    known = takewhile(lambda term: all(_ways(curated, term.words, locale)), terms[at : at + curated.longest])
    for count in range(len([*known]), 0, -1):
        phrase = tuple(word for term in terms[at : at + count] for word in term.words)
        if means := met(curated, phrase, locale):
            before = terms[at].alternatives if count == 1 else ()
            return count, Term(phrase, tuple(dict.fromkeys((*before, *means[:MOST_ALTERNATIVES]))))
    return 1, terms[at]


def met(curated: Curated, phrase: Words, locale: str) -> tuple[Words, ...]:
    """What is said of the phrase, else of the first that differs from it by nothing but the number of its words."""
    said = (meaning(curated, way, locale) for way in product(*_ways(curated, phrase, locale)))
    return next((means for means in said if means), ())


def _ways(curated: Curated, phrase: Words, locale: str) -> Iterator[list[str]]:
    """For each word, in which numbers something is said of it."""
    for word in phrase:
        yield [way for way in numbers.ways(word, locale) if way in curated.vocabulary]


def meaning(curated: Curated, phrase: Words, locale: str) -> tuple[Words, ...]:
    """What means the same: what the region says before what its language says."""
    said = (curated.synonyms.get(tongue, {}).get(phrase, ()) for tongue in tongues(locale))
    return tuple(dict.fromkeys(other for means in said for other in means))
