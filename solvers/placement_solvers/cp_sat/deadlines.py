"""Items that must enter a domain while its count is small, in terms of the final counts.

Let N0 members of the group stay in the domain. Entering members that must come while fewer than k are in are together
at most ``k - N0``, also with all those that are stricter still: the best order sends the strictest first (earliest
deadline first; exact for one group). Entering items that are no members go before all others, so they ask only
``N0 < k``. Members that nothing binds come last. Each row is necessary whatever else holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum


def add_deadlines(
    model: Model,
    asked: Sequence[tuple[int, int, bool]],
    staying: Sequence[int],
    initial: int,
    smallest: int | None = None,
) -> None:
    """Bind the count of one domain.

    Parameters
    ----------
    asked : sequence of (cell, at most, counted)
        Cells whose items must enter while the count is below `at most`, and whether they add to it.
    staying : sequence of int
        Cells of members that stay in the domain.
    initial : int
        Members that no cell stands for.
    smallest : int, optional
        A variable that is added to every `at most`: spread counts from the smallest domain up.
    """
    program = model.program
    counted: dict[int, list[int]] = defaultdict(list)
    uncounted: dict[int, list[int]] = defaultdict(list)
    for cell, at_most, adds in asked:
        (counted if adds else uncounted)[at_most].append(cell)

    def total(cells: Sequence[int]) -> Sum:
        found = model.sum_of([*staying, *cells], initial)
        return found if smallest is None else found.add([smallest], -1)

    so_far: list[int] = []
    for at_most in sorted(counted):
        so_far = so_far + counted[at_most]
        if program.maximum(total(())) > at_most:
            program.at_most(total(so_far), at_most, [program.holds_any(so_far)])
        else:
            program.at_most(total(so_far), at_most)
    for at_most, cells in uncounted.items():
        if program.maximum(total(())) >= at_most:
            program.at_most(total(()), at_most - 1, [program.holds_any(cells)])
