"""The shop's own search has not become worse: a part of the golden catalog is loaded and indexed, and searched with an engine
and without."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner
from msgspec.structs import replace

from shopwright import app as shop
from shopwright import cli
from shopwright.embedded.engines import LAUNCHERS
from shopwright.settings import Settings, current
from tests.engines import needed
from tests.scale.conftest import empty_shop

#: All 20,000 take minutes. Of the queries that these answer there are some of every class.
PRODUCTS = "2000"


def typed(*words: str) -> None:
    done = CliRunner().invoke(cli.cli, ["search", *words])
    assert done.exit_code == 0, done.output


def test_it_finds_as_well_as_what_was_accepted_last(settings: Settings, tmp_path: Path) -> None:
    engine = LAUNCHERS[needed("elasticsearch")]
    with ThreadPoolExecutor(1) as aside:
        # It takes a while to start, in which the shop can be filled.
        starting = aside.submit(engine, tmp_path, is_brief=True)
        try:
            with empty_shop(replace(settings, cache_enabled=True)) as (_, database):
                typed("load-golden", "--products", PRODUCTS)
                shop.configure(replace(current(), elasticsearch_url=starting.result().url))
                typed("rebuild")
                # As the server does by itself within a minute.
                database.execute("ANALYZE")
                gate = ("eval", "--search", "shop", "--products", PRODUCTS, "--gate")
                typed(*gate)
                shop.configure(replace(current(), elasticsearch_url=""))
                typed(*gate)
        finally:
            starting.result().stop()
