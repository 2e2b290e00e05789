from collections.abc import Iterator

import pytest

from shopwright.listeners.search.curation import curated


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """What another test said is rolled back; this process must not remember it."""
    curated.forget()
    yield
    curated.forget()
