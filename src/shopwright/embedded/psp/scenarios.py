"""What can be made to happen: `tok_<means>`, and after it any number of `~<scenario>`.

`~slow` holds for the payment request; with `capture-`, `void-`, `refund-`, `lookup-` or `method-` before it the same
fault meets that request instead. `.n` after a fault means the first n attempts of it, with the same idempotency key.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    PAY = "pay"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    LOOKUP = "lookup"
    METHOD = "method"


#: What a token stands for, by its name without `tok_`.
MEANS: Mapping[str, str] = {
    "success": "Pays.",
    "decline": "Is declined with `card_declined`.",
    "insufficient_funds": "Is declined with `insufficient_funds`.",
    "expired_card": "Is declined with `expired_card`.",
    "3ds": "Needs a second step: the buyer is sent to `action_url`, a page with two buttons.",
    "pending": "Is decided later, with success, as a bank transfer is; a webhook tells.",
    "timeout": "Charges, then never answers. Looking the payment up tells the truth.",
}
DECLINES = {"decline": "card_declined", "insufficient_funds": "insufficient_funds", "expired_card": "expired_card"}

ALWAYS = 10**9
#: Faults of one request, and for how many attempts where no `.n` says it.
FAULTS: Mapping[str, tuple[int, str]] = {
    "slow": (ALWAYS, "The answer comes late (1.5 s)."),
    "timeout": (1, "It is done, but the answer does not come while the shop waits."),
    "error500-before": (1, "500, and nothing was done."),
    "error500-after": (1, "It is done, and the answer is 500."),
    "busy429": (1, "429 with `Retry-After`, and nothing was done."),
    "malformed": (1, "It is done, and the answer is cut off or of another shape."),
    "wrong-amount": (ALWAYS, "The answer names another amount. Of a payment, its look-ups and webhooks do so too."),
    "wrong-currency": (ALWAYS, "The answer names another currency. Of a payment, its look-ups and webhooks do so too."),
}
LIES = ("wrong-amount", "wrong-currency")

MARKS: Mapping[str, str] = {
    "webhook-late": "Webhooks come late (3 s).",
    "webhook-twice": "Every webhook comes twice.",
    "webhook-storm": "Every webhook comes 50 times, in parallel.",
    "webhook-out-of-order": "Captured comes before authorized, and a stale failure after both; what follows the payment,"
    " such as a refund, is told before them.",
    "webhook-forged": "A webhook with a wrong signature says that all was captured; the true ones follow.",
    "webhook-ancient": "A recording, a year old and rightly signed, says that all was captured; the true ones follow.",
    "webhook-unknown-type": "A rightly signed webhook of a type that nobody knows comes first.",
    "webhook-lost": "No webhook ever comes.",
    "webhook-before-answer": "The webhooks come before the answer of the request.",
    "partial-capture": "Only half of what should be captured is captured; the rest is let go.",
    "chargeback": "As soon as it is captured, the buyer's bank takes the money back: a dispute is open.",
    "chargeback-won": "The same, and the dispute is won: the money comes back.",
    "chargeback-lost": "The same, and the dispute is lost.",
    "refund-fails": "Refunds fail.",
    "refund-pending": "Refunds are pending, and decided later (3 s).",
}
FLAKY = "flaky"
FLAKY_ATTEMPTS = 3
FLAKY_SAYS = "Each of the first 3 attempts of each request may meet one of the faults, as the seed has it."
FLAKY_FAULTS = ("", "error500-before", "error500-after", "busy429", "malformed")

PART = re.compile(
    r"(?:(?P<operation>capture|void|refund|lookup|method)-)?(?P<fault>[a-z0-9-]+?)(?:\.(?P<count>[1-9][0-9]{0,2}))?"
)


class UnknownToken(ValueError):
    """Says which part of a token nobody knows."""


@dataclass(frozen=True)
class Script:
    """What one token asks for."""

    means: str
    faults: Mapping[tuple[Operation, str], int]
    marks: frozenset[str]
    flaky_attempts: int = 0

    def faults_at(self, operation: Operation, attempt: int, seed: str, key: str) -> frozenset[str]:
        """The faults that this attempt meets, counted from 1. A run with the same seed and keys meets the same."""
        faults = {fault for (where, fault), count in self.faults.items() if where is operation and attempt <= count}
        if attempt <= self.flaky_attempts:
            faults.add(FLAKY_FAULTS[number(len(FLAKY_FAULTS), seed, operation, key, attempt)])
        return frozenset(faults - {""})

    @property
    def lies(self) -> frozenset[str]:
        """The lies that are told everywhere, in webhooks too."""
        return frozenset(lie for lie in LIES if self.faults.get((Operation.PAY, lie)) == ALWAYS)


def read(token: str) -> Script:
    """What the token asks for. Raises `UnknownToken`."""
    first, *parts = token.split("~")
    means = first.removeprefix("tok_")
    if not first.startswith("tok_") or means not in MEANS:
        raise UnknownToken(f"There is no token {first}.")
    faults: dict[tuple[Operation, str], int] = {}
    marks, flaky_attempts = set(), 0
    if means == "timeout":
        faults[Operation.PAY, "timeout"] = ALWAYS
    for part in parts:
        found = PART.fullmatch(part)
        if part in MARKS:
            marks.add(part)
        elif found and found["fault"] == FLAKY and not found["operation"]:
            flaky_attempts = int(found["count"] or FLAKY_ATTEMPTS)
        elif found and found["fault"] in FAULTS:
            faults |= _fault(found)
        else:
            raise UnknownToken(f"There is no scenario {part}.")
    return Script(means, faults, frozenset(marks), flaky_attempts)


def _fault(found: re.Match[str]) -> dict[tuple[Operation, str], int]:
    operation, fault = Operation(found["operation"] or "pay"), found["fault"]
    count = int(found["count"]) if found["count"] else FAULTS[fault][0]
    # A lie that a look-up or a webhook puts right would be no more than an error.
    is_everywhere = operation is Operation.PAY and fault in LIES and count == ALWAYS
    return {(where, fault): count for where in ((operation, Operation.LOOKUP) if is_everywhere else (operation,))}


def number(below: int, *facts: object) -> int:
    """A number that looks random and follows from these facts."""
    return int.from_bytes(digest(*facts)[:8]) % below


def digest(*facts: object) -> bytes:
    return hashlib.sha256("\0".join(map(str, facts)).encode()).digest()
