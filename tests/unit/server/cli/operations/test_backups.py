"""`talking backup`: where the script is told to look."""

import pytest

from server.cli.main import main
from server.cli.operations.backups import SCRIPT, variables


def test_an_address_is_what_libpq_wants() -> None:
    address = (
        "postgresql://own%40er:p%2Fw@db.example.com:6543/talk"
        "?sslmode=verify-full&sslrootcert=/etc/ca%20s.pem"
    )
    assert variables(address) == {
        "PGHOST": "db.example.com", "PGPORT": "6543", "PGUSER": "own@er", "PGPASSWORD": "p/w",
        "PGDATABASE": "talk", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/etc/ca s.pem",
    }  # fmt: skip


def test_of_several_hosts_each_has_its_port() -> None:
    address = "postgresql://owner@Db-1:6543,[::1]:5433/talk"
    assert variables(address) == {
        "PGHOST": "Db-1,::1", "PGPORT": "6543,5433", "PGUSER": "owner", "PGDATABASE": "talk",
    }  # fmt: skip
    folder = "postgresql://owner@%2FVar%2Frun/talk"
    assert variables(folder)["PGHOST"] == "/Var/run"


def test_an_embedded_database_is_at_its_socket() -> None:
    address = "postgresql://postgres@/postgres?host=%2Fdata%2Fpostgres%2Fcluster&port=5432"
    assert variables(address) == {
        "PGHOST": "/data/postgres/cluster", "PGPORT": "5432", "PGUSER": "postgres",
        "PGDATABASE": "postgres",
    }  # fmt: skip


def test_a_backup_without_a_folder_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BACKUP_DIR", raising=False)
    assert main(["backup"]) == 1
    assert "--to FOLDER" in capsys.readouterr().err
    assert SCRIPT.is_file()
