"""Catalogs as `bench` makes them, each in a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import msgspec
import psycopg
import pytest
from bench import million
from flask import Flask
from sqlalchemy import make_url

from shopwright import app as shop
from shopwright.kit import cache, db
from shopwright.settings import Settings

Database = psycopg.Connection[tuple[object, ...]]
SEED = "tests"


@contextmanager
def empty_shop(settings: Settings) -> Iterator[tuple[Flask, Database]]:
    """An app on a new database, and a superuser's connection to it."""
    name = f"scale_{uuid4().hex}"
    url = make_url(settings.database_url)
    server, own = (
        each.set(drivername="postgresql").render_as_string(hide_password=False)
        for each in (url, url.set(database=name))
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            app = shop.create_app(
                msgspec.structs.replace(settings, database_url=own.replace("postgresql:", "postgresql+psycopg:"))
            )
            app.testing = True
            db.Base.metadata.create_all(db.engine())
            with psycopg.connect(own, autocommit=True) as database:
                yield app, database
        finally:
            cache.redis().flushdb()
            # Back to the settings of the session, which also closes the connections to what is dropped now.
            shop.configure(settings)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def large(settings: Settings) -> Iterator[tuple[Flask, Database]]:
    """A shop with 20,000 variants of 4,000 products."""
    with empty_shop(settings) as (app, database):
        million.make(database, 20_000, SEED)
        yield app, database
