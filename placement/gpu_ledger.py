"""Every GPU's account: what the pods on it take, added up anew from the pods and the plan alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from placement.gpus import held
from placement.model.inventory import Inventory
from placement.model.pod import Pod


def faults(
    inventory: Inventory,
    gpus_of: Mapping[str, tuple[int, ...]],
    placed: Mapping[str, tuple[Pod, str]],
    evicted: Iterable[str],
) -> Iterator[tuple[str, str, str]]:
    """Pod, node and what is wrong, of GPUs that a plan gives to pods; "" for the pod where it is several.

    Only pods for which it is known which GPUs they have are added up.

    Parameters
    ----------
    gpus_of : mapping of pod to tuple of int
        What the plan says.
    placed : mapping of pod to (Pod, node)
        Its placements.
    evicted : iterable of pod
        Running pods that leave.
    """
    taken: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    touched = set()
    for key, (pod, node) in placed.items():
        chosen, share = gpus_of.get(key, ()), pod.template.gpu_share
        if not chosen:
            continue
        there = {gpu.index: gpu for gpu in inventory.nodes[node].gpus}
        if share is None:
            yield key, node, "gets a GPU to share and asks for none"
            continue
        if len(chosen) != share.count or len(set(chosen)) != share.count:
            yield key, node, f"asks for {share.count} different GPUs, gets {', '.join(map(str, chosen))}"
        for index in chosen:
            if index not in there:
                yield key, node, f"gets GPU {index}, which the node does not have"
            elif not share.likes(there[index]):
                yield key, node, f"gets GPU {index} of a model it does not ask for: {there[index].model or 'none'}"
            taken[node, index].update(dict(share.amounts))
            touched.add(node)
    gone = {*evicted, *placed}
    for key, pod in inventory.pods.items():
        if pod.node in touched and key not in gone and not pod.finished and pod.template.gpu_share is not None:
            for index in held(pod):
                taken[pod.node, index].update(dict(pod.template.gpu_share.amounts))
    for node in touched:
        for gpu in inventory.nodes[node].gpus:
            for name, amount in sorted(taken[node, gpu.index].items()):
                if amount > gpu.amounts.get(name, 0):
                    yield "", node, f"GPU {gpu.index}: {amount} {name} taken, {gpu.amounts.get(name, 0)} there"
