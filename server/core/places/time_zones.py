"""Time zones by the newer of the two tz databases there are: the system's and the package's.

An operating system may be years behind the pinned package, and a package that nobody upgrades
behind the system. Reads files; knows no numbers.
"""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

import msgspec
import tzdata


class Source(msgspec.Struct, frozen=True):
    """A tz database: `version` as its makers count ("2026f"), "" if it does not say; `folder` None
    is the package."""

    version: str
    folder: Path | None


def newer(system: Source | None, package: Source) -> Source:
    """The one to go by; the package if the system's does not tell how old it is."""
    return system if system is not None and system.version > package.version else package


def system(folders: tuple[str, ...] = TZPATH) -> Source | None:
    """The system's database, if there is one."""
    for folder in map(Path, folders):
        if (folder / "UTC").is_file():
            return Source(_version(folder), folder)
    return None


def _version(folder: Path) -> str:
    for name in ("tzdata.zi", "+VERSION", "version"):
        try:
            with (folder / name).open(encoding="ascii") as file:
                return file.readline().removeprefix("# version").strip()
        except (OSError, UnicodeDecodeError):
            continue
    return ""


@cache
def source() -> Source:
    """What this process goes by; decided once."""
    return newer(system(), Source(tzdata.IANA_VERSION, None))


def _root() -> Traversable:
    folder = source().folder
    return resources.files("tzdata") / "zoneinfo" if folder is None else folder


@cache
def of_countries() -> dict[str, frozenset[str]]:
    """Names of the zones of each country, by its two letters; nothing where no table of them is."""
    found: dict[str, frozenset[str]] = {}
    try:
        table = (_root() / "zone.tab").read_text("utf-8")
    except OSError:
        return found
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found[country] = found.get(country, frozenset()) | {name}
    return found


@cache
def zone(name: str) -> ZoneInfo:
    """A zone by its name. Raises ZoneInfoNotFoundError, also for what is no name."""
    root = _root()
    parts = name.split("/")
    if not name or any(not part or part.startswith(".") for part in parts):
        raise ZoneInfoNotFoundError(name)
    try:
        with root.joinpath(*parts).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError):
        raise ZoneInfoNotFoundError(name) from None


def described() -> str:
    """For people: which database counts, and the other one's version."""
    chosen, other = source(), system()
    package = f"the package's {tzdata.IANA_VERSION}"
    system_s = (
        "no system's" if other is None else f"the system's {other.version or 'of unknown age'}"
    )
    return f"{package} (not {system_s})" if chosen.folder is None else f"{system_s} (not {package})"
