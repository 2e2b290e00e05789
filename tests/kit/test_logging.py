import logging as stdlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shopwright.kit import clock, logging
from shopwright.kit.money import Money

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
CARD = "4111111111111111"
Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    before = structlog.get_config()
    handlers = stdlib.getLogger().handlers[:]
    structlog.contextvars.clear_contextvars()
    logging.configure(json=True)
    with clock.held_at(NOON):
        yield
    structlog.contextvars.clear_contextvars()
    structlog.configure(**before)
    stdlib.getLogger().handlers[:] = handlers


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    return lambda: [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]


def masked(**facts: Any) -> dict[str, Any]:
    return dict(logging._masked(None, "", facts))


def test_a_fact_is_one_line_of_json(written: Written) -> None:
    structlog.contextvars.bind_contextvars(request_id="abc")
    logging.get("orders").info("expired", order_id=ID, total=Money(5, "EUR"), at_noon=NOON, tries=(1, 2))
    assert written() == [
        {
            "event": "expired",
            "level": "info",
            "log": "orders",
            "request_id": "abc",
            "at": "2026-03-01T12:00:00Z",
            "order_id": str(ID),
            "total": {"amount": 5, "currency": "EUR"},
            "at_noon": "2026-03-01T12:00:00Z",
            "tries": [1, 2],
        }
    ]


def test_details_for_debugging_are_not_written(written: Written) -> None:
    logging.get("x").debug("detail")
    assert written() == []


def test_security_events_have_a_log_of_their_own(written: Written) -> None:
    structlog.contextvars.bind_contextvars(request_id="abc")
    logging.security("sign_in.refused", account_id=ID)
    assert written() == [
        {
            "event": "sign_in.refused",
            "level": "info",
            "log": "security",
            "request_id": "abc",
            "at": "2026-03-01T12:00:00Z",
            "account_id": str(ID),
        }
    ]


@pytest.mark.parametrize(
    "key",
    ["email", "name", "first_name", "phone", "shipping_address", "password", "new_password", "token",
     "refresh_token", "Authorization", "Cart-Token", "card", "card_number", "Set-Cookie", "client_secret"],
)  # fmt: skip
def test_personal_and_secret_values_are_masked_by_key(key: str) -> None:
    assert masked(**{key: "x"}) == {key: "[redacted]"}
    assert masked(**{key: {"deep": ["x"]}}) == {key: "[redacted]"}
    assert masked(body=[{key: "x", "other": 1}]) == {"body": [{key: "[redacted]", "other": 1}]}


@pytest.mark.parametrize("key", ["event", "filename", "mailing", "discard", "order_id", "tokens_left"])
def test_other_words_are_not_masked(key: str) -> None:
    assert masked(**{key: "x"}) == {key: "x"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CARD, "[redacted]"),
        ("paid with 4111 1111 1111 1111 today", "paid with [redacted] today"),
        ("4111-1111-1111-1111", "[redacted]"),
        ("x378282246310005y", "x[redacted]y"),
        ("6304000000000000000", "[redacted]"),
        ("4111111111111112", "4111111111111112"),
        ("411111111111", "411111111111"),
        ("Key (email)=(ann.b+c@shop.example) exists", "Key (email)=([redacted]) exists"),
        ("@", "@"),
    ],
)
def test_cards_and_addresses_are_masked_wherever_they_stand(text: str, shown: str) -> None:
    assert masked(note=text) == {"note": shown}
    assert masked(notes=[{"note": text}]) == {"notes": [{"note": shown}]}


def test_a_card_that_is_a_number_or_a_key_is_masked() -> None:
    assert masked(paid=int(CARD)) == {"paid": "[redacted]"}
    assert masked(paid={CARD: 1}) == {"paid": {"[redacted]": 1}}


def test_what_an_exception_says_is_masked(written: Written) -> None:
    try:
        raise ValueError(f"no card {CARD}")
    except ValueError as fault:
        logging.get("x").error("failed", exc_info=fault)
    (entry,) = written()
    assert entry["exception"].startswith("Traceback")
    assert entry["exception"].endswith("ValueError: no card [redacted]")


def test_libraries_write_the_same_way(written: Written) -> None:
    stdlib.getLogger("some.library").warning("paid %s by %s", CARD, "a@b.example")
    (entry,) = written()
    assert entry == {
        "event": "paid [redacted] by [redacted]",
        "level": "warning",
        "log": "some.library",
        "at": "2026-03-01T12:00:00Z",
    }


@pytest.mark.parametrize("json", [True, False])
def test_a_line_break_does_not_begin_a_line(json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure(json=json)
    logging.get("x\ny").info("tried\n{}\r\n", path="/a\n2026 info\x1b[31m forged", **{"k\nk": 1})
    written = capsys.readouterr().out
    assert written.count("\n") == 1 and written.endswith("\n")
    assert "\r" not in written and "\x1b" not in written


def test_a_line_for_a_developer_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure(json=False)
    logging.get("x").info("paid", email="a@b.example", order=7)
    assert capsys.readouterr().out == "2026-03-01 12:00:00+00:00 info x 'paid' email='[redacted]' order=7\n"


class Broken:
    def __str__(self) -> str:
        raise RuntimeError


def test_what_cannot_be_said_is_described(written: Written) -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    logging.get("x").info("odd", a=b"secret", b=Broken(), c=2**70, d="\udc80", e=float("nan"), f=endless)
    (entry,) = written()
    assert entry["a"] == "(6 bytes)"
    assert entry["b"] == "(Broken)"
    assert entry["c"] == str(2**70)
    assert entry["d"] == "\\udc80"
    assert entry["e"] is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(CARD),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), anything))
def test_whatever_is_logged_becomes_one_line_without_the_card(facts: dict[str, Any]) -> None:
    line = logging._as_json(None, "", logging._masked(None, "", facts))
    assert CARD.encode() not in line
    assert b"\n" not in line


def test_i13_the_row_that_the_database_refused_is_not_written(written: Written) -> None:
    fault = RuntimeError(
        'new row violates check constraint "refunded"\n'
        "DETAIL:  Failing row contains (7, Ada Lovelace,\nBERLIN).\n[SQL: UPDATE orders]"
    )
    try:
        raise fault
    except RuntimeError:
        logging.get("web").error("failed", exc_info=True)
    (entry,) = written()
    assert "Lovelace" not in entry["exception"]
    assert "BERLIN" not in entry["exception"]
    assert entry["exception"].endswith('"refunded"\nDETAIL: (left out)\n[SQL: UPDATE orders]')
