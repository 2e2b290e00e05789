"""Facets as shoppers read them: labels in their language, the categories as a tree, what was chosen always among them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from shopwright.commerce.catalog.views import Facet
from shopwright.commerce.storefront.queries import Market
from shopwright.listeners.search.backend import Ask, Chosen, FacetFound
from shopwright.listeners.search.schemas import FacetRange, FacetValue, FacetView
from shopwright.listeners.search.taxonomy import Branch, Known

#: Values that a facet shows; what was chosen is shown in any case.
MOST = 50
_LABELS = {
    "en": ("Category", "Brand", "Price", "In stock"), "de": ("Kategorie", "Marke", "Preis", "Lieferbar"),
    "fr": ("Catégorie", "Marque", "Prix", "En stock"), "es": ("Categoría", "Marca", "Precio", "En stock"),
    "it": ("Categoria", "Marca", "Prezzo", "Disponibile"), "nl": ("Categorie", "Merk", "Prijs", "Op voorraad"),
    "sv": ("Kategori", "Märke", "Pris", "I lager"), "pt": ("Categoria", "Marca", "Preço", "Em stock"),
}  # fmt: skip
_PLAIN = ("category", "brand", "price", "available")


def views(found: Iterable[FacetFound], ask: Ask, known: Known, where: Market) -> list[FacetView]:
    """Those by which anything can be chosen."""
    labels = dict(zip(_PLAIN, _LABELS.get(where.locale.partition("-")[0], _LABELS["en"]), strict=True))
    views = [_view(each, ask, known, labels) for each in found]
    return [view for view in views if view.values or view.ranges]


def _view(found: FacetFound, ask: Ask, known: Known, labels: Mapping[str, str]) -> FacetView:
    parameter, _, code = found.name.partition(":")
    attribute = known.labels.get(code) if parameter == "attribute" else None
    return FacetView(
        name=found.name,
        parameter=parameter,
        label=labels.get(parameter) or (attribute.label if attribute else code.capitalize()),
        values=_values(found, ask, known, attribute),
        ranges=[FacetRange(low=each.low, high=each.high, count=each.count) for each in found.ranges],
        low=found.low,
        high=found.high,
        is_exact=found.is_exact,
    )


def _values(found: FacetFound, ask: Ask, known: Known, attribute: Facet | None) -> list[FacetValue]:
    parameter, _, code = found.name.partition(":")
    counts = {each.value: each.count for each in found.counts}
    if parameter == "category":
        return _branches(known.branches, counts, str(ask.filters.category_id) if ask.filters.category_id else None)
    if parameter == "brand":
        return _brands(counts, ask.filters.brand_ids, known)
    if parameter == "available":
        chosen = () if ask.filters.is_available is None else (str(ask.filters.is_available).lower(),)
        return _plain(counts, chosen, {})
    selected = ask.filters.attributes if parameter == "attribute" else ask.filters.options
    return _plain(counts, _chosen(selected, code), attribute.choices if attribute else {})


def _chosen(selected: Sequence[Chosen], code: str) -> tuple[str, ...]:
    return next((each.values for each in selected if each.code == code), ())


def _plain(counts: Mapping[str, int], chosen: Collection[str], labels: Mapping[str, str]) -> list[FacetValue]:
    shown = dict.fromkeys([*list(counts)[:MOST], *chosen])
    return [
        FacetValue(value=value, label=labels.get(value, value), count=counts.get(value, 0), is_selected=value in chosen)
        for value in shown
    ]


def _brands(counts: Mapping[str, int], chosen: Collection[UUID], known: Known) -> list[FacetValue]:
    selected = [str(each) for each in chosen]
    shown = dict.fromkeys([*list(counts)[:MOST], *selected])
    return [
        FacetValue(
            value=known.brands[id_].slug, label=known.brands[id_].name, count=counts.get(id_, 0),
            is_selected=id_ in selected,
        )
        for id_ in shown
        if id_ in known.brands
    ]  # fmt: skip


def _branches(branches: Iterable[Branch], counts: Mapping[str, int], chosen: str | None) -> list[FacetValue]:
    """The categories that hold something or lead to the one that was chosen, in the order of the tree."""
    found: list[FacetValue] = []
    for id_, slug, title, below in branches:
        count, is_selected = counts.get(id_, 0), id_ == chosen
        # What lies in a category counts in all above it: below an empty one there is nothing but what was chosen.
        children = _branches(below, counts, chosen) if below and (count or chosen) else []
        if count or is_selected or children:
            found.append(FacetValue(value=slug, label=title, count=count, is_selected=is_selected, children=children))
    return found
