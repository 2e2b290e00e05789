"""What the shop's pages are compared with: Flask and nothing else, answering with a body of the size that is asked for."""

from functools import lru_cache

from flask import Flask, Response, request

TAG = '"da8502197feaad712c33447d"'


@lru_cache
def body(size: int) -> bytes:
    return b'"' + b"x" * (size - 2) + b'"'


def create_app() -> Flask:
    app = Flask(__name__)

    @app.route("/<int:size>", methods=["GET", "POST"])
    def answer(size: int) -> Response:
        return Response(body(size), mimetype="application/json")

    @app.route("/tagged/<int:size>")
    def tagged(size: int) -> Response:
        """The same with a tag, or nothing for whoever has it already."""
        headers = {"ETag": TAG, "Cache-Control": "public, s-maxage=1"}
        if request.headers.get("If-None-Match") == TAG:
            return Response(status=304, headers=headers)
        return Response(body(size), mimetype="application/json", headers=headers)

    return app
