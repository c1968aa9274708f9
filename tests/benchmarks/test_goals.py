"""Goals of suites are judged by rules, from the runs that the suite asks for."""

from __future__ import annotations

import pytest

from benchmarks import goals, page, suite
from benchmarks.errors import SuiteError
from benchmarks.goals import Goal, Sample, Verdict, parse
from benchmarks.published import published
from benchmarks.records import Record

PLAIN = {"clock": "command", "status": "feasible", "seconds": 2.0, "search_seconds": 1.0, "items": 5, "time_limit": 3.0}

SUITE = """\
title = "A title"
text = "A text."
seeds = "1-2"
time_limit = 3
solvers = ["greedy", "dot_product"]

[[instances]]
name = "small"
generator = "packing:packing"
goal = "few"
checks = ["worst gap <= 0.5"]

[[instances]]
set = "huawei"
names = "all"
solvers = ["portfolio"]

[[goals]]
text = "all of the set"
of = ["C*"]
contestant = "portfolio"
checks = ["mean score >= 90"]
"""


def run(solver="greedy", **changes):
    return Record(**({"suite": "s", "instance": "small", "solver": solver, "seed": 1, **PLAIN} | changes))


@pytest.fixture
def outline(tmp_path):
    (tmp_path / "s.toml").write_text(SUITE)
    return suite.outline_of(tmp_path / "s.toml")


def verdicts(outline, *records):
    return [answer.verdict for answer in page.answers(records, outline)]


def measured(check, *records, against=()):
    """What a check finds of our runs, and whether that is enough."""
    answer = goals.answer(Goal("", ("*",), (parse(check),)), Sample(list(records), [*records, *against]), True)
    return answer.figures, answer.verdict


def test_a_goal_is_met_only_by_all_seeds(outline):
    one, two = (run(cost=(0, 4), lower_bound=(0, 3), seed=seed) for seed in (1, 2))

    assert verdicts(outline, one)[0] == Verdict.MET_SO_FAR
    assert verdicts(outline, one, two)[0] == Verdict.MET


def test_too_few_runs_are_no_miss():
    assert measured("runs >= 2", run(cost=(0, 4))) == ("runs 1 (≥ 2)", Verdict.MET_SO_FAR)


def test_one_run_too_far_away_and_a_goal_is_not_met(outline):
    assert verdicts(outline, run(cost=(0, 4), lower_bound=(0, 1)))[0] == Verdict.NOT_MET


def test_runs_with_another_limit_show_nothing(outline):
    assert verdicts(outline, run(cost=(0, 4), lower_bound=(0, 4), time_limit=99.0))[0] == Verdict.NOT_RUN


def test_a_failed_run_has_no_gap_to_show(outline):
    runs = [run(cost=(0, 4), lower_bound=(0, 4)), run(seed=2, status="failed")]

    assert verdicts(outline, *runs)[0] == Verdict.NOT_RUN


def test_a_goal_may_be_of_several_instances_and_another_contestant(outline):
    runs = [run("portfolio", instance=f"C{n}", seed=seed, score=90.0, cost=(1,)) for n in (1, 2) for seed in (1, 2)]

    assert verdicts(outline, *runs) == [Verdict.NOT_RUN, Verdict.MET]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("runs >= 2", "runs 2 (≥ 2)"),
        ("failed <= 0", "failed 1 (≤ 0)"),
        ("proven >= 0.5", "proven 50 % (≥ 50 %)"),
        ("proven optimal >= 1", "proven optimal 1 (≥ 1)"),
        ("bounded >= 1", "bounded 50 % (≥ 100 %)"),
        ("left out <= 0", "left out 2 (≤ 0)"),
        ("slowest <= 9", "slowest 3.0 s (≤ 9.0 s)"),
        ("most memory <= 2", "most memory 1.0 GiB (≤ 2.0 GiB)"),
        ("best known reached >= 1", "best known reached 0 (≥ 1)"),
        ("most above best known <= 1", "most above best known 2 (≤ 1)"),
        ("mean above best known <= 0.1", "mean above best known 25 % (≤ 10 %)"),
        ("mean score >= 7", "mean score 7.5 (≥ 7)"),
        ("sum of scores <= 7", "sum of scores 7.5 (≤ 7)"),
        ("least items a second >= 5", "least items a second 5 (≥ 5)"),
        ("better than other >= 0.6", "better than other 50 % (≥ 60 %)"),
        ("not worse than other >= 0.6", "not worse than other 50 % (≥ 60 %)"),
        ("mean score against other >= 0", "mean score against other 1.5 (≥ 0)"),
        ("median gap <= 0.5", "median gap nothing (≤ 50 %)"),
    ],
)
def test_measures(check, expected):
    ours = (
        run(cost=(2, 10), lower_bound=(2, 10), status="optimal", best_known=8, unplaced=2, score=7.5, seconds=3.0),
        run(seed=2, status="failed", peak_memory=2**30),
    )
    others = [run("other", cost=(2, 11), score=6.0), run("other", cost=(0, 9), seed=2)]

    assert measured(check, *ours, against=others)[0] == expected


def test_an_optimum_counts_as_reached_only_where_it_is_proven():
    runs = [
        run(cost=(0, 8), best_known=8, best_is_optimal=optimal, seed=seed) for seed, optimal in ((1, True), (2, False))
    ]

    assert measured("known optimum reached >= 1", *runs)[0] == "known optimum reached 1 (≥ 1)"
    assert measured("best known reached >= 2", *runs)[0] == "best known reached 2 (≥ 2)"


def test_what_others_published_is_measured_against():
    at_theirs = run(suite="cloudbalancing", instance="200computers-600processes", cost=(0, 212_900))

    assert measured("most above published <= 0", at_theirs) == ("most above published 0 % (≤ 0 %)", Verdict.MET)


def test_peers_are_the_best_of_all_peers_on_each_case():
    peers = [run("dot_product", cost=(0, 4)), run("fgd", cost=(0, 3)), run("portfolio", cost=(0, 1))]

    assert measured("not worse than peers >= 1", run("greedy", cost=(0, 3)), against=peers)[1] == Verdict.MET
    assert measured("not worse than peers >= 1", run("greedy", cost=(0, 4)), against=peers)[1] == Verdict.NOT_MET


def test_who_was_behind_at_some_moment_is_counted():
    ours = run("ours", cost=(0, 9), trace=((5.0, (0, 9), None),))
    greedy = run("greedy", cost=(0, 10), trace=((1.0, (0, 10), None),))

    assert measured("at some moment behind against greedy <= 0", ours, against=[greedy])[1] == Verdict.NOT_MET


@pytest.mark.parametrize("text", ["fast >= 1", "gap", "worst gap < 1", "worst gap <= much"])
def test_refuses_what_is_no_check(text):
    with pytest.raises(SuiteError, match="expected MEASURE"):
        parse(text)


def test_refuses_a_goal_without_checks(tmp_path):
    (tmp_path / "s.toml").write_text(SUITE.replace('checks = ["worst gap <= 0.5"]\n', ""))

    with pytest.raises(SuiteError, match="goal 'few': expected checks"):
        suite.outline_of(tmp_path / "s.toml")


@pytest.mark.parametrize("name", suite.names())
def test_every_figure_published_names_its_source(name):
    for figure in published(name):
        assert figure.source
        assert figure.note or (figure.instance and (figure.cost, figure.score) != (None, None))
