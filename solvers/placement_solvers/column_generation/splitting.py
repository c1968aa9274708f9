"""Rules over domains taken out of the way: each class under a rule becomes one class for each region.

A spread leaves little choice: with a skew of one every domain gets its even share, and only the odd items may go
here or there. Once it is decided how many items go to which region, a packing is free of rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placement_solvers.column_generation.packing import Packing
from placement_solvers.packing_view import Conflict, DomainRule, Float, Joint, PackingView
from placement_solvers.problem import NOWHERE, Int32, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A view without rules and how its classes come from those of another.

    Attributes
    ----------
    flat : PackingView
    class_of : (C',) int32
        Class of the other view that each class of `flat` is a part of.
    region_of : (C',) int32
        Region the part lies in, `NOWHERE` for a class that was not split.
    """

    flat: PackingView
    class_of: Int32
    region_of: Int32

    def to_flat(self, types: Int64, patterns: Int32) -> Int32:
        """Patterns in the classes of `flat`, (N, C')."""
        region = self.flat.region[types]
        here = (self.region_of[None, :] == NOWHERE) | (self.region_of[None, :] == region[:, None])
        parts: Int32 = np.where(here, patterns[:, self.class_of], 0)
        return parts

    def from_flat(self, packing: Packing) -> Packing:
        """A packing of `flat` in the classes of the other view."""
        patterns = np.zeros((len(packing.types), int(self.class_of.max(initial=-1)) + 1), dtype=np.int32)
        np.add.at(patterns.T, self.class_of, packing.patterns.T)
        return Packing(packing.types, patterns, packing.times)

    def prices(self, of_class: Float) -> Float:
        """Prices by region, (Z, C') float64, from prices (C,) of the other view's classes."""
        return np.repeat(of_class[None, self.class_of], max(self.flat.num_regions, 1), axis=0)


def split(view: PackingView, wanted: Float | None = None, worth: Float | None = None) -> Split:
    """The view with every rule kept by the counts of its parts.

    Parameters
    ----------
    wanted : (Z, C) float64, optional
        How many items of each class should lie in each region; evenly without. Kept as far as the rules allow.
    worth : (C,) float64, optional
        What share of a bin's cost an item takes up, in units of cost, by which odd items are shared out.
    """
    num_classes = view.num_classes
    ruled = np.zeros(num_classes, dtype=np.bool_)
    targets = np.zeros((max(view.num_regions, 1), num_classes), dtype=np.int64)
    if not view.rules:
        return Split(view, np.arange(num_classes, dtype=np.int32), np.full(num_classes, NOWHERE, dtype=np.int32))
    weight = _weight(view) if worth is None else worth
    room = _goals(view, weight)
    for rule in view.rules:
        for class_ in rule.classes.tolist():
            ruled[class_] = True
        _share_out(view, rule, targets, wanted, weight, room)
    parts = [(class_, NOWHERE) for class_ in np.flatnonzero(~ruled).tolist()]
    parts += [(class_, region) for class_ in np.flatnonzero(ruled).tolist() for region in range(len(targets))]
    parts.sort()
    class_of = np.array([class_ for class_, _ in parts], dtype=np.int32)
    region_of = np.array([region for _, region in parts], dtype=np.int32)
    count = np.where(region_of == NOWHERE, view.count[class_of], targets[np.maximum(region_of, 0), class_of])
    here = (region_of[None, :] == NOWHERE) | (region_of[None, :] == view.region[:, None])
    most = np.where(here, np.minimum(view.most[:, class_of], count), 0).astype(np.int32)
    places = [np.flatnonzero(class_of == class_).astype(np.int32) for class_ in range(num_classes)]
    flat = replace(
        view,
        demand=view.demand[class_of],
        count=count,
        most=most,
        joints=tuple(Joint(_places(places, joint.classes), joint.at_most) for joint in view.joints),
        conflicts=tuple(
            Conflict(part, _places(places, conflict.others), conflict.holds)
            for conflict in view.conflicts
            for part in places[conflict.class_].tolist()
        ),
        rules=(),
        unplaced=view.unplaced[:, class_of],
    )
    return Split(flat, class_of, region_of)


def _places(places: list[Int32], classes: Int32) -> Int32:
    return np.sort(np.concatenate([places[class_] for class_ in classes.tolist()]))


def _weight(view: PackingView) -> Float:
    """How much of a bin an item takes, (C,) float64."""
    share: Float = (view.demand / np.maximum(view.capacity.mean(axis=0), 1)).max(axis=1)
    return share


