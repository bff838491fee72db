"""How a database's address says that it is to be encrypted."""

import pytest

from db.core.tls import Tls, with_tls

SOCKET = "postgresql://postgres@/talking?host=%2Frun%2Fpg&port=5432"


@pytest.mark.parametrize(
    ("url", "tls", "ca", "said"),
    [
        ("postgresql://db.example.org/x", "auto", "", "?sslmode=require"),
        ("postgresql://a.b:c@10.0.0.7:6543/x", "auto", "", "?sslmode=require"),
        ("postgresql://[2001:db8::1]:5432/x", "auto", "", "?sslmode=require"),
        ("postgresql://localhost:5432,db.example.org:5432/x", "auto", "", "?sslmode=require"),
        ("postgresql://db/x", "auto", "/c a", "?sslmode=verify-full&sslrootcert=%2Fc%20a"),
        ("postgresql://db/x?sslmode=prefer", "auto", "", "?sslmode=prefer"),
        ("postgresql://db/x?sslmode=prefer", "verify-full", "/c",
         "?sslmode=verify-full&sslrootcert=%2Fc"),
        ("postgresql://db/x", "off", "/c", "?sslmode=disable"),
        ("postgresql://localhost/x", "require", "", "?sslmode=require"),
        ("postgresql://localhost:5432/x", "auto", "/c", ""),
        ("postgresql://u:p@127.0.0.2:5432,[::1]:5433/x", "auto", "", ""),
        ("postgresql:///x", "auto", "", ""),
    ],
)  # fmt: skip
def test_an_address_says_how_it_is_encrypted(url: str, tls: Tls, ca: str, said: str) -> None:
    assert with_tls(url, tls, ca) == url.partition("?")[0] + said


def test_a_socket_is_left_as_it_is_whatever_its_login() -> None:
    assert with_tls(SOCKET, "auto") == SOCKET
    assert with_tls(SOCKET, "auto", "/ca") == SOCKET
