"""The copy's readme and its files."""

from server.privacy.export_rows import KINDS, README


def test_the_readme_names_every_file() -> None:
    named = {line.split()[0] for line in README.splitlines() if "  " in line}
    assert named == set(KINDS)
