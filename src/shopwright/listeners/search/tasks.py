from celery import shared_task

from shopwright.kit.logging import get
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import engines, filling, indexing, popularity, reconciling, states, tombstones
from shopwright.listeners.search.backend import EngineAway
from shopwright.listeners.search.learning import journal, popular

#: Products, about a second's work.
TURN = indexing.BATCH

log = get("search")


@shared_task(name="shopwright.listeners.search.tasks.index", queue="search")
def index() -> None:
    """Bring the index up to date, a turn at a time: where search has no process of its own, other work waits for no more."""
    if indexing.run(TURN) == TURN:
        states.nudge()


@shared_task(name="shopwright.listeners.search.tasks.look", queue="search")
def look() -> None:
    """See that the engine has its indexes; one that is new, or lost them, is filled."""
    if engine := engines.with_aliases():
        try:
            filling.look(engine)
        except EngineAway as away:
            log.warning("nobody can see whether it has its indexes", engine=engine.name, reason=str(away))


@shared_task(name="shopwright.listeners.search.tasks.follow_the_clock", queue="search")
def follow_the_clock() -> None:
    """Index anew what promotions and price lists that begin or end by their dates show for other prices."""
    with transaction():
        indexing.follow_the_clock()


@shared_task(name="shopwright.listeners.search.tasks.follow_sales", queue="search")
def follow_sales() -> None:
    """Index anew what sells more or less than its documents say."""
    with transaction():
        popularity.follow_sales()


@shared_task(name="shopwright.listeners.search.tasks.write_down", queue="search")
def write_down() -> None:
    """Put what was searched and clicked into the tables."""
    journal.write_down()


@shared_task(name="shopwright.listeners.search.tasks.learn_queries", queue="search")
def learn_queries() -> None:
    """Learn what many search for."""
    popular.learn()


@shared_task(name="shopwright.listeners.search.tasks.sweep", queue="search")
def sweep() -> None:
    """Delete what was searched long ago."""
    with transaction():
        journal.sweep()


@shared_task(name="shopwright.listeners.search.tasks.reconcile", queue="search")
def reconcile() -> None:
    """Index anew what the engines hold otherwise than they should, and forget what has long been gone."""
    reconciling.reconcile()
    tombstones.sweep()
