"""CpSat against the true optimum of random tiny problems, the ones with many relations among them."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.cp_sat import CpSat, CpSatParameters
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.cases import cases
from tests.strategies import problems


def assert_optimal(problem: Problem) -> None:
    result = CpSat(CpSatParameters(num_workers=1)).solve(problem, MaxRuntime(60))
    best, _ = optimum(problem)
    assert violations(problem, result.solution) == []
    assert cost_of(problem, result.solution) == result.cost
    assert result.cost == best
    assert result.lower_bound == best
    assert result.status is Status.OPTIMAL


@settings(max_examples=cases(250), deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=4, max_items=5))
def test_finds_and_proves_the_optimum_of_any_tiny_problem(problem: Problem) -> None:
    assert_optimal(problem)


@pytest.mark.parametrize("batch", range(8))
def test_finds_and_proves_the_optimum_where_everything_is_related(batch: int) -> None:
    for number in range(40):
        assert_optimal(tangled(random.Random(1_000 * batch + number)))


def tangled(dice: random.Random) -> Problem:
    """Three bins, few items, and far more rows between them than anyone would write."""
    build = ProblemBuilder(capacity=[[dice.randint(1, 4)] for _ in range(3)], in_use=[dice.random() < 0.3] * 3)
    classes = [
        build.items(
            dice.randint(1, 2),
            demand=[dice.randint(0, 2)],
            start=[dice.randrange(3)] if dice.random() < 0.4 else [],
            movable=dice.random() < 0.7,
        )
        for _ in range(dice.randint(2, 3))
    ]
    topologies = [build.each_bin(), build.topology(dice.choice([[0, 0, 1], [0, 1, -1], [0, 0, 0], [0, 1, 1]]))]
    scopes = [-1, -1, -1, build.scope([b for b in range(3) if dice.random() < 0.6])]
    groups = []
    for _ in range(dice.randint(2, 4)):
        topology = dice.choice(topologies)
        members = [class_ for class_ in classes if dice.random() < 0.6]
        domains = max(build._topologies[topology]) + 1
        initial = [dice.choice([0, 0, 0, 1]) for _ in range(domains)]
        groups.append(build.group(topology, members, scope=dice.choice(scopes), initial=initial))
    for _ in range(dice.randint(0, 5)):
        build.limit(dice.choice(classes), dice.choice(groups), dice.choice([1, 1, 2]))
    for _ in range(dice.randint(0, 3)):
        build.attract(dice.choice(classes), dice.choice(groups), self_starting=dice.random() < 0.5)
    for _ in range(dice.randint(0, 3)):
        build.spread(dice.choice(classes), dice.choice(groups), dice.randint(1, 2), dice.randint(1, 3))
    build.tier("unplaced", unplaced=[dice.randint(1, 2) for _ in classes])
    build.tier(
        "mixed",
        open=[dice.randint(0, 2) for _ in range(3)],
        moved=[dice.randint(0, 2) for _ in classes],
        pairs=[(dice.choice(classes), dice.choice(groups), dice.randint(-2, 2))],
    )
    return build.problem()


def test_places_who_seeks_company_where_the_plan_as_a_whole_has_a_rule() -> None:
    """The start that lets company meet is greedy's, which does not know such rules."""
    build = ProblemBuilder(capacity=[[4], [4]])
    seeker, sought = build.items(1, demand=[1]), build.items(2, demand=[1])
    group = build.group(build.each_bin(), [sought])
    build.attract(seeker, group, self_starting=False)
    build.breadth(group, 2)
    assert_optimal(build.problem())
