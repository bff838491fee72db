"""REST for copies of one's data and for deleting an account: parse, act, reply."""

import uuid
from typing import Annotated

import msgspec
from msgspec import Meta

from server.core.identity.auth import Identity
from server.http.routing import Nothing, Route
from server.privacy import erasure, exports, profile
from server.privacy.deps import PrivacyDeps
from server.privacy.exports import PATH
from server.privacy.wire import ErasureOut, ExportOut


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`confirm` is the account's e-mail address, or its number, typed; an operator may send
    the user's id as well."""

    confirm: Annotated[str, Meta(max_length=320, examples=["ann@example.com"])] = ""


async def _export(deps: PrivacyDeps, who: Identity) -> ExportOut:
    return await exports.ask(deps, who)


async def _ask_export(deps: PrivacyDeps, who: Identity, body: Nothing) -> ExportOut:  # noqa: ARG001
    return await exports.ask(deps, who)


async def _erase(deps: PrivacyDeps, who: Identity, body: Confirmation) -> ErasureOut:
    return await erasure.ask(deps, who, body.confirm)


async def _erase_user(
    deps: PrivacyDeps, who: Identity, user_id: uuid.UUID, body: Confirmation
) -> ErasureOut:
    return await erasure.ask_for(deps, who, user_id, body.confirm)


ROUTES = (
    *profile.ROUTES,
    Route("GET", "/v1/me/export", _export, ExportOut,
          "A copy of everything of one's own; the first look asks for one"),
    Route("POST", "/v1/me/export", _ask_export, ExportOut, "Ask for such a copy", Nothing,
          status=202),
    Route("GET", f"{PATH}/<token>", None, bytes, "The copy, for whoever has its link",
          media="application/zip"),
    Route("DELETE", "/v1/me", _erase, ErasureOut, "Delete one's account, for good", Confirmation,
          status=202),
    Route("DELETE", "/v1/admin/users/<uuid:user_id>", _erase_user, ErasureOut,
          "Delete somebody's account, for good", Confirmation, status=202),
)  # fmt: skip
