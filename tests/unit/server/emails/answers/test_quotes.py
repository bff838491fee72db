"""What is new in an answer: quotes go in any layout and language, what people wrote stays."""

import pytest

from media.wishes.reading import wish_to_stop
from server.emails import templates
from server.emails.answers.quotes import Ours, new_subject, new_words
from server.emails.answers.reading import page_words, read_answer
from tests.unit.server.emails.answers.layouts import (
    AS_PAGE,
    BARE,
    LAYOUTS,
    LINK,
    MAIL,
    OURS,
    QUOTED,
    SAID,
    SENDER,
    SUBJECT,
    WORDS,
)

WROTE = f"On Mon, 5 Jan 2026 at 10:00, {SENDER} wrote:"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_clean(layout: str) -> None:
    assert new_words(LAYOUTS[layout], OURS) == SAID
    assert new_words(LAYOUTS[layout].replace("\n", "\r\n"), OURS) == SAID


SHORT = "Hi Ann,\n\nFriday at 6?\n\nBest,\nBob"


@pytest.mark.parametrize("who", BARE)
@pytest.mark.parametrize("quoted", [WORDS, WORDS.split("\n\n")[1], MAIL, AS_PAGE, SHORT])
def test_a_bare_introduction_goes_with_our_own_words_below_it(who: str, quoted: str) -> None:
    ours = OURS if quoted != SHORT else Ours(words=SHORT)
    for blank in ("\n", "\n\n"):
        quote = f"{BARE[who]}{blank}{quoted}"
        assert new_words(f"{SAID}\n\n{quote}", ours) == SAID
        assert new_words(f"{quote}\n\n{SAID}", ours) == SAID
        assert new_words(f"Hi!\n\n{quote}\n\n{SAID}", ours) == f"Hi!\n\n{SAID}"


@pytest.mark.parametrize(
    "line",
    [
        "Please stop what Bob wrote:", "I want none of what you wrote:", "Never write to me again:",
        "Bitte schreib mir nie wieder:", "Arrêtez de m'écrire :", "No me escriban más:",
        "Unsubscribe me, as I wrote:", "My answers:", "Bob wrote me this and I hate it.",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_introduction_of_our_words_is_kept(line: str) -> None:
    assert new_words(f"{line}\n{WORDS}\nNo.", OURS) == f"{line}\n\nNo."


@pytest.mark.parametrize(
    "said",
    [
        'We meet on Monday at 10:00, Bob wrote me: "fine".',
        "On Monday at 10:00 I wrote to Bob at bob@example.org about it",
        "As Bob wrote on 5 Jan 2026 at 10:00: do it",
        "----- stop -----",
        "=== STOP ===",
        "| a | b |\n| 1 | 2 |",
        "Q: How?\nA: With flour.",
        "From: my house\nTo: yours\nSubject: dinner",
        "Date: Friday works\nTime: 10:00\nFrom: me",
        "Sent it from my phone yesterday.",
    ],
)
@pytest.mark.parametrize("layout", ["gmail", "outlook, German", "no mark at all"])
def test_what_only_looks_like_marks_of_mail_programs_is_kept(said: str, layout: str) -> None:
    assert new_words(LAYOUTS[layout].replace(SAID, said), OURS) == said
    assert new_words(LAYOUTS[layout].replace(SAID, f"Hi,\n\n{said}"), OURS) == f"Hi,\n\n{said}"


@pytest.mark.parametrize(
    "text",
    ["Bob wrote:\nthe report is done", "Yes.\n\nBob schreibt:\ndas Brot ist fertig", "She said:\nStop it."],
)  # fmt: skip
def test_a_bare_introduction_of_words_that_are_not_ours_is_theirs(text: str) -> None:
    assert new_words(text, OURS) == new_words(text) == text


def test_joined_lines_of_ours_and_an_introduction_behind_a_sentence_go_too() -> None:
    ours = Ours(words=f"{WORDS}\n\nBest,\nBob")
    said = "Yes, I put flour on it. Always."
    assert new_words(f"{said} Bob wrote:\n{WORDS}\n\nBest, Bob", ours) == said


def test_a_name_of_ours_that_sounds_like_a_wish_is_none() -> None:
    ours = Ours(words=WORDS, names=("stop calling me coach",))
    assert new_words(f"{SAID}\n\nStop Calling Me Coach wrote:\n{WORDS}", ours) == SAID


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_of_ours_is_read_as_their_wish(layout: str) -> None:
    assert wish_to_stop(new_words(LAYOUTS[layout], OURS), "mail") == "no"
    stopped = LAYOUTS[layout].replace(SAID, "Stop. Thank you")
    assert wish_to_stop(new_words(stopped, OURS), "mail") == "yes"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (f"{WROTE}\n{QUOTED}\n\nSTOP", "STOP"),
        (f"{WROTE}\n> Hello Ann,\n\nHello!\n\n> How do you want\n\nNot at all. STOP",
         "Hello!\n\nNot at all. STOP"),
        (f"{MAIL}\n\nSTOP", "STOP"),
        (f"On Thursday.\n{WROTE}\n{QUOTED}", "On Thursday."),
        (f"On Thursday.\n\n{WROTE}\n{QUOTED}", "On Thursday."),
        (f"Am Montag.\nAm 05.01.2026 um 10:00 schrieb {SENDER}:\n{QUOTED}", "Am Montag."),
        (f"STOP\n\nSent from my iPhone\n\n{WROTE}\n{QUOTED}", "STOP"),
        (f"Stop\nEnvoyé de mon iPhone\n\nLe 5 janv. 2026 à 10:00, {SENDER} a écrit :\n{QUOTED}",
         "Stop"),
        ("STOP\n\nVon meinem iPhone gesendet", "STOP"),
        ("Stop.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Stop."),
        ("I was sent from my office to the bakery.", "I was sent from my office to the bakery."),
        (f"Yes\n-- \nAnn\n+1 202 555 0100\n\n{WROTE}\n{QUOTED}\nand no", "Yes\n\nand no"),
        (QUOTED, ""),
        ("Name: Bob\nAge: 5\nTown: Bern\nThat is all.", "Name: Bob\nAge: 5\nTown: Bern\nThat is all."),
    ],
)  # fmt: skip
def test_what_somebody_wrote_is_kept_wherever_it_stands(text: str, new: str) -> None:
    assert new_words(text, OURS) == new


