"""`python -m sandbox`: the outside world as a process of its own.

Reads flags, each with an environment variable behind it, and runs until SIGINT or SIGTERM.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from sandbox.app import serve
from sandbox.core import settings as defaults
from sandbox.core.settings import Settings


def main() -> None:
    """Run the sandbox; exits with 1 and a reason when its address is taken."""
    settings = read_settings()
    try:
        asyncio.run(_run(settings))
    except* OSError as failed:
        sys.exit(f"the sandbox cannot run on {settings.host}:{settings.port}: {failed.exceptions}")


def read_settings(arguments: list[str] | None = None) -> Settings:
    """Settings from the command line, `SANDBOX_...` variables and the defaults, in this order."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    env = os.environ.get
    parser.add_argument("--host", default=env("SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=env("SANDBOX_PORT", "8010"))
    parser.add_argument("--data", type=Path, default=env("SANDBOX_DATA", ".data/sandbox"))
    parser.add_argument("--public-url", default=env("SANDBOX_PUBLIC_URL", ""))
    parser.add_argument("--account-sid", default=env("SANDBOX_ACCOUNT_SID", defaults.ACCOUNT_SID))
    parser.add_argument("--auth-token", default=env("SANDBOX_AUTH_TOKEN", defaults.AUTH_TOKEN))
    parser.add_argument("--sms-webhook-url", default=env("SANDBOX_SMS_WEBHOOK_URL", ""))
    parser.add_argument("--voice-webhook-url", default=env("SANDBOX_VOICE_WEBHOOK_URL", ""))
    parser.add_argument("--voice-status-url", default=env("SANDBOX_VOICE_STATUS_URL", ""))
    parser.add_argument("--stripe-webhook-url", default=env("SANDBOX_STRIPE_WEBHOOK_URL", ""))
    parser.add_argument("--sendgrid-webhook-url", default=env("SANDBOX_SENDGRID_WEBHOOK_URL", ""))
    parser.add_argument("--inbound-parse-url", default=env("SANDBOX_INBOUND_PARSE_URL", ""))
    parser.add_argument("--console-url", default=env("SANDBOX_CONSOLE_URL", ""))
    parser.add_argument(
        "--confirm-sign-ups",
        action="store_true",
        default=env("SANDBOX_CONFIRM_SIGN_UPS", "") == "true",
        help="a new address or number counts once its code came back",
    )
    parser.add_argument(
        "--mail-pace",
        type=float,
        default=env("SANDBOX_MAIL_PACE", "1"),
        help="how many times as long as usual what happens to a mail takes",
    )
    parser.add_argument(
        "--number",
        action="append",
        help="a number of the account's own; may be repeated",
    )
    parser.add_argument(
        "--verified-sender",
        action="append",
        help="an address mail may be sent from; may be repeated",
    )
    given = vars(parser.parse_args(arguments))
    numbers = given.pop("number") or env("SANDBOX_NUMBERS", ",".join(defaults.NUMBERS)).split(",")
    senders = given.pop("verified_sender") or env(
        "SANDBOX_VERIFIED_SENDERS", ",".join(defaults.VERIFIED_SENDERS)
    ).split(",")
    return Settings(**given, numbers=tuple(numbers), verified_senders=tuple(senders))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve(settings, stop)


if __name__ == "__main__":
    main()
