"""Instances of public sets, as suites run, judge and write them; the set is made up here."""

from __future__ import annotations

import json
import lzma

import numpy as np
import pytest

from benchmarks.instances import SetInstance, described, instance_of, names_of_set
from placement_solvers.solution import Solution
from tests.datasets.miniatures import write_all


@pytest.fixture
def small(tmp_path, monkeypatch):
    computers = [
        {"id": number, "cpuPower": 4, "memory": 4, "networkBandwidth": 4, "cost": 100 + number} for number in range(2)
    ]
    processes = [
        {"id": number, "requiredCpuPower": 2, "requiredMemory": 1, "requiredNetworkBandwidth": 1, "computer": None}
        for number in range(2)
    ]
    folder = tmp_path / "cloudbalancing"
    folder.mkdir()
    body = json.dumps({"computerList": computers, "processList": processes})
    (folder / "2computers-2processes.json.xz").write_bytes(lzma.compress(body.encode()))
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))
    return SetInstance("cloudbalancing", "2computers-2processes")


@pytest.fixture
def sets(tmp_path, monkeypatch):
    write_all(tmp_path)
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))


def placed(*bins):
    bin_of = np.array(bins, dtype=np.int32)
    return Solution(bin_of, np.flatnonzero(bin_of >= 0).astype(np.int32))


def test_a_set_instance_survives_being_written_down(small):
    assert names_of_set("cloudbalancing") == [small.name]
    assert instance_of(described(small)) == small
    assert small.problem(1).num_bins == 2


def test_the_sets_own_evaluator_judges(small):
    judgement = small.judge(placed(1, 1), 1)

    assert (judgement.cost, judgement.violations, judgement.score) == ((101,), (), None)


def test_what_leaves_items_out_is_refused_where_the_set_wants_all(small):
    assert small.judge(placed(0, -1), 1).violations == ("1 items are left out",)


def test_solutions_are_written_in_the_format_of_the_set(small, tmp_path):
    small.write(tmp_path / "solution.json", placed(0, 1), 1)

    written = json.loads((tmp_path / "solution.json").read_text())
    assert [process["computer"] for process in written["processList"]] == [0, 1]
    assert written["score"] == "0hard/-201soft"


@pytest.mark.parametrize(
    ("name", "bins", "best", "optimal"), [("new-a", (0, 1, 0, 1), 2, True), ("new-b", (0, 1, 2), 3, False)]
)
def test_a_best_known_is_told_from_a_proven_optimum(sets, name, bins, best, optimal):
    judgement = SetInstance("vectorpacking", name).judge(placed(*bins), 1)

    assert (judgement.cost, judgement.best_known, judgement.optimal) == ((best,), best, optimal)


def test_a_set_may_rank_by_a_score_of_the_cost(sets):
    judgement = SetInstance("roadef2012", "a1_1").judge(placed(0, 1, 0, 2), 1)

    assert judgement.cost is not None
    assert judgement.score == pytest.approx(100 * (judgement.cost[0] - 580) / 580)


def test_where_the_set_draws_an_instance_the_seed_names_it(sets, tmp_path):
    drawn = SetInstance("openb", "default", drawn=True)
    first, again, other = (drawn.problem(seed) for seed in (42, 42, 43))

    assert instance_of(described(drawn)) == drawn
    assert first.class_of.tolist() == again.class_of.tolist()
    assert (first.num_items, first.class_of.tolist()) != (other.num_items, other.class_of.tolist())
    drawn.write(tmp_path / "solution.csv", placed(*[-1] * other.num_items), 43)
    assert (tmp_path / "solution.csv").read_text().count("\n") == 1 + other.num_items
