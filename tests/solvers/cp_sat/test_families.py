"""One case counted by hand for each family of constraints and costs."""

from __future__ import annotations

import pytest

from placement_datasets.clusters import gang_deadlock
from placement_solvers.cp_sat import CpSat, CpSatParameters
from placement_solvers.feasibility import violations
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.result import Result, Status
from placement_solvers.stop import MaxIterations, MaxRuntime
from tests.builders import ProblemBuilder


def solve(problem: Problem) -> Result:
    result = CpSat(CpSatParameters(num_workers=1)).solve(problem, MaxRuntime(60))
    assert violations(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    assert result.lower_bound == result.cost
    return result


def test_fills_two_bins_where_first_fit_needs_three() -> None:
    # 6 + 4 and 5 + 5 fill two bins of 10; first fit in this order opens a third for a 5.
    build = ProblemBuilder(capacity=[[10], [10], [10]])
    for demand in (4, 5, 5, 6):
        build.items(1, demand=[demand])
    assert solve(build.problem()).cost == (0, 2)


def test_counts_every_resource_of_a_bin() -> None:
    # Either resource alone would let two items in.
    build = ProblemBuilder(capacity=[[10, 1], [1, 10], [4, 4]])
    build.items(3, demand=[2, 2])
    assert solve(build.problem()).cost == (1, 1)


def test_lets_items_that_demand_nothing_into_an_overfull_bin() -> None:
    build = ProblemBuilder(capacity=[[-3]])
    build.items(2, demand=[0])
    build.items(1, demand=[1])
    assert solve(build.problem()).cost == (1, 1)


def test_keeps_to_signature_and_pin() -> None:
    build = ProblemBuilder(capacity=[[1], [2], [3]])
    build.items(3, demand=[1], eligible=[0, 1])
    build.items(2, demand=[2], pinned_to=2)
    result = solve(build.problem())
    assert result.cost == (1, 3)


def test_places_no_more_of_a_group_than_its_limit_allows() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(5, demand=[1])
    build.limit(web, build.group(build.each_bin(), [web], initial=[1, 0]), at_most=2)
    assert solve(build.problem()).cost == (2, 2)


def test_keeps_apart_what_excludes_each_other() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    cat, dog = build.items(2, demand=[1]), build.items(2, demand=[1])
    hosts = build.each_bin()
    build.limit(cat, build.group(hosts, [dog]))
    build.limit(dog, build.group(hosts, [cat]))
    result = solve(build.problem())
    assert result.cost == (0, 2)
    bins = result.solution.bin_of
    assert {*bins[:2].tolist()}.isdisjoint(bins[2:].tolist())


def test_lets_the_one_that_minds_go_first_where_only_one_minds() -> None:
    build = ProblemBuilder(capacity=[[9]])
    cat, dog = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.limit(cat, build.group(build.each_bin(), [dog]))
    result = solve(build.problem())
    assert result.cost == (0, 1)
    assert result.solution.sequence.tolist() == [0, 1]


def test_sees_that_three_cannot_each_go_before_the_next() -> None:
    # a before b, b before c, c before a: no order, so one of them stays out of the only bin.
    build = ProblemBuilder(capacity=[[9]])
    hosts = build.each_bin()
    ring = [build.items(1, demand=[1]) for _ in range(3)]
    for number, class_ in enumerate(ring):
        build.limit(class_, build.group(hosts, [ring[(number + 1) % 3]]))
    assert solve(build.problem()).cost == (1, 1)


def test_follows_those_it_is_attracted_to() -> None:
    # The cache fits only into zone 1, so the web must go there too, though zone 0 is in use and free.
    build = ProblemBuilder(capacity=[[9], [9], [9]], in_use=[True, False, False])
    web, cache = build.items(2, demand=[1]), build.items(1, demand=[1], eligible=[1])
    build.attract(web, build.group(build.topology([0, 1, 1]), [cache]))
    result = solve(build.problem())
    assert result.cost == (0, 1)
    assert result.solution.bin_of.tolist() == [1, 1, 1]


def test_starts_a_group_in_one_domain_only() -> None:
    # Three fit into zone 0, two into zone 1: a second start is not allowed, so the other two stay out.
    build = ProblemBuilder(capacity=[[3], [2]])
    web = build.items(5, demand=[1])
    build.attract(web, build.group(build.each_bin(), [web]), self_starting=True)
    assert solve(build.problem()).cost == (2, 1)


def test_places_nothing_that_waits_for_each_other_in_a_circle() -> None:
    build = ProblemBuilder(capacity=[[9]])
    hosts = build.each_bin()
    hen, egg = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.attract(hen, build.group(hosts, [egg]))
    build.attract(egg, build.group(hosts, [hen]))
    assert solve(build.problem()).cost == (2, 0)


def test_spreads_over_zones_as_evenly_as_asked() -> None:
    # Zone 1 takes one item; with a skew of 1 no other zone may hold more than two.
    build = ProblemBuilder(capacity=[[9], [1], [9]])
    web = build.items(9, demand=[1])
    build.spread(web, build.group(build.each_bin(), [web]), max_skew=1)
    assert solve(build.problem()).cost == (4, 3)


def test_counts_from_zero_while_there_are_fewer_domains_than_asked() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(4, demand=[1])
    build.spread(web, build.group(build.each_bin(), [web]), max_skew=1, min_domains=3)
    assert solve(build.problem()).cost == (2, 2)


def test_puts_a_gang_in_whole_or_not_at_all() -> None:
    # Six units of room: the gang of four or one of the gangs of three, which are worth less together.
    build = ProblemBuilder(capacity=[[3], [3]])
    large, small = build.gang(at_least=4), build.gang(at_least=3)
    build.items(4, demand=[1], gang=large)
    build.items(3, demand=[1], gang=small)
    result = solve(build.problem())
    assert result.cost[0] == 3
    assert result.solution.bin_of[4:].tolist() == [NOWHERE] * 3


def test_keeps_a_gang_within_one_domain_of_its_topology() -> None:
    # Room for four in all, but no rack holds three.
    build = ProblemBuilder(capacity=[[1], [1], [1], [1]])
    gang = build.gang(at_least=3, topology=build.topology([0, 0, 1, 1]))
    build.items(3, demand=[1], gang=gang)
    assert solve(build.problem()).cost == (3, 0)


def test_untangles_two_gangs_that_each_could_hold_half_the_room() -> None:
    # Only large items fit the large bin's shape; placed in order of arrival the gangs block one another.
    build = ProblemBuilder(capacity=[[4], [2]])
    first, second = build.gang(at_least=2), build.gang(at_least=2)
    build.items(2, demand=[1], gang=first)
    build.items(2, demand=[2], gang=second)
    assert solve(build.problem()).cost == (0, 2)


def test_leaves_a_gang_as_it_was_though_too_few_are_in() -> None:
    build = ProblemBuilder(capacity=[[2]])
    gang = build.gang(at_least=3)
    build.items(2, demand=[1], gang=gang, start=[0, 0])
    assert solve(build.problem()).cost == (0, 1)


def test_evicts_the_fewest_for_one_that_counts_more() -> None:
    # The important item needs 3 of bin 0 (one eviction) or of bin 1 (two); nothing may move.
    build = ProblemBuilder(capacity=[[4], [4]], in_use=[True, True])
    vital = build.items(1, demand=[3])
    large = build.items(1, demand=[3], start=[0], movable=False)
    small = build.items(2, demand=[2], start=[1, 1], movable=False)
    build.tier("unplaced, important", unplaced=[1, 0, 0])
    build.tier("evicted", unplaced=[0, 1, 1])
    result = solve(build.problem())
    assert (vital, large, small) == (0, 1, 2)
    assert result.cost == (0, 1)
    assert result.solution.bin_of.tolist() == [0, NOWHERE, 1, 1]


def test_moves_rather_than_evicts_where_it_may() -> None:
    build = ProblemBuilder(capacity=[[4], [3]], in_use=[True, True])
    build.items(1, demand=[4])
    build.items(1, demand=[3], start=[0])
    build.tier("unplaced", unplaced=[1, 1])
    build.tier("moved", moved=[0, 5])
    result = solve(build.problem())
    assert result.cost == (0, 5)
    assert result.solution.bin_of.tolist() == [0, 1]


def test_fills_a_hole_with_a_waiting_item_before_it_moves_a_running_one() -> None:
    build = ProblemBuilder(capacity=[[1], [1]], in_use=[True, True])
    build.items(2, demand=[1], start=[0])
    build.tier("unplaced", unplaced=1)
    build.tier("moved", moved=1)
    assert solve(build.problem()).cost == (0, 0)


def test_prefers_the_cheaper_of_two_bins() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(2, demand=[2])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[7, 5])
    assert solve(build.problem()).cost == (0, 5)


