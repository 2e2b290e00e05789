"""A tax service that speaks our own words: `POST` of a `Taxable` as JSON to `TAX_SERVICE_URL`, answered by a `TaxAnswer`.

Put a small service between for one that speaks otherwise, or add a folder beside this one.
"""

import atexit
import time
from functools import lru_cache

import httpx
import msgspec

from shopwright.commerce.taxes.provider import NoAnswer, NotUnderstood, Taxable, TaxAnswer
from shopwright.settings import current

LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16)
CONNECT_SECONDS = 2.0
BUSY = 429
LARGEST = 1_000_000
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Http:
    def taxes(self, question: Taxable) -> TaxAnswer:
        settings = current()
        headers = {"Authorization": f"Bearer {settings.tax_service_secret}", "Content-Type": "application/json"}
        asking = _client(settings.tax_service_seconds).stream(
            "POST", settings.tax_service_url, headers=headers, content=msgspec.json.encode(question)
        )
        deadline = time.monotonic() + settings.tax_service_seconds
        try:
            with asking as answer:
                body = _body(answer, deadline)
        except httpx.HTTPError as fault:
            raise NoAnswer(type(fault).__name__) from None
        try:
            return msgspec.json.decode(body, type=TaxAnswer)
        except UNREADABLE:
            raise NotUnderstood("the answer could not be read") from None


def _body(answer: httpx.Response, deadline: float) -> bytes:
    if answer.is_server_error or answer.status_code == BUSY:
        raise NoAnswer(f"HTTP {answer.status_code}")
    if not answer.is_success:
        raise NotUnderstood(f"HTTP {answer.status_code}")
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise NotUnderstood("the answer is too long")
        # httpx's own limit is for each read, so that one who sends a byte now and then would never meet it.
        if time.monotonic() > deadline:
            raise NoAnswer("the answer did not end in time")
    return body


@lru_cache(maxsize=4)
def _client(seconds: float) -> httpx.Client:
    """One for the process. Only the settings read the environment, so none of its proxies is asked."""
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    client = httpx.Client(timeout=timeout, limits=LIMITS, trust_env=False)
    atexit.register(client.close)
    return client
