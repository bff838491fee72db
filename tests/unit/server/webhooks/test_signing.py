"""Signatures, against the example that the makers of Standard Webhooks publish."""

import base64

from server.webhooks import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_a_message_is_signed_as_the_standard_has_it() -> None:
    assert signing.headers(MESSAGE, 1614265330, BODY, [SECRET]) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_replaced_both_sign() -> None:
    other = signing.new_secret()
    signature = signing.headers(MESSAGE, 1614265330, BODY, [other, SECRET])["webhook-signature"]
    first, second = signature.split(" ")
    assert second == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.headers(MESSAGE, 1614265330, BODY, [other])["webhook-signature"] == first


def test_a_secret_is_of_the_length_that_is_asked_for() -> None:
    made = {signing.new_secret() for _ in range(10)}
    assert len(made) == 10
    assert all(len(base64.b64decode(one.removeprefix("whsec_"))) == 32 for one in made)
