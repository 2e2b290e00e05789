"""What a tax service said, kept under a hash of who was asked what: another basket never finds it."""

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.taxes.models import KeptAnswer
from shopwright.commerce.taxes.provider import Taxable, TaxAnswer
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.settings import current


def fresh(question: Taxable) -> TaxAnswer | None:
    """What was answered to just this, if that is not too long ago."""
    kept = select(KeptAnswer.answer).where(KeptAnswer.key == key_of(question), KeptAnswer.asked_at > _oldest())
    found = session.scalar(kept)
    return msgspec.convert(found, TaxAnswer) if found is not None else None


def keep(question: Taxable, answer: TaxAnswer) -> None:
    """A later answer to the same question takes the place of the one before."""
    said = {"answer": msgspec.to_builtins(answer), "asked_at": clock.now()}
    kept = insert(KeptAnswer).values(key=key_of(question), **said)
    session.execute(kept.on_conflict_do_update(index_elements=[KeptAnswer.key], set_=said))


def sweep() -> int:
    """Forget the answers that no longer hold; answers how many."""
    swept = delete(KeptAnswer).where(KeptAnswer.asked_at <= _oldest()).returning(KeptAnswer.key)
    return len(session.scalars(swept, execution_options={"synchronize_session": False}).all())


def key_of(question: Taxable) -> bytes:
    return sha256(current().tax_service_url.encode() + b"\n" + msgspec.json.encode(question)).digest()


def _oldest() -> datetime:
    return clock.now() - timedelta(minutes=current().tax_answer_minutes)
