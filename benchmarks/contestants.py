"""Who takes part: solvers and peers by the names that suites call them, imported only when they run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from benchmarks.errors import UnknownNameError

if TYPE_CHECKING:  # names are checked without numpy
    from placement_solvers.solver import Solver

SOLVERS = {
    "greedy": "placement_solvers.greedy:Greedy",
    "cp_sat": "placement_solvers.cp_sat:CpSat",
    "column_generation": "placement_solvers.column_generation:ColumnGeneration",
    "local_search": "placement_solvers.local_search:LocalSearch",
    "cover_and_pack": "placement_solvers.covering:CoverAndPack",
    "lns": "placement_solvers.lns:LargeNeighbourhoodSearch",
    "portfolio": "placement_solvers.portfolio:Portfolio",
    "devices": "placement_solvers.devices:DevicePacking",
    "devices_online": "placement_solvers.devices:OnlineDevices",
    "devices_told": "placement_solvers.devices:told_online",
}
"""This project's own: ``module:class``, or function that makes a solver, by name."""

PEERS = {
    "first_fit_decreasing": "benchmarks.peers:first_fit_decreasing",
    "best_fit_decreasing": "benchmarks.peers:best_fit_decreasing",
    "dot_product": "benchmarks.peers:dot_product",
    "first_fit_by_price": "benchmarks.peers:first_fit_by_price",
    "kube_scheduler": "benchmarks.peers:kube_scheduler",
    "kube_scheduler_most_allocated": "benchmarks.peers:kube_scheduler_most_allocated",
    "naive_cp_sat": "benchmarks.peers:naive_cp_sat",
    "fgd": "benchmarks.peers:fgd",
    "shared_best_fit": "benchmarks.peers:shared_best_fit",
    "shared_dot_product": "benchmarks.peers:shared_dot_product",
    "shared_packing": "benchmarks.peers:shared_packing",
    "shared_clustering": "benchmarks.peers:shared_clustering",
    "shared_random": "benchmarks.peers:shared_random",
    "rebalancer": "benchmarks.peers:rebalancer",
    "as_it_stands": "benchmarks.peers:as_it_stands",
}
"""What others do, written anew: ``module:function`` by name."""


def known() -> list[str]:
    """All names, this project's first."""
    return [*SOLVERS, *PEERS]


def check_name(name: str) -> None:
    """Refuse a name nobody goes by, without importing anything.

    Raises
    ------
    UnknownNameError
    """
    if name not in SOLVERS and name not in PEERS:
        raise UnknownNameError("solver", name, known())


def contestant(name: str) -> Solver:
    """The solver of that name.

    Raises
    ------
    UnknownNameError
        If nobody goes by that name.
    """
    check_name(name)
    module, _, attribute = {**SOLVERS, **PEERS}[name].partition(":")
    return cast("Solver", getattr(import_module(module), attribute)())
