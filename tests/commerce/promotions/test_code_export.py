"""All codes that can be used as one file, however many there are."""

import csv
import tracemalloc
from collections.abc import Iterable, Iterator
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions.rules import Code, Percentage
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests import make

MANY = 50_000
#: What is in memory at once does not grow with the number of codes: 50,000 of them are 1.6 MB as text, 8 MB as rows.
MOST_BYTES = 3_000_000


def path(promotion_id: UUID) -> str:
    return f"/v1/admin/promotions/{promotion_id}/codes/export"


def headers() -> dict[str, str]:
    return make.staff_headers(Permission.PROMOTIONS_READ)


def promotion_with(count: int) -> UUID:
    made = make.make_promotion(Percentage(ppm=100_000), Code()).id
    with transaction():
        assert [*codes.make_codes(made, count)][-1] == count
    return made


def rows_of(parts: Iterable[bytes]) -> Iterator[list[str]]:
    """One after the other, so that the reader keeps no more than the sender."""

    def lines() -> Iterator[str]:
        rest = b""
        for part in parts:
            *whole, rest = (rest + part).split(b"\r\n")
            yield from (line.decode() for line in whole)
        assert rest == b""

    return csv.reader(lines())


def test_fifty_thousand_codes_are_all_there_once_and_never_in_memory_together(client: FlaskClient) -> None:
    promotion, sent = promotion_with(MANY), headers()
    client.get(path(promotion_with(1)), headers=sent, buffered=True)
    digest = count = 0

    tracemalloc.start()
    with client.get(path(promotion), headers=sent) as answer:
        for row in rows_of(answer.response):  # type: ignore[arg-type]  # parts, when nobody buffers them
            count += 1
            digest ^= hash(row[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < MOST_BYTES
    assert (answer.status_code, count) == (200, 1 + MANY)
    with reading():
        there = session.scalars(select(PromotionCode.code).where(PromotionCode.promotion_id == promotion)).all()
    assert len(there) == MANY
    for code in ("code", *there):
        digest ^= hash(code)
    assert digest == 0


def test_a_file_says_what_it_is_and_how_long(client: FlaskClient) -> None:
    promotion = promotion_with(2)
    answer = client.get(path(promotion), headers=headers(), buffered=True)

    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="codes.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    heading, first, second = rows_of([answer.data])
    assert heading == ["code", "created_at"]
    assert first[0] < second[0]
    with reading():
        made_at = session.get_one(PromotionCode, first[0]).created_at
    assert first[1] == f"{made_at:%Y-%m-%dT%H:%M:%SZ}"


def test_disabled_codes_and_those_of_others_are_left_out(client: FlaskClient) -> None:
    promotion = promotion_with(1)
    promotion_with(1)
    with transaction():
        codes.add_code(promotion, "EXPORT")
        codes.add_code(promotion, "-SUMMER")
        codes.disable_code(promotion, "EXPORT")

    rows = [*rows_of([client.get(path(promotion), headers=headers(), buffered=True).data])]

    assert len(rows) == 3
    # A spreadsheet would take it for a formula otherwise.
    assert "'-SUMMER" in [row[0] for row in rows]
    assert "EXPORT" not in [row[0] for row in rows]


def test_a_code_that_is_called_like_the_export_can_be_disabled(client: FlaskClient) -> None:
    promotion = promotion_with(1)
    with transaction():
        codes.add_code(promotion, "EXPORT")
    writer = make.staff_headers(Permission.PROMOTIONS_WRITE)
    assert client.delete(path(promotion), headers=writer).status_code == 204


def test_who_may_not_read_promotions_gets_no_file(client: FlaskClient) -> None:
    promotion = promotion_with(1)
    assert client.get(path(promotion)).status_code == 401
    assert client.get(path(promotion), headers=make.staff_headers(Permission.ORDERS_READ)).status_code == 403
    unknown = client.get(path(ids.new()), headers=headers())
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown-promotion")
