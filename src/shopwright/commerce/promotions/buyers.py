"""Who buys, as promotions know them: hashed, and the same person if any of their keys is the same."""

import hmac
import re
from uuid import UUID

from shopwright.commerce.accounts import emails
from shopwright.commerce.accounts.addresses import Address
from shopwright.settings import current

#: Than letters and digits.
OTHER_SIGNS = re.compile(r"[\W_]+")


def keys_of(customer_id: UUID | None, email: str | None, address: Address | None) -> tuple[str, ...]:
    """A key each for the account, the e-mail address and where it is delivered to, as far as they are known."""
    known = [
        f"customer:{customer_id}" if customer_id else "",
        f"email:{emails.key_of(email)}" if email else "",
        f"address:{_place(address)}" if address else "",
    ]
    return tuple(_hashed(each) for each in known if each)


def _place(address: Address) -> str:
    # Who lives there is left out: another name at the same door is no other buyer.
    parts = (address.street_address, address.postal_code, address.city, address.country_area, address.country_code)
    return "|".join(OTHER_SIGNS.sub("", part.casefold()) for part in parts)


def _hashed(text: str) -> str:
    return hmac.digest(current().secret_key.encode(), b"buyer:" + text.encode(), "sha256").hex()
