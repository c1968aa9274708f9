"""The judge believes nobody: answers made up by hand, and what is said of them."""

import msgspec
import numpy as np
import pytest

from benchmarks import judging
from benchmarks.judging import Verdict
from benchmarks.worker import Answer, Order
from placement_datasets import clusters
from placement_solvers.greedy import Greedy
from placement_solvers.stop import MaxRuntime

ARGUMENTS = {"num_bins": 20, "num_items": 10}


@pytest.fixture(scope="module")
def solved():
    return Greedy().solve(clusters.few_pods(**ARGUMENTS, seed=1), MaxRuntime(60))


@pytest.fixture
def judged(tmp_path, solved):
    def judge(file=None, **changes):
        order = Order(
            instance={"name": "few", "generator": "clusters:few_pods", "arguments": ARGUMENTS},
            solver="greedy",
            seed=1,
            time_limit=1.0,
            clock="command",
            began=0.0,
        )
        said = {
            "status": "feasible",
            "stopped_by": "finished",
            "cost": solved.cost,
            "lower_bound": None,
            "tiers": ("unplaced", "nodes"),
            "items": 10,
            "bins": 20,
            "classes": 5,
            "read_seconds": 0.1,
            "search_seconds": 0.1,
            "iterations": 1,
            "trace": (),
            "statistics": {},
        }
        bin_of = changes.pop("bin_of", solved.solution.bin_of)
        (tmp_path / "run.json").write_bytes(msgspec.json.encode(order))
        (tmp_path / "answer.json").write_bytes(msgspec.json.encode(Answer(**{**said, **changes})))
        np.savez(tmp_path / "solution.npz", bin_of=bin_of, sequence=solved.solution.sequence)
        judging.main(tmp_path, file)
        return msgspec.json.decode((tmp_path / "verdict.json").read_bytes(), type=Verdict)

    return judge


def test_an_honest_answer_passes_and_is_written_down(judged, solved, tmp_path):
    verdict = judged(tmp_path / "solutions" / "few.txt")

    assert (verdict.error, verdict.cost, verdict.unplaced) == ("", solved.cost, 0)
    assert verdict.bins_opened == solved.cost[1]
    written = (tmp_path / "solutions" / "few.txt").read_text().split()
    assert list(map(int, written)) == solved.solution.bin_of.tolist()


def test_a_broken_rule_is_named_and_nothing_is_written(judged, solved, tmp_path):
    all_in_one = np.full_like(solved.solution.bin_of, solved.solution.bin_of[0])

    verdict = judged(tmp_path / "few.txt", bin_of=all_in_one)

    assert "rules broken: item " in verdict.error
    assert verdict.cost is None
    assert not (tmp_path / "few.txt").exists()


def test_a_cost_that_the_solution_does_not_have_is_refused(judged):
    assert judged(cost=(0, 0)).error.startswith("the solver says (0, 0), the solution costs (0, ")


def test_a_bound_above_the_cost_is_refused(judged):
    assert judged(lower_bound=(0, 99)).error.startswith("the lower bound (0, 99) is above the cost")


def test_a_bound_may_not_deny_what_was_published():
    assert not judging._is_above((0, 5), 5)
    assert judging._is_above((0, 6), 5)
    assert judging._is_above((1, 0), 5)
