"""Keywords, and what they block."""

from sandbox.twilio.messages.opt_out import OptOuts, keyword

OWN = "+12025550199"

PERSON = "+12025550100"


def test_only_a_message_that_is_nothing_but_a_keyword_counts() -> None:
    stops = ("STOP", "stopall", " Unsubscribe\n", "end", "Quit", "CANCEL", "revoke", "optout")
    assert {keyword(body) for body in stops} == {"stop"}
    assert {keyword(body) for body in ("start", "Yes", "UNSTOP")} == {"start"}
    assert {keyword(body) for body in ("help", "INFO")} == {"help"}
    assert {keyword(body) for body in ("STOP please", "stop!", "", "yes yes")} == {""}


def test_an_opt_out_holds_for_its_pair_until_it_is_undone_and_only_changes_are_confirmed() -> None:
    opt_outs = OptOuts()
    assert opt_outs.apply(OWN, PERSON, "yes") == ""
    assert "unsubscribed" in opt_outs.apply(OWN, PERSON, "stop")
    assert opt_outs.apply(OWN, PERSON, "stop") == ""
    assert opt_outs.blocks(OWN, PERSON)
    assert not opt_outs.blocks("+12025550198", PERSON)
    assert "re-subscribed" in opt_outs.apply(OWN, PERSON, "yes")
    assert not opt_outs.blocks(OWN, PERSON)
