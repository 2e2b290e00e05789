"""Races need commits that are real: each test has a database of its own."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from shopwright import app as shop
from shopwright.kit import cache, db
from shopwright.settings import Settings
from tests.auditor import audit

THREADS = 32


@pytest.fixture
def real_app(settings: Settings) -> Iterator[Flask]:
    """An app on a new database, with a connection for each of `THREADS`; the auditor looks at it, then all is dropped."""
    name = f"race_{uuid4().hex}"
    url = make_url(settings.database_url)
    own = url.set(database=name).render_as_string(hide_password=False)
    server = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            app = shop.create_app(msgspec.structs.replace(settings, database_url=own, db_pool_size=THREADS))
            app.testing = True
            db.Base.metadata.create_all(db.engine())
            yield app
            audit()
        finally:
            cache.redis().flushdb()
            # Back to the settings of the session, which also closes the connections to what is dropped now.
            shop.configure(settings)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
