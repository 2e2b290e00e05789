"""A tax service that speaks our own words: `POST` of a `Taxable` as JSON to `TAX_SERVICE_URL`, answered by a `TaxAnswer`.

Put a small service between for one that speaks otherwise, or add a folder beside this one.
"""

import atexit
from functools import lru_cache

import httpx
import msgspec

from shopwright.commerce.taxes.provider import NoAnswer, NotUnderstood, Taxable, TaxAnswer
from shopwright.settings import current

LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16)
CONNECT_SECONDS = 2.0
BUSY = 429
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Http:
    def taxes(self, question: Taxable) -> TaxAnswer:
        settings = current()
        headers = {"Authorization": f"Bearer {settings.tax_service_secret}", "Content-Type": "application/json"}
        sent = msgspec.json.encode(question)
        try:
            answer = _client(settings.tax_service_seconds).post(settings.tax_service_url, headers=headers, content=sent)
        except httpx.HTTPError as fault:
            raise NoAnswer(type(fault).__name__) from None
        if answer.is_server_error or answer.status_code == BUSY:
            raise NoAnswer(f"HTTP {answer.status_code}")
        if not answer.is_success:
            raise NotUnderstood(f"HTTP {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=TaxAnswer)
        except UNREADABLE:
            raise NotUnderstood("the answer could not be read") from None


@lru_cache(maxsize=4)
def _client(seconds: float) -> httpx.Client:
    """One for the process."""
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    client = httpx.Client(timeout=timeout, limits=LIMITS)
    atexit.register(client.close)
    return client
