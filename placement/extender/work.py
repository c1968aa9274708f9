"""What the planner does for a request: called in a child process, so the loop of the verbs never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from placement.errors import InputError, PlanError
from placement.extender.forked import Progress, Work
from placement.extender.planner_wire import CheckRequest, ExplainRequest, PlanRequest, VerdictRequest
from placement.model.inventory import Inventory

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.plans import Plan
    from placement.policy import Policy

# Progress that is told, seconds apart.
_APART = 0.25

Served = Callable[[], Inventory]
"""The inventory of the cluster that is served."""


def planned(asked: PlanRequest, served: Served) -> Work:
    """Makes a plan."""

    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.planner import plan

        return plan(
            _cluster(asked.objects, served),
            policy=policy_asked(asked.policy),
            solver=asked.solver,
            time_limit=asked.time_limit,
            seed=asked.seed,
            progress=_now_and_then(tell),
        ).to_dict()

    return work


def checked(asked: CheckRequest, served: Served) -> Work:
    """Judges a plan."""

    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.referee import check

        plan, cluster = _plan(asked.plan), _cluster(asked.objects, served)
        if plan is None:
            raise PlanError("plan: expected an object")
        body = check(cluster, plan).to_dict()
        if asked.bound:
            from placement.certificate import verify_bound

            policy = policy_asked(asked.policy or plan.policy or "default")
            body["bound"] = verify_bound(cluster, plan, policy).to_dict()
        return body

    return work


def explained(asked: ExplainRequest, served: Served) -> Work:
    """Explains a pod or a plan."""

    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.explanation import explain
        from placement.explanation.plan import explain_plan

        plan, cluster, policy = _plan(asked.plan), _cluster(asked.objects, served), policy_asked(asked.policy)
        if asked.pod:
            return explain(cluster, asked.pod, plan, remedies=asked.remedies, policy=policy).to_dict()
        if plan is None:
            raise PlanError("expected a pod or a plan to explain")
        return explain_plan(cluster, plan, policy).to_dict()

    return work


def judged(asked: VerdictRequest, served: Served) -> Work:
    """Judges a pod on every node."""

    def work(tell: Callable[[Progress], None]) -> Any:
        found = _cluster(asked.objects, served).verdict(asked.pod)
        return {
            "pod": found.pod,
            "feasible": found.feasible,
            "infeasible": {
                name: {"plugin": refusal.plugin, "code": refusal.code, "reasons": refusal.reasons}
                for name, refusal in found.infeasible.items()
            },
        }

    return work


def policy_asked(written: str | dict[str, Any]) -> Policy:
    """The policy of a preset's name or of a table. A name is never taken for a file: who asks does not read ours.

    Raises
    ------
    PolicyError
        If there is no such preset or a field is wrong.
    """
    from placement.policy import policy_of

    return policy_of({"preset": written} if isinstance(written, str) else {"name": "inline", **written}, "policy")


def is_given(raw: msgspec.Raw) -> bool:
    """Whether a request says anything there."""
    return bytes(memoryview(raw)[:5]) != b"null"


def _cluster(objects: msgspec.Raw, served: Served) -> Cluster:
    from placement.cluster import Cluster
    from placement.desired import desired
    from placement.manifests import inventory_of, require_nodes

    if not is_given(objects):
        return Cluster(served())
    try:
        written = msgspec.json.decode(objects, type=list[dict[str, Any]])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"objects: {error}") from None
    return Cluster(desired(require_nodes(inventory_of(written))))


def _plan(raw: msgspec.Raw) -> Plan | None:
    from placement.plans import Plan

    if not is_given(raw):
        return None
    try:
        return Plan.from_dict(msgspec.json.decode(raw, type=dict[str, Any]))
    except (msgspec.DecodeError, RecursionError) as error:
        raise PlanError(f"plan: {error}") from None


def _now_and_then(tell: Callable[[Progress], None]) -> Callable[[Any], None]:
    last = [-_APART]

    def told(progress: Any) -> None:
        if progress.elapsed - last[0] >= _APART:
            last[0] = progress.elapsed
            bound = progress.lower_bound
            tell(
                {
                    "elapsed": progress.elapsed,
                    "iterations": progress.iterations,
                    "cost": [int(value) for value in progress.cost],
                    "lowerBound": None if bound is None else [int(value) for value in bound],
                }
            )

    return told
