"""Answers by e-mail: what somebody wrote, found among what they quoted."""

import time

import pytest

from server.emails.parsing import form_fields, new_words, read_answer, reply_address, reply_token

QUOTING = [
    ("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00, Talking <t@x.yz> wrote:\n> Hi\n> there", "Yes."),
    ("Yes.\n\nOn Mon, 1 Jan 2026 at 10:00, Talking App\n<t@x.yz>\nwrote:\n\n> Hi", "Yes."),
    ("Ja.\n\nAm 01.01.2026 um 10:00 schrieb Talking App <t@x.yz>:\n> Hallo", "Ja."),
    ("Oui.\n\nLe lun. 1 janv. 2026 à 10:00, T <t@x.yz> a écrit :\n> Salut", "Oui."),
    ("Yes.\n\n-----Original Message-----\nFrom: x\nHi", "Yes."),
    ("Yes.\n\n________________________________\nFrom: Talking <t@x.yz>\nSent: Mon\n\nHi", "Yes."),
    ("Yes.\n\nFrom: Talking App <t@x.yz>\nSent: Monday\nSubject: Hi", "Yes."),
    ("> Shall we?\nYes.\n> When?\nAt six.", "Yes.\nAt six."),
    ("Yes.\n-- \nAnn\n+1 202", "Yes."),
    ("> only quoted", ""),
    ("On Monday I wrote: nothing.\nMore.", "On Monday I wrote: nothing.\nMore."),
    ("I am from: Bern. On it.", "I am from: Bern. On it."),
    ("a\n\n\n\n\nb", "a\n\nb"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "new"), QUOTING)
def test_what_is_new_is_kept_and_what_is_quoted_is_not(text: str, new: str) -> None:
    assert new_words(text) == new
    assert new_words(text.replace("\n", "\r\n")) == new


def form(**fields: str | bytes) -> dict[str, bytes]:
    """Fields as they are posted."""
    given = {"from": "Ann <Ann@X.yz>", "to": "reply+abcdef0123@r.yz", "text": "Hi.", **fields}
    return {name: v if isinstance(v, bytes) else v.encode() for name, v in given.items()}


def test_character_sets_are_followed_as_far_as_they_are_known() -> None:
    charsets = '{"text":"iso-8859-1","subject":"punycode","html":5}'
    good = '{"text":"iso-8859-1","subject":"punycode"}'
    assert read_answer(form(text="Zoë".encode("latin-1"), charsets=good), 99).text == "Zoë"
    assert read_answer(form(text="Zoë", charsets=charsets), 99).text == "Zoë"
    assert read_answer(form(text=b"Zo\xff\x00e\x1b[2J"), 99).text == "Zo�e[2J"


def test_a_nul_is_left_out_wherever_it_is() -> None:
    answer = read_answer(form(**{"from": "Ann <An\x00n@X.yz>", "subject": "R\x00e"}), 99)
    assert (answer.sender, answer.subject) == ("ann@x.yz", "Re")
    envelope = '{"to":["a\\u0000@b.cc"],"from":"a\\u0000nn@x.yz"}'
    assert read_answer(form(**{"from": "", "envelope": envelope}), 99).sender == "ann@x.yz"


def test_html_is_read_where_there_is_no_text() -> None:
    page = (
        "<head><style>p{}</style></head><p>One &amp; two</p><br>Three<script>x</script> four"
        "<blockquote>quoted</blockquote><style>never closed"
    )
    assert read_answer(form(text=" ", html=page), 99).text == "One & two\n\nThree four" + "quoted"


@pytest.mark.parametrize(
    ("headers", "envelope", "is_automatic"),
    [
        ("Subject: x", '{"to":[],"from":"a@b.cc"}', False),
        ("Auto-Submitted: no", "", False),
        ("Auto-Submitted: auto-replied; x=y", "", True),
        ("auto-submitted: auto-generated", "", True),
        ("Precedence: bulk", "", True),
        ("X-Autoreply: yes", "", True),
        ("Subject: x", '{"to":["a@b.cc"],"from":""}', True),
        ("Subject: x", "{", False),
    ],
)
def test_machines_are_told_from_people(headers: str, envelope: str, is_automatic: bool) -> None:
    found = read_answer(form(headers=headers, envelope=envelope), 99)
    assert found.is_automatic is is_automatic


def test_the_token_is_found_wherever_the_mail_was_sent_to() -> None:
    token = "ab" * 16
    address = reply_address(token, "Replies.example.com")
    for to, envelope in (
        (f"Talking App <{address.upper()}>", "{}"),
        ("someone@x.yz", f'{{"to":["a@b.cc","{address}"],"from":"x@y.zz"}}'),
        (f"other@x.yz, {address}", ""),
    ):
        answer = read_answer(form(to=to, envelope=envelope), 99)
        assert reply_token(answer.recipients, "replies.EXAMPLE.com") == token
        assert reply_token(answer.recipients, "repliesXexample.com") is None
    assert reply_token((f"x{address}", f"{address}.evil.com"), "replies.example.com") is None


@pytest.mark.parametrize("sender", ["", "nobody", "a@b", "<>", "a@b.cc x@", "x" * 300 + "@b.cc"])
def test_a_mail_from_nobody_is_no_answer(sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        read_answer(form(**{"from": sender}), 99)


BOUNDARY = "multipart/form-data; boundary=B"


def part(name: str, value: bytes, more: str = "") -> bytes:
    """One part of a form."""
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value


def test_a_form_gives_its_fields_and_leaves_files_out() -> None:
    body = b"\r\n".join(
        [part("a", b"one\r\ntwo"), part("f", b"\x00\xff--B" * 9, '; filename="f.bin"'),
         part("a", b"again"), part("b", b""), b"--B--", b""],
    )  # fmt: skip
    assert form_fields(BOUNDARY, body) == {"a": b"one\r\ntwo", "b": b""}


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "application/json"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="form"):
        form_fields(kind, b"--B\r\n")


@pytest.mark.parametrize("body", [b"", b"nonsense", part("a", b"never ends")])
def test_a_broken_form_gives_nothing_or_is_refused(body: bytes) -> None:
    try:
        assert form_fields(BOUNDARY, body) == {}
    except ValueError:
        return


@pytest.mark.parametrize(
    "piece", ["<style ", "<", "From: " + "@" * 390 + "\n", "On ", "On " + "wrote " * 60 + "\n", "-"]
)
def test_no_mail_takes_long_to_read(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece))).encode()
    began = time.process_time()
    for field in ("text", "html", "to", "subject", "headers"):
        read_answer({**form(text=""), field: text}, 20_000)
    assert time.process_time() - began < 5
