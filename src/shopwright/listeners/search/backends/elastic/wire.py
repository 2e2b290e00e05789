"""HTTP for the engines' client by Python's own `http.client`. It takes half the time of the client's own choice, whose pool and
retries do what the client does once more."""

import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

import certifi
import elastic_transport
from elastic_transport import ApiResponseMeta, BaseNode, HttpHeaders, NodeConfig
from elastic_transport._node import NodeApiResponse
from urllib3.util.wait import wait_for_read


class WireNode(BaseNode):
    """Keeps connections; each is one thread's for one question. Certificates are trusted that the system or `certifi` trusts."""

    _CLIENT_META_HTTP_CLIENT = ("hc", "1")

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._trust = _trust() if config.scheme == "https" else None
        self._idle: deque[HTTPConnection] = deque()
        weakref.finalize(self, _close, self._idle)

    def answered(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], connect: float, read: float
    ) -> NodeApiResponse:
        """`connect` and `read`: for how many seconds to wait. Raises the client's own faults."""
        began = time.monotonic()
        try:
            answer, told = self._asked(method, self.path_prefix + target, body, headers, connect, read)
        except TimeoutError as fault:
            raise elastic_transport.ConnectionTimeout("no answer in time", errors=(fault,)) from fault
        except ssl.SSLError as fault:
            raise elastic_transport.TlsError(str(fault), errors=(fault,)) from fault
        except (OSError, HTTPException) as fault:
            raise elastic_transport.ConnectionError(str(fault) or type(fault).__name__, errors=(fault,)) from fault
        heard = HttpHeaders(answer.getheaders())
        return NodeApiResponse(
            ApiResponseMeta(answer.status, "1.1", heard, time.monotonic() - began, self.config), told
        )

    def _asked(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], connect: float, read: float
    ) -> tuple[HTTPResponse, bytes]:
        connection = self._connection(connect)
        try:
            connection.sock.settimeout(read)
            connection.request(method, target, body, {**self.headers, **headers})
            answer = connection.getresponse()
            told = answer.read()
        except BaseException:
            # Whatever it would say next belongs to this question.
            connection.close()
            raise
        if not answer.will_close:
            self._idle.append(connection)
        return answer, told

    def _connection(self, seconds: float) -> HTTPConnection:
        """The one that was used last, if the engine has not closed it."""
        try:
            while True:
                kept = self._idle.pop()
                if not wait_for_read(kept.sock, timeout=0):
                    return kept
                kept.close()
        except IndexError:
            pass
        if self._trust:
            new: HTTPConnection = HTTPSConnection(self.host, self.port, timeout=seconds, context=self._trust)
        else:
            new = HTTPConnection(self.host, self.port, timeout=seconds)
        new.connect()
        return new

    def close(self) -> None:
        _close(self._idle)


def _trust() -> ssl.SSLContext:
    trust = ssl.create_default_context()
    trust.load_verify_locations(certifi.where())
    return trust


def _close(idle: deque[HTTPConnection]) -> None:
    while idle:
        idle.pop().close()
