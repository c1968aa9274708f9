from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

from placement_solvers.errors import InvalidProblemError, InvalidSolutionError, UnsupportedProblemError
from placement_solvers.feasibility import Replay, violations
from placement_solvers.greedy import Greedy, GreedyParameters, Order, Score
from placement_solvers.problem import NOWHERE, Breadths, Problem
from placement_solvers.result import Result, StopReason
from placement_solvers.stop import Interruptible, MaxIterations, MaxRuntime
from tests.builders import ProblemBuilder, solution
from tests.solvers.greedy.reference import PlainGreedy
from tests.strategies import problems

UNTIL_DONE = MaxIterations(10**9)


def solve(build: ProblemBuilder, **parameters: object) -> Result:
    problem = build.problem()
    result = Greedy(GreedyParameters(**parameters)).solve(problem, UNTIL_DONE)  # type: ignore[arg-type]
    assert violations(problem, result.solution) == []
    return result


def bins(result: Result) -> list[int]:
    return [int(bin_) for bin_ in result.solution.bin_of]


@pytest.mark.parametrize("score", list(Score))
@settings(max_examples=150, deadline=None)
@given(problem=problems(gangs=False, start=False))
def test_answers_as_a_scan(score: Score, problem: Problem) -> None:
    result = Greedy(GreedyParameters(order=Order.ARRIVAL, score=score)).solve(problem, UNTIL_DONE)
    plain = PlainGreedy(problem, score)
    waiting = np.argsort(-problem.class_priority[problem.class_of], kind="stable").tolist()
    expected = []
    before = -1
    while len(expected) != before:
        before = len(expected)
        for item in list(waiting):
            class_ = int(problem.class_of[item])
            bin_ = plain.best_bin(class_)
            if bin_ != NOWHERE:
                plain.enter(class_, bin_)
                expected.append((item, bin_))
                waiting.remove(item)
    assert [(int(item), int(result.solution.bin_of[item])) for item in result.solution.sequence] == expected


@settings(max_examples=200, deadline=None)
@given(problem=problems(gangs=False, whole=False))
def test_leaves_nothing_out_that_would_fit(problem: Problem) -> None:
    result = Greedy().solve(problem, UNTIL_DONE)
    replay = Replay(problem)
    for item in result.solution.sequence:
        replay.enter(int(problem.class_of[item]), int(result.solution.bin_of[item]))
    started = problem.start if len(problem.start) else np.full(problem.num_items, NOWHERE)
    for item in np.flatnonzero(~result.solution.placed):
        assert started[item] == NOWHERE
        class_ = int(problem.class_of[item])
        assert all(replay.refusal(class_, bin_) is not None for bin_ in range(problem.num_bins))


def test_places_by_priority_then_as_they_came() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    low = build.items(1, demand=[1], priority=0)
    build.items(2, demand=[1], priority=5)
    build.more_items(low, 1)
    assert bins(solve(build, order=Order.ARRIVAL)) == [-1, 0, 1, -1]


def test_places_classes_that_must_spread_before_large_ones() -> None:
    build = ProblemBuilder(capacity=[[4], [4], [4]])
    build.items(3, demand=[3])
    apart = build.items(3, demand=[1])
    build.limit(apart, build.group(build.each_bin(), [apart]))
    assert solve(build, order=Order.SIZE).solution.sequence.tolist()[:3] == [3, 4, 5]


def test_places_large_items_before_small_ones() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(4, demand=[1])
    build.items(2, demand=[2])
    result = solve(build, order=Order.SIZE)
    assert result.solution.sequence.tolist()[:2] == [4, 5]
    assert result.cost == (0, 2)


def test_mixes_classes_in_proportion() -> None:
    build = ProblemBuilder(capacity=[[9, 9]])
    build.items(4, demand=[1, 0])
    build.items(2, demand=[0, 1])
    build.items(1, demand=[0, 0], priority=1)
    assert solve(build, order=Order.INTERLEAVED).solution.sequence.tolist() == [6, 0, 4, 1, 2, 5, 3]


