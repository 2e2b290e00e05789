from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page
from shopwright.kit.transaction import steadily
from shopwright.listeners.search.curation import service, trying
from shopwright.listeners.search.curation.errors import (
    ChangedSince,
    CurationIllegible,
    CurationNotSensible,
    KindFixed,
    TooManyCurations,
    UnknownCuration,
    UnknownRevision,
    WeightsExist,
)
from shopwright.listeners.search.curation.models import SearchCuration, SearchRevision
from shopwright.listeners.search.curation.schemas import (
    CurationOut,
    CurationQuery,
    Explanation,
    RevisionOut,
    RevisionQuery,
    SayCuration,
    SearchPreview,
    TryCuration,
)
from shopwright.listeners.search.errors import NothingRated
from shopwright.listeners.search.schemas import Search

Row = TypeVar("Row")
Shown = TypeVar("Shown")

routes = Routes("search_curation", prefix="/v1/admin/search")

READ, WRITE = requires(Permission.SEARCH_READ), requires(Permission.SEARCH_WRITE)
SAID = (CurationNotSensible, UnknownChannel, WeightsExist)


@routes.query("/curations", access=READ, errors=(InvalidCursor,))
def list_curations(query: CurationQuery) -> Page[CurationOut]:
    """List the synonyms, rules and weights, the newest first."""
    wanted = select(SearchCuration).where(SearchCuration.removed_at.is_(None))
    if query.kind is not None:
        wanted = wanted.where(SearchCuration.kind == query.kind)
    purpose = f"search curations {query.kind or ''}"
    found = paging.keyset(wanted, [(SearchCuration.id, False)], purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.id]
    )
    return Page(items=_legible(rows, CurationOut.of), next_cursor=cursor)


def _legible(rows: Sequence[Row], show: Callable[[Row], Shown]) -> list[Shown]:
    """What a newer version said is passed over, as it is by searches."""
    found = []
    for row in rows:
        with suppress(CurationIllegible):
            found.append(show(row))
    return found


@routes.query("/curations/<uuid:curation_id>", access=READ, errors=(UnknownCuration, CurationIllegible))
def show_curation(curation_id: UUID) -> CurationOut:
    """Show synonyms, a rule or weights."""
    return CurationOut.of(service.get(curation_id))


@routes.command("POST", "/curations", access=WRITE, status=201, errors=(*SAID, TooManyCurations))
def add_curation(body: SayCuration) -> CurationOut:
    """Have search do something from now on.

    `synonyms` mean the same; a `rule` acts on a query or a category; `weights` say how much sales, margin, newness and
    stock count in a channel. It acts within a few seconds and needs no new index.
    """
    return CurationOut.of(service.add(body.says))


@routes.command(
    "PUT", "/curations/<uuid:curation_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(*SAID, UnknownCuration, KindFixed),
)  # fmt: skip
def change_curation(curation_id: UUID, body: SayCuration) -> CurationOut:
    """Say it anew, whole."""
    return CurationOut.of(service.change(curation_id, body.says))


@routes.command(
    "DELETE", "/curations/<uuid:curation_id>", access=WRITE, status=204, if_match=IfMatch.REQUIRED,
    errors=(UnknownCuration,),
)  # fmt: skip
def remove_curation(curation_id: UUID) -> None:
    """Have search do this no more. That can be undone."""
    service.remove(curation_id)


@routes.query("/revisions", access=READ, errors=(InvalidCursor,))
def list_revisions(query: RevisionQuery) -> Page[RevisionOut]:
    """List what was changed, by whom and when, the newest first."""
    wanted = select(SearchRevision)
    if query.curation_id is not None:
        wanted = wanted.where(SearchRevision.curation_id == query.curation_id)
    purpose = f"search revisions {query.curation_id or ''}"
    found = paging.keyset(
        wanted, [(SearchRevision.number, False)], purpose=purpose, limit=query.limit, cursor=query.cursor
    )
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.number]
    )
    return Page(items=_legible(rows, RevisionOut.of), next_cursor=cursor)


@routes.command(
    "POST", "/revisions/<int:number>/undo", access=WRITE, status=201,
    errors=(*SAID, UnknownRevision, ChangedSince, CurationIllegible),
)  # fmt: skip
def undo_revision(number: int) -> RevisionOut:
    """Make it as it was before this change, if what this change made is what is said now. That is a change, too.

    So several changes are undone one after the other, the newest first.
    """
    return RevisionOut.of(service.undo(number))


@routes.phased("POST", "/preview", access=READ, errors=(CurationNotSensible, UnknownChannel))
def preview_curation(body: TryCuration) -> SearchPreview:
    """Show what a change would do to a list, before and after.

    Nothing is changed, and nobody sees it.
    """
    return steadily(lambda: trying.preview(body))


@routes.query("/explain", access=READ, errors=(UnknownChannel, NothingRated))
def explain_search(query: Search) -> Explanation:
    """Explain the first page of a search: how each hit was found, where its words stand, and which rules touched it."""
    return trying.explain(query)
