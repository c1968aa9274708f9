"""What survives losing a part of the cluster: each zone in turn, or the domains of any other node label."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from placement.bound_claims import bound_claims
from placement.cluster import Cluster
from placement.errors import InputError
from placement.model.inventory import Inventory
from placement.plans import API_VERSION, Plan, Unplaced
from placement.scenarios import MakePlan, carried_out, without_nodes


@dataclass(frozen=True, slots=True)
class Loss:
    """One domain is lost.

    Attributes
    ----------
    domain : str
        Value of the node label.
    nodes : tuple of str
    pods : tuple of str
        Those that ran there and are made anew; daemons go with their nodes.
    gone : tuple of str
        Those that ran there and that no controller makes anew.
    plan : Plan
        Where pods go in what is left.
    left_out : tuple of Unplaced
        Pods that had a node and have none any more, and why.
    cluster : Cluster
        What is left.
    """

    domain: str
    nodes: tuple[str, ...]
    pods: tuple[str, ...]
    gone: tuple[str, ...]
    plan: Plan
    left_out: tuple[Unplaced, ...]
    cluster: Cluster

    @property
    def survived(self) -> bool:
        """Whether every pod that ran runs again."""
        return not (self.left_out or self.gone)


@dataclass(frozen=True, slots=True)
class Survival:
    """The answer for every domain that was asked for.

    Attributes
    ----------
    not_asked : tuple of str
        Domains whose turn did not come before the interruption.
    free_claims : tuple of str
        Claims in use (``namespace/name``) of whose volumes nobody says where they are: taken to be anywhere.
    """

    topology_key: str
    losses: tuple[Loss, ...]
    not_asked: tuple[str, ...] = ()
    free_claims: tuple[str, ...] = ()

    @property
    def survived(self) -> bool:
        """Whether it is known that no loss leaves anybody out."""
        return not self.not_asked and all(loss.survived for loss in self.losses)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values."""
        return {
            "apiVersion": API_VERSION,
            "kind": "Survival",
            "topologyKey": self.topology_key,
            "survived": self.survived,
            "notAsked": list(self.not_asked),
            "freeClaims": list(self.free_claims),
            "domains": [
                {
                    "domain": loss.domain,
                    "nodes": list(loss.nodes),
                    "pods": list(loss.pods),
                    "gone": list(loss.gone),
                    "leftOut": [each.pod for each in loss.left_out],
                    "proven": loss.plan.places_most,
                    "survived": loss.survived,
                    "plan": loss.plan.to_dict(),
                }
                for loss in self.losses
            ],
        }


def survive(cluster: Cluster, make_plan: MakePlan, *, topology_key: str, domains: Collection[str] = ()) -> Survival:
    """Lose each domain of a node label in turn and plan what is left.

    Pods that wait now are planned first, so that the question is about the cluster as it is meant to run, their claims
    bound as in `bound_claims`.

    Parameters
    ----------
    make_plan : callable
        Gives the plan of a cluster.
    domains : collection of str
        Those to lose; none means all.

    Raises
    ------
    InputError
        If no node bears the label, or none of a domain that is named.
    """
    members = _members(cluster.inventory, topology_key)
    if not members:
        raise InputError(f"no node bears the label {topology_key}")
    unknown = [domain for domain in domains if domain not in members]
    if unknown:
        there = ", ".join(sorted(members))
        raise InputError(f"no node is in {topology_key} {', '.join(unknown)}; expected one of: {there}")
    chosen = tuple(dict.fromkeys(domains)) if domains else tuple(sorted(members))
    before = cluster.inventory
    left_over: set[str] = set()
    if cluster.pending:
        first = make_plan(cluster)
        if first.stopped_by == "interrupted":
            return Survival(topology_key, (), chosen)
        before, left_over = carried_out(before, first), {each.pod for each in first.unplaced}
    before, free = bound_claims(before)
    losses: list[Loss] = []
    for domain in chosen:
        losses.append(_loss(before, domain, members[domain], left_over, make_plan))
        if losses[-1].plan.stopped_by == "interrupted":
            break
    return Survival(topology_key, tuple(losses), chosen[len(losses) :], free)


def _members(inventory: Inventory, topology_key: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, node in inventory.nodes.items():
        if topology_key in node.labels:
            domain = node.labels[topology_key]
            found[domain] = (*found.get(domain, ()), name)
    return found


def _loss(
    before: Inventory, domain: str, nodes: tuple[str, ...], left_over: Collection[str], make_plan: MakePlan
) -> Loss:
    after, gone = without_nodes(before, frozenset(nodes))
    left = Cluster(after)
    plan = make_plan(left)
    return Loss(
        domain=domain,
        nodes=nodes,
        pods=tuple(_moved(before, after)),
        gone=tuple(pod.key for pod in gone),
        plan=plan,
        left_out=tuple(each for each in plan.unplaced if each.pod not in left_over),
        cluster=left,
    )


def _moved(before: Inventory, after: Inventory) -> Iterator[str]:
    """Pods that ran before and wait afterwards."""
    return (key for key, pod in after.pods.items() if before.pods[key].node and not pod.node)
