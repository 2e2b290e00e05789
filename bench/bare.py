"""What the shop's pages are compared with: Flask and nothing else, answering with a body of the size that is asked for."""

from functools import lru_cache

from flask import Flask, Response


@lru_cache
def body(size: int) -> bytes:
    return b'"' + b"x" * (size - 2) + b'"'


def create_app() -> Flask:
    app = Flask(__name__)

    @app.route("/<int:size>", methods=["GET", "POST"])
    def answer(size: int) -> Response:
        return Response(body(size), mimetype="application/json")

    return app
