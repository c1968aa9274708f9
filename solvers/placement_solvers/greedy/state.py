"""A problem with what lies in its bins, ready to take one more item."""

from __future__ import annotations

from placement_solvers.greedy.actions import ADMIT, CHANGE, ENTER, FILL, FIND, FIND_BY_SCAN, FIT, LEAVE, PLACE, act
from placement_solvers.greedy.arrays import EVALUATIONS, arrays_of
from placement_solvers.greedy.parameters import GreedyParameters
from placement_solvers.greedy.tables import tables_of
from placement_solvers.problem import NOWHERE, Bool, Int64, Problem

DEFAULT_PARAMETERS = GreedyParameters()


class GreedyState:
    """The greedy's memory between two items: loads, counts, and the scores kept for each class.

    Bins may change from outside between two questions (`change_load`): such a change costs O(R), and each class hears
    of it when it is asked next. Answers are those of a look at every bin (`best_bin_by_scan`), always.

    Parameters
    ----------
    problem : Problem
        A valid one. Nothing is placed at first; items with a start are not in either.
    parameters : GreedyParameters
        `order` and `chunk` play no part here.

    Notes
    -----
    A question costs O(changed bins since the class was asked last + blocks of 64 bins + cells), a change
    O(R + groups of the class). Memory: 8 bytes for each bin and class, at most ``parameters.memory``.
    """

    def __init__(self, problem: Problem, parameters: GreedyParameters = DEFAULT_PARAMETERS) -> None:
        self.problem = problem
        self.tables = tables_of(problem, parameters.score)
        self.arrays = arrays_of(problem, self.tables, parameters.memory)
        act(self.tables, self.arrays, FILL, NOWHERE, NOWHERE)

    @property
    def evaluations(self) -> int:
        """Scores computed so far."""
        return int(self.arrays.counters[EVALUATIONS])

    @property
    def load(self) -> Int64:
        """What lies in each bin of each resource, changes from outside included, (B, R) int64."""
        return self.problem.capacity - self.arrays.free

    def best_bin(self, class_: int) -> int:
        """The bin an item of the class would get, `NOWHERE` if none will do."""
        return int(act(self.tables, self.arrays, FIND, class_, NOWHERE))

    def best_bin_by_scan(self, class_: int) -> int:
        """The same answer by a look at every bin, O(B)."""
        return int(act(self.tables, self.arrays, FIND_BY_SCAN, class_, NOWHERE))

    def fits(self, class_: int, bin_: int) -> bool:
        """Whether an item of the class may enter the bin now."""
        return bool(act(self.tables, self.arrays, FIT, class_, bin_))

    def commit(self, class_: int, bin_: int) -> None:
        """Put an item of the class into the bin, whether it fits or not."""
        act(self.tables, self.arrays, ENTER, class_, bin_)

    def place(self, class_: int) -> int:
        """Put an item of the class into its best bin; that bin, or `NOWHERE` if none will do."""
        return int(act(self.tables, self.arrays, PLACE, class_, NOWHERE))

    def remove(self, class_: int, bin_: int) -> None:
        """Take an item of the class out of the bin."""
        act(self.tables, self.arrays, LEAVE, class_, bin_)

    def change_load(self, bin_: int, change: Int64) -> None:
        """Add to the load of a bin what no class accounts for; negative amounts give room.

        Parameters
        ----------
        change : (R,) int64
        """
        self.arrays.free[bin_] -= change
        act(self.tables, self.arrays, CHANGE, NOWHERE, bin_)

    def admitting_bins(self, class_: int) -> Bool:
        """Bins an item of the class may enter now, (B,) bool. O(B x rules of the class)."""
        act(self.tables, self.arrays, ADMIT, class_, NOWHERE)
        return self.arrays.admitted.copy()
