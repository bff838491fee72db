"""Overrides of the policy for a webhook."""

from sandbox.twilio.webhooks import Policy, split_overrides


def test_a_fragment_overrides_the_policy_and_is_not_sent() -> None:
    assert split_overrides("https://a.example/b?c=d") == ("https://a.example/b?c=d", Policy())
    url, policy = split_overrides("https://a.example/b?c=%20#rc=9&ct=50&rt=2000&tt=4000&rp=rt,5xx")
    assert url == "https://a.example/b?c=%20"
    assert policy == Policy(100, 2000, 4000, 5, frozenset({"rt", "5xx"}))
    assert split_overrides("https://a.example#rp=all")[1].retry_on == {"ct", "rt", "4xx", "5xx"}
