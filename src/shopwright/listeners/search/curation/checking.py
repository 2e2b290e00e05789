"""What a merchant may say. What cannot act as it is meant is refused when it is said, not when somebody searches."""

from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Brand, Category
from shopwright.commerce.channels import queries as channels
from shopwright.kit.db import session
from shopwright.listeners.search import words
from shopwright.listeners.search.backend import MOST
from shopwright.listeners.search.curation import curated, steering
from shopwright.listeners.search.curation.bodies import (
    LONGEST_TEXT,
    Body,
    Boost,
    Filter,
    Hide,
    Pin,
    Replace,
    Rule,
    Synonyms,
    Weighting,
)
from shopwright.listeners.search.curation.errors import CurationNotSensible
from shopwright.listeners.search.curation.steering import MOST_ALTERNATIVES

LONGEST_PHRASE = 5


def check(body: Body, instead_of: UUID | None = None) -> None:
    """Whether it can act beside all that is said, or instead of one. Raises `CurationNotSensible`, `UnknownChannel`."""
    if isinstance(body, Synonyms):
        _check_synonyms(body)
        _check_room(body, instead_of)
    elif isinstance(body, Weighting):
        channels.get(body.channel_id)
        if body.popularity + body.margin + body.newness + body.stock > MOST + 1e-9:
            raise CurationNotSensible(reason=f"Together the weights are {MOST} at most.")
    else:
        _check_rule(body)


def _check_synonyms(body: Synonyms) -> None:
    if not body.finds and len({tuple(words.words(phrase, body.locale)) for phrase in body.words}) < 2:
        raise CurationNotSensible(reason="Say at least two that differ, or what `finds` is to be found.")
    for phrase in (*body.words, *body.finds):
        if not 1 <= len(words.words(phrase, body.locale)) <= LONGEST_PHRASE:
            raise CurationNotSensible(reason=f"{phrase!r} is not between one and {LONGEST_PHRASE} words.")
        # What comes from a request was measured there already, what comes from elsewhere was not.
        if len(phrase) > LONGEST_TEXT:
            raise CurationNotSensible(reason=f"{phrase!r} is longer than {LONGEST_TEXT} characters.")


def _check_room(body: Synonyms, instead_of: UUID | None) -> None:
    """With what is said already, also in the regions that speak its language."""
    others = {id_: said for id_, said in curated.standing() if isinstance(said, Synonyms) and id_ != instead_of}
    together = curated.compiled([*others.items(), (UUID(int=0), body)])
    for locale in (each for each in together.synonyms if body.locale in steering.tongues(each)):
        for phrase in body.words:
            count = len(steering.meaning(together, tuple(words.words(phrase, body.locale)), locale))
            if count > MOST_ALTERNATIVES:
                reason = f"{phrase!r} would have {count} synonyms, and {MOST_ALTERNATIVES} act at most."
                raise CurationNotSensible(reason=reason)


def _check_rule(rule: Rule) -> None:
    when = rule.when
    if when.query is None and when.category_id is None:
        raise CurationNotSensible(reason="Say when: by `query`, by `category_id`, or by both.")
    if when.query is not None and not words.words(when.query, when.locale or ""):
        raise CurationNotSensible(reason="The query has no word in it.")
    if when.starts_at and when.ends_at and when.ends_at <= when.starts_at:
        raise CurationNotSensible(reason="It ends before it starts.")
    if when.channel_id is not None:
        channels.get(when.channel_id)
    for action in rule.actions:
        if isinstance(action, Replace) and not words.words(action.query, when.locale or ""):
            raise CurationNotSensible(reason="What is searched for instead has no word in it.")
        if isinstance(action, Filter) and (action.brand_id, action.category_id) == (None, None):
            raise CurationNotSensible(reason="Say by what to filter: `brand_id`, `category_id`.")
        if isinstance(action, Boost) and _named(action) != 1:
            raise CurationNotSensible(reason="Boost by one of `brand_id`, `category_id`, `product_ids`.")
    _check_existence(rule)


def _named(boost: Boost) -> int:
    return sum(bool(said) for said in (boost.brand_id, boost.category_id, boost.product_ids))


def _check_existence(rule: Rule) -> None:
    products: set[UUID] = set()
    brands: set[UUID | None] = set()
    categories = {rule.when.category_id}
    for action in rule.actions:
        if isinstance(action, Pin | Hide | Boost):
            products |= set(action.product_ids)
        if isinstance(action, Boost | Filter):
            brands.add(action.brand_id)
            categories.add(action.category_id)
    for model, named in ((Product, products), (Brand, brands - {None}), (Category, categories - {None})):
        known = set(session.scalars(select(model.id).where(model.id.in_(named)))) if named else set()
        if missing := named - known:
            raise CurationNotSensible(reason=f"There is no {model.__name__.lower()} {min(map(str, missing))}.")
