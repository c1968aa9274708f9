"""Which bins are opened together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placement_solvers.local_search.state import State
from placement_solvers.local_search.tables import Tables
from placement_solvers.problem import NOWHERE, Int64

Choice = Callable[[Tables, State, np.random.Generator, int], Int64]
"""Chooses about so many bins, the more important ones first; `filled` adds others where they are too few."""


def random_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """Any bins."""
    return np.zeros(0, dtype=np.int64)


def dear_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """Bins that pay much for load and balance, the other half any."""
    cost = state.bin_cost[:-1].astype(np.float64)
    noisy = cost * rng.random(len(cost)) ** 2
    return np.argsort(-noisy, kind="stable")[: (size + 1) // 2]


def matching_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """A bin that pays for load, and bins that lack little or nothing of what it has too much of."""
    loads = np.flatnonzero(tables.resource >= 0)
    paid = np.maximum(state.over[:-1, loads], 0) * tables.price[loads]
    cost = paid.sum(axis=1).astype(np.float64)
    if not cost.any():
        return random_bins(tables, state, rng, size)
    dear = int(rng.choice(len(cost), p=cost / cost.sum()))
    load = int(rng.choice(len(loads), p=paid[dear] / paid[dear].sum()))
    room = state.room[:-1, tables.resource[loads[load]]]
    spare = np.minimum(np.maximum(-state.over[:-1, loads[load]], 0), np.maximum(room, 0))
    # Half by what they have to spare, half by what they would gladly give for it.
    wish = spare / max(int(spare.max()), 1) + (cost - paid[:, load]) / max(float(cost.max()), 1.0)
    ordered = np.argsort(-wish * rng.random(len(wish)), kind="stable")
    return np.concatenate([[dear], ordered[:size]])


def tied_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """Bins of an item and of those that are counted with it, or that it depends on."""
    relations = tables.relations
    class_ = int(tables.class_of[rng.integers(len(tables.class_of))])
    groups = relations.group[relations.class_start[class_] : relations.class_start[class_ + 1]]
    if len(groups) == 0:
        return random_bins(tables, state, rng, size)
    group = int(rng.choice(groups))
    on = relations.dependency_on[relations.dependency_start[group] : relations.dependency_start[group + 1]]
    wanted = np.append(on, group) if rng.random() < 0.5 else np.array([group])
    owner = np.repeat(np.arange(len(relations.class_start) - 1), np.diff(relations.class_start))
    tied = np.zeros(len(relations.class_start) - 1, dtype=np.bool_)
    tied[owner[np.isin(relations.group, wanted)]] = True
    bins = np.unique(state.bin_of[tied[tables.class_of]])
    return rng.permutation(bins[bins < len(tables.open_cost) - 1]).astype(np.int64)


def start_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """Bins that moved items lie in, and those they come from."""
    nowhere = len(tables.open_cost) - 1
    away = np.flatnonzero((tables.start != nowhere) & (state.bin_of != tables.start) & (state.bin_of != nowhere))
    if len(away) == 0:
        return random_bins(tables, state, rng, size)
    some = rng.choice(away, min(len(away), max(size // 2, 1)), replace=False)
    return np.column_stack([tables.start[some], state.bin_of[some]]).reshape(-1).astype(np.int64)


def domain_bins(tables: Tables, state: State, rng: np.random.Generator, size: int) -> Int64:
    """Bins of one domain of a topology."""
    domain_of = tables.relations.domain_of[:, :-1]
    if len(domain_of) == 0:
        return random_bins(tables, state, rng, size)
    row = domain_of[rng.integers(len(domain_of))]
    domain = row[rng.integers(len(row))]
    if domain == NOWHERE:
        return random_bins(tables, state, rng, size)
    return rng.permutation(np.flatnonzero(row == domain)).astype(np.int64)


def filled(bins: Int64, num_bins: int, rng: np.random.Generator, size: int) -> Int64:
    """The first `size` different ones of some bins, with others drawn until there are so many."""
    ordered = np.concatenate([bins, rng.permutation(num_bins)])
    _, first = np.unique(ordered, return_index=True)
    return ordered[np.sort(first)][:size]


CHOICES: tuple[Choice, ...] = (random_bins, dear_bins, matching_bins, tied_bins, start_bins, domain_bins)
