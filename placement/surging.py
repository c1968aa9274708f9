"""Whether rollouts have room: the pods that come before old ones go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from placement.bound_claims import bound_claims
from placement.cluster import Cluster
from placement.desired.additions import Additions
from placement.desired.controllers import living
from placement.desired.ownership import Ownership
from placement.errors import InputError
from placement.model.inventory import Inventory
from placement.model.pod import Owner
from placement.model.workload import Workload
from placement.next_revision import next_revision
from placement.plans import API_VERSION, Plan, Unplaced
from placement.scenarios import MakePlan, carried_out


@dataclass(frozen=True, slots=True)
class Surge:
    """A rollout of one Deployment, while all else stays as it is.

    Attributes
    ----------
    workload : str
        ``namespace/name``.
    replicas : int
    surge : int
        Pods that may come before as many old ones go.
    unavailable : int
        Pods that may go before as many new ones are there.
    missing : int
        Of the old ones, those that went in the plan: none where a pod of the surge has room.
    plan : Plan
        Where the new pods go.
    left_out : tuple of Unplaced
        Those of them that find no node, and why.
    nodes : int
        Of the cluster.
    """

    workload: str
    replicas: int
    surge: int
    unavailable: int
    missing: int
    plan: Plan
    left_out: tuple[Unplaced, ...]
    nodes: int

    @property
    def at_once(self) -> int:
        """New pods that have room at once; 0 if the rollout is stuck."""
        return self.surge + self.missing - len(self.left_out)

    @property
    def fits(self) -> bool:
        """Whether the whole surge has room, or there is none and the new pods fit where old ones went."""
        return not self.left_out and (not self.missing or not self.surge)


@dataclass(frozen=True, slots=True)
class Surges:
    """The answer for each Deployment by itself."""

    surges: tuple[Surge, ...]
    not_asked: tuple[str, ...] = ()

    @property
    def stuck(self) -> tuple[str, ...]:
        """Deployments whose rollout would not begin."""
        return tuple(each.workload for each in self.surges if each.at_once <= 0 < each.replicas)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Surges",
            "stuck": list(self.stuck),
            "notAsked": list(self.not_asked),
            "workloads": [
                {
                    "workload": each.workload,
                    "replicas": each.replicas,
                    "maxSurge": each.surge,
                    "maxUnavailable": each.unavailable,
                    "atOnce": each.at_once,
                    "fits": each.fits,
                    "proven": each.plan.places_most,
                    "plan": each.plan.to_dict(),
                }
                for each in self.surges
            ],
        }


def surges(cluster: Cluster, make_plan: MakePlan, *, names: Collection[str] = ()) -> Surges:
    """Plan the surge of each Deployment by itself, with every other pod where it is.

    Pods that wait now are planned first, their claims bound as in `bound_claims`.

    Parameters
    ----------
    make_plan : callable
        Gives the plan of a cluster.
    names : collection of str
        Deployments by ``namespace/name``; none means all.

    Raises
    ------
    InputError
        If there is no such Deployment, or none at all.
    """
    inventory = cluster.inventory
    known = {f"{each.namespace}/{each.name}": each for each in inventory.workloads if each.rollout is not None}
    if not known:
        raise InputError("no Deployment in the cluster")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"no Deployment {', '.join(unknown)}; expected one of: {', '.join(sorted(known))}")
    chosen = tuple(dict.fromkeys(names)) if names else tuple(sorted(known))
    before = inventory
    if cluster.pending:
        first = make_plan(cluster)
        if first.stopped_by == "interrupted":
            return Surges((), chosen)
        before = carried_out(before, first)
        # Who finds no node now would stand in the way of everybody's surge.
        waiting = {each.pod for each in first.unplaced}
        before = replace(before, pods={key: pod for key, pod in before.pods.items() if key not in waiting})
    before, _ = bound_claims(before)
    found: list[Surge] = []
    for name in chosen:
        found.append(_surge(before, name, known[name], make_plan))
        if found[-1].plan.stopped_by == "interrupted":
            break
    return Surges(tuple(found), chosen[len(found) :])


def _surge(before: Inventory, name: str, workload: Workload, make_plan: MakePlan) -> Surge:
    assert workload.rollout is not None  # only those are asked
    surge, unavailable = workload.rollout.surge, workload.rollout.unavailable
    plan, left_out = _planned(before, workload, surge, 0, make_plan)
    missing = 0
    if len(left_out) == surge and unavailable and workload.replicas and plan.stopped_by != "interrupted":
        missing = min(unavailable, workload.replicas)
        plan, left_out = _planned(before, workload, surge + missing, missing, make_plan)
    return Surge(
        workload=name,
        replicas=workload.replicas,
        surge=surge,
        unavailable=unavailable,
        missing=missing,
        plan=plan,
        left_out=left_out,
        nodes=len(before.nodes),
    )


def _planned(
    before: Inventory, workload: Workload, number: int, missing: int, make_plan: MakePlan
) -> tuple[Plan, tuple[Unplaced, ...]]:
    """The plan with so many new pods, once so many old ones are gone, and those of the new that it leaves out."""
    additions = Additions(before)
    new = replace(workload, template=next_revision(workload.template))
    for _ in range(number):
        owner = Owner(workload.kind, workload.name, workload.uid)
        additions.add_numbered(new, f"{workload.name}-surge", owner)
    gone = set(_old(before, workload)[-missing:]) if missing else set[str]()
    kept = {key: pod for key, pod in before.pods.items() if key not in gone}
    after = replace(before, pods=kept | additions.pods, claims={**before.claims, **additions.claims})
    plan = make_plan(Cluster(after))
    return plan, tuple(each for each in plan.unplaced if each.pod in additions.pods)


def _old(before: Inventory, workload: Workload) -> list[str]:
    """The pods that the Deployment has, in order of their names."""
    return sorted(pod.key for pod in living(Ownership(before).pods_of(workload), before.nodes))
