"""Relations between pods: who may not, must, or should evenly share a domain with whom.

Every relation becomes a *group*, a set of templates counted in the domains of a topology, and a row that ties a
template to it. The rules are kube-scheduler's:

- required anti-affinity, both ways (InterPodAffinity): a pod avoids the pods its term means, and is avoided by the
  pods whose terms mean it;
- required affinity (InterPodAffinity): a pod counts for a term only if it matches *all* terms of the incoming pod, and
  the first of its kind may go anywhere that has the keys;
- topology spread (PodTopologySpread), counted over the nodes that the constraint's policies include;
- host ports (NodePorts) and disks that mount once (VolumeRestrictions), within a node.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from placement.compiler.eligibility import affinity_mask
from placement.compiler.nodes import Mask, NodeTable
from placement.compiler.occupancy import Occupancy, TemplateTable
from placement.model.affinity import PodAffinityTerm
from placement.model.labels import Labels, Selector
from placement.model.pod import HostPort, PodTemplate
from placement.model.topology import SpreadConstraint, system_defaults
from placement.model.volume import DiskVolume
from placement.policy import Weights
from placement.predicates.volume_restrictions import conflict

Part = TypeVar("Part", bound=Hashable)

NODE = ""
"""Topology key that stands for the node itself, whatever its labels."""


@dataclass(slots=True)
class Rows:
    """The rows of one template. Groups are named by their number."""

    limits: dict[int, int] = field(default_factory=dict)
    attractions: list[int] = field(default_factory=list)
    self_starting: bool = False
    spreads: list[tuple[int, int, int, int]] = field(default_factory=list)  # group, max skew, min domains, self


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Templates counted together.

    Attributes
    ----------
    topology, scope : int
        Rows of the topology and scope lists; scope -1 is everywhere.
    members : (T,) bool
        Over all templates, those of waiting and of staying pods.
    initial : (domains,) int32
        Pods that stay.
    """

    topology: int
    scope: int
    members: NDArray[np.bool_]
    initial: NDArray[np.int32]