QUOTING = [
    ("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00, Talking <t@x.yz> wrote:\n> Hi\n> there", "Yes."),
    ("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00, Talking App\n<t@x.yz>\nwrote:\n\n> Hi", "Yes."),
    ("Ja.\n\nAm 01.01.2026 um 10:00 schrieb Talking App <t@x.yz>:\n> Hallo", "Ja."),
    ("Oui.\n\nLe lun. 1 janv. 2026 à 10:00, T <t@x.yz> a écrit :\n> Salut", "Oui."),
    ("Yes.\n\n-----Original Message-----\nFrom: x\nHi", "Yes."),
    ("Yes.\n\n________________________________\nFrom: Talking <t@x.yz>\nSent: Mon\nTo: Ann\n\nHi",
     "Yes."),
    ("Yes.\n\nFrom: Talking App <t@x.yz>\nSent: Monday\nSubject: Hi", "Yes."),
    ("> Shall we?\nYes.\n> When?\nAt six.", "Yes.\n\nAt six."),
    ("Yes.\n-- \nAnn\n+1 202", "Yes."),
    ("> only quoted", ""),
    ("On Monday I wrote: nothing.\nMore.", "On Monday I wrote: nothing.\nMore."),
    ("I am from: Bern. On it.", "I am from: Bern. On it."),
    ("a\n\n\n\n\nb", "a\n\nb"),
    ("", ""),
    ("On Monday at 10:00 I wrote to bob@example.com:\nStop that.",
     "On Monday at 10:00 I wrote to bob@example.com:\nStop that."),
    ("reply On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:\n> Hi", "reply"),
    ("Yes.\n\nср, 5 янв. 2026 г. в 15:19, Bob <bob@example.com>:\n\nпривет", "Yes."),
    ("Yes.\n\nBegin forwarded message:\n\n> From: x", "Yes."),
    ("Yes.\n\nOn Tue,\nJan 6, 2026 at 3:15 PM Bob\n<bob@example.com> wrote:\n> Hi", "Yes."),
    ("Oui.\n\nLe lun. 5\njanv. 2026 à 10:00, Bob <bob@example.com> a écrit :\n> Hi", "Oui."),
    ("On Tue,\nI think.\nBob <bob@example.com> schrieb am 6.1.2026, 21:08:\n> Hi", "On Tue,\nI think."),
    ("Tak.\n\nW dniu 2026-01-06 15:15, Bob Miller pisze:\n> Czy tak?", "Tak."),
    ("Ja.\n\nZitat von Bob Miller <bob@example.com>:\n\nGeht das?", "Ja."),
    ("Yes.\n\nQuoting Bob Miller <bob@example.com>:\n> Shall we?", "Yes."),
    ("Yes.\n\nBob Miller wrote:\n> Shall we?", "Yes."),
    ("Bob wrote:\nthe report is done", "Bob wrote:\nthe report is done"),
    ("Yes.\n\nFrom: Bob <bob@example.com>\n\nSent: Tuesday\n\nTo: Ann\n\nSubject: Hi\n\nHi", "Yes."),
    ("Da.\n\nŠalje: Bob <bob@example.com>\nPoslano: 6. 1. 2026\nPrima: Ann\nPredmet: Hi\n\nHi", "Da."),
    ("Jā.\n\nNo: Bob <bob@example.com>\nNosūtīts: 6. 1. 2026\nKam: Ann\nTēma: Hi\n\nHi", "Jā."),
    ("ได้\n\nจาก: Bob <bob@example.com>\nส่ง: 6/1/2026\nถึง: Ann\nเรื่อง: Hi\n\nHi", "ได้"),
    ("Áno.\n\n-----Pôvodná správa-----\nTak čo?", "Áno."),
    ("Ναι.\n\n-----Αρχικό μήνυμα-----\nΛοιπόν;", "Ναι."),
    ("네.\n\n-----원본 메시지-----\n좋아요?", "네."),
    ("Yes.\n\n##- Please type your reply above this line -##\n\nYour ticket", "Yes."),
    ("Name: Ann\nMail: ann@example.org\nTel: 1\nFrom: 9:00 to 17:00",
     "Name: Ann\nMail: ann@example.org\nTel: 1\nFrom: 9:00 to 17:00"),
    ("My trip:\nFrom: Bern\nTo: Rome\nCall me then.", "My trip:\nFrom: Bern\nTo: Rome\nCall me then."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "new"), QUOTING)
