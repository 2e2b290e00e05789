"""What sells stands higher, an hour later at most."""

from datetime import timedelta

from flask.testing import FlaskClient

from shopwright.kit import clock
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import indexing, popularity
from tests.listeners.search.conftest import index, titles
from tests.shopping import Buyer, make_shop


def follow() -> int:
    with transaction():
        followed = popularity.follow_sales()
    indexing.run()
    return followed


def test_what_was_ordered_climbs_and_falls_again_after_thirty_days(client: FlaskClient) -> None:
    market = make_shop()
    market.product(title="Mug one")
    sold = market.product(title="Mug two")
    market.product(title="Mug three")
    index()
    buyer = Buyer(client, market)
    buyer.fills_a_cart(sold, 3)
    buyer.orders()

    def most_popular() -> str:
        found = client.get(f"/v1/search?q=mug&sort=popularity&channel={market.channel.code}&locale=en").get_json()
        return titles(found)[0]

    assert follow() == 1
    assert most_popular() == "Mug two"
    assert follow() == 0
    with clock.held_at(clock.now() + timedelta(days=31)):
        assert follow() == 1
        assert follow() == 0
