from __future__ import annotations

import pytest

from placement_solvers.objective import cost_of, gap
from tests.builders import ProblemBuilder, solution


def test_counts_what_is_left_out_and_what_is_opened() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]], in_use=[False, True, False])
    build.items(3, demand=[1])
    build.items(1, demand=[1])
    build.tier("unplaced", unplaced=[5, 7])
    build.tier("price", open=[2, 4, 8])
    assert cost_of(build.problem(), solution([0, 1, -1, -1])) == (12, 2)


def test_charges_a_move_but_neither_a_stay_nor_a_first_placement() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(4, demand=[1], start=[0, 0, 0])
    build.tier("moves", moved=3)
    assert cost_of(build.problem(), solution([0, 1, -1, 1])) == (3,)


def test_charges_by_signature() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    build.items(2, demand=[1])
    build.items(1, demand=[1])
    build.tier("taste", placed=[[1, 10], [100, -1000]])
    assert cost_of(build.problem(), solution([0, 1, 1])) == (1 + 10 - 1000,)


def test_charges_an_item_for_its_company_but_not_for_itself() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    web = build.items(3, demand=[1])
    guest = build.items(1, demand=[1])
    group = build.group(build.topology([0, 0, -1]), [web], initial=[1])
    build.tier("company", pairs=[(web, group, 2), (guest, group, -5)])
    # Domain 0 holds the initial member, two webs and the guest; the third web lies in no domain.
    assert cost_of(build.problem(), solution([0, 1, 2, 0])) == (2 * 2 + 2 * 2 - 5 * 3,)


def test_does_not_take_an_item_out_of_scope_off_its_company() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(2, demand=[1])
    group = build.group(build.topology([0, 0]), [web], scope=build.scope([0]))
    build.tier("company", pairs=[(web, group, 1)])
    # The one in bin 0 counts, for the one in bin 1 too; the one in bin 1 counts for nobody.
    assert cost_of(build.problem(), solution([0, 1])) == (1,)


def test_charges_counts_outside_of_a_range_in_eligible_domains_only() -> None:
    build = ProblemBuilder(capacity=[[9]] * 4)
    web = build.items(5, demand=[0])
    group = build.group(build.each_bin(), [web], scope=build.scope([0, 1, 2]))
    build.tier("range", ranges=[(group, 1, 2, 10)])
    assert cost_of(build.problem(), solution([0, 0, 0, 0, 1])) == (10 * (2 + 0 + 1),)


def test_charges_the_skew_beyond_what_is_allowed() -> None:
    build = ProblemBuilder(capacity=[[9]] * 3)
    web = build.items(4, demand=[0])
    group = build.group(build.each_bin(), [web], scope=build.scope([0, 1]))
    build.tier("skew", skews=[(group, 1, 10)])
    assert cost_of(build.problem(), solution([0, 0, 0, 2])) == (20,)
    assert cost_of(build.problem(), solution([0, 1, 1, 2])) == (0,)


def test_costs_nothing_without_items() -> None:
    assert cost_of(ProblemBuilder(capacity=[[1]]).problem(), solution([])) == (0, 0)
    assert cost_of(ProblemBuilder(capacity=[]).problem(), solution([])) == (0, 0)


@pytest.mark.parametrize(
    ("cost", "bound", "expected"),
    [((3, 8), (3, 6), 0.25), ((0, 5), (0, 5), 0.0), ((2, 5), (1, 9), 0.5), ((1,), None, None), ((-1,), (-4,), 0.75)],
)
def test_tells_the_gap_of_the_first_open_tier(
    cost: tuple[int, ...], bound: tuple[int, ...] | None, expected: float | None
) -> None:
    assert gap(cost, bound) == expected
