from uuid import UUID

from shopwright.commerce.accounts.errors import UnknownCustomer
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.credit import queries, service
from shopwright.commerce.credit.errors import CreditTooLow, CreditUsedUp, UnknownGiftCard
from shopwright.commerce.credit.models import CreditAccount
from shopwright.commerce.credit.schemas import (
    CreditOut,
    CreditStory,
    CustomerCredit,
    ListGiftCards,
    MoveCredit,
    RenewGiftCard,
    RevokeGiftCard,
)
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.paging import InvalidCursor, Page

routes = Routes("credit", prefix="/v1/admin")

READ, WRITE = requires(Permission.CREDIT_READ), requires(Permission.CREDIT_WRITE)


@routes.query("/customers/<uuid:customer_id>/credit", access=READ)
def show_customer_credit(customer_id: UUID) -> CustomerCredit:
    """Show a customer's store credit, with all that ever moved it."""
    accounts = session.scalars(queries.of_customer(customer_id)).all()
    return CustomerCredit(items=[_story(account) for account in accounts])


@routes.command(
    "POST", "/customers/<uuid:customer_id>/credit/grant", access=WRITE, status=201, errors=(UnknownCustomer,)
)
def grant_credit(customer_id: UUID, body: MoveCredit) -> CreditOut:
    """Give a customer store credit."""
    return CreditOut.of(service.grant(customer_id, body.amount, body.reason))


@routes.command(
    "POST", "/customers/<uuid:customer_id>/credit/revoke", access=WRITE, errors=(CreditTooLow, CreditUsedUp)
)
def revoke_credit(customer_id: UUID, body: MoveCredit) -> CreditOut:
    """Take some of a customer's store credit."""
    return CreditOut.of(service.revoke_of_customer(customer_id, body.amount, body.reason))


@routes.query("/gift-cards", access=READ, errors=(InvalidCursor,))
def list_gift_cards(query: ListGiftCards) -> Page[CreditOut]:
    """List gift cards, newest first; of one order with `order_id`."""
    purpose = f"gift-cards:{query.order_id}"
    found = paging.keyset(
        queries.gift_cards(query.order_id), [(CreditAccount.id, False)], purpose=purpose, limit=query.limit,
        cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda account: [account.id]
    )
    return Page(items=[CreditOut.of(account) for account in rows], next_cursor=cursor)


@routes.query("/gift-cards/<uuid:card_id>", access=READ, errors=(UnknownGiftCard,))
def show_gift_card(card_id: UUID) -> CreditStory:
    """Show a gift card, with all that ever moved it."""
    return _story(queries.gift_card(card_id))


@routes.command(
    "POST", "/gift-cards/<uuid:card_id>/revoke", access=WRITE, errors=(UnknownGiftCard, CreditTooLow, CreditUsedUp)
)
def revoke_gift_card(card_id: UUID, body: RevokeGiftCard) -> CreditOut:
    """Take what is left of a gift card, or some of it."""
    return CreditOut.of(service.revoke(queries.gift_card(card_id).id, body.amount, body.reason))


@routes.command("POST", "/gift-cards/<uuid:card_id>/renew", access=WRITE, errors=(UnknownGiftCard,))
def renew_gift_card(card_id: UUID, body: RenewGiftCard) -> CreditOut:
    """Void the code of a gift card that was lost or seen by others. Its buyer can then have a new one shown."""
    return CreditOut.of(service.renew(card_id))


def _story(account: CreditAccount) -> CreditStory:
    return CreditStory.of(account, [*queries.movements(account.id)])
