"""The default filters for one pod on all nodes at once: what `placement.predicates` says, in columns.

The filters that look at a node's own properties are worked out once for all pods with the same selectors and
tolerations and kept; room, ports and the counts of affinity and spread are compared anew for each pod, which is a
few passes over arrays. Filters of volumes and of shared GPUs are asked node by node. Tests hold every answer to
`predicates.verdict`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement.model.gpu import GpuShare
from placement.model.pod import Pod, PodTemplate
from placement.model.quantity import LARGEST
from placement.predicates import (
    dynamic_resources,
    gpu_share,
    inter_pod_affinity,
    node_affinity,
    node_name,
    node_ports,
    node_resources_fit,
    node_unschedulable,
    node_volume_limits,
    pod_topology_spread,
    scheduling_gates,
    taint_toleration,
    volume_binding,
    volume_restrictions,
    volume_zone,
)
from placement.predicates.kind import AllTerms, Kind
from placement.predicates.node_state import NodeState
from placement.predicates.pod_topology_spread import Check
from placement.predicates.refusal import Refusal
from placement.predicates.tally import Tally
from placement.predicates.verdict import FILTERS, prepared
from placement.store.live import LiveSnapshot
from placement.store.outcome import Outcome
from placement.store.reservations import Reservations

OF_VOLUMES = (volume_restrictions.NAME, node_volume_limits.NAME, volume_binding.NAME, volume_zone.NAME)

# What a node's own properties lead to, in the order of the filters.
_STATIC = (
    node_affinity.LEFT_OUT,
    node_unschedulable.REFUSAL,
    taint_toleration.REFUSAL,
    node_affinity.REFUSAL,
)
_LEFT_OUT, _CORDONED, _TAINTED, _UNSELECTED = 1, 2, 3, 4
_FEW = 8
_SIGNATURES = 2000
_TEMPLATES = 20000


@dataclass(slots=True, eq=False)
class _Properties:
    """The static part for all pods with the same selectors and tolerations; codes index `_STATIC`."""

    codes: NDArray[np.int8]
    seen: int


@dataclass(slots=True, eq=False)
class _Prepared:
    """What is worked out once for a template."""

    template: PodTemplate
    everywhere: Refusal | None
    signature: Hashable
    asked: list[tuple[str, int]]
    spread: list[Check]
    near: list[Tally]
    far: list[Tally]
    starts_itself: bool
    kind: Kind


class Judge:
    """Gives the `Outcome` of pods in one snapshot.

    Parameters
    ----------
    snapshot : LiveSnapshot
    """

    def __init__(self, snapshot: LiveSnapshot) -> None:
        self._snapshot = snapshot
        self._table = snapshot.table
        self._properties: OrderedDict[Hashable, _Properties] = OrderedDict()
        self._prepared: OrderedDict[int, _Prepared] = OrderedDict()

    def forget(self) -> None:
        """Forget what was worked out for templates: a namespace or a device class is not what it was."""
        self._prepared.clear()
        self._snapshot.prepared.clear()
        self._snapshot.profiles.clear()

    def outcome(self, pod: Pod, reservations: Reservations | None = None) -> Outcome:
        """The first refusal of each node.

        Parameters
        ----------
        pod : Pod
            It must be on no node.
        reservations : Reservations, optional
            Room that is kept for others.
        """
        known = self._of_template(pod)
        outcome = Outcome.of(self._table.num_rows)
        everywhere = known.everywhere or self._by_volumes_everywhere(pod)
        if everywhere is not None:
            outcome.refuse_all(everywhere)
            return outcome
        self._by_properties(pod, known, outcome)
        template = pod.template
        if template.host_ports:
            outcome.refuse(self._table.taken_ports(template.host_ports), node_ports.REFUSAL)
        self._by_room(pod, known, outcome, reservations)
        if template.volumes:
            self._node_by_node(pod, OF_VOLUMES, outcome)
        for check in known.spread:
            self._by_spread(check, outcome)
        self._by_affinity(known, outcome)
        self._by_devices(pod, known, outcome)
        if template.gpu_share is not None:
            self._by_gpus(pod, template.gpu_share, outcome, reservations)
        return outcome

    def _of_template(self, pod: Pod) -> _Prepared:
        template = pod.template
        known = self._prepared.get(id(template))
        if known is not None:
            self._prepared.move_to_end(id(template))
            return known
        snapshot = self._snapshot
        everywhere = scheduling_gates.refusal(template)
        if everywhere is None:
            plugins = [name for name in FILTERS if name not in OF_VOLUMES and name != node_name.NAME]
            filters = prepared(pod, snapshot, plugins)
            everywhere = filters if isinstance(filters, Refusal) else None
        wanted = template.affinity.required
        known = _Prepared(
            template=template,
            everywhere=everywhere,
            signature=(node_affinity.signature(template), template.tolerations),
            asked=node_resources_fit.requests(template),
            spread=pod_topology_spread.checks(template, snapshot),
            near=snapshot.affinity_tallies(wanted) if wanted else [],
            far=[snapshot.tally(AllTerms((term,)), term.topology_key) for term in template.anti_affinity.required],
            starts_itself=inter_pod_affinity.starts_itself(template, snapshot),
            kind=snapshot.kind(template),
        )
        self._prepared[id(template)] = known
        if len(self._prepared) > _TEMPLATES:
            self._prepared.popitem(last=False)
        return known

    def _by_properties(self, pod: Pod, known: _Prepared, outcome: Outcome) -> None:
        codes = self._codes(known.signature, pod.template)
        for refusal in _STATIC:
            outcome.number(refusal)
        outcome.codes[:] = codes
        if pod.node:
            # Asked between cordon and taints. The scheduler never offers such a pod.
            others = np.ones(self._table.num_rows, dtype=np.bool_)
            row = self._table.row_of.get(pod.node)
            if row is not None:
                others[row] = False
            outcome.codes[others & ((codes == 0) | (codes > _CORDONED))] = outcome.number(node_name.REFUSAL)

    def _codes(self, signature: Hashable, template: PodTemplate) -> NDArray[np.int8]:
        table, rows = self._table, self._table.num_rows
        known = self._properties.get(signature)
        changed = None if known is None else table.changed_since(known.seen)
        if known is not None and changed is not None:
            self._properties.move_to_end(signature)
            if len(known.codes) < rows:
                known.codes = np.concatenate([known.codes, np.zeros(rows - len(known.codes), dtype=np.int8)])
            for row in changed:
                state = table.states[row]
                known.codes[row] = 0 if state is None else _code(template, state)
            known.seen = table.num_changes
            return known.codes
        codes = self._worked_out(template)
        self._properties[signature] = _Properties(codes, table.num_changes)
        if len(self._properties) > _SIGNATURES:
            self._properties.popitem(last=False)
        return codes

    def _worked_out(self, template: PodTemplate) -> NDArray[np.int8]:
        """The codes of all nodes, each combination of what the filters look at judged once."""
        table, rows = self._table, self._table.num_rows
        names = node_affinity.named_nodes(template)
        if names is not None:
            codes = np.full(rows, _LEFT_OUT, dtype=np.int8)
            for name in names:
                row = table.row_of.get(name)
                state = None if row is None else table.states[row]
                if row is not None and state is not None:
                    codes[row] = _code(template, state)
            return codes
        required = template.node_affinity.required or ()
        keys = {*template.node_selector, *(one.key for term in required for one in term.labels)}
        if any(term.fields for term in required):
            keys.add("")
        looks = table.surface[:rows].astype(np.int64)
        for key in sorted(keys):
            column = table.labels(key)
            looks = looks * (len(column.values) + 1) + column.of_row[:rows] + 1
            looks = np.unique(looks, return_inverse=True)[1]
        _, first, inverse = np.unique(looks, return_index=True, return_inverse=True)
        representatives = (table.states[row] for row in first.tolist())
        found = [0 if state is None else _code(template, state) for state in representatives]
        if None in table.states:
            # A row without a node may stand first for others that look the same.
            found = self._without_gaps(template, inverse, found)
        return np.array(found, dtype=np.int8)[inverse]

    def _without_gaps(self, template: PodTemplate, inverse: NDArray[np.int64], found: list[int]) -> list[int]:
        for row, state in enumerate(self._table.states):
            if state is None:
                found[inverse[row]] = -1
        for row, state in enumerate(self._table.states):
            if state is not None and found[inverse[row]] == -1:
                found[inverse[row]] = _code(template, state)
        return [max(code, 0) for code in found]

    def _by_room(self, pod: Pod, known: _Prepared, outcome: Outcome, reservations: Reservations | None) -> None:
        table, rows = self._table, self._table.num_rows
        kept = None if reservations is None else reservations.kept_from(pod, table)
        room = table.room[:rows] if kept is None else table.room[:rows] - kept.pods
        pattern = (room <= 0).astype(np.int64)
        devices = self._snapshot.inventory.device_resources
        hopeless = np.zeros(rows, dtype=np.bool_)
        for bit, (resource, amount) in enumerate(known.asked, start=1):
            free, offered = table.free(resource), table.offered(resource)
            if kept is not None:
                free = free - kept.amounts(resource)
            short: NDArray[np.bool_] = free < amount if amount <= LARGEST else np.ones(rows, dtype=np.bool_)
            if resource in devices:
                short = short & (offered != 0)
            pattern |= short.astype(np.int64) << bit
            hopeless |= short & (offered < amount if amount <= LARGEST else short)
        if not pattern.any():
            return
        pattern |= hopeless.astype(np.int64) << (len(known.asked) + 1)
        pattern[outcome.codes != 0] = 0
        # Few resources make few patterns, which counting finds faster than sorting.
        few = len(known.asked) <= _FEW
        numbers = np.flatnonzero(np.bincount(pattern)) if few else np.unique(pattern)
        for number in numbers.tolist():
            if number:
                outcome.codes[pattern == number] = outcome.number(_shortage(known.asked, number))

    def _by_volumes_everywhere(self, pod: Pod) -> Refusal | None:
        if not pod.template.volumes:
            return None
        filters = prepared(pod, self._snapshot, OF_VOLUMES)
        return filters if isinstance(filters, Refusal) else None

    def _node_by_node(self, pod: Pod, plugins: tuple[str, ...], outcome: Outcome) -> None:
        filters = prepared(pod, self._snapshot, plugins)
        if isinstance(filters, Refusal):
            return
        states, codes = self._table.states, outcome.codes
        for row in np.flatnonzero(codes == 0).tolist():
            state = states[row]
            if state is None:
                continue
            for judge in filters:
                refused = judge(state)
                if refused is not None:
                    codes[row] = outcome.number(refused)
                    break

    def _by_gpus(self, pod: Pod, share: GpuShare, outcome: Outcome, reservations: Reservations | None) -> None:
        self._node_by_node(pod, (gpu_share.NAME,), outcome)
        kept = {} if reservations is None else reservations.shares_kept_from(pod, self._table)
        for row, others in kept.items():
            state = self._table.states[row]
            if state is None or outcome.codes[row]:
                continue
            if gpu_share.laid_out(state, [share, *others]) is None:
                outcome.codes[row] = outcome.number(gpu_share.crowded(share))

    def _by_spread(self, check: Check, outcome: Outcome) -> None:
        column = self._snapshot.column(check.tally)
        rows = self._table.num_rows
        outcome.refuse(column.labels.of_row[:rows] < 0, pod_topology_spread.MISSING_LABEL)
        outcome.refuse(
            column.by_row()[:rows] > check.allowed + min(check.least, LARGEST // 2), pod_topology_spread.REFUSAL
        )

    def _by_affinity(self, known: _Prepared, outcome: Outcome) -> None:
        snapshot, rows = self._snapshot, self._table.num_rows
        if known.near:
            unlabelled = np.zeros(rows, dtype=np.bool_)
            there = np.ones(rows, dtype=np.bool_)
            for tally in known.near:
                column = snapshot.column(tally)
                unlabelled |= column.labels.of_row[:rows] < 0
                there &= column.by_row()[:rows] > 0
            if known.starts_itself and not any(tally.counts for tally in known.near):
                outcome.refuse(unlabelled, inter_pod_affinity.AFFINITY)
            else:
                outcome.refuse(unlabelled | ~there, inter_pod_affinity.AFFINITY)
        for tally in known.far:
            if tally.counts:
                outcome.refuse(snapshot.column(tally).by_row()[:rows] > 0, inter_pod_affinity.ANTI_AFFINITY)
        for carrier in snapshot.carriers_meeting(known.kind):
            if not carrier.weight and carrier.tally.counts:
                outcome.refuse(snapshot.column(carrier.tally).by_row()[:rows] > 0, inter_pod_affinity.EXISTING)

    def _by_devices(self, pod: Pod, known: _Prepared, outcome: Outcome) -> None:
        devices = self._snapshot.inventory.device_resources
        for resource, _ in known.asked:
            if resource in devices:
                outcome.refuse(self._table.offered(resource) == 0, dynamic_resources.REFUSAL)


def _code(template: PodTemplate, state: NodeState) -> int:
    names = node_affinity.named_nodes(template)
    node = state.node
    if names is not None and state.name not in names:
        return _LEFT_OUT
    if not node_unschedulable.admits(template, node):
        return _CORDONED
    if taint_toleration.untolerated(template, node) is not None:
        return _TAINTED
    return 0 if node_affinity.admits(template, node) else _UNSELECTED


def _shortage(asked: list[tuple[str, int]], pattern: int) -> Refusal:
    reasons = [node_resources_fit.TOO_MANY_PODS] if pattern & 1 else []
    reasons += [f"Insufficient {resource}" for bit, (resource, _) in enumerate(asked, start=1) if pattern >> bit & 1]
    return Refusal(node_resources_fit.NAME, tuple(reasons), resolvable=not pattern >> (len(asked) + 1))
