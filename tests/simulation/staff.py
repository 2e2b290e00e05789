"""What staff do: prices, stock, money, shipments. They ask again until they have an answer."""

from collections.abc import Callable
from typing import Any

from tests.simulation.model import Payment, Purchase, must
from tests.simulation.shoppers import ALWAYS
from tests.simulation.world import Asked, Said, World

PAYMENT_REFUSALS = {
    "payment-closed", "operation-under-way", "too-much", "provider-refused", "provider-disagrees", "request-in-progress",
}  # fmt: skip


def ask(
    world: World, asked: Asked, may_be: set[str], then: Callable[[Said], None], unsure: Callable[[int], None] = lambda _: None
) -> str:  # fmt: skip
    """Without an answer the request is kept to be made again; `unsure` hears +1 then, and -1 when it has one."""

    def judged(said: Said) -> None:
        must(
            said.code in may_be | ALWAYS | {"done"},
            f"{asked.method} {asked.path} was answered {said.code}, not one of {may_be}",
        )
        then(said)

    return _try(world, asked, judged, unsure, "staff")


def _try(world: World, asked: Asked, judged: Callable[[Said], None], unsure: Callable[[int], None], who: str) -> str:
    # From here on until it is answered: what happens meanwhile cannot know what this does.
    unsure(1)
    said = world.send(asked)
    judged(said)
    if said.code in ("unanswered", "busy", "unavailable", "request-in-progress"):

        def again() -> str:
            unsure(-1)
            return _try(world, asked, judged, unsure, who)

        world.unanswered.append((asked, again))
    else:
        unsure(-1)
    return f"{who} {asked.method} {asked.path}: {said.code}"


def asks_again(world: World) -> str | None:
    """One request that had no answer is made again."""
    if not world.unanswered:
        return None
    _, again = world.unanswered.pop(world.dice.randrange(len(world.unanswered)))
    return str(again())


def request(world: World, method: str, path: str, body: Any = None, **headers: str) -> Asked:
    return Asked(method, f"/v1/admin{path}", body, world.new_key(), world.staff, tuple(headers.items()))


def changes_a_price(world: World) -> str | None:
    ware, price = world.dice.choice(list(world.model.wares.values())), world.dice.randrange(100, 5000)
    if ware.unanswered:
        # Which of two unanswered changes came last could not be told.
        return None
    asked = request(
        world, "PUT", f"/variants/{ware.id}/prices/{world.shop.channel.id}",
        {"price": {"amount": price, "currency": "EUR"}}, **{"If-Match": "*"},
    )  # fmt: skip

    def then(said: Said) -> None:
        if said.code == "done":
            ware.price = price

    def unsure(step: int) -> None:
        ware.unanswered += step

    return ask(world, asked, set(), then, unsure)


def changes_stock(world: World) -> str | None:
    ware, dice = world.dice.choice(list(world.model.wares.values())), world.dice
    if ware.unanswered:
        return None
    place = {"variant_id": ware.id, "location_id": str(world.shop.location_id)}

    def unsure(step: int) -> None:
        ware.unanswered += step

    if dice.random() < 0.8:
        delta = dice.choice((-2, -1, 1, 3, 5, 10))
        asked = request(world, "POST", "/stock-adjustments", place | {"delta": delta, "reason": "adjustment"})
    else:
        asked = request(world, "POST", "/stock-counts", place | {"on_hand": dice.randrange(25)})

    def then(said: Said) -> None:
        if said.code == "done":
            ware.on_hand = ware.on_hand + asked.body["delta"] if "delta" in asked.body else asked.body["on_hand"]

    return ask(world, asked, {"stock-in-use"}, then, unsure)


def _some_payment(world: World, state: str = "") -> tuple[Purchase, Payment] | None:
    found = [
        (purchase, payment)
        for purchase in world.model.purchases.values()
        for payment in purchase.payments.values()
        if not state or payment.state == state or world.dice.random() < 0.05
    ]
    return world.dice.choice(found[-12:]) if found else None


