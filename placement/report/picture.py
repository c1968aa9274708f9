"""A picture of the nodes: how full each one is of what it ran before and of what the plan adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from placement.model.inventory import Inventory
from placement.model.node import CPU, MEMORY, Node
from placement.model.topology import ZONE
from placement.plans import Plan
from placement.report.amount import cores, size
from placement.report.printable import printable

WIDTH = 20
"""Cells of a bar."""
SINGLE_NODES = 40
"""Up to so many nodes each has its own line; above, nodes of one zone and shape share one."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a bar."""

    running: str
    placed: str
    free: str


UNICODE = Glyphs("▒", "█", "░")
ASCII = Glyphs("=", "#", ".")


@dataclass(slots=True)
class _Bar:
    """Amounts of one resource on one line of the picture."""

    allocatable: int = 0
    running: int = 0
    placed: int = 0

    def drawn(self, glyphs: Glyphs) -> Text:
        total = max(self.allocatable, self.running + self.placed, 1)
        running = max(_cells(self.running, total), int(self.running > 0))
        placed = max(_cells(self.running + self.placed, total) - running, int(self.placed > 0))
        placed = min(placed, WIDTH - running)
        bar = Text()
        bar.append(glyphs.running * running, style="blue")
        bar.append(glyphs.placed * placed, style="green")
        bar.append(glyphs.free * (WIDTH - running - placed), style="dim")
        return bar


def _cells(amount: int, total: int) -> int:
    return min(WIDTH, (2 * amount * WIDTH + total) // (2 * total))


@dataclass(slots=True)
class _Row:
    """One node, or several of one shape."""

    name: str
    note: str = ""
    nodes: int = 0
    cpu: _Bar = field(default_factory=_Bar)
    memory: _Bar = field(default_factory=_Bar)
    running: int = 0
    placed: int = 0


def picture(plan: Plan, inventory: Inventory, *, glyphs: Glyphs = UNICODE) -> Iterator[Text]:
    """Bars of cpu and memory for each node, zone by zone, once the plan is carried out."""
    zones = _rows(plan, inventory)
    rows = [row for zone in zones.values() for row in zone]
    if not rows:
        return
    names = max(len(row.name) for row in rows)
    cpus = max(len(_used(row.cpu, cores)) for row in rows)
    memories = max(len(_used(row.memory, size)) for row in rows)
    pods = max(len(str(row.running)) for row in rows)
    bar = WIDTH + 1
    yield Text(f"{'':{names + 2}}  {'CPU':{bar + cpus}}   {'MEMORY':{bar + memories}}   PODS", style="bold")
    for zone, lines in zones.items():
        yield Text(printable(zone) if zone else "no zone", style="bold")
        for row in lines:
            line = Text(f"  {row.name:{names}}  ")
            line.append_text(row.cpu.drawn(glyphs)).append(f" {_used(row.cpu, cores):{cpus}}   ")
            line.append_text(row.memory.drawn(glyphs)).append(f" {_used(row.memory, size):{memories}}   ")
            line.append(f"{row.running:{pods}}")
            if row.placed:
                line.append(f" +{row.placed}", style="green")
            if row.note:
                line.append(f"  {row.note}", style="yellow")
            yield line
    yield Text.assemble(
        (glyphs.running, "blue"), " running   ", (glyphs.placed, "green"), " placed by this plan   ",
        (glyphs.free, "dim"), " free",
    )  # fmt: skip


def _used(bar: _Bar, name: Callable[[int], str]) -> str:
    return f"{name(bar.running + bar.placed)}/{name(bar.allocatable)}"


def _rows(plan: Plan, inventory: Inventory) -> dict[str, list[_Row]]:
    """The lines by zone, zones and nodes by name."""
    single = len(inventory.nodes) <= SINGLE_NODES
    found: dict[tuple[str, str], _Row] = {}
    row_of: dict[str, _Row] = {}
    for node in sorted(inventory.nodes.values(), key=lambda node: (node.labels.get(ZONE, ""), _natural(node.name))):
        name = printable(node.name if single else _shape(node))
        row = found.setdefault((node.labels.get(ZONE, ""), name), _Row(name, _note(node) if single else ""))
        row_of[node.name] = row
        row.nodes += 1
        row.cpu.allocatable += node.allocatable.get(CPU, 0)
        row.memory.allocatable += node.allocatable.get(MEMORY, 0)
    evicted = {eviction.pod for eviction in plan.evictions}
    for key, pod in inventory.pods.items():
        if pod.node in row_of and not pod.finished and key not in evicted:
            row = row_of[pod.node]
            row.running += 1
            row.cpu.running += pod.template.requests.get(CPU, 0)
            row.memory.running += pod.template.requests.get(MEMORY, 0)
    for placement in plan.placements:
        row, requests = row_of[placement.node], inventory.pods[placement.pod].template.requests
        row.placed += 1
        row.cpu.placed += requests.get(CPU, 0)
        row.memory.placed += requests.get(MEMORY, 0)
    zones: dict[str, list[_Row]] = {}
    for (zone, _), row in found.items():
        if not single:
            row.name = f"{row.nodes:,} × {row.name}"
        zones.setdefault(zone, []).append(row)
    return zones


def _natural(name: str) -> Sequence[tuple[int, int | str]]:
    """Sorts node-10 after node-9."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name) if part]


def _shape(node: Node) -> str:
    return f"{cores(node.allocatable.get(CPU, 0))} cpu {size(node.allocatable.get(MEMORY, 0))}"


def _note(node: Node) -> str:
    """What keeps pods off the node."""
    notes = ["cordoned"] if node.unschedulable else []
    notes += [
        f"{taint.key}={taint.value}" if taint.value else taint.key
        for taint in node.taints
        if not taint.key.startswith("node.kubernetes.io/")
    ]
    return printable(", ".join(notes))
