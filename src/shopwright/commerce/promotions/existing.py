"""Whether what a rule names is there. Shipping methods stand beside this room, so their table is asked by its name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, FromClause, String, Uuid, any_, column, literal, select, table

from shopwright.commerce.accounts.models import CustomerGroup
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.catalog.taxonomy import Attribute, Brand, Category, Collection
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.promotions.checking import conditions_in, fault
from shopwright.commerce.promotions.currencies import effect_currency
from shopwright.commerce.promotions.rules import (
    Attributes,
    Brands,
    Categories,
    Channels,
    Collections,
    FreeGift,
    Groups,
    Products,
    ShippingMethods,
    Terms,
    Variants,
)  # fmt: skip
from shopwright.kit.db import session, table_of
from shopwright.kit.validation import Fault

TABLES: Mapping[type, tuple[str, FromClause]] = {
    Products: ("product", table_of(Product)),
    Variants: ("variant", table_of(Variant)),
    Categories: ("category", table_of(Category)),
    Collections: ("collection", table_of(Collection)),
    Brands: ("brand", table_of(Brand)),
    Groups: ("customer group", table_of(CustomerGroup)),
    Channels: ("channel", table_of(Channel)),
    ShippingMethods: ("shipping method", table("shipping_methods", column("id", Uuid(as_uuid=True)))),
}


def faults(terms: Terms) -> Iterator[Fault]:
    """One for each id or attribute that nothing has, and for amounts in a currency that no named channel sells in."""
    for pointer, condition in conditions_in(terms):
        if isinstance(condition, Attributes) and not _is_asked(condition.code):
            yield fault(f"{pointer}/code", "No product type has this attribute.")
        elif type(condition) in TABLES:
            yield from _unknown(f"{pointer}/any_of", type(condition), getattr(condition, "any_of", ()))
        if isinstance(condition, Channels):
            yield from _foreign(terms, condition)
    if isinstance(terms.effect, FreeGift):
        yield from _unknown("/effect/any_of", Variants, terms.effect.any_of)


def _unknown(pointer: str, kind: type, wanted: Iterable[UUID]) -> Iterator[Fault]:
    noun, rows = TABLES[kind]
    named = list(wanted)
    found = set(session.scalars(select(rows.c.id).where(rows.c.id == any_(_list(named, Uuid(as_uuid=True))))))
    for place, one in enumerate(named):
        if one not in found:
            yield fault(f"{pointer}/{place}", f"There is no such {noun}.")


def _is_asked(code: str) -> bool:
    return session.scalar(select(Attribute.code).where(Attribute.code == code).limit(1)) is not None


def _foreign(terms: Terms, channels: Channels) -> Iterator[Fault]:
    currency = effect_currency(terms)
    if currency is None:
        return
    among = Channel.id == any_(_list(channels.any_of, Uuid(as_uuid=True)))
    used = set(session.scalars(select(Channel.currency).where(among)))
    if used and currency not in used:
        yield fault("/effect/currency", f"The channels of this rule sell in {', '.join(sorted(used))}.")


def _list(values: Iterable[Any], of: Uuid[UUID] | String) -> Any:
    return literal([*values], ARRAY(of))
