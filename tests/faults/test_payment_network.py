"""F31, the way to the payment provider: slow, cut, silent, full of resets, while others only look around."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest

from tests.faults.conftest import end_of, opened
from tests.faults.guest import Guest
from tests.faults.http import Answer, insisting, until
from tests.faults.load import Load, copies, outcomes, percentile
from tests.faults.paying import PayingShop
from tests.faults.test_network import resets
from tests.faults.test_provider_in_trouble import reconciled
from tests.faults.toxiproxy import Toxiproxy
from tests.races.parallel import together

TOTAL = 1900 + 490


@pytest.fixture(scope="module")
def _far_psp(
    _nothing_is_left: object, toxiproxy: Toxiproxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PayingShop]:
    """One web process of ten threads, whose way to the provider is Toxiproxy's."""
    yield from opened(PayingShop(tmp_path_factory.mktemp("far-psp"), web_workers=1, psp_through=toxiproxy))


@pytest.fixture
def far_psp(_far_psp: PayingShop) -> Iterator[PayingShop]:
    _far_psp.step_inside()
    yield _far_psp
    end_of(_far_psp)


def orders(shop: PayingShop, number: int) -> list[Guest]:
    first = shop.buyer()
    first.fills_a_cart(shop.market.product(stock_of=number + 1))
    buyers = [Guest(buyer.client, buyer.shop, cart=buyer.cart, secrets=shop.secrets)
              for buyer in copies(shop, first, number)]  # fmt: skip
    together([buyer.orders for buyer in buyers], threads=4)
    return buyers


def all_come_to_one_right_end(shop: PayingShop, buyers: list[Guest]) -> None:
    """Each order is paid once, or not at all and can be paid; and the provider knows of nothing else."""

    def are_settled() -> bool:
        shop.time_for_the_completer()
        return not shop.count("payments WHERE state = 'pending'")

    until(are_settled, 60, "no payment is left in between")
    for buyer in buyers:
        paid = shop.order(buyer)[1]
        assert paid in (0, TOTAL)
        assert shop.moved(buyer) == [("capture", TOTAL)] * bool(paid)
        assert shop.issues(buyer) == []
    said = reconciled(shop)
    assert [line for line in said if line.startswith("put right: capture")] == []
    assert said[-1].endswith("0 not answered for, 0 issues open (GET /v1/admin/payment-issues).")
    for buyer in buyers:
        if not shop.order(buyer)[1]:
            assert insisting(buyer.asks_to_pay).status_code == 201
    assert {shop.order(buyer) for buyer in buyers} == {("open", TOTAL, 0)}


def silent(toxiproxy: Toxiproxy) -> AbstractContextManager[None]:
    return toxiproxy.poisoned("psp", "timeout", timeout=0)


def test_a_silent_provider_takes_no_thread_from_those_who_look_around(
    far_psp: PayingShop, toxiproxy: Toxiproxy
) -> None:
    shop = far_psp
    buyers = orders(shop, 40)
    listing = f"/v1/products?channel={shop.market.channel.code}"
    assert shop.get(listing).status_code == 200
    with silent(toxiproxy), ThreadPoolExecutor(1) as pool:
        load = Load(lambda _: shop.get(listing), rate=10, threads=8)
        with load.running():
            paying = pool.submit(together, [buyer.asks_to_pay for buyer in buyers], 30)
            answers = paying.result()
            refused = shop.client
            began = time.monotonic()
            last = buyers[-1].asks_to_pay()
            assert (last.status_code, last.get_json()["code"]) == (503, "provider-unavailable")
            assert time.monotonic() - began < 1
            assert refused.get("/readyz").status_code == 200
    ends = outcomes(answers)  # type: ignore[arg-type]  # over HTTP
    # As many as may wait are pending; the others were refused before anything was begun.
    assert set(ends) == {"201", "503 provider-unavailable"}
    assert 5 <= ends["201"] <= 12
    seconds = [end.seconds for _, end in load.ends if isinstance(end, Answer)]
    assert load.outcomes.keys() == {"200"}
    assert max(seconds) < 3, sorted(seconds)[-5:]
    assert percentile(seconds, 0.9) < 1.5
    until(lambda: buyers[-1].asks_to_pay().status_code == 201, 20, "it is asked again")
    all_come_to_one_right_end(shop, buyers)


def test_a_provider_that_is_far_away_is_slow_and_right(far_psp: PayingShop, toxiproxy: Toxiproxy) -> None:
    buyers = orders(far_psp, 24)
    with toxiproxy.poisoned("psp", "latency", latency=200):
        answers = together([lambda buyer=buyer: insisting(buyer.asks_to_pay) for buyer in buyers], threads=20)
    assert outcomes(answers) == {"201": 24}  # type: ignore[arg-type]
    all_come_to_one_right_end(far_psp, buyers)


def test_connections_to_the_provider_that_are_reset_charge_nobody_twice(
    far_psp: PayingShop, toxiproxy: Toxiproxy
) -> None:
    buyers = orders(far_psp, 16)
    keys = [str(uuid4()) for _ in buyers]
    with resets(toxiproxy, "psp"):
        asks = [
            lambda buyer=buyer, key=key: insisting(lambda: buyer.asks_to_pay("tok_success~slow.1", key=key))
            for buyer, key in zip(buyers, keys, strict=True)
        ]
        answers = together(asks, threads=4)
    assert outcomes(answers).keys() <= {"201"}  # type: ignore[arg-type]
    all_come_to_one_right_end(far_psp, buyers)


def test_a_cut_line_to_the_provider_is_a_payment_that_waits_or_is_refused(
    far_psp: PayingShop, toxiproxy: Toxiproxy
) -> None:
    buyers = orders(far_psp, 12)
    with toxiproxy.cut("psp"):
        answers = together([buyer.asks_to_pay for buyer in buyers], threads=4)
        assert set(outcomes(answers)) <= {"201", "503 provider-unavailable"}  # type: ignore[arg-type]
        assert {far_psp.order(buyer)[1] for buyer in buyers} == {0}
    until(lambda: far_psp.get("/readyz").status_code == 200, 10, "the shop is well")
    all_come_to_one_right_end(far_psp, buyers)
