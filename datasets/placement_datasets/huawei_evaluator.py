"""The rules of the Huawei set as `huawei` reads them, checked server by server; shares no code with any solver.

A machine of one NUMA node lies on one of them, one of two takes half of each; strategies hold between those placed.
Machines may be left out: their vCPUs are the cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from placement_datasets.evaluation import Evaluation, contents
from placement_datasets.huawei import STRATEGIES, Instance

MAY_LEAVE_OUT = True
"""Solutions need not place every machine."""


def evaluate(instance: Instance, server_of: Sequence[int]) -> Evaluation:
    """Judge a placement, `server_of[v]` being the server of machine v, -1 for none.

    The cost is the vCPUs of the machines left out, and their number; the score the vCPUs placed in percent of those
    asked for, higher is better.

    Raises
    ------
    ValueError
        If it does not name a server of the instance, or -1, for each machine.
    """
    machines_of = contents(server_of, len(instance.flavour), len(instance.free), least=-1)
    left_out = machines_of.pop(-1, [])
    vcpus = instance.flavour[:, 0].tolist()
    lost = sum(vcpus[machine] for machine in left_out)
    nodes = [
        f"NUMA: the {len(machines_of[server])} machines on server {server} do not fit onto its nodes"
        for server in machines_of
        if not _fit(instance, server, machines_of[server])
    ]
    return Evaluation(
        cost=(lost, len(left_out)),
        score=100 * (1 - lost / max(sum(vcpus), 1)),
        violations=(*nodes, *_broken_strategies(instance, machines_of)),
    )


def _fit(instance: Instance, server: int, machines: list[int]) -> bool:
    """Whether machines fit onto two nodes: all loads of the first that can be reached, machine by machine."""
    (cores, memory), (other_cores, other_memory) = instance.free[server].tolist()
    reached = {(0, 0)}
    total_cores = total_memory = 0
    for machine in machines:
        vcpus, ram, numa = instance.flavour[machine].tolist()
        total_cores, total_memory = total_cores + vcpus, total_memory + ram
        if numa == 2:
            reached = {(c + vcpus // 2, m + ram // 2) for c, m in reached}
        else:
            reached = reached | {(c + vcpus, m + ram) for c, m in reached}
        reached = {
            (c, m)
            for c, m in reached
            if c <= cores and m <= memory and total_cores - c <= other_cores and total_memory - m <= other_memory
        }
    return bool(reached)


def _broken_strategies(instance: Instance, machines_of: dict[int, list[int]]) -> list[str]:
    servers: dict[tuple[int, int], list[int]] = defaultdict(list)  # of each group, with repetition
    domains: dict[tuple[int, int], set[int]] = defaultdict(set)  # of each group and rack
    racks: dict[int, set[int]] = defaultdict(set)  # of each group
    for server, machines in machines_of.items():
        rack = int(instance.rack[server])
        for machine in machines:
            strategy, group = STRATEGIES[instance.strategy[machine]], int(instance.group[machine])
            if strategy == "anti-affinity":
                servers[group, server].append(machine)
            elif strategy == "affinity":
                racks[group].add(rack)
            elif strategy == "fault_domain":
                domains[group, rack].add(int(instance.domain[machine]))
    return [
        *(
            f"anti-affinity: server {server} runs {len(found)} machines of group {group}"
            for (group, server), found in servers.items()
            if len(found) > 1
        ),
        *(f"affinity: group {group} lies in {len(found)} racks" for group, found in racks.items() if len(found) > 1),
        *(
            f"fault domains: rack {rack} holds {len(found)} domains of group {group}"
            for (group, rack), found in domains.items()
            if len(found) > 1
        ),
    ]
