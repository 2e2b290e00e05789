from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts.errors import UnknownCustomer
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.cart.errors import CartNotFound
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.checkout import preview, simulate
from shopwright.commerce.checkout.errors import NothingToPreview, UnknownSimulation
from shopwright.commerce.checkout.models import Simulation
from shopwright.commerce.checkout.staff_schemas import (
    PreviewCart,
    PreviewOut,
    Simulate,
    SimulationOut,
    SimulationQuery,
)
from shopwright.commerce.promotions.errors import PromotionStateConflict, UnknownPromotion
from shopwright.commerce.taxes.errors import VatIdNotValid
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Answered, Routes
from shopwright.kit.paging import InvalidCursor, Page

routes = Routes("checkout", prefix="/v1/admin")

READ, WRITE = requires(Permission.PROMOTIONS_READ), requires(Permission.PROMOTIONS_WRITE)


@routes.command(
    "POST", "/promotions/<uuid:promotion_id>/simulate", access=WRITE, status=202,
    errors=(UnknownPromotion, UnknownChannel, PromotionStateConflict),
)  # fmt: skip
def simulate_promotion(promotion_id: UUID, body: Simulate) -> Answered[SimulationOut]:
    """Try a promotion on past orders.

    As it is now, a draft, paused or active. Each order is judged by the promotions that it would meet, without it and with it, as
    if it came again while it is in force. The worker does that; `Location` shows how far it is, and then what it found.
    """
    if body.channel_id is not None:
        channels.get(body.channel_id)
    made = simulate.begin(promotion_id, body.window, assumes_code=body.assumes_code)
    return Answered(SimulationOut.of(made), {"Location": f"/v1/admin/simulations/{made.id}"})


@routes.query("/simulations", access=READ, errors=(InvalidCursor,))
def list_simulations(query: SimulationQuery) -> Page[SimulationOut]:
    """List the simulations, the newest first; all of them, or those of one promotion."""
    wanted = select(Simulation)
    if query.promotion_id is not None:
        wanted = wanted.where(Simulation.promotion_id == query.promotion_id)
    purpose = f"simulations of {query.promotion_id or 'all'}"
    found = paging.keyset(wanted, [(Simulation.id, False)], purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.id]
    )
    return Page(items=[SimulationOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/simulations/<uuid:simulation_id>", access=READ, errors=(UnknownSimulation,))
def show_simulation(simulation_id: UUID) -> SimulationOut:
    """Show how far a simulation is, or what it found."""
    found = session.get(Simulation, simulation_id)
    if found is None:
        raise UnknownSimulation()
    return SimulationOut.of(found)


@routes.command(
    "POST", "/carts/preview", access=READ,
    errors=(
        CartNotFound, UnknownChannel, UnknownCustomer, UnknownPromotion, PromotionStateConflict, NothingToPreview, VatIdNotValid,
    ),
)  # fmt: skip
def preview_cart(body: PreviewCart) -> PreviewOut:
    """Show what a cart would cost: for this customer, in this channel, at this moment, with these promotions.

    Nothing is changed, and nobody sees it. Limits are as they are used up now.
    """
    return PreviewOut.of(preview.preview(body.wanted, body.promotions))
