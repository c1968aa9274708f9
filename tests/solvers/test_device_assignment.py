"""Bins inside bins: what fits onto the devices of a bin, and who refuses to say."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement_solvers.column_generation import ColumnGeneration
from placement_solvers.device_assignment import Request, assign, devices_of
from placement_solvers.errors import InvalidProblemError, UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.local_search import LocalSearch
from placement_solvers.problem import Problem
from placement_solvers.result import Status
from placement_solvers.validation import validate
from tests.builders import ProblemBuilder, solution
from tests.conformance import BUDGET, SOLVERS
from tests.solvers.devices.machines import with_devices


@pytest.fixture
def two_machines() -> Problem:
    """Halves, whole devices and pairs; the second machine has one device."""
    build = ProblemBuilder(capacity=[[10], [10]])
    for _ in range(3):
        build.items(3, demand=[1])
    return with_devices(build.problem(), [[1000, 1000], [1000]], [(1, 600), (1, 1000), (2, 1000)])


def test_a_share_lies_on_one_device(two_machines: Problem) -> None:
    assert violations(two_machines, solution([0, 0, 1] + [-1] * 6)) == []
    assert violations(two_machines, solution([0, 0, 0] + [-1] * 6)) == [
        "devices: the 3 items in bin 0 do not fit onto its 2 devices"
    ]


def test_a_whole_device_is_empty(two_machines: Problem) -> None:
    assert violations(two_machines, solution([0, -1, -1, 0] + [-1] * 5)) == []
    assert len(violations(two_machines, solution([1, -1, -1, 1] + [-1] * 5))) == 1


def test_an_item_lies_on_as_many_devices_as_it_asks_for(two_machines: Problem) -> None:
    pair_in = [[-1] * 6 + [bin_, -1, -1] for bin_ in range(2)]

    assert [len(violations(two_machines, solution(bins))) for bins in pair_in] == [0, 1]
    assert devices_of(two_machines, solution(pair_in[0]))[6] == (0, 1)


def test_resources_of_the_bin_count_beside_those_of_its_devices() -> None:
    build = ProblemBuilder(capacity=[[3]])
    build.items(2, demand=[2])
    problem = with_devices(build.problem(), [[1000, 1000]], [(1, 500)])

    assert violations(problem, solution([0, 0])) == [
        "item 1 of class 0 in bin 0: resource 0: demand 2, free 1",
    ]


def test_what_stays_is_never_at_fault() -> None:
    build = ProblemBuilder(capacity=[[3]])
    build.items(3, demand=[0], start=[0, 0])
    problem = with_devices(build.problem(), [[1000]], [(1, 600)])

    assert violations(problem, solution([0, 0, -1])) == []
    assert len(violations(problem, solution([0, 0, 0]))) == 1


def test_devices_have_several_resources() -> None:
    two_halves = np.array([[8, 16], [8, 16]], dtype=np.int64)

    assert assign(two_halves, [(1, (4, 12)), (1, (8, 8)), (1, (4, 4))]) == [(1,), (0,), (1,)]
    assert assign(two_halves, [(1, (4, 12)), (1, (4, 12)), (1, (4, 6))]) is None
    assert assign(two_halves, [(2, (6, 8)), (1, (2, 8)), (1, (2, 8))]) is not None


def test_finds_what_best_fit_misses() -> None:
    """6 + 4 and 5 + 5 fill two devices of ten; four after five would not."""
    assert assign(np.array([[10], [10]], dtype=np.int64), [(1, (s,)) for s in (5, 4, 3, 3, 3, 2)]) is not None


def test_refuses_to_name_devices_where_none_fit(two_machines: Problem) -> None:
    with pytest.raises(ValueError, match="bin 0: its 3 items do not fit"):
        devices_of(two_machines, solution([0, 0, 0] + [-1] * 6))


amounts = st.integers(0, 6)
one_resource = st.tuples(amounts)
two_resources = st.tuples(amounts, amounts)


@given(data=st.data())
def test_assigns_exactly_when_some_assignment_fits(data: st.DataObject) -> None:
    amount = data.draw(st.sampled_from([one_resource, two_resources]))
    capacity = np.array(data.draw(st.lists(amount, min_size=1, max_size=3)), dtype=np.int64)
    asked = data.draw(st.lists(st.tuples(st.integers(1, 2), amount), max_size=4))

    found = assign(capacity, asked)

    assert (found is not None) == any(fit(capacity, asked, chosen) for chosen in every_way(len(capacity), asked))
    if found is not None:
        assert fit(capacity, asked, tuple(found))


def every_way(num_devices: int, asked: list[Request]):
    return product(*(list(combinations(range(num_devices), count)) for count, _ in asked))


def fit(capacity: np.ndarray, asked: list[Request], chosen: tuple[tuple[int, ...], ...]) -> bool:
    free = capacity.copy()
    for (count, share), devices in zip(asked, chosen, strict=True):
        if len(set(devices)) != count:
            return False
        free[list(devices)] -= np.array(share)
    return bool((free >= 0).all())


@pytest.mark.parametrize(
    "make",
    [*(make for name, make in SOLVERS.items() if name not in ("portfolio", "devices")), ColumnGeneration, LocalSearch],
)
def test_who_does_not_know_devices_refuses_them_by_name(make, two_machines: Problem) -> None:
    with pytest.raises(UnsupportedProblemError, match="devices"):
        make().solve(two_machines, BUDGET)


def test_the_portfolio_hands_devices_to_those_who_know_them(two_machines: Problem) -> None:
    """Costs of bins are beyond the packing of devices: there a search under all rules takes its place."""
    only_left_out = replace(two_machines, tiers=two_machines.tiers[:1])
    for problem in (two_machines, only_left_out):
        result = SOLVERS["portfolio"]().solve(problem, BUDGET)
        assert violations(problem, result.solution) == []
        assert result.solution.placed.any()
    assert result.status is Status.OPTIMAL


def test_devices_that_nobody_asks_for_are_no_obstacle(two_machines: Problem) -> None:
    idle = replace(two_machines, devices=replace(two_machines.devices, count=np.zeros_like(two_machines.devices.count)))

    assert SOLVERS["greedy"]().solve(idle, BUDGET).solution.placed.all()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("devices.start", {"start": np.array([0, 2], dtype=np.int64)}),
        ("devices.start", {"start": np.array([0, 2, 4], dtype=np.int64)}),
        ("devices.capacity", {"capacity": np.full((3, 1), 2**53, dtype=np.int64)}),
        ("devices.count", {"count": np.array([1, 1], dtype=np.int32)}),
        ("devices.count", {"count": np.array([1, -1, 1], dtype=np.int32)}),
        ("devices.share", {"share": np.zeros((3, 2), dtype=np.int64)}),
        ("devices.share", {"share": np.full((3, 1), -1, dtype=np.int64)}),
    ],
)
def test_names_the_field_of_devices_at_fault(two_machines: Problem, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidProblemError) as caught:
        validate(replace(two_machines, devices=replace(two_machines.devices, **changes)))
    assert caught.value.field == field
