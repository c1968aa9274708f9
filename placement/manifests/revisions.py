"""Which ``pod-template-hash`` the next pods of a Deployment get."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from placement.manifests.wire import metadata, workload
from placement.manifests.workloads import Workloads
from placement.model.pod import Pod
from placement.model.workload import Workload

HASH = "pod-template-hash"

_REVISION = "deployment.kubernetes.io/revision"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # as rand.SafeEncodeString: no vowels, no look-alikes


class Revisions:
    """The replica sets and living pods of a cluster, by the Deployment they belong to.

    Parameters
    ----------
    replica_sets : iterable of Workload
    pods : iterable of Pod
        A dump without replica sets still names them in the owners of its pods.
    """

    def __init__(self, replica_sets: Iterable[Workload], pods: Iterable[Pod]) -> None:
        self._sets: dict[tuple[str, str], list[Workload]] = {}
        for one in replica_sets:
            if one.owner is not None and one.owner.kind == "Deployment":
                self._sets.setdefault((one.namespace, one.owner.name), []).append(one)
        for owned in self._sets.values():
            owned.sort(key=_revision, reverse=True)
        self._newest: dict[tuple[str, str], Pod] = {}
        for pod in pods:
            name = deployment_of(pod)
            if name and not pod.finished:
                held = self._newest.get((pod.namespace, name))
                if held is None or pod.creation > held.creation:
                    self._newest[pod.namespace, name] = pod

    def deployment(
        self, maker: Workloads, meta: metadata.Metadata, written: workload.Workload, namespace: str
    ) -> Workload:
        """The Deployment, its template labelled as the controller would label the pods it makes next.

        The hash is that of the replica set whose template equals the Deployment's; in a dump without replica sets
        that of the newest pod; else one computed from the template.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        key = (namespace, meta.name or "")
        owned = self._sets.get(key, [])
        for one in owned:
            pod_hash = one.template.labels.get(HASH, "")
            made = maker.workload("Deployment", meta, written, namespace, pod_hash)
            if pod_hash and made.template is one.template:
                return made
        newest = self._newest.get(key)
        if newest is not None and not owned:
            return maker.workload("Deployment", meta, written, namespace, newest.template.labels[HASH])
        return maker.workload("Deployment", meta, written, namespace, _computed(written))


def deployment_of(pod: Pod) -> str:
    """Name of the Deployment a pod's owner belongs to, judged by the replica set's name; "" if it has none."""
    owner, pod_hash = pod.owner, pod.template.labels.get(HASH)
    if owner is None or owner.kind != "ReplicaSet" or not pod_hash:
        return ""
    name = owner.name.removesuffix(f"-{pod_hash}")
    return name if name != owner.name else ""


def _revision(one: Workload) -> int:
    written = one.annotations.get(_REVISION, "")
    return int(written) if written.isdigit() else 0


def _computed(written: workload.Workload) -> str:
    template = written.spec.template if written.spec is not None else None
    digest = hashlib.sha256(msgspec.json.encode(template, order="deterministic")).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])
