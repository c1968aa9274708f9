"""A plan: where each pod goes, what is proven of it, and why some pods stay out."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from placement.errors import PlanError

API_VERSION = "placement.dev/v1alpha1"

UNPLACED = "unplaced at priority "
"""How the tiers that count pods without a node begin."""

PlanStatus = Literal["optimal", "feasible", "infeasible", "unknown"]


class Placement(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A pod (``namespace/name``) and the node it goes to.

    Attributes
    ----------
    gpus : tuple of int
        Which GPUs of the node it has, where it shares some.
    """

    pod: str
    node: str
    gpus: tuple[int, ...] = ()


class Eviction(msgspec.Struct, frozen=True, rename="camel"):
    """A running pod that has to leave its node, and what for."""

    pod: str
    node: str
    reason: str


class ReasonCount(msgspec.Struct, frozen=True, rename="camel"):
    """How many nodes a plugin refuses for one reason."""

    plugin: str
    reason: str
    nodes: int


class Unplaced(msgspec.Struct, frozen=True, rename="camel"):
    """A pod without a node, and why the nodes refuse it once the rest of the plan is in place."""

    pod: str
    reasons: tuple[ReasonCount, ...] = ()


class TierCost(msgspec.Struct, frozen=True, rename="camel"):
    """The value of one tier of the cost, or a bound on it."""

    tier: str
    value: int


class Plan(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What the engine answers.

    Attributes
    ----------
    status : str
        "optimal" (cost meets the bound), "feasible", "infeasible" or "unknown".
    placements : tuple of Placement
        In an order in which kube-scheduler would admit them one by one.
    evictions : tuple of Eviction
    unplaced : tuple of Unplaced
    cost, lower_bound : tuple of TierCost
        First tier first; a missing bound is None.
    gap : float or None
        Of the first tier that does not meet its bound, as a share of its cost.
    nodes_used : int
        Nodes that hold a pod which is not a DaemonSet's, once the plan is carried out.
    statistics : dict
        Counts that are the same for the same input and seed.
    witness : dict or None
        Prices that prove the bound, or as much of it as prices can; None where nobody needs any.
    timings : dict
        Seconds, for people; not part of the written plan.
    """

    status: PlanStatus
    placements: tuple[Placement, ...] = ()
    evictions: tuple[Eviction, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    cost: tuple[TierCost, ...] = ()
    lower_bound: tuple[TierCost, ...] | None = None
    gap: float | None = None
    nodes_used: int = 0
    solver: str = ""
    policy: str = ""
    seed: int = 0
    stopped_by: str = "finished"
    statistics: dict[str, int | float | str] = {}
    witness: dict[str, Any] | None = None
    timings: dict[str, float] = {}

    @property
    def all_placed(self) -> bool:
        """Whether no pod is left over."""
        return not self.unplaced

    @property
    def places_most(self) -> bool:
        """Whether it is proven that no plan places more pods, the more important ones first."""
        return self.lower_bound is not None and all(
            tier.value == bound.value
            for tier, bound in zip(self.cost, self.lower_bound, strict=True)
            if tier.tier.startswith(UNPLACED)
        )

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready values, keys as in the published schema."""
        body: dict[str, Any] = msgspec.to_builtins(self)
        body.pop("timings")
        return {"apiVersion": API_VERSION, "kind": "Plan", **body}

    def to_json(self) -> bytes:
        """The plan as indented JSON, ending in a newline. The same plan gives the same bytes."""
        return msgspec.json.format(msgspec.json.encode(self.to_dict()), indent=2) + b"\n"

    @classmethod
    def from_dict(cls, body: object) -> Plan:
        """Read a plan from JSON-ready values.

        Raises
        ------
        PlanError
            If it is not a plan of this version; says which field, and what was expected.
        """
        if not isinstance(body, dict):
            raise PlanError(f"a plan is a JSON object, not {type(body).__name__}")
        for field, expected in (("apiVersion", API_VERSION), ("kind", "Plan")):
            if body.get(field) != expected:
                raise PlanError(f"{field}: expected {expected!r}, found {body.get(field)!r}")
        try:
            return msgspec.convert(body, cls)
        except msgspec.ValidationError as error:
            raise PlanError(str(error)) from None

    @classmethod
    def from_json(cls, text: bytes | str) -> Plan:
        """Read a plan from JSON text.

        Raises
        ------
        PlanError
            If it is not JSON or not a plan.
        """
        try:
            body = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise PlanError(f"not JSON: {error}") from None
        return cls.from_dict(body)
