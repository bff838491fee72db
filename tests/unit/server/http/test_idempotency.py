"""How long the claim of a request lasts whose node died, and how long our own clients ask again."""

from talking_client.retries import STILL_RUNS, Retries

from server.core.errors import KINDS
from server.http.idempotency import HELD_SECONDS, RENEW_SECONDS


def test_a_client_whose_node_died_asks_again_until_the_claim_is_over() -> None:
    """Cut off at the first attempt, told that it still runs at those between, done at the last."""
    again = KINDS[STILL_RUNS].retry_after_seconds
    assert again is not None
    assert (Retries().attempts - 2) * again >= HELD_SECONDS


def test_one_renewal_may_be_missed() -> None:
    assert 2 * RENEW_SECONDS < HELD_SECONDS
