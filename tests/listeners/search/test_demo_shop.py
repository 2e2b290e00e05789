"""The demo shop finds what one would look for."""

from flask.testing import FlaskClient

from shopwright.surfaces.transfer import demo
from tests.listeners.search.conftest import index

LOOKED_FOR = [
    ("en", "mug", "exact", {"Campfire Mug", "Harbour Mug"}),
    ("en", "mugs", "stemmed", {"Campfire Mug", "Harbour Mug"}),
    ("en", "notebook under 20", "exact", {"Field Notebook"}),
    ("en", "noteboko", "fuzzy", {"Field Notebook"}),
    ("en", "campfire mug", "exact", {"Campfire Mug"}),
    ("de", "becher", "exact", set()),
    ("de", "espressokocher", "exact", {"Espressokocher"}),
]


def test_what_shoppers_look_for_is_found_first(client: FlaskClient) -> None:
    demo.seed()
    index()
    for locale, typed, level, expected in LOOKED_FOR:
        asked = {"q": typed, "channel": "eu", "locale": locale}
        found = client.get("/v1/search", query_string=asked).get_json()
        assert found["query"]["level"] == level, typed
        first = {item["title"] for item in found["items"][: max(1, len(expected))]}
        assert not expected or first == expected, typed
    everything = client.get("/v1/search", query_string={"channel": "eu"}).get_json()
    names = [facet["name"] for facet in everything["facets"]]
    assert names[:4] == ["category", "brand", "price", "available"]
    assert everything["total"] == sum(value["count"] for value in everything["facets"][0]["values"])
