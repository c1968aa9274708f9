"""An explanation as text: which nodes refuse a pod and why, why it has the node it has, what the next best costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from placement.explanation import Explanation
from placement.model.inventory import Inventory
from placement.model.node import PODS
from placement.model.pod import Pod
from placement.model.taint import Effect
from placement.plans import Plan, ReasonCount
from placement.predicates.gpu_share import NAME as GPU_SHARE
from placement.predicates.gpu_share import WRONG_MODEL
from placement.report.amount import amount, amounts
from placement.report.columns import columns
from placement.report.printable import printable
from placement.report.remedies import conflict, remedies
from placement.report.room import room, room_on_gpus

NAMED = 4
"""How many nodes a reason names before it only counts them."""
NEXT_BEST = 3
"""How many alternatives are shown."""
INSUFFICIENT = "Insufficient "


def explanation(
    explained: Explanation, pod: Pod, inventory: Inventory, plan: Plan | None, *, wide: bool = False
) -> Iterator[Text]:
    """The answer for one pod, first the verdict in one line.

    Parameters
    ----------
    plan : Plan or None
        What the explanation takes to be in place.
    wide : bool
        Whether every node and alternative is named.
    """
    yield _verdict(explained)
    if pod.finished:
        yield Text(f"It has finished ({pod.phase}) and takes no room; what follows is of one like it.")
    elif pod.owner is not None and pod.owner.kind == "Node":
        yield Text("It is a static pod of its node: no scheduler moves it, whatever other nodes could have.")
    yield Text(f"It asks for {_asked(pod)}; priority {pod.template.priority}.")
    if pod.template.scheduling_gates:
        yield Text(f"Scheduling gates hold it back: {printable(', '.join(pod.template.scheduling_gates))}.")
    if explained.node:
        yield Text()
        yield from _why_here(explained)
    if explained.alternatives:
        yield Text()
        yield from _alternatives(explained, wide=wide)
    if explained.reasons:
        yield Text()
        yield from _reasons(explained, pod, inventory, plan, wide=wide)
    if explained.conflict is not None:
        lines = list(conflict(explained.conflict, explained.pod))
        yield from [Text(), *lines] if lines else []
    if explained.remedies is not None:
        yield Text()
        yield from remedies(explained.remedies)


def _asked(pod: Pod) -> str:
    share = pod.template.gpu_share
    if share is None:
        return amounts(pod.template.requests)
    shared = dict(share.amounts)
    requests = {name: value for name, value in pod.template.requests.items() if name not in shared}
    return f"{amounts(requests)}, {share}"


def _verdict(explained: Explanation) -> Text:
    nodes = len(explained.refusals) + len(explained.alternatives) + bool(explained.node)
    line = Text.assemble((printable(explained.pod), "bold"))
    if explained.node:
        fit = len(explained.alternatives) + 1
        line.append(" runs on " if explained.running else " goes to ")
        line.append(printable(explained.node), style="bold green").append(f"; {fit} of {nodes} nodes could have it.")
    else:
        fit = len(explained.alternatives)
        line.append(" has no node: ")
        line.append(f"{fit} of {nodes} nodes", style="bold yellow" if fit else "bold red").append(" could have it.")
    return line


def _why_here(explained: Explanation) -> Iterator[Text]:
    if not explained.alternatives:
        yield Text("No other node can have it.")
    else:
        counts = Counter(each.nodes_delta for each in explained.alternatives)
        parts = [
            f"{counts[delta]:,} would put {words} in use"
            for delta, words in ((1, "one node more"), (0, "as many nodes"), (-1, "one node fewer"))
            if counts[delta]
        ]
        yield Text(f"Of the other nodes that could have it, {', '.join(parts)}.")
    if explained.scores:
        parts = [f"{plugin} {score}" for plugin, score in explained.scores.items() if score]
        yield Text(f"kube-scheduler scores this one {explained.score}: {', '.join(parts) or 'every plugin 0'}.")


def _alternatives(explained: Explanation, *, wide: bool) -> Iterator[Text]:
    shown = explained.alternatives if wide else explained.alternatives[:NEXT_BEST]
    rows = []
    for each in shown:
        delta = f" ({each.score_delta:+d})" if explained.node else ""
        rows.append([each.node, f"{each.nodes_delta:+d}" if each.nodes_delta else "0", f"{each.score}{delta}"])
    name = "NEXT BEST" if explained.node else "COULD GO TO"
    yield from columns([name, "NODES IN USE", "SCORE"], rows, right=frozenset({1}))
    left = len(explained.alternatives) - len(shown)
    if left > 0:
        yield Text(f"and {left:,} more", style="dim")


def _reasons(
    explained: Explanation, pod: Pod, inventory: Inventory, plan: Plan | None, *, wide: bool
) -> Iterator[Text]:
    left = room(inventory, plan)
    rows = []
    for count in explained.reasons:
        names = [
            node
            for node, refusal in explained.refusals.items()
            if refusal.plugin == count.plugin and count.reason in refusal.reasons
        ]
        resolvable = any(explained.refusals[node].resolvable for node in names)
        detail = _detail(count, names, pod, inventory, left) + _detail_of_gpus(count, names, pod, inventory, plan)
        if not wide and len(names) > NAMED:
            names = [*names[:NAMED], f"{len(names) - NAMED:,} more"]
        eviction = "could help" if resolvable else "cannot help"
        rows.append([count.plugin, count.reason + detail, str(count.nodes), eviction, ", ".join(names)])
    yield from columns(["REFUSED BY", "REASON", "NODES", "EVICTION", "WHICH"], rows, right=frozenset({2}))


def _detail(
    count: ReasonCount, names: list[str], pod: Pod, inventory: Inventory, left: dict[str, dict[str, int]]
) -> str:
    """What kube-scheduler's words leave open: how much is missing, which taint."""
    if count.plugin == "NodeResourcesFit" and count.reason.startswith(INSUFFICIENT):
        resource = count.reason.removeprefix(INSUFFICIENT)
        asked = pod.template.requests.get(resource, 1 if resource == PODS else 0)
        most = max(left[node].get(resource, 0) for node in names)
        return f": asks {amount(resource, asked)}, at most {amount(resource, most)} left"
    if count.plugin == "TaintToleration":
        taints = {
            f"{taint.key}={taint.value}" if taint.value else taint.key
            for node in names
            for taint in inventory.nodes[node].taints
            if taint.effect is not Effect.PREFER_NO_SCHEDULE
            and not any(toleration.tolerates(taint) for toleration in pod.template.tolerations)
        }
        return f": {', '.join(sorted(taints))}"
    return ""


def _detail_of_gpus(count: ReasonCount, names: list[str], pod: Pod, inventory: Inventory, plan: Plan | None) -> str:
    """How much single GPUs have left: a node may have enough in all and no GPU enough."""
    share = pod.template.gpu_share
    if count.plugin != GPU_SHARE or share is None:
        return ""
    if count.reason == WRONG_MODEL:
        return f": wants {' or '.join(sorted(share.models))}"
    resource, asked = share.amounts[0]
    left = room_on_gpus(inventory, plan, names, resource)
    ranked = sorted(left.items(), reverse=True)
    free = [f"{_gpus(number)} {'has' if number == 1 else 'have'} {amount} free" for amount, number in ranked[:NAMED]]
    if len(ranked) > NAMED:
        free.append(f"{_gpus(sum(number for _, number in ranked[NAMED:]))} less")
    return f": asks {asked}{'; ' if free else ''}{', '.join(free)}"


def _gpus(number: int) -> str:
    return "1 GPU" if number == 1 else f"{number:,} GPUs"
