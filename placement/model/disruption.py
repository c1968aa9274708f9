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
    disruptions_allowed : int or None
        ``status.disruptionsAllowed`` where the dump has it.
    """

    name: str
    namespace: str
    selector: Selector | None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    disruptions_allowed: int | None = None
    always_allow_unhealthy: bool = False
