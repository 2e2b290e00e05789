"""A tax service as a process of its own; the path of its address chooses how it behaves."""

import contextlib
import http.client
import json
import sys
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from shopwright.embedded.process import QUIET_ENVIRONMENT, Server, free_port

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
SECRET = "a-secret-of-the-tax-service-for-tests"
#: 8.25 %, as in Austin.
PPM = 82_500
SLOW_SECONDS = 1.0


def launch(folder: Path) -> Server:
    """Start it on a free port; its `url` needs a path, such as `/fair`."""
    port = free_port(HOST)
    server = Server(
        name="Tax service", command=[sys.executable, "-m", "tests.tax_service", str(port)], log=folder / "tax.log",
        environment={**QUIET_ENVIRONMENT, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}, url=f"http://{HOST}:{port}",
        answers=partial(_answers, port),
    )  # fmt: skip
    server.start()
    return server


def asked(url: str) -> list[dict[str, Any]]:
    """What it was asked, oldest first, since this was last called."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.request("GET", "/asked")
    found: list[dict[str, Any]] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def _answers(port: int) -> bool:
    try:
        return asked(f"http://{HOST}:{port}") == []
    except OSError:
        return False


class Handler(BaseHTTPRequestHandler):
    questions: list[dict[str, Any]] = []

    def do_GET(self) -> None:
        seen, Handler.questions = Handler.questions, []
        self._say(200, seen)

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Handler.questions.append(question)
        if self.headers["Authorization"] != f"Bearer {SECRET}":
            self._say(401, {})
            return
        way = self.path.split("?")[0].strip("/")
        if way in ("down", "busy"):
            self._say({"down": 500, "busy": 429}[way], {})
        elif way == "nonsense":
            self._send(200, b"<html>Welcome to nginx</html>")
        elif way == "endless":
            self._send(200, b" " * 2_000_000)
        elif way == "drip":
            self._drip()
        else:
            if way == "slow":
                time.sleep(SLOW_SECONDS)
            self._say(200, _answer(question, way))

    def log_message(self, *_: object) -> None:
        """It is quiet."""

    def _say(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode())

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(20):
                self.wfile.write(b" ")
                time.sleep(SLOW_SECONDS / 10)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _answer(question: dict[str, Any], way: str) -> dict[str, Any]:
    parts = [
        {"id": line["id"], "tax": _tax(question, line["amount"]), "rate_ppm": PPM, "name": "Texas sales tax"}
        for line in question["lines"]
    ]
    if question["shipping"]:
        parts.append({"id": "shipping", "tax": 0, "rate_ppm": 0, "name": ""})
    if way == "short":
        parts.pop()
    if way == "greedy":
        parts[0]["tax"] = question["lines"][0]["amount"] + 1
    if way == "negative":
        parts[0]["tax"] = -1
    return {"currency": "XTS" if way == "foreign" else question["currency"], "parts": parts}


def _tax(question: dict[str, Any], amount: int) -> int:
    whole = 1_000_000 + PPM if question["prices_include_tax"] else 1_000_000
    return (2 * amount * PPM + whole) // (2 * whole)


if __name__ == "__main__":
    ThreadingHTTPServer((HOST, int(sys.argv[1])), Handler).serve_forever()
