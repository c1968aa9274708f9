"""The challenge's own rules and costs, added up process by process; shares no code with any solver.

Terms and names are those of the problem statement of the ROADEF/EURO challenge 2012.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from placement_datasets.roadef2012 import Instance


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a solution costs and which rules it breaks."""

    load_cost: int
    balance_cost: int
    process_move_cost: int
    service_move_cost: int
    machine_move_cost: int
    violations: tuple[str, ...]

    @property
    def cost(self) -> int:
        """The weighted sum that the challenge ranks by."""
        return (
            self.load_cost
            + self.balance_cost
            + self.process_move_cost
            + self.service_move_cost
            + self.machine_move_cost
        )

    @property
    def feasible(self) -> bool:
        return not self.violations


def evaluate(instance: Instance, machine_of: Sequence[int]) -> Evaluation:
    """The costs and broken rules of an assignment, `machine_of[p]` being the machine of process p.

    Raises
    ------
    ValueError
        If it does not name one machine of the instance for each process.
    """
    after = [int(machine) for machine in machine_of]
    num_machines = len(instance.capacity)
    if len(after) != instance.num_processes:
        raise ValueError(f"expected {instance.num_processes} machines, one a process, found {len(after)}")
    if after and not 0 <= min(after) <= max(after) < num_machines:
        raise ValueError(f"expected machines from 0 to {num_machines - 1}, found {min(after)} to {max(after)}")
    before = instance.initial.tolist()
    usage, transient_usage = _usages(instance, before, after)
    return Evaluation(
        load_cost=_load_cost(instance, usage),
        balance_cost=_balance_cost(instance, usage),
        process_move_cost=_process_move_cost(instance, before, after),
        service_move_cost=_service_move_cost(instance, before, after),
        machine_move_cost=_machine_move_cost(instance, before, after),
        violations=(
            *_capacity(instance, usage, transient_usage),
            *_conflicts(instance, after),
            *_spreads(instance, after),
            *_dependencies(instance, after),
        ),
    )


def _usages(instance: Instance, before: list[int], after: list[int]) -> tuple[list[list[int]], list[list[int]]]:
    """What each machine uses in the end, and what of the transient resources it uses on top while processes move."""
    resources = range(len(instance.transient))
    usage = [[0 for _ in resources] for _ in instance.capacity]
    on_top = [[0 for _ in resources] for _ in instance.capacity]
    transient = instance.transient.tolist()
    for requirement, source, target in zip(instance.requirement.tolist(), before, after, strict=True):
        for r in resources:
            usage[target][r] += requirement[r]
            if transient[r] and source != target:
                on_top[source][r] += requirement[r]
    return usage, on_top


def _capacity(instance: Instance, usage: list[list[int]], on_top: list[list[int]]) -> list[str]:
    found = []
    for m, capacity in enumerate(instance.capacity.tolist()):
        for r, most in enumerate(capacity):
            used = usage[m][r] + on_top[m][r]
            if used > most:
                found.append(f"capacity: machine {m} uses {used} of resource {r}, of {most}")
    return found


def _conflicts(instance: Instance, after: list[int]) -> list[str]:
    seen: set[tuple[int, int]] = set()
    found = []
    for service, machine in zip(instance.service.tolist(), after, strict=True):
        if (service, machine) in seen:
            found.append(f"conflict: machine {machine} runs two processes of service {service}")
        seen.add((service, machine))
    return found


def _spreads(instance: Instance, after: list[int]) -> list[str]:
    location = instance.location.tolist()
    locations: dict[int, set[int]] = defaultdict(set)
    for service, machine in zip(instance.service.tolist(), after, strict=True):
        locations[service].add(location[machine])
    return [
        f"spread: service {service} runs in {len(locations[service])} locations, fewer than {least}"
        for service, least in enumerate(instance.spread_min.tolist())
        if len(locations[service]) < least
    ]


def _dependencies(instance: Instance, after: list[int]) -> list[str]:
    neighbourhood = instance.neighbourhood.tolist()
    neighbourhoods: dict[int, set[int]] = defaultdict(set)
    for service, machine in zip(instance.service.tolist(), after, strict=True):
        neighbourhoods[service].add(neighbourhood[machine])
    return [
        f"dependency: service {service} runs in neighbourhood {alone} without service {other}"
        for service, other in instance.dependencies.tolist()
        for alone in sorted(neighbourhoods[service] - neighbourhoods[other])
    ]


def _load_cost(instance: Instance, usage: list[list[int]]) -> int:
    weights = instance.load_weight.tolist()
    return sum(
        weight * max(0, used - safe)
        for used_of, safe_of in zip(usage, instance.safety_capacity.tolist(), strict=True)
        for weight, used, safe in zip(weights, used_of, safe_of, strict=True)
    )


def _balance_cost(instance: Instance, usage: list[list[int]]) -> int:
    total = 0
    capacity = instance.capacity.tolist()
    for first, second, target, weight in instance.balances.tolist():
        for m, used in enumerate(usage):
            available = capacity[m][first] - used[first], capacity[m][second] - used[second]
            total += weight * max(0, target * available[0] - available[1])
    return total


def _process_move_cost(instance: Instance, before: list[int], after: list[int]) -> int:
    costs: list[int] = instance.process_move_cost.tolist()
    moved = sum(cost for cost, source, target in zip(costs, before, after, strict=True) if source != target)
    return instance.process_move_weight * moved


def _service_move_cost(instance: Instance, before: list[int], after: list[int]) -> int:
    moved: dict[int, int] = defaultdict(int)
    for service, source, target in zip(instance.service.tolist(), before, after, strict=True):
        moved[service] += source != target
    return instance.service_move_weight * max(moved.values(), default=0)


def _machine_move_cost(instance: Instance, before: list[int], after: list[int]) -> int:
    costs: list[list[int]] = instance.machine_move_cost.tolist()
    between = sum(costs[source][target] for source, target in zip(before, after, strict=True))
    return instance.machine_move_weight * between
