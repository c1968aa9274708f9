"""The rules of cloud balancing, added up process by process; shares no code with any solver."""

from __future__ import annotations

from collections.abc import Sequence

from placement_datasets.cloudbalancing import POWERS, Instance
from placement_datasets.evaluation import Evaluation, contents


def evaluate(instance: Instance, computer_of: Sequence[int]) -> Evaluation:
    """What the computers cost that run a process, and which run too much; computers are rows of the instance.

    Raises
    ------
    ValueError
        If `computer_of` does not name a computer for each process.
    """
    requirement, power, cost = instance.requirement.tolist(), instance.power.tolist(), instance.cost.tolist()
    processes_of = contents(computer_of, len(requirement), len(power))
    broken = []
    for computer, processes in processes_of.items():
        for column, name in enumerate(POWERS):
            used = sum(requirement[process][column] for process in processes)
            if used > power[computer][column]:
                broken.append(f"{name}: computer {computer} runs {used}, of {power[computer][column]}")
    return Evaluation(sum(cost[computer] for computer in processes_of), tuple(broken))
