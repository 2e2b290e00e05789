from celery import shared_task

from shopwright.listeners.webhooks import work


# In a queue of its own kind: it waits for strangers' networks.
@shared_task(name="shopwright.listeners.webhooks.tasks.deliver", queue="slow")
def deliver() -> None:
    """Tell the merchant's systems what happened."""
    work.run()


@shared_task(name="shopwright.listeners.webhooks.tasks.sweep")
def sweep() -> None:
    """Delete the log of deliveries that ended long ago."""
    work.sweep()
