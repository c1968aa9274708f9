"""Levels on which the members of a gang should lie close together, as rewards for company.

A member is rewarded for every other member in its domain of each level, so that what is paid falls with each pair that
is apart, as traffic between all members does: seven and one is better than four and four, and one rack within one zone
better than two racks of it. The reward is that of a preferred affinity term of the greatest weight there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from placement.compiler.relations import Relations
from placement.gangs import gang_of, gangs
from placement.model.inventory import Inventory
from placement.model.pod import Pod

WEIGHT = 100
"""The greatest weight of a preferred term (``PodAffinityTerm``)."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A level that a gang prefers to share a domain of.

    Attributes
    ----------
    gang : str
        `Gang.name`.
    key : str
        Node label.
    topology : int
    initial : (domains,) int32
        Members that stay, each counted twice: for what it gives those who come, and for what those give it.
    """

    gang: str
    key: str
    topology: int
    initial: NDArray[np.int32]


def wished_levels(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """The node labels of all gangs that prefer to share any, by `Gang.name`."""
    found = gangs(inventory.pods.values(), inventory.pod_groups)
    return {gang.name: gang.preferred_keys for gang in found if gang.preferred_keys}


def levels(
    wished: Mapping[str, tuple[str, ...]],
    present: Iterable[str],
    staying: Iterable[tuple[Pod, int]],
    relations: Relations,
) -> list[Level]:
    """The levels of those gangs of which some member is an item.

    Parameters
    ----------
    present : iterable of str
        Their names.
    staying : iterable of (Pod, node number)
        Pods that stay; those being deleted do not count.
    """
    asked = [name for name in dict.fromkeys(present) if name in wished]
    if not asked:
        return []
    nodes_of: dict[str, list[int]] = {name: [] for name in asked}
    for pod, node in staying:
        name = gang_of(pod)
        if name in nodes_of and not pod.deleting:
            nodes_of[name].append(node)
    found = []
    for name in asked:
        for key in wished[name]:
            topology = relations.topology(key)
            domain_of = relations.topologies[topology]
            domains = domain_of[nodes_of[name]]
            initial = np.bincount(domains[domains >= 0], minlength=int(domain_of.max(initial=-1)) + 1)
            found.append(Level(name, key, topology, 2 * initial.astype(np.int32)))
    return found


def company(close: Sequence[Level], gang_of_class: Sequence[str], first: int, times: int) -> dict[tuple[int, int], int]:
    """What each class pays for each member of its gang on a level, by class and group.

    Parameters
    ----------
    gang_of_class : sequence of str
        "" where a class is of no gang that prefers a level.
    first : int
        Number of the group of the first level.
    times : int
        Weight of preferred affinity in the policy.
    """
    return {
        (class_, first + number): -WEIGHT * times
        for number, level in enumerate(close)
        for class_, gang in enumerate(gang_of_class)
        if gang == level.gang
    }
