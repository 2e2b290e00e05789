"""What the verification does with any check: name, mend, keep, tell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shopwright import app as shop
from shopwright import cli
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import audit, clock, events, ids, metrics, outbox, tasks, verification
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, snapshot, transaction
from shopwright.kit.verification import CannotMend, Check
from tests.auditor import audit as audit_the_shop
from tests.drifts import force
from tests.make import make_location, make_staff, make_stocked_variant, staff_headers
from tests.shopping import make_shop

CHAIN, RECEIPTS, WAITING = (check.name for check in shop.checks.CHECKS)


@pytest.fixture
def own_checks(app: Flask) -> Iterator[None]:
    yield
    verification.use(shop.CHECKS)


def found(*names: str) -> list[tuple[str, str, str]]:
    """Check, what the row says, what the ledger says."""
    report = verification.examine(names or None)
    assert report.unchecked == []
    return [(drift.check, drift.row, drift.ledger) for drift in report.drifts]


def test_a_new_shop_has_no_drift(client: FlaskClient) -> None:
    make_shop().product()
    assert found() == []


def test_a_changed_and_a_removed_entry_of_the_audit_log_are_named(app: Flask) -> None:
    with transaction():
        for number in range(5):
            audit.record(f"tested.{number}", "/")
    with reading():
        entries = session.scalars(select(audit.AuditEntry.id).order_by(audit.AuditEntry.id)).all()
    assert found(CHAIN) == []
    force(f"UPDATE audit_log SET action = 'nothing' WHERE id = {entries[1]}", "audit_log")
    force(f"DELETE FROM audit_log WHERE id = {entries[3]}", "audit_log")
    report = verification.repair(verification.examine([CHAIN]))
    # What follows a changed entry still follows from its kept link; what follows a removed one does not.
    assert [drift.subject for drift in report.drifts] == [str(entries[1]), str(entries[4])]
    assert {drift.left for drift in report.drifts} == {"No entry could mend this; it needs somebody who looks."}
    assert "got past the trigger" in report.drifts[0].cause


def a_fact_that_was_heard() -> OutboxEntry:
    make_shop().product()
    outbox.drain()
    with reading():
        heard = select(OutboxEntry).where(OutboxEntry.id.in_(select(outbox.Receipt.event_id))).limit(1)
        return session.scalars(heard).one()


def test_a_fact_without_its_receipt_is_named(app: Flask) -> None:
    fact = a_fact_that_was_heard()
    assert found(RECEIPTS) == []
    # Its subscriber has heard others of the name before and since, so this one is missing.
    subscriber = next(iter(events.subscribers_of(fact.name)))
    with transaction():
        session.add(
            OutboxEntry(
                id=ids.new(), name=fact.name, aggregate_id=fact.aggregate_id, payload=fact.payload,
                emitted_at=clock.now(), delivered_at=clock.now(),
            )
        )  # fmt: skip
    assert (RECEIPTS, "delivered", f"no receipt of {subscriber}") in found(RECEIPTS)


def test_a_fact_that_waits_for_an_hour_is_named_unless_it_or_one_before_it_is_set_aside(app: Flask) -> None:
    aggregate, now = ids.new(), clock.now()
    first, second = (
        OutboxEntry(
            id=ids.new(), name="tests.Happened", aggregate_id=aggregate, payload={}, emitted_at=now - timedelta(hours=2)
        )
        for _ in range(2)
    )
    with transaction():
        session.add(first)
        session.flush()
        session.add(second)
    causes = [drift.cause for drift in verification.examine([WAITING]).drifts]
    assert causes == ["no relay has taken it: the worker or the clock does not run"] * 2
    with transaction():
        session.add(
            outbox.Failure(
                event_id=first.id, subscriber="tests.hear", tries=8, reason="?", try_again_at=now, set_aside_at=now
            )
        )
    assert found(WAITING) == []


def test_a_check_that_fails_keeps_no_other_from_being_made(own_checks: None) -> None:
    verification.use(
        [
            Check("broken", "SELECT nonsense"),
            Check("always", "SELECT 'a', 1, 2, 'because'"),
            Check("never", "SELECT 1 WHERE false"),
        ]
    )
    report = verification.examine()
    assert [(failed.check, failed.reason) for failed in report.unchecked] == [("broken", "ProgrammingError")]
    assert [(drift.check, drift.subject, drift.row, drift.ledger) for drift in report.drifts] == [
        ("always", "a", "1", "2")
    ]


def test_what_cannot_be_mended_is_left_and_said_and_changes_nothing(own_checks: None) -> None:
    def refuse(subject: str) -> str:
        audit.record("half.done", subject)
        raise CannotMend("Count the stock.")

    def fail(subject: str) -> str:
        audit.record("half.done", subject)
        session.execute(text("SELECT nonsense"))
        return "mended"

    drift = "SELECT 'a', 1, 2, 'because'"
    verification.use(
        [Check("refuses", drift, refuse), Check("fails", drift, fail), Check("gone", drift, lambda _: None)]
    )
    report = verification.repair(verification.examine())
    assert [(drift.mended, drift.left) for drift in report.drifts] == [
        ("", "Count the stock."),
        ("", "The repair failed: ProgrammingError; the log has more."),
        ("it had gone meanwhile", ""),
    ]
    with reading():
        assert session.scalars(audit.entries()).all() == []


def test_a_look_at_everything_changes_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="may not change anything"), snapshot():
        session.add(OutboxEntry(id=ids.new(), name="x", aggregate_id=ids.new(), payload={}, emitted_at=clock.now()))
        session.flush()
    with pytest.raises(DBAPIError), snapshot():
        session.execute(text("SELECT nonsense"))


def drifted_level() -> None:
    make_stocked_variant({make_location().id: 3})
    force("UPDATE stock_levels SET on_hand = 5")


def test_the_nightly_run_is_kept_told_and_shown_to_staff(client: FlaskClient) -> None:
    headers = staff_headers(Permission.SYSTEM_READ)
    assert client.get("/v1/admin/verification", headers=headers).get_json() == {"last_run": None}
    drifted_level()
    tasks.verify()
    run = client.get("/v1/admin/verification", headers=headers).get_json()["last_run"]
    (drift,) = run["drifts"]
    assert (run["found"], run["unchecked"]) == (1, [])
    assert (drift["row"], drift["ledger"], drift["mended"]) == ("5", "3", "")
    told = metrics.exposition().decode()
    assert 'verification_drifts{check="inventory: on_hand is the sum of the movements (I1)"} 1.0' in told
    assert 'verification_drifts{check="inventory: nothing is held beyond its time (I9)"} 0.0' in told
    with reading():
        (entry,) = session.scalars(audit.entries().where(audit.AuditEntry.action == "verification.run")).all()
        assert (entry.actor_kind, entry.facts["drifts"]) == ("system", 1)


def test_the_last_run_is_for_staff_who_may_see_the_system(client: FlaskClient) -> None:
    assert client.get("/v1/admin/verification").status_code == 401
    member = make_staff(Permission.AUDIT_READ)
    assert client.get("/v1/admin/verification", headers=staff_headers(member=member)).status_code == 403


@pytest.fixture
def verify(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    # The test's own connection is the one that holds its rows; a new engine would see another moment.
    monkeypatch.setattr(cli, "_connected", lambda **_: None)
    return CliRunner()


def test_the_command_names_the_drift_mends_it_and_finds_nothing_again(verify: CliRunner) -> None:
    assert verify.invoke(cli.cli, ["verify"]).exit_code == 0
    drifted_level()
    named = verify.invoke(cli.cli, ["verify"])
    assert named.exit_code == 1
    assert "the row says 5, the ledger 3: on_hand was changed without a movement" in named.output
    assert "1 drifts, 0 mended, 1 left." in named.output
    mended = verify.invoke(cli.cli, ["verify", "--repair"])
    assert (mended.exit_code, "mended: a movement of +2" in mended.output) == (0, True)
    again = verify.invoke(cli.cli, ["verify", "--repair", "--json"])
    assert (again.exit_code, msgspec.json.decode(again.output)["drifts"]) == (0, [])
    audit_the_shop()


def test_the_command_says_when_it_could_not_check(verify: CliRunner, own_checks: None) -> None:
    verification.use([Check("broken", "SELECT nonsense")])
    failed = verify.invoke(cli.cli, ["verify"])
    assert (failed.exit_code, "broken: could not be checked (ProgrammingError)" in failed.output) == (2, True)


def test_without_the_database_the_answer_is_still_json_and_the_log_stands_beside_it() -> None:
    command = [sys.executable, "-m", "shopwright.cli", "verify", "--json"]
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    answer = msgspec.json.decode(ended.stdout)
    assert (ended.returncode, answer["drifts"]) == (2, [])
    assert {failed["reason"] for failed in answer["unchecked"]} == {"Unavailable"}
    assert len(answer["unchecked"]) == len(shop.CHECKS)
    assert "could not check" in ended.stderr
