"""The payment provider in the simulation's own process: its truth, and its webhooks, kept until the dice say so."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask

from shopwright.embedded.psp import app as psp
from shopwright.embedded.psp import payments, refunds, webhooks
from shopwright.embedded.psp.models import Delivery, Payment, Refund
from shopwright.embedded.psp.settings import PspSettings, timings
from shopwright.embedded.psp.store import Store, now


class Provider:
    def __init__(self, folder: Path, secret: str, seed: int) -> None:
        self.folder, self.secret = folder, secret
        #: Whether any scenario has told of other amounts than there are.
        self.has_lied = False
        settings = PspSettings(
            secret=secret, data=str(folder), seed=str(seed), slow_seconds=0.0, hold_seconds=0.0, late_seconds=40.0
        )
        self.app: Flask = psp.create_app(settings, sends=False)
        self.store = Store(folder / psp.FILE, str(seed), timings(settings))
        self._client = self.app.test_client()

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def asked(self, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        """As its own staff ask it, or the buyer's bank does."""
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key, "Content-Type": "application/json"}
        answer = self._client.post(path, data=msgspec.json.encode(body), headers=headers)
        return answer.status_code, answer.get_json(silent=True)

    def takes_second_step(self, subject: str, *, succeeds: bool) -> int:
        """The buyer on the provider's page."""
        return self._client.post(
            f"/pay/{subject}", data={"outcome": "succeed" if succeeds else "fail"}
        ).status_code  # fmt: skip

    def decide_due(self) -> None:
        with self.store.desk() as desk:
            payments.decide_due(desk)
            refunds.decide_due(desk)

    def is_undecided(self) -> bool:
        with self.store.desk() as desk:
            waiting = "SELECT count(decides_at) FROM (SELECT decides_at FROM payments UNION ALL SELECT decides_at FROM refunds)"
            return bool(desk.value(waiting))

    def payments(self) -> list[Payment]:
        with self.store.desk() as desk:
            return desk.all(Payment, "1 ORDER BY rowid")

    def refunds(self) -> list[Refund]:
        with self.store.desk() as desk:
            return desk.all(Refund, "1 ORDER BY rowid")

    def moved(self) -> dict[str, int]:
        """What came in and stayed, in minor units, by the shop's id of the payment."""
        way = {"capture": 1, "refund": -1, "dispute": -1, "dispute_won": 1}
        totals: dict[str, int] = {}
        with self.store.desk() as desk:
            for row in desk.db.execute(
                "SELECT p.reference, m.kind, m.amount FROM movements m JOIN payments p ON p.id = m.payment_id"
            ):
                totals[row["reference"]] = totals.get(row["reference"], 0) + way[row["kind"]] * row["amount"]
        return totals

    def waiting(self) -> list[Delivery]:
        with self.store.desk() as desk:
            return desk.all(Delivery, "state = 'waiting' AND due_at <= ? ORDER BY seq", desk.now)

    def heard(self, delivery: Delivery) -> None:
        with self.store.desk() as desk:
            desk.db.execute("UPDATE deliveries SET state = 'heard' WHERE seq = ?", (delivery.seq,))

    def headers(self, delivery: Delivery) -> dict[str, str]:
        return webhooks.headers(delivery, self.secret, now() // 1_000_000)
