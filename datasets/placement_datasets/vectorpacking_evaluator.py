"""The rule of vector packing, added up item by item; shares no code with any solver."""

from __future__ import annotations

from collections.abc import Sequence

from placement_datasets.evaluation import Evaluation, contents
from placement_datasets.vectorpacking import Instance


def evaluate(instance: Instance, bin_of: Sequence[int]) -> Evaluation:
    """How many bins hold an item, and which hold too much of a dimension; items are numbered type by type.

    Raises
    ------
    ValueError
        If `bin_of` does not name one bin for each item.
    """
    types = zip(instance.sizes.tolist(), instance.demand.tolist(), strict=True)
    sizes = [row for row, number in types for _ in range(number)]
    items_of = contents(bin_of, len(sizes))
    broken = []
    for bin_, items in items_of.items():
        for dimension, most in enumerate(instance.capacity.tolist()):
            used = sum(sizes[item][dimension] for item in items)
            if used > most:
                broken.append(f"capacity: bin {bin_} holds {used} of dimension {dimension}, of {most}")
    return Evaluation(len(items_of), tuple(broken))
