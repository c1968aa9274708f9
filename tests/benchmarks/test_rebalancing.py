"""The peer in an environment of its own; here its far side is a script of two lines, unless there is such a one."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.peers import rebalancing
from benchmarks.peers.rebalancing import PYTHON_VARIABLE, Rebalancer, in_its_terms
from placement_datasets import clusters, packing
from placement_datasets.shards import unbalanced_shards
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.stop import MaxRuntime

STAYS = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
asked = json.loads((folder / "asked.json").read_text())
(folder / "found.json").write_text(json.dumps({"host_of": asked["start"], "objective": asked["seconds"]}))
"""


@pytest.fixture
def shards():
    return unbalanced_shards(800, seed=1)


@pytest.fixture
def far_side(tmp_path, monkeypatch):
    def write(text):
        (tmp_path / "side.py").write_text(text)
        monkeypatch.setattr(rebalancing, "SIDE", tmp_path / "side.py")
        monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)

    return write


def test_tells_the_problem_in_its_terms(shards):
    asked = in_its_terms(shards)

    assert asked["capacity"] == shards.capacity.tolist()
    assert asked["demand"][7] == shards.demand[shards.class_of[7]].tolist()
    assert asked["start"] == shards.start.tolist()
    assert asked["over_target"] == [1, 1]
    assert asked["move"] == 50
    assert asked["service"][:11] == [0] * 10 + [1]


@pytest.mark.parametrize(
    "problem", [packing.packing(20, 4, 1), clusters.gang_deadlock(4, 3, 1), clusters.stranded_priorities(4, 4, 1.0, 1)]
)
def test_refuses_what_it_cannot_be_told(problem):
    with pytest.raises(UnsupportedProblemError):
        in_its_terms(problem)


def test_takes_what_the_far_side_found_and_counts_the_cost_itself(shards, far_side):
    far_side(STAYS)

    result = Rebalancer().solve(shards, MaxRuntime(7.9))

    assert np.array_equal(result.solution.bin_of, shards.start)
    assert result.cost == cost_of(shards, result.solution)
    assert result.statistics["its own objective"] in (6, 7)


def test_says_what_the_far_side_died_of(shards, far_side):
    far_side("raise RuntimeError('out of hosts')")

    with pytest.raises(BenchmarkError, match="rebalancer: RuntimeError: out of hosts"):
        Rebalancer().solve(shards, MaxRuntime(1))


def test_says_that_there_is_no_environment(shards, monkeypatch, tmp_path):
    monkeypatch.setenv(PYTHON_VARIABLE, str(tmp_path / "python"))

    with pytest.raises(BenchmarkError, match="no such interpreter; `make rebalancer` installs Rebalancer"):
        Rebalancer().solve(shards, MaxRuntime(1))


@pytest.mark.skipif(
    PYTHON_VARIABLE not in os.environ and not rebalancing.USUAL_PYTHON.exists(),
    reason="there is no Rebalancer: `make rebalancer` installs it",
)
def test_the_real_one_improves_the_cost_and_means_the_same_by_it(shards):
    result = Rebalancer().solve(shards, MaxRuntime(3), seed=1)

    assert violations(shards, result.solution) == []
    assert result.cost[-1] < cost_of(shards, type(result.solution)(shards.start, result.solution.sequence))[-1]
    assert result.statistics["its own objective"] == pytest.approx(result.cost[-1])
