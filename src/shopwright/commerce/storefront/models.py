"""What lists of products are filtered and sorted by: derived from the rooms below, and made anew at any time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.privacy import business, public


class ListingClock(Base):
    """One row: how far the listings have followed the dates of promotions, and where a walk through all of them stands."""

    __tablename__ = "listing_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = business(SmallInteger, primary_key=True, autoincrement=False)
    looked_until: Mapped[datetime] = business()
    # The product that was repriced last; empty when no walk is under way.
    walked_to: Mapped[UUID | None] = business()


# As the migration does, where tables are made from the models (in tests).
event.listen(
    ListingClock.__table__, "after_create",
    DDL("INSERT INTO listing_clock VALUES (1, now(), NULL)"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)  # fmt: skip


#: Of a title's key, so much decides where it stands.
LONGEST_KEY = 200

#: The group of everybody else.
ANYBODY = UUID(int=0)


class ListingAudience(Base):
    """A group whose members pay other prices in a channel: seen once a walk that knew of it has listed all products."""

    __tablename__ = "listing_audiences"

    channel_id: Mapped[UUID] = business(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = business(primary_key=True)
    is_listed: Mapped[bool] = business()


class Listing(Base):
    """That a product is offered in a channel, and at which prices to anybody or to the members of a group that has prices
    of its own. What it is called and looks like is read from the catalog."""

    __tablename__ = "listings"
    __table_args__ = (
        Index("ix_listings_newest", "channel_id", "group_id", "published_at", "product_id"),
        Index("ix_listings_price", "channel_id", "group_id", "lowest_amount", "product_id"),
        Index("ix_listings_brand", "channel_id", "group_id", "brand_id", "published_at", "product_id"),
        Index("ix_listings_facets", "facets", postgresql_using="gin"),
    )

    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[UUID] = public(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = business(primary_key=True)
    currency: Mapped[str] = public(String(3))
    # Of the cheapest variant; the highest is that of the dearest.
    lowest_amount: Mapped[int] = public()
    compare_at_amount: Mapped[int | None] = public()
    lowest_before_amount: Mapped[int | None] = public()
    highest_amount: Mapped[int] = public()
    is_available: Mapped[bool] = public()
    published_at: Mapped[datetime] = public()
    brand_id: Mapped[UUID | None] = public()
    # With all ancestors.
    category_ids: Mapped[list[UUID]] = public(ARRAY(Uuid(as_uuid=True)))
    # `code:value` of each attribute that shoppers may filter by, as they ask for it.
    facets: Mapped[list[str]] = public(ARRAY(String))
    # By locale of the channel, spelled so that comparing bytes gives the order of a dictionary.
    title_keys: Mapped[dict[str, Any]] = public(JSONB)


class ShelvedListing(Base):
    """That a listing lies in a category or below it, in the orders in which categories are listed: a page of the largest
    category is a few neighbours in an index. Derived from `Listing`, with all that lists are filtered by."""

    __tablename__ = "shelved_listings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["product_id", "channel_id", "group_id"],
            ["listings.product_id", "listings.channel_id", "listings.group_id"],
            ondelete="CASCADE",
        ),
        # The category leads where it is to be found alone, the channel where all of its categories are counted.
        Index("ix_shelved_listings_price", "category_id", "channel_id", "group_id", "lowest_amount", "product_id"),
        Index("ix_shelved_listings_newest", "channel_id", "group_id", "category_id", "published_at", "product_id"),
    )

    product_id: Mapped[UUID] = public(primary_key=True)
    channel_id: Mapped[UUID] = public(primary_key=True)
    group_id: Mapped[UUID] = business(primary_key=True)
    category_id: Mapped[UUID] = public(primary_key=True)
    lowest_amount: Mapped[int] = public()
    published_at: Mapped[datetime] = public()
    is_available: Mapped[bool] = public()
    brand_id: Mapped[UUID | None] = public()
    facets: Mapped[list[str]] = public(ARRAY(String))


#: Have PostgreSQL take every category for a large one. It cannot tell which one is asked for, and would fetch and sort all of
#: what it takes for a few rows; a walk in the order of the list stops when the page is full, and is as good for a few.
FEW_CATEGORIES = "ALTER TABLE shelved_listings ALTER category_id SET (n_distinct = 20)"
event.listen(
    ShelvedListing.__table__, "after_create", DDL(FEW_CATEGORIES)  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)  # fmt: skip


class TitledListing(Base):
    """What a listed product is called in a channel and a language, spelled as in `Listing.title_keys` and cut to what an index
    takes: lists by title are read from it in their order. Prices change nothing here."""

    __tablename__ = "titled_listings"
    __table_args__ = (Index("ix_titled_listings_title", "channel_id", "locale", "title_key", "product_id"),)

    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[UUID] = public(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = public(String(20), primary_key=True)
    title_key: Mapped[str] = public(String(LONGEST_KEY, collation="C"))
