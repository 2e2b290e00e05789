"""What guests and customers do. Each action answers what it did, or None where there was nothing to be done."""

from collections.abc import Callable
from typing import Any

from shopwright.embedded.psp.models import NEEDS_ACTION
from shopwright.embedded.psp.scenarios import FAULTS, MARKS, Operation
from tests.shopping import ADDRESS
from tests.simulation.model import Purchase, must
from tests.simulation.world import Asked, Said, Shopper, World

MEANS = ("success",) * 12 + ("3ds",) * 4 + ("pending",) * 3 + ("decline", "insufficient_funds", "timeout", "timeout")
RARE = ("webhook-storm", "wrong-amount", "wrong-currency")
SCENARIOS = tuple(name for name in (*FAULTS, *MARKS) if name not in (*RARE, "slow")) * 4 + RARE

#: As the API has it.
LONGEST_TOKEN = 150

CLOSED = {"cart-closed", "cart-not-found"}
ALWAYS = {"unanswered", "busy", "unavailable"}
PAY_REFUSALS = {
    "order-not-payable", "payment-under-way", "too-much", "request-in-progress", "payment-method-not-found",
    "provider-disagrees", "provider-unavailable",
}  # fmt: skip


def ask(
    world: World, shopper: Shopper, asked: Asked, may_be: set[str], then: Callable[[Said], None], *,
    may_be_done: bool = True,
) -> str:  # fmt: skip
    """Ask, look at the answer, and keep the request so that it can be made again."""
    shopper.asked.append((asked, then))
    said = world.send(asked)
    may_be = may_be | ALWAYS | ({"done"} if may_be_done else set())
    must(said.code in may_be, f"{asked.method} {asked.path} was answered {said.code}, not one of {sorted(may_be)}")
    then(said)
    return f"{shopper.name} {asked.method} {asked.path}: {said.code}"


def of_cart(world: World, shopper: Shopper, method: str, path: str, body: Any = None) -> Asked:
    tokens = (("Cart-Token", shopper.cart["token"]),) if shopper.cart.get("token") else ()
    key = "" if method == "GET" else world.new_key()
    return Asked(method, path, body, key, shopper.who, tokens)


def of_order(world: World, shopper: Shopper, purchase: Purchase, method: str, path: str, body: Any = None) -> Asked:
    tokens = (("Order-Token", purchase.token),) if purchase.token else ()
    key = "" if method == "GET" else world.new_key()
    return Asked(method, f"/v1/orders/{purchase.id}{path}", body, key, shopper.who, tokens)


def _with_cart(world: World, *, filled: bool = False) -> Shopper | None:
    found = [one for one in world.shoppers if one.cart and (not filled or one.cart["items"])]
    return world.dice.choice(found) if found else None


def _with_purchase(world: World, *, to_pay: bool = False) -> tuple[Shopper, Purchase] | None:
    """Mostly one that is open, and `to_pay` not covered yet, as far as is known."""
    found = [(shopper, purchase) for shopper in world.shoppers for purchase in shopper.purchases[-8:]]
    likely = [one for one in found if one[1].state == "open" and not (to_pay and one[1].is_covered)]
    found = likely if likely and world.dice.random() < 0.85 else found
    return world.dice.choice(found) if found else None


def keep_cart(world: World, shopper: Shopper) -> Callable[[Said], None]:
    def then(said: Said) -> None:
        if said.is_replayed and shopper.cart:
            return
        if said.code == "done":
            if not said.is_replayed:
                world.model.priced(said.body)
            shopper.cart = said.body | {"token": said.body.get("token") or shopper.cart.get("token")}
        elif said.code in CLOSED or not said.status:
            shopper.cart = {}

    return then


def opens_a_cart(world: World) -> str | None:
    shopper = world.dice.choice(world.shoppers)
    if shopper.cart and world.dice.random() < 0.8:
        return None
    asked = Asked("POST", "/v1/carts", {"channel": world.shop.channel.code}, world.new_key(), shopper.who)
    shopper.cart = {}
    return ask(world, shopper, asked, set(), keep_cart(world, shopper))


def adds_an_item(world: World) -> str | None:
    if not (shopper := _with_cart(world)):
        return None
    ware = world.dice.choice(list(world.model.wares))
    body = {"variant_id": ware, "quantity": world.dice.choice((1, 1, 1, 2, 3))}
    asked = of_cart(world, shopper, "POST", f"/v1/carts/{shopper.cart['id']}/items", body)
    return ask(world, shopper, asked, CLOSED | {"cart-full"}, keep_cart(world, shopper))


def changes_an_item(world: World) -> str | None:
    if not (shopper := _with_cart(world, filled=True)):
        return None
    item = world.dice.choice(shopper.cart["items"])
    path = f"/v1/carts/{shopper.cart['id']}/items/{item['line_id']}"
    if world.dice.random() < 0.4:
        asked = of_cart(world, shopper, "DELETE", path)
    else:
        asked = of_cart(world, shopper, "PATCH", path, {"quantity": world.dice.randrange(1, 5)})
    return ask(world, shopper, asked, CLOSED | {"item-not-in-cart"}, keep_cart(world, shopper))