def test_asks_again_once_an_attraction_is_met() -> None:
    build = ProblemBuilder(capacity=[[9]])
    follower, leader = build.items(2, demand=[1], priority=1), build.items(1, demand=[1])
    build.attract(follower, build.group(build.each_bin(), [leader]))
    result = solve(build)
    assert bins(result) == [0, 0, 0]
    assert result.solution.sequence.tolist() == [2, 0, 1]


def test_asks_again_once_a_spread_is_levelled() -> None:
    build = ProblemBuilder(capacity=[[2], [1]])
    zone = build.topology([0, 1])
    small, large = build.items(3, demand=[1], eligible=[0], priority=1), build.items(1, demand=[1], eligible=[1])
    build.spread(small, build.group(zone, [small, large]), max_skew=1)
    assert bins(solve(build)) == [0, 0, -1, 1]


def test_starts_a_herd_once() -> None:
    build = ProblemBuilder(capacity=[[2], [2], [9]])
    herd = build.items(4, demand=[1])
    build.attract(herd, build.group(build.topology([0, 0, 1]), [herd]), self_starting=True)
    assert set(bins(solve(build))) <= {0, 1} or set(bins(solve(build))) == {2}
    assert solve(build).cost[0] == 0


def test_keeps_items_where_they_start_and_takes_their_load_off() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(1, demand=[3], start=[1], movable=False)
    build.items(1, demand=[2])
    assert bins(solve(build, score=Score.SPREAD)) == [1, 0]


def test_does_not_evict_what_starts_beyond_capacity() -> None:
    build = ProblemBuilder(capacity=[[1]])
    build.items(2, demand=[1], start=[0, 0])
    build.items(1, demand=[1])
    assert bins(solve(build)) == [0, 0, -1]


def test_places_a_gang_wholly_or_not_at_all() -> None:
    build = ProblemBuilder(capacity=[[2], [1]])
    build.items(4, demand=[1], gang=build.gang(at_least=4), priority=1)
    build.items(3, demand=[1], gang=build.gang(at_least=3))
    assert bins(solve(build)) == [-1] * 4 + [0, 0, 1]


def test_places_as_many_of_a_gang_as_will_go() -> None:
    build = ProblemBuilder(capacity=[[2], [1]])
    build.items(5, demand=[1], gang=build.gang(at_least=2))
    assert bins(solve(build)).count(-1) == 2


def test_leaves_no_trace_of_a_gang_that_did_not_go_in() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    gang = build.items(3, demand=[1], gang=build.gang(at_least=3), priority=1)
    alone = build.items(2, demand=[1])
    hosts = build.each_bin()
    build.limit(gang, build.group(hosts, [gang]))
    build.limit(alone, build.group(hosts, [gang, alone]))
    assert bins(solve(build)) == [-1, -1, -1, 0, 1]


def test_finds_the_one_domain_that_takes_a_gang() -> None:
    build = ProblemBuilder(capacity=[[3], [2], [2], [2], [9]])
    build.items(4, demand=[1], gang=build.gang(at_least=4, topology=build.topology([0, 1, 2, 2, -1])))
    assert sorted(bins(solve(build))) == [2, 2, 3, 3]


def test_brings_a_gang_to_where_it_has_begun() -> None:
    build = ProblemBuilder(capacity=[[9], [2], [1]])
    gang = build.gang(at_least=3, topology=build.topology([0, 1, 1]), begun_in=1)
    build.items(3, demand=[1], gang=gang)
    build.items(9, demand=[1])
    assert set(bins(solve(build))[:3]) == {1, 2}


def test_takes_back_a_gang_that_does_not_fit_where_it_has_begun() -> None:
    build = ProblemBuilder(capacity=[[9], [2]])
    build.items(3, demand=[1], gang=build.gang(at_least=3, topology=build.each_bin(), begun_in=1))
    build.items(2, demand=[5])
    assert bins(solve(build)) == [-1, -1, -1, 0, -1]


def test_takes_the_domain_with_room_for_most_of_a_gang() -> None:
    build = ProblemBuilder(capacity=[[1], [3], [2]])
    build.items(5, demand=[1], gang=build.gang(at_least=1, topology=build.topology([0, 1, 2])))
    assert bins(solve(build)).count(1) == 3


