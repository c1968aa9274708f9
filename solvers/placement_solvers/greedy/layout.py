"""Bins in the order in which a class looks at them: cut into cells that its coarse relations cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from placement_solvers.problem import Int32, Problem

BLOCK = 64
"""Bins in a block: eight cache lines of scores, whose maximum is one short vector loop."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One order of all bins, cut into cells and those into blocks.

    Two bins share a cell when they lie in the same domain of every topology of the layout. Within a cell, bins
    ascend, so that the first of equals is the one with the lowest number.

    Attributes
    ----------
    bin_at : (B,) int32
        Bin at each position.
    block_start : (blocks + 1,) int32
        ``bin_at[block_start[k]:block_start[k + 1]]`` is block k, at most `BLOCK` bins of one cell.
    cell_start : (cells + 1,) int32
        Blocks of each cell.
    """

    bin_at: Int32
    block_start: Int32
    cell_start: Int32


def layout_of(problem: Problem, topologies: tuple[int, ...]) -> Layout:
    """The bins cut into cells by some topologies. O(B log B)."""
    keys = problem.domain_of[list(topologies)]
    bin_at = np.lexsort((np.arange(problem.num_bins), *keys[::-1])).astype(np.int32)
    ordered = keys[:, bin_at]
    new_cell = np.ones(problem.num_bins, dtype=np.bool_)
    new_cell[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    cell_first = np.append(np.flatnonzero(new_cell), problem.num_bins)
    block_start, cell_start = [0], [0]
    for first, last in pairwise(cell_first.tolist()):
        block_start += range(first + BLOCK, last, BLOCK)
        block_start.append(last)
        cell_start.append(len(block_start) - 1)
    return Layout(bin_at, np.array(block_start, dtype=np.int32), np.array(cell_start, dtype=np.int32))
