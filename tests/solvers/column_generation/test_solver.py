from __future__ import annotations

import numpy as np
import pytest

from placement_datasets.packing import RAW, packing
from placement_solvers.column_generation import ColumnGeneration, ColumnGenerationParameters
from placement_solvers.column_generation.exact_pricing import BestPattern, ExactPricer
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.objective import gap
from placement_solvers.result import Status
from placement_solvers.stop import MaxRuntime
from tests.builders import ProblemBuilder

SOLVER = ColumnGeneration(ColumnGenerationParameters(num_workers=1, repeatable=True))
ENOUGH = MaxRuntime(20)


def test_fills_two_bins_that_first_fit_cannot_fill() -> None:
    build = ProblemBuilder(capacity=[[10], [10], [10]])
    build.items(2, demand=[4])
    build.items(4, demand=[3])

    result = SOLVER.solve(build.problem(), ENOUGH)

    assert result.cost == (0, 2)
    assert result.status is Status.OPTIMAL


def test_weighs_prices_against_room() -> None:
    build = ProblemBuilder(capacity=[[8], [8], [3], [3], [3]])
    build.items(3, demand=[3])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[10, 10, 4, 4, 4])

    result = SOLVER.solve(build.problem(), ENOUGH)

    assert result.cost == (0, 12)
    assert result.status is Status.OPTIMAL


def test_keeps_two_classes_that_exclude_each_other_apart() -> None:
    build = ProblemBuilder(capacity=[[4], [4], [4]])
    cat, dog = build.items(2, demand=[1]), build.items(2, demand=[1])
    host = build.each_bin()
    cats, dogs = build.group(host, [cat]), build.group(host, [dog])
    build.limit(cat, dogs)
    build.limit(dog, cats)
    problem = build.problem()

    result = SOLVER.solve(problem, ENOUGH)

    assert violations(problem, result.solution) == []
    assert result.cost == (0, 2)
    assert result.status is Status.OPTIMAL


def test_shares_a_limit_among_classes() -> None:
    build = ProblemBuilder(capacity=[[9]] * 4)
    first, second = build.items(3, demand=[1]), build.items(3, demand=[2])
    both = build.group(build.each_bin(), [first, second])
    build.limit(first, both, at_most=2)
    build.limit(second, both, at_most=2)
    problem = build.problem()

    result = SOLVER.solve(problem, ENOUGH)

    assert violations(problem, result.solution) == []
    assert result.cost == (0, 3)
    assert result.status is Status.OPTIMAL


def test_spreads_over_zones_although_one_bin_would_do() -> None:
    build = ProblemBuilder(capacity=[[9]] * 4)
    web = build.items(3, demand=[1])
    build.spread(web, build.group(build.topology([0, 0, 1, 1]), [web]))
    problem = build.problem()

    result = SOLVER.solve(problem, ENOUGH)

    assert violations(problem, result.solution) == []
    assert result.cost == (0, 2)


def test_leaves_out_the_cheapest_when_not_all_fit() -> None:
    build = ProblemBuilder(capacity=[[5], [5]])
    build.items(2, demand=[5])
    build.items(2, demand=[3])
    build.tier("unplaced", unplaced=[3, 2])
    build.tier("bins", open=1)

    result = SOLVER.solve(build.problem(), ENOUGH)

    assert result.cost == (4, 2)
    assert result.status is Status.OPTIMAL


def test_uses_bins_that_are_there_before_it_opens_any() -> None:
    build = ProblemBuilder(capacity=[[4], [6], [2]], in_use=[False, False, True])
    build.items(4, demand=[2])

    result = SOLVER.solve(build.problem(), ENOUGH)

    assert result.cost == (0, 1)
    assert result.solution.bin_of.tolist().count(1) == 3


def test_reserves_room_for_items_that_have_one_bin() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(1, demand=[2], pinned_to=0)
    build.items(3, demand=[2])
    problem = build.problem()

    result = SOLVER.solve(problem, ENOUGH)

    assert violations(problem, result.solution) == []
    assert result.cost == (0, 2)
    assert result.solution.bin_of[0] == 0
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize("options", [{}, {"priced": True}, {"zones": True}, {"grid": RAW}, {"num_existing": 30}])
def test_is_feasible_and_near_its_bound_on_generated_packing(options: dict[str, object]) -> None:
    problem = packing(300, 15, 2, **options)  # type: ignore[arg-type]

    result = SOLVER.solve(problem, MaxRuntime(3))

    assert violations(problem, result.solution) == []
    distance = gap(result.cost, result.lower_bound)
    assert distance is not None and distance <= 0.1


def test_packs_before_it_prices_exactly_what_may_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = packing(300, 40, 1, zones=True, grid=RAW)
    priced = []

    def too_long(*asked: object) -> BestPattern:
        priced.append(asked)
        return BestPattern(None, None)

    monkeypatch.setattr(ExactPricer, "price", too_long)
    solver = ColumnGeneration(ColumnGenerationParameters(num_workers=1, repeatable=True, first_passes=0))
    result = solver.solve(problem, lambda progress: bool(priced))

    distance = gap(result.cost, result.lower_bound)
    assert priced
    assert distance is not None and distance <= 0.1


def test_refuses_what_patterns_do_not_express() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    web = build.items(2, demand=[1])
    build.attract(web, build.group(build.each_bin(), [web]), self_starting=True)
    problem = build.problem()

    assert not SOLVER.supports(problem)
    with pytest.raises(UnsupportedProblemError, match="attraction"):
        SOLVER.solve(problem, ENOUGH)


def test_one_worker_gives_the_same_packing_again() -> None:
    problem = packing(200, 10, 4, priced=True)

    first, second = (SOLVER.solve(problem, lambda progress: progress.iterations >= 60, seed=3) for _ in range(2))

    assert np.array_equal(first.solution.bin_of, second.solution.bin_of)
    assert first.lower_bound == second.lower_bound
