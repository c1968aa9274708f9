"""Covers are the cheapest, packings into them are full to the brim, and what is proven is true."""

from __future__ import annotations

import numpy as np
import pytest

from placement_datasets import packing
from placement_datasets.plain import plain_problem
from placement_solvers.covering import CoverAndPack, CoverAndPackParameters
from placement_solvers.covering.annealing import anneal
from placement_solvers.covering.cover import cheapest_cover
from placement_solvers.covering.repair import chosen_bins, pack_anew
from placement_solvers.cp_sat.search import Limits
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.feasibility import violations
from placement_solvers.result import Status
from placement_solvers.stop import MaxIterations
from tests.conformance import LAWS

LIMITS = Limits(1, 0, False, 1.0)


def never():
    return False


def cut_to_the_brim(seed, num_bins=12):
    """Bins of several kinds that small items fill without rest, and as many dearer ones that are not needed."""
    rng = np.random.default_rng(seed)
    capacity = rng.integers(6, 20, (num_bins, 2))
    sizes = []
    for room in capacity:
        left = room.copy()
        while left.any():
            piece = np.minimum(left, rng.integers(0, 4, 2))
            if piece.any():
                sizes.append(piece)
                left -= piece
    price = capacity.sum(axis=1) * 10
    return plain_problem(
        np.array(sizes, dtype=np.int64),
        np.concatenate([capacity, capacity]).astype(np.int64),
        np.concatenate([price, price + 5]).astype(np.int64),
        "price",
    )


@pytest.mark.parametrize("seed", range(5))
def test_packs_the_cheapest_cover_without_rest_and_proves_it(seed):
    problem = cut_to_the_brim(seed)

    result = CoverAndPack().solve(problem, MaxIterations(40), seed=seed)

    assert violations(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    assert result.cost[0] == 0


def test_the_cheapest_cover_takes_the_supply_into_account():
    room, price = np.array([[4, 4], [10, 10]]), np.array([4, 9])

    cover = cheapest_cover(room, price, np.array([9, 1]), np.array([18, 3]), LIMITS, never)

    assert (cover.number.tolist(), cover.price, cover.bound) == ([2, 1], 17, 17)


def test_there_is_no_cover_where_all_bins_are_too_small():
    found = cheapest_cover(np.array([[4]]), np.array([1]), np.array([2]), np.array([9]), LIMITS, never)

    assert found is None


@pytest.mark.parametrize("tries", [1, 16])
def test_annealing_keeps_count_of_loads_and_overload(tries):
    rng, random = np.random.default_rng(1), np.array([7], dtype=np.uint64)
    size, capacity = rng.integers(1, 9, (60, 2)), np.full((8, 2), 33, dtype=np.int64)
    bin_of = rng.integers(0, 8, 60, dtype=np.int32)
    load = np.zeros((8, 2), dtype=np.int64)
    np.add.at(load, bin_of, size)
    before = int(np.maximum(load - capacity, 0).sum())

    overload = anneal(
        size, capacity, np.ones(2), bin_of, load, random, 1.0, 0.05, 200_000, tries, np.array([True, False])
    )

    counted = np.zeros((8, 2), dtype=np.int64)
    np.add.at(counted, bin_of, size)
    assert np.array_equal(counted, load)
    assert overload == int(np.maximum(load - capacity, 0).sum()) < before


def test_mending_packs_overfull_bins_with_those_that_have_room():
    size, capacity = np.array([[3], [3], [2], [2], [5]]), np.array([[5], [5], [5]])
    bin_of = np.array([0, 0, 1, 1, 2], dtype=np.int32)
    load = np.array([[6], [4], [5]])

    bins = chosen_bins(np.random.default_rng(0), capacity, load, 2)
    found = pack_anew(size, capacity, bin_of, np.array([0, 1]), LIMITS, never)

    assert 0 in bins.tolist()
    assert np.bincount(found, weights=size[:, 0]).tolist() == [5, 5, 5]
    assert found[4] == 2


def test_suits_bins_of_which_no_kind_holds_everything():
    assert CoverAndPack().suits(cut_to_the_brim(1))
    assert not CoverAndPack().suits(packing.packing(60, 6, 1, limited=0.0))


def test_refuses_relations_between_items():
    with pytest.raises(UnsupportedProblemError, match="relations between items"):
        CoverAndPack(CoverAndPackParameters()).solve(packing.packing(60, 6, 1), MaxIterations(1))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_keeps_the_laws_of_all_solvers(law):
    law(CoverAndPack(CoverAndPackParameters(proposals=200)), cut_to_the_brim(3, num_bins=5))
