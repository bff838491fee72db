"""The calls of a node: one that comes back before its former run here has ended stays known."""

import asyncio
import uuid

from media.call import Call, begin
from media.engines.scripted import Behaviour, ScriptedLanguageModel
from media.events import Dialled, HangUpAsked, Requested
from media.runner import CallRunner
from server.calls.registry import CallRegistry, LiveCall
from tests.support.patience import patience
from tests.support.script import SID
from tests.support.wiring import scripted_engines
from tests.unit.media.runner_harness import QUICK, EventLog, ScriptedCarrier

CALL_ID, USER_ID = uuid.uuid4(), uuid.uuid4()


class SlowToLeave(ScriptedCarrier):
    """Its dial takes its time to be cancelled, as one does whose transaction is rolled back."""

    def __init__(self) -> None:
        super().__init__(Dialled(SID))
        self.asked, self.is_cancelled, self.may_end = (asyncio.Event() for _ in range(3))

    async def dial(self, _call: Call) -> Dialled:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_cancelled.set()
            await self.may_end.wait()
        raise AssertionError("nobody answers")


async def test_a_call_that_is_back_before_its_former_run_ended_stays_known() -> None:
    def run(carrier: ScriptedCarrier, lease_epoch: int) -> LiveCall:
        call, effects = begin(QUICK, Requested("roses"), asyncio.get_running_loop().time())
        engines = scripted_engines(ScriptedLanguageModel(["Fine."], Behaviour()))
        clock = asyncio.get_running_loop().time
        runner = CallRunner(call, engines, carrier, EventLog(), clock, {})
        carrier.post = runner.post
        live = LiveCall(CALL_ID, USER_ID, lease_epoch, runner)
        registry.start(live, effects)
        return live

    async with patience(), asyncio.TaskGroup() as tasks:
        registry = CallRegistry(tasks)
        slow = SlowToLeave()
        former = run(slow, 1)
        await slow.asked.wait()
        registry.drop(CALL_ID, 1)
        await slow.is_cancelled.wait()
        back = run(ScriptedCarrier(Dialled(SID)), 2)
        slow.may_end.set()
        await former.over.wait()
        assert registry.get(CALL_ID) is back
        assert not registry.empty.is_set()
        back.runner.post(HangUpAsked("test"))
        await registry.empty.wait()
        assert len(registry) == 0
