"""Decoding what a client sent, and naming every fault in it as a JSON pointer, not only the first."""

import re
import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from shopwright.kit.errors import CardNumberRefused, MalformedRequest, ValidationFailed
from shopwright.kit.logging import is_card_number

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
Fault = dict[str, str]

#: Cards for paying begin with 2 to 6 (ISO/IEC 7812-1), and what stands behind a + is a phone number.
CARD = re.compile(r"(?<![+\d])[2-6](?:[ -]?\d){12,18}(?!\d)", re.ASCII)
#: Cheap to look for in every body: no card number is without one of these, as a digit may be written `\u0034`.
PERHAPS_A_CARD = re.compile(rb"\d(?:[ -]?\d){12}|\\u00")
UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)


def decode_json(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body as the decoder's type.

    Raises `MalformedRequest` for what is no JSON and `ValidationFailed` with all faults for what is of the wrong shape.
    """
    if b"\\u0000" in body:
        # PostgreSQL can store every character but this one, and no name or address holds it.
        raise ValidationFailed([{"pointer": "", "detail": "The character U+0000 is not accepted."}])
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        try:
            raw = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as fault:
            raise MalformedRequest() from fault
        raise ValidationFailed(list(faults_in(raw, decoder.type))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedRequest() from fault


def refuse_card_numbers(body: bytes) -> None:
    """Raises `CardNumberRefused` for a JSON body that has the number of a payment card in any of its texts (S36)."""
    if PERHAPS_A_CARD.search(body) is None:
        return
    for text in _texts(msgspec.json.decode(body)):
        # An id's digits mean nothing, in an address of a mailbox or a link either.
        if any(is_card_number(run[0]) for run in CARD.finditer(UUID.sub(".", text))):
            raise CardNumberRefused()


def _texts(raw: Any) -> Iterator[str]:
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict):
        for name, value in raw.items():
            yield name
            yield from _texts(value)
    elif isinstance(raw, list):
        for item in raw:
            yield from _texts(item)


def convert_query(args: Mapping[str, list[str]], wanted: type[S]) -> S:
    """Query parameters as a Struct; one that may repeat is a list field."""
    lists = _lists_of(wanted)
    raw = {name: values if name in lists else values[-1] for name, values in args.items()}
    if any("\x00" in value for values in args.values() for value in values):
        raise ValidationFailed([{"pointer": "", "detail": "The character U+0000 is not accepted."}])
    try:
        return msgspec.convert(raw, wanted, strict=False)
    except msgspec.ValidationError:
        raise ValidationFailed(list(faults_in(raw, wanted, strict=False))) from None


@cache
def _lists_of(wanted: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(wanted) if _is_list(field.type))


def faults_in(raw: Any, wanted: Any, pointer: str = "", *, strict: bool = True) -> list[Fault]:
    """Every place where `raw` is not as `wanted`: walked only after the decoder refused, so it need not be fast."""
    try:
        msgspec.convert(raw, wanted, strict=strict)
    except msgspec.ValidationError as fault:
        deeper = _deeper(raw, wanted, pointer, strict)
        return deeper or [{"pointer": pointer, "detail": _without_path(str(fault))}]
    return []


def _deeper(raw: Any, wanted: Any, pointer: str, strict: bool) -> list[Fault]:
    wanted = _unwrapped(wanted, raw)
    origin, args = get_origin(wanted), get_args(wanted)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(raw, dict):
        return _in_struct(raw, wanted, pointer, strict)
    if origin in (list, tuple, set, frozenset) and isinstance(raw, list) and args:
        return [f for i, item in enumerate(raw) for f in faults_in(item, args[0], f"{pointer}/{i}", strict=strict)]
    if origin is dict and isinstance(raw, dict):
        return [f for k, v in raw.items() for f in faults_in(v, args[1], f"{pointer}/{_escaped(k)}", strict=strict)]
    return []


def _in_struct(raw: dict[str, Any], wanted: type[msgspec.Struct], pointer: str, strict: bool) -> list[Fault]:
    found: list[Fault] = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    for name, field in fields.items():
        here = f"{pointer}/{_escaped(name)}"
        if name in raw:
            found += faults_in(raw[name], field.type, here, strict=strict)
        elif field.required:
            found.append({"pointer": here, "detail": "Required, but missing."})
    if wanted.__struct_config__.forbid_unknown_fields:
        found += [
            {"pointer": f"{pointer}/{_escaped(name)}", "detail": "Not a field that is asked for here."}
            for name in raw
            if name not in fields and name != wanted.__struct_config__.tag_field
        ]
    return found


def _unwrapped(wanted: Any, raw: Any) -> Any:
    """What stands inside `Annotated[…]` and `… | None | UnsetType`, where one branch can be told from the others."""
    while hasattr(wanted, "__metadata__"):
        wanted = wanted.__origin__
    if get_origin(wanted) in (Union, types.UnionType):
        branches = [b for b in get_args(wanted) if b not in (type(None), msgspec.UnsetType)]
        if len(branches) > 1 and isinstance(raw, dict):
            branches = [b for b in branches if _is_tagged(b, raw)] or branches
        if len(branches) == 1 and raw is not None:
            return _unwrapped(branches[0], raw)
    return wanted


def _is_tagged(branch: Any, raw: dict[str, Any]) -> bool:
    """Whether this is the kind of Struct that the object says it is."""
    config = getattr(branch, "__struct_config__", None)
    return config is not None and config.tag_field is not None and raw.get(config.tag_field) == config.tag


def _is_list(wanted: Any) -> bool:
    return get_origin(_unwrapped(wanted, "")) in (list, tuple, set, frozenset)


def _escaped(name: str) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _without_path(text: str) -> str:
    return text.split(" - at `")[0]
