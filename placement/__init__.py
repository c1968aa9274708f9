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
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.check import Report, Violation, check
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
    )
    from placement.explain import Explanation, explain
    from placement.plan import Plan
    from placement.planner import plan
    from placement.policy import Policy, read_policy
    from placement.predicates.verdict import Refusal, Verdict

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
    "Explanation": "placement.explain",
    "InputError": "placement.errors",
    "PlacementError": "placement.errors",
    "Plan": "placement.plan",
    "PlanError": "placement.errors",
    "Policy": "placement.policy",
    "PolicyError": "placement.errors",
    "QuantityError": "placement.errors",
    "Refusal": "placement.predicates.verdict",
    "Report": "placement.check",
    "UncheckedPlanError": "placement.errors",
    "UnknownPodError": "placement.errors",
    "UnknownSolverError": "placement.errors",
    "Verdict": "placement.predicates.verdict",
    "Violation": "placement.check",
    "check": "placement.check",
    "explain": "placement.explain",
    "plan": "placement.planner",
    "read_policy": "placement.policy",
}


class _Package(ModuleType):
    """The package itself, whose functions `plan`, `check` and `explain` share their names with modules.

    Importing a submodule binds it in its package and would hide the function; here the function wins.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'placement' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


sys.modules[__name__].__class__ = _Package
