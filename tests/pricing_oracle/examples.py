"""The worked examples of `docs/guides/pricing.md`, as one table for whoever judges offers."""

from dataclasses import dataclass

from tests.pricing_oracle.goods import (
    CAP,
    CODE,
    MUG,
    SHOES,
    SOCKS,
    TEE,
    TOWEL,
    costs,
    entered,
    from_subtotal,
    id_of,
    judged,
    off,
    offer,
    only,
    percent,
    redeemed,
    refused,
    rule,
    shipping_for,
    step,
)  # fmt: skip
from tests.pricing_oracle.state import Plain


@dataclass
class Example:
    name: str
    rules: list[Plain]
    offer: Plain
    judgement: Plain


SALE = rule(1, "Sale", percent(20), only(SHOES), kind="catalog")
SPRING = rule(2, "Spring", percent(10), CODE)
TOWELS = rule(1, "Towels", percent(12.5), kind="catalog")
TEN_OFF = rule(1, "10.00 off", off(1000))
TIERS = rule(1, "The more", {
    "kind": "tiers", "tiers": [{"at_least": 3, "ppm": 50_000}, {"at_least": 6, "ppm": 100_000}], "currency": None, "cap": None,
})  # fmt: skip
THIRD_FREE = rule(1, "Third free", {"kind": "cheapest_free", "of": 3, "cap": None})
HALF_OFF_THIRD = rule(1, "Third at half", {
    "kind": "buy_get", "buy_quantity": 2, "get_quantity": 1, "get": None, "ppm": 500_000, "most_times": None, "cap": None,
})  # fmt: skip
SOCKS_AT_HALF = rule(1, "Socks at half", {
    "kind": "buy_get", "buy_quantity": 1, "get_quantity": 1, "get": [only(SOCKS)], "ppm": 500_000, "most_times": None,
    "cap": None,
}, only(SHOES))  # fmt: skip
OUTFIT = rule(1, "Outfit", {
    "kind": "bundle", "parts": [{"items": [only(TEE)], "quantity": 1}, {"items": [only(CAP)], "quantity": 1}],
    "price": 3000, "currency": "EUR", "most_times": None, "cap": None,
})  # fmt: skip
GIFT = rule(
    1,
    "Gift",
    {"kind": "gift", "any_of": [id_of(TOWEL), id_of(MUG), id_of(SOCKS)], "is_chosen": True},
    from_subtotal(5000),
)
STOCKED = [
    {"variant_id": id_of(SOCKS), "unit_amount": 500, "unit_cost": None},
    {"variant_id": id_of(MUG), "unit_amount": 1200, "unit_cost": 500},
]
FREE_SHIPPING = rule(
    1, "Free shipping", {"kind": "shipping", "ppm": 1_000_000, "cap": None}, from_subtotal(5000), is_announced=True
)
HALF_CAPPED = rule(1, "Half", percent(50, cap=2000))
HALF_FLOORED = rule(1, "Half", percent(50), floor_margin_ppm=100_000)
TEN_PERCENT = rule(1, "10 % off", percent(10))
LEFT = [{"promotion_id": TEN_PERCENT["id"], "limit": "budget", "code": None, "left": 300}]
FIVE = rule(1, "5.00 off", off(500), exclusive_group="better")
TEN = rule(2, "10 % off", percent(10), exclusive_group="better")
CLEARANCE = rule(1, "Clearance", percent(30), only(SHOES), is_final=True)
TEN_LATER = rule(2, "10 % off all", percent(10))
SHOE_WEEK = rule(3, "Shoe week", off(500), only(SHOES))
BUY_TWO = rule(1, "Buy two get one", {
    "kind": "buy_get", "buy_quantity": 2, "get_quantity": 1, "get": None, "ppm": 1_000_000, "most_times": None, "cap": None,
})  # fmt: skip
CHEAPEST = rule(2, "Cheapest of three", {"kind": "cheapest_free", "of": 3, "cap": None})
TEN_LAST = rule(3, "10 % off", percent(10))
WELCOME = rule(1, "Welcome", percent(10), CODE)
SUMMER = rule(2, "Summer", percent(10), CODE, ends_at="2026-06-02T12:00:00+00:00")
CODES = [entered("welcome ", WELCOME), entered("SUMMER", SUMMER), entered("HELLO", None)]

