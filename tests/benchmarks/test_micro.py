from __future__ import annotations

import numpy as np
import pytest

from benchmarks.micro.greedy import main
from benchmarks.micro.instance import Size, instance
from placement_solvers.validation import validate


@pytest.mark.parametrize("order", ["mixed", "class"])
def test_makes_instances_that_are_sound_and_repeat(order: str) -> None:
    size = Size(bins=40, items=200, classes=10, order=order)  # type: ignore[arg-type]
    first, second = instance(size, seed=3), instance(size, seed=3)
    validate(first)
    assert np.array_equal(first.class_of, second.class_of)
    assert bool((np.diff(first.class_of) >= 0).all()) is (order == "class")
    assert (len(first.limits), len(first.spreads)) == (3, 3)


@pytest.mark.parametrize("score", ["pack", "spread"])
def test_finds_no_difference_to_a_plain_scan(score: str, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--bins", "60", "--items", "300", "--classes", "12", "--repeat", "1"]
    assert main([*sizes, "--score", score, "--compare-scan"]) == 0
    assert "compared           300 items, 0 differences" in capsys.readouterr().out
