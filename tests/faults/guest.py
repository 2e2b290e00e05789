"""A buyer who remembers what no log may hold."""

from dataclasses import dataclass, field
from typing import Any

from tests.shopping import ADDRESS, Buyer

EMAIL = "grace.of.the.faults@example.org"
CARD = "4111111111111111"
PERSONAL = (EMAIL, CARD, "tok_success", ADDRESS["name"], ADDRESS["street_address"])


@dataclass
class Guest(Buyer):
    """Notes which tokens the shop trusted it with."""

    secrets: set[str] = field(default_factory=set)

    def opens_a_cart(self) -> None:
        super().opens_a_cart()
        self.secrets.add(self.cart["token"])

    def says_who_and_where(self, email: str = EMAIL) -> None:
        super().says_who_and_where(email)

    def orders(self) -> dict[str, Any]:
        super().orders()
        self.secrets.add(self.order["token"])
        return self.order
