"""Secrets and signatures of Standard Webhooks 1.0.0: `v1` is HMAC-SHA256 over id, time and body."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from os import urandom
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shopwright.settings import current

PREFIX = "whsec_"
SECRET_BYTES = 32
NONCE_BYTES = 12


def new_secret() -> bytes:
    return urandom(SECRET_BYTES)


def written(secret: bytes) -> str:
    """As the receiver gets it."""
    return PREFIX + b64encode(secret).decode()


def read(text: str) -> bytes:
    return b64decode(text.removeprefix(PREFIX))


def seal(secret: bytes, endpoint_id: UUID) -> bytes:
    """As it is stored: for this endpoint only, and readable only with the shop's own secret."""
    nonce = urandom(NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, secret, endpoint_id.bytes)


def unseal(sealed: bytes, endpoint_id: UUID) -> bytes:
    """Raises `InvalidTag` if the shop's secret is another one by now."""
    return AESGCM(_key()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], endpoint_id.bytes)


def _key() -> bytes:
    return hmac.digest(current().secret_key.encode(), b"shopwright webhook secrets", sha256)


def signatures(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """One for each secret, so that receivers may change theirs when they like."""
    said = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{b64encode(hmac.digest(secret, said, sha256)).decode()}" for secret in secrets)
