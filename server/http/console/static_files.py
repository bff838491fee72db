"""Files of a page as browsers keep them: compressed once, under names that tell what is in them.

Every file's address is `/web/~<version>/...`, where the version is a digest of all files: what is
kept under it never changes, so browsers ask once. Without a version (or with that of another
release) the same file is given to be asked for again. Reads its folder once; knows no routes.
"""

import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from rjsmin import jsmin

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_ADDRESS = re.compile(r"(?<=[\"'`])/web/(?=[\w/.-]+\.(?:js|css|svg))")
_VERSIONED = re.compile(r"~([0-9a-f]{16})/")
_PRELOADED = "<!-- modules -->"
_IMPORTED = re.compile(r"^(?:import|export)\b[^;\n]*?\"(\.[^\"]+)\"", re.MULTILINE)
_FIRST = "console.js"


class StaticFile(msgspec.Struct, frozen=True):
    """A file as it is sent, and compressed; `tag` tells one content from another."""

    content_type: str
    body: bytes
    packed: bytes
    tag: str


class Folder(msgspec.Struct, frozen=True):
    """The files by their path in the folder."""

    version: str
    files: Mapping[str, StaticFile]

    def find(self, name: str) -> tuple[StaticFile, str] | None:
        """The file of an address below `/web/` and how long it may be kept."""
        given = _VERSIONED.match(name)
        found = self.files.get(name[given.end() :] if given else name)
        if found is None:
            return None
        is_exact = given is not None and given[1] == self.version
        return found, FOR_EVER if is_exact else ASK_AGAIN


def read(folder: Path) -> Folder:
    """All files of these types below the folder, naming each other by addresses of this version;
    scripts without comments and blanks that no engine needs."""
    raw = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES
    }
    whole = hashlib.sha256()
    for name, body in raw.items():
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    version = whole.hexdigest()[:16]
    modules = needed(raw, _FIRST)
    links = "\n".join(f'<link rel="modulepreload" href="/web/{name}">' for name in modules)
    files = {}
    for name, body in raw.items():
        text = body.decode()
        if name.endswith(".html"):
            text = text.replace(_PRELOADED, links)
        elif name.endswith(".js"):
            text = jsmin(text)
        files[name] = _file(name, _ADDRESS.sub(f"/web/~{version}/", text).encode())
    return Folder(version, files)


def needed(raw: Mapping[str, bytes], first: str) -> list[str]:
    """The script and all that it imports to begin with, from one to the next; pure."""
    found: list[str] = []
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name in raw and name not in found:
            found.append(name)
            folder = posixpath.dirname(name)
            imports = _IMPORTED.findall(raw[name].decode())
            waiting += [posixpath.normpath(posixpath.join(folder, one)) for one in imports]
    return sorted(found)


def _file(name: str, body: bytes) -> StaticFile:
    return StaticFile(
        f"{TYPES[Path(name).suffix]}; charset=utf-8",
        body,
        gzip.compress(body, 9, mtime=0),
        hashlib.sha256(body).hexdigest()[:20],
    )
