from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.kit import storage
from shopwright.kit.storage import NotStored


@pytest.fixture(autouse=True, params=["memory", "file"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(storage, "_store", None)
    monkeypatch.setattr(storage, "_base", "")
    folder = tmp_path / "new" / "media"
    storage.configure("memory://" if request.param == "memory" else f"file://{folder}")
    return folder


def test_a_file_is_given_back_as_it_was_stored() -> None:
    storage.put("products/7/front.webp", b"\x00picture", "image/webp")
    stored = storage.get("products/7/front.webp")
    assert (stored.data, stored.content_type) == (b"\x00picture", "image/webp")


def test_an_empty_file_is_a_file() -> None:
    storage.put("empty.txt", b"", "text/plain")
    assert storage.get("empty.txt").data == b""


def test_the_etag_changes_with_the_file_and_bears_no_quotes() -> None:
    storage.put("a.png", b"one", "image/png")
    first = storage.get("a.png").etag
    assert first == storage.get("a.png").etag
    storage.put("a.png", b"other", "image/png")
    second = storage.get("a.png").etag
    assert first and second and first != second
    assert '"' not in first + second


def test_a_file_without_a_known_ending_is_bytes_or_what_was_said() -> None:
    storage.put("thing", b"x", "application/octet-stream")
    assert storage.get("thing").content_type == "application/octet-stream"


def test_what_was_deleted_is_gone_and_may_be_deleted_again() -> None:
    storage.put("a.png", b"one", "image/png")
    storage.delete("a.png")
    storage.delete("a.png")
    with pytest.raises(NotStored):
        storage.get("a.png")


def test_a_folder_is_no_file() -> None:
    storage.put("a/b.png", b"one", "image/png")
    with pytest.raises(NotStored):
        storage.get("a")


BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "../a",
    "a/../b",
    ".hidden",
    "a/.b",
    "a b",
    "a\\b",
    "a%2e",
    "ä",
    "a\n",
    "a\x00",
    "~",
    "a?b",
    "a#b",
    "x" * 256,
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_only_plain_keys_are_taken(key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, b"x", "image/png")
    with pytest.raises(ValueError, match="not a storage key"):
        storage.delete(key)
    with pytest.raises(ValueError, match="not a storage key"):
        storage.url(key)
    with pytest.raises(NotStored):
        storage.get(key)


@given(st.text() | st.text("ab./\\%-_ \x00", max_size=20))
def test_whatever_the_key_it_stays_in_its_place(key: str) -> None:
    try:
        url = storage.url(key)
    except ValueError:
        return
    assert url == f"/media/{key}"
    assert not any(part.startswith(".") or part == "" for part in key.split("/"))


def test_the_public_finds_it_here_or_at_the_base() -> None:
    assert storage.url("a/b.png") == "/media/a/b.png"
    storage.configure("memory://", base="https://cdn.example/shop/")
    assert storage.url("a/b.png") == "https://cdn.example/shop/a/b.png"


def test_a_folder_outlives_the_process(tmp_path: Path) -> None:
    for _ in range(2):
        storage.configure(f"file://{tmp_path}/kept")
        storage.put("a.png", b"one", "image/png")
    assert (tmp_path / "kept" / "a.png").read_bytes() == b"one"
