"""Answers by e-mail: what somebody wrote, found among what they quoted."""

import json

import pytest

from server.emails.answers.forms import FormReader, form_fields
from server.emails.answers.reading import read_answer, reply_address, reply_token
from server.emails.answers.senders import is_proven


def form(**fields: str | bytes) -> dict[str, bytes]:
    """Fields as they are posted."""
    given = {"from": "Ann <Ann@X.yz>", "to": "reply+abcdef0123@r.yz", "text": "Hi.", **fields}
    return {name: v if isinstance(v, bytes) else v.encode() for name, v in given.items()}


def test_character_sets_are_followed_as_far_as_they_are_known() -> None:
    charsets = '{"text":"iso-8859-1","subject":"punycode","html":5}'
    good = '{"text":"iso-8859-1","subject":"punycode"}'
    assert read_answer(form(text="Zoë".encode("latin-1"), charsets=good)).text == "Zoë"
    assert read_answer(form(text="Zoë", charsets=charsets)).text == "Zoë"
    assert read_answer(form(text=b"Zo\xff\x00e\x1b[2J")).text == "Zo�e[2J"


@pytest.mark.parametrize(
    ("label", "value", "text"),
    [
        ("iso-8859-1", b"Don\x92t \x93text\x94", "Don’t “text”"),
        ("us-ascii", "arrête".encode(), "arrête"),
        ("iso-8859-1", "arrête".encode("latin-1"), "arrête"),
        ("ks_c_5601-1987", "그만".encode("cp949"), "그만"),
        ("iso8859_1", b"arr\xeat", "arrêt"),
        ("ISO_8859-1:1987", b"arr\xeat", "arrêt"),
        ("cp-1252", b"don\x92t", "don’t"),
        ("windows1252", b"don\x92t", "don’t"),
        ("ansi", b"don\x92t", "don’t"),
        ("x-unknown", "arrêt".encode(), "arrêt"),
        ("cp850", "arrêt".encode("cp850"), "arrêt"),
        ("iso8859-5", "стоп".encode("iso8859_5"), "стоп"),
        ("iso-8859-8-i", "הפסק".encode("iso-8859-8"), "הפסק"),
        ("windows-874", "หยุด".encode("cp874"), "หยุด"),
        ("utf-16", "STOP".encode("utf-16"), "STOP"),
        ("utf-16le", "STOP".encode("utf-16-le"), "STOP"),
        ("gb2312", "停止".encode("gbk"), "停止"),
        ("x-sjis", "停止①".encode("cp932"), "停止①"),
        ("ISO-2022-KR", "그만".encode("iso2022_kr"), "그만"),
        (" Latin1 ", b"\xe9", "é"),
        ("nonsense", "é".encode(), "é"),
        ("", "é".encode("utf-8-sig"), "é"),
        ("utf-7", b"arr+AOo-t", "arrêt"),
        ("koi8r", "стоп".encode("koi8-r"), "стоп"),
        ('"koi8-r"', "стоп".encode("koi8-r"), "стоп"),
        ("euc_jp;", "停止".encode("euc-jp"), "停止"),
        ("cp949", "그만".encode("cp949"), "그만"),
        ("cp50220", "停止".encode("iso2022_jp"), "停止"),
        ("ibm850", "arrêt".encode("cp850"), "arrêt"),
        ("hz-gb-2312", "停止".encode("hz"), "停止"),
    ],
)
def test_character_sets_go_by_the_names_that_browsers_know(
    label: str, value: bytes, text: str
) -> None:
    assert read_answer(form(text=value, charsets=json.dumps({"text": label}))).text == text


def test_a_nul_is_left_out_wherever_it_is() -> None:
    answer = read_answer(form(**{"from": "Ann <An\x00n@X.yz>", "subject": "R\x00e"}))
    assert (answer.sender, answer.subject) == ("ann@x.yz", "Re")
    envelope = '{"to":["a\\u0000@b.cc"],"from":"a\\u0000nn@x.yz"}'
    assert read_answer(form(**{"from": "", "envelope": envelope})).sender == "ann@x.yz"


