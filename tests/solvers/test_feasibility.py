from __future__ import annotations

from placement_solvers.feasibility import violations
from tests.builders import ProblemBuilder, solution


def test_accepts_what_fits() -> None:
    build = ProblemBuilder(capacity=[[2, 5]])
    build.items(2, demand=[1, 2])
    assert violations(build.problem(), solution([0, 0])) == []


def test_refuses_more_than_a_bin_holds() -> None:
    build = ProblemBuilder(capacity=[[2]])
    build.items(3, demand=[1])
    (found,) = violations(build.problem(), solution([0, 0, 0]))
    assert "resource 0: demand 1, free 0" in found


def test_lets_an_item_that_asks_for_nothing_into_an_overfull_bin() -> None:
    build = ProblemBuilder(capacity=[[-1, 1]])
    build.items(1, demand=[0, 1])
    build.items(1, demand=[1, 0])
    problem = build.problem()
    assert violations(problem, solution([0, -1])) == []
    assert len(violations(problem, solution([-1, 0]))) == 1


def test_refuses_a_bin_that_is_not_eligible() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(1, demand=[1], eligible=[1])
    assert "not eligible" in violations(build.problem(), solution([0]))[0]


def test_refuses_another_bin_than_the_pin() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(1, demand=[1], pinned_to=1)
    assert "pinned to bin 1" in violations(build.problem(), solution([0]))[0]
    assert violations(build.problem(), solution([1])) == []


def test_refuses_one_more_member_than_the_limit() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    web = build.items(3, demand=[1])
    build.limit(web, build.group(build.topology([0, 0, -1]), [web]), at_most=1)
    problem = build.problem()
    assert len(violations(problem, solution([0, 1, -1]))) == 1
    assert violations(problem, solution([0, 2, 2])) == []  # the last bin is in no domain


def test_asks_a_limit_only_when_an_item_enters() -> None:
    build = ProblemBuilder(capacity=[[9]])
    shy, loud = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.limit(shy, build.group(build.each_bin(), [loud]), at_most=1)
    problem = build.problem()
    assert violations(problem, solution([0, 0], sequence=[0, 1])) == []
    assert len(violations(problem, solution([0, 0], sequence=[1, 0]))) == 1


def test_counts_only_members_in_scope() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(2, demand=[1])
    build.limit(web, build.group(build.topology([0, 0]), [web], scope=build.scope([0])), at_most=1)
    problem = build.problem()
    assert violations(problem, solution([1, 0])) == []
    assert len(violations(problem, solution([0, 1]))) == 1


def test_counts_members_that_were_already_there() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(1, demand=[1])
    build.limit(web, build.group(build.each_bin(), [web], initial=[1, 0]), at_most=1)
    problem = build.problem()
    assert len(violations(problem, solution([0]))) == 1
    assert violations(problem, solution([1])) == []


def test_asks_an_attracted_item_to_follow() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    leader, follower = build.items(1, demand=[1]), build.items(1, demand=[1])
    build.attract(follower, build.group(build.topology([0, 1, -1]), [leader]))
    problem = build.problem()
    assert violations(problem, solution([0, 0])) == []
    assert len(violations(problem, solution([0, 1]))) == 1
    assert len(violations(problem, solution([0, 2]))) == 1
    assert len(violations(problem, solution([0, 0], sequence=[1, 0]))) == 1


def test_lets_the_first_of_a_kind_start_only_while_there_is_none() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    herd = build.items(2, demand=[1])
    build.attract(herd, build.group(build.each_bin(), [herd]), self_starting=True)
    problem = build.problem()
    assert violations(problem, solution([1, 1])) == []
    assert len(violations(problem, solution([0, 1]))) == 1


def test_refuses_to_start_outside_of_any_domain() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    herd = build.items(1, demand=[1])
    build.attract(herd, build.group(build.topology([0, -1]), [herd]), self_starting=True)
    assert len(violations(build.problem(), solution([1]))) == 1


