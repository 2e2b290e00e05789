"""Synonyms that shoppers teach: what they searched for in vain, clicking nothing, and what they searched for then and bought.

Searches, clicks and carts cost nothing, and one person can make any number of them; only what was paid for counts.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, distinct, func, select
from sqlalchemy.orm import aliased

from shopwright.commerce.orders.models import Order, OrderLine, State
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.listeners.search.curation import curated, steering
from shopwright.listeners.search.curation import service as curation
from shopwright.listeners.search.curation.bodies import LONGEST_TEXT, Synonyms
from shopwright.listeners.search.curation.checking import LONGEST_PHRASE
from shopwright.listeners.search.curation.models import SearchCuration
from shopwright.listeners.search.learning.errors import UnknownProposal
from shopwright.listeners.search.learning.insights import FEWEST, REFINED_WITHIN
from shopwright.listeners.search.learning.models import REDIRECTED, Kind, SearchAsked, SearchTold
from shopwright.listeners.search.learning.schemas import SynonymProposal

LOOKED_BACK = timedelta(days=90)
MOST = 100


def proposals() -> list[SynonymProposal]:
    """The most telling first; none that is a synonym already."""
    known = curated.current()
    return [
        SynonymProposal(
            id=ids.derived("synonym proposal", locale, vain, finds), locale=locale, words=vain, finds=finds, shoppers=shoppers
        )
        for locale, vain, finds, shoppers in _reformulated()
        if tuple(finds.split()) not in steering.met(known, tuple(vain.split()), locale)
    ]  # fmt: skip


def _reformulated() -> Sequence[tuple[str, str, str, int]]:
    vain, then, added = aliased(SearchAsked), aliased(SearchAsked), aliased(SearchTold)
    # Who buys again as a guest is no other person.
    shoppers = func.count(distinct(func.lower(Order.email)))
    wanted = (
        select(vain.locale, vain.words, then.words, shoppers)
        .join(
            then,
            (then.visitor == vain.visitor)
            & (then.channel_id == vain.channel_id)
            & (then.locale == vain.locale)
            & (then.at > vain.at)
            & (then.at <= vain.at + REFINED_WITHIN),
        )
        .join(added, (added.search_id == then.search_id) & (added.kind == Kind.ADD_TO_CART))
        .join(Order, (Order.cart_id == added.cart_id) & (Order.placed_at >= added.at))
        .join(OrderLine, (OrderLine.order_id == Order.id) & (OrderLine.product_id == added.product_id))
        .where(
            vain.at >= clock.now() - LOOKED_BACK,
            vain.words != "",
            then.words != "",
            vain.words != then.words,
            *_are_short(vain.words),
            *_are_short(then.words),
            vain.level != REDIRECTED,
            ~_clicked(vain.search_id),
            Order.state.not_in((State.CANCELED, State.EXPIRED)),
            Order.paid_amount > Order.refunded_amount,
        )
        .group_by(vain.locale, vain.words, then.words)
        .having(shoppers >= FEWEST)
        .order_by(shoppers.desc(), vain.words, then.words)
        .limit(MOST)
    )
    return [(locale, words, finds, count) for locale, words, finds, count in session.execute(wanted)]


def _are_short(words: SQLColumnExpression[str]) -> tuple[ColumnElement[bool], ...]:
    """Enough for a synonym."""
    return (
        func.cardinality(func.string_to_array(words, " ")) <= LONGEST_PHRASE,
        func.char_length(words) <= LONGEST_TEXT,
    )


def _clicked(search_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    return select(SearchTold.search_id).where(SearchTold.search_id == search_id, SearchTold.kind == Kind.CLICK).exists()


def accept(proposal_id: UUID) -> SearchCuration:
    """Have the one find the other from now on. Raises `UnknownProposal`."""
    proposal = next((each for each in proposals() if each.id == proposal_id), None)
    if proposal is None:
        raise UnknownProposal()
    return curation.add(Synonyms(locale=proposal.locale, words=(proposal.words,), finds=(proposal.finds,)))
