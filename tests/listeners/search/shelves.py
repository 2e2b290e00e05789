"""Products as documents, made from a seed, and a judge that counts what an engine counts, in plain Python."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shopwright.kit import ids
from shopwright.listeners.search.backend import Chosen, Document, Filters, Offer, Signals

EU, US = UUID(int=1), UUID(int=2)
BRANDS = [UUID(int=100 + number) for number in range(5)]
#: By category the ones above it.
TREE = {UUID(int=200 + number): [UUID(int=200 + above) for above in path] for number, path in enumerate(
    [[0], [0, 1], [0, 1, 2], [0, 3], [4], [4, 5]]
)}  # fmt: skip
MATERIALS, ROOMS = ["clay", "wood", "steel"], ["kitchen", "bath"]
COLOURS, SIZES = ["Red", "Blue", "Green"], ["S", "M", "L"]


def product(chance: random.Random) -> Document:
    categories = chance.sample(sorted(TREE), chance.randint(0, 2))
    brand = chance.choice([*BRANDS, None])
    return Document(
        product_id=ids.new(), version=1, locale="en", title=chance.choice(["Mug", "Mugs", "Mug, large"]),
        brand_id=brand, brand="" if brand is None else f"Brand {brand.int}",
        category_paths=[">".join(map(str, TREE[each])) for each in categories],
        category_ids=list(dict.fromkeys(above for each in categories for above in TREE[each])),
        category_text="", attributes=_attributes(chance), attribute_text="", description="", codes=[],
        published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 5)),
        signals=Signals(popularity=chance.randint(0, 3)), offers=_offers(chance),
    )  # fmt: skip


def _attributes(chance: random.Random) -> dict[str, list[str]]:
    said = {"material": chance.choice([*MATERIALS, None]), "room": chance.choice([*ROOMS, None])}
    return {code: [value] for code, value in said.items() if value}


def _offers(chance: random.Random) -> list[Offer]:
    return [
        Offer(
            channel_id=channel, variant_id=ids.new(), position=position, price=chance.randint(1, 40) * 100,
            compare_at=None, in_stock=chance.random() < 0.7,
            options={"colour": chance.choice(COLOURS), "size": chance.choice(SIZES)},
        )
        for channel in ([EU] if chance.random() < 0.8 else [US])
        for position in range(chance.randint(1, 4))
    ]  # fmt: skip


def filters(chance: random.Random) -> Filters:
    low, high = sorted((chance.randint(1, 40) * 100, chance.randint(1, 40) * 100))

    def some(values: list[str]) -> tuple[str, ...]:
        return tuple(chance.sample(values, chance.randint(1, 2)))

    def perhaps(make: Callable[[], Any], otherwise: Any = None) -> Any:
        return make() if chance.random() < 0.35 else otherwise

    return Filters(
        category_id=perhaps(lambda: chance.choice(sorted(TREE))),
        brand_ids=perhaps(lambda: tuple(chance.sample(BRANDS, 2)), ()),
        price_min=perhaps(lambda: low), price_max=perhaps(lambda: high),
        is_available=perhaps(lambda: chance.random() < 0.8),
        attributes=perhaps(lambda: (Chosen("material", some(MATERIALS)), Chosen("room", some(ROOMS))), ()),
        options=perhaps(lambda: (Chosen("colour", some(COLOURS)), Chosen("size", some(SIZES))), ()),
    )  # fmt: skip


class Judge:
    """Says what fits a selection. Each offer is looked at once, for all facets."""

    def __init__(self, documents: Iterable[Document], chosen: Filters) -> None:
        self._judged = [
            (document, [(offer, of_product | _missed(offer, chosen)) for offer in document.offers if offer.channel_id == EU])
            for document in documents
            for of_product in [_missed_by_all(document, chosen)]
        ]  # fmt: skip

    def fitting(self, without: str = "") -> Iterator[tuple[Document, list[Offer]]]:
        """Each product with its offers in `EU` that all selections hold for, but for that of one facet."""
        for document, judged in self._judged:
            if offers := [offer for offer, missed in judged if missed <= {without}]:
                yield document, offers

    def counted(self, facet: str) -> dict[str, int]:
        """How many products have each value of a facet, with every other selection."""
        return Counter(value for document, offers in self.fitting(facet) for value in _values(document, offers, facet))


def _missed_by_all(document: Document, chosen: Filters) -> set[str]:
    """The facets whose selection no offer of the product meets."""
    said = {
        "category": chosen.category_id is None or chosen.category_id in document.category_ids,
        "brand": not chosen.brand_ids or document.brand_id in chosen.brand_ids,
        **{
            f"attribute:{each.code}": not {*document.attributes.get(each.code, [])}.isdisjoint(each.values)
            for each in chosen.attributes
        },
    }
    return {facet for facet, is_met in said.items() if not is_met}


def _missed(offer: Offer, chosen: Filters) -> set[str]:
    said = {
        "price": (chosen.price_min or 0) <= offer.price <= (chosen.price_max or 10**9),
        "available": chosen.is_available in (None, offer.in_stock),
        **{f"option:{each.code}": offer.options[each.code] in each.values for each in chosen.options},
    }
    return {facet for facet, is_met in said.items() if not is_met}


def _values(document: Document, offers: list[Offer], facet: str) -> set[str]:
    kind, _, code = facet.partition(":")
    if kind == "category":
        return {str(each) for each in document.category_ids}
    if kind == "brand":
        return {str(document.brand_id)} if document.brand_id else set()
    if kind == "available":
        return {str(offer.in_stock).lower() for offer in offers}
    return {*document.attributes.get(code, [])} if kind == "attribute" else {offer.options[code] for offer in offers}
