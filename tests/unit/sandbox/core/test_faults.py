"""How faults delay callbacks, repeatably."""

import random

from sandbox.core.faults import Faults, call_rng, delivery_delays_ms


def test_without_faults_a_callback_goes_out_once_and_at_once() -> None:
    assert delivery_delays_ms(Faults(), random.Random(0)) == [0]


def test_the_same_seed_brings_the_same_faults() -> None:
    faults = Faults(
        seed=7, duplicate_callbacks=0.5, reorder_callbacks=0.5, callback_delay_ms=(10, 90)
    )

    def run(number: int) -> list[list[float]]:
        rng = call_rng(faults, number)
        return [delivery_delays_ms(faults, rng) for _ in range(20)]

    assert run(0) == run(0)
    assert run(0) != run(1)
    assert {len(delays) for delays in run(0)} == {1, 2}
