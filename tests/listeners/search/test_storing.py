"""What an engine stores of a product."""

from shopwright.kit import ids
from shopwright.listeners.search.backend import Offer
from shopwright.listeners.search.backends.elastic import storing


def test_a_product_of_many_variants_is_kept_for_each_of_many_channels(monkeypatch) -> None:
    monkeypatch.setattr(storing, "MOST_OFFERS", 20)
    channels = [ids.new() for _ in range(5)]
    offers = [
        Offer(
            channel_id=channel, variant_id=ids.new(), position=position, price=1, compare_at=None, in_stock=True,
            options={},
        )
        for channel in channels for position in range(9)
    ]  # fmt: skip
    kept = storing._fitting(offers)
    assert {channel: sum(offer.channel_id == channel for offer in kept) for channel in channels} == dict.fromkeys(
        channels, 4
    )
    assert storing._fitting(offers[:20]) == offers[:20]
