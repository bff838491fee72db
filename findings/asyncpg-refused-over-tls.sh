#!/usr/bin/env bash
# asyncpg 0.32.0: a connection over TLS that the server refuses is still open when `connect` raises.
#
# The server answers the start-up message with an error ("database does not exist", say). asyncpg
# calls the TLS transport's `close()` and raises at once. Over TLS that only begins the closing: the
# socket stays until the peer has said its own goodbye, up to 30 s by asyncio's default. A program
# that ends its loop on that error, as `asyncio.run` of a command does, gets "unclosed transport"
# from whatever collects the garbage, later and somewhere else; with warnings as errors it fails.
# Without TLS the same refusal leaves nothing open.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    "asyncpg==0.32.0" "trustme==1.2.1" 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import gc
import socket
import ssl
import struct
import threading
import warnings

import asyncpg
import trustme

SSL_REQUEST, NO_DATABASE = 80877103, "3D000"
authority = trustme.CA()
given = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("localhost").configure_cert(given)
trusting = ssl.create_default_context()
authority.configure_trust(trusting)



def refuse(listener: socket.socket, done: threading.Event) -> None:
    """What PostgreSQL says to who asks for a database that is not there, and then takes its time."""
    sock, _ = listener.accept()
    if struct.unpack("!i", sock.recv(8)[4:])[0] == SSL_REQUEST:
        sock.sendall(b"S")
        sock = given.wrap_socket(sock, server_side=True)
        sock.recv(4096)
    fields = f"SFATAL\0VFATAL\0C{NO_DATABASE}\0Mdatabase does not exist\0\0".encode()
    sock.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
    done.wait()
    sock.close()


async def ask(port: int, encrypted: bool) -> str:
    try:
        await asyncpg.connect(
            host="localhost", port=port, user="somebody", database="nowhere", password="-",
            ssl=trusting if encrypted else False,
        )
    except asyncpg.InvalidCatalogNameError as error:
        return str(error)
    raise SystemExit("it was not refused")


for encrypted in (False, True):
    done = threading.Event()
    with socket.create_server(("localhost", 0)) as listener:
        server = threading.Thread(target=refuse, args=(listener, done))
        server.start()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            said = asyncio.run(ask(listener.getsockname()[1], encrypted))
            gc.collect()
        done.set()
        server.join()
    left = sorted({str(each.message).split("<")[0].strip() for each in caught})
    print(f"{'TLS' if encrypted else 'in clear'}: {said!r}, then {left or 'nothing open'}")
    if ("unclosed transport" in left) != encrypted:
        raise SystemExit("what is left open is another: the behaviour has changed")
PYTHON
