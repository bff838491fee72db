"""Instructions for the carrier (TwiML): connect the sound, hang up, answer a text. Pure."""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Connect, Stream, VoiceResponse


def connect(stream_url: str, token: str, action_url: str) -> str:
    """Stream the call's sound to an address, with a one-use token; ask `action_url` what to do
    when the stream has ended (Twilio, "TwiML <Connect>")."""
    connection = Connect(action=action_url)
    stream = Stream(url=stream_url)
    stream.parameter(name="token", value=token)
    connection.append(stream)
    reply = VoiceResponse()
    reply.append(connection)
    return str(reply)


def hang_up() -> str:
    """End the call."""
    reply = VoiceResponse()
    reply.hangup()
    return str(reply)


def reject() -> str:
    """Let whoever calls us hear that the line is busy; the call is not answered."""
    reply = VoiceResponse()
    reply.reject(reason="busy")
    return str(reply)


_VOICES = {"de": "de-DE", "es": "es-ES", "fr": "fr-FR"}  # Twilio, "TwiML Voice: Say"


def say(*sentences: str, language: str = "en") -> str:
    """Speak to whoever answers in the carrier's own voice for this language, a second apart, and
    end the call."""
    reply = VoiceResponse()
    for sentence in sentences:
        reply.pause(length=1)
        reply.say(sentence, language=_VOICES.get(language))
    return str(reply)


def message(text: str) -> str:
    """Answer a text in our name; "" says nothing."""
    reply = MessagingResponse()
    if text:
        reply.message(text)
    return str(reply)
