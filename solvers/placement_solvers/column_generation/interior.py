"""The restricted master by an interior point method: prices from the middle of all that are optimal.

Where all items differ a little and bins have to be full the programme has countless optimal bases, and the simplex
wanders through them. Newton's method on a perturbed problem does not: each step costs one Cholesky factor of C rows.
What it gives away, a vertex, is a gain here: prices from the middle bring better patterns, and so need far fewer rounds
of pricing (Gondzio, González-Brevis, Munari, New developments in the primal-dual column generation technique, EJOR
224(1), 2013), and at the optimum they leave no pattern worth a whole bin but those that some optimum uses.
"""

# mypy: disable-error-code="no-any-return"
# Numbers in a kernel are of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placement_solvers.compiled import allocating, entry, part
from placement_solvers.packing_view import Float
from placement_solvers.problem import Int32, Int64

MOST_STEPS = 60
"""Steps of one solve."""

STEP_BACK = 0.999
"""Share of the way to the boundary that a step may go."""

INSIDE = 1e-3
"""By how much a pattern's worth stays below a bin's at the start of a solve, at least."""

FIRST_SHARE = 0.005
"""What a solve begins with as complementarity: this share of the gap between what is packed and what prices say."""

LEAST_COMPLEMENTARITY = 1e-6
"""The same as a share of the cost, at least."""

LEAST_PRICE = 1e-5
"""Of an item where a solve begins."""

LEAST_PIVOT = 1e-13
"""Rows that others make up to that share of themselves are left out of a step."""

FEASIBLE = 1e-7
"""By how much rows may be off."""

BLOCK, AT_ONCE = 32, 8
"""Rows factored together, and those of them taken off a later row in one go."""


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """A nearly optimal pair.

    Attributes
    ----------
    prices : (C,) float64
        In bins.
    usage : (N,) float64
        How often each pattern is used.
    bins : float
        In use.
    """

    prices: Float
    usage: Float
    bins: float


