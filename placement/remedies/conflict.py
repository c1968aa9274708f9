"""Pods that fit alone but not together: a minimal set of them, and the rules that make it so."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.compiler.gangs import NEVER
from placement.gangs import gangs
from placement.model.inventory import Inventory
from placement.model.pod import Pod, PodTemplate
from placement.plans import Plan
from placement.policy import Policy
from placement.remedies.quickxplain import quickxplain
from placement.remedies.rules import Rule, rules
from placement_solvers.cp_sat import CpSat
from placement_solvers.devices import DevicePacking
from placement_solvers.problem import Problem, Tier
from placement_solvers.stop import MaxRuntime

MOST_PODS = 5_000
"""Waiting pods beyond which no conflict is looked for."""
LONGEST = 3.0
"""Seconds for one question to the solver."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A rule that has a part in a conflict, and the pods that have it."""

    pods: tuple[str, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What cannot be had together while all that runs stays where it is: proven.

    Attributes
    ----------
    pods : tuple of str
        Any one less, and the others are not proven to be in conflict.
    demands : tuple of Demand
        Rules of these pods that are in conflict by themselves, the others being dropped.
    minimal : bool
        Whether every question was answered in time, so that nothing could be left out.
    """

    pods: tuple[str, ...]
    demands: tuple[Demand, ...]
    minimal: bool

    def to_dict(self) -> dict[str, Any]:
        """The conflict as JSON-ready values."""
        return {
            "pods": list(self.pods),
            "demands": [{"pods": list(each.pods), "what": each.what} for each in self.demands],
            "minimal": self.minimal,
        }


def conflict(cluster: Cluster, pod: str, plan: Plan, *, time_limit: float = 10.0) -> Conflict | None:
    """Why a pod that the plan leaves out cannot be placed together with those it places.

    For a pod of a gang, why the gang cannot. None where that is not proven within the time: then another plan might
    place them all.

    Parameters
    ----------
    pod : str
        ``namespace/name``.
    time_limit : float
        Seconds.

    Raises
    ------
    KeyError
        If there is no such pod.
    """
    inventory = cluster.inventory
    wanted = _wanted(inventory.pods[pod], inventory)
    keys = {each.key for each in wanted}
    placed = [
        inventory.pods[each.pod]
        for each in plan.placements
        if each.pod not in keys and not inventory.pods[each.pod].node
    ]
    if not wanted or len(placed) > MOST_PODS:
        return None
    oracle = _Oracle(inventory, time.monotonic() + time_limit)
    # Pods of the same kind first: a conflict among themselves is the simplest to see.
    templates = {id(each.template) for each in wanted}
    placed.sort(key=lambda each: id(each.template) not in templates)
    if not oracle.impossible([*wanted, *placed]):
        return None
    if oracle.impossible(wanted):
        pods = quickxplain(wanted, oracle.impossible)
    else:
        pods = [*wanted, *quickxplain(placed, lambda others: oracle.impossible([*wanted, *others]))]
    return Conflict(tuple(each.key for each in pods), tuple(_demands(pods, oracle)), oracle.sure)


def _wanted(pod: Pod, inventory: Inventory) -> list[Pod]:
    """The pod, or as many members of its gang as are missing; nothing if it is open which members those would be."""
    for gang in gangs(inventory.pods.values(), inventory.pod_groups):
        if any(each is pod for each in gang.members) and (gang.missing() > 1 or gang.topology_key):
            waiting = [each for each in gang.members if not each.node]
            if len(waiting) == gang.missing() or len({id(each.template) for each in waiting}) == 1:
                return waiting[: gang.missing()]
            return []
    return [pod] if not pod.node else []


def _demands(pods: Sequence[Pod], oracle: _Oracle) -> list[Demand]:
    templates = {id(each.template): each.template for each in pods}
    every = [(number, rule) for number, template in templates.items() for rule in rules(template)]

    def impossible(held: Sequence[tuple[int, Rule]]) -> bool:
        kept = {id(rule) for _, rule in held}
        changed = dict(templates)
        for number, rule in every:
            if id(rule) not in kept:
                changed[number] = rule.without(changed[number])
        return oracle.impossible(pods, changed)

    if not impossible(every):
        return []
    return [
        Demand(tuple(each.key for each in pods if id(each.template) == number), rule.what)
        for number, rule in quickxplain(every, impossible)
    ]


class _Oracle:
    """Says whether pods cannot all be placed, by proof."""

    def __init__(self, inventory: Inventory, deadline: float) -> None:
        self._inventory, self._deadline = inventory, deadline
        self.sure = True

    def impossible(self, pods: Sequence[Pod], changed: dict[int, PodTemplate] | None = None) -> bool:
        """Whether it is proven that not all of the pods can be placed, with some templates changed."""
        left = self._deadline - time.monotonic()
        if not pods:
            return False
        if left <= 0:
            self.sure = False
            return False
        waiting = [each if changed is None else replace(each, template=changed[id(each.template)]) for each in pods]
        problem = _all_or_nothing(compile_cluster(self._inventory, waiting, Policy(tiers=("unplaced",))).problem)
        solver = DevicePacking() if problem.devices.asked else CpSat()
        result = solver.solve(problem, MaxRuntime(min(left, LONGEST)))
        if result.cost == (0,):
            return False
        proven = result.lower_bound is not None and result.lower_bound > (0,)
        self.sure = self.sure and proven
        return proven


def _all_or_nothing(problem: Problem) -> Problem:
    """The problem of placing all items: one tier, and gangs that are as many as there are members.

    A gang that nobody can join, because it lies apart already, remains one.
    """
    gangs_ = problem.gangs
    members = np.bincount(gangs_.of_item[gangs_.of_item >= 0], minlength=len(gangs_))
    smaller = np.where(gangs_.at_least == NEVER, NEVER, np.minimum(gangs_.at_least, members)).astype(np.int32)
    every = Tier("unplaced", unplaced=np.ones(problem.num_classes, dtype=np.int64))
    return replace(problem, tiers=(every,), gangs=replace(problem.gangs, at_least=smaller))
