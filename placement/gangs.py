"""Gangs: pods that run together or not at all, as users of several schedulers write them.

- annotations of ours: ``placement.dev/gang``, ``placement.dev/gang-min-member``, ``placement.dev/gang-topology`` (one
  node label), ``placement.dev/gang-preferred-topology`` (one or more, separated by commas);
- scheduler-plugins: label ``scheduling.x-k8s.io/pod-group`` and a PodGroup with ``minMember``;
- Volcano: annotation ``scheduling.k8s.io/group-name`` and a PodGroup with ``minMember``;
- Kueue: annotations ``kueue.x-k8s.io/podset-required-topology`` and ``kueue.x-k8s.io/podset-preferred-topology`` on the
  pods of a gang that one of the others names;
- Kubernetes' own Workload and PodGroup API (``scheduling.k8s.io``), by the pod's reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from placement.model.gang import PodGroup
from placement.model.pod import Pod

GANG = "placement.dev/gang"
MIN_MEMBER = "placement.dev/gang-min-member"
TOPOLOGY = "placement.dev/gang-topology"
PREFERRED_TOPOLOGY = "placement.dev/gang-preferred-topology"
KUEUE_TOPOLOGY = "kueue.x-k8s.io/podset-required-topology"
KUEUE_PREFERRED_TOPOLOGY = "kueue.x-k8s.io/podset-preferred-topology"
COSCHEDULING = "scheduling.x-k8s.io/pod-group"
VOLCANO = "scheduling.k8s.io/group-name"


@dataclass(frozen=True, slots=True, eq=False)
class Gang:
    """Pods of a cluster that belong together.

    Attributes
    ----------
    name : str
        ``namespace/name``.
    members : tuple of Pod
        Unfinished pods, running or waiting.
    at_least : int
        How many must run for any to be worth it.
    topology_key : str
        All lie in one domain of it; "" asks nothing.
    preferred_keys : tuple of str
        Levels, such as rack, block and zone, in a domain of which as many as can be should lie together.
    """

    name: str
    members: tuple[Pod, ...]
    at_least: int
    topology_key: str = ""
    preferred_keys: tuple[str, ...] = ()

    def missing(self) -> int:
        """How many must still be placed besides those that run."""
        running = sum(1 for pod in self.members if pod.node and not pod.deleting)
        return max(self.at_least - running, 0)


def group_name(pod: Pod) -> str:
    """Name of the gang a pod says it belongs to, "" if none."""
    return (
        pod.annotations.get(GANG)
        or pod.template.labels.get(COSCHEDULING)
        or pod.annotations.get(VOLCANO)
        or pod.pod_group
    )


def gang_of(pod: Pod) -> str:
    """`Gang.name` of the gang that a pod says it belongs to; ends in a slash where it says nothing."""
    return f"{pod.namespace}/{group_name(pod)}"


def gangs(pods: Iterable[Pod], groups: Mapping[tuple[str, str], PodGroup]) -> tuple[Gang, ...]:
    """The gangs among pods, in order of their first member.

    A group that no object describes wants all of its pods. A ``gang-min-member`` that is not a number is taken as
    all, too: too careful rather than half a gang.
    """
    members: dict[tuple[str, str], list[Pod]] = {}
    for pod in pods:
        name = group_name(pod)
        if name and not pod.finished:
            members.setdefault((pod.namespace, name), []).append(pod)
    found = []
    for (namespace, name), together in members.items():
        group = groups.get((namespace, name))
        annotations = together[0].annotations
        written = annotations.get(MIN_MEMBER, "")
        at_least = int(written) if written.isdecimal() else len(together) if group is None else group.min_member
        topology = annotations.get(TOPOLOGY) or annotations.get(KUEUE_TOPOLOGY)
        preferred = annotations.get(PREFERRED_TOPOLOGY) or annotations.get(KUEUE_PREFERRED_TOPOLOGY)
        found.append(
            Gang(
                name=f"{namespace}/{name}",
                members=tuple(together),
                at_least=at_least,
                topology_key=topology or ("" if group is None else group.topology_key),
                preferred_keys=_keys(preferred) or (() if group is None else group.preferred_keys),
            )
        )
    return tuple(found)


def _keys(written: str | None) -> tuple[str, ...]:
    """The node labels of a list with commas, each once."""
    return tuple(dict.fromkeys(filter(None, (each.strip() for each in (written or "").split(",")))))
