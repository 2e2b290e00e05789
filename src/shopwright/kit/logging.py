"""One line a fact, in JSON, without personal data: what we log, and libraries, is masked on its way."""

import logging as stdlib
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger

from shopwright.kit import clock

REDACTED = "[redacted]"
PERSONAL_WORDS = frozenset({
    "email", "mail", "name", "firstname", "lastname", "surname", "phone", "mobile", "birthday", "birthdate",
    "address", "street", "city", "postcode", "zip", "iban", "bic", "card", "cvc", "cvv", "pan",
    "password", "passwd", "secret", "token", "authorization", "cookie", "credential", "credentials",
})  # fmt: skip
DEEPEST = 6
OTHER_CHARACTERS = re.compile(r"[^a-z0-9]+")
CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", re.ASCII)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}")
#: From the word to the next line that is the database's or Python's own.
DETAIL = re.compile(r"DETAIL:.*?(?=\n(?:[A-Z]+:|\[SQL|\(Background|Traceback|The above|During|[\w.]+:)|\Z)", re.DOTALL)
ESCAPED = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
LARGEST_INTEGER = 2**63 - 1
PLAIN = (type(None), bool, float, date, time, UUID, Decimal)


_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class _FromLibraries(stdlib.Handler):
    """Takes what libraries log in Python's own way through the same processors as ours."""

    def emit(self, record: stdlib.LogRecord) -> None:
        try:
            get(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)
        except Exception:
            self.handleError(record)


def configure(json: bool, *, aside: bool = False) -> None:
    """Log to the standard output: lines of JSON, or plain lines for a developer's eye.

    `aside`: to the standard error, for a command whose output is its answer.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _traced,
            structlog.processors.add_log_level,
            _dated,
            structlog.processors.format_exc_info,
            _without_rows,
            _masked,
            _as_json if json else _as_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(stdlib.INFO),
        # Looked up anew each time: tests exchange them.
        logger_factory=lambda *_: structlog.BytesLogger((sys.stderr if aside else sys.stdout).buffer),
        cache_logger_on_first_use=False,
    )
    root = stdlib.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _FromLibraries)]:
        root.removeHandler(handler)
    root.addHandler(_FromLibraries())


def get(name: str) -> FilteringBoundLogger:
    """A logger: `get("orders").info("expired", order_id=...)`. The event is a constant, facts are keywords.

    Keywords that have a word like `name` or `email` in them are masked: call what may be seen something else.
    """
    return cast(FilteringBoundLogger, structlog.get_logger(log=name))


def of_request(request_id: str | None) -> None:
    """What is logged in this thread from now on belongs to this request, or to none."""
    _request_id.set(request_id)


def security(event: str, **facts: object) -> None:
    """Write to the security log: who (an id), what, on what. When and in which request are added."""
    get("security").info(event, **facts)


def _traced(_: object, __: str, entry: EventDict) -> EventDict:
    if request_id := _request_id.get():
        entry.setdefault("request_id", request_id)
    return entry


def _dated(_: object, __: str, entry: EventDict) -> EventDict:
    entry["at"] = clock.now()
    return entry


def _without_rows(_: object, __: str, entry: EventDict) -> EventDict:
    # The database explains a fault with the row that it refused, and a row may hold a customer or a secret.
    if isinstance(trace := entry.get("exception"), str) and "DETAIL:" in trace:
        entry["exception"] = DETAIL.sub("DETAIL: (left out)", trace)
    return entry


def _masked(_: object, __: str, entry: EventDict) -> EventDict:
    return cast(EventDict, _mapping(entry, 0))


def _as_json(_: object, __: str, entry: EventDict) -> bytes:
    return msgspec.json.encode(entry)


def _as_line(_: object, __: str, entry: EventDict) -> bytes:
    trace = entry.pop("exception", None)
    first = " ".join(str(entry.pop(key, "")) for key in ("at", "level", "log"))
    facts = "".join(f" {key}={value!r}" for key, value in entry.items() if key != "event")
    lines = [
        f"{first} {entry.get('event')!r}{facts}",
        *(f"    {line}" for line in (trace or "").splitlines()),
    ]
    # What a client sent must neither begin a new entry nor command a terminal.
    return "\n".join(line.translate(ESCAPED) for line in lines).encode()


def _mapping(facts: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    said = {}
    judge = _judged if depth else _known
    for key, value in facts.items():
        name, is_personal = judge(str(key))
        said[name] = REDACTED if is_personal else _value(value, depth + 1)
    return said


def _judged(key: str) -> tuple[str, bool]:
    """How a key is written down, and whether what it stands for is personal."""
    return _text(key), not PERSONAL_WORDS.isdisjoint(OTHER_CHARACTERS.split(key.lower()))


#: Keywords are few, and the same in each line. What stands deeper may be a stranger's.
_known = lru_cache(maxsize=1024)(_judged)


def _value(value: Any, depth: int) -> Any:
    """The value as JSON can say it, masked. Never raises: a log line must not fail what it tells of."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, int):
        said = _text(str(value))
        return said if said == REDACTED or abs(value) > LARGEST_INTEGER else value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(value)} bytes)"
    if depth > DEEPEST:
        return "(deeper)"
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(item, depth + 1) for item in value]
    return _text(_described(value))


def _described(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"({type(value).__qualname__})"


def _text(text: str) -> str:
    text = CARD.sub(lambda run: REDACTED if is_card_number(run[0]) else run[0], text)
    if "@" in text:
        text = EMAIL.sub(REDACTED, text)
    # Half of a surrogate pair cannot be written in UTF-8.
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def is_card_number(run: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1): every second digit from the right doubled, its digits added."""
    digits = [int(character) for character in reversed(run) if character.isdigit()]
    return sum(digits[::2], sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
