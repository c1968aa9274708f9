"""The competition's own rules and score, added up machine by machine; shares no code with any solver.

The order in which instances move is not checked, nor are batch jobs there.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from placement_datasets.evaluation import Evaluation, contents
from placement_datasets.tianchi2018 import Instance

WHAT = ("disk", "P", "M", "PM")


def evaluate(instance: Instance, machine_of: Sequence[int]) -> Evaluation:
    """The score of a placement and the rules it breaks.

    The score is the sum over machines in use of the mean over the times of
    ``1 + f (exp(max(0, used / CPU - 1/2)) - 1)``, with f 10 in the preliminary round, and 1 plus the instances on the
    machine in the final.

    Raises
    ------
    ValueError
        If `machine_of` does not name a machine for each instance.
    """
    app_of, machines = instance.app_of.tolist(), instance.room.tolist()
    cpu, memory, other = instance.cpu.tolist(), instance.memory.tolist(), instance.other.tolist()
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for a, b, k in instance.interference.tolist():
        beside[a].append((b, k))
    score, broken = 0.0, []
    for machine, running in contents(machine_of, len(app_of), len(machines)).items():
        apps = Counter(app_of[item] for item in running)
        name, room = instance.machines[machine], machines[machine]
        used_cpu = [sum(values) for values in zip(*(cpu[app_of[item]] for item in running), strict=True)]
        used_memory = [sum(values) for values in zip(*(memory[app_of[item]] for item in running), strict=True)]
        for what, used, most in (("CPU", used_cpu, room[0]), ("memory", used_memory, room[1])):
            broken += [f"{what}: {name} uses {u} at time {t}, of {most}" for t, u in enumerate(used) if u > most]
        for column, what in enumerate(WHAT):
            total = sum(other[app_of[item]][column] for item in running)
            if total > room[2 + column]:
                broken.append(f"{what}: {name} uses {total}, of {room[2 + column]}")
        for a in apps:
            for b, k in beside[a]:
                if apps[b] > k + (a == b):
                    names = instance.apps[b], instance.apps[a]
                    broken.append(f"interference: {name} runs {apps[b]} of {names[0]} beside {names[1]}, of {k}")
        factor = 1 + len(running) if instance.name.startswith("semifinal") else 10
        score += sum(1 + factor * (math.exp(max(0.0, used / room[0] - 0.5)) - 1) for used in used_cpu) / len(used_cpu)
    return Evaluation(None, tuple(broken), score)
