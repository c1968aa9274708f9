"""Where each pod of a Kubernetes cluster should run: a plan, a proof and an explanation.

>>> from placement import Cluster, check, plan
>>> cluster = Cluster.from_files(["cluster.yaml", "shop/"])
>>> answer = plan(cluster)
>>> answer.status, len(answer.unplaced), answer.gap
('optimal', 0, 0.0)
>>> check(cluster, answer).ok
True

Names are loaded when they are first used, so that ``import placement`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.errors import (
        InputError,
        PlacementError,
        PlanError,
        PolicyError,
        QuantityError,
        UncheckedPlanError,
        UnknownPodError,
        UnknownSolverError,
        UnsuitedSolverError,
    )
    from placement.explanation import Explanation, explain
    from placement.planner import plan
    from placement.plans import Plan
    from placement.policy import Policy, read_policy
    from placement.predicates.verdict import Refusal, Verdict
    from placement.referee import Report, Violation, check

__version__ = "0.1.0"

__all__ = [
    "Cluster",
    "Explanation",
    "InputError",
    "PlacementError",
    "Plan",
    "PlanError",
    "Policy",
    "PolicyError",
    "QuantityError",
    "Refusal",
    "Report",
    "UncheckedPlanError",
    "UnknownPodError",
    "UnknownSolverError",
    "UnsuitedSolverError",
    "Verdict",
    "Violation",
    "__version__",
    "check",
    "explain",
    "plan",
    "read_policy",
]

_HOMES = {
    "Cluster": "placement.cluster",
    "Explanation": "placement.explanation",
    "InputError": "placement.errors",
    "PlacementError": "placement.errors",
    "Plan": "placement.plans",
    "PlanError": "placement.errors",
    "Policy": "placement.policy",
    "PolicyError": "placement.errors",
    "QuantityError": "placement.errors",
    "Refusal": "placement.predicates.verdict",
    "Report": "placement.referee",
    "UncheckedPlanError": "placement.errors",
    "UnknownPodError": "placement.errors",
    "UnknownSolverError": "placement.errors",
    "UnsuitedSolverError": "placement.errors",
    "Verdict": "placement.predicates.verdict",
    "Violation": "placement.referee",
    "check": "placement.referee",
    "explain": "placement.explanation",
    "plan": "placement.planner",
    "read_policy": "placement.policy",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'placement' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
