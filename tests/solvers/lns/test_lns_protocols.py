from __future__ import annotations

import numpy as np
import pytest

from placement_solvers.lns import Gain, NotWorse, RecordToRecord, RouletteWheel, SimulatedAnnealing


def test_not_worse_walks_along_plateaus_only() -> None:
    rng = np.random.default_rng(0)
    assert NotWorse()(rng, (0, 5), (0, 7), (0, 7))
    assert not NotWorse()(rng, (0, 5), (0, 7), (0, 8))


def test_annealing_takes_losses_early_and_refuses_them_late() -> None:
    rng = np.random.default_rng(0)
    accept = SimulatedAnnealing(share=0.01, cooling=0.99)
    early = sum(accept(rng, (0, 100), (0, 100), (0, 101)) for _ in range(50))
    for _ in range(2_000):
        accept(rng, (0, 100), (0, 100), (0, 101))
    late = sum(accept(rng, (0, 100), (0, 100), (0, 101)) for _ in range(50))
    assert early > 10
    assert late == 0


def test_annealing_always_takes_what_is_better_in_an_earlier_tier() -> None:
    accept = SimulatedAnnealing()
    assert accept(np.random.default_rng(0), (1, 0), (1, 0), (0, 999))


def test_annealing_refuses_a_share_that_is_not_positive() -> None:
    with pytest.raises(ValueError, match="share"):
        SimulatedAnnealing(share=0)


def test_record_to_record_measures_from_the_best() -> None:
    rng = np.random.default_rng(0)
    accept = RecordToRecord(share=0.01)
    assert accept(rng, (0, 1000), (0, 1000), (0, 1010))
    assert not accept(rng, (0, 1000), (0, 1010), (0, 1011))
    assert not accept(rng, (0, 1000), (0, 1000), (1, 0))


def test_wheel_comes_to_prefer_the_operator_that_gains() -> None:
    rng, wheel = np.random.default_rng(0), RouletteWheel()
    for _ in range(200):
        operator = wheel.choose(rng, 3)
        wheel.learn(operator, Gain.BEST if operator == 1 else Gain.REJECTED, effort=1.0)
    drawn = [wheel.choose(rng, 3) for _ in range(100)]
    assert drawn.count(1) > 80


def test_wheel_prefers_the_cheaper_of_two_that_gain_alike() -> None:
    rng, wheel = np.random.default_rng(0), RouletteWheel()
    for _ in range(200):
        operator = wheel.choose(rng, 2)
        wheel.learn(operator, Gain.BETTER, effort=1.0 if operator else 4.0)
    assert [wheel.choose(rng, 2) for _ in range(100)].count(1) > 65