class InteriorMaster:
    """The fewest bins, in fractions, that cover all items by the patterns known so far.

    Parameters
    ----------
    count : (C,) int64
        Items of each class, at least one.
    """

    def __init__(self, count: Int64) -> None:
        self._count = count.astype(np.float64)
        self._start = np.zeros(1, dtype=np.int64)
        self._rows, self._items = np.zeros(0, dtype=np.int64), np.zeros(0)
        self._known: set[bytes] = set()
        self._normal = np.zeros((len(count), len(count)))
        self._usage, self._surplus, self._bins = np.zeros(0), np.zeros(len(count)), 0.0

    def __len__(self) -> int:
        return len(self._start) - 1

    def add(self, patterns: Int32) -> int:
        """Take in patterns (N, C); how many were new."""
        fresh = []
        for number, pattern in enumerate(patterns):
            inside = np.flatnonzero(pattern)
            key = inside.tobytes() + pattern[inside].tobytes()
            if key not in self._known and len(inside):
                self._known.add(key)
                fresh.append(number)
        chosen = patterns[fresh]
        row, class_ = np.nonzero(chosen)
        ends = np.cumsum(np.bincount(row, minlength=len(fresh)))
        self._start = np.concatenate([self._start, self._start[-1] + ends])
        self._rows = np.concatenate([self._rows, class_])
        self._items = np.concatenate([self._items, chosen[row, class_].astype(np.float64)])
        return len(fresh)

    def patterns(self, chosen: Int64) -> Int32:
        """Some of the patterns, (n, C) int32."""
        found = np.zeros((len(chosen), len(self._count)), dtype=np.int32)
        for number, column in enumerate(chosen.tolist()):
            held = slice(self._start[column], self._start[column + 1])
            found[number, self._rows[held]] = self._items[held].astype(np.int32)
        return found

    def worth(self, prices: Float) -> Float:
        """What each pattern is worth at prices (C,), (N,) float64."""
        worth = np.empty(len(self))
        worth_of_columns(self._start, self._rows, self._items, prices, worth)
        return worth

    def _packed(self, usage: Float) -> Float:
        packed = np.zeros(len(self._count))
        sum_of_columns(self._start, self._rows, self._items, usage, packed)
        return packed

    def _begin(self, prices: Float) -> tuple[Float, Float, Float, Float]:
        """Usage, surplus, prices and what patterns fall short: the last optimum pushed inside, prices feasible."""
        y = np.maximum(prices, LEAST_PRICE)
        y *= min(1.0, (1.0 - INSIDE) / float(self.worth(y).max()))
        z = 1.0 - self.worth(y)
        num_pairs = len(z) + len(y)
        if self._bins > 0:
            gap = max(FIRST_SHARE * (self._bins - float(self._count @ y)), LEAST_COMPLEMENTARITY * self._bins)
            mean = gap / num_pairs
        else:
            mean = FIRST_SHARE * float(self._count.sum() / self._items.sum())
        x, s = mean / z, mean / y
        x[: len(self._usage)] = np.maximum(self._usage, x[: len(self._usage)])
        return x, np.maximum(self._surplus, s), y, z

    def solve(self, prices: Float, accuracy: float) -> Centre:
        """Optimise from given prices (C,), to a share `accuracy` of the cost. O(C^3 + entries) a step.

        Mehrotra's predictor and corrector (On the implementation of a primal-dual interior point method, SIAM J.
        Optimization 2(4), 1992).
        """
        x, s, y, z = self._begin(prices)
        count, num_pairs = self._count, len(x) + len(s)
        for _ in range(MOST_STEPS):
            off_rows, off_columns = count - self._packed(x) + s, 1.0 - self.worth(y) - z
            mean = float(x @ z + s @ y) / num_pairs
            used, earned = float(x.sum()), float(count @ y)
            is_feasible = max(np.abs(off_rows).max() - 0.1 * accuracy, np.abs(off_columns).max()) < FEASIBLE
            if is_feasible and abs(used - earned) < accuracy * (1 + abs(earned)):
                break
            weight = x / z
            step = _Step(self, weight, s / y, off_rows, off_columns, x, s, y, z)
            dx, ds, dy, dz = step.towards(-x * z, -s * y)
            primal, dual = min(_reach(x, dx), _reach(s, ds)), min(_reach(y, dy), _reach(z, dz))
            left = float((x + primal * dx) @ (z + dual * dz) + (s + primal * ds) @ (y + dual * dy)) / num_pairs
            aim = mean * max((left / mean) ** 3, 1e-4)
            dx, ds, dy, dz = step.towards(aim - x * z - dx * dz, aim - s * y - ds * dy)
            primal, dual = min(_reach(x, dx), _reach(s, ds)), min(_reach(y, dy), _reach(z, dz))
            x, s, y, z = x + primal * dx, s + primal * ds, y + dual * dy, z + dual * dz
        self._usage, self._surplus, self._bins = x, s, float(x.sum())
        return Centre(y, x, self._bins)


class _Step:
    """Newton's equations at a point, factored once for predictor and corrector."""

    def __init__(
        self,
        master: InteriorMaster,
        weight: Float,
        diagonal: Float,
        off_rows: Float,
        off_columns: Float,
        x: Float,
        s: Float,
        y: Float,
        z: Float,
    ) -> None:
        self._master, self._weight, self._diagonal = master, weight, diagonal
        self._off_rows, self._off_columns, self._point = off_rows, off_columns, (x, s, y, z)
        self._factor = master._normal
        fill_normal(master._start, master._rows, master._items, weight, diagonal, self._factor)
        factorise(self._factor, LEAST_PIVOT * np.diag(self._factor))

    def towards(self, of_columns: Float, of_rows: Float) -> tuple[Float, Float, Float, Float]:
        """The step after which products of pairs have changed by so much, to first order; refined once."""
        x, s, y, z = self._point
        master, weight, diagonal = self._master, self._weight, self._diagonal
        wanted = self._off_rows + master._packed(weight * self._off_columns - of_columns / z) + of_rows / y
        dy = solved(self._factor, wanted)
        dy += solved(self._factor, wanted - master._packed(weight * master.worth(dy)) - diagonal * dy)
        dz = self._off_columns - master.worth(dy)
        return (of_columns - x * dz) / z, (of_rows - s * dy) / y, dy, dz


def _reach(value: Float, step: Float) -> float:
    """How much of a step keeps all values positive, at most one."""
    shrinks = step < 0
    return min(1.0, STEP_BACK * float((-value[shrinks] / step[shrinks]).min())) if shrinks.any() else 1.0


