"""Price lists: which one says what a piece costs, to whom, when and for how many; and what it says of the past."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.commerce.accounts import groups
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import explaining, list_queries, lists, queries, service
from shopwright.commerce.pricing.checks import CHECKS
from shopwright.commerce.pricing.list_checking import TierPrice, VariantTiers
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote, StepKind
from shopwright.commerce.pricing.resolving import Audience, KnownList, KnownTier, Resolver, Verdict
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Kind, OnSale, Percentage
from shopwright.kit import clock, ids
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests import make
from tests.drifts import look

pytestmark = pytest.mark.usefixtures("app")

DAY = timedelta(days=1)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def quote(channel: Channel, *lines: tuple[UUID, int], **more: Any) -> Quote:
    wanted = tuple(BasketLine(line_id=ids.new(), variant_id=id_, quantity=count) for id_, count in lines)
    with reading():
        return service.quote(Basket(channel_id=channel.id, locale="en", lines=wanted, **more))


def costs(channel: Channel, variant: UUID, quantity: int = 1, **more: Any) -> int:
    return quote(channel, (variant, quantity), **more).lines[0].unit_price.amount


def a_member_of(name: str) -> tuple[UUID, UUID]:
    customer = make.make_customer()
    with transaction():
        group = groups.create_group(name)
        groups.put_in(customer.id, [group.id])
    return customer.id, group.id


def change(price_list_id: UUID, **changes: Any) -> None:
    with transaction():
        lists.change_list(price_list_id, changes)


def test_a_list_for_one_goes_before_one_for_a_group_before_one_for_anybody_before_the_own_price() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    customer, group = a_member_of("Resellers")
    assert costs(channel, variant, customer_id=customer) == 1000
    make.make_price_list(channel, (variant, 1, 900))
    assert (costs(channel, variant, customer_id=customer), costs(channel, variant)) == (900, 900)
    make.make_price_list(channel, (variant, 1, 950), group_id=group)
    assert (costs(channel, variant, customer_id=customer), costs(channel, variant)) == (950, 900)
    make.make_price_list(channel, (variant, 1, 990), customer_id=customer)
    assert (costs(channel, variant, customer_id=customer), costs(channel, variant)) == (990, 900)
    assert costs(channel, variant, customer_id=make.make_customer().id) == 900


def test_within_a_step_the_lower_priority_goes_first_then_the_lower_id() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    make.make_price_list(channel, (variant, 1, 700), priority=5)
    make.make_price_list(channel, (variant, 1, 600), priority=5)
    assert costs(channel, variant) == 700
    make.make_price_list(channel, (variant, 1, 800), priority=4)
    assert costs(channel, variant) == 800


def test_all_pieces_of_a_variant_together_choose_the_tier() -> None:
    channel = make.make_channel()
    variant, other = make.make_priced_variant(channel, 1000), make.make_priced_variant(channel, 1000)
    make.make_price_list(channel, (variant, 5, 900), (variant, 10, 800))
    assert [costs(channel, variant, count) for count in (4, 5, 9, 10)] == [1000, 900, 900, 800]
    split = quote(channel, (variant, 3), (variant, 2), (other, 9))
    assert [line.unit_price.amount for line in split.lines] == [900, 900, 1000]


def test_a_list_puts_a_percentage_onto_another_whose_own_prices_go_before() -> None:
    channel = make.make_channel()
    variant, other = make.make_priced_variant(channel, 1000), make.make_priced_variant(channel, 1995)
    _, group = a_member_of("Staff")
    base = make.make_price_list(channel, (variant, 1, 800), group_id=group)
    make.make_price_list(channel, based_on_id=base.id, adjust_ppm=-100_000)
    assert (costs(channel, variant), costs(channel, other)) == (720, 1995)
    make.make_price_list(channel, (variant, 1, 777), adjust_ppm=-100_000, priority=1)
    # A tenth of 1995 off is 1795.5, and half a cent goes up.
    assert (costs(channel, variant), costs(channel, other)) == (777, 1796)


def test_a_list_outside_its_dates_is_not_there_neither_for_others_to_be_based_on() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    start = clock.now() + DAY
    base = make.make_price_list(channel, (variant, 1, 500), starts_at=start, ends_at=start + DAY, priority=2)
    make.make_price_list(channel, based_on_id=base.id, adjust_ppm=-500_000, priority=1)
    for moment, amount in ((start - DAY / 2, 1000), (start, 250), (start + DAY, 1000)):
        with clock.held_at(moment):
            assert costs(channel, variant) == amount
    change(base.id, is_active=False)
    with clock.held_at(start):
        assert costs(channel, variant) == 1000


def test_the_worked_example_of_the_guide() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    reseller, group = a_member_of("Resellers")
    ada = make.make_customer().id
    with transaction():
        groups.put_in(ada, [group])
    public = make.make_price_list(channel, (variant, 5, 900))
    make.make_price_list(channel, based_on_id=public.id, adjust_ppm=-200_000, group_id=group)
    make.make_price_list(channel, (variant, 1, 750), customer_id=ada)
    assert costs(channel, variant, 4) == 1000
    assert [line.unit_price.amount for line in quote(channel, (variant, 3), (variant, 2)).lines] == [900, 900]
    assert [costs(channel, variant, count, customer_id=reseller) for count in (5, 4)] == [720, 1000]
    assert costs(channel, variant, customer_id=ada) == 750


def test_the_steps_say_what_the_list_made_of_the_own_price() -> None:
    channel = make.make_channel()
    make.make_tax_zone("DE", standard=190_000)
    variant = make.make_priced_variant(channel, 1000)
    listed = make.make_price_list(channel, (variant, 3, 900), name="From three on")
    make.make_promotion(Percentage(ppm=100_000), kind=Kind.CATALOG, name="Sale")
    (line,) = quote(channel, (variant, 3)).lines
    assert [(step.kind, step.label, step.amount, step.base) for step in line.steps] == [
        (StepKind.LIST_PRICE, "List price", eur(3000), None),
        (StepKind.PRICE_LIST, "Price list", eur(-300), eur(1000)),
        (StepKind.CATALOG_PROMOTION, "Sale", eur(-270), eur(900)),
        (StepKind.TAX_INCLUDED, "VAT 19 %", eur(388), None),
    ]
    assert (line.steps[1].price_list_id, line.steps[1].version) == (listed.id, listed.version)
    assert line.gross == eur(2430)


def test_what_has_no_own_price_is_sold_to_those_who_have_a_list() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    customer, group = a_member_of("Trade")
    make.make_price_list(channel, (variant, 1, 400), group_id=group)
    with transaction():
        service.remove_price(variant, channel.id)
    assert quote(channel, (variant, 1)).unavailable == (variant,)
    (line,) = quote(channel, (variant, 2), customer_id=customer).lines
    assert [(step.kind, step.amount) for step in line.steps] == [(StepKind.PRICE_LIST, eur(800))]


def test_a_public_list_is_a_reduction_and_a_private_one_is_none() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    customer, group = a_member_of("Friends")
    make.make_price_list(channel, (variant, 1, 500), group_id=group)
    make.make_price_list(channel, (variant, 1, 900))
    (anybody,), (friend,) = quote(channel, (variant, 1)).lines, quote(channel, (variant, 1), customer_id=customer).lines
    assert (anybody.unit_price, anybody.compare_at, anybody.lowest_30_days) == (eur(900), eur(1000), eur(1000))
    assert (friend.unit_price, friend.compare_at, friend.lowest_30_days) == (eur(500), None, None)
    make.make_promotion(Percentage(ppm=100_000), OnSale(is_not=True), name="Not on sale items")
    off = [quote(channel, (variant, 1), customer_id=who).discount.amount for who in (None, customer)]
    assert off == [0, 50]


def test_the_price_of_any_past_moment_can_be_asked_and_of_the_future_too() -> None:
    channel = make.make_channel()
    start = clock.now() - 9 * DAY
    with clock.held_at(start):
        variant = make.make_priced_variant(channel, 1000)
    with clock.held_at(start + DAY), transaction():
        service.set_price(variant, channel.id, eur(1200))
    with clock.held_at(start + 2 * DAY):
        listed = make.make_price_list(channel, (variant, 1, 900))
    with clock.held_at(start + 3 * DAY):
        sale = make.make_promotion(Percentage(ppm=500_000), kind=Kind.CATALOG)
    with clock.held_at(start + 4 * DAY), transaction():
        promotions.pause_promotion(sale.id)
        lists.set_tiers(
            listed.id, [VariantTiers(variant_id=variant, tiers=(TierPrice(min_quantity=1, price=eur(800)),))]
        )
    with clock.held_at(start + 5 * DAY):
        change(listed.id, is_active=False)
    with clock.held_at(start + 6 * DAY), transaction():
        service.remove_price(variant, channel.id)
    with clock.held_at(start + 7 * DAY), transaction():
        service.set_price(variant, channel.id, eur(700))
    make.make_price_list(channel, (variant, 1, 650), starts_at=start + 20 * DAY)
    then = [start + day * DAY + DAY / 2 for day in (0, 1, 2, 3, 4, 5, 7, 21)]
    assert [costs(channel, variant, at=moment) for moment in then] == [1000, 1200, 900, 450, 800, 1200, 700, 650]
    assert quote(channel, (variant, 1), at=start + 6.5 * DAY).unavailable == (variant,)
    assert quote(channel, (variant, 1), at=start - DAY).unavailable == (variant,)


def test_an_explanation_names_every_list_and_why_not() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    customer, group = a_member_of("Club")
    tomorrow = clock.now() + DAY
    made = {
        Verdict.INACTIVE: make.make_price_list(channel, (variant, 1, 1), customer_id=customer, is_active=False),
        Verdict.NOT_YET: make.make_price_list(channel, (variant, 1, 2), group_id=group, starts_at=tomorrow, priority=1),
        Verdict.NO_PRICE: make.make_price_list(channel, (variant, 10, 3), group_id=group, priority=2),
        Verdict.CHOSEN: make.make_price_list(channel, (variant, 1, 4), priority=1),
        Verdict.LATER: make.make_price_list(channel, (variant, 1, 5), priority=2),
        Verdict.ENDED: make.make_price_list(channel, (variant, 1, 6), ends_at=clock.now(), priority=3),
    }
    with reading():
        found = explaining.explain(variant, channel.id, customer_id=customer)
    assert [(each.price_list_id, each.verdict) for each in found.lists] == [
        (row.id, verdict) for verdict, row in made.items()
    ]
    assert found.line is not None and found.line.gross == eur(4)
    said = "\n".join(explaining.describe(found))
    assert "4 EUR" in said and "chosen (4)" in said and str(made[Verdict.CHOSEN].id) in said


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"starts_at": datetime.fromisoformat("0001-01-01T00:00:00+14:00")}, "/starts_at"),
        ({"ends_at": datetime.fromisoformat("9999-12-31T23:59:59-12:00")}, "/ends_at"),
        ({"starts_at": clock.now(), "ends_at": clock.now() - DAY}, "/ends_at"),
        ({"customer_id": ids.new()}, "/customer_id"),
        ({"group_id": ids.new()}, "/group_id"),
        ({"based_on_id": ids.new(), "adjust_ppm": 0}, "/based_on_id"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_pointer_to_it(terms: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        make.make_price_list(make.make_channel(), **terms)
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [pointer]


def test_a_list_is_never_based_on_itself_and_a_chain_has_five_at_most() -> None:
    channel = make.make_channel()
    chain = [make.make_price_list(channel, adjust_ppm=0)]
    for _ in range(4):
        chain.append(make.make_price_list(channel, based_on_id=chain[-1].id, adjust_ppm=0))
    below = make.make_price_list(channel, adjust_ppm=0)
    for changed, basis in ((chain[0], chain[0]), (chain[0], chain[4]), (chain[0], below)):
        with pytest.raises(ValidationFailed) as refused:
            change(changed.id, based_on_id=basis.id)
        assert [fault["pointer"] for fault in refused.value.facts["errors"]] == ["/based_on_id"]
    with pytest.raises(ValidationFailed):
        make.make_price_list(channel, based_on_id=chain[4].id, adjust_ppm=0)
    change(chain[1].id, based_on_id=below.id)


def test_a_change_that_changes_nothing_makes_no_version() -> None:
    channel = make.make_channel()
    listed = make.make_price_list(channel)
    change(listed.id)
    change(listed.id, priority=listed.priority, name=listed.name)
    assert look(CHECKS) == []
    with reading():
        assert list_queries.get(listed.id).version == listed.version


def test_a_list_may_say_very_many_prices_at_once_and_take_them_away_again() -> None:
    channel = make.make_channel()
    many = [make.make_priced_variant(channel, 1000) for _ in range(60)]
    listed = make.make_price_list(channel)
    tiers = tuple(TierPrice(min_quantity=count, price=eur(5)) for count in range(1, 201))
    for said, cost in ((tiers, 5), ((), 1000)):
        with transaction():
            lists.set_tiers(listed.id, [VariantTiers(variant_id=id_, tiers=said) for id_ in many])
        assert costs(channel, many[7]) == cost
    assert look(CHECKS) == []


def test_percentages_that_lead_beyond_what_a_price_may_be_say_nothing() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 10**11)
    make.make_price_list(channel, adjust_ppm=10_000_000)
    assert costs(channel, variant) == 10**11


def test_lists_that_hold_no_more_are_not_even_read() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    make.make_price_list(channel, (variant, 1, 1), ends_at=clock.now())
    make.make_price_list(channel, (variant, 1, 2), is_active=False)
    make.make_price_list(channel, (variant, 1, 3), starts_at=clock.now() + DAY)
    line = BasketLine(line_id=variant, variant_id=variant, quantity=1)
    with reading():
        assert queries.terms(Basket(channel_id=channel.id, locale="en", lines=(line,))).lists == []


def test_tiers_are_replaced_and_noted_and_those_that_cannot_be_right_change_nothing() -> None:
    channel = make.make_channel()
    variant, other = make.make_priced_variant(channel, 1000), make.make_priced_variant(channel, 1000)
    listed = make.make_price_list(channel, (variant, 1, 900), (variant, 5, 800), (other, 1, 700))

    def tier(amount: int, minimum: int = 1, currency: str = "EUR") -> TierPrice:
        return TierPrice(min_quantity=minimum, price=Money(amount, currency))

    bad = [
        VariantTiers(variant_id=ids.new(), tiers=()),
        VariantTiers(variant_id=variant, tiers=(tier(1), tier(2))),
        VariantTiers(variant_id=variant, tiers=(tier(1, currency="USD"),)),
    ]
    with pytest.raises(ValidationFailed) as refused, transaction():
        lists.set_tiers(listed.id, bad)
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [
        "/items/0/variant_id", "/items/1/tiers", "/items/2/variant_id", "/items/2/tiers",
    ]  # fmt: skip
    with transaction():
        lists.set_tiers(listed.id, [VariantTiers(variant_id=variant, tiers=(tier(850, 2),))])
    assert [costs(channel, variant, count) for count in (1, 2, 5)] == [1000, 850, 850]
    assert costs(channel, other) == 700
    assert look(CHECKS) == []


variants = [UUID(int=number) for number in range(1, 3)]
list_ids = [UUID(int=number) for number in range(10, 15)]


@st.composite
def known_lists(draw: st.DrawFn) -> list[KnownList]:
    return [
        KnownList(
            id=id_, version=1, channel_id=UUID(int=9), currency="EUR", name="x", priority=draw(st.integers(0, 2)),
            customer_id=None, group_id=None, based_on_id=draw(st.sampled_from([None, *list_ids[:place]])),
            adjust_ppm=draw(st.sampled_from([None, 0, -100_000, 50_000])), starts_at=None, ends_at=None,
            is_active=draw(st.booleans()),
        )
        for place, id_ in enumerate(list_ids)
    ]  # fmt: skip


tiers = st.lists(
    st.builds(
        KnownTier, price_list_id=st.sampled_from(list_ids), variant_id=st.sampled_from(variants),
        min_quantity=st.integers(1, 5), amount=st.integers(0, 5000),
    ),
    unique_by=lambda tier: (tier.price_list_id, tier.variant_id, tier.min_quantity),
)  # fmt: skip


@given(
    lists=known_lists(),
    tiers=tiers,
    own=st.none() | st.integers(0, 5000),
    quantity=st.integers(1, 6),
    seed=st.randoms(),
)
def test_the_order_of_rows_makes_no_difference_and_the_chosen_list_is_the_first_with_a_price(
    lists: list[KnownList], tiers: list[KnownTier], own: int | None, quantity: int, seed: Any
) -> None:
    variant = variants[0]
    terms = {"at": clock.now(), "customer_id": None, "group_ids": frozenset[UUID]()}
    prices = {} if own is None else {variant: own}
    found = Resolver(lists, tiers, prices, **terms).find(variant, quantity)
    seed.shuffle(lists), seed.shuffle(tiers)
    resolver = Resolver(lists, tiers, prices, **terms)
    assert resolver.find(variant, quantity) == found
    considered = [*resolver.considered(variant, quantity)]
    assert all(each.audience is Audience.PUBLIC for each in considered)
    first = next((each for each in considered if each.amount is not None), None)
    assert (first and (first.price_list_id, first.amount)) == (found and (found[0].id, found[1]))
