"""Whoever is forgotten hears of it at every node before their dashboards are ended."""

import msgspec
import pytest

from server.live.hub import Hub
from server.live.messages import ACCOUNT_CLOSED
from server.privacy.everywhere import Closed, end_sockets
from tests.unit.server.live.test_hub import ME, OTHER, event, listener, seqs, watch


@pytest.mark.parametrize("read", [[], [1], [1, 2], [1, 2, 3]])
async def test_the_event_comes_before_the_end_however_far_its_node_had_read(
    read: list[int],
) -> None:
    hub, mine, stranger = Hub(), listener(), listener(user_id=OTHER)
    watch(hub, mine)
    watch(hub, stranger, user_id=OTHER)
    for seq in read:
        hub.publish(event(seq))
    told = msgspec.json.decode(msgspec.json.encode(Closed(ME, event(3))), type=Closed)
    for _ in range(2):
        end_sockets(hub, told)
    assert (mine.closed, mine.close_code) == (True, ACCOUNT_CLOSED)
    assert await seqs(mine, 9) == sorted({*read, 3})
    assert not stranger.closed
