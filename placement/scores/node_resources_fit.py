"""NodeResourcesFit: how full a node gets (kube-scheduler ``plugins/noderesources``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Protocol

from placement.model.node import CPU, MEMORY
from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.snapshot import Snapshot
from placement.scores.normalise import MAX_SCORE

NAME = "NodeResourcesFit"
# Resources and weights of the default profile.
DEFAULT_WEIGHTS: tuple[tuple[str, int], ...] = ((CPU, 1), (MEMORY, 1))


class Strategy(Protocol):
    """What is liked of a node: a score from what will be requested of what there is."""

    @property
    def weights(self) -> tuple[tuple[str, int], ...]:
        """Resources that count, with their weights."""

    def combine(self, requested: Sequence[int], allocatable: Sequence[int]) -> int:
        """0 … 100; resources with nothing allocatable do not count."""


@dataclass(frozen=True, slots=True)
class LeastAllocated:
    """Empty nodes first, the default (``least_allocated.go``)."""

    name: ClassVar[str] = "LeastAllocated"
    weights: tuple[tuple[str, int], ...] = DEFAULT_WEIGHTS

    def combine(self, requested: Sequence[int], allocatable: Sequence[int]) -> int:
        """Share that stays free, averaged over the resources."""
        return _average(
            self.weights,
            requested,
            allocatable,
            lambda asked, there: 0 if asked > there else (there - asked) * MAX_SCORE // there,
        )


@dataclass(frozen=True, slots=True)
class MostAllocated:
    """Full nodes first (``most_allocated.go``)."""

    name: ClassVar[str] = "MostAllocated"
    weights: tuple[tuple[str, int], ...] = DEFAULT_WEIGHTS

    def combine(self, requested: Sequence[int], allocatable: Sequence[int]) -> int:
        """Share that is taken, averaged over the resources."""
        return _average(
            self.weights, requested, allocatable, lambda asked, there: min(asked, there) * MAX_SCORE // there
        )


@dataclass(frozen=True, slots=True)
class RequestedToCapacityRatio:
    """A score by utilisation, drawn as a broken line (``requested_to_capacity_ratio.go``).

    Attributes
    ----------
    shape : tuple of (utilisation in percent, score of 0 to 10)
        With rising utilisation.
    """

    name: ClassVar[str] = "RequestedToCapacityRatio"
    shape: tuple[tuple[int, int], ...] = ((0, 0), (100, 10))
    weights: tuple[tuple[str, int], ...] = DEFAULT_WEIGHTS

    def combine(self, requested: Sequence[int], allocatable: Sequence[int]) -> int:
        """The line's scores, averaged over the resources that score above zero and rounded."""
        total = weight_sum = 0
        for (_, weight), asked, there in zip(self.weights, requested, allocatable, strict=True):
            if there == 0:
                continue
            score = self._at(MAX_SCORE if asked > there else asked * MAX_SCORE // there)
            if score > 0:
                total += score * weight
                weight_sum += weight
        # Half up, as math.Round does above zero.
        return (2 * total + weight_sum) // (2 * weight_sum) if weight_sum else 0

    def _at(self, utilisation: int) -> int:
        points = [(at, score * MAX_SCORE // 10) for at, score in self.shape]
        if utilisation <= points[0][0]:
            return points[0][1]
        for (left, low), (right, high) in pairwise(points):
            if utilisation <= right:
                rise = (high - low) * (utilisation - left)
                # Go divides towards zero.
                step = abs(rise) // (right - left)
                return low + (step if rise >= 0 else -step)
        return points[-1][1]


STRATEGIES: dict[str, Callable[[], Strategy]] = {
    LeastAllocated.name: LeastAllocated,
    MostAllocated.name: MostAllocated,
    RequestedToCapacityRatio.name: RequestedToCapacityRatio,
}


def _average(
    weights: tuple[tuple[str, int], ...],
    requested: Sequence[int],
    allocatable: Sequence[int],
    score: Callable[[int, int], int],
) -> int:
    total = weight_sum = 0
    for (_, weight), asked, there in zip(weights, requested, allocatable, strict=True):
        if there:
            total += score(asked, there) * weight
            weight_sum += weight
    return total // weight_sum if weight_sum else 0


def amounts(pod: Pod, state: NodeState, resource: str) -> tuple[int, int]:
    """What will be requested of a resource with the pod there, and what is allocatable; zeros where it is not scored.

    cpu and memory count as the scorers see them: containers that name none have a stand-in.
    """
    template = pod.template
    asked_for = template.scored_requests if template.incoming_requests is None else template.incoming_requests
    if resource == CPU:
        return state.scored_cpu + asked_for.get(CPU, 0), state.node.allocatable.get(CPU, 0)
    if resource == MEMORY:
        return state.scored_memory + asked_for.get(MEMORY, 0), state.node.allocatable.get(MEMORY, 0)
    asked = template.requests.get(resource, 0)
    if not asked and resource != "ephemeral-storage":
        return 0, 0
    return state.requested.get(resource, 0) + asked, state.node.allocatable.get(resource, 0)


def score(pod: Pod, snapshot: Snapshot, feasible: Sequence[NodeState], strategy: Strategy | None = None) -> list[int]:
    """The strategy's score of each node with the pod there."""
    liked = strategy or LeastAllocated()
    resources = [resource for resource, _ in liked.weights]
    scores = []
    for state in feasible:
        pairs = [amounts(pod, state, resource) for resource in resources]
        scores.append(liked.combine([asked for asked, _ in pairs], [there for _, there in pairs]))
    return scores
