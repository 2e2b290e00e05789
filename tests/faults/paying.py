"""A running shop with a payment provider beside it, and what tests of payments ask both."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from shopwright.embedded.process import Server
from shopwright.embedded.psp import server as payment_provider
from shopwright.settings import Settings
from tests.faults.guest import Guest
from tests.faults.http import Answer, until
from tests.faults.running import RunningShop, tell_the_worker
from tests.faults.toxiproxy import Toxiproxy
from tests.make import staff_headers
from tests.paying import EVER, Psp, said

PSP_SECRET = "a-secret-of-the-payment-provider-for-tests"
#: What is late comes after a second. Answers that never come are held longer than the shop waits for them.
TIMINGS = {"PSP_LATE_SECONDS": "1", "PSP_RETRY_SECONDS": "0.2", "PSP_HOLD_SECONDS": "6"}
COMPLETE = "shopwright.commerce.payments.tasks.complete_payments"
EXPIRE = "shopwright.commerce.orders.tasks.expire_orders"


@dataclass
class PayingShop(RunningShop):
    """`psp_through` is the proxy on the way to the provider, whose webhooks go past it."""

    psp_through: Toxiproxy | None = None
    psp: Server = field(init=False)
    provider: Psp = field(init=False)

    def open(self) -> None:
        self.psp = payment_provider.launch(
            self.folder / "psp", secret=PSP_SECRET, shop_url=f"http://127.0.0.1:{self.port}", log=self._log("psp"),
            environment=TIMINGS,
        )  # fmt: skip
        self.provider = Psp(self.psp.url, PSP_SECRET)
        # Its logs are looked through as well.
        self.secrets |= {PSP_SECRET, "tok_"}
        super().open()

    def close(self) -> None:
        super().close()
        self.provider.http.close()
        self.psp.stop()

    @property
    def settings(self) -> Settings:
        return msgspec.structs.replace(super().settings, psp_url=self.psp.url, psp_secret=PSP_SECRET)

    def _told(self) -> dict[str, str]:
        port = urlsplit(self.psp.url).port or 0
        if self.psp_through:
            port = self.psp_through.stand_before("psp", port)
        return super()._told() | {
            "GIFT_CARD_TRIES_PER_MINUTE": "1000000",
            "PSP_URL": f"http://127.0.0.1:{port}", "PSP_SECRET": PSP_SECRET,
            # The merchants' systems of tests are here.
            "OUTBOUND_PRIVATE_HOSTS": "127.0.0.1",
        }  # fmt: skip

    def crash_psp(self) -> None:
        """SIGKILL to the provider; `psp.start()` brings it back with all that it knew."""
        self.psp.sweep()
        self.psp.stop()

    def buyer_with_an_order(self, *, stock_of: int = 10, quantity: int = 1, mug: UUID | None = None) -> Guest:
        buyer = self.buyer()
        buyer.fills_a_cart(mug or self.market.product(stock_of=stock_of), quantity=quantity)
        buyer.orders()
        return buyer

    def staff(self, method: str, path: str, body: Any, *permissions: str, key: str | None = None) -> Answer:
        headers = staff_headers(*permissions)
        if key:
            headers["Idempotency-Key"] = key
        return self.client.open(
            path, method, msgspec.json.encode(body), {**headers, "Content-Type": "application/json"}
        )

    # What became of the money, as each side sees it

    def payments(self, buyer: Guest) -> list[tuple[str, int, int]]:
        """Of the buyer's order, the oldest first: state, captured, refunded."""
        return [
            (str(state), int(captured), int(refunded))
            for state, captured, refunded in self.sql(
                "SELECT state, captured_amount, refunded_amount FROM payments WHERE order_id = %s ORDER BY id",
                buyer.order["id"],
            )
        ]

    def order(self, buyer: Guest) -> tuple[str, int, int]:
        """State, paid, refunded."""
        sql = "SELECT state, paid_amount, refunded_amount FROM orders WHERE id = %s"
        state, paid, refunded = self.sql(sql, buyer.order["id"])[0]
        return str(state), int(paid), int(refunded)

    def payment_ids(self, buyer: Guest) -> list[str]:
        rows = self.sql("SELECT id FROM payments WHERE order_id = %s ORDER BY id", buyer.order["id"])
        return [str(row[0]) for row in rows]

    def moved(self, buyer: Guest) -> list[tuple[str, int]]:
        """What the provider says that it moved for the buyer's order: kinds and amounts, fees left out."""
        ours = set(self.payment_ids(buyer))
        items = said(self.provider.http.get("/v1/movements", params=EVER), 200)["items"]
        return [
            (str(item["kind"]), int(item["amount"]))
            for item in items
            if item["payment_id"] in ours and item["kind"] != "fee"
        ]

    def timeline(self, buyer: Guest) -> list[str]:
        return [event["kind"] for event in buyer.looks_at_the_order()["timeline"]]

    def issues(self, buyer: Guest) -> list[str]:
        """The kinds of those about the buyer's order."""
        rows = self.sql("SELECT kind FROM payment_issues WHERE order_id = %s ORDER BY id", buyer.order["id"])
        return [str(row[0]) for row in rows]

    # Time

    def time_for_the_completer(self) -> None:
        """Whatever it waits for is due now, and it is sent at once."""
        for table in ("payments", "payment_operations"):
            self.sql(f"UPDATE {table} SET try_again_at = now() WHERE try_again_at > now()")
        tell_the_worker(COMPLETE, queue="default")

    def settles(self, buyer: Guest, *wanted: tuple[str, int, int], seconds: float = 30.0) -> None:
        """Wait until the buyer's payments are as `wanted`, with a completer whose time is always now."""
        looks = 0

        def is_so() -> bool:
            nonlocal looks
            if self.payments(buyer) == list(wanted) and not self.is_asking(buyer):
                return True
            looks += 1
            if looks % 10 == 0:
                self.time_for_the_completer()
            return False

        until(is_so, seconds, f"{self.payments(buyer)} become {wanted}")

    def is_asking(self, buyer: Guest) -> int:
        """How many operations of the buyer's payments are still to be done."""
        pending = (
            "payment_operations o JOIN payments p ON p.id = payment_id WHERE order_id = %s AND o.state = 'pending'"
        )
        return self.count(pending, buyer.order["id"])

    def a_minute_passes_for_keys(self) -> None:
        """A request that died holds its key for a minute."""
        self.sql(
            "UPDATE idempotency_keys SET locked_at = locked_at - interval '61 seconds' WHERE locked_at IS NOT NULL"
        )
