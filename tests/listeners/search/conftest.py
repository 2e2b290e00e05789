from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from shopwright.kit import outbox
from shopwright.listeners.search import indexing
from shopwright.surfaces.transfer import demo

Find = Callable[..., dict[str, Any]]


def index() -> None:
    """Deliver what was announced, and bring the index up to date, as the worker does."""
    outbox.drain()
    indexing.run()


@pytest.fixture
def find(client: FlaskClient) -> Find:
    """What a search answers: `find("mug", brand="…")`."""

    def ask(q: str = "", **more: Any) -> dict[str, Any]:
        answer = client.get("/v1/search", query_string={"q": q, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    return ask


@pytest.fixture
def demo_shop(client: FlaskClient) -> None:
    demo.seed()
    index()
