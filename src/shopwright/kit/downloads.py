"""Tables as files: read whole into a file of ours first, and only then sent."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO

from flask import Response

from shopwright.kit import tables
from shopwright.kit.errors import Unavailable
from shopwright.kit.tables import Table
from shopwright.kit.transaction import steadily


def answer(make: Callable[[], Table]) -> Response:
    """What `make` reads, as a file to be kept by whoever asks. Raises `Unavailable` while too many are being sent."""
    with ExitStack() as held:
        if not held.enter_context(tables.SENDING.entered()):
            raise Unavailable()
        name, file = steadily(lambda: _written(make()))
        held.callback(file.close)
        headers = {
            "Content-Type": tables.CONTENT_TYPE, "Content-Length": str(file.tell()), "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
        }  # fmt: skip
        file.seek(0)
        kept = held.pop_all()
    response = Response(_sent(file, kept), headers=headers)
    response.call_on_close(kept.close)
    return response


def _sent(file: IO[bytes], held: ExitStack) -> Iterator[bytes]:
    """Lets go at the end, too: not everybody who has read an answer closes it."""
    with held:
        while chunk := file.read(tables.CHUNK):
            yield chunk


def _written(table: Table) -> tuple[str, IO[bytes]]:
    return table.name, tables.write(table)