def says_where(world: World) -> str | None:
    if not (shopper := _with_cart(world, filled=True)):
        return None
    body = {"email": "ada@example.com", "shipping_address": ADDRESS, "shipping_method_id": str(world.shop.method_id)}
    asked = of_cart(world, shopper, "PATCH", f"/v1/carts/{shopper.cart['id']}", body)
    return ask(world, shopper, asked, CLOSED | {"shipping-method-not-offered"}, keep_cart(world, shopper))


def looks_at_the_cart(world: World) -> str | None:
    if not (shopper := _with_cart(world)):
        return None
    asked = of_cart(world, shopper, "GET", f"/v1/carts/{shopper.cart['id']}")
    return ask(world, shopper, asked, CLOSED, keep_cart(world, shopper))


def claims_a_cart(world: World) -> str | None:
    guests = [one for one in world.shoppers if not one.who and one.cart]
    if not guests:
        return None
    guest = world.dice.choice(guests)
    customer = world.dice.choice([one for one in world.shoppers if one.who])
    tokens = (("Cart-Token", guest.cart["token"]),)
    asked = Asked("POST", f"/v1/carts/{guest.cart['id']}/claim", None, world.new_key(), customer.who, tokens)
    told = ask(world, customer, asked, CLOSED, keep_cart(world, customer))
    guest.cart = {}
    return told


def orders(world: World) -> str | None:
    if not (shopper := _with_cart(world, filled=world.dice.random() < 0.95)):
        return None
    cart, model = shopper.cart, world.model
    total = cart["total"] | ({"amount": cart["total"]["amount"] + 1} if world.dice.random() < 0.05 else {})
    wanted: dict[str, int] = {}
    for item in cart["items"]:
        wanted[item["variant_id"]] = wanted.get(item["variant_id"], 0) + item["quantity"]
    may_be = _order_answers(world, cart, wanted, total["amount"])
    asked = of_cart(world, shopper, "POST", "/v1/orders", {"cart_id": cart["id"], "expected_total": total})

    def then(said: Said) -> None:
        if said.code == "done":
            purchase = model.placed(said.body, is_replayed=said.is_replayed)
            world.ghosts.pop(cart["id"], None)
            if purchase not in shopper.purchases:
                shopper.purchases.append(purchase)
        elif said.code in ("unanswered", "unavailable") and cart["id"] not in model.of_cart:
            model.ghosts[cart["id"]] = wanted
            world.ghosts[cart["id"]] = lambda: then(world.send(asked))

    told = ask(world, shopper, asked, may_be, then, may_be_done="placed" in may_be)
    if cart["id"] in model.of_cart and world.dice.random() < 0.9:
        shopper.cart = {}
    return told


def _order_answers(world: World, cart: dict[str, Any], wanted: dict[str, int], total: int) -> set[str]:
    model = world.model
    # Another tab, or another's claim, may have changed what this one saw.
    anything = {"cart-empty", "price-changed", "checkout-incomplete", "out-of-stock", "placed"} | CLOSED
    if cart["id"] in model.of_cart or cart["id"] in model.ghosts:
        return anything
    seen = world.send(
        of_cart(world, next(s for s in world.shoppers if s.cart is cart), "GET", f"/v1/carts/{cart['id']}")
    )
    if seen.code != "done" or seen.body["version"] != cart["version"]:
        return anything
    if not wanted:
        return {"cart-empty"}
    if not (cart["email"] and cart["shipping_method_id"]):
        return {"checkout-incomplete", "price-changed"}
    if any(model.wares[ware].unanswered for ware in wanted):
        return {"price-changed", "out-of-stock", "placed"}
    costs = sum(model.wares[ware].price * quantity for ware, quantity in wanted.items()) + 490
    return model.order_answers(wanted) if costs == total else {"price-changed"}


def asks_again(world: World) -> str | None:
    """The same request to the letter, or with a new key: a lost answer, a second click."""
    found = [one for one in world.shoppers if one.asked]
    if not found:
        return None
    shopper = world.dice.choice(found)
    asked, then = world.dice.choice(list(shopper.asked))
    if world.dice.random() < 0.3 and asked.path == "/v1/orders":
        asked = Asked(asked.method, asked.path, asked.body, world.new_key(), asked.who, asked.headers)
    said = world.send(asked)
    then(said)
    return f"{shopper.name} again {asked.method} {asked.path}: {said.code}"


def looks_at_an_order(world: World) -> str | None:
    if not (found := _with_purchase(world)):
        return None
    shopper, purchase = found

    def then(said: Said) -> None:
        if said.code == "done":
            world.model.saw(purchase, said.body)

    return ask(world, shopper, of_order(world, shopper, purchase, "GET", ""), set(), then)


