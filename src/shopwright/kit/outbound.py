"""Calls to addresses that somebody else chose, and that must not lead into our own network (S9).

The name is resolved once, every address that it has is judged, and the connection goes to an address that was judged: a
second answer of the name server (rebinding) is never asked for. No redirect is followed, no proxy is asked, and size and
time have an end, the time also for who sends a byte now and then.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from urllib.parse import urlsplit

import httpcore
import msgspec

from shopwright.settings import current

LONGEST_URL = 2000
CONNECT_SECONDS = 5.0
ADDRESSES_TRIED = 3
#: Others are seldom a web server's, and often a neighbour's.
PORTS = {"https": (443, 8443), "http": (80, 8080)}

# RFC 6890 and the IANA registries behind it; 168.63.129.16 is how Azure's machines reach their host.
NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
# What is not in it is refused: loopback, link-local, unique local, multicast, IPv4-mapped, NAT64.
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Protocols' own, among them Teredo; documentation; 6to4, which hides an IPv4 address.
NOT_UNICAST = tuple(IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))

#: From a host's name to its addresses.
Resolve = Callable[[str, int, float], Sequence[str]]


class AddressRefused(Exception):
    """Nothing was sent, since the address is not one that may be called; the message says why."""


class NotReached(Exception):
    """No answer was had: the message says what went wrong. What was sent may have arrived."""


class Target(msgspec.Struct, frozen=True):
    """The parts of an address, read once, so that nothing reads it in another way later."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_ours(self) -> bool:
        """Whether the operator allows this host although it may be private; never in production."""
        return self.host in current().outbound_private_hosts

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme][0] else f"{host}:{self.port}"


class Reply(msgspec.Struct, frozen=True):
    """What was answered. Header names are in lower case; of the body at most the first `largest` bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


def read(url: str) -> Target:
    """The address, if its form is one that may be called. Raises `AddressRefused`; asks no name server."""
    if len(url) > LONGEST_URL or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise AddressRefused(f"Write the address in at most {LONGEST_URL} printable ASCII characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("This is no address of the web.") from None
    scheme, host = parts.scheme, (parts.hostname or "").lower()
    if scheme != "https" and (scheme != "http" or current().is_production):
        raise AddressRefused("Only https:// is called.")
    if "@" in parts.netloc or parts.fragment:
        raise AddressRefused("Leave out user, password and fragment.")
    if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        raise AddressRefused("Name a host; write an international name in its xn-- form.")
    query = f"?{parts.query}" if parts.query else ""
    target = Target(scheme, host, PORTS[scheme][0] if port is None else port, (parts.path or "/") + query)
    if not target.is_ours:
        if target.port not in PORTS[scheme]:
            raise AddressRefused(f"Use port {' or '.join(map(str, PORTS[scheme]))}.")
        if (literal := _literal(host)) and not is_public(literal):
            raise AddressRefused("This address is not public.")
    return target


def is_public(address: str) -> bool:
    """Whether it is an address of the public internet, and certainly so."""
    try:
        return not any(IPv4Address(address) in network for network in NOT_PUBLIC)
    except AddressValueError:
        pass
    try:
        known = IPv6Address(address)
    except AddressValueError:
        return False
    return known in GLOBAL_UNICAST and not any(known in network for network in NOT_UNICAST)


def _literal(host: str) -> str | None:
    """The address that the host is written as: also as `127.1`, `0x7f000001` or `2130706433`."""
    if ":" in host:
        return host
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    return None


def look_up(host: str, port: int, seconds: float) -> Sequence[str]:
    """Ask the system for the host's addresses. Raises `NotReached`."""
    found: list[str] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    # The system's resolver cannot be told how long it may take, so its thread is left behind if it takes longer.
    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise NotReached("The host's name could not be resolved.")
    return tuple(dict.fromkeys(found))


def call(
    method: str, url: str, *, headers: dict[str, str], body: bytes = b"", seconds: float, largest: int,
    resolve: Resolve = look_up, tls: ssl.SSLContext | None = None,
) -> Reply:  # fmt: skip
    """Send one request, and read at most `largest` bytes of its answer, in at most so many seconds all in all.

    A redirect is an answer like any other. Raises `AddressRefused` and `NotReached`.
    """
    target = read(url)
    deadline = time.monotonic() + seconds
    addresses = resolve(target.host, target.port, min(CONNECT_SECONDS, seconds))
    if not target.is_ours and not all(is_public(address) for address in addresses):
        raise AddressRefused("The host has an address that is not public.")
    backend = _ToTheseOnly(addresses[:ADDRESSES_TRIED], deadline)
    request = httpcore.Request(
        method,
        httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
        headers=[
            ("Host", target.authority),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            *headers.items(),
        ],
        content=body,
    )
    try:
        with httpcore.ConnectionPool(ssl_context=tls or _trusting(), network_backend=backend, retries=0) as pool:
            response = pool.handle_request(request)
            try:
                return _reply(response, largest)
            finally:
                response.close()
    except httpcore.TimeoutException:
        raise NotReached(f"No whole answer within {seconds:g} seconds.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as fault:
        raise NotReached(f"{type(fault).__name__}: {fault}"[:300]) from None


def _reply(response: httpcore.Response, largest: int) -> Reply:
    body = b""
    for chunk in response.iter_stream():
        body += chunk
        if len(body) >= largest:
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Reply(response.status, headers, body[:largest])


@cache
def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context()


class _ToTheseOnly(httpcore.NetworkBackend):
    """Connects to addresses that were judged, whatever the name says by now."""

    def __init__(self, addresses: Sequence[str], deadline: float) -> None:
        self.addresses = addresses
        self.deadline = deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        fault: Exception = httpcore.ConnectError("no address")
        for address in self.addresses:
            left = _left(self.deadline, CONNECT_SECONDS)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, left, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                fault = failed
            else:
                return _Hurried(stream, self.deadline)
        raise fault


class _Hurried(httpcore.NetworkStream):
    """A stream whose every step ends by the deadline, so that slow bytes do not keep it open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self.deadline, timeout)
        return _Hurried(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout()
    return left if timeout is None else min(left, timeout)
