"""What `make up` runs for given settings."""

from shopwright.embedded.plan import Command, plan, shopwright
from shopwright.kit.queue import QUEUES
from shopwright.settings import Settings

DATABASE = "postgresql://nobody/nothing"


def _services(settings: Settings) -> dict[str, Command]:
    return dict(shopwright(plan(settings, {}), 8000).services)


def _queues(command: Command) -> list[str]:
    return str(command[command.index("--queues") + 1]).split(",")


def test_without_a_search_engine_one_worker_takes_all_queues() -> None:
    services = _services(Settings(database_url=DATABASE))
    assert [*services] == ["web", "worker", "beat"]
    assert "--queues" not in services["worker"]


def test_a_search_engine_is_written_to_by_a_process_of_its_own_and_no_queue_is_left_to_nobody() -> None:
    started = Settings(database_url=DATABASE, search="opensearch")
    somewhere = Settings(database_url=DATABASE, elasticsearch_url="http://engine:9200")
    for settings in (started, somewhere):
        services = _services(settings)
        assert _queues(services["indexer"]) == ["search"]
        assert "search" not in _queues(services["worker"])
        assert {*_queues(services["worker"]), *_queues(services["indexer"])} == {*QUEUES}
