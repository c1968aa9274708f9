from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from placement_datasets import files, tianchi2018
from placement_datasets.errors import FormatError, UnknownInstanceError
from placement_datasets.tianchi2018 import TIMES, UNIT
from placement_datasets.tianchi2018_evaluator import evaluate
from placement_solvers.feasibility import violations
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from placement_solvers.validation import validate
from tests.datasets.published import published


def curve(value, peak=None):
    return "|".join([str(value)] * (TIMES - 1) + [str(value if peak is None else peak)])


TABLES = {
    "apps": "".join(
        [
            f"x,{curve(2)},{curve(1)},40,0,0,0\n",
            f"y,{curve(1, 3.5)},{curve(4)},60,1,0,1\n",
            f"z,{curve(0.5)},{curve(1)},60,0,0,0\n",
        ]
    ),
    "interference": "x,x,1\nx,y,0\ny,z,1\nz,z,2\n",
    "machines": "m1,4,8,200,1,1,1\nm2,8,16,200,2,1,1\n",
    "deployment": "i1,x,m1\ni2,x,\ni3,y,m2\ni4,z,m2\ni5,z,\n",
}


def read(folder, **changes):
    paths = {}
    for name, text in {**TABLES, **changes}.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text)
    return tianchi2018.read(**paths, name="prelim")


@pytest.fixture
def small(tmp_path):
    return read(tmp_path)


def test_reads_curves_rules_and_where_instances_run(small):
    assert small.apps == ("x", "y", "z")
    assert small.cpu[:, [0, -1]].tolist() == [[2 * UNIT, 2 * UNIT], [UNIT, 3_500_000], [500_000, 500_000]]
    assert small.memory[:, 5].tolist() == [UNIT, 4 * UNIT, UNIT]
    assert small.other[1].tolist() == [60 * UNIT, UNIT, 0, UNIT]
    assert small.interference.tolist() == [[0, 0, 1], [0, 1, 0], [1, 2, 1], [2, 2, 2]]
    assert small.room[1].tolist() == [8 * UNIT, 16 * UNIT, 200 * UNIT, 2 * UNIT, UNIT, UNIT]
    assert small.app_of.tolist() == [0, 0, 1, 2, 2]
    assert small.deployed.tolist() == [0, -1, 1, 1, -1]


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("apps", TABLES["apps"].replace("0.5|", ""), "apps.csv:3: expected a curve of 98 values, found 1"),
        ("apps", TABLES["apps"].replace("3.5", "a"), "could not convert string to float: 'a'"),
        ("machines", "m1,4,8,200,1,1\n", "machines.csv:1: expected 7 values, found 6"),
        ("deployment", "i1,w,m1\n", "no application or machine 'w'"),
        ("deployment", "i1,x,m9\n", "no application or machine 'm9'"),
        ("interference", "x,w,0\n", "no application or machine 'w'"),
    ],
)
def test_says_which_table_is_wrong(tmp_path, table, text, message):
    with pytest.raises(FormatError, match=message):
        read(tmp_path, **{table: text})


def test_the_score_is_the_mean_of_the_exponential_of_what_is_above_half(small):
    found = evaluate(small, [1, 1, 0, 0, 1])

    on_m1 = (97 * 1 + 1 + 10 * (math.exp(4 / 4 - 0.5) - 1)) / 98
    on_m2 = 1 + 10 * (math.exp(4.5 / 8 - 0.5) - 1)
    assert found.violations == ()
    assert found.score == pytest.approx(on_m1 + on_m2)


def test_the_final_counts_the_instances_on_a_machine_in(small):
    found = evaluate(replace(small, name="semifinal_x"), [1, 1, 0, 0, 1])

    on_m1 = (97 * 1 + 1 + 3 * (math.exp(4 / 4 - 0.5) - 1)) / 98
    assert found.score == pytest.approx(on_m1 + 1 + 4 * (math.exp(4.5 / 8 - 0.5) - 1))


@pytest.mark.parametrize(
    ("machine_of", "rule"),
    [
        ([0, 1, 0, 1, 1], "CPU: m1 uses 5500000 at time 97, of 4000000"),
        ([1, 1, 1, 0, 0], "interference: m2 runs 1 of y beside x, of 0"),
        ([0, 0, 1, 1, 1], "interference: m2 runs 2 of z beside y, of 1"),
    ],
)
def test_names_the_rule_that_is_broken(small, machine_of, rule):
    assert rule in evaluate(small, machine_of).violations


def test_at_most_one_more_than_k_of_an_application(tmp_path):
    small = read(tmp_path, interference="x,x,0\n")

    assert evaluate(small, [1, 1, 0, 0, 1]).violations == ("interference: m2 runs 2 of x beside x, of 0",)


@pytest.mark.parametrize("seed", range(10))
def test_the_problem_is_never_looser_than_the_rules(tmp_path, seed):
    rng = np.random.default_rng(seed)
    rules = "".join(f"{a},{b},{rng.integers(0, 3)}\n" for a in "xyz" for b in "xyz" if rng.random() < 0.5)
    deployment = "".join(f"i{item},{'xyz'[item % 3]},\n" for item in range(5))
    machines = "".join(f"m{machine},40,80,900,9,9,9\n" for machine in range(5))
    small = read(tmp_path, interference=rules, deployment=deployment, machines=machines)
    problem = tianchi2018.problem(small)
    validate(problem)

    allowed = 0
    for machine_of in [np.arange(5, dtype=np.int32), *rng.integers(0, 5, (60, 5), dtype=np.int32)]:
        solution = Solution(machine_of, np.arange(5, dtype=np.int32))
        if not violations(problem, solution):
            assert evaluate(small, machine_of.tolist()).feasible
            allowed += 1
    assert allowed


def test_the_cost_is_near_the_score(small):
    problem = tianchi2018.problem(small)
    solution = Solution(np.array([1, 1, 0, 0, 1], dtype=np.int32), np.arange(5, dtype=np.int32))

    unplaced, cost = cost_of(problem, solution)
    assert unplaced == 0
    assert cost / tianchi2018.MACHINE_COST == pytest.approx(evaluate(small, [1, 1, 0, 0, 1]).score, rel=0.02)


def test_solutions_survive_writing_and_reading(small, tmp_path):
    path = tmp_path / "solution.csv"

    tianchi2018.write_solution(path, np.array([1, -1, 0, 0, 1]), small)

    assert path.read_text().splitlines()[:2] == ["i1,m2", "i2,"]
    assert tianchi2018.read_solution(path, small).tolist() == [1, -1, 0, 0, 1]


@published
def test_the_published_solution_scores_what_its_name_says():
    instance = tianchi2018.load("prelim_b")
    solution = files.root() / "tianchi2018" / "prelim_b" / "solution_6090.336.csv.xz"

    found = evaluate(instance, tianchi2018.read_solution(solution, instance).tolist())

    assert found.feasible
    assert found.score == pytest.approx(6090.336, abs=5e-4)


@published
def test_says_which_instances_there_are():
    with pytest.raises(UnknownInstanceError, match="expected one of prelim_b, prelim_b_new, semifinal_a"):
        tianchi2018.load("prelim_a")


def test_the_final_prices_load_by_how_many_instances_a_machine_of_the_size_holds(small):
    final = replace(small, name="semifinal_x")
    most = np.array([tianchi2018.problem(one).tiers[1].over_target.max() for one in (small, final)])
    sizes = np.unique(small.room[:, 0])
    factors = 1 + len(small.app_of) * sizes / small.room[:, 0].sum()

    assert most[1] / most[0] == pytest.approx((factors / sizes).max() / (10 / sizes).max(), rel=1e-3)
