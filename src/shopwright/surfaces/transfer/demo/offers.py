"""The promotions of the demo shop, one of each kind: a sale, a gift for those who take more, a code for newcomers."""

from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.catalog.taxonomy import Category
from shopwright.commerce.promotions import codes, service
from shopwright.commerce.promotions.rules import BuyGet, Categories, Code, FirstOrder, Kind, Percentage, Terms
from shopwright.kit.db import session

SALE = "light-and-scent"
THREE_FOR_TWO = "ceramics"
CODE = "WELCOME10"


def promote() -> None:
    """Put them in force, in every channel. The categories must be there."""
    _give(
        Terms(
            name="Longer evenings", kind=Kind.CATALOG, effect=Percentage(ppm=200_000), conditions=(_in(SALE),),
            priority=10,
        )
    )  # fmt: skip
    _give(
        Terms(
            name="Buy two, get one", kind=Kind.CART, effect=BuyGet(buy_quantity=2, get_quantity=1),
            conditions=(_in(THREE_FOR_TWO),), priority=20, is_announced=True,
        )
    )  # fmt: skip
    welcome = _give(
        Terms(
            name="Welcome", kind=Kind.CART, effect=Percentage(ppm=100_000), conditions=(Code(), FirstOrder()),
            priority=30,
        )
    )  # fmt: skip
    codes.add_code(welcome, CODE)


def _in(slug: str) -> Categories:
    return Categories(any_of=(session.scalars(select(Category.id).where(Category.slug == slug)).one(),))


def _give(terms: Terms) -> UUID:
    return service.activate_promotion(service.create_promotion(terms).id).id
