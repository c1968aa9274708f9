"""Whether nodes can be drained, as text: the plan, what stands in the way, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from placement.draining import Drain
from placement.model.inventory import Inventory
from placement.report.columns import columns
from placement.report.printable import printable
from placement.report.proof import proof
from placement.report.table import table


def drained(found: Drain, inventory: Inventory, *, show_headers: bool = True) -> Iterator[Text]:
    """The answer for some nodes together."""
    plan = found.plan
    if plan.placements or plan.unplaced:
        yield from table(plan, inventory, show_headers=show_headers)
        yield Text()
    if found.budgets:
        rows = [
            [
                each.name,
                str(each.pods),
                str(each.healthy),
                str(each.desired),
                str(each.allowed),
                "never" if each.rounds is None else str(each.rounds),
            ]
            for each in found.budgets
        ]
        headers = ["BUDGET", "PODS", "HEALTHY", "NEEDED", "ALLOWED AT ONCE", "ROUNDS"]
        yield from columns(headers, rows, show_headers=show_headers, right=frozenset(range(1, len(headers))))
        yield Text()
    if found.unwilling:
        yield Text(f"ask to be left alone by annotations: {_names(found.unwilling)}")
    if found.scratch:
        yield Text(f"lose their emptyDir data (kubectl drain wants --delete-emptydir-data): {_names(found.scratch)}")
    yield _verdict(found)
    yield proof(plan)


def _verdict(found: Drain) -> Text:
    nodes = _names(found.nodes)
    if found.possible:
        pods = f"{len(found.pods):,} pod{'' if len(found.pods) == 1 else 's'}"
        return Text(f"{nodes} can be drained: {pods} to move", style="bold green")
    obstacles = []
    if found.stuck:
        most = " (no plan places more)" if found.plan.places_most else ""
        obstacles.append(f"{len(found.stuck):,} of {len(found.pods):,} pods find no node{most}")
    for budget in found.budgets:
        if budget.rounds is None:
            name = printable(budget.name)
            obstacles.append(f"budget {name} allows no disruption: {budget.healthy} healthy, {budget.desired} needed")
    if found.covered_twice:
        obstacles.append(f"several budgets cover one pod: {_names(found.covered_twice)}")
    if found.alone:
        obstacles.append(f"made anew by no controller: {_names(found.alone)}")
    return Text(f"{nodes} cannot be drained: {'; '.join(obstacles)}", style="bold red")


def _names(names: Iterable[str]) -> str:
    return printable(", ".join(names))
