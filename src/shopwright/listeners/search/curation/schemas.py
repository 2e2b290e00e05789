from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.storefront.schemas import Channel, Locale, Slug
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out
from shopwright.listeners.search.backend import Level
from shopwright.listeners.search.curation import bodies
from shopwright.listeners.search.curation.bodies import Body, Kind
from shopwright.listeners.search.curation.models import SearchCuration, SearchRevision
from shopwright.listeners.search.schemas import BannerView, Text


class SayCuration(In, frozen=True, kw_only=True):
    says: Body


class CurationQuery(PageQuery, frozen=True, kw_only=True):
    kind: Annotated[Kind, Meta(description="Only these")] | None = None


class RevisionQuery(PageQuery, frozen=True, kw_only=True):
    curation_id: Annotated[UUID, Meta(description="Only the changes of this one")] | None = None


class CurationOut(Out, frozen=True, kw_only=True):
    id: UUID
    says: Body
    created_at: datetime
    version: int

    @classmethod
    def of(cls, curation: SearchCuration) -> "CurationOut":
        return cls(id=curation.id, says=curation.said, created_at=curation.created_at, version=curation.version)


class RevisionOut(Out, frozen=True, kw_only=True):
    """`before` is null where it was added, `after` where it was removed. `by` is a member of staff."""

    number: int
    curation_id: UUID
    before: Body | None
    after: Body | None
    undoes: int | None
    by: str
    at: datetime

    @classmethod
    def of(cls, revision: SearchRevision) -> "RevisionOut":
        said = {
            name: None if body is None else bodies.read(body)
            for name, body in (("before", revision.before), ("after", revision.after))
        }
        return cls(
            number=revision.number, curation_id=revision.curation_id, undoes=revision.undoes, by=revision.by,
            at=revision.at, **said,
        )  # fmt: skip


class TryCuration(In, frozen=True, kw_only=True):
    """`says` what would be said, instead of one that is there or beside all; null tries what its removal would do."""

    q: Text = ""
    channel: Channel | None = None
    locale: Locale | None = None
    category: Slug | None = None
    says: Body | None
    instead_of: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 24


class PreviewedHit(Out, frozen=True, kw_only=True):
    """`other_place` is where it stands in the other list, null where it does not."""

    product_id: UUID
    title: str
    place: int
    other_place: int | None


class SearchPreview(Out, frozen=True, kw_only=True):
    """`redirect` and `banners` are those of afterwards."""

    before: list[PreviewedHit]
    after: list[PreviewedHit]
    redirect: str | None
    banners: list[BannerView]


class ExplainedHit(Out, frozen=True, kw_only=True):
    """`tier` decides first, then `score`: how well the texts match, moved by the signals. `boosts` are the factors of the
    rules that touch it. `fields` says for each term where it stands as spelled; what is nearly so or inflected is in none.
    """

    product_id: UUID
    title: str
    place: int
    tier: str
    score: float
    is_pinned: bool
    boosts: list[float]
    fields: dict[str, list[str]]
    popularity: float
    margin: float
    stock: int


class Explanation(Out, frozen=True, kw_only=True):
    """`terms` each with what means the same; `rules` are those that acted."""

    level: Level
    dropped: list[str]
    rules: list[UUID]
    terms: list[list[str]]
    items: list[ExplainedHit]
