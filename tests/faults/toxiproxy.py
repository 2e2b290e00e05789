"""Toxiproxy (https://github.com/Shopify/toxiproxy, v2.5.0): a network that can be made bad. `make peers` fetches it."""

import http.client
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shopwright.embedded.process import Server, free_port

PROGRAM = "toxiproxy-v2.5.0"
WHY_NOT = f"{PROGRAM} is not here: `make peers` fetches it, and needs Go"


def find_program() -> Path | None:
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shopwright" / "peers" / PROGRAM
    if kept.exists():
        return kept
    on_path = shutil.which(PROGRAM)
    return Path(on_path) if on_path else None


def needed() -> Path:
    """The program; without it the test is skipped, or fails where CI could have fetched it."""
    program = find_program()
    if program is None:
        if os.environ.get("CI") and shutil.which("go"):
            pytest.fail(WHY_NOT)
        pytest.skip(WHY_NOT)
    return program


@dataclass
class Toxiproxy:
    server: Server
    port: int

    @classmethod
    def start(cls, program: Path, folder: Path) -> "Toxiproxy":
        port = free_port()
        command = [program, "-host", "127.0.0.1", "-port", str(port)]
        folder.mkdir(parents=True, exist_ok=True)
        toxiproxy = cls(Server("Toxiproxy", command, folder / "toxiproxy.log"), port)
        toxiproxy.server.answers = toxiproxy._answers
        toxiproxy.server.start()
        return toxiproxy

    def stand_before(self, name: str, port: int) -> int:
        """A proxy of that name to a local port; the port that it listens on."""
        if found := self._ask("GET", "/proxies").get(name):
            return int(found["listen"].rpartition(":")[2])
        wanted = {"name": name, "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{port}"}
        return int(self._ask("POST", "/proxies", wanted)["listen"].rpartition(":")[2])

    @contextmanager
    def poisoned(self, name: str, kind: str, *, stream: str = "downstream", toxicity: float = 1.0, **more: Any
                 ) -> Iterator[None]:  # fmt: skip
        """Have all that goes by this proxy suffer (latency, timeout, reset_peer, …) while the block runs."""
        toxic = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "toxicity": toxicity, "attributes": more}
        self._ask("POST", f"/proxies/{name}/toxics", toxic)
        try:
            yield
        finally:
            self._ask("DELETE", f"/proxies/{name}/toxics/{toxic['name']}")

    @contextmanager
    def cut(self, name: str) -> Iterator[None]:
        """End all connections and refuse new ones while the block runs."""
        self._ask("POST", f"/proxies/{name}", {"enabled": False})
        try:
            yield
        finally:
            self._ask("POST", f"/proxies/{name}", {"enabled": True})

    def _answers(self) -> bool:
        try:
            self._ask("GET", "/version")
        except OSError:
            return False
        return True

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, msgspec.json.encode(body) if body is not None else None)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, said
        return msgspec.json.decode(said) if said.startswith(b"{") else None
