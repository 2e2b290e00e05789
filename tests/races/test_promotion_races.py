"""Staff who change promotions at the same moment."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select

from shopwright.commerce.promotions import queries, service
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.rules import Kind, Percentage, Terms
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.transaction import atomically, reading
from tests.make import make_promotion
from tests.races.parallel import together

pytestmark = pytest.mark.usefixtures("real_app")

TEN = Percentage(ppm=100_000)


def create(name: str) -> UUID:
    terms = Terms(name=name, kind=Kind.CART, effect=TEN, is_final=True, priority=7)
    return atomically(lambda: service.create_promotion(terms).id)


def prioritise(promotion_id: UUID, priority: int) -> UUID:
    return atomically(lambda: service.change_promotion(promotion_id, {"priority": priority}).id)


def test_of_many_that_would_stop_at_the_same_place_one_is_saved() -> None:
    answers = together([partial(create, f"No {number}") for number in range(12)])

    assert len([one for one in answers if isinstance(one, UUID)]) == 1
    assert {type(one) for one in answers} == {UUID, ValidationFailed}
    with reading():
        assert session.scalar(select(func.count()).select_from(Promotion)) == 1


def test_changes_of_many_promotions_end_in_an_index_that_knows_all_of_them() -> None:
    promotions = [make_promotion(TEN).id for _ in range(8)]

    answers = together([partial(prioritise, id_, place) for place, id_ in enumerate(promotions)])

    assert answers == promotions
    with reading():
        version = session.scalar(select(queries.RULES_VERSION))
        assert version is not None
        assert [rule.id for rule in queries.compiled(version).rules] == promotions


def test_threads_that_ask_at_once_share_what_one_of_them_compiled() -> None:
    make_promotion(TEN)

    def ask() -> Index:
        with reading():
            version = session.scalar(select(queries.RULES_VERSION))
            assert version is not None
            return queries.compiled(version)

    answers = together([ask] * 16)

    assert [type(one) for one in answers] == [Index] * 16
    assert len({id(one) for one in answers}) == 1
