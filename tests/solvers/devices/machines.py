"""Small problems with devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from placement_solvers.problem import Devices, Problem
from placement_solvers.validation import validate
from tests.strategies import problems

Amount = int | tuple[int, ...]


def with_devices(
    problem: Problem, bins: Sequence[Sequence[Amount]], asked: Sequence[tuple[int, Amount]], width: int = 1
) -> Problem:
    """The problem with the devices of each bin, and what each class asks: how many devices, and how much of each."""
    devices = [np.broadcast_to(device, width) for bin_ in bins for device in bin_]
    shares = [np.broadcast_to(share, width) for _, share in asked]
    found = replace(
        problem,
        devices=Devices(
            start=np.cumsum([0, *map(len, bins)], dtype=np.int64),
            capacity=np.array(devices, dtype=np.int64).reshape(len(devices), width),
            count=np.array([count for count, _ in asked], dtype=np.int32),
            share=np.array(shares, dtype=np.int64).reshape(len(asked), width),
        ),
    )
    validate(found)
    return found


@st.composite
def problems_with_devices(
    draw: st.DrawFn,
    *,
    width: int | None = None,
    relations: bool = True,
    runs: bool = False,
    max_bins: int = 5,
    max_items: int = 8,
) -> Problem:
    """Random small problems whose bins have up to three devices each; with `runs`, of items that run, and of gangs."""
    problem = draw(
        problems(max_bins=max_bins, max_items=max_items, relations=relations, gangs=runs, start=runs, whole=False)
    )
    size = draw(st.integers(1, 2)) if width is None else width
    amount = st.tuples(*[st.integers(0, 6)] * size)
    return with_devices(
        problem,
        [draw(st.lists(amount, max_size=3)) for _ in range(problem.num_bins)],
        [(draw(st.integers(0, 2)), draw(amount)) for _ in range(problem.num_classes)],
        size,
    )
