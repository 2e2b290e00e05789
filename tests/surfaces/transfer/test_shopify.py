"""The importer on files of our own; the real export is in test_shopify_real_files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.catalog.models import Media, Product, Variant
from shopwright.commerce.catalog.taxonomy import Brand, ProductType
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import TaxDisplay
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason, StockLevel, StockMovement
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.models import Price
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from shopwright.surfaces.transfer import shopify
from shopwright.surfaces.transfer.report import Report

HEADER = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value",
    "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Price", "Variant Compare At Price",
    "Variant Barcode", "Image Src", "Image Alt Text", "SEO Title", "Variant Image", "Cost per item",
    "Google Shopping / MPN",
]  # fmt: skip
POT = {
    "Handle": "clay-pot", "Title": "Clay Pot", "Body (HTML)": "<p>Pot<script>alert(1)</script></p>", "Vendor": "Delft",
    "Type": "Garden", "Tags": "clay, garden", "Published": "true", "Option1 Name": "Size", "Option1 Value": "Small",
    "Variant Grams": "800", "Variant Inventory Qty": "3", "Variant Price": "9.99", "Variant Compare At Price": "12",
    "Image Src": "https://pictures.example/pot.jpg", "Image Alt Text": "A pot", "SEO Title": "Clay pots",
    "Cost per item": "4",
}  # fmt: skip
LARGE = {"Handle": "clay-pot", "Option1 Value": "Large", "Variant Price": "15.99", "Variant Inventory Qty": "1"}
PICTURE = {"Handle": "clay-pot", "Image Src": "https://pictures.example/other.jpg"}

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    with transaction():
        channel = channels.open_channel(
            code="eu", name="Europe", currency="EUR", countries=["DE"], locales=["en"], tax_display=TaxDisplay.GROSS
        )
        locations.sell_from(channel.id, [locations.open_location(code="berlin", name="Berlin", country="DE").id])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*rows: dict[str, str], header: list[str] = HEADER, name: str = "pots.csv") -> Path:
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return tmp_path / name

    return written


def run(*files: Path, dry_run: bool = False) -> Report:
    return shopify.import_files(files, "eu", "berlin", "gross", dry_run)


def faults(report: Report) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in report.faults]


def count(model: type) -> int:
    with reading():
        return session.scalar(select(func.count()).select_from(model)) or 0


def nothing_is_there() -> bool:
    return not any(count(model) for model in (Product, Variant, Brand, ProductType, Price, StockLevel, Media))


def only_variant(sku: str) -> Variant:
    return session.scalars(select(Variant).where(Variant.sku == sku)).one()


def test_a_product_comes_with_its_variants_prices_pictures_and_stock(write: Write) -> None:
    report = run(write(POT, LARGE, PICTURE))
    assert (report.created, report.new_variants, report.prices_set, report.faults) == (1, 2, 2, [])
    with reading():
        product = session.scalars(select(Product)).one()
        assert (product.external_reference, product.slug) == ("shopify:clay-pot", "clay-pot")
        assert (product.title, product.description, product.seo_title) == ("Clay Pot", "<p>Pot</p>", "Clay pots")
        assert (product.tags, product.status) == (["clay", "garden"], "published")
        assert session.scalars(select(Brand.name)).all() == ["Delft"]
        assert session.scalars(select(ProductType.name)).all() == ["Garden"]
        assert session.scalars(select(Media.source).order_by(Media.position)).all() == [
            "https://pictures.example/pot.jpg", "https://pictures.example/other.jpg",
        ]  # fmt: skip
        small, large = only_variant("CLAY-POT-SMALL"), only_variant("CLAY-POT-LARGE")
        prices = {price.variant_id: price for price in session.scalars(select(Price))}
        assert (prices[small.id].price, prices[small.id].compare_at) == (Money(999, "EUR"), Money(1200, "EUR"))
        assert (prices[small.id].cost, prices[large.id].compare_at) == (Money(400, "EUR"), None)
        on_hand = {level.variant_id: level.on_hand for level in session.scalars(select(StockLevel))}
        assert on_hand == {small.id: 3, large.id: 1}
        assert set(session.scalars(select(StockMovement.reason))) == {Reason.IMPORT}


def test_a_second_run_changes_nothing(write: Write) -> None:
    file = write(POT, LARGE, PICTURE)
    run(file)
    before = count(OutboxEntry)
    again = run(file)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert (again.new_variants, again.prices_set) == (0, 0)
    assert (count(Variant), count(OutboxEntry)) == (2, before)


def test_a_second_run_does_not_bring_back_what_was_sold(write: Write) -> None:
    run(write(POT))
    with transaction():
        variant, place = session.execute(select(StockLevel.variant_id, StockLevel.location_id)).one()
        stock.adjust(variant, place, -2, Reason.SALE)
    report = run(write(POT, LARGE))
    assert (report.changed, report.new_variants) == (1, 1)
    with reading():
        on_hand = dict(session.execute(select(Variant.sku, StockLevel.on_hand).join(StockLevel)).all())
    assert on_hand == {"CLAY-POT-SMALL": 1, "CLAY-POT-LARGE": 1}


def test_an_empty_cost_leaves_ours(write: Write) -> None:
    run(write(POT))
    with transaction():
        price = session.scalars(select(Price)).one()
        pricing.set_price(price.variant_id, price.channel_id, price.price, cost=Money(333, "EUR"))
    run(write(POT | {"Cost per item": "", "Variant Price": "11.00", "Variant Compare At Price": ""}))
    with reading():
        price = session.scalars(select(Price)).one()
        assert (price.amount, price.cost_amount, price.compare_at_amount) == (1100, 333, None)


def test_the_default_title_is_no_option(write: Write) -> None:
    run(write(POT | {"Option1 Name": "Title", "Option1 Value": "Default Title"}))
    with reading():
        assert only_variant("CLAY-POT").option_values == []


def test_a_dry_run_finds_the_same_and_writes_nothing(write: Write) -> None:
    before = count(OutboxEntry)
    report = run(write(POT, LARGE), dry_run=True)
    assert (report.created, report.new_variants, report.faults) == (1, 2, [])
    assert nothing_is_there()
    assert count(OutboxEntry) == before


def test_what_is_left_out_is_told(write: Write) -> None:
    report = run(write(POT | {"Variant Barcode": "123", "Variant Compare At Price": "5", "Google Shopping / MPN": "x"}))
    assert report.is_whole
    assert [note.split(":")[0] for note in report.dropped] == ["pots.csv", "pots.csv", "pots.csv"]
    assert "Google Shopping / MPN" in report.dropped[0]


def test_net_prices_are_refused_by_a_gross_channel(write: Write) -> None:
    with pytest.raises(shopify.PricesDoNotMatch, match="keeps gross prices"):
        shopify.import_files([write(POT)], "eu", "berlin", "net", False)
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"Variant Price": "nine"}, "Variant Price"),
        ({"Variant Price": "-9.99"}, "Variant Price"),
        ({"Variant Price": "9.999"}, "Variant Price"),
        ({"Variant Price": "99999999999999999"}, "Variant Price"),
        ({"Variant Compare At Price": "dear"}, "Variant Compare At Price"),
        ({"Handle": ""}, "Handle"),
        ({"Title": ""}, "Title"),
        ({"Title": "x" * 201}, "Title"),
        ({"Body (HTML)": "x" * 200_000}, "Body (HTML)"),
        ({"Body (HTML)": "x" * 60_000}, "Body (HTML)"),
        ({"Tags": "x" * 61}, "Tags"),
        ({"Type": "x" * 101}, "Type"),
        ({"Vendor": "x" * 101}, "Vendor"),
        ({"Variant Grams": "-1"}, "Variant Grams"),
        ({"Variant Grams": "heavy"}, "Variant Grams"),
        ({"Variant Inventory Qty": "1e999"}, "Variant Inventory Qty"),
        ({"Variant Inventory Qty": "NaN"}, "Variant Inventory Qty"),
        ({"Published": "perhaps"}, "Published"),
        ({"Image Src": "javascript:alert(1)"}, "Image Src"),
        ({"Variant Image": "not a link"}, "Variant Image"),
        ({"Option1 Value": ""}, "Option1 Value"),
        ({"Option1 Name": ""}, "Option1 Value"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_column_and_nothing_is_written(
    write: Write, changes: dict[str, str], column: str
) -> None:
    sound = POT | {"Handle": "sound", "Option1 Name": "Title", "Option1 Value": "Default Title"}
    assert faults(run(write(sound, POT | changes))) == [(3, column)]
    assert nothing_is_there()


def test_all_faults_are_told_at_once(write: Write) -> None:
    report = run(write(POT | {"Variant Price": "x", "Published": "x"}, LARGE | {"Variant Price": "y"}, {"Title": "?"}))
    assert faults(report) == [(2, "Variant Price"), (2, "Published"), (3, "Variant Price"), (4, "Handle")]


def test_a_line_is_counted_as_an_editor_counts_it(write: Write) -> None:
    report = run(write(POT | {"Body (HTML)": "three\nlines\nlong"}, LARGE | {"Variant Price": "x"}))
    assert faults(report) == [(5, "Variant Price")]


def test_a_sku_stands_once_in_all_files(write: Write) -> None:
    twice = [POT | {"Variant SKU": "P1"}, LARGE | {"Variant SKU": "P1"}]
    assert faults(run(write(*twice))) == [(3, "Variant SKU")]
    vase = POT | {"Handle": "vase", "Variant SKU": "P1"}
    report = run(write(POT | {"Variant SKU": "P1"}), write(vase, name="vases.csv"))
    assert [str(fault) for fault in report.faults] == ["vases.csv:2, Variant SKU: “P1” is that of pots.csv:2, too"]
    assert nothing_is_there()


def test_a_sku_of_something_else_in_the_shop_is_refused(write: Write) -> None:
    run(write(POT | {"Variant SKU": "P1"}))
    assert faults(run(write(POT | {"Handle": "vase", "Variant SKU": "P1"}))) == [(2, "Variant SKU")]
    assert count(Product) == 1
    assert run(write(POT | {"Variant SKU": "P1"})).unchanged == 1


def test_the_rows_of_a_product_stand_together(write: Write) -> None:
    assert faults(run(write(POT, POT | {"Handle": "vase"}, LARGE))) == [(4, "Handle")]
    assert faults(run(write(POT), write(POT, name="again.csv"))) == [(2, "Handle")]
    assert nothing_is_there()


def test_the_same_option_values_twice_are_refused(write: Write) -> None:
    assert faults(run(write(POT, LARGE | {"Option1 Value": "Small"}))) == [(3, "Option1 Value")]
    assert nothing_is_there()


def test_a_slug_that_another_product_has_is_not_taken_from_it(write: Write) -> None:
    run(write(POT))
    with transaction():
        product = session.scalars(select(Product)).one()
        product.external_reference = None
        session.scalars(select(Variant)).one().sku = "OTHER"
    assert run(write(POT)).created == 1
    with reading():
        assert sorted(session.scalars(select(Product.slug))) == ["clay-pot", "clay-pot-2"]


def test_a_missing_column_is_named(write: Write) -> None:
    header = [name for name in HEADER if name not in ("Variant Price", "Title")]
    assert faults(run(write(POT, header=header))) == [(1, "Title"), (1, "Variant Price")]
    assert nothing_is_there()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 0),
        (b"\xef\xbb\xbf \r\n", 0),
        (",".join(HEADER).encode() + b"\r\n", 0),
        (",".join(HEADER).encode() + b"\nclay-pot,Topf f\xfcr Kr\xe4uter\n", 2),
        ("Handle,Title\n".encode("utf-16"), 1),
        (b"Handle,Title\x00\n", 1),
        (b"PK\x03\x04\x00\x00", 1),
        (",".join(HEADER).encode() + b"\nclay-pot,Pot\n", 2),
        (",".join(HEADER).encode() + b'\nclay-pot,"Pot\n', 2),
    ],
    ids=["empty", "blank", "only-header", "latin-1", "utf-16", "nul", "zip", "cut-off", "open-quote"],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, line: int) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    report = run(file)
    assert [fault.line for fault in report.faults] == [line]
    assert nothing_is_there()


def test_a_broken_file_keeps_the_sound_one_beside_it_from_being_written(write: Write) -> None:
    broken = write(POT | {"Handle": "vase", "Variant Price": "x"}, name="broken.csv")
    assert not run(write(POT), broken).is_whole
    assert nothing_is_there()


def test_a_refusal_while_writing_takes_back_the_whole_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    run(write(POT | {"Variant SKU": "P1"}, LARGE | {"Variant SKU": "P2"}))
    swapped = [
        POT | {"Handle": "new"},
        POT | {"Variant SKU": "P2"},
        LARGE | {"Variant SKU": "P1"},
    ]
    # As if the SKUs had been taken between the check and the writing.
    monkeypatch.setattr(shopify, "_find_taken_skus", lambda plans: None)
    report = run(write(*swapped))
    assert faults(report) == [(3, "Handle")]
    assert "SKU" in report.faults[0].problem
    assert count(Product) == 1


def test_a_person_at_the_terminal_is_told(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert shopify.import_from_terminal([write(POT)], "eu", "berlin", "gross", dry_run=True)
    assert "Tried, and nothing kept: 1 products created" in capsys.readouterr().out
    assert not shopify.import_from_terminal([write(POT)], "eu", "berlin", "net", dry_run=False)
    assert "keeps gross prices" in capsys.readouterr().out
    assert not shopify.import_from_terminal(
        [write(POT | {"Variant Price": "[x]"})], "eu", "berlin", "gross", dry_run=False
    )
    assert "pots.csv:2, Variant Price: “[x]” is not a price" in capsys.readouterr().out
    assert nothing_is_there()


UNIT_PRICE = [
    "Unit Price Total Measure", "Unit Price Total Measure Unit", "Unit Price Base Measure", "Unit Price Base Measure Unit",
]  # fmt: skip


def measured(write: Write, *values: str) -> Report:
    return run(write(POT | dict(zip(UNIT_PRICE, values, strict=True)), header=HEADER + UNIT_PRICE))


@pytest.mark.parametrize(
    ("values", "measure"),
    [
        (("750", "ml", "100", "ml"), (750, "ml", 100, "ml")),
        (("0.75", "L", "1", "l"), (75, "cl", 1, "l")),
        (("2.5", "m2", "", ""), (25_000, "cm2", 1, "m2")),
        (("6", "item", "1", "item"), (6, "piece", 1, "piece")),
        (("", "", "", ""), None),
    ],
)
def test_the_measure_of_a_variant_is_taken_over(
    write: Write, values: tuple[str, ...], measure: tuple[int, str, int, str] | None
) -> None:
    report = measured(write, *values)
    assert (faults(report), report.created) == ([], 1)
    with reading():
        found = session.scalars(select(Variant)).one().measure
    told = found and (found.amount, str(found.unit), found.base.amount, str(found.base.unit))
    assert told == measure
    assert measured(write, *values).unchanged == 1


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (("much", "ml", "", ""), UNIT_PRICE[0]),
        (("-1", "ml", "", ""), UNIT_PRICE[0]),
        (("0.0001", "mg", "", ""), UNIT_PRICE[0]),
        (("1", "l", "1", "kg"), UNIT_PRICE[3]),
        (("1", "l", "5000", "ml"), UNIT_PRICE[3]),
    ],
)
def test_a_measure_that_is_none_is_told_by_its_column(write: Write, values: tuple[str, ...], column: str) -> None:
    assert faults(measured(write, *values)) == [(2, column)]
    assert nothing_is_there()


def test_a_unit_that_is_not_known_is_left_out_and_told(write: Write) -> None:
    report = measured(write, "12", "floz", "1", "l")
    assert report.dropped == [
        "pots.csv:2, Unit Price Total Measure Unit: “floz” is left out; this unit is not known here"
    ]
    with reading():
        assert session.scalars(select(Variant)).one().measure is None
