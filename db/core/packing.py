"""JSON made short for rows: what many small values have in common is not in each of them again.

A value is deflated against a dictionary of what is often in rows, so that even a hundred bytes get
shorter. Pure; knows no table, and of the dictionary only that it may never change.
"""

import zlib
from typing import Any

import msgspec

# What is packed by a dictionary is read by it: words that come up later need another dictionary
# under another mark. The likeliest stand last, where they are nearest.
_DICTIONARY = b"".join(
    rb'''
{"type":"broken"}{"type":"budget_spent"}{"type":"node_stopping"}{"type":"transferred"}{"type":"tra
nsfer_unknown"}{"type":"transfer_refused","code":{"type":"dial_refused","code":,"reason":"{"type":
"dial_unknown"}{"type":"carrier_silent","answered":false}{"type":"listen_began","listener":"{"type
":"listen_ended","listener":"{"type":"operator_joined"}{"type":"operator_left"}{"type":"recording_
asked","wording":"","version":1,"language":"{"type":"recording_answered","agreed":true}{"type":"re
cord_start_asked","cause":"{"type":"record_pause_asked"{"type":"record_stop_asked"{"type":"transfe
r_asked","to":"+{"type":"dtmf_asked","digits":"{"type":"keyed","digit":"{"type":"takeover_asked","
cause":"","operator_id":"","exclusive":true}{"type":"takeover_released","of":"{"type":"ai_muted","
cause":"{"type":"ai_unmuted"{"type":"operator_said","text":"","interrupt":false,"cause":"{"type":"
hang_up_asked","reason":"operator"{"type":"engine_failed","engine":"thinker","ref":recogniser{"typ
e":"tool_called","turn":,"call":{"number":,"name":"","arguments":"{"type":"tool_answered","number"
:,"outcome":"{"type":"adopted","until":,"dialled":,"reconnect":true}"side":"operator""sounds_compl
ete":0.9,"language":"en"phone_number":"+1","message_count":,"current_exchange":,"end_reason":null"
conversation_id":"","twilio_message_sid":"SM","direction":"outbound","message_text":"","type":"","
segments":1,"media":0,"error":null{"email":{"id":"","user_id":"","recipient_email":"","from_email"
:"","subject":"","content":"","sendgrid_message_id":"","template":null,"in_reply_to":null,"deliver
y":"{"conversation":{"id":"},"message":{"id":"","created_at":"2026-12-01T09:00:00.000Z","updated_a
t":"2027-01-01T10:00:00.000Z","agent":{"id":""greeting":""FromCity":"","FromState":"","FromZip":""
,"FromCountry":"US","ToCity":"","ToState":"","ToZip":"","ToCountry":"US""CallerCity":"","CallerSta
te":"","CallerZip":"","CallerCountry":"US","CalledCity":"","CalledState":"","CalledZip":"""CalledC
ountry":"US","Caller":"+1","Called":"+1","From":"+1","To":"+1","ApiVersion":"2010-04-01","AccountS
id":"AC"Direction":"outbound-api","CallbackSource":"call-progress-events","Timestamp":"Tue, 01 Dec
 2026 09:00:00 +0000""MachineDetectionDuration":"","AnsweredBy":"human","CallDuration":"","Duratio
n":"1","CallStatus":"completed""SequenceNumber":"0","CallStatus":"in-progress""initiated"{"CallSid
":"CA{"calls":{"used":1,"reserved":0,"limit":-1,"left":-1},"texts":{"used":0,"reserved":0,"limit":
-1,"left":-1},"emails":{"used":0,"reserved":0,"limit":-1,"left":-1}}{"answered_by":"human","took_m
s":,"by":"carrier","assumed":"","verdict":"human","probability":0.9,"reasons":[{"source":"","note"
:"","verdict":"","weight":{"turn":2,"endpointing_ms":900,"recognising_ms":0,"thinking_ms":0,"speak
ing_ms":0,"total_ms":900}{"type":"requested","topic":"","earlier":[{"speaker":""keys":"","inbound_
sid":"CA{"type":"dialled","sid":"CA{"type":"amd_verdict","answered_by":"machine_start","took_ms":{
"type":"answered","sid":"CA{"type":"stream_started","stream_sid":"MZ{"type":"stream_stopped","stre
am_sid":"MZ{"type":"carrier_status","status":"initiated"ringing","sid":"CA","at":1796000000.0{"typ
e":"carrier_status","status":"in-progress{"type":"carrier_status","status":"completed","sid":"CA",
"at":1796000000.0,"duration_seconds":,"sequence":3}]]{"call":{"status":"initiating"waiting"voicema
il","updated_at":"2026-12-0T","twilio_call_sid":"CA{"call":{"status":"ended","updated_at":"2026-12
-","answered_by":"human","ringing_time":"","answered_time":"","ended_time":"","duration_seconds":,
"end_reason":"caller_hung_up"}}{"speaker":"agent","text":"","heard":"","segment":"agent:1"}{"speak
er":"caller","text":"","cut":true{"type":"tone_heard","kind":"beep","hz":400,"ms":240,"ended_at":1
796"}],[250000,{"type":"speech_began","utterance":1}]{"type":"spoken","turn":1,"text":"","heard":"
","cut":true}{"type":"speech_paused","utterance":1,"revision":1,"ended_at":1796{"type":"recognised
","utterance":1,"revision":1,"text":"I you the and to of that is what {"type":"tick"}],[{"type":"s
entence","turn":2,"text":"{"type":"thought","turn":2}],[{"type":"sound_began","turn":2}]][[0,{"typ
e":"
'''.splitlines()
)
_MARK = b"\x01"  # nothing in JSON begins with it, and nothing sealed
MOST_BYTES = 1 << 20  # of what is packed: a few bytes that somebody put there may be no gigabyte
_WINDOW_BITS = -13  # 8 kB, without a head and a checksum
_MEMORY_LEVEL = 4
_EMPTY = zlib.compressobj(
    6, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY
)  # a copy of it is made faster than another one
_decoder = msgspec.json.Decoder()


def pack(value: Any) -> bytes:
    """The value as JSON, shorter where it can be."""
    data = msgspec.json.encode(value)
    if len(data) > MOST_BYTES:
        return data
    deflate = _EMPTY.copy()
    packed = _MARK + deflate.compress(data) + deflate.flush()
    return packed if len(packed) < len(data) else data


def unpack(packed: bytes) -> Any:
    """What `pack` was given, as JSON has it. Raises ValueError, RecursionError for JSON that is too
    deep."""
    if packed[:1] != _MARK:
        return _decoder.decode(packed)
    inflate = zlib.decompressobj(_WINDOW_BITS, _DICTIONARY)
    try:
        data = inflate.decompress(packed[1:], MOST_BYTES)
    except zlib.error:
        data = b""
    if not inflate.eof:
        raise ValueError("a packed value is damaged")
    return _decoder.decode(data)
