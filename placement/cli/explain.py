"""``placement explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from placement.cli import exits
from placement.cli.options import (
    Data,
    Files,
    Namespace,
    Output,
    OutputFile,
    OutputFormat,
    PolicyName,
    Seed,
    SolverName,
    TimeLimit,
)

if TYPE_CHECKING:
    from placement.explanation import Explanation

PodOption = Annotated[
    str,
    typer.Option("--pod", metavar="NS/NAME", help="The pod; without NS, that of -n or default.", show_default=False),
]
PlanOption = Annotated[
    str,
    typer.Option("--plan", metavar="PLAN", help="A plan made before. Without one, a plan is made.", show_default=False),
]


def explain(
    files: Files,
    pod: PodOption,
    plan: PlanOption = "",
    output: OutputFormat = Output.TABLE,
    output_file: OutputFile = None,
    namespace: Namespace = "default",
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    solver: SolverName = "auto",
    policy: PolicyName = "default",
) -> int:
    """Say why a pod gets the node it gets, or none.

    Exit status: 0 the pod is known and explained, 2 the input is wrong.
    """
    from placement.cli.output import encoded, plain, show, write
    from placement.cli.planning import chosen_policy, make_plan
    from placement.cli.reading import read_cluster, read_plan
    from placement.explanation import explain
    from placement.report.explanation import explanation

    key = pod if "/" in pod else f"{namespace}/{pod}"
    answer = read_plan(plan) if plan else None
    chosen = chosen_policy(policy, solver)
    cluster = read_cluster(files)
    inventory = cluster.inventory
    if answer is None and key in inventory.pods:
        answer = make_plan(cluster, policy=chosen, solver=solver, time_limit=time_limit, seed=seed)
    explained = explain(cluster, key, answer)
    match output:
        case Output.JSON | Output.YAML:
            write(encoded(body(explained), Data(output.value)), output_file)
        case Output.NAME:
            names = ([explained.node] if explained.node else []) + [each.node for each in explained.alternatives]
            write("".join(f"{name}\n" for name in names).encode(), output_file)
        case Output.TABLE | Output.WIDE:
            lines = explanation(explained, inventory.pods[key], inventory, answer, wide=output is Output.WIDE)
            if output_file is None:
                show(lines)
            else:
                write(plain(lines), output_file)
    return exits.OK


def body(explained: Explanation) -> dict[str, Any]:
    """An explanation as JSON-ready values."""
    return {
        "apiVersion": "placement.dev/v1alpha1",
        "kind": "Explanation",
        "pod": explained.pod,
        "node": explained.node or None,
        "running": explained.running,
        "score": explained.score if explained.node else None,
        "scores": explained.scores,
        "alternatives": [
            {
                "node": each.node,
                "nodesDelta": each.nodes_delta,
                "scoreDelta": each.score_delta if explained.node else None,
                "score": each.score,
            }
            for each in explained.alternatives
        ],
        "reasons": [{"plugin": each.plugin, "reason": each.reason, "nodes": each.nodes} for each in explained.reasons],
        "refusals": {
            node: {"plugin": refusal.plugin, "reasons": list(refusal.reasons), "resolvable": refusal.resolvable}
            for node, refusal in explained.refusals.items()
        },
    }
