"""Gaps, verdicts and profiles, counted by hand."""

import math

import pytest

from benchmarks import compare
from benchmarks.page import MANY, page, tables
from benchmarks.plots import draw
from benchmarks.records import Record


def record(solver, cost, bound=None, *, seed=1, instance="i", status="feasible", **changes):
    return Record(
        suite="s",
        instance=instance,
        solver=solver,
        seed=seed,
        time_limit=1.0,
        clock="command",
        status=status,
        cost=cost,
        lower_bound=bound,
        **changes,
    )


def test_gaps_are_to_the_best_bound_anybody_proved():
    lines = [record("ours", (0, 10), (0, 8)), record("other", (0, 16), (0, 4))]

    assert [row.gap for row in compare.rows(lines)] == [0.2, 0.5]


def test_an_item_left_out_is_the_gap_that_counts():
    lines = [record("ours", (0, 10), (0, 10)), record("other", (2, 5))]

    assert [row.gap for row in compare.rows(lines)] == [0.0, 1.0]


def test_the_bound_of_a_failed_run_is_not_believed():
    assert compare.best_bounds([record("ours", None, (0, 99), status="failed")]) == {}


def test_a_verdict_is_won_by_the_lower_cost_and_a_failed_run_loses():
    lines = [
        record("ours", (0, 10), seed=1),
        record("other", (0, 11), seed=1),
        record("ours", (0, 10), seed=2),
        record("other", (0, 10), seed=2),
        record("ours", (1, 9), seed=3),
        record("other", (0, 10), seed=3),
        record("ours", (0, 10), seed=4),
        record("other", None, seed=4, status="failed"),
        record("other", (0, 1), seed=5),
    ]

    (verdict,) = compare.verdicts(lines, "ours")

    assert (verdict.wins, verdict.ties, verdict.losses) == (2, 1, 1)


@pytest.mark.parametrize(
    ("ours", "other", "cheaper"),
    [((0, 9), (0, 12), 0.25), ((0, 12), (0, 9), -0.25), ((0, 9), (3, 1), 1.0), ((2, 9), (2, 9), 0.0)],
)
def test_a_verdict_says_by_how_much_in_the_first_tier_that_differs(ours, other, cheaper):
    lines = [record("ours", ours), record("other", other)]

    assert [verdict.cheaper for verdict in compare.verdicts(lines, "ours")] == [cheaper]


def test_whoever_finds_it_more_than_a_second_later_was_behind():
    lines = [
        record("greedy", (0, 10), seed=1, trace=((1.0, (0, 10), None),)),
        record("ours", (0, 9), seed=1, trace=((1.9, (0, 10), None), (5.0, (0, 9), None))),
        record("greedy", (0, 10), seed=2, trace=((1.0, (0, 10), None),)),
        record("ours", (0, 9), seed=2, trace=((1.9, (0, 11), None), (5.0, (0, 9), None))),
        record("ours", (0, 9), seed=3),
    ]

    assert compare.behind(lines, "ours", "greedy") == (1, 2)


def test_a_profile_holds_ratios_to_the_best_cost():
    lines = [
        record("ours", (0, 10), seed=1),
        record("other", (0, 15), seed=1),
        record("ours", (0, 10), seed=2),
        record("other", (3, 1), seed=2),
    ]

    profiles = compare.profile(lines)

    assert profiles == {"ours": [1.0, 1.0], "other": [1.5, math.inf]}
    assert compare.share_within(profiles["other"], 1.5) == 0.5


def test_the_page_tells_medians_failures_and_machines():
    lines = [
        record("greedy", (0, 10), (0, 10), seed=1, status="optimal", seconds=1.0, cpu="A CPU", cores=2, load=3.5),
        record("greedy", (0, 12), (0, 10), seed=2, seconds=3.0, cpu="A CPU", cores=2),
        record("dot_product", None, seed=1, status="failed", error="it crashed", cpu="A CPU", cores=2),
    ]

    text = page(lines, None, None)

    assert "| i | greedy | 2 | 1 s | 1 | 8.33 % | 16.67 % | 11 | – | 0 | 2.0 | 3.0 | 0.0 | 0 |" in text
    assert "- i, seed 1, dot_product: it crashed" in text
    assert "| i | 1 / 0 / 0 |" in text
    assert (
        "3 runs, 2 seeds; load before a run 0.0 (median), 3.5 (most), on 2 cores; 1 began on a machine shared" in text
    )
    assert "- 2 runs: A CPU, 2 cores; commit" in text
    assert "- 1 runs: A CPU, 2 cores, the machine shared with other work; commit" in text
    assert tables(lines) in text


def test_the_page_tells_who_proved_that_not_all_can_be_placed():
    lines = [record("cp_sat", (3,), (1,), seed=1), record("cp_sat", (3,), (0,), seed=2)]

    assert "Proven that not all can be placed:\n\n- i, cp_sat: 1 of 2\n" in tables(lines)


def test_many_instances_are_told_contestant_by_contestant():
    lines = [
        record("greedy", (0, cost), instance=f"i{number}", best_known=10, best_is_optimal=number > 4)
        for number, cost in enumerate([10, 12] * MANY)
    ]

    text = tables(lines)

    assert f"| greedy | {2 * MANY} | 0 | 0 | {MANY} of {2 * MANY} | {MANY - 3} of {2 * MANY - 5} | 10.00 % |" in text


def test_many_instances_are_drawn_as_shares_over_time(tmp_path):
    lines = [
        record(solver, (0, cost), instance=f"i{number}", trace=((0.5, (0, cost), None),))
        for solver, cost in (("greedy", 10), ("dot_product", 12))
        for number in range(MANY + 1)
    ]

    assert [path.name for path in draw(lines, tmp_path)] == ["bench-s-profile.svg", "bench-s-time.svg"]


def test_plots_are_drawn_and_the_same_each_time(tmp_path):
    trace = ((0.5, (0, 20), (0, 8)), (0.9, (0, 10), (0, 10)))
    lines = [record("greedy", (0, 10), (0, 10), trace=trace), record("dot_product", (0, 15))]

    drawn = draw(lines, tmp_path)
    before = [path.read_bytes() for path in drawn]

    assert [path.name for path in drawn] == ["bench-s-profile.svg", "bench-s-gaps.svg"]
    assert [path.read_bytes() for path in draw(lines, tmp_path)] == before
