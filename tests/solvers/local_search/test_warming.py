from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_datasets import roadef2012
from placement_solvers.local_search import LocalSearch, LocalSearchParameters
from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.schedule import sample_deltas
from placement_solvers.local_search.warming import load_kernels
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder
from tests.datasets.roadef2012_instances import random_instance


def test_compiles_each_kernel_once_whatever_the_problem_asks() -> None:
    load_kernels()
    search = LocalSearch(LocalSearchParameters(proposals=100))
    build = ProblemBuilder(capacity=[[4], [4]])
    build.items(3, demand=[2])
    for problem in (roadef2012.problem(random_instance(0)), build.problem()):
        search.solve(problem, MaxIterations(2))

    assert [len(kernel.signatures) for kernel in (anneal, sample_deltas)] == [1, 1]


def test_compiles_nothing_more_for_tables_laid_out_in_columns() -> None:
    build = ProblemBuilder(capacity=[[4, 4], [4, 4]])
    build.items(3, demand=[2, 1])
    problem = build.problem()
    in_columns = replace(
        problem, eligible=np.asfortranarray(problem.eligible), capacity=np.asfortranarray(problem.capacity)
    )
    load_kernels()
    LocalSearch(LocalSearchParameters(proposals=100)).solve(in_columns, MaxIterations(2))

    assert [len(kernel.signatures) for kernel in (anneal, sample_deltas)] == [1, 1]
