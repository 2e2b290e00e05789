"""One cart rule on the basket as it is: what it would do, without doing it; and doing it."""

from dataclasses import dataclass, field

from tests.pricing_oracle.codes import budget_left, good_code, spent_limit
from tests.pricing_oracle.effects import off_lines
from tests.pricing_oracle.holding import failing
from tests.pricing_oracle.pieces import Piece
from tests.pricing_oracle.sharing import above_floor, capped, floored, percentage
from tests.pricing_oracle.state import Basket, Line, Plain, Reason, step
from tests.pricing_oracle.touching import is_about_the_basket, matching


@dataclass
class Tried:
    """What came of a rule: conditions that fail, or a reason why it gives nothing, or what it takes off."""

    failing: list[tuple[str, Reason]] = field(default_factory=list)
    reason: Reason | None = None
    off: dict[Line, int] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    shipping: int = 0
    gift: Plain | None = None
    #: Set for the rule that is applied.
    gave: bool = False

    @property
    def worth(self) -> int:
        return sum(self.off.values()) + self.shipping + (self.gift["unit_amount"] if self.gift else 0)


def attempt(rule: Plain, basket: Basket) -> Tried:
    would_touch = matching(rule, basket)
    touched = [line for line in would_touch if not line.is_closed or is_about_the_basket(rule)]
    # Where all lines are closed, the rule is judged as if they were open: a shopper is told only if it holds.
    if fails := failing(rule, basket, touched or would_touch):
        return Tried(failing=fails)
    if limit := spent_limit(rule, basket.offer):
        return Tried(reason=("limit-reached", {"limit": limit}))
    if not touched:
        return Tried(reason=("stopped", {}))
    tried = effect_of(rule, touched, basket)
    left = budget_left(rule, basket.offer)
    if left is not None and tried.worth > left:
        return Tried(reason=("limit-reached", {"limit": "budget"}))
    return tried


def effect_of(rule: Plain, touched: list[Line], basket: Basket) -> Tried:
    effect = rule["effect"]
    if effect["kind"] == "shipping":
        return shipping_off(effect, basket)
    if effect["kind"] == "gift":
        return gift(rule, touched, basket)
    outcome = off_lines(effect, touched, basket)
    if isinstance(outcome[0], str):
        return Tried(reason=outcome)
    off, pieces = outcome
    off = capped(off, effect["cap"])
    if sum(off.values()) == 0:
        return Tried(reason=("no-discount", {}))
    # A line that is got for what was bought counts for the floor if something goes off it.
    about = touched + [line for line in off if off[line] and line not in touched]
    off = floored(off, about, rule)
    if sum(off.values()) == 0:
        return Tried(reason=("at-floor", {}))
    return Tried(off=off, pieces=pieces)


def shipping_off(effect: Plain, basket: Basket) -> Tried:
    if basket.shipping is None:
        return Tried(reason=("not-with-shipping-method", {}))
    amount = percentage(basket.shipping, effect["ppm"])
    if effect["cap"] is not None:
        amount = min(amount, effect["cap"])
    return Tried(shipping=amount) if amount else Tried(reason=("no-discount", {}))


def gift(rule: Plain, touched: list[Line], basket: Basket) -> Tried:
    effect, stock = rule["effect"], {one["variant_id"]: one for one in basket.offer["gifts"]}
    in_stock = [variant for variant in effect["any_of"] if variant in stock]
    if not in_stock:
        return Tried(reason=("gift-unavailable", {}))
    wanted = [variant for variant in in_stock if variant in basket.offer["chosen_gifts"] or not effect["is_chosen"]]
    if not wanted:
        return Tried(reason=("gift-not-chosen", {"choices": in_stock}))
    given = stock[wanted[0]]
    if given["unit_amount"] == 0:
        return Tried(reason=("no-discount", {}))
    if rule["floor_margin_ppm"] is not None and above_floor(touched, rule) - (given["unit_cost"] or 0) < 0:
        return Tried(reason=("at-floor", {}))
    return Tried(gift=given)


def apply(rule: Plain, tried: Tried, basket: Basket) -> None:
    """Take it off, use its pieces up, close its lines if none may come after it, and note all that."""
    has_code = any(condition["kind"] == "code" for condition in rule["conditions"])
    code = good_code(rule, basket.offer) if has_code else None
    tried.gave = True
    for line, off in tried.off.items():
        if off:
            line.cart_steps.append(step(rule, line.amount, off, code))
            line.amount -= off
            line.is_closed = line.is_closed or rule["is_final"]
    for piece in tried.pieces:
        piece.line.used += 1
    if tried.shipping and basket.shipping is not None:
        basket.shipping_steps.append(step(rule, basket.shipping, tried.shipping, code))
        basket.shipping -= tried.shipping
    if tried.gift:
        price = tried.gift["unit_amount"]
        basket.gifts.append({"variant_id": tried.gift["variant_id"], "step": step(rule, price, price, code)})
    basket.redemptions.append(
        {"promotion_id": rule["id"], "version": rule["version"], "amount": tried.worth, "code": code}
    )
