import pytest

from shopwright.kit import outbox
from shopwright.listeners.search import states, tasks
from tests.listeners.search.conftest import Find, Shop, titles


def test_a_turn_that_leaves_something_asks_for_another(shop: Shop, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        shop.sells(f"Mug {number}")
    outbox.drain()
    nudged: list[int] = []
    monkeypatch.setattr(states, "nudge", lambda: nudged.append(len(titles(find("mug")))))
    monkeypatch.setattr(tasks, "TURN", 2)
    tasks.index()
    assert nudged == [2]
    tasks.index()
    assert nudged == [2]
    assert len(titles(find("mug"))) == 3
