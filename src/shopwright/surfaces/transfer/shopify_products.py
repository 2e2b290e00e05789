"""Rows of Shopify's product CSV as products, or every reason why they are none.

Format: Shopify Help Center, "Using CSV files to import and export products".
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from msgspec import structs
from stdnum import ean

from shopwright.commerce.catalog.drafts import MediaDraft, OptionDraft, ProductDraft, VariantDraft, check
from shopwright.commerce.catalog.measures import BaseMeasure, Measure, Unit
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.money import Money
from shopwright.surfaces.transfer import cells
from shopwright.surfaces.transfer.reading import Row, Sheet
from shopwright.surfaces.transfer.shopify_columns import BASE_MEASURE, FROM_POINTER, MEASURE, OPTIONS

T = TypeVar("T")
LONGEST_HANDLE = 255
LONGEST_TYPE = 100


class Offer(NamedTuple):
    """What a variant row says beside the catalog's draft."""

    line: int
    draft: VariantDraft
    price: Money
    compare_at: Money | None
    cost: Money | None
    quantity: int


class Found(NamedTuple):
    """A product of the file. The type is by name, since it may not exist yet."""

    handle: str
    line: int
    draft: ProductDraft
    type_name: str
    offers: list[Offer]


class Grouping:
    """Reads the products of one sheet; faults go to the sheet, what is left out to `dropped`."""

    def __init__(self, sheet: Sheet, currency: str) -> None:
        self.sheet = sheet
        self.currency = currency
        self.dropped: list[str] = []

    def products(self) -> list[Found]:
        found = [self._product(handle, rows) for handle, rows in self._groups()]
        return [each for each in found if each is not None]

    def _groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each handle, which must stand together."""
        groups: dict[str, list[Row]] = {}
        last = ""
        for row in self.sheet.rows:
            handle = row["Handle"]
            if not handle:
                self.sheet.fault(row.line, "Handle", "is empty, so nobody knows what the row belongs to")
            elif len(handle) > LONGEST_HANDLE:
                self.sheet.fault(row.line, "Handle", f"is longer than {LONGEST_HANDLE} characters")
            elif handle in groups and handle != last:
                first = groups[handle][0].line
                self.sheet.fault(row.line, "Handle", f"“{handle}” began in line {first}; its rows must stand together")
            else:
                groups.setdefault(handle, []).append(row)
            last = handle
        return iter(groups.items())

    def _product(self, handle: str, rows: list[Row]) -> Found | None:
        head = rows[0]
        if self._value(head, "Gift Card", cells.truth, False):
            self.dropped.append(f"{self._place(head)}: “{handle}” is a gift card, which is not imported")
            return None
        before = len(self.sheet.faults)
        names = [head[name] for name, _ in OPTIONS if head[name]]
        is_simple = [*self._chosen(head, names)] == ["Default Title"]
        offers = self._offers(rows, [] if is_simple else names, names)
        draft = self._draft(handle, rows, [] if is_simple else names, offers)
        if len(self.sheet.faults) > before:
            return None
        if len(head["Type"]) > LONGEST_TYPE:
            self.sheet.fault(head.line, "Type", f"is longer than {LONGEST_TYPE} characters")
        self._check(draft, head, offers, self._pictures(rows))
        return Found(handle, head.line, draft, head["Type"], offers)

    def _draft(self, handle: str, rows: list[Row], names: list[str], offers: list[Offer]) -> ProductDraft:
        head = rows[0]
        status = head["Status"].lower() or "active"
        return ProductDraft(
            title=head["Title"], description=head["Body (HTML)"], brand=head["Vendor"] or None,
            seo_title=head["SEO Title"], seo_description=head["SEO Description"],
            tags=[tag.strip() for tag in head["Tags"].split(",") if tag.strip()],
            options=[OptionDraft(name=name) for name in names], variants=[offer.draft for offer in offers],
            media=[MediaDraft(source=row["Image Src"], alt=row["Image Alt Text"]) for row in self._pictures(rows)],
            is_published=self._value(head, "Published", cells.truth, True) and status == "active",
        )  # fmt: skip

    def _offers(self, rows: list[Row], names: list[str], written: list[str]) -> list[Offer]:
        offers = []
        for row in rows:
            if row["Variant Price"] or any(row[value] for _, value in OPTIONS):
                offers.append(self._offer(row, names, written))
            elif not row["Image Src"]:
                self.sheet.fault(row.line, "Variant Price", "is empty, and the row is no picture either")
        if not offers:
            self.sheet.fault(rows[0].line, "Variant Price", "is empty in all rows: the product has no variant")
        return offers

    def _offer(self, row: Row, names: list[str], written: list[str]) -> Offer:
        nothing = Money(0, self.currency)
        price = self._value(row, "Variant Price", self._price, None)
        if price is None and not row["Variant Price"]:
            self.sheet.fault(row.line, "Variant Price", "is empty")
        compare_at = self._value(row, "Variant Compare At Price", self._price, None)
        if compare_at is not None and price is not None and compare_at <= price:
            if compare_at.amount:
                self._drop(row, "Variant Compare At Price", "it is not above the price")
            compare_at = None
        chosen = self._chosen(row, written)
        draft = VariantDraft(
            option_values=chosen if names else [], sku=row["Variant SKU"].lstrip("'") or None,
            barcode=self._barcode(row), weight_grams=self._grams(row), image=row["Variant Image"] or None,
            requires_shipping=self._value(row, "Variant Requires Shipping", cells.truth, None),
        )  # fmt: skip
        draft = structs.replace(draft, measure=self._measure(row))
        if not self._value(row, "Variant Taxable", cells.truth, True):
            self._drop(row, "Variant Taxable", "its tax class is “standard” until you choose another")
        cost = self._value(row, "Cost per item", self._price, None)
        return Offer(row.line, draft, price or nothing, compare_at, cost, self._quantity(row))

    def _chosen(self, row: Row, written: list[str]) -> list[str]:
        """The option values of the row, one for each name."""
        chosen = []
        for place, (name, value) in enumerate(OPTIONS):
            if place < len(written):
                chosen.append(row[value])
                if not row[value] and row["Variant Price"]:
                    self.sheet.fault(row.line, value, f"is empty, but the product is chosen by “{written[place]}”")
            elif row[value]:
                self.sheet.fault(row.line, value, f"is given, but {name} is empty in the product's first row")
        return chosen

    def _pictures(self, rows: list[Row]) -> list[Row]:
        """Rows with a picture in the order of their positions, each picture once."""
        shown = [(self._value(row, "Image Position", cells.count, 0), row) for row in rows if row["Image Src"]]
        in_order = sorted(shown, key=lambda each: each[0])
        return [*{row["Image Src"]: row for _, row in reversed(in_order)}.values()][::-1]

    def _barcode(self, row: Row) -> str | None:
        text = row["Variant Barcode"].lstrip("'")
        if text and not ean.is_valid(text):
            self._drop(row, "Variant Barcode", "it is not a GTIN")
            return None
        return text or None

    def _grams(self, row: Row) -> int | None:
        grams: int | None = self._value(row, "Variant Grams", cells.count, None)
        if grams is not None and grams < 0:
            self.sheet.fault(row.line, "Variant Grams", "is negative")
        return grams

    def _measure(self, row: Row) -> Measure | None:
        measured, base = self._amount(row, MEASURE), self._amount(row, BASE_MEASURE)
        if measured is None:
            return None
        per = None if base is None else BaseMeasure(amount=base[0], unit=base[1])
        return Measure(amount=measured[0], unit=measured[1], per=per)

    def _amount(self, row: Row, columns: tuple[str, str]) -> tuple[int, Unit] | None:
        amount, unit = columns
        if not row[amount] or not row[unit]:
            return None
        if row[unit].lower() not in cells.UNITS:
            self._drop(row, unit, "this unit is not known here")
            return None
        read: tuple[int, Unit] | None = self._value(row, amount, partial(cells.measure, unit=row[unit].lower()), None)
        return read

    def _quantity(self, row: Row) -> int:
        quantity: int = self._value(row, "Variant Inventory Qty", cells.count, 0)
        if quantity < 0:
            self._drop(row, "Variant Inventory Qty", "less than nothing cannot lie anywhere; it begins with 0")
        return max(0, quantity)

    def _price(self, text: str) -> Money:
        return cells.price(text, self.currency)

    def _value(self, row: Row, column: str, read: Callable[[str], T], otherwise: Any) -> Any:
        """What the cell means; `otherwise` if it is empty, or is a fault now."""
        if not row[column]:
            return otherwise
        try:
            return read(row[column])
        except ValueError as fault:
            self.sheet.fault(row.line, column, str(fault))
            return otherwise

    def _check(self, draft: ProductDraft, head: Row, offers: list[Offer], pictures: list[Row]) -> None:
        """Have the catalog judge the draft, and tell its faults by line and column."""
        try:
            check(draft)
        except ValidationFailed as refused:
            for fault in refused.facts["errors"]:
                part, place, within = [*str(fault["pointer"])[1:].split("/"), "", ""][:3]
                lines = {"variants": [offer.line for offer in offers], "media": [row.line for row in pictures]}
                is_of_one = part in lines and place.isdigit()
                line = lines[part][int(place)] if is_of_one else head.line
                column = FROM_POINTER.get(f"{part}/{within}" if is_of_one else part, part)
                self.sheet.fault(line, column, fault["detail"])

    def _drop(self, row: Row, column: str, why: str) -> None:
        self.dropped.append(f"{self._place(row)}, {column}: “{row[column]}” is left out; {why}")

    def _place(self, row: Row) -> str:
        return f"{self.sheet.file.name}:{row.line}"
