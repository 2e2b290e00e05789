"""The web application: the only file, beside `worker.py`, that knows every room."""

import gc
from collections.abc import Callable

from flask import Flask

from shopwright import settings as settings_module
from shopwright.commerce.accounts import auth_routes as accounts_auth
from shopwright.commerce.accounts import group_routes as accounts_groups
from shopwright.commerce.accounts import routes as accounts
from shopwright.commerce.accounts import staff_routes as accounts_staff
from shopwright.commerce.accounts import tokens
from shopwright.commerce.books import checks as books_checks
from shopwright.commerce.cart import routes as cart
from shopwright.commerce.catalog import staff_routes as catalog_staff
from shopwright.commerce.catalog import taxonomy_staff_routes as catalog_taxonomy
from shopwright.commerce.channels import routes as channels
from shopwright.commerce.channels import staff_routes as channels_staff
from shopwright.commerce.checkout import routes as checkout
from shopwright.commerce.checkout import staff_routes as checkout_staff
from shopwright.commerce.credit import checks as credit_checks
from shopwright.commerce.credit import routes as credit
from shopwright.commerce.credit import staff_routes as credit_staff
from shopwright.commerce.fulfillment import checks as fulfillment_checks
from shopwright.commerce.fulfillment import routes as fulfillment
from shopwright.commerce.fulfillment import staff_routes as fulfillment_staff
from shopwright.commerce.fulfillment import subscribers as fulfillment_subscribers
from shopwright.commerce.inventory import checks as inventory_checks
from shopwright.commerce.inventory import staff_routes as inventory_staff
from shopwright.commerce.orders import checks as orders_checks
from shopwright.commerce.orders import routes as orders
from shopwright.commerce.orders import staff_routes as orders_staff
from shopwright.commerce.payments import checks as payments_checks
from shopwright.commerce.payments import method_routes as payments_methods
from shopwright.commerce.payments import routes as payments
from shopwright.commerce.payments import staff_routes as payments_staff
from shopwright.commerce.payments import subscribers as payments_subscribers
from shopwright.commerce.pricing import checks as pricing_checks
from shopwright.commerce.pricing import list_routes as pricing_lists
from shopwright.commerce.pricing import staff_routes as pricing_staff
from shopwright.commerce.promotions import checks as promotions_checks
from shopwright.commerce.promotions import code_routes as promotions_codes
from shopwright.commerce.promotions import staff_routes as promotions_staff
from shopwright.commerce.shipping import staff_routes as shipping_staff
from shopwright.commerce.storefront import routes as storefront
from shopwright.commerce.storefront import subscribers as storefront_subscribers
from shopwright.commerce.taxes import exemption_routes as taxes_exemptions
from shopwright.commerce.taxes import staff_routes as taxes_staff
from shopwright.kit import (
    cache,
    checks,
    db,
    events,
    feed_routes,
    http,
    logging,
    metrics,
    nudging,
    outbox,
    paging,
    queue,
    storage,
    system,
    verification,
    web,
)
from shopwright.kit.edge import Edge
from shopwright.kit.shedding import Shedding
from shopwright.listeners.search import engines as search_engines
from shopwright.listeners.search import routes as search
from shopwright.listeners.search import staff_routes as search_index
from shopwright.listeners.search import states as search_states
from shopwright.listeners.search import subscribers as search_subscribers
from shopwright.listeners.search.backends.chosen import chosen
from shopwright.listeners.search.curation import staff_routes as search_curation
from shopwright.listeners.search.learning import routes as search_events
from shopwright.listeners.search.learning import staff_routes as search_insights
from shopwright.listeners.webhooks import staff_routes as webhooks_staff
from shopwright.settings import Settings

ROOMS: tuple[http.Routes, ...] = (
    accounts_auth.routes,
    accounts.routes,
    accounts_staff.routes,
    accounts_groups.routes,
    channels.routes,
    channels_staff.routes,
    catalog_staff.routes,
    catalog_taxonomy.routes,
    inventory_staff.routes,
    storefront.routes,
    taxes_staff.routes,
    taxes_exemptions.routes,
    shipping_staff.routes,
    promotions_staff.routes,
    promotions_codes.routes,
    pricing_staff.routes,
    pricing_lists.routes,
    credit.routes,
    credit_staff.routes,
    cart.routes,
    checkout.routes,
    checkout_staff.routes,
    orders.routes,
    orders_staff.routes,
    payments.routes,
    payments_methods.routes,
    payments_staff.routes,
    fulfillment.routes,
    fulfillment_staff.routes,
    search_curation.routes,
    search_events.routes,
    search_index.routes,
    search_insights.routes,
    search.routes,
    webhooks_staff.routes,
    feed_routes.routes,
    system.routes,
)
SUBSCRIBERS = (payments_subscribers, fulfillment_subscribers, storefront_subscribers, search_subscribers)
CHECKS = (
    *checks.CHECKS,
    *inventory_checks.CHECKS,
    *books_checks.CHECKS,
    *credit_checks.CHECKS,
    *orders_checks.CHECKS,
    *payments_checks.CHECKS,
    *promotions_checks.CHECKS,
    *pricing_checks.CHECKS,
    *fulfillment_checks.CHECKS,
)


WATCHED: dict[str, tuple[str, Callable[[], float]]] = {
    "search_index_lag_seconds": ("For how long the oldest change has waited for the index", search_states.lag_seconds),
    "search_dead_letters": ("Documents that the index refused too often", search_states.dead_letters),
}


def configure(settings: Settings) -> None:
    """Put the settings in force in this process; web, worker and command line all begin here."""
    settings_module.use(settings)
    logging.configure(json=settings.log_json)
    metrics.configure(settings.metrics_dir or None)
    for name, (meaning, read) in WATCHED.items():
        metrics.watch(name, meaning, read)
    db.configure(settings)
    cache.configure(settings.redis_url or None, prefix=settings.cache_prefix, enabled=settings.cache_enabled)
    storage.configure(settings.storage_url)
    paging.configure(settings.secret_key.encode())
    queue.configure(settings)
    verification.use(CHECKS)
    search_engines.use(chosen(settings))


def create_app(settings: Settings | None = None) -> Flask:
    """The shop as a WSGI application."""
    settings = settings or settings_module.current()
    configure(settings)
    app = Flask("shopwright", static_folder=None)
    edge = Edge(app, settings, tokens.authenticate)
    edge.mount(*ROOMS)
    app.wsgi_app = Shedding(edge.recalling(app.wsgi_app), settings.longest_wait_ms)  # type: ignore[method-assign]  # as Flask's manual has it
    web.surround(app, settings)
    system.publish(app, edge.endpoints, version="0.1.0")
    events.nudge = nudging.Nudger(outbox.relay_task.delay).nudge
    # What stands now stands for ever. To look through it for garbage would hold up every request for a sixth of a second.
    gc.collect()
    gc.freeze()
    return app
