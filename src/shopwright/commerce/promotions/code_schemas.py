from datetime import datetime
from typing import Annotated

from msgspec import Meta

from shopwright.commerce.promotions.codes import SHORTEST
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.kit.wire import In, Out

CodeText = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=40,
        pattern=r"^[A-Za-z0-9_-]+$(?!\n)",
        examples=["SUMMER-26"],
        description="Case makes no difference",
    ),
]
Prefix = Annotated[str, Meta(max_length=20, pattern=r"^[A-Za-z0-9_-]*$(?!\n)", examples=["VIP-"])]


class AddCode(In, frozen=True, kw_only=True):
    code: CodeText


class MakeCodes(In, frozen=True, kw_only=True):
    """Each is the prefix and so many random letters, none of which looks like another."""

    count: Annotated[int, Meta(ge=1, le=100_000, examples=[500])]
    prefix: Prefix = ""
    length: Annotated[int, Meta(ge=SHORTEST, le=30)] = SHORTEST


class CodeOut(Out, frozen=True, kw_only=True):
    code: str
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, row: PromotionCode) -> "CodeOut":
        return cls(code=row.code, created_at=row.created_at, disabled_at=row.disabled_at)


class CodesMade(Out, frozen=True, kw_only=True):
    made: int
