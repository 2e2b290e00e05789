from celery import shared_task

from shopwright.commerce.checkout import simulate


# It computes for a while, which what must be done soon should not have to wait for.
@shared_task(name="shopwright.commerce.checkout.tasks.run_simulations", queue="slow")
def run_simulations() -> None:
    """Go on with trying promotions on past orders."""
    simulate.run()
