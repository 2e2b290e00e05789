"""The index in PostgreSQL: a row for each document, one for each of its offers, and the words that occur."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DDL, ForeignKeyConstraint, Index, Integer, String, Text, Uuid, event, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.privacy import business, public

#: In each page, for rows that change in no column of an index.
ROOM = {"postgresql_with": {"fillfactor": 80}}


class SearchDocument(Base):
    """Words weigh by where they stand: A in the title, B in brand and categories, C in attributes, D in the description.
    `plain` has them as they are spelled, `stemmed` as its language's stemmer cuts them. A tombstone is not `is_found`."""

    __tablename__ = "search_documents"
    __table_args__ = (
        Index("ix_search_documents_plain", "plain", postgresql_using="gin"),
        Index("ix_search_documents_stemmed", "stemmed", postgresql_using="gin"),
        Index("ix_search_documents_codes", "codes", postgresql_using="gin"),
        # In the order of suggestions.
        Index("ix_search_documents_popular", "locale", text("popularity DESC"), "product_id"),
        ROOM,
    )

    product_id: Mapped[UUID] = public(primary_key=True)
    locale: Mapped[str] = public(String(20), primary_key=True)
    version: Mapped[int] = business()
    is_found: Mapped[bool] = public()
    title: Mapped[str] = public(Text)
    # Spelled so that comparing bytes gives the order of a dictionary.
    title_key: Mapped[str] = public(Text(collation="C"))
    brand_id: Mapped[UUID | None] = public()
    brand: Mapped[str] = public(Text)
    category_ids: Mapped[list[UUID]] = public(ARRAY(Uuid(as_uuid=True)))
    # `code:value` of each attribute that shoppers may filter by.
    facets: Mapped[list[str]] = public(ARRAY(Text))
    codes: Mapped[list[str]] = public(ARRAY(Text))
    published_at: Mapped[datetime | None] = public()
    popularity: Mapped[float] = business()
    margin: Mapped[float] = business()
    plain: Mapped[str] = public(TSVECTOR)
    stemmed: Mapped[str] = public(TSVECTOR)
    # `version:hash` of the words and how they were weighed: void as soon as another version is written without it. None of a
    # tombstone.
    digest: Mapped[str | None] = business(Text)


class SearchOffer(Base):
    """A variant in a channel, beside each document that it belongs to."""

    __tablename__ = "search_offers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["product_id", "locale"], ["search_documents.product_id", "search_documents.locale"], ondelete="CASCADE"
        ),
        # Found for what matched, or for all of a channel: with all that is filtered and sorted by.
        Index("ix_search_offers_channel", "channel_id", "locale", "product_id"),
        ROOM,
    )

    product_id: Mapped[UUID] = public(primary_key=True)
    locale: Mapped[str] = public(String(20), primary_key=True)
    channel_id: Mapped[UUID] = public(primary_key=True)
    variant_id: Mapped[UUID] = public(primary_key=True)
    position: Mapped[int] = public(Integer)
    price: Mapped[int] = public()
    compare_at: Mapped[int | None] = public()
    in_stock: Mapped[bool] = public()
    # `code:value` of each option.
    options: Mapped[list[str]] = public(ARRAY(Text))


class SearchWord(Base):
    """That a word occurs in a language, or did: what is not found by it is not shown, so none is ever taken out in haste."""

    __tablename__ = "search_words"
    __table_args__ = (
        # A slip of the finger spares the first letter, and hardly changes the length.
        Index("ix_search_words_like", "locale", text('"left"(word, 1)'), text("length(word)")),
    )

    locale: Mapped[str] = public(String(20), primary_key=True)
    word: Mapped[str] = public(String(60, collation="C"), primary_key=True)


# As the migration does, where tables are made from the models (in tests).
event.listen(
    SearchWord.__table__, "before_create",
    DDL("CREATE EXTENSION IF NOT EXISTS fuzzystrmatch"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)  # fmt: skip
