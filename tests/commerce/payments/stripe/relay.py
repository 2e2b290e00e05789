"""Stands between the adapter and its counterparts: checks each request by stripe-mock, and has localstripe do it.

localstripe speaks a Stripe of 2017. The relay leaves out the parameters that it does not know (`NEWER`), writes the
amounts that its objects lack, and keeps idempotency keys, which it ignores. All that is Stripe's documented behaviour
and nothing of the adapter's; the parameters left out are what stripe-mock is there for.
"""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.commerce.payments.stripe.peers import call

NEWER = {"automatic_payment_methods", "return_url", "use_stripe_sdk", "setup_future_usage", "final_capture"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Asked:
    method: str
    path: str
    params: dict[str, str]
    key: str | None
    version: str | None


@dataclass
class Relay:
    """Answers what `upstream` (localstripe) does, or without it, what `checker` (stripe-mock) makes up."""

    upstream: str | None
    checker: str | None
    asked: list[Asked] = field(default_factory=list)
    refused: list[tuple[str, bytes]] = field(default_factory=list)
    loses_next: bool = False
    _answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _captured: dict[str, int] = field(default_factory=dict)

    def forget_keys(self) -> None:
        """As Stripe does after a day."""
        self._answers.clear()

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        url = urlsplit(target)
        params = dict(parse_qsl(body.decode() if body else url.query, keep_blank_values=True))
        key = headers.get("idempotency-key")
        self.asked.append(Asked(method, url.path, params, key, headers.get("stripe-version")))
        checked = self._check(method, target, body)
        if self.upstream is None:
            assert checked is not None
            return checked
        if method == "POST" and key in self._answers:
            return self._answers[key]
        answer = self._done(method, url.path, params)
        if method == "POST" and key:
            self._answers[key] = answer
        return answer

    def _check(self, method: str, target: str, body: bytes) -> tuple[int, bytes] | None:
        if self.checker is None:
            return None
        checked = call(method, self.checker + target, body, FORM if method == "POST" else None)
        if checked[0] >= 400:
            self.refused.append((f"{method} {target}", checked[1]))
        return checked

    def _done(self, method: str, path: str, params: dict[str, str]) -> tuple[int, bytes]:
        if method == "POST" and path == "/v1/setup_intents":
            return self._set_up(params)
        status, told = self._forward(method, path, self._known(method, params))
        if status == 200 and path.endswith("/capture"):
            self._captured[told["id"]] = int(params.get("amount_to_capture", told["amount"]))
        if status == 200 and params.get("setup_future_usage") and told["status"] == "succeeded":
            told["payment_method"] = self._attached(params["payment_method"], params["customer"])
        return status, json.dumps(self.renewed(told)).encode()

    def _set_up(self, params: dict[str, str]) -> tuple[int, bytes]:
        """In two requests and an attachment what Stripe does in one."""
        made = self._forward("POST", "/v1/setup_intents", {"customer": params["customer"], "usage": params["usage"]})[1]
        confirm = f"/v1/setup_intents/{made['id']}/confirm"
        status, told = self._forward("POST", confirm, {"payment_method": params["payment_method"]})
        if status == 200 and told["status"] == "succeeded":
            told["payment_method"] = self._attached(params["payment_method"], params["customer"])
        return status, json.dumps(told).encode()

    def _attached(self, method: str, customer: str) -> dict[str, Any]:
        return self._forward("POST", f"/v1/payment_methods/{method}/attach", {"customer": customer})[1]

    def _known(self, method: str, params: dict[str, str]) -> dict[str, str]:
        newer = NEWER | {"created"} if method == "GET" else NEWER
        return {name: value for name, value in params.items() if name.partition("[")[0] not in newer}

    def _forward(self, method: str, path: str, params: dict[str, str]) -> tuple[int, dict[str, Any]]:
        sent = urlencode(params)
        target = f"{path}?{sent}" if method == "GET" and sent else path
        body = sent.encode() if method != "GET" else b""
        status, answer = call(method, f"{self.upstream}{target}", body, FORM if method == "POST" else None)
        return status, json.loads(answer)

    def renewed(self, told: Any) -> Any:
        """The same object with the amounts that its successor of today has."""
        if isinstance(told, list):
            return [self.renewed(item) for item in told]
        if not isinstance(told, dict):
            return told
        told = {name: self.renewed(value) for name, value in told.items()}
        if told.get("object") == "charge":
            captured = self._captured.get(str(told["payment_intent"]), told["amount"])
            told["amount_captured"] = captured if told["captured"] else 0
        if told.get("object") == "payment_intent":
            is_open = told["status"] == "requires_capture"
            paid = self._captured.get(told["id"], told["amount"]) if told["status"] == "succeeded" else 0
            told |= {"amount_received": paid, "amount_capturable": told["amount"] if is_open else 0}
        return told


class Served:
    """A relay, or anything else with its `answer`, on a port of its own."""

    def __init__(self, answerer: Any) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = answerer.answer(self.command, self.path, body, headers)
                if answerer.loses_next:
                    answerer.loses_next = False
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_DELETE = do_any  # noqa: N815  the names are http.server's

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name is http.server's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
