"""Every setting of the shop: read once from the environment, checked whole, frozen."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105  refused in production
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 8  # that differ: random ones of 32 have more, a word or a space repeated has not

Positive = Annotated[int, Meta(ge=1)]


class SettingsFault(Exception):
    """The environment does not describe a shop that may start; the message names every fault."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute a setting; its variable is the name in capitals (``order_ttl_minutes``: ``ORDER_TTL_MINUTES``)."""

    environment: Literal["development", "test", "production"] = "development"
    database_url: str = ""
    migration_database_url: str = ""
    redis_url: str = ""
    secret_key: str = DEVELOPMENT_SECRET
    storage_url: str = "memory://"
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    outbound_private_hosts: tuple[str, ...] = ()

    data_dir: str = ".data"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    web_workers: Positive = 2
    web_threads: Positive = 10
    seed: Literal["", "0", "1"] = ""

    db_pool_size: Positive = 8
    db_lock_timeout_ms: Positive = 5_000
    db_statement_timeout_ms: Positive = 10_000
    cache_enabled: bool = True
    cache_prefix: str = ""
    #: How long a CDN may show a public page without asking, which a change there then takes to be seen.
    cdn_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 1
    metrics_dir: str = ""
    log_json: bool = True

    max_body_bytes: Positive = 1_000_000
    #: A request that a proxy has had for longer is refused unseen.
    longest_wait_ms: Positive = 1_000
    reads_per_minute: Positive = 6_000
    writes_per_minute: Positive = 600
    sign_ins_per_minute: Positive = 10
    codes_per_minute: Positive = 20
    tax_questions_per_minute: Positive = 60
    gift_card_tries_per_minute: Positive = 20
    search_events_per_minute: Positive = 120
    idempotency_hours: Positive = 24

    access_token_seconds: Annotated[int, Meta(ge=1, le=900)] = 900
    refresh_token_days: Positive = 30
    refresh_grace_seconds: Annotated[int, Meta(ge=0, le=60)] = 5
    order_ttl_minutes: Positive = 30
    payment_grace_minutes: Positive = 15

    #: The built-in payment service for development; without a URL, and in production, there is none.
    psp_url: str = ""
    psp_secret: str = ""
    stripe_secret_key: str = ""
    #: Several while one is rotated out.
    stripe_webhook_secrets: tuple[str, ...] = ()
    #: Another address than Stripe's own, for tests.
    stripe_api_base: str = ""

    #: Whose search answers, one of these at most; without any PostgreSQL does.
    elasticsearch_url: str = ""
    opensearch_url: str = ""
    #: Before the names of its indexes, for shops that share a cluster.
    search_prefix: Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")] = ""
    #: Which engine `shopwright up` starts by itself.
    search: Literal["", "elasticsearch", "opensearch"] = ""

    #: Who is asked for taxes in channels that say so; it gets the secret as a bearer token.
    tax_service_url: str = ""
    tax_service_secret: str = ""
    tax_service_seconds: Annotated[float, Meta(gt=0, le=30)] = 5.0
    #: How long its answer holds for the same basket.
    tax_answer_minutes: Positive = 60

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(proxy) for proxy in self.trusted_proxies)


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` describes; raises `SettingsFault` naming every fault at once."""
    faults: list[str] = []
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = field.name.upper()
        if name not in environ:
            continue
        raw: object = environ[name]
        if field.type == tuple[str, ...]:
            raw = [part.strip() for part in environ[name].split(",") if part.strip()]
        try:
            values[field.name] = msgspec.convert(raw, field.type, strict=False)
        except msgspec.ValidationError as fault:
            faults.append(f"{name}: {fault}")
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type above
    faults += _faults_between(settings)
    if faults:
        raise SettingsFault("The settings do not hold:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return settings


def _faults_between(settings: Settings) -> list[str]:
    faults = []
    if settings.database_url and not settings.database_url.startswith(("postgresql://", "postgresql+psycopg://")):
        faults.append("DATABASE_URL: expected postgresql://user:password@host/database")
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        faults.append("REDIS_URL: expected redis://host:port/number")
    if settings.tax_service_url and not settings.tax_service_url.startswith(("https://", "http://")):
        faults.append("TAX_SERVICE_URL: expected https://host/path")
    if settings.tax_service_url and not settings.tax_service_secret:
        faults.append("TAX_SERVICE_SECRET: the tax service must know that it is this shop that asks")
    faults += _faults_of_search(settings)
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError:
            faults.append(f"TRUSTED_PROXIES: {proxy!r} is no address or network")
    if settings.is_production:
        faults += _faults_in_production(settings)
    return faults


def _faults_of_search(settings: Settings) -> list[str]:
    urls = {"ELASTICSEARCH_URL": settings.elasticsearch_url, "OPENSEARCH_URL": settings.opensearch_url}
    faults = [
        f"{name}: expected https://user:password@host:port"
        for name, url in urls.items()
        if url and not url.startswith(("https://", "http://"))
    ]
    if all(urls.values()):
        faults.append("OPENSEARCH_URL: ELASTICSEARCH_URL is set too; the search is answered by one engine")
    if settings.search and any(urls.values()):
        faults.append("SEARCH: an engine of your own is named by its URL, so none is started; remove one of them")
    return faults


def _faults_in_production(settings: Settings) -> list[str]:
    faults = []
    if settings.secret_key == DEVELOPMENT_SECRET:
        faults.append("SECRET_KEY: set one of your own in production")
    elif len(settings.secret_key) < SHORTEST_SECRET:
        faults.append(f"SECRET_KEY: needs at least {SHORTEST_SECRET} characters in production")
    elif len(set(settings.secret_key)) < FEWEST_CHARACTERS:
        faults.append("SECRET_KEY: is not random; make one with `openssl rand -base64 32`")
    faults += [
        f"{name.upper()}: required in production"
        for name in ("database_url", "redis_url", "allowed_hosts", "public_url")
        if not getattr(settings, name)
    ]
    if settings.psp_url:
        faults.append("PSP_URL: names the development payment provider, which takes no real money; remove it")
    if settings.storage_url == "memory://":
        faults.append("STORAGE_URL: pictures kept in memory are lost; name a folder (file:///…) or a bucket (s3://…)")
    if settings.outbound_private_hosts:
        faults.append("OUTBOUND_PRIVATE_HOSTS: is for development; in production nothing private is ever called")
    return faults


_current: Settings | None = None


def current() -> Settings:
    """The settings in force: those of `use`, else those of the process's environment."""
    global _current
    if _current is None:
        _current = read(os.environ)
    return _current


def process_environment() -> dict[str, str]:
    """What the process was started with, to be handed on to its children."""
    return dict(os.environ)


def use(settings: Settings) -> None:
    """Put these settings in force, for a process that got them otherwise than from its environment."""
    global _current
    _current = settings
