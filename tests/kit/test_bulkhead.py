import threading
import time
from concurrent.futures import ThreadPoolExecutor

from shopwright.kit.bulkhead import Bulkhead
from tests.races.parallel import together


def test_no_more_are_within_than_may_be_and_quick_ones_make_room_for_all() -> None:
    bulkhead, lock = Bulkhead(most=3), threading.Lock()
    within, most = 0, 0

    def enter() -> bool:
        nonlocal within, most
        with bulkhead.entered() as is_within:
            with lock:
                within += is_within
                most = max(most, within)
            time.sleep(0.01)
            with lock:
                within -= is_within
        return is_within

    assert together([enter] * 24, threads=12) == [True] * 24
    assert (within, most) == (0, 3)


def test_while_one_is_slow_nobody_waits_behind_it() -> None:
    bulkhead, done = Bulkhead(most=1, patience=0.1), threading.Event()

    def dawdle() -> None:
        with bulkhead.entered() as is_within:
            assert is_within
            done.wait(10)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(dawdle)
        time.sleep(0.2)
        began = time.monotonic()
        for _ in range(20):
            with bulkhead.entered() as is_within:
                assert not is_within
        assert time.monotonic() - began < 0.1
        done.set()
        slow.result()
    with bulkhead.entered() as is_within:
        assert is_within


def test_who_leaves_by_an_exception_makes_room_too() -> None:
    bulkhead = Bulkhead(most=1)
    for _ in range(3):
        try:
            with bulkhead.entered() as is_within:
                assert is_within
                raise ValueError("on the way out")
        except ValueError:
            continue
    with bulkhead.entered() as is_within:
        assert is_within
