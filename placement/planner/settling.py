"""What the problem left open is settled on the objects: pods left over, and gangs that fell apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from placement.gangs import Gang, gangs, group_name
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.planner.draft import Draft
from placement.predicates.verdict import verdict


def settle(draft: Draft, inventory: Inventory, ended: Callable[[], bool]) -> None:
    """Break up gangs that are short of members, then give the rest any node they can still have.

    Needed where the problem was a relaxation and a predicate refused a placement, or where the search was cut short.
    A template without a feasible node is not asked again until something else has moved in.

    Parameters
    ----------
    ended : callable
        Asked before each pod; once it says True the rest is left over.
    """
    broken = _break_up(draft, inventory)
    left = [pod for pod in draft.left_over() if _full_name(pod) not in broken and not pod.node]
    while left:
        refused: set[int] = set()
        found: list[tuple[Pod, str]] = []
        for pod in sorted(left, key=lambda pod: -pod.template.priority):
            if ended():
                break
            if id(pod.template) in refused:
                continue
            feasible = verdict(pod, draft.snapshot).feasible
            if not feasible:
                refused.add(id(pod.template))
                continue
            node = max(feasible, key=lambda name: (len(draft.snapshot.nodes[name].pods), name))
            draft.snapshot.bind(pod, node)
            found.append((pod, node))
        if not found or ended():
            draft.pairs += found
            return
        draft.pairs += found
        placed = {pod.key for pod, _ in found}
        left = [pod for pod in left if pod.key not in placed]


def _full_name(pod: Pod) -> str:
    return f"{pod.namespace}/{group_name(pod)}"


def _break_up(draft: Draft, inventory: Inventory) -> set[str]:
    """Take back the members of gangs that are not placed as they ask; the names of all gangs with a say."""
    asking = {gang.name: gang for gang in gangs(inventory.pods.values(), inventory.pod_groups) if asks(gang)}
    placed = Counter(_full_name(pod) for pod, _ in draft.pairs)
    short = {name for name, gang in asking.items() if placed[name] < gang.missing() or not together(gang, draft)}
    for pod, _ in draft.pairs:
        if _full_name(pod) in short:
            draft.snapshot.unbind(pod)
    draft.pairs[:] = [(pod, node) for pod, node in draft.pairs if _full_name(pod) not in short]
    return {name for name, gang in asking.items() if name in short or gang.topology_key}


def asks(gang: Gang) -> bool:
    """Whether a gang restricts anybody still."""
    return gang.missing() > 1 or bool(gang.topology_key)


def together(gang: Gang, draft: Draft) -> bool:
    """Whether all members that have a node lie in one domain of the gang's topology."""
    if not gang.topology_key:
        return True
    names = {name for pod in gang.members if (name := draft.snapshot.node_of(pod)) is not None}
    domains = {draft.snapshot.nodes[name].labels.get(gang.topology_key) for name in names}
    return len(domains) <= 1 and None not in domains
