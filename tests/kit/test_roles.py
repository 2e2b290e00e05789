"""Two roles on a database of their own: whoever trades cannot rewrite what was traded."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import msgspec
import psycopg
import pytest
from flask import Flask
from psycopg import errors, sql
from sqlalchemy import make_url

from shopwright import app as shop
from shopwright.commerce.credit import service as credit
from shopwright.commerce.promotions import redeeming
from shopwright.commerce.promotions.offers import Redemption
from shopwright.commerce.promotions.rules import Percentage
from shopwright.kit import health, ledger, roles, schema
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.make import (
    make_channel,
    make_customer,
    make_location,
    make_price_list,
    make_priced_variant,
    make_promotion,
    make_staff,
    make_stocked_variant,
)

LEDGERS = [
    "audit_log", "book_postings", "credit_movements", "price_announcements", "price_history", "price_list_versions",
    "promotion_redemptions", "promotion_versions", "stock_movements",
]  # fmt: skip
CHANGES = ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}")


@dataclass
class Two:
    """A migrated database with an owner and an application's role."""

    settings: Settings
    application: str
    server: str

    def ask(self, statement: str, *, as_owner: bool = False) -> list[tuple[object, ...]]:
        url = self.settings.migration_database_url if as_owner else self.settings.database_url
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def two(settings: Settings) -> Iterator[Two]:
    name = uuid4().hex
    owner, application, database = f"owner_{name}", f"app_{name}", f"roles_{name}"
    url = make_url(settings.database_url).set(database=database)
    server = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        for role in (owner, application):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner))
        connection.execute(made)
        wanted = msgspec.structs.replace(
            settings,
            migration_database_url=url.set(username=owner).render_as_string(hide_password=False),
            database_url=url.set(username=application).render_as_string(hide_password=False),
        )
        try:
            schema.upgrade(wanted)
            yield Two(wanted, application, server)
        finally:
            shop.configure(settings)
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
            for role in (owner, application):
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def rewriting(table: str, two: Two) -> list[str]:
    """Every way to change the ledger, in words that would hit each row."""
    ((column,),) = two.ask(
        f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = 'at'", as_owner=True
    )
    return [change.format(table, column, column) for change in CHANGES]


def trade(two: Two) -> None:
    """A row in each ledger, written by the shop itself."""
    from shopwright.commerce.books import service as books
    from shopwright.commerce.books.models import Account, Kind
    from shopwright.kit import audit

    shop.configure(two.settings)
    make_stocked_variant({make_location().id: 3})
    make_priced_variant(channel := make_channel(), 100)
    make_price_list(channel)
    make_staff()
    promotion = make_promotion(Percentage(ppm=100_000))
    customer = make_customer()
    with transaction():
        given = Redemption(promotion_id=promotion.id, version=promotion.version, amount=100)
        redeeming.redeem(uuid4(), [given], [])
        credit.grant(customer.id, Money(100, "EUR"), "a test")
        books.post(Kind.PLACED, uuid4(), "EUR", {Account.RECEIVABLE: 100, Account.SALES: -100})
        audit.record("roles.tested", "/")


def test_the_application_trades_but_may_not_rewrite_a_ledger(two: Two) -> None:
    trade(two)
    assert ledger.tables() == LEDGERS
    for table in ledger.tables():
        before = two.ask(f"SELECT * FROM {table} ORDER BY 1")
        assert before
        for statement in rewriting(table, two):
            with pytest.raises(errors.InsufficientPrivilege):
                two.ask(statement)
        assert two.ask(f"SELECT * FROM {table} ORDER BY 1") == before


def test_an_owner_is_stopped_by_the_trigger(two: Two) -> None:
    trade(two)
    for table in ledger.tables():
        before = two.ask(f"SELECT * FROM {table} ORDER BY 1")
        for statement in rewriting(table, two):
            with pytest.raises(errors.RestrictViolation, match=f"{table} is append-only"):
                two.ask(statement, as_owner=True)
        assert two.ask(f"SELECT * FROM {table} ORDER BY 1") == before


def test_the_application_neither_disables_the_trigger_nor_makes_tables(two: Two) -> None:
    for statement in ("ALTER TABLE audit_log DISABLE TRIGGER USER", "CREATE TABLE mine ()", "DROP TABLE audit_log"):
        with pytest.raises(errors.InsufficientPrivilege):
            two.ask(statement)
    with pytest.raises(errors.InsufficientPrivilege):
        two.ask("UPDATE alembic_version SET version_num = '0000'")


def test_tables_that_come_later_and_rights_given_by_hand_are_set_right_by_the_next_migration(two: Two) -> None:
    two.ask("CREATE TABLE later (id bigint PRIMARY KEY)", as_owner=True)
    two.ask(f"GRANT ALL ON audit_log TO {two.application}", as_owner=True)
    two.ask(f"GRANT UPDATE (at) ON book_postings TO {two.application}", as_owner=True)
    two.ask("GRANT DELETE ON stock_movements TO PUBLIC", as_owner=True)
    with pytest.raises(errors.InsufficientPrivilege):
        two.ask("INSERT INTO later VALUES (1)")
    schema.upgrade(two.settings)
    two.ask("INSERT INTO later VALUES (1)")
    for statement in ("DELETE FROM audit_log", "UPDATE book_postings SET at = at", "DELETE FROM stock_movements"):
        with pytest.raises(errors.InsufficientPrivilege):
            two.ask(statement)


def test_readyz_warns_where_one_role_does_everything_and_only_there(two: Two, settings: Settings) -> None:
    shop.configure(two.settings)
    assert health.examine().warnings == []
    url = two.settings.migration_database_url
    shop.configure(msgspec.structs.replace(settings, database_url=url, migration_database_url=url))
    found = health.examine()
    (warning,) = found.warnings
    assert f"could rewrite {', '.join(LEDGERS)}" in warning
    assert (found.ready, found.degraded) == (True, False)


def test_a_role_that_does_not_exist_is_said_before_anything_is_migrated(two: Two) -> None:
    url = make_url(two.settings.database_url).set(username='no "body"').render_as_string(hide_password=False)
    wanted = msgspec.structs.replace(two.settings, database_url=url)
    with pytest.raises(roles.RoleMissing) as said:
        schema.upgrade(wanted)
    assert 'CREATE ROLE "no ""body""" LOGIN PASSWORD' in str(said.value)
    assert "Somebody who may create roles" in str(said.value)
    superuser = make_url(wanted.migration_database_url).set(username=make_url(two.server).username)
    wanted = msgspec.structs.replace(wanted, migration_database_url=superuser.render_as_string(hide_password=False))
    with pytest.raises(roles.RoleMissing, match="MIGRATION_DATABASE_URL's role may make it"):
        schema.upgrade(wanted)


def test_where_one_role_does_everything_nothing_is_granted(app: Flask, settings: Settings) -> None:
    assert roles.of_application(settings) is None
    same = msgspec.structs.replace(settings, migration_database_url=settings.database_url)
    assert roles.of_application(same) is None
