"""Codes: chosen or made in numbers, listed, disabled; only where a promotion asks for one."""

from uuid import UUID

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from shopwright import cli
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions.rules import Code, Percentage
from shopwright.kit import ids
from shopwright.kit.transaction import reading, transaction
from tests import make

TEN = Percentage(ppm=100_000)


def headers() -> dict[str, str]:
    return make.staff_headers(Permission.PROMOTIONS_READ, Permission.PROMOTIONS_WRITE)


def path(promotion_id: UUID) -> str:
    return f"/v1/admin/promotions/{promotion_id}/codes"


@pytest.fixture
def promotion(app: object) -> UUID:
    return make.make_promotion(TEN, Code()).id


def test_a_code_is_added_in_capitals_listed_and_disabled(client: FlaskClient, promotion: UUID) -> None:
    added = client.post(path(promotion), json={"code": "summer-26"}, headers=headers())
    assert (added.status_code, added.get_json()["code"]) == (201, "SUMMER-26")
    assert client.delete(f"{path(promotion)}/Summer-26", headers=headers()).status_code == 204
    (listed,) = client.get(path(promotion), headers=headers()).get_json()["items"]
    assert listed["disabled_at"] is not None
    with reading():
        assert codes.after(promotion, "") == []


def test_a_code_exists_once_in_the_shop(client: FlaskClient, promotion: UUID) -> None:
    other = make.make_promotion(TEN, Code()).id
    assert client.post(path(promotion), json={"code": "SUMMER"}, headers=headers()).status_code == 201
    again = client.post(path(other), json={"code": "summer"}, headers=headers())
    assert (again.status_code, again.get_json()["code"]) == (409, "code-taken")


def test_a_promotion_that_asks_for_no_code_takes_none(client: FlaskClient, promotion: UUID) -> None:
    plain = make.make_promotion(TEN).id
    for refused in (
        client.post(path(plain), json={"code": "SUMMER"}, headers=headers()),
        client.post(f"{path(plain)}/batches", json={"count": 5}, headers=headers()),
    ):
        assert (refused.status_code, refused.get_json()["code"]) == (409, "takes-no-codes")
    assert client.post(path(ids.new()), json={"code": "SUMMER"}, headers=headers()).status_code == 404
    assert client.delete(f"{path(promotion)}/NOPE", headers=headers()).status_code == 404


@pytest.mark.parametrize(
    "body", [{"count": 0}, {"count": 100_001}, {"count": 1, "length": 9}, {"count": 1, "prefix": "Ä"}]
)
def test_a_batch_that_would_be_guessable_or_too_large_is_refused(
    client: FlaskClient, promotion: UUID, body: dict[str, object]
) -> None:
    assert client.post(f"{path(promotion)}/batches", json=body, headers=headers()).status_code == 422


def test_a_batch_has_as_many_different_codes_as_asked_without_letters_that_look_alike(
    client: FlaskClient, promotion: UUID
) -> None:
    made = client.post(f"{path(promotion)}/batches", json={"count": 25_000, "prefix": "vip-"}, headers=headers())
    assert made.get_json() == {"made": 25_000}
    with reading():
        found = [row.code for row in codes.usable(promotion)]
    assert len(set(found)) == 25_000
    assert {len(code) for code in found} == {14}
    assert not set("01IO") & {letter for code in found for letter in code.removeprefix("VIP-")}


def test_codes_that_exist_already_are_made_anew(promotion: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([1, 1, 2, 1, 3])
    monkeypatch.setattr(codes.secrets, "randbits", lambda bits: next(drawn))
    with transaction():
        assert list(codes.make_codes(promotion, 3)) == [2, 2, 3]


def test_the_command_line_makes_codes_and_prints_those_that_can_be_used(
    promotion: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_connected", lambda: None)
    made = CliRunner().invoke(cli.cli, ["make-codes", str(promotion), "--count", "7"])
    assert made.exit_code == 0, made.output
    printed = CliRunner().invoke(cli.cli, ["export-codes", str(promotion)]).output.split()
    assert len(set(printed)) == 7