def test_puts_a_gang_with_one_bin_for_domain_in_one_bin() -> None:
    build = ProblemBuilder(capacity=[[2], [4], [3]])
    build.items(3, demand=[1], gang=build.gang(at_least=3, topology=build.each_bin()))
    assert bins(solve(build)) == [2, 2, 2]


def test_lets_members_of_a_gang_attract_each_other() -> None:
    build = ProblemBuilder(capacity=[[9]])
    gang = build.gang(at_least=3)
    follower, leader = build.items(2, demand=[1], gang=gang, priority=1), build.items(1, demand=[1], gang=gang)
    build.attract(follower, build.group(build.each_bin(), [leader]))
    assert bins(solve(build)) == [0, 0, 0]


def test_adds_to_a_gang_that_runs_in_its_domain_only() -> None:
    build = ProblemBuilder(capacity=[[3], [9]])
    build.items(4, demand=[1], gang=build.gang(at_least=2, topology=build.topology([0, 1])), start=[0])
    assert bins(solve(build)) == [0, 0, 0, -1]


def test_goes_on_from_a_feasible_start() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(3, demand=[1])
    problem = build.problem()
    result = Greedy().solve(problem, UNTIL_DONE, start=solution([-1, 1, -1]))
    assert result.solution.bin_of.tolist()[1] == 1
    assert result.cost == (0, 2)


def test_follows_a_start_that_moves_and_evicts() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(2, demand=[2], start=[0, 1])
    build.items(1, demand=[2])
    build.tier("first", unplaced=[1, 5])
    problem = build.problem()
    start = solution([-1, 0, 1])
    result = Greedy().solve(problem, UNTIL_DONE, start=start)
    assert result.solution.bin_of.tolist() == [-1, 0, 1]
    assert violations(problem, result.solution) == []


def test_takes_what_fits_of_a_start_that_is_not_feasible() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    build.items(2, demand=[1])
    problem = build.problem()
    result = Greedy().solve(problem, UNTIL_DONE, start=solution([1, 1]))
    assert result.solution.bin_of.tolist() == [1, 0]


def test_holds_transient_resources_of_what_its_start_moves() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(1, demand=[2], start=[0])
    build.items(1, demand=[1])
    problem = dataclasses.replace(build.problem(), transient=np.array([True]))
    result = Greedy().solve(problem, UNTIL_DONE, start=solution([1, -1]))
    assert result.solution.bin_of.tolist() == [1, -1]


def test_stops_between_chunks_with_what_it_has() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(6, demand=[1])
    problem = build.problem()
    greedy = Greedy(GreedyParameters(chunk=2))
    result = greedy.solve(problem, MaxIterations(2))
    assert (result.stopped_by, result.iterations) == (StopReason.CRITERION, 2)
    assert bins(result) == [0, 0, 0, 0, -1, -1]
    interrupted = greedy.solve(problem, Interruptible(MaxRuntime(60), lambda: True))
    assert interrupted.stopped_by is StopReason.INTERRUPTED
    assert bins(interrupted) == [-1] * 6


def test_refuses_a_rule_about_the_plan_as_a_whole() -> None:
    build = ProblemBuilder(capacity=[[9]])
    web = build.items(1, demand=[1])
    group = build.group(build.each_bin(), [web])
    breadths = Breadths(np.array([group], dtype=np.int32), np.array([1], dtype=np.int32))
    with pytest.raises(UnsupportedProblemError):
        Greedy().solve(dataclasses.replace(build.problem(), breadths=breadths), UNTIL_DONE)


def test_refuses_nonsense() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(1, demand=[1])
    problem = build.problem()
    with pytest.raises(InvalidSolutionError):
        Greedy().solve(problem, UNTIL_DONE, start=solution([0, 0]))
    with pytest.raises(InvalidProblemError):
        Greedy().solve(dataclasses.replace(problem, demand=-problem.demand), UNTIL_DONE)


@pytest.mark.parametrize("wrong", [{"chunk": 0}, {"memory": 0}])
def test_refuses_parameters_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="not 0"):
        GreedyParameters(**wrong)  # type: ignore[arg-type]
