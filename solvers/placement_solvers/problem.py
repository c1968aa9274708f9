"""The instance every solver sees: constrained vector bin packing with counted groups.

Every relation between items is a statement about a *group*: a set of classes whose items are counted
in each domain of one topology. A class then meets a group in one of three ways: at most so many may
already be in the domain it enters (`Limits`; exclusion is a limit of one), at least one must be there
(`Attractions`), or the count may not exceed the smallest count of all domains by too much (`Spreads`).
Two more relations are between groups and hold of the plan as a whole (`Breadths`, `Dependencies`).
`docs/formulation.md` writes the whole model out, every symbol tied to an attribute here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

EVERYWHERE = -1
"""Scope of a group that counts its members on every bin."""

NOWHERE = -1
"""Domain of a bin that a topology leaves out; bin of an item that is not placed."""


def _empty() -> Int32:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Sets of classes, each counted in the domains of one topology.

    Attributes
    ----------
    topology : (G,) int32
        Row of `Problem.domain_of` in whose domains the group is counted.
    scope : (G,) int32
        Row of `Problem.scopes`: only members on these bins count; `EVERYWHERE` (-1) is all bins.
    start : (G + 1,) int64
        ``initial[start[g]:start[g + 1]]`` are the counts of group g, one a domain of its topology.
    initial : (sum of domains,) int32
        Members already there that no solver moves.
    class_start : (C + 1,) int64
        ``of_class[class_start[c]:class_start[c + 1]]`` are the groups that class c is a member of.
    of_class : (memberships,) int32
        Groups, ascending within a class. One item of the class adds one to each.
    """

    topology: Int32 = field(default_factory=_empty)
    scope: Int32 = field(default_factory=_empty)
    start: Int64 = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    initial: Int32 = field(default_factory=_empty)
    class_start: Int64 = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    of_class: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.topology)


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Class c enters a domain only while fewer than `at_most` members of the group are in it.

    A bin in no domain of the topology is always allowed. A mutual exclusion is two rows.

    Attributes
    ----------
    class_, group, at_most : (L,) int32
        Sorted by class; ``at_most >= 1``. One item of a class that is itself a member counts as one.
    """

    class_: Int32 = field(default_factory=_empty)
    group: Int32 = field(default_factory=_empty)
    at_most: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.class_)


@dataclass(frozen=True, slots=True, eq=False)
class Attractions:
    """Class c enters only domains that hold a member of each of its attracting groups.

    A bin in no domain is refused. A class that is `self_starting` may also enter when all of its attracting
    groups are empty in every domain: the first of its kind (the bin must still be in a domain of each).

    Attributes
    ----------
    class_, group : (A,) int32
        Sorted by class.
    self_starting : (C,) bool
        Whether a class may be the first. Shape (0,) where there is no attraction.
    """

    class_: Int32 = field(default_factory=_empty)
    group: Int32 = field(default_factory=_empty)
    self_starting: Bool = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __len__(self) -> int:
        return len(self.class_)


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """Class c enters a domain only if ``count + counts_itself - smallest <= max_skew``.

    The smallest count is taken over the *eligible* domains: those that hold a bin of the group's scope. It is 0
    while fewer than `min_domains` are eligible. A bin in no domain is refused.

    Attributes
    ----------
    class_, group, max_skew, min_domains : (S,) int32
        Sorted by class; ``max_skew >= 1``, ``min_domains >= 1``.
    counts_itself : (S,) int32
        1 where an item of the class is a member of the group, else 0.
    """

    class_: Int32 = field(default_factory=_empty)
    group: Int32 = field(default_factory=_empty)
    max_skew: Int32 = field(default_factory=_empty)
    min_domains: Int32 = field(default_factory=_empty)
    counts_itself: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.class_)


@dataclass(frozen=True, slots=True, eq=False)
class Breadths:
    """The members of a group lie in at least so many different domains once all items are in.

    A group with fewer members than that has them all in different domains. A group none of whose items left its
    start or entered is not asked.

    Attributes
    ----------
    group, at_least : (N,) int32
        ``at_least >= 1``.
    """

    group: Int32 = field(default_factory=_empty)
    at_least: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, eq=False)
class Dependencies:
    """A domain that holds a member of `group` holds a member of `on`, once all items are in.

    Unlike an attraction it speaks of the plan as a whole: two groups that need each other may go together, and
    the last member of `on` may not leave. Members in no domain are not asked. A row none of whose items left its
    start or entered is not asked.

    Attributes
    ----------
    group, on : (N,) int32
        Both counted in the same topology.
    """

    group: Int32 = field(default_factory=_empty)
    on: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, eq=False)
class Gangs:
    """Items that go in together or not at all.

    Attributes
    ----------
    of_item : (I,) int32
        Gang of each item, -1 for none. Shape (0,) where there are no gangs.
    at_least : (K,) int32
        How many of a gang must be placed for any of it to be placed.
    topology : (K,) int32
        Row of `Problem.domain_of`: all placed members lie in one domain of it; -1 asks nothing.
    begun_in : (K,) int32
        The domain of `topology` in which members already lie that are no items, so that all others go there, too; -1
        for none. Shape (0,) where no gang has any.
    """

    of_item: Int32 = field(default_factory=_empty)
    at_least: Int32 = field(default_factory=_empty)
    topology: Int32 = field(default_factory=_empty)
    begun_in: Int32 = field(default_factory=_empty)

    def __len__(self) -> int:
        return len(self.at_least)

    @property
    def domain(self) -> Int32:
        """The domain each gang must go to, `NOWHERE` (-1) where that is open, (K,) int32."""
        return self.begun_in if len(self.begun_in) else np.full(len(self), NOWHERE, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Devices:
    """Bins inside bins: an item takes a share of one device of its bin, or of several different ones.

    An item of class c lies on ``count[c]`` devices of its bin and takes ``share[c]`` of each; a share as large as the
    device is the whole of it. Which devices those are is no part of a solution: a bin is feasible if its items can be
    laid onto its devices at all (`placement_solvers.device_assignment` finds how), in whatever order they came.
    Amounts on devices have resources of their own, apart from `Problem.demand`.

    Attributes
    ----------
    start : (B + 1,) int64
        ``capacity[start[b]:start[b + 1]]`` are the devices of bin b.
    capacity : (devices, Q) int64
        What each has left for items, after all load that stays.
    count : (C,) int32
        Devices an item of the class lies on, 0 for none. Shape (0,) where no class asks for any.
    share : (C, Q) int64
        What it takes of each of them.
    """

    start: Int64 = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    capacity: Int64 = field(default_factory=lambda: np.zeros((0, 1), dtype=np.int64))
    count: Int32 = field(default_factory=_empty)
    share: Int64 = field(default_factory=lambda: np.zeros((0, 1), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.capacity)

    @property
    def asked(self) -> bool:
        """Whether any class asks for a device."""
        return bool(self.count.any())

    def of_bin(self, bin_: int) -> Int64:
        """What each device of a bin has for items, (devices of the bin, Q) int64."""
        return self.capacity[self.start[bin_] : self.start[bin_ + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class PairCosts:
    """Each item of class c pays `weight` for each member of the group in the domain it lies in.

    An item does not pay for itself. Negative weights reward company. One row a direction.

    Attributes
    ----------
    class_, group : (W,) int32
    weight : (W,) int64
    """

    class_: Int32 = field(default_factory=_empty)
    group: Int32 = field(default_factory=_empty)
    weight: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.class_)


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """A group's count in each eligible domain should lie between two numbers; each one outside pays `weight`.

    Attributes
    ----------
    group, at_least, at_most : (N,) int32
    weight : (N,) int64
    """

    group: Int32 = field(default_factory=_empty)
    at_least: Int32 = field(default_factory=_empty)
    at_most: Int32 = field(default_factory=_empty)
    weight: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, eq=False)
class Skews:
    """A group's largest minus smallest count over eligible domains pays `weight` for each one above `max_skew`.

    Attributes
    ----------
    group, max_skew : (N,) int32
    weight : (N,) int64
    """

    group: Int32 = field(default_factory=_empty)
    max_skew: Int32 = field(default_factory=_empty)
    weight: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, eq=False)
class Balances:
    """What a bin has free of two resources should keep a ratio.

    Each bin pays `weight` for every unit by which its free amount of `wanted` is short of ``ratio`` times its free
    amount of `base`; free is capacity less load.

    Attributes
    ----------
    base, wanted : (N,) int32
        Resources.
    ratio, weight : (N,) int64
    """

    base: Int32 = field(default_factory=_empty)
    wanted: Int32 = field(default_factory=_empty)
    ratio: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    weight: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.base)


@dataclass(frozen=True, slots=True, eq=False)
class MostMoved:
    """Pays `weight` for each moved item of that set of classes which has most of them, so that moves are shared out.

    Attributes
    ----------
    set_of : (C,) int32
        Set of each class, -1 for none; numbered from 0. Shape (0,) where nothing is paid.
    weight : int
    """

    set_of: Int32 = field(default_factory=_empty)
    weight: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    """One level of the cost: a weighted sum that is minimised once all tiers before it are fixed.

    Attributes
    ----------
    name : str
        What the tier counts, for reports: ``"unplaced at priority 1000"``, ``"nodes"``, ``"price"``.
    unplaced : (C,) int64 or None
        Cost of an item of the class left without a bin; for an item with a start that is its eviction.
    open : (B,) int64 or None
        Cost of a bin that holds an item and was not in use before.
    moved : (C,) int64 or None
        Cost of an item of the class placed on another bin than its start.
    placed : (S, K) int64 or None
        Cost of an item by the signatures of its class and its bin, shaped as `Problem.eligible`.
    pairs, ranges, skews
        Soft relations between items; empty by default.
    over_target : (R,) int64 or None
        Cost of each unit of load above `Problem.target`.
    moved_between : (B, B) int64 or None
        Cost of a moved item by its start (row) and the bin it lies in (column).
    balances : Balances
    most_moved : MostMoved
    """

    name: str
    unplaced: Int64 | None = None
    open: Int64 | None = None
    moved: Int64 | None = None
    placed: Int64 | None = None
    pairs: PairCosts = field(default_factory=PairCosts)
    ranges: Ranges = field(default_factory=Ranges)
    skews: Skews = field(default_factory=Skews)
    over_target: Int64 | None = None
    moved_between: Int64 | None = None
    balances: Balances = field(default_factory=Balances)
    most_moved: MostMoved = field(default_factory=MostMoved)


@dataclass(frozen=True, eq=False)
class Problem:
    """Items to place in bins. Immutable; all amounts are integers, one unit a resource.

    Attributes
    ----------
    class_of : (I,) int32
        Class of each item, in order of arrival. Items of one class are interchangeable.
    demand : (C, R) int64
        What one item of a class takes of each resource.
    capacity : (B, R) int64
        What a bin has left for items, after all load that stays. Negative: already overfull, and then only
        items that demand nothing of the resource fit.
    class_signature, bin_signature : (C,), (B,) int32
        Rows and columns of `eligible`.
    eligible : (S, K) bool
        Whether an item of the class signature may enter a bin of the bin signature at all.
    domain_of : (T, B) int32
        Domain of each bin in each topology, numbered from 0 without gaps; `NOWHERE` (-1) is none.
    scopes : (M, B) bool
        Sets of bins on which groups count.
    groups, limits, attractions, spreads
        Relations between items; see the classes.
    tiers : tuple of Tier
        The cost, first tier first.
    class_priority : (C,) int32
        Greater is placed first by whoever builds a plan item by item.
    in_use : (B,) bool
        Bins that hold load that stays, so that opening them costs nothing.
    pinned_to : (C,) int32
        The one bin a class may enter, -1 if `eligible` alone decides (it must hold for a pinned class too). Keeps one
        item per machine, as of a daemon, from blowing up the signatures.
    start : (I,) int32
        Bin an item lies in now, -1 if it waits for one. Its load is not yet taken off `capacity` nor
        counted in `Groups.initial`. Shape (0,) where every item waits.
    class_movable : (C,) bool
        Whether an item with a start may go to another bin; otherwise it stays or is left out. Shape (0,): all may.
    gangs : Gangs
    breadths, dependencies
        Relations that hold of the plan as a whole, in whatever order the items enter.
    transient : (R,) bool
        Resources that an item which goes from its start to another bin holds on both. Shape (0,): none.
    target : (B, R) int64
        Load, counted as for `capacity`, up to which a bin is as good as empty for `Tier.over_target`. Shape (0, 0)
        where no tier asks.
    devices : Devices
        Bins inside bins, as the accelerators of a machine.
    """

    class_of: Int32
    demand: Int64
    capacity: Int64
    class_signature: Int32
    bin_signature: Int32
    eligible: Bool
    domain_of: Int32
    scopes: Bool
    groups: Groups
    limits: Limits
    attractions: Attractions
    spreads: Spreads
    tiers: tuple[Tier, ...]
    class_priority: Int32
    in_use: Bool
    pinned_to: Int32
    start: Int32 = field(default_factory=_empty)
    class_movable: Bool = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    gangs: Gangs = field(default_factory=Gangs)
    breadths: Breadths = field(default_factory=Breadths)
    dependencies: Dependencies = field(default_factory=Dependencies)
    transient: Bool = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    target: Int64 = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    devices: Devices = field(default_factory=Devices)

    @property
    def num_items(self) -> int:
        return len(self.class_of)

    @property
    def num_classes(self) -> int:
        return len(self.demand)

    @property
    def num_bins(self) -> int:
        return len(self.capacity)

    @property
    def num_resources(self) -> int:
        return int(self.capacity.shape[1])

    @cached_property
    def class_count(self) -> Int64:
        """Items of each class, (C,) int64."""
        return np.bincount(self.class_of, minlength=self.num_classes).astype(np.int64)

    @cached_property
    def num_domains(self) -> Int32:
        """Domains of each topology, (T,) int32."""
        if self.domain_of.shape[1] == 0:
            return np.zeros(len(self.domain_of), dtype=np.int32)
        last: Int32 = self.domain_of.max(axis=1, initial=-1)
        return (last + 1).astype(np.int32)

    def eligible_bins(self, class_: int) -> Bool:
        """Bins that an item of the class may enter as far as its signature and pin go, (B,) bool."""
        bins: Bool = self.eligible[self.class_signature[class_], self.bin_signature]
        pin = self.pinned_to[class_]
        if pin != NOWHERE:
            bins = bins & (np.arange(self.num_bins) == pin)
        return bins
