"""Taints, which repel pods from a node, and the tolerations that make a pod immune."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a taint does to a pod that does not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


@dataclass(frozen=True, slots=True)
class Taint:
    """A mark on a node."""

    key: str
    value: str = ""
    effect: Effect = Effect.NO_SCHEDULE


@dataclass(frozen=True, slots=True)
class Toleration:
    """What a pod puts up with.

    Attributes
    ----------
    key : str
        "" with `exists` tolerates every key.
    exists : bool
        True for operator Exists, False for Equal.
    effect : Effect or None
        None tolerates every effect.
    seconds : int or None
        How long a NoExecute taint is tolerated before eviction; None is for ever. The scheduler does not ask.
    """

    key: str = ""
    exists: bool = False
    value: str = ""
    effect: Effect | None = None
    seconds: int | None = None

    def tolerates(self, taint: Taint) -> bool:
        """Whether the toleration covers the taint (core/v1 ``Toleration.ToleratesTaint``)."""
        if self.effect is not None and self.effect is not taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        return self.exists or self.value == taint.value
