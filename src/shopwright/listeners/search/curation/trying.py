"""What a change would do to a list, and why a hit stands where it does."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from shopwright.commerce.storefront import queries as storefront
from shopwright.listeners.search import answering, documents, service, words
from shopwright.listeners.search.backend import Ask, Boost, Document, Hit, Term
from shopwright.listeners.search.curation import checking, curated
from shopwright.listeners.search.curation.bodies import Body
from shopwright.listeners.search.curation.schemas import (
    ExplainedHit,
    Explanation,
    PreviewedHit,
    SearchPreview,
    TryCuration,
)
from shopwright.listeners.search.schemas import Search, SearchResult


def preview(wanted: TryCuration) -> SearchPreview:
    """The list as it is, and as it would be. Raises `CurationNotSensible` and what a search raises."""
    if wanted.says is not None:
        checking.check(wanted.says, wanted.instead_of)
    query = Search(
        q=wanted.q, channel=wanted.channel, locale=wanted.locale, category=wanted.category, limit=wanted.limit
    )
    standing = dict(curated.standing())
    before = service.as_if(query, curated.compiled(standing.items()))
    after = service.as_if(query, curated.compiled(_changed(standing, wanted).items()))
    return SearchPreview(
        before=_places(before, after), after=_places(after, before), redirect=after.redirect, banners=after.banners
    )


def _changed(standing: Mapping[UUID, Body], wanted: TryCuration) -> dict[UUID, Body]:
    rest = {id_: body for id_, body in standing.items() if id_ != wanted.instead_of}
    # As the newest it comes last among equals, as it would if it were added.
    return rest if wanted.says is None else rest | {wanted.instead_of or UUID(int=2**128 - 1): wanted.says}


def _places(found: SearchResult, other: SearchResult) -> list[PreviewedHit]:
    elsewhere = {item.id: place for place, item in enumerate(other.items, 1)}
    return [
        PreviewedHit(product_id=item.id, title=item.title, place=place, other_place=elsewhere.get(item.id))
        for place, item in enumerate(found.items, 1)
    ]


def explain(wanted: Search) -> Explanation:
    """The first page, each hit with what put it there. Raises what a search raises."""
    where = storefront.market(wanted.channel, wanted.locale)
    asked, answered = answering.answer(wanted, where, 0, curated.current())
    found = answered.found
    built = documents.build({hit.product_id: 1 for hit in found.hits}).get(where.locale)
    known = {document.product_id: document for document in built.documents} if built else {}
    return Explanation(
        level=found.level,
        dropped=[*found.dropped],
        rules=[*asked.steering.rule_ids],
        terms=[[" ".join(way) for way in (term.words, *term.alternatives)] for term in asked.ask.terms],
        items=[
            _explained(hit, place, known[hit.product_id], asked.ask)
            for place, hit in enumerate(found.hits, 1)
            if hit.product_id in known
        ],
    )


def _explained(hit: Hit, place: int, document: Document, ask: Ask) -> ExplainedHit:
    return ExplainedHit(
        product_id=hit.product_id,
        title=document.title,
        place=place,
        tier=hit.tier.name.lower(),
        score=round(hit.score, 4),
        is_pinned=hit.product_id in ask.pins,
        boosts=[boost.factor for boost in ask.boosts if _is_boosted(boost, document)],
        fields={term.text: _fields(term, document) for term in ask.terms},
        popularity=document.signals.popularity,
        margin=document.signals.margin,
        stock=document.signals.stock,
    )


def _is_boosted(boost: Boost, document: Document) -> bool:
    return (
        (boost.brand_id is not None and boost.brand_id == document.brand_id)
        or boost.category_id in document.category_ids
        or document.product_id in boost.product_ids
    )


def _fields(term: Term, document: Document) -> list[str]:
    """Where all words of the term, or of something that means the same, stand as they were spelled."""
    texts = {
        "title": document.title, "brand": document.brand, "category": document.category_text,
        "attributes": document.attribute_text, "description": document.description,
    }  # fmt: skip
    return [name for name, text in texts.items() if _has(text, (term.words, *term.alternatives), document.locale)]


def _has(text: str, ways: Iterable[tuple[str, ...]], locale: str) -> bool:
    said = set(words.stored_words(text, locale))
    return any(said.issuperset(way) for way in ways)
