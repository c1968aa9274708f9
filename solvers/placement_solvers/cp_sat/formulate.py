"""The whole model, family by family."""

from __future__ import annotations

from collections.abc import Callable

from placement_solvers.cp_sat.attractions import add_attractions
from placement_solvers.cp_sat.capacity import add_capacity, add_used
from placement_solvers.cp_sat.cells import Cells
from placement_solvers.cp_sat.gangs import add_gangs
from placement_solvers.cp_sat.group_index import GroupIndex
from placement_solvers.cp_sat.kinds import Kinds
from placement_solvers.cp_sat.limits import add_limits
from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.rest import Rest
from placement_solvers.cp_sat.spreads import add_spreads
from placement_solvers.cp_sat.starts import add_counts
from placement_solvers.cp_sat.symmetry import add_dominance, add_symmetry
from placement_solvers.cp_sat.transient import add_transient
from placement_solvers.cp_sat.whole_plan import add_breadths, add_dependencies
from placement_solvers.problem import Bool, Problem


def formulate(
    problem: Problem,
    kinds: Kinds,
    groups: GroupIndex,
    cells: Cells,
    rest: Rest,
    free_bins: Bool,
    should_stop: Callable[[], bool] | None = None,
) -> Model:
    """The program of all hard families, O(cells x relations of a class).

    Parameters
    ----------
    free_bins : (B,) bool
        Bins whose whole content is open, so that like ones may be put in order.
    should_stop : callable, optional
        Asked now and then.

    Raises
    ------
    BuildingStoppedError
        If it says True.
    """
    model = Model(problem, kinds, groups, cells, rest, should_stop)
    add_used(model)
    add_counts(model)
    add_capacity(model)
    add_transient(model)
    add_limits(model)
    add_attractions(model)
    add_spreads(model)
    add_gangs(model)
    add_breadths(model)
    add_dependencies(model)
    add_symmetry(model, free_bins)
    add_dominance(model, free_bins)
    return model
