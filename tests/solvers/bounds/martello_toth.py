"""The bound L2 of Martello and Toth on bins of one size.

For a threshold k: sizes above capacity - k lie alone, sizes above half of it apart, and the rest fills what these leave
(Martello and Toth, Lower bounds and reduction procedures for the bin packing problem, Discrete Applied Mathematics
28, 1990). In prices it is the best of two kinds of dual feasible functions, `drop_small` and `halves`; here it is by
prefix sums, O(n log n).
"""

from __future__ import annotations

import numpy as np

from placement_solvers.problem import Int64


def l2(size: Int64, count: Int64, capacity: int) -> int:
    """At least so many bins hold all items.

    Parameters
    ----------
    size, count : (C,) int64
        ``0 <= size <= capacity``, and how many items have it.
    """
    if capacity <= 0 or count.sum() == 0:
        return 0
    order = np.argsort(size, kind="stable")
    size, count = size[order], count[order]
    total = np.concatenate([[0], np.cumsum(size * count)])
    items = np.concatenate([[0], np.cumsum(count)])
    thresholds = np.unique(np.concatenate([[0], size[2 * size <= capacity]]))
    alone = items[-1] - items[np.searchsorted(size, capacity - thresholds, side="right")]
    above_half = int(np.searchsorted(2 * size, capacity, side="right"))
    apart = items[-1] - items[above_half] - alone
    small_from = np.searchsorted(size, thresholds, side="left")
    rest = total[above_half] - total[np.minimum(small_from, above_half)]
    up_to = np.searchsorted(size, capacity - thresholds, side="right")
    free = apart * capacity - (total[up_to] - total[above_half])
    more = np.maximum(-((free - rest) // capacity), 0)
    return int((alone + apart + more).max())
