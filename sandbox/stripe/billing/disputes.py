"""Disputes: an owner of a card takes a charge back, and it is answered or given in to.

Endpoints, and how one begins: with a charge of the card made for it (Stripe, "Test cards:
disputes"). Knows no invoices and no subscriptions: nothing happens to those.
"""

from sandbox.stripe.core.account import Account, Object
from sandbox.stripe.core.errors import invalid
from sandbox.stripe.core.params import Params
from sandbox.stripe.shapes.money import EVIDENCE, dispute

KIND = "dispute"
# What evidence comes to, by the words Stripe gives for tests.
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}


def begin(account: Account, taken: Object) -> Object:
    """The owner takes a charge back: its money is gone until the dispute is won."""
    account.change(taken, disputed=True)
    made = account.put(dispute(account.new_id("du"), account.now(), taken))
    account.emit("charge.dispute.created", made)
    account.emit("charge.dispute.funds_withdrawn", made)
    return made


def update(account: Account, params: Params, dispute_id: str) -> Object:
    """POST /v1/disputes/{id}: evidence, decided on at once if it is one of the test's words."""
    before = _running(account, dispute_id)
    given = params.below("evidence")
    said = {} if given is None else {name: given.text(name) for name in given.tree}
    if unknown := said.keys() - EVIDENCE:
        raise invalid(f"Received unknown parameter: evidence[{min(unknown)}]", "evidence")
    made = account.change(
        before,
        evidence={**before["evidence"], **said},
        evidence_details={**before["evidence_details"], "has_evidence": bool(said)},
        metadata=params.metadata(before["metadata"]),
    )
    if params.flag("submit") is False:
        account.emit("charge.dispute.updated", made, before)
        return made
    details = {**made["evidence_details"], "submission_count": 1, "submission_method": "manual"}
    made = account.change(made, status="under_review", evidence_details=details)
    account.emit("charge.dispute.updated", made, before)
    verdict = _VERDICTS.get(said.get("uncategorized_text", ""))
    return made if verdict is None else _end(account, made, verdict)


def close(account: Account, _: Params, dispute_id: str) -> Object:
    """POST /v1/disputes/{id}/close: give in, for good."""
    return _end(account, _running(account, dispute_id), "lost")


def _end(account: Account, made: Object, status: str) -> Object:
    after = account.change(made, status=status)
    account.emit("charge.dispute.closed", after, made)
    if status == "won":
        account.emit("charge.dispute.funds_reinstated", after)
    return after


def _running(account: Account, dispute_id: str) -> Object:
    made = account.get(KIND, dispute_id)
    if made["status"] in ("won", "lost"):
        raise invalid("This dispute is already closed.")
    return made
