"""Scores of nodes, 0 to 10, by what the policy's cost would become."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement.compiler.tiers import INSTANCE_TYPE
from placement.extender.company import Company
from placement.model.affinity import NodeSelectorTerm
from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod, PodTemplate
from placement.model.quantity import LARGEST
from placement.model.taint import Effect
from placement.policy import Policy
from placement.store.columns import NodeTable
from placement.store.live import LiveSnapshot

MOST = 10
"""``MaxExtenderPriority``; only the planned node gets it."""
_BEST = 9
# Scores below the best ones that tell worse costs apart.
_WORSE = 5
_TEMPLATES = 5000
# Whole numbers so close together are put in order by counting.
_COUNTED = 100_000

Mask = NDArray[np.bool_]
Costs = NDArray[np.float64]


class Favours:
    """Scores of nodes by one policy.

    Parameters
    ----------
    policy : Policy
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._opening_costs = "nodes" in policy.tiers or "price" in policy.tiers
        self._company = Company(policy.weights)
        # What only labels and taints of nodes decide, for templates that were asked for of late.
        self._preferences: OrderedDict[int, _Preferences] = OrderedDict()

    def scores(self, pod: Pod, snapshot: LiveSnapshot, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """A score of 0 to 9 for each node, (n,).

        Nodes are put in order by what the pod would add there to the policy's tiers: a node to be opened, its price,
        soft affinity, spread and taints that go unheeded. Those that cost least share the upper scores: when packing
        the more the fuller the pod leaves their scarcer resource, which is best fit, when spreading the emptier. Of
        nodes to be opened the emptier is the better one in any case, since it takes more of the pods to come. The
        others get one score less for each cost that is worse, as far as scores go. O(nodes), O(nodes log nodes) for
        prices.
        """
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        table = snapshot.table
        level = np.zeros(len(rows), dtype=np.int64)
        for costs in self._costs(pod, snapshot):
            here = costs[rows]
            if here.min() < here.max():
                number = _ranks(here)
                level = _ranks(level * (int(number.max()) + 1) + number)
        worst = int(level.max())
        low = min(worst, _WORSE)
        fullness = _fullness(pod.template, table)[rows]
        emptier_is_better: Mask = np.full(len(rows), self._policy.fill != "pack")
        if self._opening_costs:
            emptier_is_better |= table.working[rows] == 0
        worth: Costs = np.where(emptier_is_better, 1 - fullness, fullness)
        good = low + np.floor(worth * (_BEST - low))
        if not worst:
            return good.astype(np.int64)
        bad = low - 1 - (level - 1) * low // worst
        return np.where(level == 0, good, bad).astype(np.int64)

    def _costs(self, pod: Pod, snapshot: LiveSnapshot) -> Iterator[NDArray[np.generic]]:
        """What a pod adds to each tier by its choice of a node, (rows,) each, the most important first."""
        policy, table = self._policy, snapshot.table
        count = table.num_rows
        for tier in policy.tiers:
            match tier:
                case "nodes":
                    yield table.working[:count] == 0
                case "price":
                    yield np.where(table.working[:count] == 0, _prices(policy, table), 0.0)
                case "preferences":
                    yield self._unheeded(pod.template, table) + self._company.costs(pod, snapshot)

    def _unheeded(self, template: PodTemplate, table: NodeTable) -> NDArray[np.int64]:
        """What the taints and labels of each node cost that the pod would rather not have or miss, (rows,)."""
        known = self._preferences.get(id(template))
        if known is not None and known.table is table and known.num_changes == table.num_changes:
            self._preferences.move_to_end(id(template))
            return known.costs
        weights = self._policy.weights
        costs: NDArray[np.int64] = weights.taints * _discouraging(template, table)
        for choice in template.node_affinity.preferred:
            costs = costs + weights.node_affinity * choice.weight * ~_matching(choice.term, table)
        self._preferences[id(template)] = _Preferences(template, table, table.num_changes, costs)
        if len(self._preferences) > _TEMPLATES:
            self._preferences.popitem(last=False)
        return costs


@dataclass(frozen=True, slots=True, eq=False)
class _Preferences:
    """What was found for a template, which it holds so that its id stays its own."""

    template: PodTemplate
    table: NodeTable
    num_changes: int
    costs: NDArray[np.int64]


def _ranks(values: NDArray[Any]) -> NDArray[np.int64]:
    """Which of the distinct values each one is, the least 0, (n,)."""
    if values.dtype.kind in "bi":
        above = values.astype(np.int64) - int(values.min())
        if int(above.max()) < _COUNTED:
            ranks: NDArray[np.int64] = (np.cumsum(np.bincount(above) > 0) - 1)[above]
            return ranks
    sorted_: NDArray[np.int64] = np.unique(values, return_inverse=True)[1]
    return sorted_


def _fullness(template: PodTemplate, table: NodeTable) -> Costs:
    """Share of the scarcer of CPU and memory that is taken with the pod in place, (rows,), 0 to 1."""
    fullness = np.zeros(table.num_rows)
    for resource in (CPU, MEMORY):
        offered, free = table.offered(resource), table.free(resource)
        # A pod may ask for more than 64 bits hold.
        asked = float(min(template.requests.get(resource, 0), LARGEST))
        np.maximum(fullness, (offered - free + asked) / np.maximum(offered, 1).astype(np.float64), out=fullness)
    clipped: Costs = np.clip(fullness, 0.0, 1.0)
    return clipped


def _prices(policy: Policy, table: NodeTable) -> Costs:
    """Price of each node, by its name, else its instance type, else the default, (rows,)."""
    column = table.labels(INSTANCE_TYPE)
    # The last place is that of nodes without the label.
    by_type = np.full(len(column.values) + 1, policy.default_price)
    for value, number in column.values.items():
        by_type[number] = policy.node_prices.get(value, policy.default_price)
    prices: Costs = by_type[column.of_row[: table.num_rows]]
    for name, price in policy.node_prices.items():
        row = table.row_of.get(name)
        if row is not None:
            prices[row] = price
    return prices


def _discouraging(template: PodTemplate, table: NodeTable) -> NDArray[np.int64]:
    """How many taints of each node ask the pod to stay away without forbidding it, (rows,)."""
    counts = [
        sum(
            taint.effect is Effect.PREFER_NO_SCHEDULE
            and not any(toleration.tolerates(taint) for toleration in template.tolerations)
            for taint in node.taints
        )
        for node in table.surfaces
    ]
    found: NDArray[np.int64] = np.array(counts, dtype=np.int64)[table.surface[: table.num_rows]]
    return found


def _matching(term: NodeSelectorTerm, table: NodeTable) -> Mask:
    """Nodes that a term holds for, (rows,); each value of a label is asked once."""
    matching = np.full(table.num_rows, bool(term.labels or term.fields))
    for requirement in term.labels:
        column = table.labels(requirement.key)
        answers = [requirement.matches({requirement.key: value}) for value in column.values]
        matching &= np.array([*answers, requirement.matches({})])[column.of_row[: table.num_rows]]
    for requirement in term.fields:
        answers = [state is not None and requirement.matches({"metadata.name": state.name}) for state in table.states]
        matching &= np.array(answers, dtype=np.bool_)
    return matching