def captures(world: World) -> str | None:
    if not (found := _some_payment(world, "authorized")):
        return None
    _, payment = found
    body: dict[str, Any] = {"is_final": world.dice.random() < 0.3}
    if world.dice.random() < 0.6:
        body["amount"] = world.dice.randrange(1, payment.amount + 20)
    return ask(world, request(world, "POST", f"/payments/{payment.id}/capture", body), PAYMENT_REFUSALS, _saw(world))


def voids(world: World) -> str | None:
    if not (found := _some_payment(world, "authorized")):
        return None
    return ask(world, request(world, "POST", f"/payments/{found[1].id}/void"), PAYMENT_REFUSALS, _saw(world))


def _saw(world: World) -> Callable[[Said], None]:
    def then(said: Said) -> None:
        if said.code == "done" and not said.is_replayed:
            world.model.saw_payment(said.body)

    return then


def refunds(world: World) -> str | None:
    if not (found := _some_payment(world, "captured")):
        return None
    _, payment = found
    body: dict[str, Any] = {"reason": "It broke."}
    if world.dice.random() < 0.7:
        body["amount"] = world.dice.randrange(1, payment.amount + 20)
    asked = request(world, "POST", f"/payments/{payment.id}/refunds", body)
    return ask(world, asked, PAYMENT_REFUSALS - {"operation-under-way"}, lambda said: None)


def _some_purchase(world: World) -> Purchase | None:
    found = list(world.model.purchases.values())
    return world.dice.choice(found[-15:]) if found else None


def cancels(world: World) -> str | None:
    if not (purchase := _some_purchase(world)):
        return None
    purchase.may_be_closed = True

    def then(said: Said) -> None:
        if said.code == "done":
            must(said.body["state"] == "canceled", f"order {purchase.id} was canceled and is {said.body['state']}")
            purchase.state = "canceled"

    asked = request(world, "POST", f"/orders/{purchase.id}/cancel", {"reason": "Asked for."})
    return ask(world, asked, {"order-not-cancelable", "order-closed"}, then)


def ships(world: World) -> str | None:
    paid = [purchase for purchase in world.model.purchases.values() if purchase.is_to_ship]
    if not paid and world.dice.random() < 0.85:
        return None
    purchase = world.dice.choice(paid) if paid and world.dice.random() < 0.9 else _some_purchase(world)
    if purchase is None:
        return None
    body: dict[str, Any] = {}
    if world.dice.random() < 0.5:
        line_id, (_, quantity) = world.dice.choice(list(purchase.lines.items()))
        body["lines"] = [{"order_line_id": line_id, "quantity": world.dice.randrange(1, quantity + 1)}]
    wares = [world.model.wares[ware_id] for ware_id in purchase.left]
    if any(ware.unanswered for ware in wares):
        # What of several unanswered changes of a stock came first could not be told.
        return None

    def then(said: Said) -> None:
        if said.code == "done":
            world.model.shipped(purchase, said.body["lines"])

    def unsure(step: int) -> None:
        purchase.unanswered += step
        for ware in wares:
            ware.unanswered += step

    asked = request(world, "POST", f"/orders/{purchase.id}/shipments", body)
    return ask(world, asked, {"nothing-to-ship", "order-closed", "not-claimed"}, then, unsure)


def resolves_an_issue(world: World) -> str | None:
    listed = world.send(Asked("GET", "/v1/admin/payment-issues?open=true", who=world.staff))
    if listed.code != "done" or not listed.body["items"]:
        return None
    issue = world.dice.choice(listed.body["items"])
    asked = request(world, "POST", f"/payment-issues/{issue['id']}/resolve", {"resolution": "Seen to."})
    return ask(world, asked, {"issue-resolved"}, lambda said: None)


ACTIONS: tuple[tuple[int, Callable[[World], str | None]], ...] = (
    (3, changes_a_price), (5, changes_stock), (6, captures), (2, voids), (3, refunds), (1, cancels), (8, ships),
    (1, resolves_an_issue), (6, asks_again),
)  # fmt: skip
