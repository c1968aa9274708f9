"""What must give way at least: never more than the optimum pays, and counted by hand where bins are too full."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.disturbance import least_disturbed
from placement_solvers.problem import Problem
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.cases import cases


def stranded(seed: int) -> Problem:
    """Items that run, single ones that may give way or not, and others that wait, some of them more important."""
    rng = np.random.default_rng(seed)
    resources, bins = int(rng.integers(1, 3)), int(rng.integers(2, 4))
    capacity = rng.integers(2, 9, (bins, resources))
    build = ProblemBuilder(capacity=capacity.tolist(), in_use=[True] * bins)
    free = capacity.copy()
    level: list[int] = []
    runs: list[bool] = []
    for _ in range(int(rng.integers(1, 4))):
        demand = rng.integers(0, 5, resources)
        fits = np.flatnonzero((free >= demand).all(axis=1))
        if len(fits):
            bin_ = int(rng.choice(fits))
            free[bin_] -= demand
            build.items(1, demand=demand.tolist(), start=[bin_], movable=bool(rng.random() < 0.7))
            level, runs = [*level, int(rng.integers(0, 3))], [*runs, True]
    for _ in range(int(rng.integers(1, 3))):
        eligible = None if rng.random() < 0.7 else np.flatnonzero(rng.random(bins) < 0.7).tolist()
        build.items(int(rng.integers(1, 3)), demand=rng.integers(0, 7, resources).tolist(), eligible=eligible)
        level, runs = [*level, int(rng.integers(0, 3))], [*runs, False]
    for priority in (2, 1, 0):
        weight = int(rng.integers(1, 3))
        build.tier(f"unplaced at {priority}", unplaced=[weight * (one == priority) for one in level])
    build.tier(
        "disturbed",
        unplaced=[int(rng.integers(0, 4)) * one for one in runs],
        moved=[int(rng.integers(0, 3)) for _ in runs],
    )
    return build.problem()


@settings(max_examples=cases(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_no_tier_costs_less_whatever_the_tiers_before_it_have_cost(seed: int) -> None:
    problem = stranded(seed)
    best, _ = optimum(problem)
    assert lower_bound(problem) <= best
    for tier, paid in enumerate(best):
        assert least_disturbed(problem, tier, best[:tier]) <= paid


def build_two_bins() -> ProblemBuilder:
    """Two bins of ten with four free each; who waits asks for six, so that one of those that run has to go."""
    build = ProblemBuilder(capacity=[[10], [10]], in_use=[True, True])
    build.items(4, demand=[3], start=[0, 0, 1, 1])
    return build


def test_somebody_gives_way_where_there_is_room_in_all_but_in_no_bin() -> None:
    build = build_two_bins()
    build.items(1, demand=[6])
    build.tier("unplaced", unplaced=1)
    build.tier("disturbed", unplaced=[2, 0], moved=[1, 0])
    problem = build.problem()
    assert lower_bound(problem) == (0, 1)
    assert optimum(problem)[0] == (0, 1)


def test_each_bin_that_must_take_one_more_is_disturbed() -> None:
    build = build_two_bins()
    build.items(2, demand=[6])
    build.tier("unplaced", unplaced=[0, 1])
    build.tier("disturbed", unplaced=[2, 0], moved=[3, 0])
    problem = build.problem()
    assert lower_bound(problem) == (0, 4)
    assert optimum(problem)[0] == (0, 4)


def test_nobody_has_to_give_way_for_those_who_may_stay_out() -> None:
    build = build_two_bins()
    build.items(1, demand=[6])
    build.tier("disturbed", unplaced=[2, 0], moved=[1, 0])
    build.tier("unplaced", unplaced=1)
    assert lower_bound(build.problem()) == (0, 0)
