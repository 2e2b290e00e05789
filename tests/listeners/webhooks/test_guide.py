import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shopwright.embedded.process import free_port
from shopwright.kit.transaction import transaction
from shopwright.listeners.webhooks import service, signing, work
from tests.receiver import until

pytestmark = pytest.mark.usefixtures("app", "_rolled_back")

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "events-and-webhooks.md"


def listens(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def receiver_of_the_guide(port: int, secret: str) -> Iterator[None]:
    [program] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert "9000" in program
    command = [sys.executable, "-c", program.replace("9000", str(port))]
    output = subprocess.DEVNULL
    with subprocess.Popen(command, env={"WEBHOOK_SECRET": secret}, stdout=output, stderr=output) as process:
        try:
            until(lambda: listens(port))
            yield
        finally:
            process.kill()


def test_the_receiver_of_the_guide_takes_what_is_signed_and_nothing_else() -> None:
    port = free_port()
    with transaction():
        made, secret = service.create_endpoint(f"http://127.0.0.1:{port}/shop", ["orders.*"], "")
    with receiver_of_the_guide(port, secret):
        assert work.ping(made.id).status == 204
        with transaction():
            service.rotate_secret(made.id)
        assert work.ping(made.id).status == 204
        with transaction():
            service.rotate_secret(made.id)
        assert work.ping(made.id).status == 401
    with receiver_of_the_guide(port, signing.written(signing.new_secret())):
        assert work.ping(made.id).status == 401
