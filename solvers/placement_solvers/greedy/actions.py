"""The one kernel through which Python asks and changes a `GreedyState`."""

# mypy: disable-error-code="no-any-return, return-value, assignment"
# Integers in a kernel are int64 of numba; to mypy they are a mixture of int, numpy's and Any.

from __future__ import annotations

from placement_solvers.compiled import entry
from placement_solvers.greedy.arrays import CLOCK, FREED, Arrays
from placement_solvers.greedy.entering import ONE, enter, fill_all, leave, note_change
from placement_solvers.greedy.search import ANYWHERE, best_bin, best_bin_by_scan
from placement_solvers.greedy.tables import Tables
from placement_solvers.greedy.welcome import admit_all, fits

FIND, FIND_BY_SCAN, FIT, PLACE, ADMIT, ENTER, LEAVE, CHANGE, FILL = range(9)


@entry
def act(tables: Tables, arrays: Arrays, action: int, class_: int, bin_: int) -> int:
    """Do one thing for Python: its one way in, because each costs seconds to compile."""
    if action == FIND:
        return best_bin(tables, arrays, class_, ANYWHERE, ANYWHERE)
    if action == FIND_BY_SCAN:
        return best_bin_by_scan(tables, arrays, class_, ANYWHERE, ANYWHERE)
    if action == FIT:
        return 1 if fits(tables, arrays, class_, bin_) else 0
    if action == ENTER:
        enter(tables, arrays, class_, bin_, ONE)
    elif action == PLACE:
        bin_ = best_bin(tables, arrays, class_, ANYWHERE, ANYWHERE)
        if bin_ >= 0:
            enter(tables, arrays, class_, bin_, ONE)
        return bin_
    elif action == ADMIT:
        admit_all(tables, arrays, class_)
    elif action == LEAVE:
        leave(tables, arrays, class_, bin_)
    elif action == CHANGE:
        note_change(tables, arrays, bin_)
        arrays.counters[FREED] = arrays.counters[CLOCK]
    else:
        fill_all(tables, arrays)
    return 0
