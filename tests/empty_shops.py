"""Databases that one test has for itself, where commits are real: all tables, and nothing in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
from flask import Flask
from sqlalchemy import URL, create_engine, make_url

from shopwright import app as shop
from shopwright.kit import cache as kept
from shopwright.kit import db
from shopwright.settings import Settings

Database = psycopg.Connection[tuple[object, ...]]


@contextmanager
def empty_shop(settings: Settings, **changed: Any) -> Iterator[tuple[Flask, Database]]:
    """An app on a new database, by these settings and what is `changed` of them, and a superuser's connection to it."""
    url = make_url(settings.database_url)
    own = url.set(database=f"own_{uuid4().hex}")
    with _connected(url) as server:
        # From files: these tests are many, and to make the tables anew takes five times as long.
        server.execute(f"CREATE DATABASE {own.database} TEMPLATE {_template(url)} STRATEGY FILE_COPY".encode())
        try:
            changed["database_url"] = own.render_as_string(hide_password=False)
            app = shop.create_app(msgspec.structs.replace(settings, **changed))
            app.testing = True
            with _connected(own) as database:
                yield app, database
        finally:
            kept.redis().flushdb()
            # Back to the settings of the session, which also closes the connections to what is dropped now.
            shop.configure(settings)
            server.execute(f"DROP DATABASE {own.database} WITH (FORCE)".encode())


@cache
def _template(url: URL) -> str:
    """The name of a database on this server with all tables; it goes with the server."""
    template = url.set(database="template_of_shops")
    with _connected(url) as server:
        server.execute(f"CREATE DATABASE {template.database}".encode())
    engine = create_engine(template)
    db.Base.metadata.create_all(engine)
    # Nobody may be in it while it is copied.
    engine.dispose()
    return str(template.database)


def _connected(url: URL) -> Database:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