def test_keeps_domains_within_the_skew() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    web = build.items(3, demand=[1])
    build.spread(web, build.group(build.topology([0, 1, -1]), [web]), max_skew=1)
    problem = build.problem()
    assert violations(problem, solution([0, 1, 0])) == []
    assert len(violations(problem, solution([0, 1, 0], sequence=[0, 2, 1]))) == 1
    assert len(violations(problem, solution([2, -1, -1]))) == 1


def test_takes_the_smallest_count_as_none_while_domains_are_missing() -> None:
    build = ProblemBuilder(capacity=[[9], [9]])
    web = build.items(3, demand=[1])
    build.spread(web, build.group(build.topology([0, 1]), [web]), max_skew=1, min_domains=3)
    assert len(violations(build.problem(), solution([0, 1, 0]))) == 1


def test_leaves_domains_out_of_scope_out_of_the_smallest_count() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    web = build.items(2, demand=[1], eligible=[0, 1])
    group = build.group(build.topology([0, 1, 2]), [web], scope=build.scope([0]))
    build.spread(web, group, max_skew=1)
    assert violations(build.problem(), solution([0, 0])) == []


def test_wants_enough_of_a_gang_or_nothing() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(3, demand=[1], gang=build.gang(at_least=2))
    problem = build.problem()
    assert violations(problem, solution([-1, -1, -1])) == []
    assert violations(problem, solution([0, 0, -1])) == []
    assert len(violations(problem, solution([0, -1, -1]))) == 1


def test_wants_a_gang_in_one_domain() -> None:
    build = ProblemBuilder(capacity=[[9], [9], [9]])
    build.items(2, demand=[1], gang=build.gang(at_least=1, topology=build.topology([0, 1, -1])))
    problem = build.problem()
    assert violations(problem, solution([0, 0])) == []
    assert len(violations(problem, solution([0, 1]))) == 1
    assert len(violations(problem, solution([2, 2]))) == 1


def test_wants_a_gang_where_it_has_begun() -> None:
    build = ProblemBuilder(capacity=[[2], [2]])
    build.items(2, demand=[1], gang=build.gang(at_least=1, topology=build.each_bin(), begun_in=1))
    problem = build.problem()
    assert violations(problem, solution([1, 1])) == []
    assert violations(problem, solution([0, 0])) == ["gang 0: its members lie in domain 0, others in 1"]


def test_never_blames_a_gang_left_as_it_was() -> None:
    build = ProblemBuilder(capacity=[[9]])
    build.items(3, demand=[1], gang=build.gang(at_least=2), start=[0])
    problem = build.problem()
    assert violations(problem, solution([0, -1, -1])) == []
    assert violations(problem, solution([0, 0, -1])) == []
    assert len(violations(problem, solution([-1, 0, -1]))) == 1


def test_never_blames_an_item_that_stays() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    web = build.items(2, demand=[1], start=[0, 0], eligible=[1])
    build.limit(web, build.group(build.each_bin(), [web]))
    assert violations(build.problem(), solution([0, 0])) == []


def test_lets_items_leave_before_others_enter() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    build.items(2, demand=[1], start=[0, 1])
    assert violations(build.problem(), solution([1, 0])) == []


def test_counts_items_that_stay_against_those_that_enter() -> None:
    build = ProblemBuilder(capacity=[[1]])
    build.items(2, demand=[1], start=[0])
    assert len(violations(build.problem(), solution([0, 0], sequence=[1, 0]))) == 1


def test_refuses_to_move_what_is_held() -> None:
    build = ProblemBuilder(capacity=[[1], [1]])
    build.items(1, demand=[1], start=[0], movable=False)
    problem = build.problem()
    assert "may not leave its start" in violations(problem, solution([1]))[0]
    assert violations(problem, solution([-1])) == []


def test_refuses_a_solution_of_another_problem() -> None:
    build = ProblemBuilder(capacity=[[1]])
    build.items(2, demand=[0])
    problem = build.problem()
    assert "expected 2 items" in violations(problem, solution([0]))[0]
    assert "bins from -1 to 0" in violations(problem, solution([0, 1]))[0]
    assert "each placed item once" in violations(problem, solution([0, 0], sequence=[0, 0]))[0]
