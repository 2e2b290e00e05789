import pytest
from flask import Flask

from shopwright.commerce.taxes import queries, service
from shopwright.commerce.taxes.errors import TaxAreaTaken, TaxClassTaken, UnknownTaxClass, UnknownTaxZone
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit.transaction import reading, transaction
from tests.make import make_tax_zone

pytestmark = pytest.mark.usefixtures("app")


def rates(country: str, region: str | None, *classes: str) -> dict[str, int]:
    with reading():
        return {code: rate.ppm for code, rate in queries.rates(country, region, classes).items()}


def test_a_class_without_a_rate_is_absent(app: Flask) -> None:
    make_tax_zone("DE", standard=190_000, reduced=70_000)
    assert rates("DE", None, "standard", "reduced", "zero") == {"standard": 190_000, "reduced": 70_000}
    assert rates("DE", None, "reduced") == {"reduced": 70_000}
    assert rates("FR", None, "standard") == {}
    assert rates("DE", None) == {}


def test_a_rate_has_a_name(app: Flask) -> None:
    make_tax_zone("DE", standard=190_000)
    with reading():
        assert queries.rates("DE", None, ["standard"]) == {"standard": Rate(190_000, "VAT 19 %")}


def test_the_region_goes_before_its_country(app: Flask) -> None:
    make_tax_zone("US", standard=0)
    make_tax_zone("US", "CA", standard=72_500)
    assert rates("US", "CA", "standard") == {"standard": 72_500}
    assert rates("US", "ca", "standard") == {"standard": 72_500}
    assert rates("US", "NY", "standard") == {"standard": 0}
    assert rates("US", None, "standard") == {"standard": 0}


def test_the_most_specific_zone_decides_alone(app: Flask) -> None:
    make_tax_zone("ES", standard=210_000, reduced=100_000)
    make_tax_zone("ES", "GC", standard=70_000)
    assert rates("ES", "GC", "standard", "reduced") == {"standard": 70_000}


def test_a_region_of_another_country_is_not_meant(app: Flask) -> None:
    make_tax_zone("US", "CA", standard=72_500)
    assert rates("CA", "CA", "standard") == {}
    assert rates("US", None, "standard") == {}


@pytest.mark.parametrize("region", [None, "GC"])
def test_an_area_belongs_to_one_zone(app: Flask, region: str | None) -> None:
    make_tax_zone("ES", region, standard=210_000)
    with pytest.raises(TaxAreaTaken), transaction():
        service.open_zone("again", [("FR", None), ("ES", region)], {})
    assert rates("FR", None, "standard") == {}
    assert rates("ES", region, "standard") == {"standard": 210_000}


def test_a_zone_names_only_classes_that_exist(app: Flask) -> None:
    with pytest.raises(UnknownTaxClass) as refusal, transaction():
        service.open_zone("DE", [("DE", None)], {"standrad": Rate(190_000, "VAT")})
    assert refusal.value.facts == {"classes": ["standrad"]}
    make_tax_zone("DE", standard=190_000)  # the area is still free


def test_areas_and_rates_are_replaced_and_make_a_new_version(app: Flask) -> None:
    zone = make_tax_zone("DE", standard=190_000, reduced=70_000)
    first = zone.version
    with transaction():
        service.change_zone(zone.id, areas=[("DE", None), ("AT", None), ("AT", None)])
    with transaction():
        service.change_zone(zone.id, rates={"standard": Rate(160_000, "VAT 16 %")})
    with reading():
        found = queries.zone(zone.id)
        assert [(area.country, area.region) for area in found.areas] == [("AT", None), ("DE", None)]
        assert [(rate.tax_class, rate.rate_ppm) for rate in found.rates] == [("standard", 160_000)]
        assert found.version == first + 2
    assert rates("AT", None, "standard", "reduced") == {"standard": 160_000}


def test_a_removed_zone_taxes_nothing(app: Flask) -> None:
    zone = make_tax_zone("DE", standard=190_000)
    with transaction():
        service.remove_zone(zone.id)
    assert rates("DE", None, "standard") == {}
    with pytest.raises(UnknownTaxZone), reading():
        queries.zone(zone.id)


def test_a_class_code_is_unique(app: Flask) -> None:
    with transaction():
        service.add_class("books", "Books")
    with pytest.raises(TaxClassTaken), transaction():
        service.add_class("books", "Other books")
    with reading():
        assert [row.name for row in queries.session.scalars(queries.classes())] == ["Books"]
