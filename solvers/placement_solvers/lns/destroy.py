"""What is taken out of a solution: bins whose whole content is placed anew, with those that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from placement_solvers.lns.state import State
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem

FARTHEST = 10_000
"""Bins an operator ranks at most; of more it looks at a random sample."""


class DestroyOperator(Protocol):
    """Chooses the bins to open."""

    @property
    def name(self) -> str:
        """What the operator is called in statistics."""

    def supports(self, problem: Problem) -> bool:
        """Whether the operator has anything to choose from."""

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        """About `size` bins."""


@dataclass(frozen=True, slots=True)
class RandomBins:
    """Bins drawn at random, most of them in use."""

    name: str = "random bins"

    def supports(self, problem: Problem) -> bool:
        return problem.num_bins > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        return _with_spares(state, _draw(rng, state.used, size - 1), size, rng)


@dataclass(frozen=True, slots=True)
class DomainBins:
    """Bins of one domain, or of two, of a topology whose domains hold several."""

    name: str = "bins of a domain"

    def supports(self, problem: Problem) -> bool:
        return bool(np.any(problem.num_domains < problem.num_bins)) and len(problem.domain_of) > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        problem = state.problem
        wide = np.flatnonzero((problem.num_domains < problem.num_bins) & (problem.num_domains > 0))
        if len(wide) == 0:
            return RandomBins()(state, size, rng)
        topology = int(rng.choice(wide))
        domains = rng.choice(problem.num_domains[topology], size=min(2, problem.num_domains[topology]), replace=False)
        chosen = domains[:1] if rng.random() < 0.5 else domains
        inside = np.flatnonzero(np.isin(problem.domain_of[topology], chosen))
        return _with_spares(state, _draw(rng, _prefer_used(state, inside, size, rng), size), size, rng)


@dataclass(frozen=True, slots=True)
class ClassBins:
    """Bins that hold items of one kind, and some that could."""

    name: str = "bins of a class"

    def supports(self, problem: Problem) -> bool:
        return problem.num_items > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        pairs = state.pairs
        if len(pairs) == 0:
            return RandomBins()(state, size, rng)
        kind = int(pairs.kind[rng.integers(len(pairs))])
        holding = np.unique(pairs.bin[pairs.kind == kind]).astype(np.int64)
        others = _eligible(state, kind)
        found = _draw(rng, holding, max(1, size - size // 3))
        return _with_spares(state, np.union1d(found, _draw(rng, others, size - len(found))), size, rng)


@dataclass(frozen=True, slots=True)
class FragmentedBins:
    """Used bins with much room left, or with room of one resource that the lack of another strands."""

    name: str = "fragmented bins"

    def supports(self, problem: Problem) -> bool:
        return problem.num_resources > 0 and problem.num_bins > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        used = _draw(rng, state.used, FARTHEST)
        capacity = np.maximum(state.problem.capacity[used], 1)
        free = np.clip((state.problem.capacity[used] - state.load[used]) / capacity, 0, 1)
        waste = free.mean(axis=1) if rng.random() < 0.5 else free.max(axis=1) - free.min(axis=1)
        ranked = used[np.argsort(-waste * rng.uniform(0.7, 1.0, len(used)), kind="stable")]
        return _with_spares(state, ranked[:size], size, rng)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Bins that an item left out could enter, those with most room, or with the room of cheap items, first."""

    name: str = "left out"

    def supports(self, problem: Problem) -> bool:
        return problem.num_items > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        waiting = np.flatnonzero(state.left_out > 0)
        if len(waiting) == 0:
            return FragmentedBins()(state, size, rng)
        kind = int(rng.choice(waiting, p=_importance(state, waiting)))
        bins = _draw(rng, _eligible(state, kind), FARTHEST)
        if len(bins) == 0:
            return RandomBins()(state, size, rng)
        demand = np.maximum(state.problem.demand[state.kinds.class_[kind]], 1)
        room = np.min((state.problem.capacity[bins] - state.load[bins]) / demand, axis=1)
        noise = rng.gumbel(0, max(float(np.std(room)), 0.1), len(bins))
        return bins[np.argsort(-(room + noise), kind="stable")][:size]


@dataclass(frozen=True, slots=True)
class MovedItems:
    """Bins that items have left, and those they lie in now."""

    name: str = "moved items"

    def supports(self, problem: Problem) -> bool:
        return len(problem.start) > 0

    def __call__(self, state: State, size: int, rng: np.random.Generator, /) -> Int64:
        if len(state.moved) == 0:
            return LeftOut()(state, size, rng)
        items = _draw(rng, state.moved, size)
        bins = np.concatenate([state.problem.start[items], state.bin_of[items]])
        bins = bins[bins != NOWHERE].astype(np.int64)
        _, first = np.unique(bins, return_index=True)
        return _with_spares(state, bins[np.sort(first)][:size], size, rng)


def standard_operators(problem: Problem) -> tuple[DestroyOperator, ...]:
    """All operators that have something to choose from in a problem."""
    every: tuple[DestroyOperator, ...] = (
        RandomBins(),
        DomainBins(),
        ClassBins(),
        FragmentedBins(),
        LeftOut(),
        MovedItems(),
    )
    return tuple(operator for operator in every if operator.supports(problem))


def _draw(rng: np.random.Generator, values: Int64, size: int) -> Int64:
    """Some of the values, each at most once, in random order."""
    if size <= 0:
        return values[:0]
    return rng.permutation(values)[:size] if len(values) < 4 * size else rng.choice(values, size=size, replace=False)


def _with_spares(state: State, bins: Int64, size: int, rng: np.random.Generator) -> Int64:
    """The bins, filled up to `size` with others, half of them unused ones."""
    bins = np.unique(bins.astype(np.int64))
    if len(bins) < size:
        taken = np.zeros(state.problem.num_bins, dtype=np.bool_)
        taken[bins] = True
        used = np.zeros_like(taken)
        used[state.used] = True
        unused = _draw(rng, np.flatnonzero(~taken & ~used), max(1, (size - len(bins)) // 2))
        more = _draw(rng, np.flatnonzero(~taken & used), size - len(bins) - len(unused))
        bins = np.union1d(bins, np.concatenate([unused, more]))
    return bins


def _prefer_used(state: State, bins: Int64, size: int, rng: np.random.Generator) -> Int64:
    used = np.intersect1d(bins, state.used)
    return bins if len(used) < size else np.concatenate([used, _draw(rng, np.setdiff1d(bins, used), size // 4)])


def _eligible(state: State, kind: int) -> Int64:
    eligible: Bool = state.problem.eligible_bins(int(state.kinds.class_[kind]))
    return np.flatnonzero(eligible).astype(np.int64)


def _importance(state: State, kinds: Int64) -> NDArray[np.float64]:
    """Probabilities of kinds, most for those whose absence the first tiers count."""
    weight: NDArray[np.float64] = np.full(len(kinds), 1e-3)
    share = 1.0
    for tier in state.problem.tiers:
        if tier.unplaced is not None:
            cost = np.maximum(tier.unplaced[state.kinds.class_[kinds]], 0).astype(np.float64)
            weight += share * cost / max(float(cost.max(initial=0)), 1.0)
            share /= 2
    total: float = float(weight.sum())
    return weight / total
