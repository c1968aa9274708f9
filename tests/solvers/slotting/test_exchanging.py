"""Contents in cheaper bins: as feasible as before, never dearer, and cheaper where a smaller bin would do."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from placement_solvers.feasibility import violations
from placement_solvers.greedy import Greedy
from placement_solvers.problem import Problem
from placement_solvers.slotting.exchanging import in_cheaper_bins
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder
from tests.strategies import problems


def opened(problem: Problem, solution: Solution) -> list[int]:
    """What the bins cost that are opened, for each tier that asks."""
    used = set(solution.bin_of[solution.placed].tolist())
    new = [bin_ for bin_ in used if not problem.in_use[bin_]]
    return [int(tier.open[new].sum()) for tier in problem.tiers if tier.open is not None]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(gangs=False, start=False))
def test_keeps_every_rule_and_is_not_dearer(problem: Problem) -> None:
    before = Greedy().solve(problem, MaxIterations(100)).solution
    after = in_cheaper_bins(problem, before)
    assert violations(problem, after) == []
    assert (after.placed == before.placed).all()
    assert opened(problem, after) <= opened(problem, before)


def test_a_bin_that_is_too_large_is_exchanged_where_that_is_the_same_to_all_rules() -> None:
    build = ProblemBuilder(capacity=[[9], [4], [4], [3]])
    zones = build.topology([0, 1, 0, 0])
    item = build.items(1, demand=[4])
    build.limit(item, build.group(zones, [item], initial=[0, 0]), 1)
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[9, 1, 5, 2])
    before = Solution.nothing_placed(1)
    before.bin_of[0] = 0
    after = in_cheaper_bins(build.problem(), Solution(before.bin_of, before.bin_of))
    assert after.bin_of.tolist() == [2]  # the cheapest lies elsewhere, the next is too small


def test_a_bin_beside_which_somebody_waits_already_is_left_alone() -> None:
    build = ProblemBuilder(capacity=[[9], [4]])
    item = build.items(1, demand=[4])
    build.limit(item, build.group(build.each_bin(), [], initial=[0, 1]), 1)
    build.tier("price", open=[9, 1])
    solution = Greedy().solve(build.problem(), MaxIterations(100)).solution
    assert solution.bin_of.tolist() == [0]
    assert in_cheaper_bins(build.problem(), solution).bin_of.tolist() == [0]
