"""A plan as tables: a line for each workload, or one for each pod."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from placement.model.inventory import Inventory
from placement.model.node import CPU, MEMORY
from placement.model.pod import PodTemplate
from placement.model.topology import ZONE
from placement.plans import Plan, Unplaced
from placement.report.amount import cores, size
from placement.report.columns import columns, plain_columns
from placement.workloads import owners_of, workload_of

NODES_NAMED = 3
"""How many nodes a line names before it only counts them."""


@dataclass(slots=True)
class _Line:
    namespace: str
    workload: str
    template: PodTemplate
    pods: int = 0
    running: int = 0
    nodes: Counter[str] = field(default_factory=Counter)


def table(plan: Plan, inventory: Inventory, *, namespace: str = "", show_headers: bool = True) -> Iterator[Text]:
    """A line for each workload with pods in the plan, then the pods that stay out and those that must leave.

    Parameters
    ----------
    namespace : str
        Only pods of this one are shown; "" shows all.
    """
    lines = _lines(plan, inventory, namespace)
    rows: list[list[str | Text]] = []
    for line in lines:
        placed = line.nodes.total()
        rows.append(
            [
                line.namespace,
                line.workload,
                Text(f"{placed}/{line.pods}", style="green" if placed == line.pods else "bold red"),
                str(line.running),
                cores(line.template.requests.get(CPU, 0)),
                size(line.template.requests.get(MEMORY, 0)),
                _zones(line.nodes, inventory),
                _nodes(line.nodes),
            ]
        )
    headers = ["NAMESPACE", "WORKLOAD", "PLACED", "RUNNING", "CPU", "MEMORY", "ZONES", "NODES"]
    if len({line.namespace for line in lines}) <= 1:
        headers, rows = headers[1:], [row[1:] for row in rows]
    yield from columns(headers, rows, show_headers=show_headers)
    yield from left_over([each for each in plan.unplaced if _in(each.pod, namespace)], len(inventory.nodes))
    evictions = [each for each in plan.evictions if _in(each.pod, namespace)]
    if evictions:
        yield Text()
        yield from columns(
            ["EVICTED", "NODE", "FOR"], [[e.pod, e.node, e.reason] for e in evictions], show_headers=show_headers
        )


def wide(plan: Plan, inventory: Inventory, *, namespace: str = "", show_headers: bool = True) -> Iterator[str]:
    """A line for each pod of the plan, in the plan's order; "<none>" is no node.

    Where some pods share GPUs a last column says which they have.
    """
    rows = []
    owners = owners_of(inventory)
    gpus = {placement.pod: placement.gpus for placement in plan.placements if placement.gpus}
    zones = {name: node.labels.get(ZONE, "") for name, node in inventory.nodes.items()}
    goes_to = [(placement.pod, placement.node) for placement in plan.placements]
    for key, node in [*goes_to, *((unplaced.pod, "") for unplaced in plan.unplaced)]:
        pod = inventory.pods[key]
        if _in(key, namespace):
            requests = pod.template.requests
            rows.append(
                [
                    pod.namespace,
                    pod.name,
                    node or "<none>",
                    zones.get(node, "") or "<none>",
                    cores(requests.get(CPU, 0)),
                    size(requests.get(MEMORY, 0)),
                    str(pod.template.priority),
                    workload_of(pod, owners),
                ]
                + ([",".join(map(str, gpus.get(key, ()))) or "<none>"] if gpus else [])
            )
    headers = [
        "NAMESPACE",
        "NAME",
        "NODE",
        "ZONE",
        "CPU",
        "MEMORY",
        "PRIORITY",
        "WORKLOAD",
        *(["GPUS"] if gpus else []),
    ]
    yield from plain_columns(headers, rows, show_headers=show_headers)


def _in(pod: str, namespace: str) -> bool:
    return not namespace or pod.startswith(f"{namespace}/")


def _lines(plan: Plan, inventory: Inventory, namespace: str) -> list[_Line]:
    owners = owners_of(inventory)
    lines: dict[tuple[str, str], _Line] = {}
    goes_to = {placement.pod: placement.node for placement in plan.placements}
    goes_to.update((unplaced.pod, "") for unplaced in plan.unplaced)
    for key, pod in inventory.pods.items():
        if key in goes_to and _in(key, namespace):
            workload = workload_of(pod, owners)
            line = lines.setdefault((pod.namespace, workload), _Line(pod.namespace, workload, pod.template))
            line.pods += 1
            if goes_to[key]:
                line.nodes[goes_to[key]] += 1
    evicted = {eviction.pod for eviction in plan.evictions}
    for key, pod in inventory.pods.items():
        if pod.node and not pod.finished and key not in evicted and (pod.namespace, workload_of(pod, owners)) in lines:
            lines[pod.namespace, workload_of(pod, owners)].running += 1
    return sorted(lines.values(), key=lambda line: line.namespace)


def _nodes(nodes: Counter[str]) -> str:
    if not nodes:
        return "–"
    ranked = sorted(nodes.items(), key=lambda entry: (-entry[1], entry[0]))
    named = [name if count == 1 else f"{name} ×{count}" for name, count in ranked[:NODES_NAMED]]
    more = len(ranked) - NODES_NAMED
    return ", ".join([*named, *([f"{more} more"] if more > 0 else [])])


def _zones(nodes: Counter[str], inventory: Inventory) -> str:
    zones: Counter[str] = Counter()
    for name, count in nodes.items():
        zones[inventory.nodes[name].labels.get(ZONE, "–")] += count
    return " ".join(f"{zone}:{count}" for zone, count in sorted(zones.items())) or "–"


def left_over(unplaced: Sequence[Unplaced], num_nodes: int) -> Iterator[Text]:
    """Pods without a node, those with the same reasons on one line; nothing where there are none."""
    alike: dict[tuple[str, ...], list[Unplaced]] = {}
    for each in unplaced:
        alike.setdefault(tuple(f"{r.nodes} {r.reason}" for r in each.reasons), []).append(each)
    if not alike:
        return
    silent = "no reason known" if num_nodes else "no nodes available to schedule pods"
    yield Text()
    yield Text(f"{sum(map(len, alike.values()))} without a node", style="bold red")
    rows = [
        [f"  {_names(pods)}", f"0/{num_nodes} nodes: {', '.join(reasons) or silent}"] for reasons, pods in alike.items()
    ]
    yield from columns(["", ""], rows, show_headers=False)


def _names(pods: Sequence[Unplaced]) -> str:
    return pods[0].pod if len(pods) == 1 else f"{pods[0].pod} and {len(pods) - 1:,} more"
