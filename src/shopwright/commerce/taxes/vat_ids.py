"""VAT ids: whether their form is right. Nobody is asked whether they were ever given out."""

import re
from collections.abc import Callable, Iterable

from stdnum import get_cc_module
from stdnum.eu import vat as eu
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from shopwright.commerce.taxes.errors import VatIdNotValid

NORTHERN_IRELAND = "XI"
#: The EU's, as addresses name them. Northern Ireland's ids are right, and change nothing.
MEMBERS = frozenset(state.upper() for state in eu.MEMBER_STATES) - {NORTHERN_IRELAND}
GREECE = "EL"

FORM = re.compile(r"([A-Z]{2})[A-Z0-9+*]{2,18}", re.ASCII)
SEPARATORS = re.compile(r"[\s./-]+")


def checked(text: str, at: str) -> str:
    """The id without separators, its country in front: `DE136695976`, `EL094259216`, `CHE107787577IVA`.

    Raises `VatIdNotValid`, which points `at` where in the request it stands.
    """
    compact = SEPARATORS.sub("", text).upper()
    form = FORM.fullmatch(compact)
    if form is None:
        raise _refusal("Write the country's two letters and then the number, as in DE136695976.", at)
    prefix = GREECE if form[1] == "GR" else form[1]
    number = _by_its_country(prefix, compact, at)
    return number if number.startswith(prefix) else prefix + number


def country_of(vat_id: str) -> str:
    """Where a checked id is from, as addresses name it."""
    return "GR" if vat_id.startswith(GREECE) else vat_id[:2]


def _by_its_country(prefix: str, compact: str, at: str) -> str:
    if country_of(prefix) in MEMBERS | {NORTHERN_IRELAND}:
        return _valid(eu.validate, (prefix + compact[2:],), prefix, at)
    module = get_cc_module(prefix.lower(), "vat")
    if module is None:
        raise _refusal(f"We cannot check VAT ids of {prefix}. Leave it out: it changes nothing here.", at)
    # Some countries write their letters in front of it, others do not.
    return _valid(module.validate, (compact, compact[2:]), prefix, at)


def _valid(validate: Callable[[str], str], forms: Iterable[str], prefix: str, at: str) -> str:
    fault: ValidationError | None = None
    for form in forms:
        try:
            return validate(form).upper()
        except ValidationError as wrong:
            fault = wrong if fault is None or isinstance(wrong, InvalidChecksum) else fault
    raise _refusal(_why(prefix, fault), at)


def _why(prefix: str, fault: ValidationError | None) -> str:
    if isinstance(fault, InvalidChecksum):
        return f"A letter or digit of this VAT id of {prefix} is wrong: its check digits do not fit."
    if isinstance(fault, InvalidLength):
        return f"A VAT id of {prefix} has another length."
    return f"This is not how a VAT id of {prefix} is written."


def _refusal(detail: str, at: str) -> VatIdNotValid:
    return VatIdNotValid(errors=[{"pointer": at, "detail": detail}])
