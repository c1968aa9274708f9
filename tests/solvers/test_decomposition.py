from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from placement_solvers.decomposition import merge, parts
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.problem import Problem
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.brute_force import optimum
from tests.builders import ProblemBuilder
from tests.strategies import problems


def optimum_of_parts(problem: Problem) -> Solution:
    return merge(problem, [(part, optimum(part.problem)[1]) for part in parts(problem)])


def assert_parts_make_the_whole(problem: Problem) -> None:
    for part in parts(problem):
        validate(part.problem)
    together = optimum_of_parts(problem)
    assert violations(problem, together) == []
    assert cost_of(problem, together) == optimum(problem)[0]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(max_bins=4, max_items=5))
def test_optima_of_the_parts_make_the_optimum(problem: Problem) -> None:
    assert_parts_make_the_whole(problem)


def sparse(dice: random.Random) -> Problem:
    """Six bins of which each class may enter one or two, and a few relations: often two or three parts."""
    build = ProblemBuilder(capacity=[[dice.randint(0, 3)] for _ in range(6)])
    classes = []
    for _ in range(dice.randint(3, 4)):
        first = dice.randrange(6)
        bins = [first, (first + 1) % 6] if dice.random() < 0.4 else [first]
        start = [dice.choice(bins)] if dice.random() < 0.4 else []
        pin = first if dice.random() < 0.2 else -1
        classes.append(
            build.items(
                dice.randint(1, 2),
                [dice.randint(0, 2)],
                eligible=bins,
                start=start,
                pinned_to=pin,
                gang=build.gang(2, dice.choice([-1, 0])) if dice.random() < 0.2 else -1,
            )
        )
    topologies = [build.topology([0, 0, 1, 1, 2, 2]), build.each_bin()]
    groups = [build.group(dice.choice(topologies[1:]), [c for c in classes if dice.random() < 0.5]) for _ in range(2)]
    groups.append(build.group(topologies[0], [c for c in classes if dice.random() < 0.5], initial=[1, 0, 0]))
    for add in dice.sample(range(5), k=1):
        class_, group = dice.choice(classes), dice.choice(groups)
        if add == 0:
            build.limit(class_, group)
        elif add == 1:
            build.attract(class_, group, self_starting=dice.random() < 0.5)
        elif add == 2:
            build.spread(class_, group)
    build.tier("unplaced", unplaced=[dice.randint(1, 2) for _ in classes])
    build.tier(
        "mixed",
        open=[dice.randint(0, 2) for _ in range(6)],
        moved=1,
        pairs=[(dice.choice(classes), dice.choice(groups), dice.randint(-1, 1))],
        skews=[(dice.choice(groups), 0, 1)] if dice.random() < 0.15 else [],
        ranges=[(dice.choice(groups), 1, 1, 1)] if dice.random() < 0.15 else [],
    )
    return build.problem()


@pytest.mark.parametrize("batch", range(4))
def test_optima_of_the_parts_make_the_optimum_where_little_is_related(batch: int) -> None:
    taken_apart = 0
    for number in range(30):
        problem = sparse(random.Random(1_000 * batch + number))
        taken_apart += len(parts(problem)) > 1
        assert_parts_make_the_whole(problem)
    assert taken_apart >= 4


def two_zones() -> ProblemBuilder:
    build = ProblemBuilder(capacity=[[3], [3], [5], [5]])
    build.items(2, [1], eligible=[0, 1])
    build.items(3, [1], eligible=[2, 3])
    return build


def test_takes_apart_what_shares_no_bin() -> None:
    first, second = parts(two_zones().problem())
    assert first.items.tolist() == [0, 1]
    assert first.bins.tolist() == [0, 1]
    assert second.items.tolist() == [2, 3, 4]
    assert second.bins.tolist() == [2, 3]


def test_leaves_together_what_a_gang_ties() -> None:
    build = ProblemBuilder(capacity=[[3], [3]])
    gang = build.gang(at_least=2)
    build.items(1, [1], eligible=[0], gang=gang)
    build.items(1, [1], eligible=[1], gang=gang)
    assert len(parts(build.problem())) == 1


def test_leaves_together_what_counts_in_one_domain() -> None:
    build = two_zones()
    zone = build.topology([0, 1, 1, 2])
    build.limit(0, build.group(zone, [1]))
    assert len(parts(build.problem())) == 1


def test_takes_apart_what_one_group_counts_in_different_domains() -> None:
    build = two_zones()
    build.limit(0, build.group(build.topology([0, 0, 1, 1]), [0, 1]))
    assert len(parts(build.problem())) == 2


def test_restricts_a_solution_to_a_part() -> None:
    problem = two_zones().problem()
    whole = Solution(np.array([0, -1, 2, 3, 3], dtype=np.int32), np.array([4, 0, 2, 3], dtype=np.int32))
    first, second = parts(problem)
    assert first.restrict(whole).bin_of.tolist() == [0, -1]
    assert second.restrict(whole).bin_of.tolist() == [0, 1, 1]
    assert second.restrict(whole).sequence.tolist() == [2, 0, 1]
    back = merge(problem, [(part, part.restrict(whole)) for part in (first, second)])
    assert back.bin_of.tolist() == whole.bin_of.tolist()


def test_ties_a_gang_in_a_part_to_the_domain_it_has_begun_in() -> None:
    # Two halves that share nothing; the gang in the second has begun in the last of three zones.
    build = ProblemBuilder(capacity=[[2], [2], [2]])
    zone = build.topology([0, 1, 2])
    build.items(1, demand=[2], eligible=[0])
    build.items(2, demand=[1], eligible=[1, 2], gang=build.gang(2, zone, begun_in=2))
    first, second = parts(build.problem())
    assert len(first.problem.gangs) == 0
    assert second.problem.gangs.begun_in.tolist() == [1]


def test_leaves_a_gang_out_of_a_part_without_the_domain_it_has_begun_in() -> None:
    build = ProblemBuilder(capacity=[[2], [2], [2]])
    zone = build.topology([0, 1, 2])
    build.items(1, demand=[2], eligible=[0])
    build.items(2, demand=[1], eligible=[1], gang=build.gang(2, zone, begun_in=2))
    _, second = parts(build.problem())
    assert optimum(second.problem)[0] == (2, 0)