def _goals(view: PackingView, weight: Float) -> Float:
    """How much weight each region should get, (Z,) float64.

    Where all bins cost the same, as many whole bins as possible in each, and the bins that must be added spread evenly:
    three regions with 250.2 bins' worth of items each would need 251 bins, one with 250.6 and two with 250.0 do not.
    """
    total, regions = float(weight @ view.count), max(view.num_regions, 1)
    costs = np.unique(view.open.sum(axis=0))
    if len(costs) != 1 or costs[0] == 0:
        return np.full(regions, total / regions)
    bins = int(np.ceil(total / costs[0] - 1e-6))
    whole = bins // regions + (np.arange(regions) < bins % regions)
    goals: Float = costs[0] * (whole - (bins - total / costs[0]) / regions)
    return goals


def _share_out(
    view: PackingView, rule: DomainRule, targets: Int64, wanted: Float | None, weight: Float, room: Float
) -> None:
    """Set the targets of a rule's classes: level by level, the domain next that is furthest behind what is wanted.

    Items of a class go where it has fewest beyond its wish, and where these tie, to the region with most room left.
    `room` (Z,) keeps what each region should still get.
    """
    held = rule.initial.copy()
    regions = np.flatnonzero(rule.domain_of_region != NOWHERE)
    if len(regions) == 0:
        return
    domain = rule.domain_of_region[regions]
    for class_ in rule.classes[np.argsort(-weight[rule.classes], kind="stable")].tolist():
        able = view.most[:, class_] > 0
        usable = np.isin(regions, view.region[able])
        left = int(view.count[class_])
        even = np.zeros(len(regions), dtype=np.int64)
        if wanted is not None and usable.any():
            even = np.where(usable, np.floor(wanted[regions, class_] + 1e-6), 0).astype(np.int64)
            left -= int(even.sum())
        np.add.at(held, domain, even)
        room[regions] -= even * weight[class_]
        while left > 0 and usable.any():
            levels = np.where(usable, held[domain], np.iinfo(np.int64).max)
            lowest = np.flatnonzero(levels == levels.min())
            above = levels[(levels > levels.min()) & usable]
            step = min(left // len(lowest), int(above.min(initial=np.iinfo(np.int64).max) - levels.min()))
            if step == 0:
                lowest, step = lowest[[int(np.argmax(room[regions[lowest]]))]], 1
            even[lowest] += step
            np.add.at(held, domain[lowest], step)
            room[regions[lowest]] -= step * weight[class_]
            left -= step * len(lowest)
        targets[regions, class_] = even


def within_rules(view: PackingView, packing: Packing) -> Packing:
    """The packing without items that break a rule, as may happen when others of the rule found no place."""
    for rule in view.rules:
        packing = _cut(view, rule, packing)
    return packing


def _cut(view: PackingView, rule: DomainRule, packing: Packing) -> Packing:
    domain = rule.domain_of_region[view.region[packing.types]]
    members = packing.patterns[:, rule.classes].sum(axis=1) * packing.times
    count = np.zeros(len(rule.initial), dtype=np.int64)
    np.add.at(count, domain[domain != NOWHERE], members[domain != NOWHERE])
    while True:
        total = rule.initial + count
        smallest = int(total[rule.eligible].min()) if rule.eligible.any() else 0
        kept = np.minimum(count, rule.room(smallest))
        if (kept == count).all():
            break
        count = kept
    return _keep(rule, packing, domain, members, count)


def _keep(rule: DomainRule, packing: Packing, domain: Int32, members: Int64, count: Int64) -> Packing:
    """The packing with so many members in each domain."""
    surplus = -count
    np.add.at(surplus, domain[domain != NOWHERE], members[domain != NOWHERE])
    if not surplus.any():
        return packing
    rows = packing.one_by_one()
    patterns, place = rows.patterns.copy(), np.repeat(domain, packing.times)
    for row in np.flatnonzero((place != NOWHERE) & (patterns[:, rule.classes] > 0).any(axis=1))[::-1].tolist():
        for class_ in rule.classes.tolist():
            taken = min(int(patterns[row, class_]), int(surplus[place[row]]))
            patterns[row, class_] -= taken
            surplus[place[row]] -= taken
    filled = patterns.any(axis=1)
    return Packing(rows.types[filled], patterns[filled], rows.times[filled])