EXAMPLES = [
    Example(
        "1: a sale, then a code", [SALE, SPRING], offer({SHOES: 1}, codes=[entered("SPRING", SPRING)]),
        judged(
            costs(SHOES, 5760, step(SPRING, 6400, 640, "SPRING"), unit=6400, catalog=[step(SALE, 8000, 1600)]),
            redemptions=[redeemed(SPRING, 640, "SPRING")],
        ),
    ),
    Example(
        "2: the smallest units", [TOWELS], offer({TOWEL: 3}, currency="JPY"),
        judged(costs(TOWEL, 5196, unit=1732, catalog=[step(TOWELS, 1980, 248)])),
    ),
    Example(
        "3: 10.00 off the order", [TEN_OFF], offer({MUG: 1, TEE: 1, CAP: 1}),
        judged(
            costs(MUG, 945, step(TEN_OFF, 1200, 255)), costs(TEE, 1574, step(TEN_OFF, 2000, 426)),
            costs(CAP, 1181, step(TEN_OFF, 1500, 319)), redemptions=[redeemed(TEN_OFF, 1000)],
        ),
    ),
    Example(
        "4: the more the better, six pieces", [TIERS], offer({MUG: 4, CAP: 2}),
        judged(
            costs(MUG, 4320, step(TIERS, 4800, 480)), costs(CAP, 2700, step(TIERS, 3000, 300)),
            redemptions=[redeemed(TIERS, 780)],
        ),
    ),
    Example(
        "4: the more the better, five pieces", [TIERS], offer({MUG: 4, CAP: 1}),
        judged(
            costs(MUG, 4560, step(TIERS, 4800, 240)), costs(CAP, 1425, step(TIERS, 1500, 75)),
            redemptions=[redeemed(TIERS, 315)],
        ),
    ),
    Example(
        "5: of every three the cheapest", [THIRD_FREE], offer({MUG: 3, TEE: 2, CAP: 2}),
        judged(
            costs(MUG, 2400, step(THIRD_FREE, 3600, 1200)), costs(TEE, 4000), costs(CAP, 1500, step(THIRD_FREE, 3000, 1500)),
            redemptions=[redeemed(THIRD_FREE, 2700)],
        ),
    ),
    Example(
        "6: buy two, get the third at half price", [HALF_OFF_THIRD], offer({TEE: 5}),
        judged(costs(TEE, 9000, step(HALF_OFF_THIRD, 10000, 1000)), redemptions=[redeemed(HALF_OFF_THIRD, 1000)]),
    ),
    Example(
        "6: buy four, get two at half price", [HALF_OFF_THIRD], offer({TEE: 6}),
        judged(costs(TEE, 10000, step(HALF_OFF_THIRD, 12000, 2000)), redemptions=[redeemed(HALF_OFF_THIRD, 2000)]),
    ),
    Example(
        "7: shoes, and socks at half price", [SOCKS_AT_HALF], offer({SHOES: 2, SOCKS: 3}),
        judged(
            costs(SHOES, 16000), costs(SOCKS, 1000, step(SOCKS_AT_HALF, 1500, 500)),
            redemptions=[redeemed(SOCKS_AT_HALF, 500)],
        ),
    ),
    Example(
        "8: a tee and a cap for 30.00", [OUTFIT], offer({TEE: 2, CAP: 1}),
        judged(
            costs(TEE, 3714, step(OUTFIT, 4000, 286)), costs(CAP, 1286, step(OUTFIT, 1500, 214)),
            redemptions=[redeemed(OUTFIT, 500)],
        ),
    ),
    Example(
        "9: choose your gift, nothing chosen", [GIFT], offer({SHOES: 1}, gifts=STOCKED),
        judged(
            costs(SHOES, 8000), refusals=[refused("gift-not-chosen", GIFT, choices=[id_of(MUG), id_of(SOCKS)])],
        ),
    ),
    Example(
        "9: choose your gift, the mug", [GIFT], offer({SHOES: 1}, gifts=STOCKED, chosen_gifts=[id_of(MUG)]),
        judged(
            costs(SHOES, 8000), gifts=[{"variant_id": id_of(MUG), "step": step(GIFT, 1200, 1200)}],
            redemptions=[redeemed(GIFT, 1200)],
        ),
    ),
    Example(
        "10: free shipping from 50.00, below", [FREE_SHIPPING], offer({TEE: 1, CAP: 1}, **shipping_for(490)),
        judged(
            costs(TEE, 2000), costs(CAP, 1500), shipping_amount=490,
            refusals=[refused("more-needed", FREE_SHIPPING, missing=1500, currency="EUR")],
        ),
    ),
    Example(
        "10: free shipping from 50.00, reached", [FREE_SHIPPING], offer({TEE: 1, CAP: 2}, **shipping_for(490)),
        judged(
            costs(TEE, 2000), costs(CAP, 3000), shipping_amount=0, shipping=[step(FREE_SHIPPING, 490, 490)],
            redemptions=[redeemed(FREE_SHIPPING, 490)],
        ),
    ),
    Example(
        "11: 50 %, at most 20.00", [HALF_CAPPED], offer({SHOES: 1, TEE: 1}),
        judged(
            costs(SHOES, 6400, step(HALF_CAPPED, 8000, 1600)), costs(TEE, 1600, step(HALF_CAPPED, 2000, 400)),
            redemptions=[redeemed(HALF_CAPPED, 2000)],
        ),
    ),
    Example(
        "12: never below cost plus 10 %", [HALF_FLOORED], offer({MUG: 1, CAP: 1}),
        judged(
            costs(MUG, 733, step(HALF_FLOORED, 1200, 467)), costs(CAP, 917, step(HALF_FLOORED, 1500, 583)),
            redemptions=[redeemed(HALF_FLOORED, 1050)],
        ),
    ),
    Example(
        "13: all or nothing, it fits", [TEN_PERCENT], offer({TEE: 1}, spent=LEFT),
        judged(costs(TEE, 1800, step(TEN_PERCENT, 2000, 200)), redemptions=[redeemed(TEN_PERCENT, 200)]),
    ),
    Example(
        "13: all or nothing, it does not fit", [TEN_PERCENT], offer({TEE: 2}, spent=LEFT),
        judged(costs(TEE, 4000), refusals=[refused("limit-reached", TEN_PERCENT, limit="budget")]),
    ),
    Example(
        "14: the better one", [FIVE, TEN], offer({TEE: 1, SHOES: 1}),
        judged(
            costs(TEE, 1800, step(TEN, 2000, 200)), costs(SHOES, 7200, step(TEN, 8000, 800)),
            refusals=[refused("replaced", FIVE, by="10 % off", by_id=TEN["id"])], redemptions=[redeemed(TEN, 1000)],
        ),
    ),
    Example(
        "15: clearance, and nothing on top", [CLEARANCE, TEN_LATER, SHOE_WEEK], offer({SHOES: 1, TEE: 1}),
        judged(
            costs(SHOES, 5600, step(CLEARANCE, 8000, 2400)), costs(TEE, 1800, step(TEN_LATER, 2000, 200)),
            refusals=[refused("stopped", SHOE_WEEK)], redemptions=[redeemed(CLEARANCE, 2400), redeemed(TEN_LATER, 200)],
        ),
    ),
    Example(
        "16: used up", [BUY_TWO, CHEAPEST, TEN_LAST], offer({TEE: 3}),
        judged(
            costs(TEE, 3600, step(BUY_TWO, 6000, 2000), step(TEN_LAST, 4000, 400)),
            refusals=[refused("used-up", CHEAPEST)], redemptions=[redeemed(BUY_TWO, 2000), redeemed(TEN_LAST, 400)],
        ),
    ),
    Example(
        "17: three codes", [WELCOME, SUMMER], offer({TEE: 1}, codes=CODES),
        judged(
            costs(TEE, 1800, step(WELCOME, 2000, 200, "welcome ")), redemptions=[redeemed(WELCOME, 200, "welcome ")],
            refusals=[
                refused("ended", SUMMER, "SUMMER", ended_at="2026-06-02T12:00:00+00:00"),
                refused("unknown-code", None, "HELLO"),
            ],
        ),
    ),
]  # fmt: skip
