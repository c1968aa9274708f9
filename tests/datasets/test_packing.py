from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.packing import HOST, MOST_IN_A_BIN, NUM_ZONES, RAW, REFERENCE, ZONE, packing
from placement_solvers.validation import validate


@pytest.mark.parametrize(
    "options",
    [{}, {"priced": True}, {"zones": True}, {"grid": RAW}, {"priced": True, "num_existing": 40}],
    ids=lambda options: ",".join(options) or "plain",
)
def test_every_kind_is_an_instance(options: dict[str, object]) -> None:
    problem = packing(500, 30, 3, **options)  # type: ignore[arg-type]

    validate(problem)
    assert problem.num_items == 500
    assert problem.class_count.min() >= 1


def test_equal_arguments_give_equal_problems() -> None:
    first, second, other = packing(300, 20, 5), packing(300, 20, 5), packing(300, 20, 6)

    assert np.array_equal(first.class_of, second.class_of) and np.array_equal(first.demand, second.demand)
    assert not np.array_equal(first.demand, other.demand)


def test_a_share_of_the_classes_is_limited_in_a_bin() -> None:
    problem = packing(2_000, 100, 1)

    assert len(problem.limits) == 30
    assert problem.limits.at_most.min() >= 1 and problem.limits.at_most.max() <= MOST_IN_A_BIN
    assert set(problem.groups.topology[problem.limits.group].tolist()) == {HOST}


def test_no_resource_decides_alone() -> None:
    for seed in range(5):
        problem = packing(5_000, 100, seed)
        volume = (problem.demand * problem.class_count[:, None]).sum(axis=0) / REFERENCE[:2]
        assert 0.8 < volume[0] / volume[1] < 1.25


def test_zones_spread_every_class_with_a_skew_of_one() -> None:
    problem = packing(500, 30, 1, zones=True)

    assert sorted(problem.spreads.class_.tolist()) == list(range(30))
    assert set(problem.spreads.max_skew.tolist()) == {1}
    assert problem.num_domains[ZONE] == NUM_ZONES


def test_existing_bins_are_in_use_and_cost_nothing() -> None:
    problem = packing(500, 30, 1, priced=True, num_existing=25)

    price = problem.tiers[1].open
    assert price is not None
    assert problem.in_use.sum() == 25
    assert (price[problem.in_use] == 0).all() and (price[~problem.in_use] > 0).all()


def test_refuses_fewer_items_than_classes() -> None:
    with pytest.raises(ValueError, match="3 items do not fill 5 classes"):
        packing(3, 5, 1)
