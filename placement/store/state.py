"""The state of a cluster, kept up to date by events.

At every moment it says what a state built afresh from the same objects would say. Most events cost what they touch;
only new labels of a namespace in which there are pods, and device classes, have everything built anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod
from placement.model.volume import PersistentVolumeClaim
from placement.store.assumption import Assumption, with_assumed
from placement.store.journal import Journal
from placement.store.judge import Judge
from placement.store.live import LiveSnapshot
from placement.store.objects import Key, Objects
from placement.store.outcome import Outcome
from placement.store.reservations import Reservations
from placement.store.residents import Residents

# Kinds of pods that are gone are still remembered; beyond this many more than there are pods all is built anew.
_SPARE_KINDS = 20_000


class State:
    """Objects, the snapshot of them and the judge over it.

    Parameters
    ----------
    inventory : Inventory, optional
        What is there at the beginning.

    Attributes
    ----------
    reservations : Reservations
        Room that `outcome` keeps for pods to come.
    journal : Journal or None
        Where every change of an object is noted, if somebody keeps up with them.
    """

    def __init__(self, inventory: Inventory | None = None) -> None:
        self.objects = Objects() if inventory is None else Objects.of(inventory)
        self.reservations = Reservations()
        self.journal: Journal | None = None
        self._assumed: dict[str, Assumption] = {}
        self._builds = 0
        self.build()

    def build(self) -> None:
        """Build everything anew from the objects and assumptions. O(objects)."""
        self._builds += 1
        self._pending = {key for key, pod in self.objects.pods.items() if not (pod.node or pod.finished)}
        self.snapshot = LiveSnapshot(self.objects.live_inventory())
        self.judge = Judge(self.snapshot)
        self._residents = Residents(self.objects, self.snapshot)
        for key, assumption in list(self._assumed.items()):
            self._assumed.pop(key)
            known = self.objects.pods.get(key)
            if known is not None:
                self.assume(known, assumption.node, assumption.until)

    # Events

    def replace_all(self, inventory: Inventory) -> None:
        """Hold what an inventory holds and nothing else; assumed pods stay where they are."""
        if self.journal is not None:
            self.journal.tear()
        self.objects = Objects.of(inventory)
        self.build()

    def apply(self, kind: str, key: Key, model: Any) -> None:
        """Take over that an object came or changed."""
        if self.journal is not None:
            self.journal.come(kind, key, model)
        match kind:
            case "Pod":
                self._apply_pod(model)
            case "Node":
                self._apply_node(model)
            case "Namespace":
                self._apply_namespace(key[1], model)
            case "PersistentVolumeClaim":
                self._change_claim(key, model)
            case "PersistentVolume":
                self._change_volume(key[1], lambda: self.objects.volumes.__setitem__(key[1], model))
            case "StorageClass":
                self._residents.resettle(
                    self._residents.with_volumes(), lambda: self.objects.storage_classes.__setitem__(key[1], model)
                )
            case "CSIDriver":
                change = self.objects.capacity_drivers.add if model else self.objects.capacity_drivers.discard
                self._residents.resettle((), lambda: change(key[1]))
            case "CSIStorageCapacity":
                self._residents.resettle((), lambda: self.objects.storage_capacities.__setitem__(key, model))
            case "CSINode":
                self._change_csi_node(key[1], lambda: self.objects.csi_nodes.__setitem__(key[1], model))
            case "VolumeAttachment":
                self.objects.attach(key, model)
                self.snapshot.moves += 1
            case "DeviceClass":
                if self.objects.device_classes.get(key) != model:
                    self.objects.device_classes[key] = model
                    self.build()
            case "ReplicaSet" | "StatefulSet" | "ReplicationController":
                self.objects.workloads[kind, key] = model
            case "PriorityClass":
                self.objects.priority_classes[key[1]] = model
            case _:
                self.objects.kept(kind)[key] = model

    def delete(self, kind: str, key: Key) -> None:
        """Take over that an object is gone; of one that is not there nothing happens."""
        if self.journal is not None:
            self.journal.go(kind, key)
        objects, name = self.objects, key[1]
        match kind:
            case "Pod":
                self._delete_pod(f"{key[0]}/{name}")
            case "Node":
                self._delete_node(name)
            case "Namespace":
                self._apply_namespace(name, None)
            case "PersistentVolumeClaim":
                self._change_claim(key, None)
            case "PersistentVolume":
                self._change_volume(name, lambda: objects.volumes.pop(name, None))
            case "StorageClass":
                self._residents.resettle(
                    self._residents.with_volumes(), lambda: objects.storage_classes.pop(name, None)
                )
            case "CSIDriver":
                self._residents.resettle((), lambda: objects.capacity_drivers.discard(name))
            case "CSIStorageCapacity":
                self._residents.resettle((), lambda: objects.storage_capacities.pop(key, None))
            case "CSINode":
                self._change_csi_node(name, lambda: objects.csi_nodes.pop(name, None))
            case "VolumeAttachment":
                objects.attach(key, None)
                self.snapshot.moves += 1
            case "DeviceClass":
                if objects.device_classes.pop(key, None) is not None:
                    self.build()
            case "ReplicaSet" | "StatefulSet" | "ReplicationController":
                objects.workloads.pop((kind, key), None)
            case "PriorityClass":
                objects.priority_classes.pop(name, None)
            case _:
                objects.kept(kind).pop(key, None)

    def keys(self, kind: str) -> list[Key]:
        """The objects of a kind."""
        return self.objects.keys(kind)

    # Answers

    def outcome(self, pod: Pod, reservations: Reservations | None = None) -> Outcome:
        """What each node says of a pod that is to come; if the state has it on a node, it is left out meanwhile."""
        with self.snapshot.without(pod):
            return self.judge.outcome(pod, reservations)

    def inventory(self) -> Inventory:
        """The objects as they are now, assumed pods on their nodes. O(objects)."""
        return with_assumed(self.objects.inventory(), self.assumed)

    @property
    def assumed(self) -> dict[str, str]:
        """Where each assumed pod ``namespace/name`` is believed to be. O(assumed pods)."""
        return {key: assumption.node for key, assumption in self._assumed.items()}

    @property
    def moves(self) -> tuple[int, int]:
        """Another value whenever anything changed that an answer could depend on."""
        return self._builds, self.snapshot.moves

    @property
    def num_assumed(self) -> int:
        """Pods that are believed to be on their node although nobody has seen them there."""
        return len(self._assumed)

    @property
    def num_pending(self) -> int:
        """Pods that have not finished and are on no node, not even in thought. O(assumed pods)."""
        return len(self._pending) - sum(key in self._pending for key in self._assumed)

    # Assumptions

    def assume(self, pod: Pod, node: str, until: float) -> bool:
        """Count a pod on a node before it is seen there; whether that was possible."""
        known = self.objects.pods.get(pod.key)
        if node not in self.snapshot.nodes or (known is not None and (known.node or known.finished)):
            return False
        self.drop(pod.key)
        self._assumed[pod.key] = Assumption(node, until)
        self._residents.enrol(pod.key)
        self._residents.place(replace(pod, node=node))
        # It now counts itself; its room must not count a second time.
        self.reservations.release(pod.key)
        return True

    def assumed_node(self, pod: str) -> str | None:
        """The node on which a pod ``namespace/name`` is believed to be, None if it is not."""
        assumption = self._assumed.get(pod)
        return None if assumption is None else assumption.node

    def drop(self, pod: str) -> None:
        """Stop believing that a pod ``namespace/name`` is on its node."""
        assumption = self._assumed.pop(pod, None)
        if assumption is not None:
            self._residents.displace(pod)

    def expire(self, now: float) -> int:
        """Stop believing what was not confirmed in time; how much that was."""
        lapsed = [pod for pod, assumption in self._assumed.items() if assumption.until <= now]
        for pod in lapsed:
            self.drop(pod)
        return len(lapsed)

    def settle(self) -> None:
        """Give claims that wait for a volume the one they would get afresh, after pods were moved about in thought."""
        self._residents.settle()

    def compact(self) -> bool:
        """Build anew if more is remembered of pods that are gone than is worth it; whether it was."""
        if self.snapshot.num_kinds < len(self.objects.pods) + _SPARE_KINDS:
            return False
        self.build()
        return True

    # Pods

    def _apply_pod(self, pod: Pod) -> None:
        key = pod.key
        known = self.objects.pods.get(key)
        assumption = self._assumed.get(key)
        replaced = known is not None and known.uid != pod.uid
        if assumption is not None and (pod.node or pod.finished or pod.deleting or replaced):
            self.drop(key)
            assumption = None
        if replaced:
            self._delete_pod(key)
            known = None
        self.objects.pods[key] = pod
        if pod.node or pod.finished:
            self._pending.discard(key)
        else:
            self._pending.add(key)
        if known is None:
            self._residents.enrol(key)
        if assumption is not None:
            if known is None or known.template is not pod.template:
                self._residents.displace(key)
                self._residents.place(replace(pod, node=assumption.node))
            return
        held = self._residents.held(key)
        if held is not None and pod.node == held.node and not pod.finished and _alike(held, pod):
            self.snapshot.nodes[pod.node].pods[key] = pod
            return
        if known is not None:
            self._residents.forget_stranded(known)
            if held is not None:
                self._residents.displace(key)
        if pod.node and not pod.finished:
            if pod.node in self.snapshot.nodes:
                self._residents.place(pod)
            else:
                self._residents.strand(key, pod.node)
        if pod.node or pod.finished:
            self.reservations.release(key)

    def _delete_pod(self, key: str) -> None:
        self.drop(key)
        known = self.objects.pods.pop(key, None)
        self._pending.discard(key)
        self._residents.strike(key)
        self.reservations.release(key)
        if known is None:
            return
        self._residents.forget_stranded(known)
        if self._residents.held(key) is not None:
            self._residents.displace(key)

    # Nodes

    def _apply_node(self, node: Node) -> None:
        known = self.objects.nodes.get(node.name)
        self.objects.nodes[node.name] = node
        if known is None:
            self._add_node(node)
        elif (known.labels, known.taints, known.unschedulable) == (node.labels, node.taints, node.unschedulable):
            self.snapshot.redescribe(node, changed=known.allocatable != node.allocatable)
        else:
            held = self._residents.in_order(self.snapshot.nodes[node.name].pods)
            self._residents.resettle(held, lambda: self._exchange(node))

    def _exchange(self, node: Node) -> None:
        self.snapshot.remove_node(node.name)
        self.snapshot.add_node(node)

    def _add_node(self, node: Node) -> None:
        self.snapshot.add_node(node)
        for key in self._residents.arriving(node.name):
            self._residents.place(self.objects.pods[key])

    def _delete_node(self, name: str) -> None:
        if self.objects.nodes.pop(name, None) is None:
            return
        for key in self._residents.in_order(self.snapshot.nodes[name].pods):
            if key in self._assumed:
                self.drop(key)
                continue
            self._residents.displace(key)
            self._residents.strand(key, name)
        self.snapshot.remove_node(name)

    # Namespaces and storage

    def _apply_namespace(self, name: str, labels: Any) -> None:
        known = self.objects.namespaces.get(name)
        if known == labels:
            return
        if labels is None:
            del self.objects.namespaces[name]
        else:
            self.objects.namespaces[name] = labels
        if self.snapshot.knows_namespace(name):
            self.build()
        else:
            self.judge.forget()
            self.snapshot.moves += 1

    def _change_claim(self, key: Key, claim: PersistentVolumeClaim | None) -> None:
        def change() -> None:
            known = self.objects.claims.pop(key, None) if claim is None else self.objects.claims.get(key)
            if claim is not None:
                self.objects.claims[key] = claim
            self._residents.note_claim(key, known, claim)

        self._residents.resettle(self._residents.users_of_claim(key), change)

    def _change_volume(self, name: str, change: Callable[[], object]) -> None:
        self._residents.resettle(self._residents.users_of_volume(name), change)

    def _change_csi_node(self, name: str, change: Callable[[], object]) -> None:
        self._residents.resettle(self._residents.with_volumes(name), change)


def _alike(one: Pod, other: Pod) -> bool:
    return one.template is other.template and one.deleting == other.deleting
