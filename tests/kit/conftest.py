from collections.abc import Iterator

import pytest
from redis import Redis

from shopwright.kit import cache, ids


@pytest.fixture
def own_cache(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cache under a prefix of its own, as it was before when the test ends."""
    for name in ("_is_reachable", "_rests_until", "_prefix", "_enabled"):
        monkeypatch.setattr(cache, name, getattr(cache, name))
    monkeypatch.setattr(cache, "_redis", None)
    cache.configure(redis_url, prefix=f"test:{ids.new()}:")
    yield
    cache.configure(None)


@pytest.fixture
def raw(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client
