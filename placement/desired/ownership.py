"""Which pods belong to which workload."""

from __future__ import annotations

from placement.model.inventory import Inventory
from placement.model.labels import Labels
from placement.model.pod import Owner, Pod
from placement.model.workload import Workload

HASH = "pod-template-hash"

# A Job's selector names its own uid, so a Job adopts nothing it did not make; a CronJob owns Jobs, not pods.
_ADOPTING = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet")


class Ownership:
    """The pods of each workload, by owner references and, for pods without an owner, by selector.

    Replica sets of a Deployment that was read too stand for nothing of their own: their pods are the Deployment's.
    A dump without replica sets works as well: their names end in the label ``pod-template-hash`` of their pods.

    Parameters
    ----------
    inventory : Inventory
    """

    def __init__(self, inventory: Inventory) -> None:
        self._by_name = {(one.kind, one.namespace, one.name): one for one in inventory.workloads}
        self._adopting: dict[str, list[Workload]] = {}
        for one in inventory.workloads:
            if one.kind in _ADOPTING and self.root(one) is one and one.selector and one.selector.requirements:
                self._adopting.setdefault(one.namespace, []).append(one)
        self._replica_sets = {id(one.template): one for one in inventory.workloads if one.kind == "ReplicaSet"}
        self._runs: dict[int, list[Workload]] = {}
        for one in inventory.workloads:
            cron_job = self._named(one.owner, one.namespace) if one.kind == "Job" and one.owner is not None else None
            if cron_job is not None:
                self._runs.setdefault(id(cron_job), []).append(one)
        self._adopters: dict[int, list[Workload]] = {}
        self._pods: dict[int, list[Pod]] = {}
        for pod in inventory.pods.values():
            owner = self.workload_of(pod)
            if owner is not None:
                self._pods.setdefault(id(owner), []).append(pod)

    def pods_of(self, workload: Workload) -> list[Pod]:
        """The pods of a workload, in the order they were read."""
        return self._pods.get(id(workload), [])

    def root(self, workload: Workload) -> Workload:
        """The Deployment that makes a replica set, if it was read; else the workload itself."""
        if workload.kind != "ReplicaSet" or workload.owner is None or workload.owner.kind != "Deployment":
            return workload
        return self._named(workload.owner, workload.namespace) or workload

    def replica_set_of(self, deployment: Workload) -> Workload | None:
        """The replica set of the same template as a Deployment's, to which its next pods belong; None if not read."""
        found = self._replica_sets.get(id(deployment.template))
        return found if found is not None and self.root(found) is deployment else None

    def runs_of(self, cron_job: Workload) -> list[Workload]:
        """The Jobs of a CronJob that were read."""
        return self._runs.get(id(cron_job), [])

    def workload_of(self, pod: Pod) -> Workload | None:
        """The workload a pod counts for, or None."""
        if pod.owner is None:
            return self._adopter(pod)
        found = self._named(pod.owner, pod.namespace)
        if found is not None:
            return self.root(found)
        return self._maker_of_absent(pod.owner, pod)

    def _named(self, owner: Owner, namespace: str) -> Workload | None:
        found = self._by_name.get((owner.kind, namespace, owner.name))
        if found is None or (owner.uid and found.uid and owner.uid != found.uid):
            return None
        return found

    def _maker_of_absent(self, owner: Owner, pod: Pod) -> Workload | None:
        kind = {"ReplicaSet": "Deployment", "Job": "CronJob"}.get(owner.kind)
        if kind is None or (owner.kind, pod.namespace, owner.name) in self._by_name:
            return None
        pod_hash = pod.template.labels.get(HASH)
        if kind == "Deployment" and pod_hash and owner.name.endswith(f"-{pod_hash}"):
            return self._by_name.get((kind, pod.namespace, owner.name.removesuffix(f"-{pod_hash}")))
        found = self._by_name.get((kind, pod.namespace, owner.name.rpartition("-")[0]))
        if found is None or (found.selector is not None and not found.selector.matches(pod.template.labels)):
            return None
        return found

    def _adopter(self, pod: Pod) -> Workload | None:
        template = pod.template
        candidates = self._adopters.get(id(template))
        if candidates is None:
            candidates = self._adopters[id(template)] = [
                one for one in self._adopting.get(template.namespace, ()) if _selects(one, template.labels)
            ]
        return next((one for one in candidates if one.kind != "StatefulSet" or ordinal_of(pod, one) is not None), None)


def _selects(workload: Workload, labels: Labels) -> bool:
    return workload.selector is not None and workload.selector.matches(labels)


def ordinal_of(pod: Pod, stateful_set: Workload) -> int | None:
    """The pod's place in a StatefulSet, None if its name gives it none."""
    digits = pod.name.removeprefix(f"{stateful_set.name}-")
    return int(digits) if digits != pod.name and digits.isascii() and digits.isdigit() else None