class Relations:
    """Groups and rows of all waiting templates.

    Parameters
    ----------
    waiting : int
        The first so many templates of the table are those of waiting pods.
    soft : Weights, optional
        What preferred affinity and ScheduleAnyway weigh; without it they are left out.
    siblings : sequence of Selector or None
        With `soft`: the siblings of each waiting template, over whom the cluster's own constraints spread it.

    Attributes
    ----------
    topologies, scopes, groups
        What rows refer to by number.
    rows : list of Rows
        One a waiting template.
    pairs, skews
        Rows of the soft forms; empty unless `soft`.
    """

    def __init__(
        self,
        templates: TemplateTable,
        waiting: int,
        nodes: NodeTable,
        occupancy: Occupancy,
        namespaces: Mapping[str, Labels],
        *,
        soft: Weights | None = None,
        siblings: Sequence[Selector | None] = (),
    ) -> None:
        self._templates, self._waiting, self._nodes = templates, waiting, nodes
        self._occupancy, self._namespaces = occupancy, namespaces
        self._label_set = np.array(templates.label_set, dtype=np.int64)
        self.topologies: list[NDArray[np.int32]] = []
        self.scopes: list[Mask] = []
        self.groups: list[Group] = []
        self.rows = [Rows() for _ in range(waiting)]
        self._topology_numbers: dict[bytes, int] = {}
        self._topology_of_key: dict[str, int] = {}
        self._scope_numbers: dict[bytes, int] = {}
        self._group_numbers: dict[Hashable, int | None] = {}
        self._matched: dict[Hashable, NDArray[np.bool_]] = {}
        self.pairs: list[tuple[int, int, int]] = []  # template, group, weight
        self.skews: list[tuple[int, int, int]] = []  # group, max skew, weight
        self._anti_affinity()
        self._host_ports()
        self._disks()
        self._affinity()
        self._spread()
        if soft is not None and soft.pod_affinity:
            self._preferred_affinity(soft.pod_affinity)
        if soft is not None and soft.spread:
            self._preferred_spread(soft.spread, siblings)

    def counted(self, namespace: str, selector: Selector, key: str) -> int | None:
        """Number of the group of selected pods in the domains of a node label; None if no waiting pod is one."""
        meant = self._matching(("counted", selector, namespace), lambda each: each == namespace, selector.matches)
        if not meant[: self._waiting].any():
            return None
        return self._group(key, meant, count_deleting=False)

    def topology(self, key: str) -> int:
        """Row of the topology of a node label, a new one if nobody asked for it; `NODE` is the node itself."""
        if key not in self._topology_of_key:
            domain_of = np.arange(len(self._nodes), dtype=np.int32) if key == NODE else self._nodes.codes(key)[0]
            number = self._topology_numbers.setdefault(domain_of.tobytes(), len(self.topologies))
            if number == len(self.topologies):
                self.topologies.append(domain_of)
            self._topology_of_key[key] = number
        return self._topology_of_key[key]

    def _scope(self, mask: Mask) -> int:
        if mask.all():
            return -1
        number = self._scope_numbers.setdefault(mask.tobytes(), len(self.scopes))
        if number == len(self.scopes):
            self.scopes.append(mask)
        return number

    def _group(
        self,
        key: str,
        members: NDArray[np.bool_],
        *,
        scope: int = -1,
        count_deleting: bool = True,
        keep: bool = True,
        staying_only: bool = False,
    ) -> int | None:
        """Number of a group, or None if it is empty for ever and `keep` is off.

        A group of staying pods only is not joined by waiting pods of the same templates.
        """
        topology = self.topology(key)
        domain_of = self.topologies[topology]
        if scope >= 0:
            domain_of = np.where(self.scopes[scope], domain_of, np.int32(-1))
        initial = self._occupancy.members(members, domain_of, count_deleting=count_deleting)
        num_domains = int(self.topologies[topology].max(initial=-1)) + 1
        initial = np.concatenate([initial, np.zeros(num_domains - len(initial), dtype=np.int32)])
        if staying_only:
            members = np.zeros_like(members)
        waiting = members[: self._waiting]
        if not keep and not waiting.any() and not initial.any():
            return None
        # Groups that no waiting pod can tell apart are one.
        identity = (topology, scope, waiting.tobytes(), initial.tobytes())
        number = self._group_numbers.get(identity)
        if number is None:
            number = self._group_numbers[identity] = len(self.groups)
            self.groups.append(Group(topology, scope, members, initial))
        return number

    def _matching(
        self, key: Hashable, namespaces: Callable[[str], bool], matches: Callable[[Labels], bool]
    ) -> NDArray[np.bool_]:
        """Templates whose namespace and labels are meant, (T,) bool; asked once for each label set."""
        found = self._matched.get(key)
        if found is None:
            sets = np.zeros(self._templates.num_label_sets, dtype=np.bool_)
            for namespace, members in self._templates.sets_of.items():
                if namespaces(namespace):
                    for number, labels in members:
                        sets[number] = matches(labels)
            found = self._matched[key] = sets[self._label_set] if len(sets) else np.zeros(0, dtype=np.bool_)
        return found

    def _meant(self, term: PodAffinityTerm) -> NDArray[np.bool_]:
        selector = term.selector
        return self._matching(
            (term.selector, term.namespaces, term.namespace_selector),
            lambda namespace: term.covers(namespace, self._namespaces),
            (lambda _: False) if selector is None else selector.matches,
        )

    def _anti_affinity(self) -> None:
        holders: dict[PodAffinityTerm, list[int]] = {}
        for number, template in enumerate(self._templates.templates):
            for term in template.anti_affinity.required:
                holders.setdefault(term, []).append(number)
        for term, holding in holders.items():
            meant = self._meant(term)
            hold = np.zeros(len(self._templates), dtype=np.bool_)
            hold[holding] = True
            self._limit(hold, self._group(term.topology_key, meant, keep=False))
            self._limit(meant, self._group(term.topology_key, hold, keep=False))

    def _limit(self, templates: NDArray[np.bool_], group: int | None, at_most: int = 1) -> None:
        if group is None:
            return
        for number in np.flatnonzero(templates[: self._waiting]):
            row = self.rows[number].limits
            row[group] = min(at_most, row.get(group, at_most))

    def _within_node(
        self, parts_of: Callable[[PodTemplate], Sequence[Part]], conflict: Callable[[Part, Part], bool]
    ) -> None:
        """Limits for parts of pods that exclude one another on a node."""
        holders: dict[Part, list[int]] = {}
        for number, template in enumerate(self._templates.templates):
            for part in parts_of(template):
                holders.setdefault(part, []).append(number)
        for part, holding in holders.items():
            if not any(number < self._waiting for number in holding):
                continue
            hold = np.zeros(len(self._templates), dtype=np.bool_)
            hold[holding] = True
            against = np.zeros(len(self._templates), dtype=np.bool_)
            for other, others in holders.items():
                if conflict(part, other):
                    against[others] = True
            self._limit(hold, self._group(NODE, against, keep=False))

    def _host_ports(self) -> None:
        self._within_node(lambda template: template.host_ports, HostPort.conflicts)

    def _disks(self) -> None:
        self._within_node(
            lambda template: [volume for volume in template.volumes if isinstance(volume, DiskVolume)], conflict
        )

    def _affinity(self) -> None:
        for number, template in enumerate(self._templates.templates[: self._waiting]):
            terms = template.affinity.required
            if not terms:
                continue
            meant = np.logical_and.reduce([self._meant(term) for term in terms])
            row = self.rows[number]
            for key in dict.fromkeys(term.topology_key for term in terms):
                group = self._group(key, meant)
                if group is not None and group not in row.attractions:
                    row.attractions.append(group)
            row.self_starting = all(
                term.matches(template.namespace, template.labels, self._namespaces) for term in terms
            )

    def _spread(self) -> None:
        for number, template in enumerate(self._templates.templates[: self._waiting]):
            constraints = [constraint for constraint in template.spread if constraint.required]
            if not constraints:
                continue
            keyed = self._nodes.everywhere()
            for constraint in constraints:
                keyed &= self._nodes.codes(constraint.topology_key)[0] >= 0
            for constraint in constraints:
                self.rows[number].spreads.append(self._spread_row(template, constraint, keyed))

    def _spread_row(
        self, template: PodTemplate, constraint: SpreadConstraint, keyed: Mask
    ) -> tuple[int, int, int, int]:
        scope = keyed
        if constraint.honor_affinity:
            scope = scope & affinity_mask(template, self._nodes)
        if constraint.honor_taints:
            scope = scope & self._nodes.untainted_for(template)
        selector = constraint.selector
        meant = self._matching(
            (selector, template.namespace),
            lambda namespace: namespace == template.namespace,
            # kube-scheduler's count skips an empty selector, although the pod itself matches it.
            selector.matches if selector is not None and selector.requirements else lambda _: False,
        )
        group = self._group(constraint.topology_key, meant, scope=self._scope(scope), count_deleting=False)
        assert group is not None  # groups of spread are always kept
        itself = selector is not None and selector.matches(template.labels)
        return group, constraint.max_skew, constraint.min_domains, int(itself)

    def _preferred_affinity(self, times: int) -> None:
        """Rows for preferred terms: of waiting pods about anybody, and of staying pods about those who come."""
        holders: dict[tuple[PodAffinityTerm, int], list[int]] = {}
        for number, template in enumerate(self._templates.templates):
            for sign, terms in ((-1, template.affinity.preferred), (1, template.anti_affinity.preferred)):
                for preferred in terms:
                    holders.setdefault((preferred.term, sign * times * preferred.weight), []).append(number)
        for (term, weight), holding in holders.items():
            meant = self._meant(term)
            hold = np.zeros(len(self._templates), dtype=np.bool_)
            hold[holding] = True
            self._pair(hold, self._group(term.topology_key, meant, keep=False), weight)
            # A waiting pair is paid for by the one whose term it is; only those who stay are added here.
            self._pair(meant, self._group(term.topology_key, hold, keep=False, staying_only=True), weight)

    def _pair(self, templates: NDArray[np.bool_], group: int | None, weight: int) -> None:
        if group is not None:
            self.pairs += [(int(number), group, weight) for number in np.flatnonzero(templates[: self._waiting])]

    def _preferred_spread(self, weight: int, siblings: Sequence[Selector | None]) -> None:
        found: dict[tuple[int, int], None] = {}
        for template, own in zip(self._templates.templates[: self._waiting], siblings, strict=True):
            constraints = [
                constraint for constraint in template.spread or system_defaults(own) if not constraint.required
            ]
            for constraint in constraints:
                keyed = self._nodes.codes(constraint.topology_key)[0] >= 0
                group, max_skew, _, itself = self._spread_row(template, constraint, keyed)
                if itself:
                    found[group, max_skew] = None
        self.skews = [(group, max_skew, weight) for group, max_skew in found]
