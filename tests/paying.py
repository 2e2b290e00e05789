"""The development payment provider as a test meets it: its API, and its webhooks, posted by hand to the shop."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from flask.testing import FlaskClient

from shopwright.kit import clock

Webhook = dict[str, Any]
WEBHOOKS = "/v1/webhooks/payments/development"
EVER = {"since": "2000-01-01T00:00:00+00:00", "until": "2999-01-01T00:00:00+00:00"}


@dataclass
class Psp:
    url: str
    secret: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.secret}"}, trust_env=False, timeout=15
        )

    def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        return self.http.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})

    def asks_to_pay(
        self, token: str = "tok_success", amount: int = 1000, key: str | None = None, **more: Any
    ) -> httpx.Response:
        return self.post("/v1/payments", {"amount": amount, "currency": "EUR", "token": token, **more}, key)

    def pays(self, token: str = "tok_success", amount: int = 1000, **more: Any) -> dict[str, Any]:
        return said(self.asks_to_pay(token, amount, **more), 201)

    def payment(self, reference: str) -> dict[str, Any]:
        return said(self.http.get("/v1/payments", params={"reference": reference}), 200)

    def captures(self, payment: dict[str, Any], amount: int, *, final: bool = True, key: str | None = None) -> Any:
        body = {"amount": amount, "currency": payment["currency"], "final": final}
        return self.post(f"/v1/payments/{payment['id']}/capture", body, key)

    def refunds(self, payment: dict[str, Any], amount: int, *, key: str | None = None) -> httpx.Response:
        """Without a `key` it is a refund that was made at the provider, which the shop never asked for."""
        body = {"payment_id": payment["id"], "amount": amount, "currency": payment["currency"], "reference": key}
        return self.post("/v1/refunds", body, key)

    def decides(self, kind: str, its_id: str, outcome: str = "succeed") -> dict[str, Any]:
        """Decides at once what is pending: of the `payments` or the `refunds`."""
        return said(self.post(f"/v1/{kind}/{its_id}/decide", {"outcome": outcome}), 200)

    def disputes(self, payment: dict[str, Any], state: str = "open") -> dict[str, Any]:
        return said(self.post(f"/v1/payments/{payment['id']}/dispute", {"state": state}), 200)

    def takes_the_second_step(self, action_url: str, outcome: str = "succeed") -> None:
        """As the buyer does on the provider's page."""
        answer = self.http.post(action_url, data={"outcome": outcome})
        assert answer.status_code in (200, 303), answer.text

    def webhooks(self, reference: str) -> list[Webhook]:
        """All webhooks about the shop's payment of that id, oldest first, signed by the shop's clock."""
        asked = {"reference": reference, "at": int(clock.now().timestamp())}
        return list(said(self.http.get("/v1/webhooks", params=asked), 200)["items"])

    def delivers(self, shop: FlaskClient, reference: str) -> list[int]:
        """Posts to the shop what was not posted yet about that payment; answers with the shop's statuses."""
        return [self.posts(shop, webhook) for webhook in self.webhooks(reference) if webhook["state"] == "waiting"]

    def posts(self, shop: FlaskClient, webhook: Webhook) -> int:
        """Posts this one, whether or not it was posted before."""
        status = shop.post(WEBHOOKS, data=webhook["body"], headers=webhook["headers"]).status_code
        assert self.http.post(f"/v1/webhooks/{webhook['seq']}/heard").status_code == 204
        return status


def said(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.json())
