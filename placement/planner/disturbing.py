"""Carrying a solution out in which running pods leave their nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from placement.cluster import Cluster
from placement.compiler import Compiled
from placement.model.pod import Pod
from placement.planner.draft import Pair, admit
from placement.predicates.snapshot import Snapshot
from placement.renewed_claims import renewed
from placement_solvers.problem import NOWHERE
from placement_solvers.solution import Solution


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """The cluster afterwards, and what was done.

    Attributes
    ----------
    snapshot : Snapshot
    pairs : list of (Pod, node)
        All placements, the daemons' first, in an order in which they are admitted.
    evictions : list of Pod
        Running pods that leave their node; those that find another are in `pairs` too.
    """

    snapshot: Snapshot
    pairs: list[Pair]
    evictions: list[Pod]


def carry_out(
    cluster: Cluster, compiled: Compiled, num_waiting: int, solution: Solution, daemons: Sequence[Pair]
) -> CarriedOut | None:
    """What a solution says, on the objects; None if they do not admit all of it.

    The objects may know something the problem does not; a plan that disturbs pods for nothing is no better.

    Parameters
    ----------
    num_waiting : int
        Items of the problem that wait; the others run.
    daemons : sequence of (Pod, node)
        Pods that count as placed before.
    """
    start, bin_of = compiled.problem.start, solution.bin_of
    leaving = [item for item in range(num_waiting, len(compiled.pods)) if bin_of[item] != start[item]]
    snapshot = Snapshot(renewed(cluster.inventory, [compiled.pods[item].key for item in leaving]))
    for item in leaving:
        snapshot.unbind(compiled.pods[item])
    moving = set(leaving)
    pairs = [
        # A pod that was evicted comes back without a node.
        (replace(compiled.pods[item], node=""), compiled.nodes[bin_of[item]])
        for item in solution.sequence.tolist()
        if bin_of[item] != NOWHERE and (item < num_waiting or item in moving)
    ]
    admitted = admit([*daemons, *pairs], snapshot)
    if len(admitted) < len(daemons) + len(pairs):
        return None
    return CarriedOut(snapshot, admitted, [compiled.pods[item] for item in leaving])
