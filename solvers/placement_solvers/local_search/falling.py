"""A descent under a falling threshold: the moves that gain most come first.

A plain descent makes any move that gains, and so many small ones where each costs something and a few large ones would
have done. Here a move has to gain at least a threshold, which falls from the largest gain there is to nothing, as in
Badanidiyuru, Vondrák, "Fast algorithms for maximizing submodular functions", SODA 2014, section 3; what is left a cold
annealing mends.
"""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.repair import with_order
from placement_solvers.cp_sat.watch import Watch
from placement_solvers.local_search.annealing import anneal
from placement_solvers.local_search.lanes import judged_alone, lanes_of
from placement_solvers.local_search.schedule import SAMPLES, TRIALS, Horizon, sample_deltas
from placement_solvers.local_search.solver import movable_items
from placement_solvers.local_search.state import BEST, FULL, grown, state_of
from placement_solvers.local_search.tables import tables_of
from placement_solvers.local_search.warming import load_kernels
from placement_solvers.local_search.weights import tier_weights
from placement_solvers.objective import cost_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.solution import Solution

PROPOSALS = 100_000
"""Moves proposed in one iteration."""

FALLING, COOLED = 0.6, 0.98
"""Shares of a run after which the threshold is 0, and after which only moves are made that cost nothing."""

WARMEST, COLDEST = 0.02, 1e-5
"""Temperatures of the annealing, in mean costs of a move that makes the placement dearer."""


def fall(problem: Problem, start: Solution, watch: Watch, horizon: Horizon, seed: int = 0) -> None:
    """Descend from a placement until the horizon is reached or the run should end, and offer what was found.

    What waits goes on waiting. Nothing is done where no end is in sight.

    Parameters
    ----------
    start : Solution
        Where it begins; no better than the incumbent of the run, for all that is asked.
    horizon : Horizon
        Iterations are counted, or the clock is asked.

    Raises
    ------
    UnsupportedProblemError
        If two tiers share out moves between classes.
    """
    load_kernels()
    movable = movable_items(problem) & start.placed
    if not movable.any():
        return
    weights = tier_weights(problem, evicts=False)
    tables = tables_of(problem, weights)
    state = state_of(problem, tables, start.bin_of, movable, weights.total(cost_of(problem, start)))
    rng = np.random.default_rng([seed, 0xFA11])
    random = rng.integers(1, 2**63, 1, dtype=np.uint64)
    exponentials = -np.log((rng.permutation(4096) + 0.5) / 4096)
    exactly = np.ones(1)  # a threshold is not drawn, as a temperature's is
    lanes = lanes_of(tables)
    deltas = np.zeros(SAMPLES, dtype=np.int64)
    deltas = deltas[: sample_deltas(tables, state, random, deltas, TRIALS, True)]
    dearer = deltas[deltas > 0]
    gain, loss = float(-deltas.min(initial=-1)), float(dearer.mean()) if len(dearer) else 1.0
    began, done, alone = watch.elapsed, 0, judged_alone(tables, 0.0)
    while not watch.should_end():
        share = horizon.share(watch.elapsed - began, done)
        if share is None or share >= 1.0:
            break
        if share < FALLING:
            heat, drawn = -gain * (1.0 - share / FALLING), exactly
        else:
            cooled = (share - FALLING) / (COOLED - FALLING)
            heat, drawn = loss * WARMEST * (COLDEST / WARMEST) ** cooled if cooled < 1.0 else 0.0, exponentials
        anneal(tables, state, lanes, random, drawn, heat, PROPOSALS, 0.0, 0.0, alone)
        if state.numbers[FULL]:
            state = grown(state)
            state.numbers[FULL] = 0
        done += 1
        watch.iterations += 1
    if state.numbers[BEST] < weights.total(watch.incumbent()[1]):
        bin_of = np.where(state.best_of == problem.num_bins, NOWHERE, state.best_of)
        solution, _, _ = with_order(problem, bin_of.astype(np.int32))
        watch.offer(solution, cost_of(problem, solution))
