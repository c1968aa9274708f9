"""Whether the lower bound that a plan claims is true, from the cluster alone and without the solver that claimed it.

What is recomputed is the area bound, and what the prices prove that the plan carries as its witness: by integer
arithmetic and a knapsack, without any search. A bound that was proven by branching may be higher than that; then it is
told how much of it is confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from placement.cluster import Cluster
from placement.compiler import compile_cluster
from placement.errors import PlanError
from placement.model.pod import of_daemon
from placement.plans import Plan
from placement.policy import Policy
from placement_solvers.bounds.witness import Witness, verify
from placement_solvers.problem import Problem


@dataclass(frozen=True, slots=True)
class TierBound:
    """What a plan claims of a tier, and what is confirmed.

    Attributes
    ----------
    confirmed : int or None
        What sums and prices prove, if they say anything of the plan.
    """

    tier: str
    claimed: int
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class BoundReport:
    """What is known of a claimed bound.

    Attributes
    ----------
    verified : bool
        Whether no plan that disturbs nobody costs less than the claim.
    problem : str
        Why it is not verified, "" if it is.
    method : str
        "area", or "prices" where the plan has a witness.
    """

    tiers: tuple[TierBound, ...]
    verified: bool
    problem: str = ""
    method: str = "area"

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return {
            "verified": self.verified,
            "method": self.method,
            "problem": self.problem or None,
            "tiers": [{"tier": each.tier, "claimed": each.claimed, "confirmed": each.confirmed} for each in self.tiers],
        }


def verify_bound(cluster: Cluster, plan: Plan, policy: Policy) -> BoundReport:
    """Confirm the lower bound of a plan by one computed anew.

    Parameters
    ----------
    policy : Policy
        What the plan was made by: a bound is one of its tiers.

    Raises
    ------
    PlanError
        If the tiers of the plan are not those of the policy, or its witness is none.
    """
    if plan.lower_bound is None:
        return BoundReport((), False, "the plan claims no bound")
    claimed = tuple(tier.value for tier in plan.lower_bound)
    names = [tier.tier for tier in plan.lower_bound]
    if plan.evictions:
        silent = tuple(TierBound(name, value, None) for name, value in zip(names, claimed, strict=True))
        return BoundReport(silent, False, "only bounds on plans that disturb nobody can be confirmed")
    method = "area" if plan.witness is None else "prices"
    found = _confirmed(cluster, plan, policy, _witness(plan))
    if list(found) != names:
        expected = ", ".join(found)
        raise PlanError(f"the tiers of the bound are not those of policy {policy.name!r}, expected: {expected}")
    confirmed = tuple(found.values())
    tiers = tuple(TierBound(*row) for row in zip(names, claimed, confirmed, strict=True))
    if confirmed >= claimed:
        return BoundReport(tiers, True, method=method)
    short = next(each for each in tiers if each.confirmed != each.claimed)
    return BoundReport(
        tiers, False, f"{short.tier}: {short.claimed} is claimed, {short.confirmed} is confirmed", method
    )


def _witness(plan: Plan) -> Witness:
    """The prices that a plan carries; none of them if it has none."""
    try:
        return Witness.from_dict(plan.witness or {"prices": []})
    except ValueError as error:
        raise PlanError(f"witness: {error}") from None


def _confirmed(cluster: Cluster, plan: Plan, policy: Policy, witness: Witness) -> dict[str, int]:
    """What is proven of each tier, counting nodes in use already as plans do."""
    inventory = cluster.inventory
    waiting = [pod for pod in cluster.pending if not pod.template.scheduling_gates]
    on = {each.pod: each.node for each in plan.placements}
    daemons = [(pod, on[pod.key]) for pod in waiting if of_daemon(pod) and on.get(pod.key) in inventory.nodes]
    first = {pod.key for pod, _ in daemons}
    others = [pod for pod in waiting if pod.key not in first]
    apart = compile_cluster(inventory, others, policy, assumed=daemons).problem
    bound = _named(apart, witness)
    if daemons and any(pod.key not in on for pod in waiting):
        # Another plan might leave a daemon out instead of somebody else, and then open other nodes.
        whole = compile_cluster(inventory, waiting, policy).problem
        together = _named(whole, witness)
        left_out = {tier.name for tier in whole.tiers if tier.unplaced is not None}
        bound = {name: together[name] if name in left_out else _in_use(apart)[name] for name in bound}
    return bound


def _named(problem: Problem, witness: Witness) -> dict[str, int]:
    offsets, proven = _in_use(problem), verify(problem, witness)
    return {tier.name: value + offsets[tier.name] for tier, value in zip(problem.tiers, proven, strict=True)}


def _in_use(problem: Problem) -> dict[str, int]:
    """What bins in use already cost in each tier."""
    return {tier.name: 0 if tier.open is None else int(tier.open[problem.in_use].sum()) for tier in problem.tiers}
