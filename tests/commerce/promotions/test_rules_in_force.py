"""Rules are compiled once for each version, which is read with every quote."""

from uuid import UUID

import pytest
from sqlalchemy import select

from shopwright.commerce.promotions import queries, service
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.rules import Code, FirstOrder, Percentage
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.make import make_promotion
from tests.sent import statements

TEN = Percentage(ppm=100_000)


def version() -> UUID:
    found = session.scalar(select(queries.RULES_VERSION))
    assert found is not None
    return found


def index() -> Index:
    with reading():
        return queries.compiled(version())


@pytest.mark.usefixtures("app")
def test_rules_are_compiled_once_for_a_version() -> None:
    promotion = make_promotion(TEN, FirstOrder(), name="First order", priority=3)
    first = index()

    with reading():
        now = version()
        with statements() as sent:
            assert queries.compiled(now) is first
    assert sent == []
    [rule] = [one.rule for one in first.rules]
    assert (rule.id, rule.name, rule.version, rule.priority) == (promotion.id, "First order", promotion.version, 3)
    assert (rule.effect, rule.conditions, rule.is_paused) == (TEN, (FirstOrder(),), False)


@pytest.mark.usefixtures("app")
def test_every_change_of_what_is_in_force_is_another_version() -> None:
    promotion = make_promotion(TEN, Code())
    before = index()

    with transaction():
        service.pause_promotion(promotion.id)

    after = index()
    assert after is not before
    assert [(one.rule.is_paused, one.rule.version) for one in after.rules] == [(True, promotion.version + 1)]


@pytest.mark.usefixtures("app")
def test_what_did_not_change_is_not_compiled_again() -> None:
    kept, changed = make_promotion(TEN), make_promotion(TEN)
    before = index()

    with transaction():
        service.change_promotion(changed.id, {"priority": 1})

    after = index()
    assert after.by_id[kept.id] is before.by_id[kept.id]
    assert after.by_id[changed.id].rule.priority == 1


@pytest.mark.usefixtures("app")
def test_what_was_rolled_back_is_not_taken_for_what_came_instead() -> None:
    promotion = make_promotion(TEN)
    with pytest.raises(ZeroDivisionError), transaction():
        service.change_promotion(promotion.id, {"priority": 1})
        assert [one.rule.priority for one in queries.compiled(version()).rules] == [1]
        raise ZeroDivisionError
    with transaction():
        service.change_promotion(promotion.id, {"priority": 2})

    assert [one.rule.priority for one in index().rules] == [2]
