"""Limits, attractions and spreads as one table: each allows the domains whose count lies in a range."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.problem import Bool, Int32, Problem

LIMIT, ATTRACTION, SPREAD = 0, 1, 2
"""Kinds of rules. Counts allowed: up to ``at_most - 1``; 1 or more; up to ``max_skew - counts_itself + smallest``."""


class Rules(NamedTuple):
    """The rules of all classes, sorted by class; within a class, those about single bins come last.

    Attributes
    ----------
    start, fine : (C + 1,), (C,) int32
        Rules of class c are ``[start[c], start[c + 1])``; from ``fine[c]`` on they count in single bins.
    class_, group, kind : (rules,) int32
    value : (rules,) int32
        ``at_most - 1`` of a limit, ``max_skew - counts_itself`` of a spread; for an attraction whether the class is
        self-starting.
    min_domains : (rules,) int32
    """

    start: Int32
    fine: Int32
    class_: Int32
    group: Int32
    kind: Int32
    value: Int32
    min_domains: Int32


def rules_of(problem: Problem, fine: Bool) -> Rules:
    """All rules of a problem; `fine` (T,) says which topologies have single bins as domains. O(rules log rules)."""
    limits, attractions, spreads = problem.limits, problem.attractions, problem.spreads
    class_ = np.concatenate([limits.class_, attractions.class_, spreads.class_])
    group = np.concatenate([limits.group, attractions.group, spreads.group])
    kind = np.repeat([LIMIT, ATTRACTION, SPREAD], [len(limits), len(attractions), len(spreads)])
    starting = attractions.self_starting[attractions.class_] if len(attractions) else np.zeros(0, dtype=np.bool_)
    value = np.concatenate([limits.at_most - 1, starting.astype(np.int32), spreads.max_skew - spreads.counts_itself])
    min_domains = np.concatenate([np.zeros(len(limits) + len(attractions), dtype=np.int32), spreads.min_domains])
    is_fine = fine[problem.groups.topology[group]]
    order = np.lexsort((is_fine, class_))
    start = np.searchsorted(class_[order], np.arange(problem.num_classes + 1)).astype(np.int32)
    coarse = np.bincount(class_[~is_fine], minlength=problem.num_classes)
    return Rules(
        start=start,
        fine=(start[:-1] + coarse).astype(np.int32),
        class_=class_[order].astype(np.int32),
        group=group[order].astype(np.int32),
        kind=kind[order].astype(np.int32),
        value=value[order].astype(np.int32),
        min_domains=min_domains[order].astype(np.int32),
    )
