from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import queries, service
from shopwright.commerce.promotions.errors import PromotionStateConflict, UnknownPromotion, UnknownPromotionVersion
from shopwright.commerce.promotions.models import Promotion, PromotionVersion
from shopwright.commerce.promotions.schemas import (
    ChangePromotion,
    CreatePromotion,
    PromotionOut,
    PromotionQuery,
    PromotionVersionOut,
)  # fmt: skip
from shopwright.kit import clock, paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.wire import changes_in

routes = Routes("promotions", prefix="/v1/admin")

READ, WRITE = requires(Permission.PROMOTIONS_READ), requires(Permission.PROMOTIONS_WRITE)
MOVED = (UnknownPromotion, PromotionStateConflict)


@routes.query("/promotions", access=READ, errors=(InvalidCursor,))
def list_promotions(query: PromotionQuery) -> Page[PromotionOut]:
    """List the promotions, the newest first; all of them, or those that stand so now."""
    purpose = f"promotions {query.state or ''}"
    found = paging.keyset(
        queries.everything(query.state, clock.now()), [(Promotion.id, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    promotions, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda promotion: [promotion.id]
    )
    return Page(items=[PromotionOut.of(promotion) for promotion in promotions], next_cursor=cursor)


@routes.query("/promotions/<uuid:promotion_id>", access=READ, errors=(UnknownPromotion,))
def show_promotion(promotion_id: UUID) -> PromotionOut:
    """Show a promotion, and what looks like a mistake in it."""
    return PromotionOut.of(queries.get(promotion_id))


@routes.command("POST", "/promotions", access=WRITE, status=201)
def create_promotion(body: CreatePromotion) -> PromotionOut:
    """Create a promotion, as a draft.

    A rule that cannot be right is refused, with a pointer to each fault. Nothing is given before it is activated.
    """
    return PromotionOut.of(service.create_promotion(body.terms()))


@routes.command("PATCH", "/promotions/<uuid:promotion_id>", access=WRITE, if_match=IfMatch.REQUIRED, errors=MOVED)
def change_promotion(promotion_id: UUID, body: ChangePromotion) -> PromotionOut:
    """Change a promotion.

    What is active holds in its new form at once. Orders keep what they were placed with.
    """
    return PromotionOut.of(service.change_promotion(promotion_id, changes_in(body)))


@routes.command(
    "POST", "/promotions/<uuid:promotion_id>/activate", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(*MOVED, ValidationFailed),
)  # fmt: skip
def activate_promotion(promotion_id: UUID) -> PromotionOut:
    """Activate a draft, or a promotion that was paused. It holds between its dates."""
    return PromotionOut.of(service.activate_promotion(promotion_id))


@routes.command(
    "POST", "/promotions/<uuid:promotion_id>/pause", access=WRITE, if_match=IfMatch.REQUIRED, errors=MOVED
)  # fmt: skip
def pause_promotion(promotion_id: UUID) -> PromotionOut:
    """Pause a promotion: nobody gets it until it is activated again."""
    return PromotionOut.of(service.pause_promotion(promotion_id))


@routes.command("POST", "/promotions/<uuid:promotion_id>/end", access=WRITE, if_match=IfMatch.REQUIRED, errors=MOVED)
def end_promotion(promotion_id: UUID) -> PromotionOut:
    """End a promotion for good."""
    return PromotionOut.of(service.end_promotion(promotion_id))


@routes.query("/promotions/<uuid:promotion_id>/versions", access=READ, errors=(UnknownPromotion, InvalidCursor))
def list_promotion_versions(promotion_id: UUID, query: PageQuery) -> Page[PromotionVersionOut]:
    """List what a promotion was, the newest version first. The trace of a price names the version that made it."""
    purpose = f"versions of promotion {promotion_id}"
    found = paging.keyset(
        queries.versions_of(promotion_id), [(PromotionVersion.version, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    versions, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.version]
    )
    return Page(items=[PromotionVersionOut.of(row) for row in versions], next_cursor=cursor)


@routes.query(
    "/promotions/<uuid:promotion_id>/versions/<int:version>", access=READ, errors=(UnknownPromotionVersion,)
)  # fmt: skip
def show_promotion_version(promotion_id: UUID, version: int) -> PromotionVersionOut:
    """Show a promotion as it was in this version."""
    return PromotionVersionOut.of(queries.version_of(promotion_id, version))
