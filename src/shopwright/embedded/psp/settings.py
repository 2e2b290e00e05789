"""The settings of the development payment provider, read from its process's environment."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shopwright.settings import SettingsFault

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
SHORTEST_SECRET = 16


class Timings(Struct, kw_only=True, forbid_unknown_fields=True):
    """How long things take; changed while it runs by `PUT /v1/control`."""

    slow_seconds: Seconds
    hold_seconds: Seconds
    late_seconds: Seconds
    retry_seconds: Seconds


class PspSettings(Struct, frozen=True, kw_only=True):
    """One attribute a setting; its variable is `PSP_` and the name in capitals."""

    secret: str
    data: str
    #: Where the shop answers; without it webhooks are only kept, for `GET /v1/webhooks`.
    shop_url: str = ""
    #: What all that is random follows from.
    seed: str = "0"
    #: How much later than usual a slow answer comes.
    slow_seconds: Seconds = 1.5
    #: How long a request that gets no answer is held; longer than the shop's adapter waits.
    hold_seconds: Seconds = 8.0
    #: When what is late comes: webhooks, and decisions on what is pending.
    late_seconds: Seconds = 3.0
    #: The wait before a webhook is sent again; doubled each time.
    retry_seconds: Seconds = 1.0


def read(environ: Mapping[str, str]) -> PspSettings:
    """Raises `SettingsFault`; always where the environment is production's (S44)."""
    if environ.get("ENVIRONMENT") == "production":
        raise SettingsFault("The development payment provider does not run in production.")
    given = {field.name: environ.get(f"PSP_{field.name.upper()}") for field in msgspec.structs.fields(PspSettings)}
    try:
        settings = msgspec.convert({name: raw for name, raw in given.items() if raw}, PspSettings, strict=False)
    except msgspec.ValidationError as fault:
        raise SettingsFault(f"The settings PSP_… do not hold: {fault}") from None
    if len(settings.secret) < SHORTEST_SECRET:
        raise SettingsFault(f"PSP_SECRET: needs at least {SHORTEST_SECRET} characters")
    return settings


def timings(settings: PspSettings) -> Timings:
    return Timings(**{field: getattr(settings, field) for field in Timings.__struct_fields__})
