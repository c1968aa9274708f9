"""The rule of bin packing, added up item by item; shares no code with any solver."""

from __future__ import annotations

from collections.abc import Sequence

from placement_datasets.binpacking1d import Instance
from placement_datasets.evaluation import Evaluation, contents


def evaluate(instance: Instance, bin_of: Sequence[int]) -> Evaluation:
    """How many bins hold an item, and which hold too much.

    Raises
    ------
    ValueError
        If `bin_of` does not name one bin for each item.
    """
    sizes = instance.sizes.tolist()
    items_of = contents(bin_of, len(sizes))
    broken = []
    for bin_, items in items_of.items():
        used = sum(sizes[item] for item in items)
        if used > instance.capacity:
            broken.append(f"capacity: bin {bin_} holds {used}, of {instance.capacity}")
    return Evaluation(len(items_of), tuple(broken))
