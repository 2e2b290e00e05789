"""What was searched for, and what shoppers did with the answers. Deleted after `journal.KEPT_FOR`."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal, public


class Kind(StrEnum):
    CLICK = "click"
    ADD_TO_CART = "add_to_cart"


#: The level of a search whose shopper was led somewhere else: nothing was looked for, so nothing was missed.
REDIRECTED = "redirected"


class SearchAsked(Base):
    """One search, however many of its pages were looked at."""

    __tablename__ = "searches_asked"
    __table_args__ = (
        Index("ix_searches_asked_at", "channel_id", "at"),
        Index("ix_searches_asked_visitor", "visitor", "at"),
    )

    search_id: Mapped[UUID] = business(primary_key=True)
    at: Mapped[datetime] = business()
    channel_id: Mapped[UUID] = business(ForeignKey("channels.id", ondelete="CASCADE"))
    locale: Mapped[str] = business(String(20))
    # What somebody types may be anything about anybody.
    text: Mapped[str] = personal(String(500))
    # The words of it as they are compared, in their order.
    words: Mapped[str] = personal(String(1000))
    level: Mapped[str] = business(String(20))
    total: Mapped[int] = business()
    # Who asked, digested with the shop's secret and the week: nobody can be followed from one week to the next.
    visitor: Mapped[bytes | None] = personal(LargeBinary)


class SearchTold(Base):
    """That a shopper clicked a hit, or put it into a cart: each is told once by search and product."""

    __tablename__ = "searches_told"

    search_id: Mapped[UUID] = business(ForeignKey("searches_asked.search_id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Kind] = business(String(20), primary_key=True)
    product_id: Mapped[UUID] = business(primary_key=True)
    # Where the hit stood, from 1.
    place: Mapped[int] = business()
    # By which an order that came of it is found; what it was worth is read from the order.
    cart_id: Mapped[UUID | None] = business()
    at: Mapped[datetime] = business()


class SearchPopularQuery(Base):
    """What many searched for of late in a channel and language and its products have: shown to anybody, so nothing of it is
    one person's. Made anew by `popular.learn`."""

    __tablename__ = "search_popular_queries"

    channel_id: Mapped[UUID] = public(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = public(String(20), primary_key=True)
    # As they are compared; their bytes in order, so that all that begin alike lie together.
    words: Mapped[str] = public(String(100, collation="C"), primary_key=True)
    # As most type them.
    spelling: Mapped[str] = public(String(500))
    shoppers: Mapped[int] = business()
