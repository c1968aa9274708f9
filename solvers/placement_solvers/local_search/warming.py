"""Getting the kernels ready before they are needed."""

from __future__ import annotations

from functools import cache

import numpy as np

from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.lanes import lanes_of
from placement_solvers.local_search.levelling import level_placement
from placement_solvers.local_search.schedule import sample_deltas
from placement_solvers.local_search.state import state_of
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import NOWHERE, Attractions, Groups, Limits, Problem, Spreads, Tier


@cache
def load_kernels() -> None:
    """Load the compiled kernels from disk, or compile and keep them there.

    Compiling takes about a minute, once for each installation and kind of processor; loading about half a second,
    once for each process. Neither is part of anybody's search.
    """
    problem = _tiny()
    tables = tables_of(problem, tier_weights(problem, evicts=True))
    state = state_of(problem, tables, left_as_it_was(problem).bin_of, np.ones(1, dtype=np.bool_), 1)
    random = np.ones(1, dtype=np.uint64)
    anneal(tables, state, lanes_of(tables), random, np.ones(1), 0.0, 0, 0.0, 0.0, 0)
    sample_deltas(tables, state, random, np.zeros(1, dtype=np.int64), 0, True)
    level_placement(problem, np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.bool_))


def _tiny() -> Problem:
    """An item and a bin."""
    zero = np.zeros(1, dtype=np.int32)
    one = np.ones(1, dtype=np.int64)
    return Problem(
        class_of=zero,
        demand=np.ones((1, 1), dtype=np.int64),
        capacity=np.ones((1, 1), dtype=np.int64),
        class_signature=zero,
        bin_signature=zero,
        eligible=np.ones((1, 1), dtype=np.bool_),
        domain_of=np.zeros((1, 1), dtype=np.int32),
        scopes=np.zeros((0, 1), dtype=np.bool_),
        groups=Groups(class_start=np.zeros(2, dtype=np.int64)),
        limits=Limits(),
        attractions=Attractions(),
        spreads=Spreads(),
        tiers=(Tier("unplaced", unplaced=one),),
        class_priority=zero,
        in_use=np.zeros(1, dtype=np.bool_),
        pinned_to=np.full(1, NOWHERE, dtype=np.int32),
    )
