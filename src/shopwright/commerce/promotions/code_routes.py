"""Codes, for staff."""

from collections import deque
from typing import Any
from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import codes, queries
from shopwright.commerce.promotions.code_schemas import AddCode, CodeOut, CodesMade, MakeCodes
from shopwright.commerce.promotions.errors import CodeNotFound, CodeTaken, TakesNoCodes, UnknownPromotion
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.tables import Table

routes = Routes("promotion_codes", prefix="/v1/admin/promotions/<uuid:promotion_id>/codes")

READ, WRITE = requires(Permission.PROMOTIONS_READ), requires(Permission.PROMOTIONS_WRITE)


@routes.query("", access=READ, errors=(UnknownPromotion, InvalidCursor))
def list_codes(promotion_id: UUID, query: PageQuery) -> Page[CodeOut]:
    """List the codes of a promotion, in the order of the alphabet."""
    page: dict[str, Any] = {"purpose": f"codes {promotion_id}", "limit": query.limit}
    found = paging.keyset(codes.of_promotion(promotion_id), [(PromotionCode.code, True)], cursor=query.cursor, **page)
    rows, cursor = paging.cut(session.scalars(found).all(), values=lambda row: [row.code], **page)
    return Page(items=[CodeOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/export", access=READ, errors=(UnknownPromotion,))
def export_codes(promotion_id: UUID) -> Table:
    """Export the codes that can be used, with when they were made: CSV, in the order of the alphabet.

    However many there are. A code that begins with `-` has a `'` before it, or a spreadsheet would take it for a formula.
    """
    queries.get(promotion_id)
    rows = ((code, made_at.strftime("%Y-%m-%dT%H:%M:%SZ")) for code, made_at in codes.usable(promotion_id))
    return Table(name="codes", columns=("code", "created_at"), rows=rows)


@routes.command("POST", "", access=WRITE, status=201, errors=(UnknownPromotion, TakesNoCodes, CodeTaken))
def add_code(promotion_id: UUID, body: AddCode) -> CodeOut:
    """Add a code of your own choice. Whoever may guess it may use it: set limits."""
    return CodeOut.of(codes.add_code(promotion_id, body.code))


@routes.command("POST", "/batches", access=WRITE, status=201, errors=(UnknownPromotion, TakesNoCodes))
def make_codes(promotion_id: UUID, body: MakeCodes) -> CodesMade:
    """Make many codes that nobody can guess. `shopwright make-codes` makes millions."""
    (made,) = deque(codes.make_codes(promotion_id, body.count, prefix=body.prefix, length=body.length), maxlen=1)
    return CodesMade(made=made)


@routes.command("DELETE", "/<code>", access=WRITE, errors=(CodeNotFound,))
def disable_code(promotion_id: UUID, code: str) -> None:
    """Disable a code: from now on it is as if it did not exist."""
    codes.disable_code(promotion_id, code)
