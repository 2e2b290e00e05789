"""What a variant costs in a channel. Net or gross, as the channel shows its prices."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.money import Money
from shopwright.kit.privacy import business, public


class Price(Base):
    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        CheckConstraint("compare_at_amount > amount", name="was_higher_before"),
        CheckConstraint("cost_amount >= 0", name="cost_not_negative"),
    )

    variant_id: Mapped[UUID] = public(ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[UUID] = public(ForeignKey("channels.id"), primary_key=True, index=True)
    currency: Mapped[str] = public(String(3), primary_key=True)
    amount: Mapped[int] = public()
    compare_at_amount: Mapped[int | None] = public()
    cost_amount: Mapped[int | None] = business()
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def compare_at(self) -> Money | None:
        return None if self.compare_at_amount is None else Money(self.compare_at_amount, self.currency)

    @property
    def cost(self) -> Money | None:
        return None if self.cost_amount is None else Money(self.cost_amount, self.currency)
