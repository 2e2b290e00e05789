"""What staff do with price lists. The lists of a channel change one after another, so that none is based on itself."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import asdict
from sqlalchemy import ARRAY, Integer, Uuid, bindparam, delete, func, insert, select, tuple_
from sqlalchemy.orm.attributes import flag_modified

from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import history, list_checking, list_queries, shown
from shopwright.commerce.pricing.errors import UnknownPriceList
from shopwright.commerce.pricing.events import PriceChanged, PriceListChanged
from shopwright.commerce.pricing.list_checking import VariantTiers
from shopwright.commerce.pricing.list_models import PriceList, PriceListVersion, PriceTier
from shopwright.commerce.pricing.resolving import KnownList
from shopwright.kit import clock, conditional, ids
from shopwright.kit.db import session, table_of
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.events import emit
from shopwright.kit.validation import Fault

# As two arrays: so many keys, each by itself, are more than a statement may have.
_EDITED = func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("minimums", type_=ARRAY(Integer)))
_REMOVE = delete(table_of(PriceTier)).where(
    PriceTier.price_list_id == bindparam("list_id"),
    tuple_(PriceTier.variant_id, PriceTier.min_quantity).in_(
        select(_EDITED.table_valued("variant_id", "min_quantity").render_derived())
    ),
)


def create_list(channel_id: UUID, terms: Mapping[str, Any]) -> PriceList:
    """For `customer_id`, for `group_id` or, without both, for anybody.

    Raises `UnknownChannel`, and `ValidationFailed` with all that is wrong with it.
    """
    channel = _one_at_a_time(channel_id)
    made = PriceList(id=ids.new(), channel_id=channel_id, currency=channel.currency, **terms)
    _refuse(list_checking.faults(made))
    session.add(made)
    _keep(made)
    return made


def change_list(price_list_id: UUID, changes: Mapping[str, Any]) -> PriceList:
    """Change what `changes` names. Raises `UnknownPriceList`, `ValidationFailed`, and `PreconditionFailed` for a stale edit."""
    changed = _locked(price_list_id)
    with session.no_autoflush:
        for name, value in changes.items():
            setattr(changed, name, value)
        _refuse(list_checking.faults(changed))
    if session.is_modified(changed):
        _keep(changed)
    return changed


def set_tiers(price_list_id: UUID, of_variants: Collection[VariantTiers]) -> PriceList:
    """Replace what the list says of these variants. Raises as `change_list`."""
    changed = _locked(price_list_id)
    _refuse(list_checking.faults_in(changed, of_variants))
    before = _tiers_of(changed, of_variants)
    after = {(each.variant_id, tier.min_quantity): tier.price.amount for each in of_variants for tier in each.tiers}
    edited = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if not edited:
        return changed
    _write(changed, {key: after.get(key) for key in edited})
    # What it says of variants is part of what was read.
    flag_modified(changed, "name")
    _note_version(changed)
    variants = list(dict.fromkeys(variant_id for variant_id, _ in edited))
    if _is_listed(changed):
        shown.announce(changed.channel_id, variants)
    for variant_id in variants:
        emit(PriceChanged(variant_id=variant_id))
    return changed


def _write(changed: PriceList, tiers: Mapping[tuple[UUID, int], int | None]) -> None:
    """Set these tiers, or take those without an amount away, and note it."""
    rows = [
        {"price_list_id": changed.id, "variant_id": variant_id, "min_quantity": minimum, "amount": amount}
        for (variant_id, minimum), amount in tiers.items()
    ]
    session.execute(
        _REMOVE, {"list_id": changed.id, "ids": [id_ for id_, _ in tiers], "minimums": [at for _, at in tiers]}
    )
    if kept := [row for row in rows if row["amount"] is not None]:
        session.execute(insert(table_of(PriceTier)), kept)
    history.note({**row, "channel_id": changed.channel_id, "currency": changed.currency} for row in rows)


def _one_at_a_time(channel_id: UUID) -> Channel:
    # Orders refer to the channel meanwhile: only its key is theirs.
    locked = select(Channel).where(Channel.id == channel_id).with_for_update(key_share=True)
    channel = session.scalar(locked)
    if channel is None:
        raise UnknownChannel()
    return channel


def _locked(price_list_id: UUID) -> PriceList:
    # Always the channel first: two who change two lists wait for each other but never deadlock.
    _one_at_a_time(list_queries.get(price_list_id).channel_id)
    found = session.get(PriceList, price_list_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownPriceList()
    conditional.check(found.version)
    return found


def _keep(changed: PriceList) -> None:
    _note_version(changed)
    emit(PriceListChanged(price_list_id=changed.id, is_listed=_is_listed(changed)))


def _note_version(changed: PriceList) -> None:
    session.flush()
    known = KnownList(**{name: getattr(changed, name) for name in KnownList.__struct_fields__})
    row = {**to_builtins(asdict(known)), "created_at": changed.created_at.isoformat()}
    session.add(PriceListVersion(price_list_id=changed.id, version=changed.version, row=row, at=clock.now()))
    session.flush()


def _is_listed(changed: PriceList) -> bool:
    """Whether what listings show follows from it."""
    return any(each.customer_id is None for each in (changed, *list_queries.based_on(changed.id)))


def _tiers_of(changed: PriceList, of_variants: Collection[VariantTiers]) -> dict[tuple[UUID, int], int]:
    found = list_queries.tiers_of(changed.id).where(PriceTier.variant_id.in_([each.variant_id for each in of_variants]))
    return {(tier.variant_id, tier.min_quantity): tier.amount for tier in session.scalars(found)}


def _refuse(found: Iterable[Fault]) -> None:
    if faults := list(found):
        raise ValidationFailed(faults)