@entry
def sum_of_columns(start: Int64, rows: Int64, items: Float, usage: Float, total: Float) -> None:
    """Write what columns hold together to `total` (C,)."""
    total[:] = 0.0
    for column in range(len(usage)):
        for at in range(start[column], start[column + 1]):
            total[rows[at]] += items[at] * usage[column]


@entry
def worth_of_columns(start: Int64, rows: Int64, items: Float, prices: Float, worth: Float) -> None:
    """Write what each column is worth to `worth` (N,)."""
    for column in range(len(worth)):
        value = 0.0
        for at in range(start[column], start[column + 1]):
            value += items[at] * prices[rows[at]]
        worth[column] = value


@entry
def fill_normal(start: Int64, rows: Int64, items: Float, weight: Float, diagonal: Float, normal: Float) -> None:
    """Fill the upper triangle of `normal` (C, C): columns times their weights times columns, and a diagonal."""
    normal[:] = 0.0
    for row in range(len(diagonal)):
        normal[row, row] = diagonal[row]
    for column in range(len(weight)):
        for at in range(start[column], start[column + 1]):
            value = items[at] * weight[column]
            for other in range(at, start[column + 1]):
                normal[rows[at], rows[other]] += value * items[other]


@part
def _take_off(target: Float, factor: float, row: Float) -> None:
    for j in range(len(target)):
        target[j] -= factor * row[j]


@part
def _take_off_eight(
    target: Float,
    a: float,
    b: float,
    c: float,
    d: float,
    e: float,
    f: float,
    g: float,
    h: float,
    row_a: Float,
    row_b: Float,
    row_c: Float,
    row_d: Float,
    row_e: Float,
    row_f: Float,
    row_g: Float,
    row_h: Float,
) -> None:
    for j in range(len(target)):
        target[j] -= ((a * row_a[j] + b * row_b[j]) + (c * row_c[j] + d * row_d[j])) + (
            (e * row_e[j] + f * row_f[j]) + (g * row_g[j] + h * row_h[j])
        )


@entry
def factorise(matrix: Float, least: Float) -> None:
    """Turn the upper triangle of a matrix (n, n) into its Cholesky factor. O(n^3).

    In one thread: those of a BLAS wait for each other where cores are shared. Rows whose pivot is not above `least`
    (n,) are taken out.
    """
    size = len(matrix)
    for begin in range(0, size, BLOCK):
        end = min(begin + BLOCK, size)
        for i in range(begin, end):
            for k in range(begin, i):
                if matrix[k, i] != 0.0:
                    _take_off(matrix[i, i:], matrix[k, i], matrix[k, i:])
            pivot = matrix[i, i]
            if not pivot > least[i]:
                pivot = 1e64
            matrix[i, i] = pivot
            root = 1.0 / np.sqrt(pivot)
            for j in range(i, size):
                matrix[i, j] *= root
        for i in range(end, size):
            target, k = matrix[i, i:], begin
            while k + AT_ONCE <= end:
                _take_off_eight(
                    target,
                    matrix[k, i],
                    matrix[k + 1, i],
                    matrix[k + 2, i],
                    matrix[k + 3, i],
                    matrix[k + 4, i],
                    matrix[k + 5, i],
                    matrix[k + 6, i],
                    matrix[k + 7, i],
                    matrix[k, i:],
                    matrix[k + 1, i:],
                    matrix[k + 2, i:],
                    matrix[k + 3, i:],
                    matrix[k + 4, i:],
                    matrix[k + 5, i:],
                    matrix[k + 6, i:],
                    matrix[k + 7, i:],
                )
                k += AT_ONCE
            while k < end:
                _take_off(target, matrix[k, i], matrix[k, i:])
                k += 1


@allocating
def solved(factor: Float, wanted: Float) -> Float:
    """The solution of a factored system, (n,). O(n^2)."""
    size = len(wanted)
    value = wanted.copy()
    for i in range(size):
        value[i] /= factor[i, i]
        for j in range(i + 1, size):
            value[j] -= factor[i, j] * value[i]
    for i in range(size - 1, -1, -1):
        left = value[i]
        for j in range(i + 1, size):
            left -= factor[i, j] * value[j]
        value[i] = left / factor[i, i]
    return value
