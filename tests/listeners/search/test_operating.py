"""What an operator sees of the index, and does about it."""

from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import text

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import commands, indexing, states
from tests.listeners.search.conftest import Find, Shop, index
from tests.make import staff_headers

PATH = "/v1/admin/search/dead-letters"


def metric(client: FlaskClient, name: str) -> float:
    lines = client.get("/metrics").get_data(as_text=True).splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name} ")]
    return float(line.split()[1])


def bury(product_id: UUID) -> None:
    """As if it had been refused too often."""
    with transaction():
        (version,) = [version for id_, version in states.claim(10).items() if id_ == product_id]
        for _ in range(states.TRIES):
            states.refuse({product_id: version}, [(product_id, "en", "too odd")])


def test_the_metrics_say_how_far_the_index_lags_behind(client: FlaskClient, shop: Shop) -> None:
    with clock.held_at(clock.now()):
        assert metric(client, "search_index_lag_seconds") == 0
        shop.sells("Mug")
        outbox.drain()
        clock.advance(timedelta(seconds=42))
        assert metric(client, "search_index_lag_seconds") == 42
        indexing.run()
        assert metric(client, "search_index_lag_seconds") == 0


def test_what_was_refused_too_often_is_listed_counted_and_tried_again(client: FlaskClient, shop: Shop) -> None:
    index()
    product_id, _ = shop.sells("Mug")
    outbox.drain()
    bury(product_id)
    reader, writer = staff_headers(Permission.SEARCH_READ), staff_headers(Permission.SEARCH_WRITE)
    assert metric(client, "search_dead_letters") == 1
    (letter,) = client.get(PATH, headers=reader).get_json()["items"]
    assert (letter["product_id"], letter["locale"], letter["reason"]) == (str(product_id), "en", "too odd")
    assert indexing.run() == 0
    for wanted, status in ((product_id, 204), (ids.new(), 404)):
        key = {"Idempotency-Key": str(ids.new())}
        assert client.post(f"{PATH}/{wanted}/retry", headers=writer | key).status_code == status
    assert indexing.run() == 1
    assert client.get(PATH, headers=reader).get_json()["items"] == []
    assert metric(client, "search_dead_letters") == 0


def test_dead_letters_are_for_staff_who_look_after_search(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers=staff_headers(Permission.SEARCH_WRITE)).status_code == 403
    key = {"Idempotency-Key": str(ids.new())}
    refused = client.post(f"{PATH}/{ids.new()}/retry", headers=staff_headers(Permission.SEARCH_READ) | key)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("command", "exit_code", "said"),
    [
        (commands.reindex, 0, "it is rebuilt in place.\n1 products were indexed."),
        (commands.rollback, 1, "PostgreSQL has no index beside the one in use."),
        (commands.drop_kept, 1, "PostgreSQL has no index beside the one in use."),
    ],
)
def test_postgresql_has_no_index_beside_the_one_in_use_and_says_so(
    shop: Shop, command: object, exit_code: int, said: str
) -> None:
    shop.sells("Mug")
    index()
    # This process is connected already.
    typed = CliRunner().invoke(command, obj=lambda: None)  # type: ignore[arg-type]  # click types its own decorators loosely
    assert (typed.exit_code, said in typed.output) == (exit_code, True), typed.output


def test_a_rebuild_weighs_and_learns_all_words_anew(shop: Shop, find: Find) -> None:
    shop.sells("Teapot")
    index()
    with transaction():
        session.execute(text("DELETE FROM search_words"))
        session.execute(text("UPDATE search_documents SET plain = '', stemmed = ''"))
    typed = CliRunner().invoke(commands.rebuild, obj=lambda: None)
    assert (typed.exit_code, typed.output) == (0, "1 products were indexed.\n")
    assert (find("teapot")["total"], find("taepot")["total"]) == (1, 1)
