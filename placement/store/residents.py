"""Pods on their nodes, in the order in which they came, and those whose node is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from placement.model.pod import Pod
from placement.model.volume import ClaimVolume, PersistentVolumeClaim
from placement.predicates import volume_binding
from placement.store.live import LiveSnapshot
from placement.store.objects import Key, Objects


class Residents:
    """Puts pods on nodes of a snapshot and takes them off, so that volumes are promised as in one built afresh.

    Parameters
    ----------
    objects : Objects
        What the snapshot was made of; pods with a node are on it, or wait for it if it is not there.
    snapshot : LiveSnapshot
    """

    def __init__(self, objects: Objects, snapshot: LiveSnapshot) -> None:
        self._snapshot = snapshot
        self._sequence = {key: number for number, key in enumerate(objects.pods)}
        self._next = len(self._sequence)
        # By node that is not there, by claim, and those with volumes, or with claims that wait for a volume.
        self._stranded: dict[str, dict[str, None]] = {}
        self._users: dict[Key, dict[str, None]] = {}
        self._with_volumes: dict[str, None] = {}
        self._waiting: dict[str, None] = {}
        self._claims_of: dict[str, dict[Key, None]] = {}
        for claim_key, claim in objects.claims.items():
            if claim.volume:
                self._claims_of.setdefault(claim.volume, {})[claim_key] = None
        for key, pod in objects.pods.items():
            if pod.node and not pod.finished:
                if pod.node not in snapshot.nodes:
                    self.strand(key, pod.node)
                elif pod.template.volumes:
                    self._note_volumes(pod)

    # The order in which pods came

    def enrol(self, key: str) -> None:
        """Take note that a pod came, if it is not known."""
        if key not in self._sequence:
            self._sequence[key] = self._next
            self._next += 1

    def strike(self, key: str) -> None:
        """Forget when a pod came."""
        self._sequence.pop(key, None)

    def in_order(self, pods: Iterable[str]) -> list[str]:
        """Pods as they came."""
        return sorted(pods, key=self._came)

    def _came(self, key: str) -> int:
        return self._sequence.get(key, -1)

    # Whose node is not there

    def strand(self, key: str, node: str) -> None:
        """Let a pod wait until its node is there."""
        self._stranded.setdefault(node, {})[key] = None

    def forget_stranded(self, pod: Pod) -> None:
        """Let a pod wait no more."""
        stranded = self._stranded.get(pod.node)
        if stranded is not None:
            stranded.pop(pod.key, None)
            if not stranded:
                del self._stranded[pod.node]

    def arriving(self, node: str) -> list[str]:
        """Those who waited for a node, as they came; they wait no more."""
        return self.in_order(self._stranded.pop(node, {}))

    # On the nodes

    def held(self, key: str) -> Pod | None:
        """A pod as the snapshot has it on a node, None if it is on none."""
        name = self._snapshot.node_named(key)
        return None if name is None else self._snapshot.nodes[name].pods[key]

    def place(self, pod: Pod) -> None:
        """Put a pod on its node."""
        if not pod.template.volumes:
            self._snapshot.bind(pod, pod.node)
        elif volume_binding.sort_claims(pod, self._snapshot.storage).delayed:
            self.resettle((), come=pod)
        else:
            self._put(pod)

    def displace(self, key: str) -> None:
        """Take a pod off its node, if it is on one."""
        held = self.held(key)
        if held is None:
            return
        if key in self._waiting:
            self.resettle((), gone=key)
        else:
            self._take(held)

    def resettle(
        self,
        pods: Iterable[str],
        change: Callable[[], object] | None = None,
        *,
        come: Pod | None = None,
        gone: str = "",
    ) -> None:
        """Make a change while these pods, and all whose claims wait for a volume, are off their nodes.

        Who gets which volume goes by the order in which pods came, so they go back in that order.
        """
        found = [self.held(key) for key in {*pods, *self._waiting}]
        held = [pod for pod in found if pod is not None]
        for pod in held:
            self._take(pod)
        if change is not None:
            change()
            self._snapshot.storage.refile()
            self._snapshot.moves += 1
        held = [pod for pod in held if pod.key != gone]
        if come is not None:
            held.append(come)
        for pod in sorted(held, key=lambda one: self._came(one.key)):
            self._put(pod)

    def settle(self) -> None:
        """Give claims that wait for a volume the one they would get afresh."""
        if self._waiting:
            self.resettle(())

    def _put(self, pod: Pod) -> None:
        self._snapshot.bind(pod, pod.node)
        if pod.template.volumes:
            self._note_volumes(pod)

    def _take(self, pod: Pod) -> None:
        key = pod.key
        self._snapshot.unbind(pod)
        if pod.template.volumes:
            self._with_volumes.pop(key, None)
            self._waiting.pop(key, None)
            for claim in _claims(pod):
                users = self._users.get(claim, {})
                users.pop(key, None)
                if not users:
                    self._users.pop(claim, None)

    def _note_volumes(self, pod: Pod) -> None:
        self._with_volumes[pod.key] = None
        for claim in _claims(pod):
            self._users.setdefault(claim, {})[pod.key] = None
        if volume_binding.sort_claims(pod, self._snapshot.storage).delayed:
            self._waiting[pod.key] = None

    # Who uses which volume

    def with_volumes(self, node: str = "") -> list[str]:
        """Pods that have volumes, on one node or with "" on any."""
        if not node:
            return list(self._with_volumes)
        state = self._snapshot.nodes.get(node)
        return [] if state is None else [key for key in self._with_volumes if key in state.pods]

    def users_of_claim(self, key: Key) -> list[str]:
        """Pods that use a claim."""
        return list(self._users.get(key, ()))

    def users_of_volume(self, name: str) -> list[str]:
        """Pods that use a volume by a claim."""
        return [pod for claim in self._claims_of.get(name, ()) for pod in self._users.get(claim, ())]

    def note_claim(self, key: Key, known: PersistentVolumeClaim | None, claim: PersistentVolumeClaim | None) -> None:
        """Take note of what became of a claim; None is a claim that is not there."""
        if known is not None and known.volume:
            self._claims_of.get(known.volume, {}).pop(key, None)
        if claim is not None and claim.volume:
            self._claims_of.setdefault(claim.volume, {})[key] = None


def _claims(pod: Pod) -> list[Key]:
    return [(pod.namespace, volume.claim) for volume in pod.template.volumes if isinstance(volume, ClaimVolume)]
