"""What tests need to have: one short function a thing, each in a transaction of its own."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, literal

from shopwright import settings
from shopwright.commerce.accounts import access_tokens
from shopwright.commerce.accounts.emails import key_of
from shopwright.commerce.accounts.models import Customer, Role, SignIn, StaffMember, StaffRole
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import ProductDraft
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Location, Reason
from shopwright.commerce.inventory.statements import extending
from shopwright.commerce.pricing import lists
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.list_checking import TierPrice, VariantTiers
from shopwright.commerce.pricing.list_models import PriceList
from shopwright.commerce.pricing.service import PriceTag
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.rules import Condition, Effect, Kind, Terms
from shopwright.commerce.shipping import service as shipping
from shopwright.commerce.shipping.models import RateKind, ShippingMethod, ShippingZone
from shopwright.commerce.shipping.terms import Rate as ShippingRate
from shopwright.commerce.storefront import service as storefront
from shopwright.commerce.taxes import service as taxes
from shopwright.commerce.taxes.models import TaxClass, TaxZone
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction

PASSWORD = "nine grey whales hum softly"
#: argon2id of PASSWORD, with the parameters in force, made once: hashing is slow on purpose.
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$I7//TFcGp8YisBiVLIRheg$5wRlWbYvYioXgAkMtZqZEu805Y+Ov11QaESQ1Q3sYKI"


def make_customer(*, email: str | None = None, name: str = "Ada Lovelace") -> Customer:
    """A customer whose password is `PASSWORD`."""
    email = email or f"{ids.new().hex}@example.com"
    with transaction():
        customer = Customer(email=email, email_key=key_of(email), name=name, password_hash=PASSWORD_HASH)
        session.add(customer)
        session.flush()
    return customer


def make_role(*permissions: Permission | str, name: str | None = None) -> Role:
    with transaction():
        role = Role(name=name or f"role {ids.new().hex}", permissions=sorted(str(p) for p in permissions))
        session.add(role)
        session.flush()
    return role


def make_staff(
    *permissions: Permission | str, email: str | None = None, role_ids: Iterable[UUID] | None = None
) -> StaffMember:
    """A member of staff with these permissions, or these roles, whose password is `PASSWORD`."""
    email = email or f"{ids.new().hex}@staff.example.com"
    role_ids = [make_role(*permissions).id] if role_ids is None else role_ids
    with transaction():
        member = StaffMember(email=email, email_key=key_of(email), name="Grace Hopper", password_hash=PASSWORD_HASH)
        session.add(member)
        session.flush()
        session.add_all(StaffRole(staff_id=member.id, role_id=role_id) for role_id in role_ids)
        session.flush()
    return member


def customer_headers(customer: Customer | None = None) -> dict[str, str]:
    """For one request of a signed-in customer: their token, and a new idempotency key."""
    customer = customer or make_customer()
    return _headers("customer", customer.id)


def staff_headers(*permissions: Permission | str, member: StaffMember | None = None) -> dict[str, str]:
    """For one request of a member of staff who holds these permissions."""
    member = member or make_staff(*permissions)
    return _headers("staff", member.id)


def _headers(kind: access_tokens.AccountKind, account_id: UUID) -> dict[str, str]:
    with transaction():
        sign_in = SignIn(expires_at=clock.now() + timedelta(days=1), **{f"{kind}_id": account_id})
        session.add(sign_in)
        session.flush()
    token = access_tokens.issue(kind, account_id, sign_in.id, clock.now(), settings.current())
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new())}


def make_location(*, code: str | None = None, country: str = "DE") -> Location:
    with transaction():
        return locations.open_location(code=code or f"l-{ids.new().hex[:20]}", name="Warehouse", country=country)


def make_selling_channel(*location_ids: UUID) -> Channel:
    """A channel that sells from these locations, the first of them first."""
    with transaction():
        channel = channels.open_channel(
            code=f"c-{ids.new().hex}", name="Europe", currency="EUR", countries=["DE"], locales=["en"],
            tax_display=TaxDisplay.GROSS,
        )  # fmt: skip
        locations.sell_from(channel.id, location_ids)
    return channel


def make_stocked_variant(on_hand: dict[UUID, int] | None = None) -> UUID:
    """A variant of a product of its own, of which so many lie at these locations."""
    with transaction():
        name = ids.new().hex
        product = Product(title="A thing", slug=name)
        session.add(product)
        session.flush()
        variant = Variant(product_id=product.id, position=0, sku=name)
        session.add(variant)
        session.flush()
        for location_id, quantity in (on_hand or {}).items():
            stock.set_count(variant.id, location_id, quantity, Reason.RECEIPT)
    return variant.id


def make_channel(
    *, currency: str = "EUR", countries: list[str] | None = None, tax_display: TaxDisplay = TaxDisplay.GROSS
) -> Channel:
    with transaction():
        return channels.open_channel(
            code=f"c-{ids.new().hex}", name="A channel", currency=currency, countries=countries or ["DE", "AT"],
            locales=["en", "de"], tax_display=tax_display,
        )  # fmt: skip


def make_priced_variant(channel: Channel, amount: int, *, compare_at: int | None = None, **variant: Any) -> UUID:
    """A published variant with a price in the channel; `variant`: tax_class, weight_grams, requires_shipping."""
    with transaction():
        name = ids.new().hex
        product = Product(title="A thing", slug=name, published_at=clock.now())
        session.add(product)
        session.flush()
        row = Variant(product_id=product.id, position=0, sku=name, **variant)
        session.add(row)
        session.flush()
        was = None if compare_at is None else Money(compare_at, channel.currency)
        pricing.set_price(row.id, channel.id, Money(amount, channel.currency), compare_at=was)
    return row.id


def make_tax_zone(country: str = "DE", region: str | None = None, **ppm: int) -> TaxZone:
    """A zone with rates in parts per million by tax class; classes that do not exist are added."""
    with transaction():
        for code in ppm:
            if session.get(TaxClass, code) is None:
                taxes.add_class(code, code.title())
        rates = {code: Rate(rate, f"VAT {rate / 10_000:g} %") for code, rate in ppm.items()}
        return taxes.open_zone(region or country, [(country, region)], rates)


def make_shipping_zone(country: str = "DE", region: str | None = None) -> ShippingZone:
    with transaction():
        return shipping.open_zone(region or country, [(country, region)])


def make_shipping_method(zone: ShippingZone, channel: Channel, amount: int = 490, **terms: Any) -> ShippingMethod:
    """A flat method, unless `terms` say otherwise."""
    flat = ShippingRate(RateKind.FLAT, ((0, Money(amount, channel.currency)),))
    with transaction():
        return shipping.add_method(
            zone.id, channel.id, **{"code": f"m-{ids.new().hex}", "name": "Parcel", "rate": flat} | terms
        )


def make_promotion(effect: Effect, *conditions: Condition, kind: Kind = Kind.CART, **terms: Any) -> Promotion:
    """An active one; `terms` as in `Terms`."""
    said = {"name": "A promotion"} | terms
    with transaction():
        draft = promotions.create_promotion(Terms(kind=kind, effect=effect, conditions=conditions, **said))
        return promotions.activate_promotion(draft.id)


def make_price_list(channel: Channel, *tiers: tuple[UUID, int, int], **terms: Any) -> PriceList:
    """`tiers`: variant, from how many pieces on, what each costs; `terms` as in `PriceList`."""
    said = {"name": "A list", "priority": 100, "is_active": True} | terms
    with transaction():
        made = lists.create_list(channel.id, said)
        by_variant: dict[UUID, list[TierPrice]] = {}
        for variant_id, minimum, amount in tiers:
            tier = TierPrice(min_quantity=minimum, price=Money(amount, channel.currency))
            by_variant.setdefault(variant_id, []).append(tier)
        every = [VariantTiers(variant_id=id_, tiers=tuple(of_it)) for id_, of_it in by_variant.items()]
        return lists.set_tiers(made.id, every)


def make_product_on_sale(
    prices: dict[Channel, int], *, on_hand: dict[UUID, int] | None = None, **draft: Any
) -> tuple[UUID, list[UUID]]:
    """A published product and its variants, all of them at these prices and in stock; `draft` as in `ProductDraft`."""
    with transaction():
        product = catalog.create_product(ProductDraft(**{"title": "A thing", "is_published": True} | draft))
        variant_ids = [variant.id for variant in product.variants]
        for variant_id in variant_ids:
            for channel, amount in prices.items():
                pricing.set_price(variant_id, channel.id, Money(amount, channel.currency))
            for location_id, quantity in (on_hand or {}).items():
                stock.set_count(variant_id, location_id, quantity, Reason.RECEIPT)
    return product.id, variant_ids


def make_many_on_sale(channel: Channel, titles: Iterable[str]) -> list[UUID]:
    """Published products of one variant, all at one price, and listed: where a crowd is wanted and not how it came about."""
    with transaction():
        products = [Product(title=title, slug=ids.new().hex, published_at=clock.now()) for title in titles]
        session.add_all(products)
        session.flush()
        variants = [Variant(product_id=product.id, position=0, sku=product.slug) for product in products]
        session.add_all(variants)
        session.flush()
        price = Money(1900, channel.currency)
        pricing.set_prices(
            [
                PriceTag(variant_id=row.id, channel_id=channel.id, compare_at=None, price=price, cost=None)
                for row in variants
            ]
        )
        made = [product.id for product in products]
        storefront.relist(made)
    return made


def hold_longer(order_id: UUID, until: datetime) -> None:
    """What payments say of an order's stock, in a statement of theirs."""
    longer = extending(literal(order_id, Uuid()), literal(until, DateTime(timezone=True)))
    session.execute(longer, {"now": clock.now()})
