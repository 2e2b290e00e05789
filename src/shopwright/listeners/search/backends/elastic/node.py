"""The one client for both engines, its patience, and its faults in the port's own words."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import msgspec
from elastic_transport import (
    HttpHeaders,
    JsonSerializer,
    NdjsonSerializer,
    Serializer,
    TransportError,
    Urllib3HttpNode,
)
from elastic_transport._node import NodeApiResponse
from elasticsearch import ApiError, Elasticsearch
from urllib3 import Timeout

from shopwright.listeners.search.backends.elastic import answers
from shopwright.listeners.search.errors import EngineAway, QuestionRefused

CONNECT_SECONDS, READ_SECONDS = 0.3, 0.8
#: Nobody waits for an index to be made, so a busy machine may take its time; what else is to be indexed waits for a bulk.
PATIENT_CONNECT_SECONDS, PATIENT_SECONDS, BULK_SECONDS = 3.0, 30.0, 10.0
#: Our own name for answers to searches.
ANSWERS = "application/x-answers"


class Node(Urllib3HttpNode):
    """Waits less for a connection than for an answer: who does not even accept one is gone."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: Any = READ_SECONDS,
    ) -> NodeApiResponse:
        patience = request_timeout if isinstance(request_timeout, int | float) else READ_SECONDS
        is_patient = patience > READ_SECONDS
        waits: Any = Timeout(connect=PATIENT_CONNECT_SECONDS if is_patient else CONNECT_SECONDS, read=patience)
        answer = super().perform_request(method, target, body=body, headers=headers, request_timeout=waits)
        if answer.meta.status == HTTPStatus.OK and target.endswith("/_msearch"):
            # By its media type the client finds what it decodes an answer with.
            answer.meta.headers["content-type"] = ANSWERS
        return answer


class CompatNode(Node):
    """Lets Elasticsearch's client talk to OpenSearch, which refuses its media type and does not name itself as it wants."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        request_timeout: Any = READ_SECONDS,
    ) -> NodeApiResponse:
        said = HttpHeaders(headers or {})
        for name in ("accept", "content-type"):
            if "vnd.elasticsearch+" in (said.get(name) or ""):
                said[name] = "application/x-ndjson" if "x-ndjson" in said[name] else "application/json"
        answer = super().perform_request(method, target, body, said, request_timeout)
        heard = HttpHeaders(answer.meta.headers)
        heard["x-elastic-product"] = "Elasticsearch"
        return NodeApiResponse(dataclasses.replace(answer.meta, headers=heard), answer.body)


class Fast(JsonSerializer):
    """Both ways a few times faster than the library's own."""

    def json_dumps(self, data: Any) -> bytes:
        return msgspec.json.encode(data)

    def json_loads(self, data: bytes) -> Any:
        return msgspec.json.decode(data)


class FastLines(Fast, NdjsonSerializer):
    """The same, a line for each."""


class Answering(JsonSerializer):
    """What searches are answered with: of that only what is looked at."""

    def json_loads(self, data: bytes) -> answers.Answers:
        return answers.decoder.decode(data)


#: By what Elasticsearch calls it, and what OpenSearch does.
SERIALIZERS: dict[str, Serializer] = {
    "application/vnd.elasticsearch+json": Fast(),
    "application/json": Fast(),
    "application/vnd.elasticsearch+x-ndjson": FastLines(),
    "application/x-ndjson": FastLines(),
    ANSWERS: Answering(),
}


def client(url: str, node: type[Node] = Node, seconds: float = READ_SECONDS) -> Elasticsearch:
    """One a process. Nothing is asked before the first question."""
    # A kept connection that the engine has closed meanwhile is worth a second try; a slow answer is not.
    return Elasticsearch(
        url, node_class=node, request_timeout=seconds, max_retries=1, retry_on_timeout=False, serializers=SERIALIZERS
    )


#: Where one of these is the cause, the question is at fault, whatever the status says.
_TOO_MUCH = ("too_many_clauses", "too_many_nested_clauses", "query_shard_exception")
_BUSY = 429


def refusal(status: int, error: Mapping[str, Any]) -> EngineAway:
    """What an error of the engine means, to be raised."""
    causes = [*_causes(error)]
    is_of_question = 400 <= status < 500 and status != _BUSY
    kind = QuestionRefused if is_of_question or any(cause.get("type") in _TOO_MUCH for cause in causes) else EngineAway
    return kind(f"{status}: " + "; ".join(f"{cause.get('type')}: {cause.get('reason')}" for cause in causes))


def _causes(error: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The error and what it comes from, which an engine tells in two ways."""
    told: Mapping[str, Any] | None = error
    while told:
        yield told
        told = told.get("caused_by")
    yield from error.get("root_cause", ())


@contextmanager
def spoken() -> Iterator[None]:
    """Whatever goes wrong in here is an engine that is away: shoppers get another one's answer, and the log says why."""
    try:
        yield
    except ApiError as fault:
        told = fault.body.get("error") if isinstance(fault.body, dict) else None
        error = told if isinstance(told, dict) else {"type": fault.message}
        raise refusal(fault.meta.status, error) from fault
    except TransportError as fault:
        raise EngineAway(str(fault)) from fault
