"""Products from Shopify's CSV export: all files are read and checked first, then written, each in one transaction."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy import select

from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import queries as inventory
from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.errors import Problem
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import reading, transaction
from shopwright.surfaces.transfer import shopify_columns as columns
from shopwright.surfaces.transfer import terminal
from shopwright.surfaces.transfer.reading import Sheet, read
from shopwright.surfaces.transfer.report import Fault, Report, Reporter, Silent
from shopwright.surfaces.transfer.shopify_products import Found, Grouping
from shopwright.surfaces.transfer.shopify_writing import SOURCE, Desk, Refused, write


class PricesDoNotMatch(Problem):
    status = 409
    detail = "The channel keeps its prices another way, net or gross, than the files are said to."


class Plan(NamedTuple):
    sheet: Sheet
    products: list[Found]


class _OnlyTried(Exception):
    """Ends a dry run's transaction, so that nothing of it stays."""


def import_files(
    paths: Sequence[Path], channel_code: str, location_code: str, prices: Literal["net", "gross"], dry_run: bool,
    report: Reporter | None = None, *, drain: bool = False,
) -> Report:  # fmt: skip
    """Make the products of these files, or bring them up to date; run again, nothing changes.

    A product is known by its handle and a variant by its option values. All files are checked before the first is
    written: if one has a fault, nothing is. Then each file is one transaction; when a later one is refused after all,
    those before it stand, and the report says so. A dry run does the same and rolls it back. Prices and compare-at
    prices become those of the file; an empty cost leaves ours. The stock quantity is taken for variants that are made
    now and for no others: what has been sold since the first import must not come back with the second.

    Raises `UnknownChannel`, `UnknownLocation` and `PricesDoNotMatch`. With `drain` the facts are delivered, too.
    """
    report = report or Silent()
    told = Report()
    with reading():
        desk = _desk(channel_code, location_code, prices, told)
        plans = _checked([*dict.fromkeys(paths)], desk.channel, told)
    for plan in plans if told.is_whole else []:
        _import(plan, desk, told, report, dry_run)
        if not told.is_whole:
            break
    if drain and not dry_run:
        outbox.drain()
    return told


def import_from_terminal(paths: list[Path], channel: str, location: str, prices: str, *, dry_run: bool) -> bool:
    """The same for a person at a terminal, with progress. Answers whether everything was imported."""
    assert prices in ("net", "gross")
    with terminal.Progress() as progress:
        try:
            told = import_files(paths, channel, location, "net" if prices == "net" else "gross", dry_run, progress)
        except Problem as refusal:
            progress.refuse(refusal.text)
            return False
    terminal.tell(told, dry_run=dry_run)
    return told.is_whole


def _desk(channel_code: str, location_code: str, prices: str, told: Report) -> Desk:
    channel = channels.by_code(channel_code)
    location = inventory.location_by_code(location_code)
    if prices != channel.tax_display:
        raise PricesDoNotMatch(
            f"The channel “{channel.code}” keeps {channel.tax_display} prices, but the files are said to have {prices}"
            f" ones. Import with --prices {channel.tax_display} if that is what they are, or into another channel."
        )
    if location.id not in inventory.selling_locations(channel.id):
        told.dropped.append(f"The channel “{channel.code}” does not sell from “{location.code}”, where the stock goes")
    return Desk(channel, location)


def _checked(paths: list[Path], channel: Channel, told: Report) -> list[Plan]:
    plans = []
    for path in paths:
        sheet = read(path, columns.REQUIRED)
        grouping = Grouping(sheet, channel.currency)
        # Rows that could not be read are missing: what is said of a product then may be wrong, but is of use.
        plans.append(Plan(sheet, grouping.products()))
        told.dropped += [*_not_understood(sheet), *grouping.dropped]
    _find_repeated(plans)
    _find_taken_skus(plans)
    told.faults += [fault for plan in plans for fault in _one_a_cell(plan.sheet.faults)]
    return plans


def _one_a_cell(faults: list[Fault]) -> list[Fault]:
    """In the order of the lines; what is wrong with a cell for two reasons is told once."""
    first: dict[tuple[int, str], Fault] = {}
    for fault in faults:
        first.setdefault((fault.line, fault.column), fault)
    return sorted(first.values(), key=lambda fault: fault.line)


def _not_understood(sheet: Sheet) -> list[str]:
    """The columns that hold something and are left out."""
    counts: dict[str, int] = {}
    for row in sheet.rows:
        for name, value in row.cells.items():
            if value and name not in columns.UNDERSTOOD and value not in columns.USUAL.get(name, ()):
                counts[name] = counts.get(name, 0) + 1
    return [f"{sheet.file.name}: the column “{name}” is left out ({count} cells)" for name, count in counts.items()]


def _find_repeated(plans: list[Plan]) -> None:
    """Handles and SKUs that stand in more than one product or file."""
    handles: dict[str, str] = {}
    skus: dict[str, str] = {}
    for sheet, products in plans:
        for found in products:
            place = f"{sheet.file.name}:{found.line}"
            if handles.setdefault(found.handle, place) != place:
                sheet.fault(found.line, "Handle", f"“{found.handle}” is in {handles[found.handle]}, too")
            for offer in found.offers:
                sku, here = offer.draft.sku, f"{sheet.file.name}:{offer.line}"
                if sku and skus.setdefault(sku, here) != here:
                    sheet.fault(offer.line, "Variant SKU", f"“{sku}” is that of {skus[sku]}, too")


def _find_taken_skus(plans: list[Plan]) -> None:
    """SKUs that something else in the shop has."""
    given = {offer.draft.sku for plan in plans for found in plan.products for offer in found.offers if offer.draft.sku}
    rows = session.execute(
        select(Variant.sku, Variant.option_values, Product.external_reference)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.sku.in_(given))
    )
    owners = {sku: (reference, values) for sku, values, reference in rows}
    for sheet, products in plans:
        for found in products:
            for offer in found.offers:
                owner = owners.get(offer.draft.sku or "")
                if owner and owner != (f"{SOURCE}:{found.handle}", offer.draft.option_values):
                    sheet.fault(offer.line, "Variant SKU", f"another variant in the shop has “{offer.draft.sku}”")


def _import(plan: Plan, desk: Desk, told: Report, report: Reporter, dry_run: bool) -> None:
    report.begin(plan.sheet.file, len(plan.products))
    done = Report()
    try:
        with transaction(), acting_as(SYSTEM):
            write(plan.sheet.file, plan.products, desk, done, report)
            if dry_run:
                raise _OnlyTried()
    except _OnlyTried:
        pass
    except Refused as refused:
        told.faults.append(refused.fault)
        return
    told.add(done)
