"""S9: a call to an address that a stranger chose cannot reach into our network, and cannot keep us waiting."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shopwright import settings
from shopwright.kit import clock, outbound
from shopwright.kit.outbound import AddressRefused, NotReached, Reply
from shopwright.settings import Settings
from tests.receiver import Receiver, receiving

NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.31.0.1",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::a9fe:a9fe", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1",
    "ff02::1", "not an address", "",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]


@pytest.fixture(autouse=True)
def _loopback_is_allowed() -> Iterator[None]:
    before = settings._current
    use("127.0.0.1", "receiver.test")
    yield
    settings._current = before


def use(*hosts: str, **more: str) -> None:
    settings.use(msgspec.structs.replace(Settings(environment="test", outbound_private_hosts=hosts), **more))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def call(url: str, *, seconds: float = 5, largest: int = 1000, **more: object) -> Reply:
    return outbound.call("POST", url, headers={"X-A": "b"}, body=b"{}", seconds=seconds, largest=largest, **more)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_certainly_public_is_not(address: str) -> None:
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is(address: str) -> None:
    assert ip_address(address).is_global
    assert outbound.is_public(address)


def test_a_request_arrives_as_it_was_sent_and_its_answer_comes_back(receiver: Receiver) -> None:
    receiver.answer = lambda _: (202, {"X-Said": "yes"}, b"thanks")
    reply = call(receiver.url + "?a=%20b")
    assert (reply.status, reply.headers["x-said"], reply.body) == (202, "yes", b"thanks")
    [got] = receiver.received
    assert (got.method, got.path, got.body, got.headers["x-a"]) == ("POST", "/hook?a=%20b", b"{}", "b")
    assert got.host == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "", "https://",
        "https:///path", "https://user@example.com/", "https://user:pw@example.com/", "https://@example.com/",
        "https://example.com/#part", "https://example.com:22/", "https://example.com:6379/", "https://example.com:0/",
        "https://example.com:x/", "https://exa mple.com/", "https://example.com/\n", "https://example.com\\@evil.com/",
        "https://bücher.example/", "https://[::1/", "https://exam%70le.com/", "https://example.com/" + "x" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_could_be_read_in_two_ways_or_is_odd_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        outbound.read(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "127.2", "0x7f.0.0.2", "2130706434", "0177.0.0.2", "169.254.169.254", "10.0.0.1", "[::1]",
     "[::ffff:10.0.0.1]", "[fe80::1]", "[64:ff9b::a00:1]"],
)  # fmt: skip
def test_an_address_written_in_numbers_is_judged_at_once(host: str) -> None:
    with pytest.raises(AddressRefused):
        outbound.read(f"https://{host}/")


def test_http_is_for_development() -> None:
    assert outbound.read("http://example.com/").port == 80
    use(environment="production")
    with pytest.raises(AddressRefused):
        outbound.read("http://example.com/")
    assert outbound.read("https://example.com/").port == 443


def test_a_host_with_one_private_address_among_public_ones_is_not_called() -> None:
    with pytest.raises(AddressRefused):
        call("https://mixed.example.com/", resolve=lambda *_: ["8.8.8.8", "10.0.0.1"])


def test_a_name_that_means_this_machine_is_not_called(receiver: Receiver) -> None:
    use()
    with pytest.raises(AddressRefused):
        call("https://localhost:8443/", resolve=outbound.look_up)
    assert receiver.received == []


def test_a_name_that_is_not_known_is_not_reached() -> None:
    with pytest.raises(NotReached):
        call("https://nowhere.invalid/")


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answer = lambda _: (307, {"Location": "/elsewhere"}, b"")
    assert call(receiver.url).status == 307
    assert [got.path for got in receiver.received] == ["/hook"]


def test_who_sends_a_byte_now_and_then_is_left_when_the_time_is_over(receiver: Receiver) -> None:
    receiver.drips = 0.05
    began = time.monotonic()
    with pytest.raises(NotReached, match=r"within 0\.5 seconds"):
        call(receiver.url, seconds=0.5)
    assert 0.4 < time.monotonic() - began < 10


def test_a_slow_name_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    may_answer = threading.Event()

    def slow(*_: object, **__: object) -> None:
        may_answer.wait(timeout=30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    with pytest.raises(NotReached):
        outbound.look_up("slow.example.com", 443, 0.1)
    assert time.monotonic() - began < 10
    may_answer.set()
    for thread in threading.enumerate():
        if thread.name == "look-up":
            thread.join()


def test_no_more_of_an_answer_is_read_than_was_asked_for(receiver: Receiver) -> None:
    receiver.answer = lambda _: (200, {}, b"x" * 5_000_000)
    assert call(receiver.url, largest=100).body == b"x" * 100


def test_a_port_where_nobody_listens_is_not_reached() -> None:
    with receiving() as gone:
        url = gone.url
    with pytest.raises(NotReached):
        call(url)


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that can show that it is `name`, and a client that believes its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(clock.now() - timedelta(hours=1))
        .not_valid_after(clock.now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


def test_the_name_is_asked_for_once_and_tls_proves_it_at_the_address_that_was_judged(tmp_path: Path) -> None:
    server, believing = certificate("receiver.test", tmp_path)
    asked: list[str] = []

    def rebinding(host: str, port: int, seconds: float) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with receiving(server) as receiver:
        url = f"https://receiver.test:{receiver.port}/hook"
        assert call(url, resolve=rebinding, tls=believing).status == 204
        assert asked == ["receiver.test"]
        assert receiver.received[0].host == f"receiver.test:{receiver.port}"
        # The same server under a name that its certificate does not have, and one that nobody vouches for.
        with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
            call(f"https://127.0.0.1:{receiver.port}/", tls=believing)
        with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
            call(url, resolve=lambda *_: ["127.0.0.1"])
        assert len(receiver.received) == 1
