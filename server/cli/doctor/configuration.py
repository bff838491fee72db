"""What a node would refuse to start without: the keys that are missing, by name, never by value."""

from server.cli.doctor.findings import Finding, failed, ok
from server.cli.doctor.looked import Looked
from server.core.config import missing


async def configuration(looked: Looked) -> list[Finding]:
    """Each of them; whatever is right in itself, the file and the environment hold already."""
    found = []
    for fault in missing(looked.config):
        key, _, rest = fault.partition(": ")
        what, _, do = rest.partition("; ")
        found.append(failed(f"setting {key}", what, do or "set it as config.toml says"))
    return found or [ok("settings", "nothing is missing that a node needs")]
