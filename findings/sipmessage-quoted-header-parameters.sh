#!/usr/bin/env bash
# sipmessage 0.7.1: a header's quoted parameter comes out percent-encoded, with its quotes.
#
# In SIP only URIs have %-escapes; the parameters of headers are tokens and quoted strings (RFC 3261,
# section 25.1). The library treats both alike: the Contact of any phone that follows RFC 5626, with
# ;+sip.instance="<urn:uuid:...>", is read, and written as ;%2Bsip.instance=%22%3Curn..., a parameter
# of another name and value for everybody but sipmessage. A ";" between the quotes even makes two
# parameters of one. Display names, quoted as well, are read and written right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "sipmessage==0.7.1" "aiosipua==0.7.1" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
from aiosipua.headers import parse_address
from sipmessage import Address, Request, URI

contact = '<sip:ann@192.0.2.1>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";reg-id=1'
read = Address.parse(contact)
print(f"{contact}\n    is written as {read}")
request = Request("REGISTER", URI.parse("sip:example.com"))
request.contact = [read]
lines = bytes(request).decode().splitlines()
assert f"Contact: {read}" in lines, "the message differs from the header"
theirs = parse_address(str(read)).params
print("    which another library (aiosipua) reads as", sorted(theirs))
assert "+sip.instance" in parse_address(contact).params, "aiosipua has changed"

named = '"Ann; \\"A\\"" <sip:ann@example.com>;tag=1'
assert str(Address.parse(named)) == named, "display names have changed"
cut = Address.parse('<sip:ann@example.com>;text="a;b"').parameters
print('    ;text="a;b" is', dict(cut))
if "+sip.instance" in theirs or len(cut) == 1:
    raise SystemExit("header parameters are kept: the behaviour has changed")
PYTHON