def test_words_beside_a_space_of_typesetting_stay_apart() -> None:
    answer = read_answer(
        form(**{"from": "ann@x.yz", "text": "10\u00a0Uhr\u202f!", "subject": "A\u3000b"})
    )
    assert (answer.text, answer.subject) == ("10 Uhr !", "A b")


def test_html_is_read_where_there_is_no_text() -> None:
    page = (
        "<head><style>p{}</style></head><p title='1 > 0'>One &amp; two</p><br>Three<script>x</script>"
        " four<!--[if mso]><p>five</p><![endif]-->"
        "<blockquote>quoted</blockquote><style>never closed"
    )
    assert read_answer(form(text=" ", html=page)).text == "One & two\n\nThree four\n> quoted"


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
    found = read_answer(form(headers=headers, envelope=envelope))
    assert found.is_automatic is is_automatic


def test_the_token_is_found_wherever_the_mail_was_sent_to() -> None:
    token = "ab" * 16
    address = reply_address(token, "Replies.example.com")
    for to, envelope in (
        (f"Talking App <{address.upper()}>", "{}"),
        ("someone@x.yz", f'{{"to":["a@b.cc","{address}"],"from":"x@y.zz"}}'),
        (f"other@x.yz, {address}", ""),
    ):
        answer = read_answer(form(to=to, envelope=envelope))
        assert reply_token(answer.recipients, "replies.EXAMPLE.com") == token
        assert reply_token(answer.recipients, "repliesXexample.com") is None
    assert reply_token((f"x{address}", f"{address}.evil.com"), "replies.example.com") is None


@pytest.mark.parametrize("sender", ["", "nobody", "a@b", "<>", "a@b.cc x@", "x" * 300 + "@b.cc"])
def test_a_mail_from_nobody_is_no_answer(sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        read_answer(form(**{"from": sender}))


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


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_form_is_read_in_pieces_of_any_size(size: int) -> None:
    body = b"\r\n".join(
        [part("text", b"STOP"), part("f", b"x" * 5000, '; filename="f.bin"'), b"--B--", b""]
    )
    reader = FormReader(BOUNDARY)
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    reader.feed(b"")
    assert reader.fields == {"text": b"STOP"}


def test_a_mail_posted_as_it_came_is_read_by_its_parts() -> None:
    mail = (
        b"From: Ann <ann@x.yz>\nSubject: x\nMessage-ID: <m@x.yz>\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="P"\n\n--P\n'
        b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n"
        b"QXJy6nRleg==\n--P\nContent-Type: text/plain\nContent-Disposition: attachment;"
        b' filename="a.txt"\n\nnot this\n--P--\n'
    )
    answer = read_answer({"from": b"Ann <ann@x.yz>", "to": b"a@b.cc", "email": mail})
    assert (answer.text, answer.message_id) == ("Arrêtez", "<m@x.yz>")


@pytest.mark.parametrize(
    ("sender", "envelope", "spf", "dkim", "proven"),
    [
        ("a@x.yz", "b@x.yz", "pass", "", True),
        ("a@x.yz", "b@mail.x.yz", "pass", "", True),
        ("a@x.yz", "b@evil.com", "pass", "", False),
        ("a@x.yz", "b@x.yz", "fail", "", False),
        ("a@x.yz", "b@x.yz", "softfail", "{@evil.com : pass}", False),
        ("a@x.yz", "", "none", "{@x.yz : pass}", True),
        ("a@x.yz", "", "none", "{@evil.com : pass, @x.yz : fail}", False),
        ("a@x.yz", "", "none", "{@evil.com : fail, @mail.x.yz : pass}", True),
        ("a@x.yz", "", "none", "{@notx.yz : pass}", False),
        ("a@x.yz", "", "none", "{@yz : pass}", False),
        ("a@x.yz", "", "", "none", False),
    ],
)
def test_a_sender_is_proven_by_what_is_aligned_with_it(
    sender: str, envelope: str, spf: str, dkim: str, proven: bool
) -> None:
    assert is_proven(sender, envelope, spf, dkim) is proven


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
