"""Words: sentences, goodbyes, agreement, and cutting what was heard at a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.dialogue import (
    asks_for_summary,
    cut_at_word,
    is_backchannel,
    says_goodbye,
    split_sentences,
    storable,
    unheard,
)

KEPT = "Grüße,\t1\r\n\u200d😀\u202e\x85\x7f\u2028"


def test_what_a_journal_cannot_keep_is_left_out_and_nothing_else() -> None:
    assert storable("a\x00b\x07c\x0b\x1f\ud83dd\udc00\ufffee\uffff") == "abcde"
    assert storable(KEPT) == KEPT


texts = st.text(alphabet="ab .!?\n", max_size=40)


def test_whole_sentences_are_cut_off_and_the_rest_is_kept() -> None:
    assert split_sentences("Yes. I do! Do you? May") == (["Yes.", "I do!", "Do you?"], "May")


@pytest.mark.parametrize("text", ["Dr. Green", "e.g. roses", "i.e. roses", "J. S. Bach", "vs. me"])
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert split_sentences(f"{text} came. ") == ([f"{text} came."], "")


@pytest.mark.parametrize(
    "text",
    ["We open at 9 a.m. sharp.", "Come at 5 p.m. on Friday.", "It is No. 5.", "Use approx. 20.",
     "On Jan. 5 we go.", "Mt. Everest is high.", "She joined Acme Inc. in May.",
     "On 5th Ave. and on.", "Ask King Jr. about it.", "Add 2 tbsp. of oil."],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 4, 100])
def test_a_stop_inside_a_sentence_does_not_cut_it_however_it_comes(text: str, piece: int) -> None:
    assert streamed(f"{text} Then we rest. No. I mean it.", piece) == [
        text, "Then we rest.", "No.", "I mean it."
    ]  # fmt: skip


@pytest.mark.parametrize("piece", [1, 100])
@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["We open at 9 a.m. Monday.", "See Eq. 4.", "Come at 5 p.m.", "We eat."]),
        ("en", ["Give me a sec.", "It is Art. 5.", "See Fig. 3.", "It is No. XIV.", "Done."]),
        ("es", ["Vamos al mar.", "Está bien.", "Es el Art. 5 de la ley.", "Adiós."]),
        ("de", ["Das ist so meine Art.", "Art. 5 gilt.", "Gut."]),
        ("de", ["Im 21. Jahrhundert ist Dr. med. Roth da.", "Es ist 21.", "Gut."]),
        ("de", ["Das ist inkl. MwSt. und zzgl. Versand.", "Gut."]),
        ("es", ["Claro que no.", "Eso es n.º 5.", "Muy bien.", "Hasta luego."]),
        ("es", ["Son aprox. 5 p. m. del lunes.", "La Srta. Gil viene."]),
        ("fr", ["M. Roth et J.-P. Gil ont env. 5 min. à pied.", "Oui."]),
    ],
)
def test_short_forms_of_each_language_end_no_sentence(
    language: str, sentences: list[str], piece: int
) -> None:
    assert streamed(" ".join(sentences), piece, language) == sentences


@pytest.mark.parametrize("piece", [1, 4, 100])
@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("1. **Mix** the flour. 2. Let it rest.", ["1. **Mix** the flour.", "2. Let it rest."]),
        ("How: 1. Mix it. 2. Rest.", ["How:", "1. Mix it.", "2. Rest."]),
        ("- one\n- two\n\nThe rest", ["- one", "- two", "The rest"]),
        ("How many? 2. Good.", ["How many?", "2. Good."]),
        ("Mix:\n1. flour\n2. water", ["Mix:", "1. flour", "2. water"]),
    ],
)
def test_the_number_of_an_item_is_no_sentence(text: str, sentences: list[str], piece: int) -> None:
    assert streamed(text, piece) == sentences


@pytest.mark.parametrize("piece", [1, 7, 5000])
def test_a_sentence_that_goes_on_for_ever_is_cut_after_a_clause(piece: int) -> None:
    text = "and then we went on, because the road was long " * 21
    pieces = streamed(text, piece)
    assert max(map(len, pieces)) <= 240
    assert " ".join(pieces) == text.strip()


def streamed(text: str, piece: int, language: str = "en") -> list[str]:
    """What `split_sentences` makes of the text as it comes, with what is left at the end."""
    buffer, found = "", []
    for at in range(0, len(text), piece):
        sentences, buffer = split_sentences(buffer + text[at : at + piece], language)
        found += sentences
    return [*found, buffer.strip()] if buffer.strip() else found


@pytest.mark.parametrize("text", ["3.14 is", "Wait", "No.", "end.)Next"])
def test_a_dot_without_space_after_it_ends_no_sentence_yet(text: str) -> None:
    assert split_sentences(text) == ([], text)


def test_closing_quotes_belong_to_their_sentence() -> None:
    assert split_sentences('"Go." He went. ') == (['"Go."', "He went."], "")


@given(texts)
def test_no_word_is_lost_or_doubled_by_splitting(text: str) -> None:
    sentences, rest = split_sentences(text)
    assert " ".join([*sentences, rest]).split() == text.split()
    assert all(sentence for sentence in sentences)


@given(st.lists(texts, max_size=5))
def test_pieces_make_the_same_sentences_as_the_whole(pieces: list[str]) -> None:
    buffer, found = "", []
    for piece in pieces:
        sentences, buffer = split_sentences(buffer + piece)
        found += sentences
    whole, rest = split_sentences("".join(pieces))
    assert " ".join([*found, buffer]).split() == " ".join([*whole, rest]).split()


@pytest.mark.parametrize(
    "text",
    ["Goodbye.", "good bye", "Good-by!", "goodby", "okay, BYE", "bye-bye", "Talk to you later",
     "please hang up now", "Okay, thank you so much, bye now.", "I really have to say goodbye now.",
     "It was nice. Goodbye! Have a lovely day.", "Our time is up, so thank you and goodbye.",
     "Goodbye, Anna, and take care.", "Bye?", "Thanks for calling. Bye, talk to you later.",
     "See you later!", "Okay, see you tomorrow then.", "Catch you later.", "Have a nice day.",
     "Great, thanks. Have a good one!", "Take care of yourself.", "Good night, John.",
     "Well, I've got to go.", "I really have to go now.", "I'll let you go.", "Until next time.",
     "Ich muss jetzt leider gehen.", "Schönen Tag noch!", "Bis Montag.", "Ya me tengo que ir.",
     "Cuídate mucho.", "Que tenga un buen día.", "Bonne soirée !", "Je dois y aller.", "À lundi !"],
)  # fmt: skip
def test_a_goodbye_is_recognised(text: str) -> None:
    assert says_goodbye(text)


@pytest.mark.parametrize("text", [
    "good boy", "that is good by me", "bystander", "goods", "later",
        "I have to go to work every day.", "I have a nice day planned.", "Take care of the dog.",
        "He said take care.", "I see, you are a computer.", "Can I see you tomorrow at noon?",
        "Ich muss jetzt zum Arzt gehen.", "Bis Montag muss es fertig sein.",
        "Tengo que irme de vacaciones.", "C'était une bonne journée.",
    "Goodbye? No. I stay.",
    "Sure: say goodbye to dry bread with a Dutch oven. Do you have one?",
    "we had to say goodbye to our old oven", "She said goodbye and left.", "It was a long goodbye.",
    "How do you say goodbye in French?", "Goodbye is a sad word.", "They never said bye.",
    "It means hello and goodbye.", "Goodbye. But wait, one more thing.",
    "kiss your worries goodbye",
])  # fmt: skip
def test_words_like_goodbye_are_none(text: str) -> None:
    assert not says_goodbye(text)


@pytest.mark.parametrize(
    "text", ["Mm-hmm.", "mhm", "uh-huh", "Yeah, okay.", "I see.", "Right, right.", "oh"]
)
def test_agreement_is_a_backchannel(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["Ha ha ha!", "Haha.", "heh-heh", "Jajaja", "ha, ha"])
def test_laughter_asks_for_no_other_answer(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    ["", "He.", "Ha.", "Yeah, but no.", "okay what about roses", "Yes yes yes yes", "I see a rose"],
)
def test_more_than_agreement_is_none(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize(
    ("fraction", "heard"),
    [(0.0, ""), (0.1, ""), (0.5, "Roses"), (0.6, "Roses grow"), (0.99, "Roses grow"),
     (1.0, "Roses grow slowly"), (7, "Roses grow slowly"), (-1, "")],
)  # fmt: skip
def test_what_was_heard_ends_at_a_word(fraction: float, heard: str) -> None:
    assert cut_at_word("Roses grow slowly", fraction) == heard


@given(texts, st.floats(-0.5, 1.5))
def test_a_cut_is_a_beginning_of_whole_words_and_the_rest_is_the_rest(
    text: str, fraction: float
) -> None:
    heard = cut_at_word(text, fraction)
    assert text.startswith(heard)
    rest = text[len(heard) :]
    assert not heard or not rest or rest[0].isspace() or heard[-1].isspace()
    assert f"{heard} {unheard(text, heard)}".split() == text.split()


@given(texts, st.floats(0, 1), st.floats(0, 1))
def test_hearing_longer_never_means_hearing_less(text: str, one: float, two: float) -> None:
    sooner, later = sorted((one, two))
    assert cut_at_word(text, later).startswith(cut_at_word(text, sooner))


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ("Could you text me a summary?", "text"),
        ("Send me the summary, please.", "text"),
        ("Please e-mail me a recap of this.", "email"),
        ("Can I have a summary by mail?", "email"),
        ("Send me what we discussed.", "text"),
        ("I want a summary as a text message.", "text"),
        ("In summary, it was fine.", None),
        ("My mother sent me notes.", None),
        ("What is a recap?", None),
        ("Text me.", None),
    ],
)
def test_a_wish_for_a_summary_is_heard(said: str, by: str | None) -> None:
    assert asks_for_summary(said) == by
