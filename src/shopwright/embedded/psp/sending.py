"""Sends the webhooks until the shop takes them, and decides what is pending when its time has come."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from shopwright.embedded.psp import payments, refunds, webhooks
from shopwright.embedded.psp.models import Delivery
from shopwright.embedded.psp.store import Store, now
from shopwright.kit.logging import get

PATH = "/v1/webhooks/payments/development"
PARALLEL = 50
LOOK_SECONDS = 0.2
ANSWER_SECONDS = 10.0
MOST_ATTEMPTS = 12

log = get("psp")


class Sender:
    """Rows that wait are sent after a restart too. A payment's own are sent one after the other, copies in parallel."""

    def __init__(self, store: Store, shop_url: str, secret: str) -> None:
        self.store, self.shop_url, self.secret = store, shop_url.rstrip("/"), secret
        self._awake = threading.Event()
        self._under_way: dict[int, Delivery] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(PARALLEL)
        self._client = httpx.Client(timeout=ANSWER_SECONDS, limits=httpx.Limits(max_connections=PARALLEL))

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="sender").start()

    def wake(self) -> None:
        self._awake.set()

    def _run(self) -> None:
        while True:
            try:
                self._look()
            except Exception as fault:
                log.error("look failed", exc_info=fault)
            self._awake.wait(LOOK_SECONDS)
            self._awake.clear()

    def _look(self) -> None:
        with self.store.desk() as desk:
            payments.decide_due(desk)
            refunds.decide_due(desk)
            due = desk.all(Delivery, "state = 'waiting' AND due_at <= ? ORDER BY due_at, seq", desk.now)
        if not self.shop_url:
            return
        for delivery in due:
            if self._may_go(delivery):
                self._pool.submit(self._send, delivery)

    def _may_go(self, delivery: Delivery) -> bool:
        with self._lock:
            same = [other for other in self._under_way.values() if other.subject == delivery.subject]
            if delivery.seq in self._under_way or any(other.event_id != delivery.event_id for other in same):
                return False
            self._under_way[delivery.seq] = delivery
            return True

    def _send(self, delivery: Delivery) -> None:
        try:
            answer = self._ask(delivery)
            with self.store.desk() as desk:
                attempts = delivery.attempts + 1
                wait = webhooks.back_off(desk.timings.retry_seconds, attempts, desk.seed, delivery)
                desk.db.execute(
                    "UPDATE deliveries SET attempts = ?, last_answer = ?, state = ?, due_at = ? WHERE seq = ?",
                    (attempts, answer, _state_after(delivery, answer, attempts), desk.later(wait), delivery.seq),
                )
        except Exception as fault:
            log.error("webhook not sent", event_id=delivery.event_id, exc_info=fault)
        finally:
            with self._lock:
                del self._under_way[delivery.seq]
            self.wake()

    def _ask(self, delivery: Delivery) -> str:
        """The status that the shop answered with, or why it did not."""
        headers = webhooks.headers(delivery, self.secret, now() // 1_000_000)
        try:
            return str(self._client.post(f"{self.shop_url}{PATH}", content=delivery.body, headers=headers).status_code)
        except httpx.HTTPError as fault:
            return type(fault).__name__


def _state_after(delivery: Delivery, answer: str, attempts: int) -> str:
    if answer.startswith("2"):
        return "heard"
    # Nobody who forges or plays a recording asks for long.
    return "given_up" if delivery.flaw or attempts >= MOST_ATTEMPTS else "waiting"
