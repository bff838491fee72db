"""The account itself and its numbers, to read only: what an operator looks up before going live.

In the manner of Twilio's Accounts, IncomingPhoneNumbers and OutgoingCallerIds.
"""

from typing import Any

from quart import Blueprint, Response, jsonify, request

from sandbox.core.settings import Settings
from sandbox.twilio.api import account_blueprint
from sandbox.twilio.record import API_VERSION


def number_blueprint(settings: Settings) -> Blueprint:
    """Routes of the account's numbers."""
    blueprint = account_blueprint("account", settings, below="")

    @blueprint.get("/<account_sid>.json")
    async def account() -> Response:
        return jsonify(
            {
                "sid": settings.account_sid,
                "friendly_name": "Sandbox",
                "status": "active",
                "type": "Full",
                "owner_account_sid": settings.account_sid,
                "uri": request.path,
            }
        )

    @blueprint.get("/<account_sid>/IncomingPhoneNumbers.json")
    async def numbers() -> Response:
        wanted = request.args.get("PhoneNumber", "")
        found = [number for number in settings.numbers if wanted in number]
        return jsonify(_page("incoming_phone_numbers", [_number(settings, one) for one in found]))

    @blueprint.get("/<account_sid>/OutgoingCallerIds.json")
    async def caller_ids() -> Response:
        return jsonify(_page("outgoing_caller_ids", []))

    return blueprint


def _page(key: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        key: found, "page": 0, "page_size": 50, "start": 0, "end": max(0, len(found) - 1),
        "uri": request.path, "first_page_uri": request.path, "next_page_uri": None,
        "previous_page_uri": None,
    }  # fmt: skip


def _number(settings: Settings, number: str) -> dict[str, Any]:
    return {
        "sid": "PN" + number.strip("+").zfill(32),
        "account_sid": settings.account_sid,
        "friendly_name": number,
        "phone_number": number,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "status": "in-use",
        "sms_url": settings.sms_webhook_url,
        "sms_method": "POST",
        "voice_url": settings.voice_webhook_url,
        "voice_method": "POST",
        "status_callback": settings.voice_status_url,
        "status_callback_method": "POST",
        "api_version": API_VERSION,
    }
