"""How the demo shop ships."""

from uuid import UUID

from shopwright.commerce.shipping import service as shipping
from shopwright.commerce.shipping.models import RateKind
from shopwright.commerce.shipping.terms import Rate, Terms
from shopwright.kit.money import Money

FREE_FROM = 5000
KILO = 1000


def offer(europe: UUID, states: UUID) -> None:
    """Open the zones and add their methods: a standard one that is free from 50, an express one by weight."""
    home = shipping.open_zone("Germany", [("DE", None)])
    abroad = shipping.open_zone("Europe", [(country, None) for country in ("AT", "FR", "NL", "BE", "IT", "ES")])
    america = shipping.open_zone("United States", [("US", None)])
    shipping.add_method(home.id, europe, **_standard("EUR", 490, (1, 3)))
    shipping.add_method(home.id, europe, **_express("EUR", 1290, (1, 1)))
    shipping.add_method(abroad.id, europe, **_standard("EUR", 990, (3, 6)))
    shipping.add_method(abroad.id, europe, **_express("EUR", 2490, (1, 2)))
    shipping.add_method(america.id, states, **_standard("USD", 690, (3, 6)))
    shipping.add_method(america.id, states, **_express("USD", 1990, (1, 2)))


def _standard(currency: str, price: int, days: tuple[int, int]) -> Terms:
    return Terms(
        code="standard", name="Standard", translations={"de": "Standard"}, tax_class="standard", position=0,
        rate=Rate(RateKind.FLAT, ((Money(0, currency), Money(price, currency)),)),
        free_from=Money(FREE_FROM, currency), min_days=days[0], max_days=days[1],
    )  # fmt: skip


def _express(currency: str, price: int, days: tuple[int, int]) -> Terms:
    tiers = ((2 * KILO, price), (10 * KILO, price + 800), (30 * KILO, price + 2400))
    return Terms(
        code="express", name="Express", translations={"de": "Express"}, tax_class="standard", position=1,
        rate=Rate(RateKind.BY_WEIGHT, tuple((grams, Money(amount, currency)) for grams, amount in tiers)),
        min_days=days[0], max_days=days[1],
    )  # fmt: skip
