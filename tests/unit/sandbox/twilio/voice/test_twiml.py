"""TwiML for calls, read into verbs."""

import pytest

from sandbox.twilio.voice.twiml import (
    ApplicationError,
    Connect,
    HangUp,
    Redirect,
    StreamNoun,
    Wait,
    parse_twiml,
)

BASE = "https://product.example/voice/1?x=1"


def test_verbs_are_read_in_order_and_urls_are_made_absolute() -> None:
    document = parse_twiml(
        "<Response><Pause length='2'/><Say loop='2'>Fifteen letters</Say>"
        "<Connect action='/after' method='get'><Stream url='wss://media.example/m' name='n' "
        "statusCallback='https://s.example/'><Parameter name='a' value='1'/></Stream></Connect>"
        "<Redirect>next?y=2</Redirect><Hangup/></Response>",
        BASE,
    )
    stream = StreamNoun(
        "wss://media.example/m", "n", status_callback="https://s.example/", parameters={"a": "1"}
    )
    assert document.verbs == (
        Wait(2),
        Wait(2, "Fifteen letters"),
        Connect(stream, "https://product.example/after", "GET"),
        Redirect("https://product.example/voice/next?y=2"),
        HangUp(),
    )
    assert document.warnings == ()


def test_what_is_unknown_is_only_warned_about() -> None:
    document = parse_twiml("<Response><say>x</say><Hangup now='1'/></Response>", BASE)
    assert document.verbs == (HangUp(),)
    assert document.warnings == ("unknown verb say", "unknown attribute now of Hangup")


def test_a_parameter_of_500_characters_is_left_out() -> None:
    twiml = (
        f"<Response><Connect><Stream url='wss://m.example/'><Parameter name='a' value='{'x' * 499}'"
        "/><Parameter name='b' value='y'/></Stream></Connect></Response>"
    )
    (connect,) = parse_twiml(twiml, BASE).verbs
    assert isinstance(connect, Connect)
    assert connect.stream.parameters == {"b": "y"}


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("", 12100),
        ("<Response><Hangup>", 12100),
        ("<Answer/>", 12100),
        ("<Response><Connect/></Response>", 12100),
        ("<Response><Redirect/></Response>", 11100),
    ],
)
def test_a_document_that_makes_no_sense_is_an_application_error(twiml: str, code: int) -> None:
    with pytest.raises(ApplicationError) as error:
        parse_twiml(twiml, BASE)
    assert error.value.code == code


def test_a_relative_url_in_inline_twiml_has_nothing_to_be_relative_to() -> None:
    with pytest.raises(ApplicationError):
        parse_twiml("<Response><Redirect>/next</Redirect></Response>", "")
