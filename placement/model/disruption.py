"""Pod disruption budgets."""

from __future__ import annotations

from dataclasses import dataclass

from placement.model.labels import Selector


@dataclass(frozen=True, slots=True, eq=False)
class PodDisruptionBudget:
    """How many of the selected pods may be disrupted at once.

    Attributes
    ----------
    min_available, max_unavailable : int, str or None
        A number or a percentage such as ``"50%"``; at most one is set.
    current_healthy, desired_healthy, disruptions_allowed : int or None
        What its status says, where the dump has one that is of this budget and not of what it was before.
    always_allow_unhealthy : bool
        Whether pods that are not ready may always go (``unhealthyPodEvictionPolicy: AlwaysAllow``).
    """

    name: str
    namespace: str
    selector: Selector | None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    current_healthy: int | None = None
    desired_healthy: int | None = None
    disruptions_allowed: int | None = None
    always_allow_unhealthy: bool = False
