"""Where the listings lie, and what they are called: a row for each of their categories and languages, made from them and from
nothing else."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, exists, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.storefront.models import LONGEST_KEY, Listing, ShelvedListing, TitledListing
from shopwright.kit.db import table_of
from shopwright.kit.prepared import Prepared

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
listings, shelved, titled = table_of(Listing), table_of(ShelvedListing), table_of(TitledListing)
KEY = ("product_id", "channel_id", "group_id")
TOLD = ("lowest_amount", "published_at", "is_available", "brand_id", "facets")
_places = select(
    *(listings.c[name] for name in KEY),
    func.unnest(listings.c.category_ids).label("category_id"),
    *(listings.c[name] for name in TOLD),
).where(listings.c.product_id == any_(_IDS))
_PUT = insert(shelved).from_select(shelved.columns.keys(), _places, include_defaults=False)
_SHELVE = Prepared(
    _PUT.on_conflict_do_update(
        index_elements=[*shelved.primary_key],
        set_={name: _PUT.excluded[name] for name in TOLD},
        where=tuple_(*(shelved.c[name] for name in TOLD)).is_distinct_from(
            tuple_(*(_PUT.excluded[name] for name in TOLD))
        ),
    )
)
# What is listed no more went with its listing.
_TAKE_OUT = Prepared(
    delete(shelved).where(
        shelved.c.product_id == any_(_IDS),
        ~exists().where(
            *(listings.c[name] == shelved.c[name] for name in KEY),
            shelved.c.category_id == any_(listings.c.category_ids),
        ),
    )
)


_said = func.jsonb_each_text(listings.c.title_keys).table_valued("key", "value", name="said")
_titles = (
    # The same for every group.
    select(listings.c.product_id, listings.c.channel_id, _said.c.key, func.left(_said.c.value, LONGEST_KEY))
    .distinct()
    .select_from(listings.join(_said, true()))
    .where(listings.c.product_id == any_(_IDS))
)
_NAME = insert(titled).from_select(titled.columns.keys(), _titles, include_defaults=False)
_TITLE = Prepared(
    _NAME.on_conflict_do_update(
        index_elements=[*titled.primary_key],
        set_={"title_key": _NAME.excluded.title_key},
        where=titled.c.title_key != _NAME.excluded.title_key,
    )
)
_UNTITLE = Prepared(
    delete(titled).where(
        titled.c.product_id == any_(_IDS),
        ~exists().where(
            listings.c.product_id == titled.c.product_id, listings.c.channel_id == titled.c.channel_id,
            listings.c.title_keys.has_key(titled.c.locale),
        ),
    )
)  # fmt: skip


def shelve(product_ids: Collection[UUID]) -> None:
    """Have these products' listings lie where they say, and be found by what they are called."""
    asked = {"ids": [*product_ids]}
    for statement in (_TAKE_OUT, _SHELVE, _UNTITLE, _TITLE):
        statement.run(asked)
