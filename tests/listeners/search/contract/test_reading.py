"""As which words those of a query were read, where no product has them."""

import pytest

from shopwright.listeners.search.backend import Filters, Level, Order
from tests.listeners.search.contract.shelf import US, Shelf, offer


@pytest.fixture
def teapots(shelf: Shelf) -> None:
    """One that is sold here, among what another channel sells, what is sold no more, and a dearer one."""
    shelf.put("Enamel teapot")
    for _ in range(2):
        shelf.put("Enamels teapoa", offers=[offer(channel_id=US)])
    shelf.bury(shelf.put("Enamel teapob"), 2)
    shelf.put("Enamel teapoc", offers=[offer(9000)])


def test_a_word_is_told_to_be_read_only_as_one_of_what_was_found(shelf: Shelf, teapots: None) -> None:
    cheap = Filters(price_max=2000)
    found = shelf.ask("teapoz", filters=cheap)
    assert (shelf.named(found), found.level) == (["Enamel teapot"], Level.FUZZY)
    assert found.corrected == {"teapoz": "teapot"}
    # What was found as it is spelled was read so, and what is said elsewhere is none of this channel's.
    assert shelf.ask("enamel teapoz", filters=cheap).corrected == {"teapoz": "teapot"}
    assert shelf.ask("enamels teapoz", filters=cheap).corrected == {"teapoz": "teapot"}
    shelf.put("Teapoz", offers=[offer(channel_id=US)])
    assert shelf.ask("teapoz", filters=cheap).corrected == {"teapoz": "teapot"}
    assert shelf.ask("teapoz", channel_id=US).corrected == {}


def test_a_word_is_told_to_be_read_the_same_on_every_page_and_whatever_is_pinned(shelf: Shelf, teapots: None) -> None:
    lamp = shelf.put("Teapou lamp stand", brand="Teapou")
    ways = (
        {"offset": 1},
        {"offset": 50},
        {"order": Order.NEWEST},
        {"order": Order.TITLE, "offset": 2},
        {"pins": (lamp,)},
    )
    first = shelf.ask("enamel teapoz").corrected
    assert first in ({"teapoz": "teapot"}, {"teapoz": "teapoc"})
    for way in ways:
        assert shelf.ask("enamel teapoz", **way).corrected == first, way
