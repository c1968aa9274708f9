"""What others do, written anew on arrays so that it runs at any size; nothing here is shared with the solvers.

Peers keep every hard rule of a problem but know nothing of what comes later and prove nothing.
"""

from __future__ import annotations

from benchmarks.peers.peer import Peer
from placement_solvers.solver import Solver


def first_fit_decreasing() -> Solver:
    """Each item into the first bin that takes it; see `benchmarks.peers.fitting`."""
    from benchmarks.peers.fitting import first_fit

    return Peer("first_fit_decreasing", first_fit)


def best_fit_decreasing() -> Solver:
    """Each item into the bin that it leaves fullest; see `benchmarks.peers.fitting`."""
    from benchmarks.peers.fitting import best_fit

    return Peer("best_fit_decreasing", best_fit)


def dot_product() -> Solver:
    """Each bin filled with what matches its free room best; see `benchmarks.peers.filling`."""
    from benchmarks.peers.filling import fill

    return Peer("dot_product", fill)


def first_fit_by_price() -> Solver:
    """Nodes that stay open to all shapes and get the cheapest in the end; see `benchmarks.peers.flexible`."""
    from benchmarks.peers.flexible import first_fit_by_price as place

    return Peer("first_fit_by_price", place)


def kube_scheduler() -> Solver:
    """The default profile; see `benchmarks.peers.scheduling`."""
    from benchmarks.peers.scheduling import least_allocated

    return Peer("kube_scheduler", least_allocated)


def kube_scheduler_most_allocated() -> Solver:
    """The default profile with the bin packing strategy; see `benchmarks.peers.scheduling`."""
    from benchmarks.peers.scheduling import most_allocated

    return Peer("kube_scheduler_most_allocated", most_allocated)


def fgd() -> Solver:
    """Fragmentation gradient descent; this and the next five, see `benchmarks.peers.sharing`."""
    from benchmarks.peers import sharing

    return Peer("fgd", sharing.fgd)


def shared_best_fit() -> Solver:
    """Least left over of the first resource and of devices."""
    from benchmarks.peers import sharing

    return Peer("shared_best_fit", sharing.best_fit)


def shared_dot_product() -> Solver:
    """Demand and room least aligned."""
    from benchmarks.peers import sharing

    return Peer("shared_dot_product", sharing.dot_product)


def shared_packing() -> Solver:
    """Devices in use first, then bins in use."""
    from benchmarks.peers import sharing

    return Peer("shared_packing", sharing.packing)


def shared_clustering() -> Solver:
    """Beside items that ask for as many devices."""
    from benchmarks.peers import sharing

    return Peer("shared_clustering", sharing.clustering)


def shared_random() -> Solver:
    """Any bin and device with room."""
    from benchmarks.peers import sharing

    return Peer("shared_random", sharing.at_random)


def rebalancer() -> Solver:
    """Meta's, in an environment of its own; see `benchmarks.peers.rebalancing`."""
    from benchmarks.peers.rebalancing import Rebalancer

    return Rebalancer()


def as_it_stands() -> Solver:
    """Nothing is done: what has a bin stays, what waits goes on waiting."""
    from benchmarks.peers.peer import as_it_stands as stay

    return Peer("as_it_stands", stay)


def naive_cp_sat() -> Solver:
    """One boolean an item and bin; see `benchmarks.peers.naive`."""
    from benchmarks.peers.naive import NaiveCpSat

    return NaiveCpSat()
