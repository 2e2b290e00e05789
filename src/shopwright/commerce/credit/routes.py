from flask import request

from shopwright.commerce.credit import codes, queries
from shopwright.commerce.credit.errors import UnknownGiftCard
from shopwright.commerce.credit.schemas import AskBalance, BalanceOut, CreditList
from shopwright.kit import principal
from shopwright.kit.access import Anyone, Customer
from shopwright.kit.db import session
from shopwright.kit.errors import TooManyRequests
from shopwright.kit.http import Routes
from shopwright.kit.transaction import reading

routes = Routes("credit")


@routes.phased(
    "POST", "/gift-cards/balance", access=Anyone, is_idempotent=False, errors=(UnknownGiftCard, TooManyRequests)
)
def ask_balance(body: AskBalance) -> BalanceOut:
    """Ask what is left of a gift card.

    It changes nothing, and is no GET only since a code does not belong into an address. Codes can be tried a few times
    a minute.
    """
    codes.slow_down(request.remote_addr or "-")
    with reading():
        return BalanceOut.of(queries.by_code(body.code))


@routes.query("/me/credit", access=Customer)
def show_my_credit() -> CreditList:
    """Show your store credit, by currency."""
    customer_id = principal.current().customer_id
    assert customer_id is not None
    return CreditList(items=[BalanceOut.of(account) for account in session.scalars(queries.of_customer(customer_id))])
