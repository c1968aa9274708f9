"""What clients of the planner's REST interface write and read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from placement.policy import PRESETS
from placement.roster import solver_names

Objects = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        description="Kubernetes objects to plan for; without any, the cluster that is served.",
        extra_json_schema={"type": ["array", "null"], "items": {"type": "object"}},
    ),
]
WrittenPlan = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        description="A plan, as `plan` answers it.",
        extra_json_schema={"anyOf": [{"$ref": "#/components/schemas/Plan"}, {"type": "null"}]},
    ),
]
PolicyTable = Annotated[
    dict[str, Any],
    msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/Policy"}),
]
Preset = Annotated[str, msgspec.Meta(extra_json_schema={"enum": sorted(PRESETS)})]
SolverName = Annotated[str, msgspec.Meta(extra_json_schema={"enum": sorted(solver_names())})]
PodName = Annotated[str, msgspec.Meta(description="`namespace/name`.")]


def _nothing() -> msgspec.Raw:
    return msgspec.Raw(b"null")


class _Request(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    objects: Objects = msgspec.field(default_factory=_nothing)


class PlanRequest(_Request, kw_only=True):
    """What is to be planned, and how. A search of more than five seconds becomes a job."""

    policy: Preset | PolicyTable = "default"
    solver: SolverName = "auto"
    time_limit: Annotated[float, msgspec.Meta(ge=0, le=3600, description="Seconds of search.")] = 2.0
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0


class CheckRequest(_Request, kw_only=True):
    """A plan to be judged; with `bound`, what it claims to be proven is verified, too."""

    plan: WrittenPlan
    bound: bool = False
    policy: Preset | PolicyTable | None = None


class ExplainRequest(_Request, kw_only=True):
    """A pod to be explained, with a plan in place or as things are; without a pod, a plan to be explained."""

    pod: PodName = ""
    plan: WrittenPlan = msgspec.field(default_factory=_nothing)
    policy: Preset | PolicyTable = "default"
    remedies: bool = True


class VerdictRequest(_Request, kw_only=True):
    """A pod to be judged on every node."""

    pod: PodName


class Violation(msgspec.Struct):
    """A rule that a plan breaks."""

    pod: str
    node: str
    plugin: str
    message: str


class Report(msgspec.Struct, rename="camel"):
    """How a plan was judged."""

    api_version: str
    kind: Literal["Report"]
    ok: bool
    placements: int
    violations: list[Violation]
    bound: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class NodeRefusal(msgspec.Struct):
    """Why a node refuses a pod, and kube-scheduler's code for whether eviction could help."""

    plugin: str
    code: Literal["Unschedulable", "UnschedulableAndUnresolvable"]
    reasons: list[str]


class PodVerdict(msgspec.Struct):
    """The nodes that admit a pod, and why the others do not."""

    pod: str
    feasible: list[str]
    infeasible: dict[str, NodeRefusal]


class JobProgress(msgspec.Struct, rename="camel"):
    """How far a search is: seconds, rounds, cost by tier and what is proven of it."""

    elapsed: float
    iterations: int
    cost: list[int]
    lower_bound: list[int] | None


JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]


class JobState(msgspec.Struct):
    """A plan in the making: its status, what was wrong if it failed, and how far it is."""

    id: str
    status: JobStatus
    error: str = ""
    progress: JobProgress | None = None


class Problem(msgspec.Struct):
    """What is wrong, in one line."""

    Error: str
