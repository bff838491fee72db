"""The `talking` command: reads arguments and the configuration, and hands over.

Each command prints what it did and returns the process's exit code; nothing is decided here. A
command's modules are imported when it is chosen: all of them together take seconds.
"""

# ruff: noqa: PLC0415 - see above

import argparse
import datetime as dt
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
import msgspec

from db.core.embedded import PostgresDidNotStartError
from db.core.keyring import WrongMasterKeyError
from db.core.logins import LoginError
from db.core.migrate import MigrationError
from db.core.upgrade import UpgradeError
from media.engines.base import EngineError
from server import VERSION
from server.cli.arguments import check_python, count, person, port, recording
from server.cli.failures import FailedError
from server.cli.running import configure_logs, run
from server.core.config import Config, load
from server.core.settings.loading import ConfigError
from server.database import NoDatabaseError

if TYPE_CHECKING:
    from server.cli.sandboxed import Places

EXPECTED = (
    ConfigError, EngineError, FailedError, LoginError, MigrationError, NoDatabaseError,
    PostgresDidNotStartError, UpgradeError, WrongMasterKeyError, OSError, asyncpg.PostgresError,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a fault that has an explanation is printed as one, not as a traceback."""
    chosen, unknown = parser().parse_known_args(arguments)
    if unknown:  # said with the command's own usage, not with the list of commands
        chosen.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        check_python()
        return command(chosen)
    except EXPECTED as error:
        print(f"talking {chosen.name}: {error}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        return 130


_Add: TypeAlias = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
_KEYS = (
    "print a new master key; count what each seals; seal what is in clear; "
    "wrap all keys by the master key of now"
)


_BACKUPS = (
    "all there is, and a mark (the default); a mark to which one can restore; all there is and "
    "whatever is written from then on; whether that goes well"
)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="talking", description="Phones its users to talk.")
    parser.add_argument("--version", action="version", version=f"Talking App {VERSION}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    def add(
        name: str, command: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(command=command, parser=made)
        return made

    serve = _with_config(add("serve", _serve, "run a node, or several on one port"))
    serve.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    for name, command, about in (
        ("migrate", _migrate, "bring the database up to date"),
        ("reconcile", _reconcile, "compare everybody's plan with Stripe and mend what differs"),
    ):
        _with_config(add(name, command, about))
    upgrade = add("upgrade-database", _upgrade_database, "make an embedded database of before anew")
    folder = Path(os.environ.get("TALKING_DATABASE__DATA_DIR", ".data"))
    upgrade.add_argument("--data", type=Path, default=folder, help="the data folder")
    upgrade.add_argument(
        "--old-programs", type=Path, help="folder of the older PostgreSQL's programs"
    )
    doctor = _with_config(add("doctor", _doctor, "look at all that a call needs; changes nothing"))
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    plans = _with_config(add("plans", _plans, "put the plans' prices up at Stripe"))
    plans.add_argument(
        "what", choices=["sync"], help="write the prices of subscription_plans there"
    )
    keys = _with_config(add("keys", _keys, "the keys that data is sealed with"))
    keys.add_argument("what", choices=["new", "status", "seal", "rotate"], help=_KEYS)
    unseal = _with_config(add("unseal", _unseal, "print a person's sealed rows"))
    unseal.add_argument("user", help="whose: the user's id")
    unseal.add_argument("--admin", required=True, help="who looks: the administrator's id")
    erase = _with_config(add("erase", _erase, "delete a user's account and data, for good"))
    erase.add_argument("user", help="their id or e-mail address")
    erase.add_argument("--yes", action="store_true", help="I know that it cannot be undone")
    retention = _with_config(add("retention", _retention, "delete what is older than its period"))
    retention.add_argument("--dry-run", action="store_true", help="only count it")
    retention.add_argument("--json", action="store_true", help="print one JSON object")
    hold = _with_config(add("hold", _hold, "keep all records of a user, or show who is held"))
    hold.add_argument("user", nargs="?", help="the user's id; without one, all holds are shown")
    hold.add_argument("--reason", help="why they must stay, or need not any more")
    hold.add_argument("--lift", action="store_true", help="let the periods hold again")
    hold.add_argument("--json", action="store_true", help="of all holds")
    audit = _with_config(add("audit", _audit, "look whether the audit log was changed; print it"))
    audit.add_argument(
        "what", choices=["verify", "export"], help="look, or print a JSON object a line"
    )
    audit.add_argument("--from", dest="since", type=_day, help="a day or a time, as 2026-11-29")
    audit.add_argument("--to", dest="until", type=_day, help="until before this")
    audit.add_argument("--anchors", type=Path, help="anchors kept elsewhere, a JSON object a line")
    audit.add_argument("--json", action="store_true", help="print one JSON object at the end")
    backup = _with_config(add("backup", _backup, "back the database up, to any moment"))
    backup.add_argument(
        "what", nargs="?", choices=["base", "mark", "run", "health"], default="base", help=_BACKUPS
    )
    backup.add_argument(
        "--to", type=Path, default=os.environ.get("BACKUP_DIR"), help="the folder of backups"
    )
    replay = _with_config(add("replay", _replay, "run a call's journal through today's code"))
    replay.add_argument("call_id", help="as the API and the console name it")
    _add_sandboxed(add)
    return parser


def _add_sandboxed(add: _Add) -> None:
    _with_places(add("sandbox", _sandbox, "run the sandbox only"))
    up = _with_places(
        add("up", _up, "run the sandbox and a node or several, and place a first call")
    )
    up.add_argument("--no-call", action="store_true", help="do not place a call")
    up.add_argument("--nodes", type=count, default=1, help="nodes on that port; 0 is one per core")
    demo = _with_places(add("demo", _demo, "place one call in the sandbox, show it, and exit"))
    demo.add_argument("--person", type=person, default="talker", help="who picks up")
    demo.add_argument(
        "--caller", type=recording, help="a WAV with what the caller says (8 or 16 kHz)"
    )
    demo.add_argument(
        "--topic", default="learning to bake sourdough bread", help="what to talk about"
    )
    demo.add_argument("--json", action="store_true", help="print one JSON object at the end")


def _with_config(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    about = "the file of settings (config.toml of this folder)"
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help=about)
    return parser


def _with_places(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    _with_config(parser)
    parser.add_argument("--port", type=port, default=8000, help="the node's port (8000)")
    parser.add_argument("--sandbox-port", type=port, default=8010, help="the sandbox's (8010)")
    parser.add_argument(
        "--data", type=Path, default=Path(".data"), help="where all is kept (.data)"
    )
    about = "makers of speech and language services, by their stand-ins: deepgram,openai"
    parser.add_argument("--providers", default="", metavar="NAME,...", help=about)
    return parser


def _config(chosen: argparse.Namespace, *, calls: bool = True) -> Config:
    config = load(chosen.config, calls=calls)
    configure_logs(config.telemetry)
    return config


def _serve(chosen: argparse.Namespace) -> int:
    config = _config(chosen)
    if chosen.worker is None and config.server.workers != 1:
        from server.cli.supervision import workers

        return run(workers.supervise(config, chosen.config))
    from server.cli import serve

    shared = None
    if chosen.worker is not None:  # descriptors that our supervisor left us
        shared = serve.Shared(*(socket.socket(fileno=number) for number in chosen.worker))
    return run(serve.serve(config, shared))


def _migrate(chosen: argparse.Namespace) -> int:
    from server.cli.operations import maintenance

    return run(maintenance.migrate(_config(chosen, calls=False)))


def _upgrade_database(chosen: argparse.Namespace) -> int:
    from server.cli.operations import maintenance

    return run(maintenance.upgrade_database(chosen.data, chosen.old_programs))


def _doctor(chosen: argparse.Namespace) -> int:
    from server.cli.doctor.run import doctor

    return run(doctor(_config(chosen, calls=False), as_json=chosen.json))


def _reconcile(chosen: argparse.Namespace) -> int:
    from server.cli.operations import billing

    return run(billing.reconcile(_config(chosen, calls=False)))


def _plans(chosen: argparse.Namespace) -> int:
    from server.cli.operations import billing

    return run(billing.sync_plans(_config(chosen, calls=False)))


def _keys(chosen: argparse.Namespace) -> int:
    if chosen.what == "new":
        from server.core.settings.privacy import new_master_key

        print(new_master_key())  # noqa: T201 - the command's answer
        return 0
    from server.cli.operations import maintenance

    does = {
        "status": maintenance.keys_status,
        "seal": maintenance.keys_seal,
        "rotate": maintenance.keys_rotate,
    }
    return run(does[chosen.what](_config(chosen, calls=False)))


def _unseal(chosen: argparse.Namespace) -> int:
    from server.cli.operations import unsealing

    return run(unsealing.unseal(_config(chosen, calls=False), chosen.user, chosen.admin))


def _retention(chosen: argparse.Namespace) -> int:
    from server.cli.operations import retention

    config = _config(chosen, calls=False)
    return run(retention.retain(config, is_dry=chosen.dry_run, as_json=chosen.json))


def _hold(chosen: argparse.Namespace) -> int:
    from server.cli.operations import retention

    config = _config(chosen, calls=False)
    if chosen.user is None:
        return run(retention.list_holds(config, as_json=chosen.json))
    if not chosen.reason:
        raise FailedError("say why, with --reason")
    return run(retention.hold(config, chosen.user, chosen.reason, is_lifted=chosen.lift))


def _audit(chosen: argparse.Namespace) -> int:
    from server.cli.operations import audit

    wanted = audit.Wanted(chosen.since, chosen.until, chosen.anchors, chosen.json)
    does = audit.verify if chosen.what == "verify" else audit.export
    return run(does(_config(chosen, calls=False), wanted))


def _day(text: str) -> dt.datetime:
    """A day or a time, in UTC where it names no zone."""
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)


def _backup(chosen: argparse.Namespace) -> int:
    from server.cli.operations import backups

    if chosen.to is None:
        raise FailedError("say where backups are kept, with --to FOLDER or BACKUP_DIR")
    return run(backups.backup(_config(chosen, calls=False), chosen.what, chosen.to))


def _replay(chosen: argparse.Namespace) -> int:
    from server.cli.operations import maintenance

    return run(maintenance.replay(_config(chosen, calls=False), chosen.call_id))


def _erase(chosen: argparse.Namespace) -> int:
    from server.cli.operations import erasing

    return run(erasing.erase(_config(chosen, calls=False), chosen.user, is_sure=chosen.yes))


def _places(chosen: argparse.Namespace) -> "Places":
    from media.providers import registry
    from server.cli.sandboxed import Places

    if chosen.port == chosen.sandbox_port:
        raise FailedError(f"--port and --sandbox-port are both {chosen.port}; give one another")
    providers = tuple(filter(None, chosen.providers.replace(" ", "").split(",")))
    if unknown := set(providers) - set(registry.ALL_NAMES):
        known = ", ".join(registry.ALL_NAMES)
        raise FailedError(f"--providers: {', '.join(sorted(unknown))} is none of {known}")
    return Places(chosen.config, chosen.data, chosen.port, chosen.sandbox_port, providers=providers)


def _sandbox(chosen: argparse.Namespace) -> int:
    from server.cli.sandboxed import only_the_sandbox

    return run(only_the_sandbox(_places(chosen)))


def _up(chosen: argparse.Namespace) -> int:
    from server.cli.sandboxed import up

    places = msgspec.structs.replace(_places(chosen), nodes=chosen.nodes)
    return run(up(places, with_call=not chosen.no_call))


def _demo(chosen: argparse.Namespace) -> int:
    from server.cli.demo_call import Wanted
    from server.cli.sandboxed import demo

    wanted = Wanted(chosen.person, chosen.caller, chosen.topic, chosen.json)
    return run(demo(_places(chosen), wanted))
