from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from standardwebhooks.webhooks import Webhook

from shopwright.kit import ids
from shopwright.listeners.webhooks import signing

pytestmark = pytest.mark.usefixtures("app")


def test_the_known_vector_of_standard_webhooks() -> None:
    secret = signing.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signing.signatures([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_of_standard_webhooks_signs_the_same() -> None:
    secret, moment = signing.new_secret(), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    theirs = Webhook(signing.written(secret)).sign("an id", moment, "höher")
    assert signing.signatures([secret], "an id", int(moment.timestamp()), "höher".encode()) == theirs


def test_a_secret_is_long_and_another_one_each_time() -> None:
    one, other = signing.new_secret(), signing.new_secret()
    assert one != other
    assert len(one) == 32
    assert signing.read(signing.written(one)) == one


def test_a_stored_secret_shows_nothing_and_opens_for_its_own_endpoint_only() -> None:
    secret, endpoint_id = signing.new_secret(), ids.new()
    sealed = signing.seal(secret, endpoint_id)
    assert secret not in sealed
    assert signing.unseal(sealed, endpoint_id) == secret
    with pytest.raises(InvalidTag):
        signing.unseal(sealed, ids.new())
