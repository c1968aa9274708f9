"""Which items go in together or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from placement.compiler.relations import Relations
from placement.gangs import gang_of, gangs
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement_solvers.problem import Gangs

NEVER = int(np.iinfo(np.int32).max)
"""Members that a gang of which nobody can be placed asks for."""


def gangs_of_items(
    waiting: Sequence[Pod],
    evictable: Sequence[Pod],
    staying: Sequence[tuple[Pod, int]],
    inventory: Inventory,
    relations: Relations,
) -> Gangs:
    """The gangs of waiting pods; those of which enough run already bind nobody.

    Where a gang asks for one domain its members that stay say which, and those that may go are members, too.
    """
    missing = {
        gang.name: gang
        for gang in gangs(inventory.pods.values(), inventory.pod_groups)
        if gang.missing() > 1 or gang.topology_key
    }
    numbers: dict[str, int] = {}
    of_item = []
    for pod in waiting:
        name = gang_of(pod)
        of_item.append(numbers.setdefault(name, len(numbers)) if name in missing else -1)
    if not numbers:
        return Gangs()
    together = [missing[name] for name in numbers]
    confined = {gang.name: number for number, gang in enumerate(together) if gang.topology_key}
    of_item += [confined.get(gang_of(pod), -1) for pod in evictable]
    topology = [relations.topology(gang.topology_key) if gang.topology_key else -1 for gang in together]
    stays = Counter(gang_of(pod) for pod, _ in staying if not pod.deleting)
    at_least = [max(gang.at_least - stays[gang.name] if gang.topology_key else gang.missing(), 1) for gang in together]
    begun_in = [-1] * len(together)
    for pod, node in staying:
        number = confined.get(gang_of(pod), -1)
        if number >= 0:
            domain = int(relations.topologies[topology[number]][node])
            if domain < 0 or begun_in[number] not in (-1, domain):
                at_least[number] = NEVER  # it lies apart already: nobody can be added to one domain
            begun_in[number] = domain
    return Gangs(_numbers(of_item), _numbers(at_least), _numbers(topology), _numbers(begun_in))


def _numbers(values: Iterable[int]) -> NDArray[np.int32]:
    return np.array(list(values), dtype=np.int32)
