"""A cluster as the engine sees it: what was read, and what kube-scheduler would say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from placement.errors import UnknownPodError
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import Verdict, verdict
from placement.scores.total import scores


class Cluster:
    """The objects of a cluster and the state they are in.

    >>> cluster = Cluster.from_files(["dump.json"])
    >>> cluster.verdict("shop/web-0").feasible
    ['node-1']

    Parameters
    ----------
    inventory : Inventory
        What was read; it is never changed.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._snapshot: Snapshot | None = None

    @classmethod
    def from_objects(cls, objects: Iterable[Mapping[str, Any]]) -> Cluster:
        """The cluster of decoded Kubernetes objects, defaulted as the API server would, workloads with their pods.

        Raises
        ------
        InputError
            If an object is wrong.
        """
        from placement.manifests import inventory_of

        return cls(_completed(inventory_of(objects)))

    @classmethod
    def from_files(cls, paths: Sequence[Path | str]) -> Cluster:
        """The cluster of files and directories of manifests; ``-`` is standard input.

        Raises
        ------
        InputError
            If a file or an object in it is wrong.
        """
        from placement.manifests import read_inventory

        return cls(_completed(read_inventory(paths)))

    @property
    def snapshot(self) -> Snapshot:
        """The state of the cluster as it was read, made at first use and shared: whoever changes it takes it back."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self.inventory)
        return self._snapshot

    @property
    def pending(self) -> tuple[Pod, ...]:
        """Pods that wait for a node: not finished, not being deleted, in the order in which they came."""
        return tuple(pod for pod in self.inventory.pods.values() if not (pod.node or pod.finished or pod.deleting))

    def verdict(self, pod: str) -> Verdict:
        """Where a pod ``namespace/name`` could go, and who refuses it elsewhere.

        It is judged alone against the pods that have a node. One that has a node itself is judged as if it were to
        come, and may only go there (NodeName).

        Raises
        ------
        UnknownPodError
            If there is no such pod.
        """
        judged = self._pod(pod)
        with self.snapshot.without(judged):
            return verdict(judged, self.snapshot)

    def scores(self, pod: str) -> dict[str, dict[str, int]]:
        """The default profile's weighted scores of a pod ``namespace/name`` on each feasible node, by plugin.

        Raises
        ------
        UnknownPodError
            If there is no such pod.
        """
        judged = self._pod(pod)
        with self.snapshot.without(judged):
            return scores(judged, self.snapshot, verdict(judged, self.snapshot).feasible)

    def _pod(self, key: str) -> Pod:
        pod = self.inventory.pods.get(key)
        if pod is None:
            raise UnknownPodError(f"no pod {key}; expected namespace/name")
        return pod


def _completed(inventory: Inventory) -> Inventory:
    """The inventory with the pods that its workloads miss; without workloads only claims are left to complete."""
    from placement.desired import bound_at_once, desired

    return desired(inventory) if inventory.workloads else bound_at_once(inventory)
