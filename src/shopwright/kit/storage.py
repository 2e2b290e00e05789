"""Files of the shop (pictures, documents): in a folder, in a bucket, or in memory for tests."""

import mimetypes
import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import obstore
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

KEY = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)
# What a file system takes as one name.
LONGEST_KEY = 255
ANY_TYPE = "application/octet-stream"

_store: ObjectStore | None = None
_base = "/media"


class NotStored(LookupError):
    """There is no file with this key."""


class Stored(msgspec.Struct, frozen=True):
    """A file; the etag changes with its content and bears no quotes."""

    data: bytes
    content_type: str
    etag: str


def configure(url: str, *, base: str = "/media") -> None:
    """Use `file:///folder` (made if it is missing), `memory://` or a bucket (`s3://…`, `gs://…`, `az://…`).

    `base` is where the public finds the files: this shop's own route, or the address of a CDN.
    """
    global _store, _base
    _base = base.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme == "file":
        Path(parts.path).mkdir(parents=True, exist_ok=True)
    _store = MemoryStore() if parts.scheme == "memory" else from_url(url)


def put(key: str, data: bytes, content_type: str) -> None:
    """Store the file, whole or not at all; one that has this key is replaced."""
    store, key = _place(key)
    # A folder keeps no types: there, the key's ending says it again when the file is read.
    attributes = None if isinstance(store, LocalStore) else {"Content-Type": content_type}
    obstore.put(store, key, data, attributes=attributes)


def get(key: str) -> Stored:
    """The file. Raises `NotStored`, for a key that cannot be one, too."""
    try:
        store, key = _place(key)
        found = obstore.get(store, key)
    except (ValueError, FileNotFoundError, IsADirectoryError):
        raise NotStored(key) from None
    content_type = found.attributes.get("Content-Type") or mimetypes.guess_type(key)[0] or ANY_TYPE
    etag = (found.meta["e_tag"] or "").removeprefix("W/").strip('"')
    return Stored(bytes(found.bytes()), content_type, etag)


def delete(key: str) -> None:
    """Remove the file; it is no fault if there is none."""
    store, key = _place(key)
    try:
        obstore.delete(store, key)
    except FileNotFoundError:
        return


def url(key: str) -> str:
    """Where the public finds the file."""
    return f"{_base}/{_checked(key)}"


def _place(key: str) -> tuple[ObjectStore, str]:
    if _store is None:
        raise RuntimeError("storage.configure() was not called")
    return _store, _checked(key)


def _checked(key: str) -> str:
    """Raises ValueError unless the key is made of plain names, none of them hidden or `..`, and slashes."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key
