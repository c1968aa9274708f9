"""Puts the bound pods of a synthetic cluster on its machines, legally."""

from __future__ import annotations

from collections.abc import Sequence

from placement.generate.demands import Demand, may_hold
from placement.generate.machines import ZONES, Machine


class Placing:
    """Next fit, zone by zone: capacity, taints, ports, required anti-affinity and zone spreading hold.

    Parameters
    ----------
    machines : sequence of Machine
        Their free amounts go down as pods are placed.
    """

    def __init__(self, machines: Sequence[Machine]) -> None:
        self._machines = machines
        self._eligible: dict[str, list[list[Machine]]] = {}
        self._positions: dict[tuple[str, int], int] = {}
        self._ports: set[tuple[str, int]] = set()

    def place(self, demand: Demand) -> int:
        """Place a workload's pods, filling `Demand.nodes`; gives how many found no machine."""
        zones = self._eligible.get(demand.place)
        if zones is None:
            allowed = [one for one in self._machines if may_hold(one, demand)]
            zones = [[one for one in allowed if one.zone == zone] for zone in range(len(ZONES))]
            self._eligible[demand.place] = zones
        used: set[str] = set()
        counts = [0 if zone else None for zone in zones]
        left = demand.replicas
        while left:
            order = sorted((count, zone) for zone, count in enumerate(counts) if count is not None)
            found = None
            for count, zone in order:
                if demand.hard and demand.skew and count - order[0][0] >= demand.skew:
                    break
                found = self._next(zones[zone], zone, demand, used)
                if found is not None:
                    counts[zone] = count + 1
                    break
            if found is None:
                break
            used.add(found.name)
            demand.nodes.append(found.name)
            left -= 1
        return left

    def _next(self, machines: list[Machine], zone: int, demand: Demand, used: set[str]) -> Machine | None:
        start = self._positions.get((demand.place, zone), 0)
        gpus = 1 if demand.place == "gpu" else 0
        for step in range(len(machines)):
            index = (start + step) % len(machines)
            one = machines[index]
            if one.cpu < demand.cpu or one.memory < demand.memory or one.pods < 1 or one.gpus < gpus:
                continue
            if (demand.apart or demand.host_port) and one.name in used:
                continue
            if demand.host_port:
                if (one.name, demand.host_port) in self._ports:
                    continue
                self._ports.add((one.name, demand.host_port))
            one.cpu -= demand.cpu
            one.memory -= demand.memory
            one.pods -= 1
            one.gpus -= gpus
            self._positions[demand.place, zone] = (index + 1) % len(machines)
            return one
        return None
