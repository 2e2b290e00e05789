"""Answers what a test wrote down beforehand, in that order, and keeps what it was asked."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Scripted:
    script: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    seconds: float = 0.0
    loses_next: bool = False

    def says(self, *answers: tuple[int, Any]) -> None:
        self.script.extend(answers)

    def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        url = urlsplit(target)
        self.asked.append((method, url.path, dict(parse_qsl(body.decode() if body else url.query))))
        self.keys.append(headers.get("idempotency-key"))
        status, told = self.script.pop(0)
        time.sleep(self.seconds)
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()
