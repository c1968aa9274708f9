"""A program in the making can be told to stop."""

from __future__ import annotations

import pytest

from placement_datasets.packing import packing
from placement_solvers.bounds.area import lower_bound
from placement_solvers.cp_sat import CpSatParameters
from placement_solvers.cp_sat.program import STRIDE, BuildingStoppedError, Program
from placement_solvers.cp_sat.tier_by_tier import minimise_tiers
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import Problem


def test_adding_ends_within_a_stride_of_the_word() -> None:
    told = False
    program = Program(lambda: told)
    for _ in range(5 * STRIDE + 7):
        program.boolean()
    told = True
    with pytest.raises(BuildingStoppedError):
        for _ in range(STRIDE):
            program.linear([0], [1], 0, 1)
    assert program.num_constraints < STRIDE


def begun(problem: Problem, asked: list[int], after: int) -> Watch:
    """A watch that ends the run when it was asked more often than `after` times."""

    def stop(_: object) -> bool:
        asked.append(1)
        return len(asked) > after

    first = left_as_it_was(problem)
    watch = Watch(stop, first, cost_of(problem, first))
    watch.raise_bound(lower_bound(problem))
    return watch


def test_a_run_told_to_stop_while_its_model_is_built_ends_there_with_what_it_had() -> None:
    problem = packing(num_items=4_000, num_classes=60, seed=1)
    asked: list[int] = []
    watch = begun(problem, asked, after=3)
    before = watch.cost
    assert minimise_tiers(problem, CpSatParameters(num_workers=1), watch, seed=0) == {}
    assert (len(asked), watch.iterations, watch.cost) == (4, 0, before)