def looks_at_payments(world: World) -> str | None:
    if not (found := _with_purchase(world)):
        return None
    shopper, purchase = found

    def then(said: Said) -> None:
        for told in said.body["items"] if said.code == "done" else ():
            world.model.saw_payment(told)

    return ask(world, shopper, of_order(world, shopper, purchase, "GET", "/payments"), set(), then)


def pays(world: World) -> str | None:
    if not (found := _with_purchase(world, to_pay=True)):
        return None
    shopper, purchase = found
    dice = world.dice
    body: dict[str, Any] = {"provider": "development", "capture": dice.random() < 0.65}
    if shopper.methods and dice.random() < 0.3:
        body["payment_method_id"] = dice.choice(shopper.methods)
    else:
        body["token"] = token(world)
        body["save_method"] = bool(shopper.who) and dice.random() < 0.2
    if dice.random() < 0.3:
        body["amount"] = dice.randrange(1, purchase.total + 200)

    def then(said: Said) -> None:
        if said.code == "done" and not said.is_replayed:
            payment = world.model.saw_payment(said.body)
            must(payment.amount <= body.get("amount", purchase.total), f"payment {payment.id} is for too much")
            method = said.body["payment_method_id"]
            if method and method not in shopper.methods and shopper.who:
                shopper.methods.append(method)
        elif said.code == "order-not-payable":
            purchase.became(said.body.get("state", purchase.state))

    may_be = PAY_REFUSALS if not purchase.is_closed else PAY_REFUSALS - {"too-much"}
    return ask(world, shopper, of_order(world, shopper, purchase, "POST", "/payments", body), may_be, then)


def token(world: World) -> str:
    """A means of payment, and often a scenario in which its provider misbehaves."""
    dice = world.dice
    said = f"tok_{dice.choice(MEANS)}"
    while dice.random() < 0.3:
        scenario = dice.choice(SCENARIOS)
        where = f"{dice.choice(list(Operation)[1:5])}-" if scenario in FAULTS and dice.random() < 0.5 else ""
        more = f"{said}~{where}{scenario}"
        if len(more) <= LONGEST_TOKEN:
            said = more
            world.provider.has_lied |= scenario.startswith("wrong-")
    return said


def takes_the_second_step(world: World) -> str | None:
    waiting = [payment for payment in world.provider.payments() if payment.state == NEEDS_ACTION]
    if not waiting:
        return None
    payment, succeeds = world.dice.choice(waiting), world.dice.random() < 0.7
    world.provider.takes_second_step(payment.id, succeeds=succeeds)
    return f"the second step of {payment.id} is taken: {succeeds}"


def cancels(world: World) -> str | None:
    if not (found := _with_purchase(world)):
        return None
    shopper, purchase = found
    purchase.may_be_closed = True

    def then(said: Said) -> None:
        if said.code == "done" and not said.is_replayed:
            world.model.saw(purchase, said.body)
            must(purchase.state == "canceled", f"order {purchase.id} was canceled and is {purchase.state}")

    may_be = {"order-not-cancelable", "order-closed"}
    return ask(world, shopper, of_order(world, shopper, purchase, "POST", "/cancel"), may_be, then)


def saves_a_method(world: World) -> str | None:
    shopper = world.dice.choice([one for one in world.shoppers if one.who])
    body = {"provider": "development", "token": f"tok_{world.dice.choice(MEANS)}"}

    def then(said: Said) -> None:
        if said.code == "done" and said.body["is_saved"] and said.body["id"] not in shopper.methods:
            shopper.methods.append(said.body["id"])

    asked = Asked("POST", "/v1/me/payment-methods", body, world.new_key(), shopper.who)
    return ask(world, shopper, asked, {"method-declined", "provider-unavailable", "request-in-progress"}, then)


def removes_a_method(world: World) -> str | None:
    found = [one for one in world.shoppers if one.methods]
    if not found:
        return None
    shopper = world.dice.choice(found)
    method = world.dice.choice(shopper.methods)
    asked = Asked("DELETE", f"/v1/me/payment-methods/{method}", None, world.new_key(), shopper.who)
    may_be = {"payment-method-not-found", "request-in-progress"}
    return ask(world, shopper, asked, may_be, lambda said: None)


ACTIONS: tuple[tuple[int, Callable[[World], str | None]], ...] = (
    (6, opens_a_cart), (12, adds_an_item), (4, changes_an_item), (8, says_where), (3, looks_at_the_cart),
    (1, claims_a_cart), (14, orders), (5, asks_again), (4, looks_at_an_order), (4, looks_at_payments), (16, pays),
    (5, takes_the_second_step), (2, cancels), (1, saves_a_method), (1, removes_a_method),
)  # fmt: skip
