import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from shopwright.kit import clock, ids


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = ids.new()
    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_carries_the_milliseconds_of_its_birth() -> None:
    before = int(datetime.now(UTC).timestamp() * 1000)
    assert before <= ids.new().int >> 80


def test_ids_rise_even_when_the_clock_stands_or_goes_back() -> None:
    made = [ids.new() for _ in range(10_000)]
    with clock.held_at(clock.now() - timedelta(days=1)):
        made += [ids.new() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == 20_000


def test_ids_of_many_threads_are_distinct_and_rise_in_each() -> None:
    with ThreadPoolExecutor(8) as threads:
        runs = list(threads.map(lambda _: [ids.new() for _ in range(2_000)], range(8)))
    assert all(run == sorted(run) for run in runs)
    assert len({made for run in runs for made in run}) == 16_000


def test_a_token_is_url_safe_and_long_enough() -> None:
    token = ids.secret_token()
    assert len(token) == 43
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(ids.secret_token(128)) == 22
    assert token != ids.secret_token()


def test_a_stored_token_is_its_sha_256() -> None:
    assert ids.hashed("abc") == hashlib.sha256(b"abc").digest()
