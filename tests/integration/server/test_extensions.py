"""A client that offers compression gets its socket, without it."""

from websockets.asyncio.client import ClientConnection

from tests.integration.server.carrier import Carrier
from tests.integration.server.operators.operator_fixture import audio_socket
from tests.integration.server.test_live import hello
from tests.support.client import Clients, live_socket


def offered_and_answered(socket: ClientConnection) -> tuple[bool, str | None]:
    """Whether the client offered compression, and which extension the node named."""
    assert socket.request is not None
    assert socket.response is not None
    asked, told = (
        headers.get("Sec-WebSocket-Extensions")
        for headers in (socket.request.headers, socket.response.headers)
    )
    return "permessage-deflate" in (asked or ""), told


async def test_a_dashboard_that_offers_compression_is_served_without(clients: Clients) -> None:
    user = await clients.sign_up()
    async with live_socket(clients.world, compression="deflate") as socket:
        assert offered_and_answered(socket) == (True, None)
        await socket.send(hello(ticket=await user.ticket()))
        assert '"op":"welcome"' in str(await socket.recv())


async def test_a_listener_that_offers_compression_is_accepted_without(clients: Clients) -> None:
    async with audio_socket(clients.world, compression="deflate") as socket:
        assert offered_and_answered(socket) == (True, None)


async def test_a_media_stream_that_offers_compression_is_accepted_without(
    clients: Clients,
) -> None:
    async with Carrier(clients).media(compression="deflate") as socket:
        assert offered_and_answered(socket) == (True, None)
