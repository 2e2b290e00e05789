"""How many rows a list has: counted as long as that takes no time, and past that as many as PostgreSQL thinks."""

from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from msgspec import Meta
from sqlalchemy import ClauseElement, ColumnElement, Executable, Select, func, literal_column, select, union
from sqlalchemy.ext.compiler import compiles

from shopwright.kit.db import session
from shopwright.kit.paging import Page, PageQuery

T = TypeVar("T")

#: Past this nobody reads a number to its last digit.
EXACT = 10_000


class CountedQuery(PageQuery, frozen=True, kw_only=True):
    count: Annotated[bool, Meta(description="Say how many there are in all")] = False


class CountedPage(Page[T], Generic[T], frozen=True, kw_only=True):
    """`total` is told to who asks to `count`: exact up to 10,000, and an estimate past that."""

    total: int | None = None
    total_is_estimated: bool = False


class Total(NamedTuple):
    total: int | None
    total_is_estimated: bool


UNASKED = Total(None, False)


def count(*found: Select[*tuple[Any, ...]]) -> Total:
    """How many different rows these find, which select the same columns."""
    # Spelled out: of a limit that is a parameter PostgreSQL thinks that it ends the search soon, and looks without an index.
    enough: ColumnElement[int] = literal_column(str(EXACT + 1))
    some = [each.limit(enough).subquery().select() for each in found]
    together = union(*some).limit(enough).subquery() if len(some) > 1 else some[0].subquery()
    counted = session.scalar(select(func.count()).select_from(together)) or 0
    if counted <= EXACT:
        return Total(counted, False)
    return Total(max(counted, *(_estimated(each) for each in found)), True)


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement


@compiles(_Explain)
def _explained(element: _Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


def _estimated(found: Select[*tuple[Any, ...]]) -> int:
    (plan,) = session.execute(_Explain(found)).scalar_one()
    return int(plan["Plan"]["Plan Rows"])
