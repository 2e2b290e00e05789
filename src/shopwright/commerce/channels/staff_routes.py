from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels import queries, service
from shopwright.commerce.channels.errors import ChannelCodeTaken, NoTaxService, UnknownChannel
from shopwright.commerce.channels.schemas import ChangeChannel, ChannelList, ChannelOut, CreateChannel
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.wire import changes_in

routes = Routes("channels", prefix="/v1/admin")


@routes.query("/channels", access=requires(Permission.CHANNELS_READ))
def list_all_channels() -> ChannelList:
    """List all channels, also those that are not active."""
    return ChannelList(items=[ChannelOut.of(channel) for channel in session.scalars(queries.everything())])


@routes.query("/channels/<uuid:channel_id>", access=requires(Permission.CHANNELS_READ), errors=(UnknownChannel,))
def show_channel(channel_id: UUID) -> ChannelOut:
    """Show a channel."""
    return ChannelOut.of(queries.get(channel_id))


@routes.command(
    "POST", "/channels", access=requires(Permission.CHANNELS_WRITE), status=201, errors=(ChannelCodeTaken, NoTaxService)
)
def open_channel(body: CreateChannel) -> ChannelOut:
    """Open a sales channel."""
    return ChannelOut.of(
        service.open_channel(
            code=body.code, name=body.name, currency=body.currency, countries=body.countries,
            locales=body.locales, tax_display=body.tax_display, tax_rounding=body.tax_rounding,
            shipping_tax=body.shipping_tax, tax_source=body.tax_source,
        )
    )  # fmt: skip


@routes.command(
    "PATCH", "/channels/<uuid:channel_id>", access=requires(Permission.CHANNELS_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownChannel, NoTaxService),
)  # fmt: skip
def change_channel(channel_id: UUID, body: ChangeChannel) -> ChannelOut:
    """Change a sales channel."""
    return ChannelOut.of(service.change_channel(channel_id, changes_in(body)))
