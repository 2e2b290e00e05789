from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Engine, MetaData, Table, create_engine, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import BigInteger, DateTime, String, Uuid

from shopwright.kit import paging
from shopwright.kit.paging import InvalidCursor, Key, Page, PageQuery, Value

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

metadata = MetaData()
things = Table(
    "paged_thing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("rank", BigInteger),
    Column("name", String),
    Column("made_at", DateTime(timezone=True), nullable=False),
)


class Base(DeclarativeBase):
    pass


class Mapping(Base):
    __tablename__ = "mapping"

    id: Mapped[int] = mapped_column(primary_key=True)
    rank: Mapped[int | None]


@pytest.fixture(autouse=True)
def _own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_secret", None)
    paging.configure(b"a secret of these tests")


@pytest.fixture(scope="module")
def engine(database_url: str) -> Iterator[Engine]:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    metadata.create_all(engine)
    yield engine
    metadata.drop_all(engine)
    engine.dispose()


values = st.lists(
    st.none()
    | st.text()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.uuids()
    | st.datetimes(timezones=st.just(UTC))
)


@given(values, st.text(st.characters(exclude_categories=["Cs"])))
def test_a_cursor_gives_back_what_it_was_made_of(given: list[Any], purpose: str) -> None:
    cursor = paging.encode(given, purpose)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    if len(cursor) <= paging.LONGEST_CURSOR:
        assert paging.decode(cursor, purpose) == given


def test_types_survive() -> None:
    given: list[Value] = [MOMENT, ID, "x", 7, None]
    assert paging.decode(paging.encode(given, "p"), "p") == given


@pytest.mark.parametrize("purpose", ["orders:closed", "orders:ope", "orders:openn", ""])
def test_a_cursor_is_of_no_use_for_another_list(purpose: str) -> None:
    with pytest.raises(InvalidCursor):
        paging.decode(paging.encode([1], "orders:open"), purpose)


def test_a_cursor_of_another_shop_is_refused() -> None:
    cursor = paging.encode([1], "p")
    paging.configure(b"another secret")
    with pytest.raises(InvalidCursor):
        paging.decode(cursor, "p")


def test_each_changed_character_is_noticed() -> None:
    cursor = paging.encode([1, "two"], "p")
    for position in range(len(cursor) - 1):
        forged = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        with pytest.raises(InvalidCursor):
            paging.decode(forged, "p")


@pytest.mark.parametrize("cursor", ["", "x", "====", "ä", "\udc80", "A" * 100, "A" * 10**6, "..", "\n", " "])
def test_garbage_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as refusal:
        paging.decode(cursor, "p")
    assert (refusal.value.status, refusal.value.code()) == (400, "invalid-cursor")


@given(st.text())
def test_no_text_is_a_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        paging.decode(cursor, "p")


def test_without_a_secret_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_secret", None)
    with pytest.raises(RuntimeError):
        paging.encode([1], "p")


def test_a_cursor_for_other_keys_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        paging.keyset(
            select(things),
            [(things.c.id, True)],
            purpose="p",
            limit=2,
            cursor=paging.encode([ID, 1], "p"),
        )


def test_the_first_page_is_only_ordered_and_limited() -> None:
    keys: list[Key] = [(things.c.rank, False), (things.c.made_at, False), (things.c.id, True)]
    assert sql(paging.keyset(select(things.c.id), keys, purpose="p", limit=2, cursor=None)) == (
        "SELECT paged_thing.id FROM paged_thing"
        " ORDER BY paged_thing.rank DESC NULLS LAST, paged_thing.made_at DESC, paged_thing.id ASC LIMIT 3"
    )


def test_later_pages_begin_after_the_keys_of_the_last_row() -> None:
    keys: list[Key] = [(Mapping.rank, False), (Mapping.id, True)]
    cursor = paging.encode([5, 7], "p")
    assert sql(paging.keyset(select(Mapping.id), keys, purpose="p", limit=2, cursor=cursor)) == (
        "SELECT mapping.id FROM mapping WHERE (mapping.rank <= 5 OR mapping.rank IS NULL)"
        " AND (mapping.rank < 5 OR mapping.rank IS NULL OR mapping.rank = 5 AND mapping.id > 7)"
        " ORDER BY mapping.rank DESC NULLS LAST, mapping.id ASC LIMIT 3"
    )


