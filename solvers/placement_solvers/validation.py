"""Whether an instance is one: shapes, types, signs, indices and orders of every array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement_solvers.errors import InvalidProblemError, InvalidSolutionError
from placement_solvers.magnitude import LARGEST_COST, largest_cost
from placement_solvers.problem import EVERYWHERE, NOWHERE, Groups, Problem, Tier
from placement_solvers.solution import Solution

Array = NDArray[Any]

LARGEST_AMOUNT = 2**53
"""Demands and capacities stay below it, so that sums over a bin fit into int64 and shares into a float."""


def validate(problem: Problem) -> None:
    """Check that an instance does not contradict itself. O(size of the instance).

    Raises
    ------
    InvalidProblemError
        At the first attribute at fault, which the error names.
    """
    _validate_bins(problem)
    _validate_classes(problem)
    _validate_items(problem)
    _validate_groups(problem)
    _validate_relations(problem)
    _validate_gangs(problem)
    _validate_whole_plan(problem)
    _validate_devices(problem)
    for index, tier in enumerate(problem.tiers):
        _validate_tier(problem, tier, f"tiers[{index}]")


def validate_solution(problem: Problem, solution: Solution) -> None:
    """Check that a solution speaks of this problem's items and bins; whether it is feasible is another question.

    Raises
    ------
    InvalidSolutionError
        If a length, a type, or the index of a bin or an item is wrong.
    """
    for name, array in (("bin_of", solution.bin_of), ("sequence", solution.sequence)):
        if array.ndim != 1 or array.dtype != np.int32:
            raise InvalidSolutionError(f"{name}: expected one dimension of int32, not {array.ndim} of {array.dtype}")
    if len(solution.bin_of) != problem.num_items:
        raise InvalidSolutionError(f"bin_of: expected {problem.num_items} items, not {len(solution.bin_of)}")
    if np.any((solution.bin_of < NOWHERE) | (solution.bin_of >= problem.num_bins)):
        raise InvalidSolutionError(f"bin_of: expected bins from {NOWHERE} to {problem.num_bins - 1}")
    if not np.array_equal(np.sort(solution.sequence), np.flatnonzero(solution.placed)):
        raise InvalidSolutionError("sequence: expected each placed item once and no other")


def _validate_bins(problem: Problem) -> None:
    _expect(problem.capacity, "capacity", np.int64, (None, None))
    bins = len(problem.capacity)
    _expect_below(problem.capacity, "capacity", LARGEST_AMOUNT)
    _expect(problem.eligible, "eligible", np.bool_, (None, None))
    _expect(problem.bin_signature, "bin_signature", np.int32, (bins,))
    _expect_range(problem.bin_signature, "bin_signature", 0, problem.eligible.shape[1])
    _expect(problem.in_use, "in_use", np.bool_, (bins,))
    _expect(problem.domain_of, "domain_of", np.int32, (None, bins))
    _expect_range(problem.domain_of, "domain_of", NOWHERE, max(bins, 1))
    for topology, domains in enumerate(problem.domain_of):
        seen = np.unique(domains[domains != NOWHERE])
        if len(seen) and seen[-1] != len(seen) - 1:
            _refuse("domain_of", f"row {topology} has {len(seen)} domains, so expected numbers 0 to {len(seen) - 1}")
    _expect(problem.scopes, "scopes", np.bool_, (None, bins))


def _validate_classes(problem: Problem) -> None:
    _expect(problem.demand, "demand", np.int64, (None, problem.num_resources))
    _expect_range(problem.demand, "demand", 0, LARGEST_AMOUNT)
    classes = len(problem.demand)
    _expect(problem.class_signature, "class_signature", np.int32, (classes,))
    _expect_range(problem.class_signature, "class_signature", 0, len(problem.eligible))
    _expect(problem.class_priority, "class_priority", np.int32, (classes,))
    _expect(problem.pinned_to, "pinned_to", np.int32, (classes,))
    _expect_range(problem.pinned_to, "pinned_to", NOWHERE, problem.num_bins)


def _validate_items(problem: Problem) -> None:
    _expect(problem.class_of, "class_of", np.int32, (None,))
    _expect_range(problem.class_of, "class_of", 0, problem.num_classes)
    _expect_or_empty(problem.start, "start", np.int32, problem.num_items)
    _expect_range(problem.start, "start", NOWHERE, problem.num_bins)
    _expect_or_empty(problem.class_movable, "class_movable", np.bool_, problem.num_classes)


def _validate_groups(problem: Problem) -> None:
    groups = problem.groups
    count = len(groups)
    _expect(groups.topology, "groups.topology", np.int32, (None,))
    _expect_range(groups.topology, "groups.topology", 0, len(problem.domain_of))
    _expect(groups.scope, "groups.scope", np.int32, (count,))
    _expect_range(groups.scope, "groups.scope", EVERYWHERE, len(problem.scopes))
    _expect_offsets(groups.start, "groups.start", count, len(groups.initial))
    domains = problem.num_domains[groups.topology]
    wrong = np.flatnonzero(np.diff(groups.start) != domains)
    if len(wrong):
        group = int(wrong[0])
        _refuse("groups.start", f"group {group} needs one count for each of its {domains[group]} domains")
    _expect(groups.initial, "groups.initial", np.int32, (None,))
    _expect_range(groups.initial, "groups.initial", 0, None)
    _expect_memberships(groups, problem.num_classes)


def _expect_memberships(groups: Groups, num_classes: int) -> None:
    _expect(groups.of_class, "groups.of_class", np.int32, (None,))
    _expect_range(groups.of_class, "groups.of_class", 0, len(groups))
    if len(groups.class_start) == 1 and len(groups.of_class) == 0 and len(groups) == 0:
        return  # no groups at all: the default of the dataclass serves any number of classes
    _expect_offsets(groups.class_start, "groups.class_start", num_classes, len(groups.of_class))
    owner = np.repeat(np.arange(num_classes), np.diff(groups.class_start))
    if np.any((owner[1:] == owner[:-1]) & (groups.of_class[1:] <= groups.of_class[:-1])):
        _refuse("groups.of_class", "expected the groups of a class to ascend")


def _validate_relations(problem: Problem) -> None:
    limits, attractions, spreads = problem.limits, problem.attractions, problem.spreads
    _expect_table(problem, "limits", limits.class_, limits.group, (("at_most", limits.at_most, 1),))
    _expect_table(problem, "attractions", attractions.class_, attractions.group, ())
    classes = problem.num_classes
    if len(attractions):
        _expect(attractions.self_starting, "attractions.self_starting", np.bool_, (classes,))
    else:
        _expect_or_empty(attractions.self_starting, "attractions.self_starting", np.bool_, classes)
    columns = (
        ("max_skew", spreads.max_skew, 1),
        ("min_domains", spreads.min_domains, 1),
        ("counts_itself", spreads.counts_itself, 0),
    )
    _expect_table(problem, "spreads", spreads.class_, spreads.group, columns)
    _expect_range(spreads.counts_itself, "spreads.counts_itself", 0, 2)


def _validate_gangs(problem: Problem) -> None:
    gangs = problem.gangs
    _expect(gangs.at_least, "gangs.at_least", np.int32, (None,))
    _expect_range(gangs.at_least, "gangs.at_least", 0, None)
    _expect(gangs.topology, "gangs.topology", np.int32, (len(gangs),))
    _expect_range(gangs.topology, "gangs.topology", NOWHERE, len(problem.domain_of))
    _expect_or_empty(gangs.begun_in, "gangs.begun_in", np.int32, len(gangs))
    _expect_range(gangs.begun_in, "gangs.begun_in", NOWHERE, None)
    domains = np.append(problem.num_domains, 0)[gangs.topology]
    beyond = np.flatnonzero(gangs.domain >= domains)
    if len(beyond):
        _refuse("gangs.begun_in", f"expected one of {domains[beyond[0]]} domains for gang {beyond[0]}")
    if len(gangs):
        _expect(gangs.of_item, "gangs.of_item", np.int32, (problem.num_items,))
    else:
        _expect_or_empty(gangs.of_item, "gangs.of_item", np.int32, problem.num_items)
    _expect_range(gangs.of_item, "gangs.of_item", NOWHERE, len(gangs))


def _validate_whole_plan(problem: Problem) -> None:
    breadths, dependencies = problem.breadths, problem.dependencies
    _expect_groups(problem, breadths.group, "breadths.group", len(breadths.group))
    _expect(breadths.at_least, "breadths.at_least", np.int32, (len(breadths),))
    _expect_range(breadths.at_least, "breadths.at_least", 1, None)
    _expect_groups(problem, dependencies.group, "dependencies.group", len(dependencies.group))
    _expect_groups(problem, dependencies.on, "dependencies.on", len(dependencies))
    topology = problem.groups.topology
    apart = np.flatnonzero(topology[dependencies.group] != topology[dependencies.on])
    if len(apart):
        _refuse("dependencies.on", f"row {apart[0]}: expected two groups counted in one topology")
    _expect_or_empty(problem.transient, "transient", np.bool_, problem.num_resources)
    if problem.target.shape != (0, 0):
        _expect(problem.target, "target", np.int64, problem.capacity.shape)
        _expect_below(problem.target, "target", LARGEST_AMOUNT)


def _validate_devices(problem: Problem) -> None:
    devices = problem.devices
    _expect(devices.capacity, "devices.capacity", np.int64, (None, None))
    _expect_below(devices.capacity, "devices.capacity", LARGEST_AMOUNT)
    if len(devices) == 0 and len(devices.start) == 1 and len(devices.count) == 0 and len(devices.share) == 0:
        return  # no devices at all: the default of the dataclass serves any number of bins and classes
    _expect_offsets(devices.start, "devices.start", problem.num_bins, len(devices))
    _expect(devices.count, "devices.count", np.int32, (problem.num_classes,))
    _expect_range(devices.count, "devices.count", 0, None)
    _expect(devices.share, "devices.share", np.int64, (problem.num_classes, devices.capacity.shape[1]))
    _expect_range(devices.share, "devices.share", 0, LARGEST_AMOUNT)


def _validate_tier(problem: Problem, tier: Tier, at: str) -> None:
    classes, bins = problem.num_classes, problem.num_bins
    columns: tuple[tuple[str, Array | None, tuple[int, ...]], ...] = (
        ("unplaced", tier.unplaced, (classes,)),
        ("open", tier.open, (bins,)),
        ("moved", tier.moved, (classes,)),
        ("placed", tier.placed, problem.eligible.shape),
        ("over_target", tier.over_target, (problem.num_resources,)),
        ("moved_between", tier.moved_between, (bins, bins)),
    )
    for name, array, shape in columns:
        if array is not None:
            _expect(array, f"{at}.{name}", np.int64, shape)
    if tier.over_target is not None and problem.target.shape == (0, 0):
        _refuse(f"{at}.over_target", "expected the problem to have targets")
    _validate_balances(problem, tier, at)
    pairs, ranges, skews = tier.pairs, tier.ranges, tier.skews
    rows = len(pairs.class_)
    _expect(pairs.class_, f"{at}.pairs.class_", np.int32, (rows,))
    _expect_range(pairs.class_, f"{at}.pairs.class_", 0, classes)
    _expect(pairs.weight, f"{at}.pairs.weight", np.int64, (rows,))
    _expect_groups(problem, pairs.group, f"{at}.pairs.group", rows)
    _expect_groups(problem, ranges.group, f"{at}.ranges.group", len(ranges))
    _expect_groups(problem, skews.group, f"{at}.skews.group", len(skews))
    for name, array, dtype, size in (
        ("ranges.at_least", ranges.at_least, np.int32, len(ranges)),
        ("ranges.at_most", ranges.at_most, np.int32, len(ranges)),
        ("ranges.weight", ranges.weight, np.int64, len(ranges)),
        ("skews.max_skew", skews.max_skew, np.int32, len(skews)),
        ("skews.weight", skews.weight, np.int64, len(skews)),
    ):
        _expect(array, f"{at}.{name}", dtype, (size,))
    most = largest_cost(problem, tier)
    if most >= LARGEST_COST:
        _refuse(at, f"expected costs that add up to less than {LARGEST_COST:.2g}, not {most:.2g}")


def _validate_balances(problem: Problem, tier: Tier, at: str) -> None:
    balances, most_moved = tier.balances, tier.most_moved
    for name, column, dtype in (
        ("base", balances.base, np.int32),
        ("wanted", balances.wanted, np.int32),
        ("ratio", balances.ratio, np.int64),
        ("weight", balances.weight, np.int64),
    ):
        _expect(column, f"{at}.balances.{name}", dtype, (len(balances),))
        if dtype is np.int32:
            _expect_range(column, f"{at}.balances.{name}", 0, problem.num_resources)
    _expect_or_empty(most_moved.set_of, f"{at}.most_moved.set_of", np.int32, problem.num_classes)
    _expect_range(most_moved.set_of, f"{at}.most_moved.set_of", -1, None)


def _expect_table(
    problem: Problem, at: str, class_: Array, group: Array, columns: Sequence[tuple[str, Array, int]]
) -> None:
    _expect(class_, f"{at}.class_", np.int32, (None,))
    _expect_range(class_, f"{at}.class_", 0, problem.num_classes)
    if np.any(np.diff(class_) < 0):
        _refuse(f"{at}.class_", "expected rows sorted by class")
    _expect_groups(problem, group, f"{at}.group", len(class_))
    for name, array, smallest in columns:
        _expect(array, f"{at}.{name}", np.int32, (len(class_),))
        _expect_range(array, f"{at}.{name}", smallest, None)


def _expect_groups(problem: Problem, group: Array, at: str, rows: int) -> None:
    _expect(group, at, np.int32, (rows,))
    _expect_range(group, at, 0, len(problem.groups))


def _expect(array: Array, at: str, dtype: type[np.generic], shape: tuple[int | None, ...]) -> None:
    if not isinstance(array, np.ndarray):
        _refuse(at, f"expected an array of {dtype.__name__}, not {type(array).__name__}")
    if array.dtype != dtype:
        _refuse(at, f"expected {dtype.__name__}, not {array.dtype}")
    wrong = array.ndim != len(shape) or any(
        want is not None and want != size for want, size in zip(shape, array.shape, strict=True)
    )
    if wrong:
        wanted = ", ".join("any" if want is None else str(want) for want in shape)
        _refuse(at, f"expected shape ({wanted}), not {array.shape}")


def _expect_or_empty(array: Array, at: str, dtype: type[np.generic], size: int) -> None:
    _expect(array, at, dtype, (0 if np.shape(array) == (0,) else size,))


def _expect_range(array: Array, at: str, low: int, high: int | None) -> None:
    """Every value v has low <= v < high."""
    if array.size == 0:
        return
    if array.min() < low:
        _refuse(at, f"expected {low} or more, not {array.min()}")
    if high is not None and array.max() >= high:
        _refuse(at, f"expected less than {high}, not {array.max()}")


def _expect_below(array: Array, at: str, limit: int) -> None:
    _expect_range(array, at, -limit + 1, limit)


def _expect_offsets(offsets: Array, at: str, rows: int, total: int) -> None:
    _expect(offsets, at, np.int64, (rows + 1,))
    if offsets[0] != 0 or offsets[-1] != total or np.any(np.diff(offsets) < 0):
        _refuse(at, f"expected offsets that ascend from 0 to {total}")


def _refuse(at: str, message: str) -> None:
    raise InvalidProblemError(at, message)
