"""An explanation as text: which nodes refuse a pod and why, why it has the node it has, what the next best costs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from placement.explanation import Explanation
from placement.model.pod import Pod
from placement.report.amount import amounts
from placement.report.columns import columns
from placement.report.printable import printable

NAMED = 4
"""How many nodes a reason names before it only counts them."""
NEXT_BEST = 3
"""How many alternatives are shown."""


def explanation(explained: Explanation, pod: Pod, *, wide: bool = False) -> Iterator[Text]:
    """The answer for one pod, first the verdict in one line.

    Parameters
    ----------
    wide : bool
        Whether every node and alternative is named.
    """
    nodes = len(explained.refusals) + len(explained.alternatives) + bool(explained.node)
    yield _verdict(explained, nodes)
    yield Text(f"It asks for {amounts(pod.template.requests)}; priority {pod.template.priority}.")
    if pod.template.scheduling_gates:
        yield Text(f"Scheduling gates hold it back: {printable(', '.join(pod.template.scheduling_gates))}.")
    if explained.node and explained.scores:
        yield Text()
        parts = ", ".join(f"{plugin} {score}" for plugin, score in explained.scores.items() if score)
        yield Text(f"kube-scheduler scores this node {explained.score}: {parts or 'every plugin 0'}.")
    if explained.alternatives:
        yield Text()
        yield from _alternatives(explained, wide=wide)
    if explained.reasons:
        yield Text()
        yield from _reasons(explained, wide=wide)


def _verdict(explained: Explanation, nodes: int) -> Text:
    pod = printable(explained.pod)
    if explained.node:
        verb = "runs on" if explained.running else "goes to"
        fit = len(explained.alternatives) + 1
        return Text.assemble(
            (pod, "bold"),
            f" {verb} ",
            (printable(explained.node), "bold green"),
            f"; {fit} of {nodes} nodes could have it.",
        )
    if explained.alternatives:
        fit = len(explained.alternatives)
        return Text.assemble(
            (pod, "bold"), " has no node; ", (f"{fit} of {nodes} nodes", "bold yellow"), " could have it."
        )
    return Text.assemble((pod, "bold"), " has no node: ", (f"0 of {nodes} nodes", "bold red"), " can have it.")


def _alternatives(explained: Explanation, *, wide: bool) -> Iterator[Text]:
    shown = explained.alternatives if wide else explained.alternatives[:NEXT_BEST]
    rows = []
    for each in shown:
        opened = {0: "as many nodes in use", 1: "one node more in use", -1: "one node fewer in use"}[each.nodes_delta]
        delta = f" ({each.score_delta:+d})" if explained.node else ""
        rows.append([each.node, opened, f"{each.score}{delta}"])
    yield from columns(["NEXT BEST" if explained.node else "COULD GO TO", "COST", "SCORE"], rows)
    left = len(explained.alternatives) - len(shown)
    if left > 0:
        yield Text(f"and {left:,} more", style="dim")


def _reasons(explained: Explanation, *, wide: bool) -> Iterator[Text]:
    rows = []
    for count in explained.reasons:
        refusing = [
            (node, refusal)
            for node, refusal in explained.refusals.items()
            if refusal.plugin == count.plugin and count.reason in refusal.reasons
        ]
        names = [node for node, _ in refusing]
        if not wide and len(names) > NAMED:
            names = [*names[:NAMED], f"{len(names) - NAMED:,} more"]
        eviction = "could help" if any(refusal.resolvable for _, refusal in refusing) else "cannot help"
        rows.append([count.plugin, count.reason, str(count.nodes), eviction, ", ".join(names)])
    yield from columns(["REFUSED BY", "REASON", "NODES", "EVICTION", "WHICH"], rows, right=frozenset({2}))
