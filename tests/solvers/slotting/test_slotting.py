"""Packing without relations and dealing the places out: by all rules, and hardly worse than without them."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from placement_datasets.clusters import diverse_pods
from placement_solvers.bounds.area import lower_bound
from placement_solvers.column_generation import ColumnGeneration, ColumnGenerationParameters
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.feasibility import violations
from placement_solvers.greedy.gathering import gather
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import Problem
from placement_solvers.slotting import pack_and_deal
from placement_solvers.slotting.loosened import loosened
from placement_solvers.slotting.meeting import meet, topped_up
from placement_solvers.solution import Solution
from placement_solvers.stop import MaxIterations
from placement_solvers.validation import validate
from tests.builders import ProblemBuilder
from tests.strategies import problems

PATTERNS = ColumnGeneration(ColumnGenerationParameters(num_workers=1, repeatable=True, max_rounds=1))


def dealt(problem: Problem) -> Solution:
    begun = left_as_it_was(problem)
    watch = Watch(MaxIterations(200), begun, cost_of(problem, begun))
    pack_and_deal(problem, PATTERNS, MaxIterations(200), watch, seed=1)
    return watch.solution


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(gangs=False, start=False))
def test_places_are_dealt_by_all_rules(problem: Problem) -> None:
    assert violations(problem, dealt(problem)) == []


def test_diverse_pods_come_near_the_bound() -> None:
    """Company, spreads and pods that keep apart, where greedy alone pays a tenth more."""
    problem = diverse_pods(600, 30, 1)
    bound = lower_bound(problem)
    simple = gather(problem)
    assert simple is not None

    cost = cost_of(problem, dealt(problem))

    assert bound <= cost < cost_of(problem, simple)


def test_nothing_is_packed_once_the_time_is_over() -> None:
    problem = diverse_pods(600, 30, 1)
    begun = left_as_it_was(problem)
    watch = Watch(MaxIterations(0), begun, cost_of(problem, begun))

    pack_and_deal(problem, PATTERNS, MaxIterations(200), watch, seed=1)

    assert watch.solution is begun


def test_bins_in_which_company_met_are_filled_with_those_whom_rules_bind_least() -> None:
    problem = diverse_pods(600, 30, 1)
    met = meet(problem)
    turn = np.zeros(problem.num_classes, dtype=np.int64)
    turn[problem.spreads.class_] = 1

    filled = topped_up(problem, met, turn)

    assert violations(problem, filled) == []
    assert set(filled.bin_of[filled.placed]) == set(met.bin_of[met.placed])
    assert (filled.bin_of[met.placed] == met.bin_of[met.placed]).all()
    assert filled.placed.sum() > met.placed.sum()


def test_those_who_seek_company_meet_with_few_others() -> None:
    problem = diverse_pods(600, 30, 1)
    met = meet(problem)
    seekers = np.unique(problem.attractions.class_)

    assert violations(problem, met) == []
    assert met.placed.any()
    assert met.placed[~np.isin(problem.class_of, seekers)].sum() == 0


def test_what_is_spread_over_zones_gets_a_share_of_each() -> None:
    """Two zones and six items that are spread, so that three go to each."""
    build = ProblemBuilder(capacity=[[3]] * 6)
    zones = build.topology([0, 0, 0, 1, 1, 1])
    class_ = build.items(6, demand=[1])
    group = build.group(zones, [class_])
    build.spread(class_, group)
    problem = build.problem()

    left = loosened(problem, Solution.nothing_placed(6))

    assert left is not None
    validate(left.problem)
    assert np.bincount(left.problem.class_of).tolist() == [3, 3]
    columns = left.problem.eligible[:, left.problem.bin_signature]
    assert columns.tolist() == [[True] * 3 + [False] * 3, [False] * 3 + [True] * 3]
    assert len(set(left.slot.tolist())) == 1


def test_nothing_is_packed_where_nothing_is_left() -> None:
    problem = ProblemBuilder(capacity=[[3]]).problem()

    assert loosened(problem, Solution.nothing_placed(0)) is None
