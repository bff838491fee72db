"""Words of consent: each version is known again by its words, for its channel only."""

import pytest

from server.consent.wordings import OWN, VOUCHED, WORDINGS, Wording, shown, wording_of


@pytest.mark.parametrize("one", shown(), ids=lambda one: f"{one.id}-{one.version}-{one.language}")
def test_a_wording_is_known_by_its_words(one: Wording) -> None:
    assert wording_of(one.text, one.channel) == one
    other = wording_of(one.text, "texts" if one.channel == "calls" else "calls")
    assert (other.id, other.version) == ("", 0), "consent to texts is none to calls"


def test_other_words_are_kept_as_somebodys_own() -> None:
    assert wording_of("Yes, call me.", "calls") == Wording("", 0, "", "calls", "Yes, call me.")


def test_no_version_is_there_twice_and_all_fit_what_a_client_may_send() -> None:
    names = [(one.id, one.version, one.language) for one in WORDINGS]
    assert len(set(names)) == len(names)
    assert len({(one.channel, one.text) for one in WORDINGS}) == len(names)
    assert all(0 < len(one.text) <= 500 for one in WORDINGS)


def test_people_are_shown_the_newest_and_nothing_they_are_not_asked() -> None:
    assert {(one.id, one.language) for one in shown()} == {
        (name, language) for name in ("calls", "texts") for language in ("en", "de")
    }
    assert {one.language for one in shown("de")} == {"de"}
    assert shown("tlh") == []
    assert not {*OWN.values(), VOUCHED} & set(shown())
