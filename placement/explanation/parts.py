"""The cost of a plan as a sum of named parts, tier by tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from placement.compiler import Compiled
from placement.model.inventory import Inventory
from placement.workloads import owners_of, workload_of
from placement_solvers.counting import group_counts, occupancy
from placement_solvers.objective import load_cost, moved_items, pair_cost, range_cost, skew_cost
from placement_solvers.problem import Balances, PairCosts, Problem, Ranges, Skews, Tier
from placement_solvers.solution import Solution

IN_USE = "nodes in use already"
LEFT_OUT = "left without a node"
OPENS = "opens a node"
MOVED = "moved"
NODE_PREFERENCES = "preferred node affinity and PreferNoSchedule taints"
COMPANY = "preferred affinity and anti-affinity to pods"
CLOSE = "gang together by {key}"
SKEW = "ScheduleAnyway spread"
RANGE = "cardinality"
TARGET = "target utilisation"
BALANCE = "balance of resources"


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a tier's cost.

    Attributes
    ----------
    what : str
        What it is paid for.
    workload : str
        Who causes it, as ``namespace/deployment/web``; "" where that is nobody in particular.
    """

    what: str
    workload: str
    value: int


def parts(compiled: Compiled, solution: Solution, inventory: Inventory) -> Iterator[tuple[str, list[Part]]]:
    """Each tier's name and its parts that are not zero, the greatest first.

    The parts of a tier add up to its cost, nodes in use already counted in as plans do.
    """
    owners = owners_of(inventory)
    who = [f"{pod.namespace}/{workload_of(pod, owners)}" for pod in compiled.pods]
    for tier in compiled.problem.tiers:
        sums: Counter[tuple[str, str]] = Counter()
        _items(compiled.problem, tier, solution, who, sums)
        _relations(compiled, tier, solution, who, sums)
        ordered = sorted(sums.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
        yield tier.name, [Part(what, workload, value) for (what, workload), value in ordered if value]


def _items(problem: Problem, tier: Tier, solution: Solution, who: list[str], sums: Counter[tuple[str, str]]) -> None:
    classes, bins = problem.class_of, solution.bin_of
    if tier.unplaced is not None:
        for item in np.flatnonzero(~solution.placed).tolist():
            sums[LEFT_OUT, who[item]] += int(tier.unplaced[classes[item]])
    if tier.moved is not None:
        for item in np.flatnonzero(moved_items(problem, solution)).tolist():
            sums[MOVED, who[item]] += int(tier.moved[classes[item]])
    if tier.open is not None:
        sums[IN_USE, ""] += int(tier.open[problem.in_use].sum())
        opened = set(np.flatnonzero(problem.in_use).tolist())
        for item in solution.sequence.tolist():
            if bins[item] not in opened:
                opened.add(int(bins[item]))
                sums[OPENS, who[item]] += int(tier.open[bins[item]])
    if tier.placed is not None:
        for item in np.flatnonzero(solution.placed).tolist():
            signatures = problem.class_signature[classes[item]], problem.bin_signature[bins[item]]
            sums[NODE_PREFERENCES, who[item]] += int(tier.placed[signatures])


def _relations(
    compiled: Compiled, tier: Tier, solution: Solution, who: list[str], sums: Counter[tuple[str, str]]
) -> None:
    problem = compiled.problem
    if not (
        len(tier.pairs) or len(tier.ranges) or len(tier.skews) or len(tier.balances) or tier.over_target is not None
    ):
        return
    of_class: dict[int, set[str]] = {}
    for item, class_ in enumerate(problem.class_of.tolist()):
        of_class.setdefault(class_, set()).add(who[item])
    occupied = occupancy(problem, solution.bin_of)
    counts = group_counts(problem, occupied)
    pairs, ranges, skews = tier.pairs, tier.ranges, tier.skews
    for row, class_ in enumerate(pairs.class_.tolist()):
        one = slice(row, row + 1)
        alone = PairCosts(pairs.class_[one], pairs.group[one], pairs.weight[one])
        key = compiled.levels.get(int(pairs.group[row]))
        what = COMPANY if key is None else CLOSE.format(key=key)
        sums[what, _all(of_class[class_])] += pair_cost(problem, alone, occupied, counts)
    for row, group in enumerate(ranges.group.tolist()):
        one = slice(row, row + 1)
        within = Ranges(ranges.group[one], ranges.at_least[one], ranges.at_most[one], ranges.weight[one])
        sums[RANGE, _members(problem, group, of_class)] += range_cost(problem, within, counts)
    for row, group in enumerate(skews.group.tolist()):
        one = slice(row, row + 1)
        even = Skews(skews.group[one], skews.max_skew[one], skews.weight[one])
        sums[SKEW, _members(problem, group, of_class)] += skew_cost(problem, even, counts)
    if tier.over_target is not None:
        sums[TARGET, ""] += load_cost(problem, replace(tier, balances=Balances()), occupied)
    if len(tier.balances):
        sums[BALANCE, ""] += load_cost(problem, replace(tier, over_target=None), occupied)


def _members(problem: Problem, group: int, of_class: dict[int, set[str]]) -> str:
    groups = problem.groups
    positions = np.flatnonzero(groups.of_class == group)
    classes = np.searchsorted(groups.class_start, positions, side="right") - 1
    return _all({name for class_ in classes.tolist() for name in of_class.get(class_, ())})


def _all(names: set[str]) -> str:
    return ", ".join(sorted(names))
