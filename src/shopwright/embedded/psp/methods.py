"""Means of payment that are kept for a customer."""

from shopwright.embedded.psp import scenarios
from shopwright.embedded.psp.errors import PspError, not_found
from shopwright.embedded.psp.keys import once
from shopwright.embedded.psp.models import DECLINED, NEEDS_ACTION, Method
from shopwright.embedded.psp.scenarios import DECLINES, UnknownToken
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import SaveMethod

SAVED, FORGOTTEN = "saved", "forgotten"
BRANDS = ("visa", "mastercard", "amex")


def save(desk: Desk, key: str, asked: SaveMethod) -> Method:
    """Keep a means of payment: at once, after a second step, or not at all."""
    if made := once(desk, key, "method", asked):
        return find(desk, made)
    customer_ref = customer(desk, asked.customer, asked.customer_ref)
    means = scenarios.read(asked.token).means
    method = _new(desk, customer_ref or "", asked.token, key)
    if means in DECLINES:
        method.state, method.decline_code = DECLINED, DECLINES[means]
    elif means == "3ds":
        method.state = NEEDS_ACTION
    desk.put(method)
    once(desk, key, "method", asked, made=method.id)
    return method


def keep(desk: Desk, customer_ref: str, token: str, key: str) -> Method:
    """Keep the means that a payment was just made with."""
    method = _new(desk, customer_ref, token, key)
    desk.put(method)
    return method


def _new(desk: Desk, customer_ref: str, token: str, key: str) -> Method:
    chance = scenarios.number(10**9, desk.seed, "card", key)
    return Method(
        id=desk.new_id("pm", key), customer_ref=customer_ref, token=token, state=SAVED, decline_code=None,
        brand=BRANDS[chance % len(BRANDS)], last4=f"{chance % 10_000:04}", expires_month=chance % 12 + 1, expires_year=2049,
    )  # fmt: skip


def decide(desk: Desk, method_id: str, *, succeeds: bool) -> Method:
    method = find(desk, method_id)
    if method.state != NEEDS_ACTION:
        raise PspError(409, "method_decided", "There is nothing left to decide about this method.")
    method.state = SAVED if succeeds else DECLINED
    method.decline_code = None if succeeds else "authentication_failed"
    desk.put(method)
    return method


def forget(desk: Desk, method_id: str) -> None:
    if method := desk.get(Method, "id = ?", method_id):
        method.state = FORGOTTEN
        desk.put(method)


def find(desk: Desk, method_id: str) -> Method:
    method = desk.get(Method, "id = ?", method_id)
    if method is None or method.state == FORGOTTEN:
        raise not_found("method")
    return method


def of_customer(desk: Desk, customer_ref: str) -> list[Method]:
    return desk.all(Method, "customer_ref = ? AND state = 'saved' ORDER BY id", customer_ref)


def of_token(desk: Desk, token: str, customer_ref: str | None) -> Method | None:
    """The saved method that the token names, if it names one. Raises `PspError` if that customer has no such."""
    if not token.startswith("pm_"):
        return None
    method = find(desk, token.split("~")[0])
    if method.customer_ref != customer_ref or method.state != SAVED:
        raise not_found("method")
    return method


def test_token(desk: Desk, token: str) -> str:
    """The token, or the one that a saved method was made from, with what is added to it. Raises `UnknownToken`."""
    first, *parts = token.split("~")
    if not first.startswith("pm_"):
        return token
    method = desk.get(Method, "id = ?", first)
    if method is None:
        raise UnknownToken(f"There is no saved method {first}.")
    return "~".join([method.token, *parts])


def customer(desk: Desk, customer: str | None, customer_ref: str | None) -> str | None:
    """Our name for the shop's customer: the one that the shop knows already, or the one that follows from its own."""
    return customer_ref or (desk.new_id("cus", customer) if customer else None)