def test_weighs_where_an_item_lies() -> None:
    build = ProblemBuilder(capacity=[[1], [1], [1]])
    build.items(2, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("placed", placed=[[4, -1, 2]])
    assert solve(build.problem()).cost == (0, 1)


@pytest.mark.parametrize(("weight", "cost"), [(-1, -2), (1, 0)])
def test_pays_for_company_and_not_for_oneself(weight: int, cost: int) -> None:
    # Two together pay for each other, twice the weight; apart they pay nothing.
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(2, demand=[1])
    alone = build.group(build.each_bin(), [web])
    build.tier("unplaced", unplaced=1)
    build.tier("company", pairs=[(web, alone, weight)])
    assert solve(build.problem()).cost == (0, cost)


def test_pays_for_each_item_outside_a_range() -> None:
    # Five items over two zones that should hold one to two each: one item too many somewhere.
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(5, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("range", ranges=[(build.group(build.each_bin(), [web]), 1, 2, 3)])
    assert solve(build.problem()).cost == (0, 3)


def test_pays_for_skew_beyond_the_allowed() -> None:
    # Three fit into one zone and one into the other: a skew of 2, one of it allowed.
    build = ProblemBuilder(capacity=[[3], [1]])
    web = build.items(4, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("skew", skews=[(build.group(build.each_bin(), [web]), 1, 4)])
    assert solve(build.problem()).cost == (0, 4)


def test_never_trades_an_earlier_tier_for_a_later_one() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(2, demand=[2])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=1_000_000)
    assert solve(build.problem()).cost == (0, 2_000_000)


def test_pays_for_load_above_target_bin_by_bin() -> None:
    # Seven units over two bins with targets 3 and 2: two are above, wherever they lie; on one bin alone four would be.
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(7, demand=[1])
    build.target([[3], [2]])
    build.tier("unplaced", unplaced=1)
    build.tier("load", over_target=[10])
    build.tier("bins", open=1)
    assert solve(build.problem()).cost == (0, 20, 2)


def test_prices_the_step_across_a_target_that_no_number_of_items_meets() -> None:
    # Items of 4 on targets of 6: the first of a bin is free, the second pays 2 of its 4, a third all 4.
    build = ProblemBuilder(capacity=[[12], [12]])
    build.items(5, demand=[4])
    build.target([[6], [6]])
    build.tier("unplaced", unplaced=1)
    build.tier("load", over_target=[1])
    assert solve(build.problem()).cost == (0, 8)


def test_pays_for_bins_whose_free_amounts_are_out_of_ratio() -> None:
    # Three of the second resource should be free for each one of the first: empty, 4 to 12 is balanced. The item
    # that takes (1, 4) leaves 3 to 8, one short; with the one that takes (1, 2), 2 to 6: nothing is short.
    build = ProblemBuilder(capacity=[[4, 12], [4, 12]])
    build.items(1, demand=[1, 4])
    build.items(1, demand=[1, 2])
    build.tier("unplaced", unplaced=1)
    build.tier("balance", balances=[(0, 1, 3, 5)])
    assert solve(build.problem()).cost == (0, 0)


def test_keeps_a_group_as_broad_as_asked_once_it_is_touched() -> None:
    # Both would be cheapest on the free bin, but one zone must not hold all of them.
    build = ProblemBuilder(capacity=[[2], [2], [2]], in_use=[False, False, True])
    web = build.items(2, demand=[1], start=[0, 1])
    build.breadth(build.group(build.topology([0, 1, 1]), [web]), at_least=2)
    build.tier("unplaced", unplaced=1)
    build.tier("bins", open=1)
    assert solve(build.problem()).cost == (0, 1)


def test_leaves_a_group_alone_that_was_never_broad() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    web = build.items(2, demand=[1], start=[0, 0], movable=False)
    build.breadth(build.group(build.each_bin(), [web]), at_least=2)
    assert solve(build.problem()).cost == (0, 1)


def test_moves_what_depends_on_each_other_together() -> None:
    # The cheap bin has room for the front or the store; apart they may not be, together they fit only where they are.
    build = ProblemBuilder(capacity=[[2], [1]])
    front, store = build.items(1, demand=[1], start=[0]), build.items(1, demand=[1], start=[0])
    host = build.each_bin()
    build.depend(build.group(host, [front]), build.group(host, [store]))
    build.tier("unplaced", unplaced=1)
    build.tier("place", placed=[[5, 0], [0, 5]])
    assert solve(build.problem()).cost == (0, 5)


def test_keeps_room_where_a_moved_item_holds_what_is_transient() -> None:
    # The two would change places, but each stays on its old bin's disk until it is done.
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(1, demand=[2], start=[0])
    build.items(1, demand=[2], start=[1])
    build.transient([True])
    build.tier("unplaced", unplaced=1)
    build.tier("place", placed=[[1, 0], [0, 1]])
    assert solve(build.problem()).cost == (0, 2)


def test_pays_for_moves_by_where_they_begin_and_end() -> None:
    # Two alike items in bins 0 and 1 must make room in each: 0 to 2 and 1 to 3 cost 1 + 1, crosswise 9 + 9.
    build = ProblemBuilder(capacity=[[0], [0], [1], [1]])
    build.items(2, demand=[1], start=[0, 1])
    build.tier("unplaced", unplaced=1)
    build.tier("place", placed=[[1, 1, 0, 0]])
    build.tier("moves", moved_between=[[0, 0, 1, 9], [0, 0, 9, 1], [0] * 4, [0] * 4])
    result = solve(build.problem())
    assert result.cost == (0, 0, 2)
    assert result.solution.bin_of.tolist() == [2, 3]


def test_shares_moves_out_between_sets_of_classes() -> None:
    # Two of the four must leave the full bin: one of each set.
    build = ProblemBuilder(capacity=[[2], [4]])
    first, second = (build.items(2, demand=[1], start=[0, 0]) for _ in range(2))
    build.tier("unplaced", unplaced=1)
    build.tier("load", over_target=[1])
    build.target([[2], [4]])
    sets = [0, 0]
    sets[second] = 1
    build.tier("most moved", most_moved=(sets, 7))
    assert first == 0
    assert solve(build.problem()).cost == (0, 0, 7)


def test_brings_a_gang_to_where_it_has_begun() -> None:
    # Zone 1 has room for both and for a begun gang's third; zone 0 has more, but the others are in zone 1.
    build = ProblemBuilder(capacity=[[9], [2], [1]])
    build.items(3, demand=[1], gang=build.gang(2, build.topology([0, 1, 1]), begun_in=1))
    result = solve(build.problem())
    assert sorted(result.solution.bin_of.tolist()) == [1, 1, 2]


def test_leaves_a_gang_out_where_what_it_has_begun_in_is_full() -> None:
    build = ProblemBuilder(capacity=[[9], [1]])
    build.items(2, demand=[1], gang=build.gang(2, build.each_bin(), begun_in=1))
    assert solve(build.problem()).cost == (2, 0)


def test_proves_with_little_work_which_gangs_cannot_all_go_in() -> None:
    # Nine of five on eight bins of eight: one gang stays out, and the proof is a matter of four booleans.
    result = CpSat(CpSatParameters(num_workers=1, repeatable=True, deterministic_time=1.0)).solve(
        gang_deadlock(8, 4, seed=3, solvable=False), MaxIterations(1_000)
    )
    assert (result.status, result.cost) == (Status.OPTIMAL, (4,))
