"""The proof of a remedy: the changed cluster is planned anew, and the pod has a node."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace

from placement.cluster import Cluster
from placement.desired import desired
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.plans import Plan
from placement.remedies.change import Change
from placement.renewed_claims import renewed

Replan = Callable[[Cluster, float], Plan]
"""Plans a cluster in so many seconds of search."""

LONGEST = 3.0
"""Seconds of search that one trial may take."""


class Trial:
    """Plans changed clusters until its time is up.

    Parameters
    ----------
    inventory : Inventory
        The cluster as it is.
    plan : Plan
        What was planned for it.
    wanted : collection of Pod
        The pods that are to get a node: one, or the members of a gang.
    at_least : int
        How many of them.
    seconds : float
    """

    def __init__(
        self,
        inventory: Inventory,
        plan: Plan,
        wanted: Collection[Pod],
        at_least: int,
        replan: Replan,
        seconds: float,
    ) -> None:
        self._inventory, self._replan = inventory, replan
        self._at_least = at_least
        self._deadline = time.monotonic() + seconds
        self._keys = {pod.key for pod in wanted}
        left_out = {each.pod for each in plan.unplaced}
        self._left_out = _by_priority(inventory, left_out - self._keys)
        # Pods that nothing tells apart stand for one another: which of them gets the node is chance.
        self._alike = {
            key
            for key in left_out
            if any(inventory.pods[key].template is pod.template for pod in wanted) and not inventory.pods[key].node
        }
        self._controlled = inventory.workloads and desired(inventory).pods.keys() == inventory.pods.keys()

    @property
    def over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._deadline

    def helps(self, change: Change) -> bool:
        """Whether the pods get their nodes once the change is made, while nobody else loses theirs."""
        inventory = change.apply(self._inventory)
        if change.leaving:
            pods = dict(inventory.pods)
            for key in change.leaving:
                # Its controller would make it anew, without a node.
                pods[key] = replace(pods[key], node="")
            inventory = replace(renewed(inventory, change.leaving), pods=pods)
        if self._controlled:
            inventory = desired(inventory)
        left = min(max(self._deadline - time.monotonic(), 0.1), LONGEST)
        found = self._replan(Cluster(inventory), left)
        left_out = {each.pod for each in found.unplaced}
        if not self._placed(left_out, self._at_least if change.at_least is None else change.at_least):
            return False
        counts = _by_priority(inventory, left_out - change.leaving - self._keys)
        return all(count <= self._left_out[priority] for priority, count in counts.items())

    def _placed(self, left_out: set[str], at_least: int) -> bool:
        if len(self._keys) > 1:
            return len(self._keys - left_out) >= at_least
        return not self._keys & left_out or len(self._alike & left_out) < len(self._alike)


def _by_priority(inventory: Inventory, keys: Collection[str]) -> Counter[int]:
    return Counter(inventory.pods[key].template.priority for key in keys)
