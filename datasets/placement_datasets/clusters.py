"""Seeded problems of clusters: stranded priorities, gangs that lock each other out, diverse pods on many shapes.

Each generator says in its docstring what it draws. Equal arguments give equal problems.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from placement_datasets.drafting import (
    APART,
    HOST,
    HOST_DRAWN,
    HOST_SPREAD,
    NUM_KINDS,
    PLAIN,
    ZONE,
    ZONE_DRAWN,
    ZONE_SPREAD,
    Draft,
)
from placement_datasets.packing import RAW, packing
from placement_solvers.problem import (
    NOWHERE,
    Gangs,
    Problem,
    Tier,
)

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

MOST_DRAWS = 1000

CPU_UNIT = 100
"""Millicores that demands are multiples of."""

MEMORY_UNIT = 256
"""MiB."""


def raw_packing(num_items: int, num_classes: int, seed: int) -> Problem:
    """`packing.packing` with four resources in raw units."""
    return packing(num_items, num_classes, seed, grid=RAW)


def stranded_priorities(num_bins: int, items_a_bin: int, load: float, seed: int, num_priorities: int = 4) -> Problem:
    """A cluster as the default scheduler left it: pods of high priority wait while lower ones run.

    Bins of 16,000 millicores and 64 GiB get so many pods, in sizes from uniform quarter to double the mean, that they
    ask for `load` of the scarcer resource; each fourth has another priority. They arrive in random order and go, one by
    one, where most is free of what is scarcer there, as the default profile has it; whoever does not fit waits. If
    nobody of more than the least priority waits, the draw is repeated, so that there is something to gain.

    The cost: pods left out, a tier a priority from the highest, where those that ran and are evicted count too; then
    what is disturbed, an eviction as much as two moves. After "Priority Matters: Optimising Kubernetes Clusters
    Usage with Constraint-Based Pod Packing" (Christensen, Giallorenzo, Mauro, arXiv 2511.08373).

    Raises
    ------
    ValueError
        If nobody waits in `MOST_DRAWS` draws: the load is too low.
    """
    rng = np.random.default_rng(seed)
    for _ in range(MOST_DRAWS):
        demand = _sizes_around(rng, num_bins * items_a_bin, items_a_bin, load)
        priority = rng.integers(0, num_priorities, len(demand))
        start = _least_full(demand, BIN, num_bins)
        if (priority[start == NOWHERE] > 0).any():
            break
    else:
        raise ValueError(f"a load of {load} strands nobody")
    running = (start != NOWHERE).astype(np.int64)
    rows, class_index = np.unique(np.column_stack([priority, running, demand]), axis=0, return_inverse=True)
    class_of: Int32 = class_index.reshape(-1).astype(np.int32)
    class_priority = rows[:, 0].astype(np.int32)
    tiers = [
        Tier(f"unplaced at priority {level}", unplaced=(class_priority == level).astype(np.int64))
        for level in reversed(range(num_priorities))
    ]
    tiers.append(Tier("disturbed", unplaced=2 * rows[:, 1], moved=rows[:, 1].copy()))
    draft = Draft(np.tile(BIN, (num_bins, 1)), rows[:, 2:])
    return draft.problem(class_of, tuple(tiers), class_priority=class_priority, start=start, in_use=True)


BIN = np.array([16_000, 65_536], dtype=np.int64)
"""A bin of the cluster: millicores and MiB."""


def _sizes_around(rng: np.random.Generator, num_items: int, items_a_bin: int, load: float) -> Int64:
    """Demands (I, 2) int64 that together ask for `load` of so many bins as `items_a_bin` of them fill."""
    share = rng.uniform(0.25, 2.0, (num_items, 2)) / items_a_bin
    share *= load * (num_items / items_a_bin) / share.sum(axis=0).max()
    step = np.array([CPU_UNIT, MEMORY_UNIT])
    demand: Int64 = np.maximum(np.round(share * BIN / step), 1).astype(np.int64) * step
    return demand


def _least_full(demand: Int64, bin_: Int64, num_bins: int) -> Int32:
    """Where items go that each take the bin with most free of what would be scarcer there, (I,) int32."""
    free = np.tile(bin_, (num_bins, 1))
    bin_of = np.full(len(demand), NOWHERE, dtype=np.int32)
    for item, asked in enumerate(demand):
        left = ((free - asked) / bin_).min(axis=1)
        best = int(left.argmax())
        if left[best] >= 0:
            bin_of[item] = best
            free[best] -= asked
    return bin_of


DEVICES = 8
"""Devices of a bin for gangs."""

LARGEST = 5
"""Devices that a member of a gang asks for at most."""


def gang_deadlock(num_bins: int, num_gangs: int, seed: int, *, solvable: bool = True) -> Problem:
    """Gangs of accelerator pods that fit only if their members are dealt with care, or a twin that does not fit.

    Bins have 8 devices. Each is cut at random into pieces of 1 to 5 devices without rest, and the pieces are dealt to
    gangs at random, each gang at least two: all gangs fit, exactly. Members arrive interleaved, and the draw is
    repeated until who places them as they come, each on the bin with most devices free, ends with two gangs or more
    half placed. Every gang wants all of its members; the cost is the members left out.

    The twin is just as full or fuller and cannot be placed: for even seeds one member more asks for a device there is
    not; for odd seeds the devices suffice, but one member more than there are bins wants five of the eight, and the
    others get what is left.

    Raises
    ------
    ValueError
        If no draw of `MOST_DRAWS` locks up: there are too few bins or gangs.
    """
    rng = np.random.default_rng(seed)
    for _ in range(MOST_DRAWS):
        size, gang = _interleaved_gangs(rng, num_bins, num_gangs)
        waits = _least_full(size[:, None], np.array([DEVICES]), num_bins) == NOWHERE
        if len(set(gang[waits]) & set(gang[~waits])) >= 2:
            break
    else:
        raise ValueError(f"{num_gangs} gangs on {num_bins} bins do not lock each other out")
    if not solvable:
        size = _too_much(size) if seed % 2 == 0 else _too_large(size, num_bins)
        gang = np.concatenate([gang, np.zeros(len(size) - len(gang), dtype=gang.dtype)])
    rows, class_of = np.unique(size, return_inverse=True)
    gangs = Gangs(
        of_item=gang.astype(np.int32),
        at_least=np.bincount(gang, minlength=num_gangs).astype(np.int32),
        topology=np.full(num_gangs, NOWHERE, dtype=np.int32),
    )
    tier = Tier("unplaced", unplaced=np.ones(len(rows), dtype=np.int64))
    draft = Draft(np.full((num_bins, 1), DEVICES), rows[:, None])
    return draft.problem(class_of.reshape(-1).astype(np.int32), (tier,), gangs=gangs, in_use=True)


def _interleaved_gangs(rng: np.random.Generator, num_bins: int, num_gangs: int) -> tuple[Int64, Int64]:
    """Devices and gang of each member, in order of arrival: all bins cut into pieces, the pieces dealt to gangs."""
    pieces = [piece for _ in range(num_bins) for piece in _cut(rng, DEVICES, LARGEST)]
    while len(pieces) < 2 * num_gangs:
        largest = pieces.index(max(pieces))
        pieces[largest : largest + 1] = [pieces[largest] - 1, 1]
    size = np.array(pieces, dtype=np.int64)[rng.permutation(len(pieces))]
    gang = np.concatenate([np.repeat(np.arange(num_gangs), 2), rng.integers(0, num_gangs, len(size) - 2 * num_gangs)])
    arrival = rng.permutation(len(size))
    return size[arrival], gang[arrival]


def _cut(rng: np.random.Generator, whole: int, most: int) -> list[int]:
    """A number as a sum of random ones of at most `most`."""
    found = []
    while whole:
        found.append(int(rng.integers(1, min(whole, most) + 1)))
        whole -= found[-1]
    return found


def _too_much(size: Int64) -> Int64:
    return np.append(size, 1)


def _too_large(size: Int64, num_bins: int) -> Int64:
    """As many devices in all, but one member more of five devices than there are bins, where that can be."""
    total = int(size.sum())
    large = num_bins + 1
    rest = total - LARGEST * large
    few = len(size) - large
    if few < 1 or rest < few or rest > 4 * few:
        return _too_much(size)
    small = np.full(few, rest // few, dtype=np.int64)
    small[: rest % few] += 1
    return np.concatenate([np.full(large, LARGEST, dtype=np.int64), small])


def diverse_pods(num_items: int, num_shapes: int, seed: int, spare: float = 0.05) -> Problem:
    """Karpenter's scheduling benchmark: pods of six kinds on instance types of 1 to `num_shapes` cores.

    A type of i cores has 2 i GiB and takes 10 i pods, at a price of 0.1 a core and 0.1 a GB, here in tenths of a cent;
    it comes in three zones. A sixth each of the pods is plain, spread over zones (skew 1), spread over nodes (skew 1),
    drawn to pods on a node, drawn to pods in a zone, kept off its like on a node. CPU is drawn from 100, 250, 500,
    1,000 and 1,500 millicores, memory from 100, 256, 512, 1,024, 2,048 and 4,096 MiB. A pod's label and the label it
    selects are drawn apart, each from seven values: the first three kinds share one label, the two that are drawn
    another. So a pod may be spread over others than its own like, and drawn to whom it does not resemble.

    Each shape has nodes for `spare` of all pods, and at least two a zone; the pods kept off their like need a node
    each, so that there are at least as many nodes of a small shape.

    Source: Karpenter, ``scheduling_benchmark_test.go`` (``makeDiversePods``) and ``fake/instancetype.go``.
    """
    rng = np.random.default_rng(seed)
    kind = np.sort(np.arange(num_items) % NUM_KINDS)
    cpu, memory = rng.choice(CPU, num_items), rng.choice(MEMORY, num_items)
    label = np.where(kind == APART, 0, rng.integers(0, NUM_LABELS, num_items))
    selected = np.where(np.isin(kind, [PLAIN, APART]), 0, rng.integers(0, NUM_LABELS, num_items))
    table = np.column_stack([kind, label, selected, cpu, memory])
    rows, class_index = np.unique(table, axis=0, return_inverse=True)
    class_of: Int32 = class_index.reshape(-1)[rng.permutation(num_items)].astype(np.int32)
    demand = np.column_stack([rows[:, 3:], np.ones(len(rows), dtype=np.int64)])
    capacity, price, zone = _shapes(num_shapes, demand[class_of].sum(axis=0), int((kind == APART).sum()), spare)
    draft = Draft(capacity, demand, zone)
    for asking, counted, topology in (
        (ZONE_SPREAD, (PLAIN, ZONE_SPREAD, HOST_SPREAD), ZONE),
        (HOST_SPREAD, (PLAIN, ZONE_SPREAD, HOST_SPREAD), HOST),
        (HOST_DRAWN, (HOST_DRAWN, ZONE_DRAWN), HOST),
        (ZONE_DRAWN, (HOST_DRAWN, ZONE_DRAWN), ZONE),
        (APART, (APART,), HOST),
    ):
        for value in range(NUM_LABELS if asking != APART else 1):
            asks = np.flatnonzero((rows[:, 0] == asking) & (rows[:, 2] == value))
            members = np.flatnonzero(np.isin(rows[:, 0], counted) & (rows[:, 1] == value))
            if len(asks):
                draft.relate(asking, draft.group(topology, members), asks)
    tiers = (Tier("unplaced", unplaced=np.ones(len(rows), dtype=np.int64)), Tier("price", open=price))
    return draft.problem(class_of, tiers)


NUM_LABELS = 7
CPU = np.array([100, 250, 500, 1000, 1500])
MEMORY = np.array([100, 256, 512, 1024, 2048, 4096])
NUM_ZONES = 3


def _shapes(num_shapes: int, total: Int64, apart: int, spare: float) -> tuple[Int64, Int64, Int32]:
    """Capacity (B, 3), price (B,) and zone (B,) of the nodes there are."""
    cores = np.arange(1, num_shapes + 1, dtype=np.int64)
    shape = np.column_stack([cores * 1000, cores * 2048, cores * 10])
    number = np.ceil(spare * (total / shape).max(axis=1) / NUM_ZONES).astype(np.int64)
    # The smallest shapes that hold any pod have to do for those that want a node of their own.
    smallest = min(2, num_shapes - 1)
    number[smallest] += -(-apart // NUM_ZONES)
    each = NUM_ZONES * np.maximum(number, 2)
    capacity = np.repeat(shape, each, axis=0)
    gigabytes = capacity[:, 1] * 2**20 / 1e9
    price = np.round(1000 * (0.1 * capacity[:, 0] / 1000 + 0.1 * gigabytes)).astype(np.int64)
    return capacity, price, (np.arange(len(capacity)) % NUM_ZONES).astype(np.int32)


def few_pods(num_bins: int, seed: int, num_items: int = 50) -> Problem:
    """Fifty pods with affinity and spread on thousands of nodes, which a model of pods and nodes chokes on.

    Five workloads of equal size: plain; spread over three zones with skew 1; at most one on a node; in a zone of the
    second; and only on every tenth node. Demands are uniform in 250 to 2,000 millicores and 512 to 4,096 MiB; nodes
    have 4 to 32 cores with 4 GiB a core. The cost: pods left out, then nodes opened.
    """
    rng = np.random.default_rng(seed)
    demand = np.column_stack([rng.integers(1, 9, 5) * 250, rng.integers(1, 9, 5) * 512]).astype(np.int64)
    cores = rng.choice([4, 8, 16, 32], num_bins)
    capacity = np.column_stack([cores * 1000, cores * 4096]).astype(np.int64)
    draft = Draft(capacity, demand, (np.arange(num_bins) % NUM_ZONES).astype(np.int32))
    draft.relate(ZONE_SPREAD, second := draft.group(ZONE, np.array([1])), np.array([1]))
    draft.relate(APART, draft.group(HOST, np.array([2])), np.array([2]))
    draft.attract(second, np.array([3]))
    draft.signature = np.array([0, 0, 0, 0, 1], dtype=np.int32)
    draft.bin_signature = (np.arange(num_bins) % 10 == 0).astype(np.int32)
    draft.eligible = np.array([[True, True], [False, True]])
    class_of = (np.arange(num_items) % 5).astype(np.int32)
    tiers = (
        Tier("unplaced", unplaced=np.ones(5, dtype=np.int64)),
        Tier("nodes", open=np.ones(num_bins, dtype=np.int64)),
    )
    return draft.problem(class_of, tiers)
