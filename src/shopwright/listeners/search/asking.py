"""What the engine is asked: the words as understood, and filters by ids instead of the slugs that shoppers send."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from shopwright.commerce.catalog.views import CategoryNode
from shopwright.commerce.storefront.queries import Market
from shopwright.kit import clock
from shopwright.listeners.search import compounding, function_words, taxonomy, words
from shopwright.listeners.search.backend import Ask, Chosen, Facets, Filters, Order
from shopwright.listeners.search.curation import steering
from shopwright.listeners.search.curation.curated import Curated
from shopwright.listeners.search.curation.steering import NOTHING, Steering
from shopwright.listeners.search.errors import NothingRated
from shopwright.listeners.search.schemas import Search, SearchSort
from shopwright.listeners.search.taxonomy import Known
from shopwright.listeners.search.understanding import MOST_WORDS, Understood, understand


class Asked(NamedTuple):
    """A query with all that was made of it. `text` and `said` are the shopper's own, the words as they are compared."""

    text: str
    said: tuple[str, ...]
    where: Market
    understood: Understood
    known: Known
    steering: Steering
    ask: Ask


def asked(wanted: Search, where: Market, offset: int, curated: Curated, *, guesses: bool = True) -> Asked:
    """Understood, steered by the merchant's rules, with synonyms. `guesses` as with `understand`. Raises `NothingRated`."""
    understood = understand(wanted.q, where.locale, where.channel.currency, guesses=guesses)
    known = taxonomy.known(where.locale)
    category = find(known.tree, wanted.category) if wanted.category else None
    text = understood.text
    said = tuple(words.words(text, where.locale)[:MOST_WORDS])
    judged = steering.Asked(said, where.channel.id, where.locale, category.id if category else None, clock.now())
    steered = steering.steer(curated, judged)
    if steered.replacement is not None:
        understood = understand(steered.replacement, where.locale, where.channel.currency, guesses=guesses)
    plain = ask(wanted, where, understood, known, offset, is_led=bool(steered.pins or steered.boosts))
    meant = steering.steered(plain, steered, curated, known.tree)
    # After the synonyms, since a phrase may be one by its smallest word.
    naming = function_words.without(meant.terms, where.locale)
    terms = compounding.widened(naming, plain.terms, known.said, where.locale)
    return Asked(text, said, where, understood, known, steered, replace(meant, terms=terms))


def ask(
    wanted: Search, where: Market, understood: Understood, known: Known, offset: int, *, is_led: bool = False
) -> Ask:
    """Where it `is_led` by a rule, what rules lift stands first without words, too. Raises `NothingRated`."""
    if wanted.sort is SearchSort.RATING:
        raise NothingRated()
    is_relevance = wanted.sort is SearchSort.RELEVANCE
    has_words = bool(understood.terms or understood.code)
    return Ask(
        channel_id=where.channel.id,
        locale=where.locale,
        terms=understood.terms,
        excluded=understood.excluded,
        code=understood.code,
        filters=_filters(wanted, understood, known),
        facets=Facets(
            category=True, brand=True, price=True, available=True,
            attributes=tuple(facet.code for facet in known.attributes), options=tuple(known.options),
        ),
        # Without words nothing is more relevant than what sells.
        order=Order.POPULAR if is_relevance and not has_words and not is_led else Order(wanted.sort.value),
        offset=offset,
        size=wanted.limit,
    )  # fmt: skip


def _filters(wanted: Search, understood: Understood, known: Known) -> Filters:
    """What was chosen counts more than what was said in words."""
    is_priced = wanted.price_min is not None or wanted.price_max is not None
    category = find(known.tree, wanted.category) if wanted.category else None
    return Filters(
        category_id=(category.id if category else NOTHING) if wanted.category else None,
        brand_ids=tuple(known.brand_ids.get(slug, NOTHING) for slug in wanted.brand),
        price_min=wanted.price_min if is_priced else understood.price_min,
        price_max=wanted.price_max if is_priced else understood.price_max,
        is_available=wanted.available,
        attributes=_chosen(wanted.attribute),
        options=_chosen(wanted.option),
    )


def find(tree: Sequence[CategoryNode], slug: str) -> CategoryNode | None:
    for node in tree:
        if found := node if node.slug == slug else find(node.children, slug):
            return found
    return None


def _chosen(facets: Sequence[str]) -> tuple[Chosen, ...]:
    by_code: dict[str, list[str]] = {}
    for facet in facets:
        code, _, value = facet.partition(":")
        by_code.setdefault(code, []).append(value)
    return tuple(Chosen(code, tuple(values)) for code, values in by_code.items())
