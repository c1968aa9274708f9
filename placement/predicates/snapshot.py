"""Which pod is on which node at the moment, with all that the filters and scorers ask of it at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from placement.errors import UnknownPodError
from placement.model.affinity import PodAffinityTerm
from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.predicates import node_affinity, taint_toleration, volume_binding
from placement.predicates.eligibility import Eligibility
from placement.predicates.kind import AllTerms, Carrier, Kind, LabelIndex, Matcher, SelectorIndex, Siblings
from placement.predicates.node_state import NodeState, recount
from placement.predicates.refusal import Refusal
from placement.predicates.sibling_selectors import SiblingSelectors
from placement.predicates.storage import Storage
from placement.predicates.tally import SpreadTally, Tally

Filter = Callable[[NodeState], Refusal | None]

# HardPodAffinityWeight of the default profile: what a pod's required affinity adds to the score of its domain.
HARD_AFFINITY_WEIGHT = 1


class Snapshot:
    """The mutable state of a cluster, on objects only: it knows nothing of arrays.

    It begins with all unfinished pods that have a node. Counts that affinity and spread need are made when a pod that
    asks for them is first seen and kept up to date from then on, so that `bind` and `unbind` cost O(requests + terms
    that mean the pod) and one node is judged without looking at any other.

    Parameters
    ----------
    inventory : Inventory
        Pods that name an unknown node are left out, as kube-scheduler does.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.namespaces = inventory.namespaces
        self.storage = Storage(inventory)
        self.nodes: dict[str, NodeState] = {name: NodeState(node) for name, node in inventory.nodes.items()}
        # Filters by template identity; the template is kept so that its identity stays its own.
        self.prepared: dict[int, tuple[PodTemplate, dict[str, Filter | Refusal | None]]] = {}
        self.profiles: dict[int, tuple[PodTemplate, list[Filter] | Refusal]] = {}
        self._where: dict[str, NodeState] = {}
        self._kinds: dict[tuple[int, bool], Kind] = {}
        self._kind_index = LabelIndex()
        self._tallies: dict[tuple[Matcher, str], Tally] = {}
        self._spread_tallies: dict[tuple[Siblings, str, int], SpreadTally] = {}
        self._matcher_index: SelectorIndex[tuple[Matcher, Tally]] = SelectorIndex()
        self._carriers: dict[tuple[PodAffinityTerm, int], Carrier] = {}
        self._carrier_index: SelectorIndex[Carrier] = SelectorIndex()
        # Sets of nodes with the question they answer, so that a node that comes can be asked it too.
        self._eligibilities: dict[object, tuple[Eligibility, Callable[[NodeState], bool]]] = {}
        for pod in inventory.pods.values():
            if pod.node in self.nodes and not pod.finished:
                self.bind(pod, pod.node)

    def bind(self, pod: Pod, node_name: str) -> None:
        """Put a pod on a node, whether or not the filters would.

        Raises
        ------
        ValueError
            If the pod is on a node already.
        """
        key = pod.key
        if key in self._where:
            raise ValueError(f"{key} is already on {self._where[key].name}")
        state = self.nodes[node_name]
        self._where[key] = state
        if pod.template.volumes:
            self.storage.place(pod, state, volume_binding.promise(pod, state, self.storage))
        state.add(pod)
        self._count(pod, state, 1)

    def unbind(self, pod: Pod) -> None:
        """Take a pod off its node.

        Raises
        ------
        UnknownPodError
            If the pod is on no node.
        """
        state = self._where.pop(pod.key, None)
        if state is None:
            raise UnknownPodError(f"{pod.key} is on no node")
        held = state.pods[pod.key]
        self._count(held, state, -1)
        state.remove(held)
        if held.template.volumes:
            self.storage.remove(held, state)

    def node_of(self, pod: Pod) -> str | None:
        """The node a pod is on, or None."""
        state = self._where.get(pod.key)
        return None if state is None else state.name

    def add_node(self, node: Node) -> NodeState:
        """Let a node come, empty. O(spread constraints seen).

        Raises
        ------
        ValueError
            If there is a node of this name already.
        """
        if node.name in self.nodes:
            raise ValueError(f"there is a node {node.name} already")
        state = self.nodes[node.name] = NodeState(node)
        new: set[tuple[int, str]] = set()
        keys = {key for _, key, _ in self._spread_tallies}
        for eligibility, eligible in self._eligibilities.values():
            if not eligible(state):
                continue
            new |= {(id(eligibility), key) for key in keys if not _has_domain(eligibility, key, state)}
            eligibility.add(state)
        for (_, key, eligibility_id), tally in self._spread_tallies.items():
            if (eligibility_id, key) in new and key in state.labels:
                tally.domain_came()
        self.__dict__.pop("images", None)
        return state

    def remove_node(self, name: str) -> None:
        """Let a node go that no pod is on any more. O(spread constraints seen).

        Raises
        ------
        ValueError
            If a pod is still there.
        """
        state = self.nodes[name]
        if state.pods:
            raise ValueError(f"{name} still holds {len(state.pods)} pods")
        del self.nodes[name]
        shrunk = [eligibility for eligibility, _ in self._eligibilities.values() if name in eligibility.nodes]
        for eligibility in shrunk:
            eligibility.remove(state)
        changed = {id(eligibility): eligibility for eligibility in shrunk}
        for (_, key, eligibility_id), tally in self._spread_tallies.items():
            held = changed.get(eligibility_id)
            if held is not None and key in state.labels and not _has_domain(held, key, state):
                tally.domain_went()
        self.__dict__.pop("images", None)

    @cached_property
    def images(self) -> dict[str, tuple[int, int]]:
        """Size in bytes of each image, as the first node tells it, and the number of nodes that have it."""
        found: dict[str, tuple[int, int]] = {}
        for state in self.nodes.values():
            for image, size in state.node.images.items():
                known, nodes = found.get(image, (size, 0))
                found[image] = known, nodes + 1
        return found

    @cached_property
    def siblings(self) -> SiblingSelectors:
        """Who the siblings of pods are."""
        return SiblingSelectors(self.inventory)

    @contextmanager
    def without(self, pod: Pod) -> Iterator[None]:
        """Leave a pod out for a while, so that it can be judged as if it were to come."""
        state = self._where.get(pod.key)
        if state is None:
            yield
            return
        held = state.pods[pod.key]
        self.unbind(held)
        try:
            yield
        finally:
            self.bind(held, state.name)

    def _count(self, pod: Pod, state: NodeState, amount: int) -> None:
        kind = self.kind(pod.template, pod.deleting)
        recount(kind.placements, state.name, amount)
        for tally in kind.tallies:
            tally.add(state, amount)

    def kind(self, template: PodTemplate, deleting: bool = False) -> Kind:
        """What is remembered of a template; made at its first pod."""
        kind = self._kinds.get((id(template), deleting))
        if kind is None:
            kind = self._kinds[id(template), deleting] = Kind(template, deleting)
            self._introduce(kind)
        return kind

    def _introduce(self, kind: Kind) -> None:
        for matcher, tally in self._matcher_index.candidates(kind.template.labels):
            if matcher.matches(kind, self.namespaces):
                kind.tallies.append(tally)
        self._kind_index.file(kind)
        affinity, anti_affinity = kind.template.affinity, kind.template.anti_affinity
        carried = [(term, 0) for term in anti_affinity.required]
        carried += [(term, HARD_AFFINITY_WEIGHT) for term in affinity.required]
        carried += [(preferred.term, preferred.weight) for preferred in affinity.preferred]
        carried += [(preferred.term, -preferred.weight) for preferred in anti_affinity.preferred]
        for term, weight in carried:
            kind.tallies.append(self._carrier(term, weight).tally)

    def _carrier(self, term: PodAffinityTerm, weight: int) -> Carrier:
        carrier = self._carriers.get((term, weight))
        if carrier is None:
            carrier = self._carriers[term, weight] = Carrier(term, weight, Tally(term.topology_key))
            self._carrier_index.file(term.selector, carrier)
        return carrier

    def carriers_meeting(self, kind: Kind) -> list[Carrier]:
        """Terms that pods of the cluster carry and that mean pods of this kind."""
        if kind.met_version != len(self._carriers):
            template = kind.template
            kind.met = [
                carrier
                for carrier in self._carrier_index.candidates(template.labels)
                if carrier.term.matches(template.namespace, template.labels, self.namespaces)
            ]
            kind.met_version = len(self._carriers)
        return kind.met

    def tally(self, matcher: Matcher, key: str) -> Tally:
        """Pods of a description by the values of a node label; "" is by node."""
        tally = self._tallies.get((matcher, key))
        if tally is None:
            tally = self._tallies[matcher, key] = Tally(key)
            self._fill(matcher, tally)
        return tally

    def spread_tally(self, siblings: Siblings, key: str, eligibility: Eligibility) -> SpreadTally:
        """The pods that a spread constraint counts, by the values of a node label."""
        identity = siblings, key, id(eligibility)
        tally = self._spread_tallies.get(identity)
        if tally is None:
            tally = self._spread_tallies[identity] = SpreadTally(key, eligibility=eligibility)
            self._fill(siblings, tally)
        return tally

    def _fill(self, matcher: Matcher, tally: Tally) -> None:
        self._matcher_index.file(matcher.selector, (matcher, tally))
        for kind in self._kind_index.candidates(matcher.selector):
            if matcher.matches(kind, self.namespaces):
                kind.tallies.append(tally)
                for name, count in kind.placements.items():
                    tally.add(self.nodes[name], count)

    def affinity_tallies(self, terms: tuple[PodAffinityTerm, ...]) -> list[Tally]:
        """One tally for each topology of the terms, of the pods that match them all."""
        matcher = AllTerms(terms)
        return [self.tally(matcher, term.topology_key) for term in terms]

    def eligibility(
        self, template: PodTemplate, keys: tuple[str, ...], honor_affinity: bool, honor_taints: bool
    ) -> Eligibility:
        """The nodes that bear all of `keys` and, as asked, that the template's affinity and tolerations admit."""
        identity = (
            keys,
            node_affinity.signature(template) if honor_affinity else None,
            template.tolerations if honor_taints else None,
        )
        known = self._eligibilities.get(identity)
        if known is not None:
            return known[0]

        def eligible(state: NodeState) -> bool:
            return (
                all(key in state.labels for key in keys)
                and (not honor_affinity or node_affinity.admits(template, state.node))
                and (not honor_taints or taint_toleration.untolerated(template, state.node) is None)
            )

        found = Eligibility.of(state for state in self.nodes.values() if eligible(state))
        self._eligibilities[identity] = found, eligible
        return found


def _has_domain(eligibility: Eligibility, key: str, state: NodeState) -> bool:
    value = state.labels.get(key)
    return value is not None and eligibility.has_domain(key, value)
