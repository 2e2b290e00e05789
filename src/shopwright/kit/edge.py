"""One request from the outside in: who, may they, what do they send, once, in which transaction, and what they get."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, request

from shopwright.kit import audit, conditional, downloads, idempotency, ids, ratelimit, web
from shopwright.kit.bulkhead import Bulkhead
from shopwright.kit.errors import MalformedRequest, Problem, TooManyRequests, Unavailable, UnsupportedMediaType
from shopwright.kit.http import Answered, Encoded, Endpoint, IfMatch, Kind, Raw, Routes, encode
from shopwright.kit.idempotency import Answer, Ask, IdempotencyKeyMissing, IdempotencyKeyTooWeak
from shopwright.kit.known import KnownPages
from shopwright.kit.known import Page as KnownPage
from shopwright.kit.paging import Page
from shopwright.kit.principal import Kind as PrincipalKind
from shopwright.kit.principal import Principal, acting_as, current
from shopwright.kit.ratelimit import Limit
from shopwright.kit.tables import Table
from shopwright.kit.transaction import atomically, steadily
from shopwright.kit.validation import convert_query, decode_json, refuse_card_numbers
from shopwright.kit.web import ENDPOINT_KEY, HEADERS_KEY, REQUEST_ID_KEY, Whole
from shopwright.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

#: From the Authorization header to who it names; raises `Unauthenticated` for a token that does not hold.
Authenticate = Callable[[str | None], Principal]

LARGEST_NUMBER = 2**63 - 1  # PostgreSQL's bigint
WEAKEST_KEY = 22  # characters that 128 random bits need in base64


class Edge:
    """Puts endpoints into a Flask app. `authenticate` tells who asks; it is the room `accounts`' own."""

    def __init__(self, app: Flask, settings: Settings, authenticate: Authenticate) -> None:
        self.app = app
        self.settings = settings
        self.authenticate = authenticate
        self.kept_for = timedelta(hours=settings.idempotency_hours)
        self.writes = Limit("writes", settings.writes_per_minute, 60)
        self.reads = Limit("reads", settings.reads_per_minute, 60, on_trust=True)
        self.endpoints: list[Endpoint] = []
        self.known = KnownPages()
        self._arriving = Bulkhead(most=max(1, settings.web_threads // 2))
        self._limits: dict[str, Limit | None] = {}

    def mount(self, *rooms: Routes) -> None:
        for routes in rooms:
            for endpoint in routes.endpoints:
                self.endpoints.append(endpoint)
                self.app.add_url_rule(
                    endpoint.path,
                    endpoint=f"{endpoint.method} {endpoint.path}",
                    view_func=self._view(endpoint),
                    methods=[endpoint.method],
                )

    def _view(self, endpoint: Endpoint) -> Callable[..., Response]:
        limit = self._limits[endpoint.name] = self._limit_of(endpoint)
        run = {Kind.QUERY: self._query, Kind.COMMAND: self._command, Kind.PHASED: self._phased}[endpoint.kind]

        def view(**path: Any) -> Response:
            environ = request.environ
            environ[ENDPOINT_KEY] = endpoint
            conditional.expect_newest(environ)
            principal = self._principal(environ)
            with acting_as(principal):
                self._limit(limit, environ)
                endpoint.access.admit(principal)
                refuse_what_no_row_holds(path)
                if endpoint.kind is Kind.QUERY:
                    return run(endpoint, path)
                self._wait_for_body()
                try:
                    return run(endpoint, path)
                finally:
                    # What this request saw says nothing about the next piece of work in this thread.
                    conditional.expect(None)
                    idempotency.expect(None)

        return view

    def _wait_for_body(self) -> None:
        """Bodies that come slowly, or never, hold up to half of the threads: the others go on answering."""
        with self._arriving.entered() as is_within:
            if not is_within:
                raise Unavailable()
            request.get_data(cache=True)

    def _principal(self, sent: Mapping[str, Any]) -> Principal:
        who = self.authenticate(sent.get("HTTP_AUTHORIZATION"))
        cart, order = sent.get("HTTP_CART_TOKEN"), sent.get("HTTP_ORDER_TOKEN")
        if not cart and not order:
            return who
        return msgspec.structs.replace(
            who,
            cart_token=ids.hashed(cart) if cart else None,
            order_token=ids.hashed(order) if order else None,
        )

    def _query(self, endpoint: Endpoint, path: dict[str, Any]) -> Response:
        arguments = _arguments(endpoint, path)
        if endpoint.returns is Table:
            return downloads.answer(lambda: endpoint.function(**arguments))
        answered = _shown(endpoint, arguments, request.environ)
        if endpoint.is_public:
            self.known.note(request.environ, KnownPage(endpoint, arguments))
        return answered

    def recalling(self, flask: "WSGIApplication") -> "WSGIApplication":
        """Around Flask: a public page that was asked for before, in the same words, is made without it."""

        def app(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
            page = self.known.find(environ)
            if page is None:
                return flask(environ, start_response)
            environ[ENDPOINT_KEY] = page.endpoint
            conditional.expect_newest(environ)
            try:
                self._limit(self._limits[page.endpoint.name], environ)
                answer = _shown(page.endpoint, page.arguments, environ)
            except Exception as fault:
                self.known.forget(environ)
                answer = web.refused(fault, environ)
            return answer(environ, start_response)

        return app

    def _command(self, endpoint: Endpoint, path: dict[str, Any]) -> Response:
        arguments = _arguments(endpoint, path)
        ask = _ask(endpoint)
        conditional.expect(_if_match(endpoint))

        def work() -> Answer:
            if ask:
                idempotency.claim(ask, kept_for=self.kept_for)
            result = endpoint.function(**arguments)
            if endpoint.if_match is IfMatch.REQUIRED and not conditional.was_compared():
                raise RuntimeError(f"{endpoint.name} requires If-Match but never compared it")
            answer = _answer(endpoint, result)
            _write_down(endpoint)
            if ask:
                idempotency.keep(ask, answer)
            return answer

        try:
            return _response(atomically(work))
        except idempotency.KeyTaken:
            return _response(steadily(lambda: idempotency.replay(cast(Ask, ask))), True)

    def _phased(self, endpoint: Endpoint, path: dict[str, Any]) -> Response:
        arguments = _arguments(endpoint, path)
        ask = _ask(endpoint)
        conditional.expect(_if_match(endpoint))
        idempotency.expect(ask)
        if ask:
            taken = ask
            replayed = atomically(lambda: idempotency.claim_in_phases(taken, kept_for=self.kept_for))
            if replayed:
                return _response(replayed, True)
        try:
            answer = _answer(endpoint, endpoint.function(**arguments))
        except Problem:
            if ask:
                refused = ask
                atomically(lambda: idempotency.let_go(refused))
            raise
        atomically(lambda: self._conclude(endpoint, ask, answer))
        return _response(answer)

    def _conclude(self, endpoint: Endpoint, ask: Ask | None, answer: Answer) -> None:
        _write_down(endpoint)
        if ask:
            idempotency.keep(ask, answer)

    def _limit(self, limit: Limit | None, environ: dict[str, Any]) -> None:
        if limit is None:
            return
        verdict = ratelimit.take(limit, environ.get("REMOTE_ADDR") or "-")
        if limit is not self.reads:
            environ[HEADERS_KEY] = [*ratelimit.headers(verdict).items()]
        if not verdict.allowed:
            raise TooManyRequests(headers=ratelimit.headers(verdict) if limit is self.reads else None)

    def _limit_of(self, endpoint: Endpoint) -> Limit | None:
        """The room `system` answers operators and their probes, who must get through when nobody else does."""
        if endpoint.limit is not None:
            return endpoint.limit(self.settings) if callable(endpoint.limit) else endpoint.limit
        if endpoint.kind is not Kind.QUERY:
            return self.writes
        return None if endpoint.room == "system" else self.reads


def _shown(endpoint: Endpoint, arguments: dict[str, Any], environ: Mapping[str, Any]) -> Whole:
    # The answer is made inside: nothing may load after the read has ended.
    answer = steadily(lambda: _answer(endpoint, endpoint.function(**arguments)))
    tag, seen = answer.headers.get("ETag"), environ.get("HTTP_IF_NONE_MATCH")
    if tag and seen and conditional.is_fresh(seen, tag):
        del answer.headers["Content-Type"]
        answer = Answer(304, answer.headers, b"")
    return _response(answer, cache_control=endpoint.cache_control)


def refuse_what_no_row_holds(path: dict[str, Any]) -> None:
    for value in path.values():
        if isinstance(value, str) and "\x00" in value:
            raise MalformedRequest("The character U+0000 is not accepted.")
        if isinstance(value, int) and value > LARGEST_NUMBER:
            raise MalformedRequest(f"Whole numbers end at {LARGEST_NUMBER}.")


def _arguments(endpoint: Endpoint, path: dict[str, Any]) -> dict[str, Any]:
    arguments = dict(path)
    if endpoint.query is not None:
        read = _decoded_before if endpoint.is_public else _decoded
        arguments["query"] = read(endpoint.query, request.query_string)
    if endpoint.body is not None:
        if request.mimetype != endpoint.consumes:
            raise UnsupportedMediaType(f"Send the body as {endpoint.consumes}.", headers={"Accept": endpoint.consumes})
        sent = request.get_data(cache=True)
        arguments["body"] = decode_json(_decoder(cast(Hashable, endpoint.body)), sent)
        if not endpoint.is_for_staff:  # who may well write a GTIN, which can look the same
            refuse_card_numbers(sent)
    return arguments


def _decoded(wanted: type[msgspec.Struct], _sent: bytes) -> msgspec.Struct:
    return convert_query(request.args.to_dict(flat=False), wanted)


#: Shoppers ask the same over and over, and a frozen Struct may be shared.
_decoded_before = lru_cache(maxsize=1024)(_decoded)


@cache
def _decoder(wanted: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(wanted)


def _ask(endpoint: Endpoint) -> Ask | None:
    if not endpoint.is_idempotent:
        return None
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= idempotency.LONGEST_KEY:
        raise IdempotencyKeyMissing()
    principal = current()
    is_unknown = principal.kind is PrincipalKind.ANONYMOUS and not (principal.cart_token or principal.order_token)
    if endpoint.needs_strong_key and (is_unknown or endpoint.tells_secret) and len(key) < WEAKEST_KEY:
        raise IdempotencyKeyTooWeak()
    target = request.full_path + (request.headers.get("If-Match") or "")
    return Ask.of(key, principal.name, f"{endpoint.method} {endpoint.path}", target, request.get_data(cache=True))


def _if_match(endpoint: Endpoint) -> str | None:
    sent = request.headers.get("If-Match")
    if endpoint.if_match is IfMatch.REQUIRED and sent is None:
        raise conditional.PreconditionRequired()
    return sent if endpoint.if_match is not IfMatch.IGNORED else None


def _answer(endpoint: Endpoint, result: Any) -> Answer:
    headers: dict[str, str] = {}
    if isinstance(result, Answered):
        headers, result = dict(result.headers), result.value
    if isinstance(result, Raw):
        return Answer(result.status, {"Content-Type": result.content_type, **result.headers}, result.body)
    if result is None:
        return Answer(204, headers, b"")
    body = result.body if isinstance(result, Encoded) else encode(result)
    if isinstance(result, Page) and result.next_cursor:
        again = request.args.to_dict(flat=False) | {"cursor": [result.next_cursor]}
        link = request.base_url + "?" + urlencode(again, doseq=True)
        headers["Link"] = f'<{link}>; rel="next"'
    headers["Content-Type"] = "application/json"
    kept = result.etag if isinstance(result, Encoded) else ""
    headers["ETag"] = kept or conditional.etag(body, getattr(result, "version", None))
    return Answer(endpoint.status, headers, body)


def _response(answer: Answer, is_replayed: bool = False, cache_control: str = "no-store") -> Whole:
    headers = {"Cache-Control": cache_control} | answer.headers
    if is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return Whole(answer.status, [*headers.items()], answer.body)


def _write_down(endpoint: Endpoint) -> None:
    """Every change by staff stands in the audit log, whatever the route forgot to say."""
    if not endpoint.is_for_staff:
        return
    sent = cast(Any, msgspec.json.decode(request.get_data())) if endpoint.body is not None else {}
    facts = {name: "[redacted]" if "password" in name else value for name, value in sent.items()}
    audit.record(endpoint.name, request.path, request_id=request.environ[REQUEST_ID_KEY], facts=facts)
