"""The shop in its surroundings as one simulation has them: who asks, what they were answered, what goes wrong."""

import contextvars
import hashlib
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from flask import Flask

from shopwright.commerce.accounts import access_tokens
from shopwright.commerce.accounts.models import SignIn
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.make import make_customer, make_staff
from tests.shopping import MERGE_PATCH, Shop, make_shop
from tests.simulation.faults import Crash, Faults, Wire, buried
from tests.simulation.model import Broken, Model, Purchase, Ware, must
from tests.simulation.provider import Provider

#: What may come of any request, by whichever fault was met on the way.
UNAVAILABLE = ("unavailable", "provider-unavailable")
REMEMBERED = timedelta(hours=23)
LAST_LINES = 40


@dataclass(frozen=True)
class Who:
    kind: access_tokens.AccountKind
    account_id: UUID
    sign_in_id: UUID


@dataclass(frozen=True)
class Asked:
    """A request that can be made again, to the letter."""

    method: str
    path: str
    body: Any = None
    key: str = ""
    who: Who | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Said:
    """An answer; its status is 0 when none reached the client."""

    status: int
    raw: bytes = b""
    #: The answer of a first request, kept: it says what was true then.
    is_replayed: bool = False

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw) if self.raw else None

    @property
    def code(self) -> str:
        """The name of the refusal, or what kind of answer it is."""
        return str(self.body["code"]) if self.status >= 400 else "unanswered" if not self.status else "done"


@dataclass
class Shopper:
    name: str
    who: Who | None = None
    cart: dict[str, Any] = field(default_factory=dict)
    purchases: list[Purchase] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    #: The last requests, to be made again.
    asked: deque[tuple[Asked, Callable[[Said], None]]] = field(default_factory=lambda: deque(maxlen=6))


@dataclass
class World:
    seed: int
    dice: random.Random
    ids: random.Random
    app: Flask
    settings: Settings
    provider: Provider
    faults: Faults
    log: deque[Any]
    step: int = 0
    depth: int = 0
    model: Model = field(default_factory=Model)
    shoppers: list[Shopper] = field(default_factory=list)
    #: Staff's requests without an answer, and how each is made again; that is done until they have one.
    unanswered: list[tuple[Asked, Callable[[], object]]] = field(default_factory=list)
    #: By cart: orders that had no answer, and how each is asked for again.
    ghosts: dict[str, Callable[[], object]] = field(default_factory=dict)
    history: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    outcomes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire = Wire(self.provider.app, self.faults, lambda: self.meanwhile())
        self.meanwhile: Callable[[], None] = lambda: None
        self._client = self.app.test_client()
        self._digest = hashlib.sha256()
        self._requests = 0
        self._answered: dict[Any, tuple[datetime, bytes]] = {}
        self.shop: Shop
        self.staff: Who

    def set_up(self) -> None:
        self.shop = make_shop()
        for number in range(6):
            price, stock = self.dice.randrange(100, 5000), self.dice.choice((2, 5, 20))
            ware_id = str(self.shop.product(price=price, stock_of=stock, title=f"Thing {number}"))
            self.model.wares[ware_id] = Ware(ware_id, price, stock)
        self.staff = _signed_in("staff", make_staff(*Permission).id)
        for number in range(3):
            self.shoppers.append(Shopper(f"guest {number}"))
            customer = make_customer(email=f"customer{number}@example.com")
            self.shoppers.append(Shopper(f"customer {number}", _signed_in("customer", customer.id)))

    def new_key(self) -> str:
        return str(UUID(int=self.ids.getrandbits(128), version=4))

    def note(self, line: str) -> None:
        line = f"{self.step:>6}{'  ' * self.depth} {line}"
        self.history.append(line)
        self._digest.update(line.encode())

    @property
    def fingerprint(self) -> str:
        """Of all that happened: two runs of one seed have the same."""
        return self._digest.hexdigest()

    def send(self, asked: Asked) -> Said:
        """Ask the shop. What no client may ever see is `Broken`."""
        self.model.latest = max(self.model.latest, clock.now())
        try:
            answer = self._open(asked)
        except Crash:
            buried()
            return Said(0)
        said = Said(answer.status_code, answer.data, "Idempotent-Replayed" in answer.headers)
        if said.status >= 500:
            self._judge_failure(asked, said)
        if said.code == "busy":
            must(self.faults.met, f"{asked.method} {asked.path} was busy, and nobody else there")
        if said.status == 429:
            raise Broken(f"{asked.method} {asked.path} was limited")
        if asked.key and said.status < 300:
            self._compare_with_the_first(asked, said)
        self.outcomes[said.code] = self.outcomes.get(said.code, 0) + 1
        if self.faults.take("answer"):
            return Said(0)
        return said

    def _open(self, asked: Asked) -> Any:
        self._requests += 1
        count = self._requests
        headers = dict(asked.headers)
        if asked.key:
            headers["Idempotency-Key"] = asked.key
        if asked.body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = MERGE_PATCH if asked.method == "PATCH" else "application/json"
        if asked.who:
            token = access_tokens.issue(
                asked.who.kind, asked.who.account_id, asked.who.sign_in_id, clock.now(), self.settings
            )
            headers["Authorization"] = f"Bearer {token}"
        data = asked.body if isinstance(asked.body, bytes | None) else msgspec.json.encode(asked.body)
        # Each comes from another address, so that no limit of one address is met.
        environ = {"REMOTE_ADDR": f"10.{count >> 16 & 255}.{count >> 8 & 255}.{count & 255}", "shopwright.strict": True}
        return self._client.open(asked.path, method=asked.method, data=data, headers=headers, environ_overrides=environ)

    def _judge_failure(self, asked: Asked, said: Said) -> None:
        if said.status == 503 and said.code == "provider-unavailable":
            return
        if said.status == 503 and said.code == "unavailable" and self.faults.may_be_unavailable:
            return
        if said.status == 502 and said.code == "provider-disagrees" and self.provider.has_lied:
            return
        raise Broken(
            f"{asked.method} {asked.path} was answered {said.status} {said.code}; faults met: {self.faults.met}"
        )

    def _compare_with_the_first(self, asked: Asked, said: Said) -> None:
        """The same key is the same answer, byte for byte, for as long as keys are kept."""
        name = (asked.key, asked.who, asked.headers, asked.method, asked.path)
        first = self._answered.setdefault(name, (clock.now(), said.raw))
        if clock.now() - first[0] > REMEMBERED:
            self._answered[name] = (clock.now(), said.raw)
            return
        must(
            first[1] == said.raw, f"{asked.method} {asked.path} with the key {asked.key} was answered twice differently"
        )

    def beside(self, work: Callable[[], None]) -> None:
        """Do it as if another process did, while somebody waits for the network."""
        contextvars.Context().run(work)


def _signed_in(kind: access_tokens.AccountKind, account_id: UUID) -> Who:
    with transaction():
        sign_in = SignIn(id=ids.new(), expires_at=clock.now() + timedelta(days=3650), **{f"{kind}_id": account_id})
        session.add(sign_in)
    return Who(kind, account_id, sign_in.id)
