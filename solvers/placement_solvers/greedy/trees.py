"""Which classes keep their scores together, and in which order of bins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from placement_solvers.greedy.rules import Rules
from placement_solvers.greedy.score import Scoring
from placement_solvers.greedy.wishes import Wishes
from placement_solvers.problem import NOWHERE, Bool, Int32, Problem

NO_TREE = -1


class Trees(NamedTuple):
    """Trees of scores, one score a bin, and who asks them.

    Where emptier bins are better, classes of equal signature, layout and costs also share a *loose* class, which
    demands nothing and keeps no rules: its order of bins is theirs, with some more bins in between. Loose classes are
    numbered from C on. Classes with wishes about single bins have an order of their own.

    Attributes
    ----------
    of_class : (C + L,) int32
        The tree of each class, then of each loose class; `NO_TREE` for pinned ones.
    layout : (trees,) int32
        The order of bins of each tree.
    loose_class : (C,) int32
        -1 for none.
    stands_for : (L,) int32
        A class with the signature and the costs of each loose class.
    """

    of_class: Int32
    layout: Int32
    loose_class: Int32
    stands_for: Int32


def trees_of(problem: Problem, rules: Rules, wishes: Wishes, scoring: Scoring, class_layout: Int32) -> Trees:
    """The trees of a problem's classes.

    Two classes share one if they ask the same of every single bin: their demand, signature and layout are equal, and
    neither has a rule or a wish about single bins. O(C x R).
    """
    wishes_alone = wishes.fine < wishes.start[1:]
    rules_alone = rules.fine < rules.start[1:]
    number: dict[tuple[object, ...], int] = {}
    of_class: list[int] = []
    layout_of_tree: list[int] = []
    for class_ in range(problem.num_classes):
        if problem.pinned_to[class_] != NOWHERE:
            of_class.append(NO_TREE)
            continue
        own = class_ if rules_alone[class_] or wishes_alone[class_] else NOWHERE
        kind = _kind(problem, scoring, class_layout, class_)
        key = (problem.demand[class_].tobytes(), kind, own)
        of_class.append(number.setdefault(key, len(number)))
        if len(number) > len(layout_of_tree):
            layout_of_tree.append(int(class_layout[class_]))
    loose_class = np.full(problem.num_classes, NOWHERE, dtype=np.int32)
    stands_for: dict[tuple[int, int, int], int] = {}
    for class_ in range(0 if scoring.fuller_is_better else problem.num_classes):
        if of_class[class_] == NO_TREE or wishes_alone[class_]:
            continue
        kind = _kind(problem, scoring, class_layout, class_)
        if kind not in stands_for:
            stands_for[kind] = class_
            of_class.append(len(layout_of_tree))
            layout_of_tree.append(int(class_layout[class_]))
        loose_class[class_] = problem.num_classes + list(stands_for).index(kind)
    return Trees(
        of_class=np.array(of_class, dtype=np.int32),
        layout=np.array(layout_of_tree, dtype=np.int32),
        loose_class=loose_class,
        stands_for=np.array(list(stands_for.values()), dtype=np.int32),
    )


def _kind(problem: Problem, scoring: Scoring, class_layout: Int32, class_: int) -> tuple[int, int, int]:
    return int(problem.class_signature[class_]), int(scoring.class_row[class_]), int(class_layout[class_])


def layouts_of_classes(
    problem: Problem, rules: Rules, wishes: Wishes, fine: Bool
) -> tuple[list[tuple[int, ...]], Int32]:
    """The sets of coarse topologies that relations, hard or soft, and gangs look at; the set of each class."""
    wanted: list[set[int]] = [set() for _ in range(problem.num_classes)]
    for table in (rules, wishes):
        topology = problem.groups.topology[table.group]
        for class_, row in zip(table.class_.tolist(), topology.tolist(), strict=True):
            if not fine[row]:
                wanted[class_].add(row)
    gangs = problem.gangs
    if len(gangs):
        members = np.flatnonzero(gangs.of_item != NOWHERE)
        pairs = np.unique(np.stack([problem.class_of[members], gangs.topology[gangs.of_item[members]]]), axis=1)
        for class_, row in pairs.T.tolist():
            if row != NOWHERE and not fine[row]:
                wanted[class_].add(row)
    number: dict[tuple[int, ...], int] = {}
    class_layout = [number.setdefault(tuple(sorted(rows)), len(number)) for rows in wanted]
    return list(number) or [()], np.array(class_layout, dtype=np.int32)
