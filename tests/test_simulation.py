"""That the simulation itself works: the same seed is the same run, and what is wrong is noticed and can be had again."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.simulation import rest, run
from tests.simulation.house import House
from tests.simulation.world import World

SEED = 7
STEPS = 300
FEWER = 120


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> Iterator[House]:
    house = House(settings, tmp_path)
    yield house
    house.close()


def test_the_same_seed_is_the_same_run_and_another_is_not(house: House) -> None:
    first, again = (run.episode(house, SEED, STEPS) for _ in range(2))
    assert (first.failure, again.failure) == (None, None)
    assert (first.fingerprint, first.outcomes) == (again.fingerprint, again.outcomes)
    assert run.episode(house, SEED + 1, 40).fingerprint != run.episode(house, SEED, 40).fingerprint


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("UPDATE stock_levels SET on_hand = on_hand + 1", "on_hand was changed without a movement"),
        ("UPDATE orders SET total_amount = total_amount + 1 WHERE state = 'open'", "total"),
        ("UPDATE orders SET state = 'open' WHERE state IN ('canceled', 'expired')", "went from"),
    ],
)
def test_what_changes_behind_the_shops_back_is_noticed_and_its_seed_is_told(
    house: House, damage: str, noticed: str
) -> None:
    comes_to_rest = rest.comes_to_rest

    def damaged(world: World) -> None:
        comes_to_rest(world)
        with transaction():
            assert session.execute(text(damage)).rowcount  # type: ignore[attr-defined]  # of an UPDATE there is one

    with patch.object(rest, "comes_to_rest", damaged):
        failure = run.episode(house, SEED, FEWER).failure
    assert failure is not None
    assert noticed in failure.reason
    assert f"FAILED: seed {SEED}, step {FEWER + 1}" in failure.told()
    assert f"make simulate ARGS='--seed {SEED} --steps {FEWER} --jobs 1'" in failure.told()
