"""Who takes a file slowly, or goes away in its middle, holds nothing that others need."""

from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions.rules import Code, Percentage
from shopwright.kit import db
from shopwright.kit.transaction import transaction
from tests import make

MANY = 50_000


@pytest.fixture
def promotion(real_app: Flask) -> UUID:
    made = make.make_promotion(Percentage(ppm=100_000), Code()).id
    with transaction():
        assert [*codes.make_codes(made, MANY)][-1] == MANY
    return made


def export(app: Flask, promotion: UUID, method: str = "GET") -> TestResponse:
    """As it stands when the first part has come."""
    path = f"/v1/admin/promotions/{promotion}/codes/export"
    return app.test_client().open(path, method=method, headers=make.staff_headers(Permission.PROMOTIONS_READ))


def connections() -> int:
    return db.engine().pool.checkedout()  # type: ignore[attr-defined]  # of a QueuePool, which ours is


def test_no_connection_is_held_while_a_file_is_sent_nor_when_its_reader_goes_away(
    real_app: Flask, promotion: UUID
) -> None:
    slow = export(real_app, promotion)
    assert slow.status_code == 200
    assert len(next(iter(slow.response))) < (slow.content_length or 0)
    assert connections() == 0

    slow.close()

    assert connections() == 0


def test_slow_readers_do_not_take_all_threads_and_whoever_goes_away_makes_room(
    real_app: Flask, promotion: UUID
) -> None:
    first, second = export(real_app, promotion), export(real_app, promotion)
    third = export(real_app, promotion)
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 503]
    assert third.headers["Retry-After"] == "2"

    first.close()
    fourth = export(real_app, promotion)
    again = export(real_app, promotion)

    assert [fourth.status_code, again.status_code] == [200, 503]
    second.close()
    fourth.close()
    with export(real_app, promotion, "HEAD") as head:
        assert (head.status_code, head.data) == (200, b"")
    with export(real_app, promotion) as whole:
        assert whole.data.count(b"\r\n") == 1 + MANY