def test_without_our_words_the_marks_of_mail_programs_decide(text: str, new: str) -> None:
    assert new_words(text) == new
    assert new_words(text.replace("\n", "\r\n")) == new


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my Galaxy", "Get Outlook for Android", "Sent with Proton Mail secure email.",
        "Sent via Superhuman ( https://example.com/?vip=ann )", "Gesendet von Outlook für Android",
        "Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.",
        "Enviado do meu iPhone", "Inviato dal mio iPhone", "Verstuurd vanaf mijn iPhone",
        "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Отправлено из мобильной Почты Mail.ru",
        "iPhone'umdan gönderildi", "나의 iPhone에서 보냄", "iPhone-omról küldve", "发自我的iPhone",
        "Στάλθηκε από το iPhone μου", "נשלח מה-iPhone שלי", "Virus-free.www.example.com",
        "Please excuse my brevity, sent from my phone.", "Wysłano z iPhone'a", "Надіслано з iPhone",
        "Skickades från Outlook för Android", "[Sent from Yahoo Mail for iPhone](https://x.yz/1)",
    ],
)  # fmt: skip
def test_what_a_phone_writes_under_a_mail_is_nobodys_words(line: str) -> None:
    assert new_words(f"STOP\n\n{line}") == "STOP"
    assert new_words(f"STOP\n\n{line}\n\n{WROTE}\n{QUOTED}", OURS) == "STOP"


@pytest.mark.parametrize(
    "line",
    [
        "Sent by mistake, sorry.", "Written by hand, as you asked.", "Paket dün gönderildi",
        "Diese Nachricht wurde mit Absicht kurz gehalten.", "Enviado por error, perdón.",
        "Poslano s veseljem.", "Mail for Ann arrived.",
        "Get outlook for next week?",
    ],
)  # fmt: skip
def test_a_sentence_that_begins_like_one_is_theirs(line: str) -> None:
    assert new_words(f"STOP\n\n{line}") == f"STOP\n\n{line}"


@pytest.mark.parametrize(
    "quote",
    [
        "<div class='gmail_quote'><div>On Mon, 5 Jan 2026, Talking App &lt;<a href='mailto:t'>"
        "talking@example.com</a>&gt; wrote:<br></div><blockquote>{page}</blockquote></div>",
        "<blockquote type='cite'><div>Am 05.01.2026 um 10:00 schrieb Talking App:</div>"
        "<blockquote>{page}</blockquote></blockquote>",
        "<hr><div><b>Lähettäjä:</b> Talking App &lt;talking@example.com&gt;<br><b>Lähetetty:</b> "
        "maanantai 5. tammikuuta 2026<br><b>Vastaanottaja:</b> a@b.cc<br><b>Aihe:</b> Baking bread"
        "</div>{page}",
        "{page}",
    ],
)
def test_a_page_without_text_is_clean_too(quote: str) -> None:
    framed = templates.framed(templates.plain(SUBJECT, WORDS), LINK)
    ours = Ours(SUBJECT, f"{framed.text}\n{page_words(framed.html)}", OURS.names, OURS.links)
    said = SAID.replace("\n", "<br>")
    page = f"<html><body><div>{said}</div><br>{quote.format(page=framed.html)}</body></html>"
    answer = read_answer({"from": b"a@b.cc", "html": page.encode()})
    assert new_words(answer.text, ours) == SAID


@pytest.mark.parametrize(
    ("subject", "theirs"),
    [
        (f"Re: {SUBJECT}", ""), (f"AW: RE: {SUBJECT.upper()}", ""), (SUBJECT, ""), ("Re: Bak", ""),
        ("STOP", "STOP"), ("Re: STOP", "STOP"), ("Unsubscribe me", "Unsubscribe me"),
    ],
)  # fmt: skip
def test_only_a_subject_of_their_own_is_read(subject: str, theirs: str) -> None:
    assert new_subject(subject, OURS) == theirs


def test_a_subject_of_ours_that_sounds_like_a_wish_is_none() -> None:
    assert new_subject("Re: Stop smoking", Ours(subject="Stop smoking")) == ""
