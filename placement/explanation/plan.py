"""What a whole plan costs, tier by tier, and what its placements could have been instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from placement.cluster import Cluster
from placement.compiler import Compiled, compile_cluster
from placement.explanation.deltas import Deltas
from placement.explanation.parts import Part, parts
from placement.model.pod import Pod, of_daemon
from placement.outcome import outcome
from placement.planner.draft import solution_of
from placement.plans import API_VERSION, Plan, TierCost
from placement.policy import PRESETS, Policy
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal
from placement_solvers.solution import Solution

MOST_PLACEMENTS = 50
"""Placements whose alternatives are looked at, one of each kind of pod."""
BEST = 3
"""Alternatives given for each."""


@dataclass(frozen=True, slots=True)
class TierParts:
    """A tier's cost and what it is made of; the parts add up to it."""

    tier: str
    value: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OtherNode:
    """Another node a placed pod could have had, all else as planned.

    Attributes
    ----------
    deltas : tuple of TierCost
        What each tier would be more or less; tiers that would not change are left out.
    """

    node: str
    deltas: tuple[TierCost, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A placement and the best that could have been chosen instead."""

    pod: str
    node: str
    alternatives: tuple[OtherNode, ...]


@dataclass(frozen=True, slots=True)
class PlanExplanation:
    """A plan taken apart."""

    tiers: tuple[TierParts, ...]
    choices: tuple[Choice, ...]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON-ready values."""
        body: dict[str, Any] = msgspec.to_builtins(self)
        return {"apiVersion": API_VERSION, "kind": "PlanExplanation", **body}


def explain_plan(cluster: Cluster, plan: Plan, policy: Policy | None = None) -> PlanExplanation:
    """Take a plan's cost apart by what causes it, and say what the next best placements would cost.

    Parameters
    ----------
    policy : Policy, optional
        What the plan was made by; by default the preset that it names.

    Raises
    ------
    PlanError
        If the plan names a pod or a node the cluster does not have.
    """
    policy = policy or PRESETS.get(plan.policy, PRESETS["default"])
    inventory = cluster.inventory
    snapshot = outcome(inventory, plan)
    evicted = [inventory.pods[each.pod] for each in plan.evictions]
    waiting = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    pairs = [(inventory.pods[each.pod], each.node) for each in plan.placements]
    daemons = [(pod, node) for pod, node in pairs if of_daemon(pod)]
    placed = {pod.key for pod, _ in daemons}
    others = [pod for pod in waiting if pod.key not in placed]
    compiled = compile_cluster(inventory, others, policy, assumed=daemons, evictable=evicted)
    solution = solution_of(compiled, pairs, evicted)
    return PlanExplanation(
        tuple(
            TierParts(name, sum(part.value for part in of_tier), tuple(of_tier))
            for name, of_tier in parts(compiled, solution, inventory)
        ),
        tuple(_choices(compiled, solution, pairs, snapshot)),
    )


def _choices(
    compiled: Compiled, solution: Solution, pairs: list[tuple[Pod, str]], snapshot: Snapshot
) -> Iterator[Choice]:
    seen: set[tuple[int, str]] = set()
    item_of = {pod.key: item for item, pod in enumerate(compiled.pods)}
    deltas = Deltas(compiled.problem, solution)
    for pod, node in pairs:
        kind = (id(pod.template), pod.owner.name if pod.owner is not None else pod.key)
        if of_daemon(pod) or kind in seen:
            continue
        seen.add(kind)
        with snapshot.without(pod):
            others = _best(compiled, deltas, item_of[pod.key], replace(pod, node=""), snapshot)
            yield Choice(pod.key, node, tuple(islice(others, BEST)))
        if len(seen) == MOST_PLACEMENTS:
            return


def _best(compiled: Compiled, deltas: Deltas, item: int, pod: Pod, snapshot: Snapshot) -> Iterator[OtherNode]:
    """The other nodes that would have a pod, those that would cost least first."""
    costs = np.stack(deltas.of(item))
    names = [tier.name for tier in compiled.problem.tiers]
    bins = np.flatnonzero(deltas.open_to(item))
    for bin_ in bins[np.lexsort(costs[::-1, bins])].tolist():
        node = compiled.nodes[bin_]
        if refusal(pod, node, snapshot) is None:
            row = zip(names, costs[:, bin_].tolist(), strict=True)
            yield OtherNode(node, tuple(TierCost(tier, delta) for tier, delta in row if delta))
