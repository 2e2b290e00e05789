"""Rules and offers drawn at random, from so few ids and prices that they meet often."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from shopwright.commerce.promotions import rules as r
from shopwright.commerce.promotions.offers import EnteredCode, Offer, OfferGift, OfferLine, Shopper, Spent

NOW = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)


def some_id(kind: int, number: int) -> UUID:
    return UUID(int=kind * 1000 + number)


def _ids(kind: int, most: int = 1) -> st.SearchStrategy[tuple[UUID, ...]]:
    numbers = st.lists(st.integers(0, most), min_size=1, max_size=2, unique=True)
    return numbers.map(lambda found: tuple(some_id(kind, number) for number in found))


PRODUCT, VARIANT, CATEGORY, COLLECTION, BRAND, GROUP, CHANNEL, METHOD, GIFT, RULE, LINE = range(1, 12)
AMOUNT = st.sampled_from([250, 99, 333, 1000, 5000, 50, 7, 1, 0])
PRICE = st.sampled_from([1000, 999, 3333, 100, 101, 5000, 0])
PPM = st.sampled_from([200_000, 50_000, 100_000, 333_333, 500_000, 1_000_000, 1])
CAP = st.sampled_from([None, None, None, 100, 1, 0])
CURRENCY = st.sampled_from(["EUR"] * 9 + ["USD"])
IS_NOT = st.sampled_from([False, False, False, True])
WORDS = st.lists(st.sampled_from(["red", "blue", "green"]), min_size=1, max_size=2, unique=True).map(tuple)

CATALOG_ITEMS = st.one_of(
    st.builds(r.Products, any_of=_ids(PRODUCT), is_not=IS_NOT),
    st.builds(r.Variants, any_of=_ids(VARIANT, 2), is_not=IS_NOT),
    st.builds(r.Categories, any_of=_ids(CATEGORY), is_not=IS_NOT),
    st.builds(r.Collections, any_of=_ids(COLLECTION), is_not=IS_NOT),
    st.builds(r.Brands, any_of=_ids(BRAND), is_not=IS_NOT),
    st.builds(r.Attributes, code=st.just("color"), any_of=WORDS, is_not=IS_NOT),
    st.builds(r.PriceRange, currency=CURRENCY, at_least=AMOUNT, at_most=st.none() | AMOUNT),
)
ITEMS = CATALOG_ITEMS | st.builds(r.OnSale, is_not=st.booleans())
CATALOG_BASKET = st.one_of(
    st.builds(r.Currencies, any_of=st.sampled_from([("EUR",), ("EUR", "USD"), ("USD",)])),
    st.builds(r.Channels, any_of=_ids(CHANNEL, 1)),
    st.builds(r.Countries, any_of=st.sampled_from([("DE",), ("DE", "AT"), ("FR",)])),
    st.builds(r.Groups, any_of=_ids(GROUP, 1)),
    st.builds(
        r.Hours, zone=st.just("Europe/Berlin"), weekdays=st.sampled_from([(5,), (1, 2, 3, 4, 5), (6, 7), (4,)]),
        from_=st.sampled_from(["00:00", "18:00", "22:00"]), until=st.sampled_from(["00:00", "20:00", "06:00"]),
    ),
)  # fmt: skip
BASKET = CATALOG_BASKET | st.one_of(
    st.builds(r.Quantity, at_least=st.integers(1, 4), at_most=st.none() | st.integers(4, 9)),
    st.builds(r.Subtotal, currency=CURRENCY, at_least=AMOUNT, at_most=st.none() | st.just(20_000)),
    st.builds(r.FirstOrder),
    st.builds(r.NewCustomer, within_days=st.integers(1, 60)),
    st.builds(r.ShippingMethods, any_of=_ids(METHOD, 1)),
    st.just(r.Code()),
)
CATALOG_EFFECT = st.one_of(
    st.builds(r.Percentage, ppm=PPM, cap=CAP),
    st.builds(r.AmountOff, amount=AMOUNT, currency=CURRENCY, per=st.just("item"), cap=CAP),
    st.builds(r.FixedPrice, amount=AMOUNT, currency=CURRENCY, cap=CAP),
)
PART = st.builds(
    r.BundlePart, items=st.lists(ITEMS, min_size=1, max_size=1).map(tuple), quantity=st.integers(1, 2)
)  # fmt: skip
TIERS = st.lists(st.tuples(st.integers(1, 900), PPM), min_size=1, max_size=3, unique_by=lambda tier: tier[0]).map(
    lambda found: tuple(r.Tier(at_least=at_least, ppm=ppm) for at_least, ppm in sorted(found))
)
TIMES = st.none() | st.integers(1, 2)
EFFECT = CATALOG_EFFECT | st.one_of(
    st.builds(
        r.AmountOff, amount=AMOUNT, currency=CURRENCY, per=st.sampled_from(["item", "line", "order"]), cap=CAP
    ),
    st.builds(r.CheapestFree, of=st.integers(2, 4), cap=CAP),
    st.builds(
        r.BuyGet, buy_quantity=st.integers(1, 3), get_quantity=st.integers(1, 2), ppm=PPM, most_times=TIMES, cap=CAP,
        get=st.none() | st.lists(ITEMS, min_size=1, max_size=2).map(tuple),
    ),
    st.builds(
        r.Bundle, parts=st.lists(PART, min_size=1, max_size=3).map(tuple), price=AMOUNT, currency=CURRENCY,
        most_times=TIMES, cap=CAP,
    ),
    st.builds(r.Tiers, tiers=TIERS, currency=st.sampled_from([None, "EUR"]), cap=CAP),
    st.builds(r.FreeGift, any_of=_ids(GIFT), is_chosen=st.booleans()),
    st.builds(r.ShippingOff, ppm=PPM, cap=CAP),
)  # fmt: skip
DATES = st.sampled_from([None] * 12 + [NOW - timedelta(days=3), NOW, NOW + timedelta(days=3)])


@st.composite
def rule(draw: st.DrawFn, number: int) -> r.Rule:
    kind = draw(st.sampled_from([r.Kind.CATALOG, r.Kind.CART, r.Kind.CART]))
    is_catalog = kind is r.Kind.CATALOG
    conditions = [draw(CATALOG_ITEMS if is_catalog else ITEMS) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    conditions += [draw(CATALOG_BASKET if is_catalog else BASKET) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    return r.Rule(
        id=some_id(RULE, number), version=draw(st.integers(1, 3)), name=f"Rule {number}", kind=kind,
        effect=draw(CATALOG_EFFECT if is_catalog else EFFECT), conditions=tuple(conditions),
        priority=draw(st.integers(1, 3)), exclusive_group=draw(st.sampled_from([None, None, None, "a", "b"])),
        is_final=draw(st.sampled_from([False] * 5 + [True])), is_announced=draw(st.booleans()),
        floor_margin_ppm=draw(st.sampled_from([None] * 4 + [0, 200_000])),
        starts_at=draw(DATES), ends_at=draw(DATES), is_paused=draw(st.sampled_from([False] * 9 + [True])),
    )  # fmt: skip


@st.composite
def line(draw: st.DrawFn, number: int) -> OfferLine:
    numbers = st.frozensets(st.integers(0, 1))
    return OfferLine(
        line_id=some_id(LINE, number), variant_id=some_id(VARIANT, draw(st.integers(0, 2))),
        product_id=some_id(PRODUCT, draw(st.integers(0, 1))), quantity=draw(st.integers(1, 7)),
        unit_amount=draw(PRICE), unit_cost=draw(st.sampled_from([None, 1, 40, 300])),
        brand_id=draw(st.none() | st.integers(0, 1).map(lambda found: some_id(BRAND, found))),
        category_ids=frozenset(some_id(CATEGORY, found) for found in draw(numbers)),
        collection_ids=frozenset(some_id(COLLECTION, found) for found in draw(numbers)),
        attributes=draw(st.sampled_from([{}, {"color": "red"}, {"color": "blue", "size": "m"}])),
        is_on_sale=draw(IS_NOT), is_gift_card=draw(st.sampled_from([False] * 9 + [True])),
    )  # fmt: skip


@st.composite
def case(draw: st.DrawFn) -> tuple[list[r.Rule], Offer]:
    """Up to eight rules, and an offer to judge by them."""
    rules = [draw(rule(number)) for number in range(draw(st.sampled_from([8, 6, 4, 2])))]
    opened = [one.id for one in rules if r.Code() in one.conditions]
    entered = draw(st.lists(st.sampled_from([*opened, *opened, None]), max_size=3))
    limits = draw(st.lists(st.sampled_from(["total", "per_customer", "budget"]), max_size=2))
    spent = [
        Spent(promotion_id=draw(st.sampled_from(rules)).id, limit=limit, left=draw(AMOUNT)) for limit in limits
    ] + draw(st.sampled_from([[], [Spent(promotion_id=rules[0].id, limit="per_code", code="code0 ")]]))
    method = draw(st.sampled_from([None, 0, 1]))
    offer = Offer(
        channel_id=some_id(CHANNEL, 0), currency="EUR", country=draw(st.sampled_from(["DE", "AT"])), at=NOW,
        channel_country="DE",
        lines=tuple(draw(line(number)) for number in range(draw(st.sampled_from([4, 3, 2, 6, 1, 0])))),
        shopper=Shopper(
            group_ids=frozenset([some_id(GROUP, 0)]) if draw(st.booleans()) else frozenset(),
            has_ordered=draw(st.booleans()),
            registered_at=draw(st.none() | st.just(NOW - timedelta(days=30))),
        ),
        shipping_method_id=None if method is None else some_id(METHOD, method),
        shipping_amount=None if method is None else draw(AMOUNT),
        codes=tuple(EnteredCode(text=f"CODE{place}", promotion_id=id_) for place, id_ in enumerate(entered)),
        gifts=tuple(
            OfferGift(variant_id=some_id(GIFT, number), unit_amount=draw(AMOUNT), unit_cost=draw(st.none() | AMOUNT))
            for number in draw(st.lists(st.integers(0, 1), max_size=2, unique=True))
        ),
        chosen_gifts=frozenset(some_id(GIFT, number) for number in draw(st.frozensets(st.integers(0, 1)))),
        spent=tuple(spent),
    )  # fmt: skip
    return rules, offer
