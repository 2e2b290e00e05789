"""Start the shop as a new user does (`make up`), buy something over plain HTTP, stop it, and see that nothing is left."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx

from shopwright.embedded.process import free_port

ROOT = Path(__file__).parents[1]


def start(data: str, port: int) -> subprocess.Popen[bytes]:
    environ = os.environ | {"DATA_DIR": data, "PORT": str(port)}
    return subprocess.Popen(["make", "up"], cwd=ROOT, env=environ, start_new_session=True)


def wait_until_ready(shop: httpx.Client, process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"make up ended with {process.returncode}")
        try:
            if shop.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    sys.exit(f"not ready within {seconds} s")


def said(answer: httpx.Response, status: int) -> dict:
    if answer.status_code != status:
        sys.exit(
            f"{answer.request.method} {answer.request.url}: {answer.status_code}, expected {status}: {answer.text}"
        )
    return answer.json()


def buy(shop: httpx.Client) -> str:
    """From the listing to a paid order, as a guest. Answers the order's number."""

    def key() -> dict[str, str]:
        return {"Idempotency-Key": str(uuid.uuid4())}

    # The listing follows the facts of the seeded shop, so it may come a moment after the first answer.
    for _ in range(100):
        listed = said(shop.get("/v1/products", params={"channel": "eu"}), 200)["items"]
        buyable = [product for product in listed if product["is_available"]]
        if buyable:
            break
        time.sleep(0.2)
    product = said(shop.get(f"/v1/products/{buyable[0]['slug']}", params={"channel": "eu"}), 200)
    variant = next(variant for variant in product["variants"] if variant["is_available"])

    cart = said(shop.post("/v1/carts", json={"channel": "eu"}, headers=key()), 201)
    mine, path = {"Cart-Token": cart["token"]}, f"/v1/carts/{cart['id']}"
    said(shop.post(f"{path}/items", json={"variant_id": variant["id"], "quantity": 1}, headers=mine | key()), 201)
    address = {
        "name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
        "country_code": "DE",
    }  # fmt: skip
    patch = {"Content-Type": "application/merge-patch+json"}
    said(
        shop.patch(path, json={"email": "ada@example.com", "shipping_address": address}, headers=mine | key() | patch),
        200,
    )
    method = said(shop.get(f"{path}/shipping-methods", headers=mine), 200)["items"][0]["method_id"]
    cart = said(shop.patch(path, json={"shipping_method_id": method}, headers=mine | key() | patch), 200)
    order = said(
        shop.post("/v1/orders", json={"cart_id": cart["id"], "expected_total": cart["total"]}, headers=mine | key()),
        201,
    )
    theirs = {"Order-Token": order["token"]}
    payment = said(
        shop.post(
            f"/v1/orders/{order['id']}/payments",
            json={"provider": "development", "token": "tok_success"},
            headers=theirs | key(),
        ),
        201,
    )
    assert payment["state"] == "captured", payment
    paid = said(shop.get(f"/v1/orders/{order['id']}", headers=theirs), 200)
    assert paid["payment_status"] == "paid", paid
    return str(paid["number"])


def stop(process: subprocess.Popen[bytes], data: str) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # what it started ends with it
        sys.exit("make up did not stop within 60 s")
    left = subprocess.run(["pgrep", "-af", re.escape(data)], capture_output=True, text=True, check=False).stdout
    if left.strip():
        sys.exit(f"still running after the stop:\n{left}")


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        port = free_port()
        for attempt, limit in (("cold", 120.0), ("warm", 30.0)):
            started = time.monotonic()
            process = start(data, port)
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as shop:
                    wait_until_ready(shop, process, limit)
                    print(f"{attempt}: ready after {time.monotonic() - started:.1f} s")
                    print(f"{attempt}: bought order {buy(shop)}")
                    assert shop.get("/docs").status_code == 200
            finally:
                stop(process, data)
            print(f"{attempt}: stopped cleanly")


if __name__ == "__main__":
    main()
