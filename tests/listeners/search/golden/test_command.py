"""`shopwright search eval` and `load-golden`, as they are typed."""

import pytest
from click.testing import CliRunner, Result

from shopwright import cli
from shopwright.settings import Settings
from tests.empty_shops import empty_shop


def typed(*words: str) -> Result:
    return CliRunner().invoke(cli.cli, ["search", *words])


def test_the_naive_floor_is_what_was_accepted_of_it_beside_chance() -> None:
    found = typed("eval", "--gate", "--worst", "2")
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert lines[0].split() == ["queries", "nDCG@10", "95", "%", "MRR@10", "Recall@100", "no", "result", "random"]
    assert lines[1].split()[:2] == ["all", "300"]
    assert len(lines) == 1 + 1 + 12 + 3 + 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--search", "guessing"], "there is none called guessing; there are random, naive-bm25, shop"),
        (["--gate", "--half", "dev"], "What is accepted is the golden set's test half"),
        (["--gate", "--search", "random"], "nothing was ever accepted of random"),
        (["--gate", "--search", "random", "--products", "12"], "nothing was ever accepted of random, 12 products"),
        (["--search", "shop", "--esci", "."], "ESCI and WANDS are judged whole, and not in a shop"),
    ],
)
def test_what_cannot_be_judged_is_said(words: list[str], said: str) -> None:
    found = typed("eval", *words)
    assert found.exit_code != 0
    assert said in found.output


def test_the_catalog_is_loaded_once(settings: Settings) -> None:
    with empty_shop(settings) as (_, database):
        loaded = typed("load-golden", "--products", "24")
        assert loaded.exit_code == 0, loaded.output
        counts = [database.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in TABLES]
        again = typed("load-golden", "--products", "24")
        assert again.exit_code == 1
        assert "Another channel has this code." in again.output
        assert counts == [database.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in TABLES]
        assert counts[:2] == [(24,), (1,)]


TABLES = ("products", "channels", "brands", "variants", "outbox")
