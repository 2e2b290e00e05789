from celery import shared_task

from shopwright.kit.transaction import transaction
from shopwright.listeners.search import indexing, popularity, reconciling
from shopwright.listeners.search.learning import journal, popular


@shared_task(name="shopwright.listeners.search.tasks.index")
def index() -> None:
    """Bring the index up to date."""
    indexing.run()


@shared_task(name="shopwright.listeners.search.tasks.follow_the_clock")
def follow_the_clock() -> None:
    """Index anew what promotions and price lists that begin or end by their dates show for other prices."""
    with transaction():
        indexing.follow_the_clock()


@shared_task(name="shopwright.listeners.search.tasks.follow_sales")
def follow_sales() -> None:
    """Index anew what sells more or less than its documents say."""
    with transaction():
        popularity.follow_sales()


@shared_task(name="shopwright.listeners.search.tasks.write_down")
def write_down() -> None:
    """Put what was searched and clicked into the tables."""
    journal.write_down()


@shared_task(name="shopwright.listeners.search.tasks.learn_queries")
def learn_queries() -> None:
    """Learn what many search for."""
    popular.learn()


@shared_task(name="shopwright.listeners.search.tasks.sweep")
def sweep() -> None:
    """Delete what was searched long ago."""
    with transaction():
        journal.sweep()


@shared_task(name="shopwright.listeners.search.tasks.reconcile")
def reconcile() -> None:
    """Index anew what the engines hold otherwise than they should."""
    reconciling.reconcile()
