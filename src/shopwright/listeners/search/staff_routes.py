from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.listeners.search import states
from shopwright.listeners.search.errors import UnknownDeadLetter
from shopwright.listeners.search.models import SearchDeadLetter
from shopwright.listeners.search.schemas import DeadLetterOut

routes = Routes("search_index", prefix="/v1/admin/search")


@routes.query("/dead-letters", access=requires(Permission.SEARCH_READ), errors=(InvalidCursor,))
def list_dead_letters(query: PageQuery) -> Page[DeadLetterOut]:
    """List the documents that the index refused five times, with the reason.

    They are left alone until their product changes or somebody asks again.
    """
    purpose, keys = "search dead letters", [(SearchDeadLetter.product_id, True), (SearchDeadLetter.locale, True)]
    wanted = paging.keyset(select(SearchDeadLetter), keys, purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows, cursor = paging.cut(
        session.scalars(wanted).all(),
        purpose=purpose,
        limit=query.limit,
        values=lambda row: [row.product_id, row.locale],
    )
    return Page(items=[DeadLetterOut.of(row) for row in rows], next_cursor=cursor)


@routes.command(
    "POST", "/dead-letters/<uuid:product_id>/retry", access=requires(Permission.SEARCH_WRITE), status=204,
    errors=(UnknownDeadLetter,),
)  # fmt: skip
def retry_dead_letter(product_id: UUID) -> None:
    """Have a product that was refused indexed again. Its dead letters go when it is taken."""
    if session.scalars(select(SearchDeadLetter).where(SearchDeadLetter.product_id == product_id)).first() is None:
        raise UnknownDeadLetter()
    states.touch([product_id])
