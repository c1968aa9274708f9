"""Scores of nodes, 0 to 10, by what the policy's cost would become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement.compiler.tiers import INSTANCE_TYPE
from placement.model.affinity import NodeSelectorTerm
from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod, PodTemplate
from placement.model.quantity import LARGEST
from placement.model.taint import Effect
from placement.policy import Policy
from placement.store.columns import NodeTable

MOST = 10
"""``MaxExtenderPriority``; only the planned node gets it."""
_BEST = 9
# Scores below the best ones that tell worse costs apart.
_WORSE = 5

Mask = NDArray[np.bool_]
Costs = NDArray[np.float64]


def favours(pod: Pod, policy: Policy, table: NodeTable, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A score of 0 to 9 for each node, (n,); rows of -1 score 0.

    Nodes are put in order by what the pod would add there to the policy's tiers: a node to be opened, its price, soft
    node affinity and taints that go unheeded. Those that cost least share the upper scores: when packing the more
    the fuller the pod leaves their scarcer resource, which is best fit, when spreading the emptier. The others get one
    score less for each cost that is worse, as far as scores go. O(nodes log nodes).
    """
    scores = np.zeros(len(rows), dtype=np.int64)
    known = rows >= 0
    offered = rows[known]
    if not len(offered):
        return scores
    level = np.zeros(len(offered), dtype=np.int64)
    for costs in _costs(pod.template, policy, table):
        here = costs[offered]
        if here.min() < here.max():
            number = _numbered(here)
            level = _numbered(level * len(here) + number) if level.any() else number
    worst = int(level.max())
    low = min(worst, _WORSE)
    fullness = _fullness(pod.template, table)[offered]
    good = low + np.floor((fullness if policy.fill == "pack" else 1 - fullness) * (_BEST - low))
    bad = low - 1 - (level - 1) * low // max(worst, 1)
    scores[known] = np.where(level == 0, good, bad).astype(np.int64)
    return scores


def _numbered(values: NDArray[Any]) -> NDArray[np.int64]:
    """Each value's place among those that there are, the smallest 0, (n,)."""
    if values.dtype == np.bool_:
        return values.astype(np.int64)
    # Values are few, so finding each among them is quicker than sorting them all with their places.
    places: NDArray[np.int64] = np.searchsorted(np.unique(values), values)
    return places


def _costs(template: PodTemplate, policy: Policy, table: NodeTable) -> Iterator[NDArray[np.generic]]:
    """What a pod adds to each tier by its choice of a node, (rows,) each, the most important first."""
    count = table.num_rows
    for tier in policy.tiers:
        match tier:
            case "nodes":
                yield table.working[:count] == 0
            case "price":
                yield np.where(table.working[:count] == 0, _prices(policy, table), 0.0)
            case "preferences":
                preferred = template.node_affinity.preferred
                costs = policy.weights.taints * _discouraging(template, table)
                for choice in preferred:
                    costs = costs + policy.weights.node_affinity * choice.weight * ~_matching(choice.term, table)
                yield costs


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
