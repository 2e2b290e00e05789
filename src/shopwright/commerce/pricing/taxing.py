"""The arithmetic of tax: how much is in an amount or comes on top of it, where it is rounded, and of whom none is asked.

Exact integers, rounded half up. Whatever the way, net and tax of a part are its gross amount, and all parts of one
rate have the tax of that rate.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from shopwright.commerce.channels.models import ShippingTax, TaxRounding
from shopwright.commerce.pricing.quotes import Exemption
from shopwright.commerce.taxes import rates
from shopwright.commerce.taxes.provider import TaxedPart
from shopwright.commerce.taxes.rates import Rate, tax_in, tax_on
from shopwright.kit.money import Money, allocate, zero


class Part(NamedTuple):
    """What is taxed by itself, as the channel shows it: a line, or shipping, which has no variant.

    A gift card is no goods: what it will be spent on is not known yet.
    """

    id: str
    shown: Money
    rate: Rate
    variant_id: UUID | None = None
    is_goods: bool = False


class Relief(Struct, frozen=True):
    """No tax is asked of this buyer: they are exempt, or else owe it in their own country (reverse charge)."""

    exemption: Exemption | None = None

    @property
    def name(self) -> str:
        return "Tax exempt" if self.exemption else "Reverse charge"

    @property
    def label(self) -> str:
        return f"Tax exempt, certificate {self.exemption.certificate}" if self.exemption else self.name


class Levied(NamedTuple):
    """A part taken apart: net and tax are always gross. `removed` was in the price, and is not asked of who has `relief`."""

    net: Money
    tax: Money
    gross: Money
    rate: Rate
    removed: Money
    relief: Relief | None = None


class Taxation(Struct, frozen=True, kw_only=True):
    """How a basket is taxed. Where `told` is given, a tax service said what is due on each part, and nothing else counts;
    `is_needed` says that it was not asked yet."""

    rounding: TaxRounding = TaxRounding.LINE
    shipping: ShippingTax = ShippingTax.OWN
    relief: Relief | None = None
    vat_id: str | None = None
    told: Mapping[str, TaxedPart] | None = None
    is_needed: bool = False


AS_USUAL = Taxation()


def levy(parts: Sequence[Part], how: Taxation, *, is_gross: bool) -> list[Levied]:
    """What becomes of each part."""
    if how.told is not None:
        found = [how.told.get(part.id) for part in parts]
        parts = [
            part._replace(rate=Rate(said.rate_ppm, said.name) if said else rates.NONE)
            for part, said in zip(parts, found, strict=True)
        ]
        taxes = [said.tax if said else 0 for said in found]
    else:
        if how.shipping == ShippingTax.MAIN:
            parts = _shipped_at_the_main_rate(parts)
        once = how.rounding == TaxRounding.ORDER
        taxes = _once_a_rate(parts, is_gross) if once else [_tax(part.shown, part.rate, is_gross) for part in parts]
    return [_levied(part, tax, how.relief, is_gross) for part, tax in zip(parts, taxes, strict=True)]


def _tax(shown: Money, rate: Rate, is_gross: bool) -> int:
    return (tax_in if is_gross else tax_on)(shown, rate.ppm).amount


def _shipped_at_the_main_rate(parts: Sequence[Part]) -> list[Part]:
    amounts: dict[Rate, int] = {}
    for part in parts:
        if part.is_goods:
            amounts[part.rate] = amounts.get(part.rate, 0) + part.shown.amount
    if not amounts:
        return [*parts]
    main = max(amounts, key=lambda rate: (amounts[rate], rate.ppm, rate.name))
    return [part if part.variant_id else part._replace(rate=main) for part in parts]


def _once_a_rate(parts: Sequence[Part], is_gross: bool) -> list[int]:
    """The tax of all parts of a rate at once, spread over them by the largest remainder.

    A unit that is left over goes, of equals, to the lower variant id, then the lower line id; to shipping last.
    """
    taxes = [0] * len(parts)
    in_order = sorted(
        range(len(parts)), key=lambda at: (parts[at].variant_id is None, parts[at].variant_id, parts[at].id)
    )
    of_rate: dict[Rate, list[int]] = {}
    for at in in_order:
        of_rate.setdefault(parts[at].rate, []).append(at)
    for rate, places in of_rate.items():
        shown = [parts[at].shown for at in places]
        whole = _tax(sum(shown[1:], shown[0]), rate, is_gross)
        for at, tax in zip(places, allocate(whole, [each.amount for each in shown]), strict=True):
            taxes[at] = tax
    return taxes


def _levied(part: Part, tax: int, relief: Relief | None, is_gross: bool) -> Levied:
    nothing, due = zero(part.shown.currency), Money(tax, part.shown.currency)
    net = part.shown - due if is_gross else part.shown
    if relief is None or part.rate == rates.NONE:
        return Levied(net, due, net + due, part.rate, nothing)
    return Levied(net, nothing, net, Rate(0, relief.name), due if is_gross else nothing, relief)
