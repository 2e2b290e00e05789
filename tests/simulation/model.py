"""What must be, told by what was asked and answered: a second, simple account of the shop, kept without its code."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SHIPPING = 490
#: How long an order that nobody pays keeps its stock, at the least.
SURELY_HELD = timedelta(minutes=29)
#: What an order and a payment may become, in words of our own.
ORDER_MAY_BECOME = {
    "open": {"open", "completed", "canceled", "expired"}, "completed": {"completed"},
    "canceled": {"canceled"}, "expired": {"expired"},
}  # fmt: skip
PAYMENT_MAY_BECOME = {
    "pending": {"pending", "needs_action", "authorized", "captured", "declined", "voided"},
    "needs_action": {"needs_action", "authorized", "captured", "declined", "voided"},
    "authorized": {"authorized", "captured", "voided"},
    "captured": {"captured"},
    "declined": {"declined", "authorized", "captured", "voided"},
    "voided": {"voided", "captured"},
}


class Broken(AssertionError):
    """The shop is not as it must be."""


def must(condition: object, what: str) -> None:
    if not condition:
        raise Broken(what)


@dataclass
class Ware:
    """A variant. While a change of it has no answer yet, what it is now is not known exactly."""

    id: str
    price: int
    on_hand: int
    unanswered: int = 0


@dataclass
class Payment:
    id: str
    amount: int
    state: str = "pending"
    authorized: int = 0
    captured: int = 0
    refunded: int = 0


@dataclass
class Purchase:
    """An order that was answered for."""

    id: str
    number: str
    cart_id: str
    token: str
    total: int
    lines: dict[str, tuple[str, int]]
    placed_at: datetime
    state: str = "open"
    paid: int = 0
    refunded: int = 0
    shipped: dict[str, int] = field(default_factory=dict)
    may_be_closed: bool = False
    unanswered: int = 0
    payments: dict[str, Payment] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, int]:
        """What of each variant is not shipped."""
        left: dict[str, int] = {}
        for line_id, (ware_id, quantity) in self.lines.items():
            left[ware_id] = left.get(ware_id, 0) + quantity - self.shipped.get(line_id, 0)
        return left

    @property
    def is_covered(self) -> bool:
        """As far as its payments were seen, all of its total is taken or reserved."""
        live = ("authorized", "captured")
        return sum(payment.authorized for payment in self.payments.values() if payment.state in live) >= self.total

    @property
    def is_to_ship(self) -> bool:
        taken = sum(payment.captured for payment in self.payments.values())
        return self.state == "open" and max(self.paid, taken) >= self.total and any(self.left.values())

    def became(self, state: str) -> None:
        must(state in ORDER_MAY_BECOME[self.state], f"order {self.id} went from {self.state} to {state}")
        self.state = state

    @property
    def is_closed(self) -> bool:
        return self.state in ("canceled", "expired")


class Model:
    def __init__(self) -> None:
        self.wares: dict[str, Ware] = {}
        self.purchases: dict[str, Purchase] = {}
        self.of_cart: dict[str, Purchase] = {}
        #: Carts that may have become orders of which nobody has heard: what they would hold.
        self.ghosts: dict[str, dict[str, int]] = {}
        self.latest = datetime.min.replace(tzinfo=UTC)

    def priced(self, cart: dict[str, Any]) -> None:
        """Every cart that is shown costs what its items cost now."""
        items = [(self.wares[item["variant_id"]], item["quantity"]) for item in cart["items"]]
        if any(ware.unanswered for ware, _ in items) or cart["state"] != "open":
            return
        wanted = sum(ware.price * quantity for ware, quantity in items)
        wanted += SHIPPING if cart["shipping"] else 0
        must(cart["total"]["amount"] == wanted, f"cart {cart['id']} costs {cart['total']}, not {wanted}")

    def surely_free(self, ware_id: str) -> int:
        """So many are free, whatever became of what we do not know."""
        held = sum(p.left.get(ware_id, 0) for p in self.purchases.values() if not p.is_closed)
        return self.wares[ware_id].on_hand - held - sum(ghost.get(ware_id, 0) for ghost in self.ghosts.values())

    def possibly_free(self, ware_id: str) -> int:
        """More than so many are free in no case."""
        surely = [
            p.left.get(ware_id, 0)
            for p in self.purchases.values()
            if not p.is_closed and not p.may_be_closed and self.latest < p.placed_at + SURELY_HELD
        ]
        return self.wares[ware_id].on_hand - sum(surely)

    def order_answers(self, wanted: dict[str, int]) -> set[str]:
        """What placing an order of so many may be answered, its total being right."""
        if any(self.wares[ware_id].unanswered for ware_id in wanted):
            return {"placed", "out-of-stock"}
        if all(self.surely_free(ware_id) >= quantity for ware_id, quantity in wanted.items()):
            return {"placed"}
        if any(self.possibly_free(ware_id) < quantity for ware_id, quantity in wanted.items()):
            return {"out-of-stock"}
        return {"placed", "out-of-stock"}

    def placed(self, order: dict[str, Any], *, is_replayed: bool) -> Purchase:
        """An order was answered: for one cart always the same."""
        known = self.of_cart.get(order["cart_id"])
        if known is not None:
            must(known.id == order["id"], f"cart {order['cart_id']} became two orders")
            if not is_replayed:
                self.saw(known, order)
            return known
        self.ghosts.pop(order["cart_id"], None)
        lines = {line["id"]: (line["variant_id"], line["quantity"]) for line in order["lines"]}
        made = Purchase(
            id=order["id"], number=order["number"], cart_id=order["cart_id"], token=order["token"] or "",
            total=order["total"]["amount"], lines=lines, placed_at=datetime.fromisoformat(order["placed_at"]),
        )  # fmt: skip
        self.purchases[made.id] = self.of_cart[made.cart_id] = made
        self.saw(made, order)
        return made

    def saw(self, purchase: Purchase, order: dict[str, Any]) -> None:
        """The order as it was shown: what was true once stays true."""
        must(order["total"]["amount"] == purchase.total, f"the total of order {purchase.id} changed")
        state = order["state"]
        purchase.became(state)
        paid, refunded = order["paid"]["amount"], order["refunded"]["amount"]
        must(purchase.paid <= paid <= purchase.total, f"order {purchase.id} was paid {purchase.paid}, now {paid}")
        must(
            purchase.refunded <= refunded <= paid, f"order {purchase.id} gave back {purchase.refunded}, now {refunded}"
        )
        for line in order["lines"]:
            told, ours = line["shipped_quantity"], purchase.shipped.get(line["id"], 0)
            must(told == ours or purchase.unanswered, f"of line {line['id']} {told} were shipped, not {ours}")
        must(state != "completed" or not any(purchase.left.values()) or purchase.unanswered,
             f"order {purchase.id} is completed, and {purchase.left} not shipped")  # fmt: skip
        purchase.paid, purchase.refunded = paid, refunded

    def saw_payment(self, told: dict[str, Any]) -> Payment:
        """A payment as it was shown: its totals only ever rise, and stay in their order."""
        purchase = self.purchases[told["order_id"]]
        payment = purchase.payments.setdefault(told["id"], Payment(told["id"], told["amount"]["amount"]))
        name = f"payment {payment.id}"
        if told["state"] == "pending" and payment.state != "pending":
            # It was begun and not answered; meanwhile another way told more.
            return payment
        must(told["state"] in PAYMENT_MAY_BECOME[payment.state], f"{name} went from {payment.state} to {told['state']}")
        must(
            told["amount"]["amount"] == payment.amount <= purchase.total, f"the amount of {name} changed or is too much"
        )
        totals = [told[total]["amount"] for total in ("authorized", "captured", "refunded")]
        before = [payment.authorized, payment.captured, payment.refunded]
        must(
            all(now >= then for now, then in zip(totals, before, strict=True)), f"{name} fell from {before} to {totals}"
        )
        must(
            payment.amount >= totals[0] >= totals[1] >= told["refund_asked"]["amount"] >= totals[2], f"{name}: {totals}"
        )
        payment.state = told["state"]
        payment.authorized, payment.captured, payment.refunded = totals
        return payment

    def shipped(self, purchase: Purchase, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            ware_id, quantity = purchase.lines[line["order_line_id"]]
            sent = purchase.shipped.get(line["order_line_id"], 0) + line["quantity"]
            must(sent <= quantity, f"of line {line['order_line_id']} more was shipped than bought")
            purchase.shipped[line["order_line_id"]] = sent
            self.wares[ware_id].on_hand -= line["quantity"]
