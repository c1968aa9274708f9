from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement_solvers.greedy import GreedyParameters, GreedyState, Score
from placement_solvers.problem import NOWHERE, Problem
from tests.builders import ProblemBuilder
from tests.solvers.greedy.reference import PlainGreedy
from tests.strategies import problems

STEPS = ["place", "place", "place", "commit", "leave", "load", "ask"]


def compare(state: GreedyState, plain: PlainGreedy) -> None:
    for class_ in range(state.problem.num_classes):
        expected = plain.best_bin(class_)
        assert state.best_bin(class_) == expected
        assert state.best_bin_by_scan(class_) == expected


@pytest.mark.parametrize("score", list(Score))
@pytest.mark.parametrize("memory", [1, 1 << 20], ids=["one tree", "all trees"])
@settings(max_examples=150, deadline=None)
@given(data=st.data(), problem=problems(max_bins=6, max_items=8, gangs=False))
def test_answers_as_a_plain_look_at_every_bin(score: Score, memory: int, data: st.DataObject, problem: Problem) -> None:
    """Whatever enters, leaves or changes from outside, and in whichever order classes are asked."""
    state = GreedyState(problem, GreedyParameters(score=score, memory=memory))
    plain = PlainGreedy(problem, score)
    if problem.num_classes == 0 or problem.num_bins == 0:
        return
    classes, bins = st.integers(0, problem.num_classes - 1), st.integers(0, problem.num_bins - 1)
    inside: list[tuple[int, int]] = []
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=12)):
        class_ = data.draw(classes)
        if step == "place":
            bin_ = state.place(class_)
            assert bin_ == plain.best_bin(class_)
            if bin_ != NOWHERE:
                plain.enter(class_, bin_)
                inside.append((class_, bin_))
        elif step == "commit":
            bin_ = data.draw(bins)
            state.commit(class_, bin_)
            plain.enter(class_, bin_)
            inside.append((class_, bin_))
        elif step == "leave" and inside:
            class_, bin_ = inside.pop(data.draw(st.integers(0, len(inside) - 1)))
            state.remove(class_, bin_)
            plain.leave(class_, bin_)
        elif step == "load":
            bin_ = data.draw(bins)
            change = np.array([data.draw(st.integers(-2, 2)) for _ in range(problem.num_resources)], dtype=np.int64)
            state.change_load(bin_, change)
            plain.replay.load[bin_] += change
        else:
            compare(state, plain)
    compare(state, plain)
    assert np.array_equal(state.load, plain.replay.load)
    fits = [[plain.replay.refusal(c, b) is None for b in range(problem.num_bins)] for c in range(problem.num_classes)]
    assert [state.admitting_bins(c).tolist() for c in range(problem.num_classes)] == fits


@pytest.mark.parametrize("score", list(Score))
def test_answers_as_a_scan_over_many_blocks_and_cells(score: Score) -> None:
    rng = np.random.default_rng(5)
    bins = 700
    build = ProblemBuilder(capacity=rng.integers(20, 40, (bins, 2)).tolist())
    zone = build.topology((np.arange(bins) * 7 % 5 - 1).tolist())
    rack = build.topology((np.arange(bins) // 9).tolist())
    host = build.each_bin()
    for number in range(12):
        class_ = build.items(200, demand=rng.integers(1, 9, 2).tolist())
        group = build.group([zone, rack, host][number % 3], [class_])
        if number % 4 < 2:
            build.limit(class_, group, at_most=int(rng.integers(1, 3)) * (1 if number % 3 else 40))
        else:
            build.spread(class_, group, max_skew=1)
    problem = build.problem()
    state = GreedyState(problem, GreedyParameters(score=score, memory=5 * 4 * bins))
    for item in rng.permutation(problem.num_items)[:2000]:
        class_ = int(problem.class_of[item])
        expected = state.best_bin_by_scan(class_)
        assert state.place(class_) == expected


def test_packs_and_spreads() -> None:
    build = ProblemBuilder(capacity=[[4], [2], [4]])
    small = build.items(2, demand=[1])
    problem = build.problem()
    pack, spread = (GreedyState(problem, GreedyParameters(score=score)) for score in (Score.PACK, Score.SPREAD))
    pack.commit(small, 0)
    spread.commit(small, 0)
    assert pack.best_bin(small) == 0
    assert spread.best_bin(small) == 2


def test_prefers_bins_in_use_then_the_best_price_for_what_they_take() -> None:
    build = ProblemBuilder(capacity=[[2], [8], [4]], in_use=[False, False, False])
    item = build.items(8, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("price", open=[10, 24, 16])  # 5, 3 and 4 for each item they take
    state = GreedyState(build.problem())
    assert [state.place(item) for _ in range(9)] == [1] * 8 + [2]


def test_takes_costs_by_signature_before_the_price_where_their_tier_comes_first() -> None:
    build = ProblemBuilder(capacity=[[4], [4]], in_use=[True, False])
    item = build.items(1, demand=[1])
    build.tier("unplaced", unplaced=1)
    build.tier("taste", placed=[[5, 0]])
    build.tier("price", open=7)
    assert GreedyState(build.problem()).best_bin(item) == 1


def test_hears_of_changes_from_outside() -> None:
    build = ProblemBuilder(capacity=[[4], [4]])
    item = build.items(1, demand=[3])
    state = GreedyState(build.problem())
    assert state.best_bin(item) == 0
    state.change_load(0, np.array([2], dtype=np.int64))
    assert state.best_bin(item) == 1
    state.change_load(1, np.array([2], dtype=np.int64))
    assert state.best_bin(item) == NOWHERE
    state.change_load(0, np.array([-1], dtype=np.int64))
    assert state.best_bin(item) == 0
