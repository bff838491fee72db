#!/usr/bin/env bash
# authlib 1.9.10: of 128 P-256 keys one is published as a JWK that PyJWT refuses.
#
# The coordinates in an elliptic curve's JWK have the full size of the curve, 32 octets for P-256, with
# zeros in front (RFC 7518, section 6.2.1.2). authlib.jose leaves zeros out, so a key one of whose two
# coordinates begins with a zero octet, by chance, comes out a character short. PyJWT 2.15.1 raises
# InvalidKeyError for it, and its thumbprint (RFC 7638), which authlib also makes its `kid`, is not the
# one that others compute. joserfc 1.8.0, by the same authors, writes and names all keys rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "authlib==1.9.10" \
    "joserfc==1.8.0" "pyjwt==2.15.1" "cryptography==50.0.2" 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from authlib.jose import JsonWebKey
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey
from jwt import PyJWK
from jwt.exceptions import InvalidKeyError


def is_taken(key: dict[str, str]) -> bool:
    try:
        PyJWK(key, algorithm="ES256")
    except InvalidKeyError as error:
        assert "32 bytes" in str(error)
        return False
    return True


refused = 0
for secret in range(1, 1025):  # keys that are the same each time
    public = derive_private_key(secret, SECP256R1()).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ours, theirs = JsonWebKey.import_key(pem, {"kty": "EC"}), ECKey.import_key(pem)
    written, right = ours.as_dict(), theirs.as_dict()
    numbers = public.public_numbers()
    is_short = min(numbers.x, numbers.y) < 1 << 248
    assert is_taken(right) and len(right["x"]) == len(right["y"]) == 43, "the others have changed"
    same = (written["x"], written["y"]) == (right["x"], right["y"])
    if not is_taken(written) and not refused:
        print("authlib:", written)
        print("joserfc:", right, "thumbprint", theirs.thumbprint())
    refused += not is_taken(written)
    if {same, is_taken(written), ours.thumbprint() == theirs.thumbprint()} != {not is_short}:
        raise SystemExit("keys are written otherwise: the behaviour has changed")
print(f"refused: {refused} of 1024")
if not refused:
    raise SystemExit("no key is refused: the behaviour has changed")
PYTHON
