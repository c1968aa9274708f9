"""What the kernels read and never write: a problem laid out flat."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np

from placement_solvers.counting import eligible_domains, fine_topologies, views_of_groups
from placement_solvers.greedy.layout import Layout, layout_of
from placement_solvers.greedy.parameters import Score
from placement_solvers.greedy.rules import rules_of
from placement_solvers.greedy.score import Scoring, scoring_of
from placement_solvers.greedy.trees import layouts_of_classes, trees_of
from placement_solvers.greedy.wishes import wishes_of
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem

AnyArray = TypeVar("AnyArray", Bool, Int32, Int64)


class Tables(NamedTuple):
    """A problem as flat arrays, with everything that can be known before the first item is placed.

    Attributes
    ----------
    demand, class_signature, pinned_to
        As in `Problem`; the loose classes of `Trees` follow those of the problem.
    eligible, bin_signature, domain_of, in_use
        As in `Problem`.
    scopes : (M + 1, B) bool
        As in `Problem`, with a last row of ones for `EVERYWHERE`.
    group_topology, group_scope, group_start, class_group_start, class_group
        As in `Groups`; a scope of -1 is the last row of `scopes`.
    eligible_domain : (sum of domains,) bool
        Domains that hold a bin of a group's scope, laid out as counts.
    num_eligible : (G,) int32
    group_is_spread : (G,) bool
        Groups whose smallest count somebody asks for.
    rule_start, rule_fine, rule_group, rule_kind, rule_value, rule_min_domains
        See `Rules`; loose classes have none.
    wish_start, wish_fine, wish_group, wish_slope, wish_step, wish_low, wish_high, wish_placed
        See `Wishes`; loose classes have none but `wish_placed`.
    may_change : (C,) bool
        Classes that a later placement of others may help: those with an attraction or a spread.
    tree_of_class, tree_layout, loose_class
        See `Trees`.
    bin_at, position, block_of : (layouts, B) int32
        See `Layout`; `position` is the inverse of `bin_at`.
    block_start, cell_start : (layouts, most blocks + 1), (layouts, most cells + 1) int32
    num_cells : (layouts,) int32
    bin_of_domain : (sum of domains of fine topologies,) int32
    topology_start : (T,) int64
        Where the domains of a fine topology begin in `bin_of_domain`; -1 for others.
    """

    demand: Int64
    class_signature: Int32
    pinned_to: Int32
    eligible: Bool
    bin_signature: Int32
    domain_of: Int32
    in_use: Bool
    scopes: Bool
    group_topology: Int32
    group_scope: Int32
    group_start: Int64
    class_group_start: Int64
    class_group: Int32
    eligible_domain: Bool
    num_eligible: Int32
    group_is_spread: Bool
    rule_start: Int32
    rule_fine: Int32
    rule_group: Int32
    rule_kind: Int32
    rule_value: Int32
    rule_min_domains: Int32
    wish_start: Int32
    wish_fine: Int32
    wish_group: Int32
    wish_slope: Int32
    wish_step: Int32
    wish_low: Int32
    wish_high: Int32
    wish_placed: Int32
    may_change: Bool
    tree_of_class: Int32
    tree_layout: Int32
    loose_class: Int32
    bin_at: Int32
    position: Int32
    block_of: Int32
    block_start: Int32
    cell_start: Int32
    num_cells: Int32
    bin_of_domain: Int32
    topology_start: Int64
    scoring: Scoring


def tables_of(problem: Problem, score: Score) -> Tables:
    """Lay a problem out flat. O(I + C x R + layouts x B log B)."""
    groups = problem.groups
    fine = fine_topologies(problem)
    rules = rules_of(problem, fine)
    scoring = scoring_of(problem, score)
    wishes = wishes_of(problem, fine)
    topologies, class_layout = layouts_of_classes(problem, rules, wishes, fine)
    trees = trees_of(problem, rules, wishes, scoring, class_layout)
    loose = trees.stands_for
    layouts = [layout_of(problem, rows) for rows in topologies]
    one, view_of = views_of_groups(problem)
    eligible_of_view = [eligible_domains(problem, int(group)) for group in one]
    eligible = [eligible_of_view[view] for view in view_of]
    bin_of_domain, topology_start = _bins_of_fine_domains(problem, fine)
    may_change = np.zeros(problem.num_classes, dtype=np.bool_)
    may_change[problem.attractions.class_] = True
    may_change[problem.spreads.class_] = True
    is_spread = np.zeros(len(groups), dtype=np.bool_)
    is_spread[problem.spreads.group] = True
    no_rules = np.full(len(loose), len(rules.group), dtype=np.int32)
    no_wishes = np.full(len(loose), len(wishes.group), dtype=np.int32)
    tables = Tables(
        demand=np.vstack([problem.demand, np.zeros((len(loose), problem.num_resources), dtype=np.int64)]),
        class_signature=np.append(problem.class_signature, problem.class_signature[loose]),
        pinned_to=np.append(problem.pinned_to, np.full(len(loose), NOWHERE, dtype=np.int32)),
        eligible=problem.eligible,
        bin_signature=problem.bin_signature,
        domain_of=problem.domain_of,
        in_use=problem.in_use,
        scopes=np.vstack([problem.scopes, np.ones((1, problem.num_bins), dtype=np.bool_)]),
        group_topology=groups.topology,
        group_scope=groups.scope,
        group_start=groups.start,
        class_group_start=groups.class_start if len(groups) else np.zeros(problem.num_classes + 1, dtype=np.int64),
        class_group=groups.of_class,
        eligible_domain=np.concatenate([np.zeros(0, dtype=np.bool_), *eligible]),
        num_eligible=np.array([domains.sum() for domains in eligible], dtype=np.int32),
        group_is_spread=is_spread,
        rule_start=np.append(rules.start, no_rules),
        rule_fine=np.append(rules.fine, no_rules),
        rule_group=rules.group,
        rule_kind=rules.kind,
        rule_value=rules.value,
        rule_min_domains=rules.min_domains,
        wish_start=np.append(wishes.start, no_wishes),
        wish_fine=np.append(wishes.fine, no_wishes),
        wish_group=wishes.group,
        wish_slope=wishes.slope,
        wish_step=wishes.step,
        wish_low=wishes.low,
        wish_high=wishes.high,
        wish_placed=wishes.placed,
        may_change=may_change,
        tree_of_class=trees.of_class,
        tree_layout=trees.layout,
        loose_class=trees.loose_class,
        bin_at=np.stack([layout.bin_at for layout in layouts]),
        position=np.stack([np.argsort(layout.bin_at).astype(np.int32) for layout in layouts]),
        block_of=np.stack([_block_of(layout) for layout in layouts]),
        block_start=_padded([layout.block_start for layout in layouts]),
        cell_start=_padded([layout.cell_start for layout in layouts]),
        num_cells=np.array([len(layout.cell_start) - 1 for layout in layouts], dtype=np.int32),
        bin_of_domain=bin_of_domain,
        topology_start=topology_start,
        scoring=scoring._replace(class_row=np.append(scoring.class_row, scoring.class_row[loose])),
    )
    # One layout in memory for all problems, so that the kernels are compiled once.
    arrays = {name: flat(array) for name, array in tables._asdict().items() if name != "scoring"}
    return tables._replace(**arrays)


def flat(array: AnyArray) -> AnyArray:
    """The array in rows, and writable: to numba an array that is not is of another type."""
    return np.require(array, requirements=["C", "W"])


def _block_of(layout: Layout) -> Int32:
    sizes = np.diff(layout.block_start)
    return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)


def _padded(rows: list[Int32]) -> Int32:
    width = max(len(row) for row in rows)
    return np.stack([np.pad(row, (0, width - len(row)), mode="edge") for row in rows])


def _bins_of_fine_domains(problem: Problem, fine: Bool) -> tuple[Int32, Int64]:
    start = np.full(len(fine), -1, dtype=np.int64)
    parts = [np.zeros(0, dtype=np.int32)]
    for topology in np.flatnonzero(fine):
        start[topology] = sum(len(part) for part in parts)
        bins = np.flatnonzero(problem.domain_of[topology] != NOWHERE).astype(np.int32)
        parts.append(bins[np.argsort(problem.domain_of[topology][bins])])
    return np.concatenate(parts), start
