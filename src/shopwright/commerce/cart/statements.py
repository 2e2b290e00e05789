"""The writes of a cart, one statement each, built once. They are never waited for: what they wrote is known beforehand."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    String,
    Update,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.cart.models import Cart, CartLine, State
from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import table_of
from shopwright.kit.prepared import Prepared

_carts, _lines, _channels = table_of(Cart), table_of(CartLine), table_of(Channel)
_ID = bindparam("cart_id", type_=Uuid())
_NOW = bindparam("now", type_=DateTime(timezone=True))

#: What a shopper may change of the cart itself.
CHANGEABLE = (
    "locale", "email", "shipping_address", "billing_address", "vat_id", "shipping_method_id", "codes", "chosen_gifts"
)  # fmt: skip


def _touched(**values: Any) -> Update:
    """The cart with another version, so that a client with the old one is told."""
    return update(_carts).where(_carts.c.id == _ID).values(changed_at=_NOW, version=_carts.c.version + 1, **values)


_line = insert(_lines).values(
    {name: bindparam(name) for name in ("id", "variant_id", "quantity", "seen_amount")} | {"cart_id": _ID}
)
_put = _line.on_conflict_do_update(
    index_elements=[_lines.c.cart_id, _lines.c.variant_id],
    set_={name: _line.excluded[name] for name in ("quantity", "seen_amount")},
)
PUT = Prepared(_touched().add_cte(_put.cte("put")))
_gone = delete(_lines).where(_lines.c.id == bindparam("line_id", type_=Uuid()))
REMOVE = Prepared(_touched().add_cte(_gone.cte("gone")))
CHANGE = Prepared(_touched(**{name: bindparam(name) for name in CHANGEABLE}))

_seen = (
    func.unnest(bindparam("line_ids", type_=ARRAY(Uuid())), bindparam("amounts", type_=ARRAY(BigInteger)))
    .table_valued("line_id", "amount", name="seen")
    .render_derived()
)
SEE = Prepared(update(_lines).where(_lines.c.id == _seen.c.line_id).values(seen_amount=_seen.c.amount))

# A guest's. The channel is told even if it does not speak the language and nothing is opened.
_spoken = func.coalesce(bindparam("locale", type_=String), _channels.c.locales[1])
_channel = (
    select(_channels.c.id, _spoken.label("locale"), (_spoken == any_(_channels.c.locales)).label("is_spoken"))
    .where(_channels.c.code == bindparam("channel"), _channels.c.is_active)
    .cte("channel")
)
_new = {
    "id": _ID, "channel_id": _channel.c.id, "token_hash": bindparam("token_hash", type_=_carts.c.token_hash.type),
    "state": literal(State.OPEN.value), "locale": _channel.c.locale, "created_at": _NOW, "changed_at": _NOW,
    "version": literal(1),
}  # fmt: skip
_opened = (
    insert(_carts)
    .from_select([*_new], select(*_new.values()).where(_channel.c.is_spoken), include_defaults=False)
    .returning(_carts.c.locale)
    .cte("opened")
)
OPEN = Prepared(select(_channel.c.id, _opened.c.locale).join_from(_channel, _opened, true(), isouter=True))