def sql(statement: Any) -> str:
    compiled = statement.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return " ".join(str(compiled).split())


rows = st.lists(
    st.fixed_dictionaries(
        {
            "rank": st.none() | st.integers(0, 3),
            "name": st.none() | st.sampled_from(["a", "B", "b", ""]),
            "made_at": st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001
        }
    ),
    max_size=14,
)
lowered = func.lower(things.c.name)
columns = st.lists(st.tuples(st.sampled_from([things.c.rank, lowered, things.c.made_at]), st.booleans()), max_size=3)


@settings(max_examples=60, deadline=None)
@given(rows=rows, keys=columns, id_rises=st.booleans(), limit=st.integers(1, 5), data=st.data())
def test_a_walk_meets_every_row_once_and_in_order_while_others_write(
    engine: Engine,
    rows: list[dict[str, Any]],
    keys: list[Key],
    id_rises: bool,
    limit: int,
    data: st.DataObject,
) -> None:
    keys = [*keys, (things.c.id, id_rises)]
    ids = st.uuids()
    with engine.connect() as connection:
        before = {data.draw(ids) for _ in rows}
        for key, row in zip(before, rows, strict=False):
            connection.execute(insert(things).values(id=key, **row))
        in_order = [row.id for row in connection.execute(_ordered(keys))]
        walked = _walk(connection, keys, limit, late=[dict(row, id=data.draw(ids)) for row in rows[:3]])
        connection.rollback()
    assert [key for key in walked if key in before] == in_order
    assert len(walked) == len(set(walked))


def _ordered(keys: list[Key]) -> Any:
    return select(things.c.id).order_by(
        *((column.asc() if rises else column.desc()).nulls_last() for column, rises in keys)
    )


def _walk(connection: Connection, keys: list[Key], limit: int, late: list[dict[str, Any]]) -> list[UUID]:
    """All ids, page by page, with one of the late rows written after each page."""
    found: list[UUID] = []
    cursor = None
    while True:
        statement = select(things.c.id, *(column.label(f"k{n}") for n, (column, _) in enumerate(keys)))
        statement = paging.keyset(statement, keys, purpose="walk", limit=limit, cursor=cursor)
        rows, cursor = paging.cut(
            connection.execute(statement).all(), purpose="walk", limit=limit, values=lambda row: row[1:]
        )
        assert len(rows) <= limit
        found += [row.id for row in rows]
        if cursor is None:
            return found
        if late:
            connection.execute(insert(things).values(**late.pop()))


@pytest.mark.parametrize(("count", "has_next"), [(0, False), (2, False), (3, True)])
def test_there_is_a_next_page_only_if_there_is_a_next_row(count: int, has_next: bool) -> None:
    def values(row: int) -> Sequence[int]:
        return [row]

    page, cursor = paging.cut(range(count), purpose="p", limit=2, values=values)
    assert page == list(range(min(count, 2)))
    assert (paging.decode(cursor, "p") if cursor else None) == ([1] if has_next else None)


class Orders(PageQuery, frozen=True, kw_only=True):
    state: str = "open"


def test_a_list_inherits_its_query() -> None:
    assert msgspec.convert({}, Orders) == Orders(state="open", limit=24, cursor=None)
    assert msgspec.convert({"limit": "100", "cursor": "x"}, Orders, strict=False).limit == 100


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1e9", "x"])
def test_a_page_has_one_to_a_hundred_rows(limit: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"limit": limit}, Orders, strict=False)


def test_a_page_is_its_items_and_the_next_cursor() -> None:
    assert msgspec.json.encode(Page(items=[1, 2], next_cursor="x")) == b'{"items":[1,2],"next_cursor":"x"}'
    assert msgspec.json.encode(Page[int](items=[])) == b'{"items":[],"next_cursor":null}'
