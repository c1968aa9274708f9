"""The solvers a user can name, and how each is made."""

from __future__ import annotations

from collections.abc import Callable

from placement.errors import UnknownSolverError
from placement.policy import Policy
from placement_solvers.solver import Solver

KUBE_SCHEDULER = "kube-scheduler"
"""The simulated default scheduler: it works on objects, so it is no solver of problems."""


def _greedy(policy: Policy) -> Solver:
    from placement_solvers.greedy import Greedy, GreedyParameters, Score

    return Greedy(GreedyParameters(score=Score(policy.fill)))


def _cp_sat(policy: Policy) -> Solver:
    from placement_solvers.cp_sat import CpSat

    return CpSat()


def _lns(policy: Policy) -> Solver:
    from placement_solvers.lns import LargeNeighbourhoodSearch

    return LargeNeighbourhoodSearch()


def preemption_solver() -> Solver:
    """The solver that decides who makes room: the one that knows starts and moves."""
    from placement_solvers.cp_sat import CpSat

    return CpSat()


FACTORIES: dict[str, Callable[[Policy], Solver]] = {"auto": _greedy, "greedy": _greedy, "cp-sat": _cp_sat, "lns": _lns}


def solver_names() -> tuple[str, ...]:
    """The names that `plan` takes."""
    return (*FACTORIES, KUBE_SCHEDULER)


def solver_named(name: str, policy: Policy) -> Solver:
    """The solver of a name, set up for a policy.

    Raises
    ------
    UnknownSolverError
        If there is none of that name.
    """
    if name not in FACTORIES:
        raise UnknownSolverError(f"no solver {name!r}; expected one of: {', '.join(solver_names())}")
    return FACTORIES[name](policy)
