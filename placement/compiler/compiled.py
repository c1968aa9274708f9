"""A problem with the names its numbers stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from placement.model.pod import Pod
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A problem and the way back from it.

    Attributes
    ----------
    problem : Problem
    pods : tuple of Pod
        Item i is ``pods[i]``.
    nodes : tuple of str
        Bin b is ``nodes[b]``.
    resources : tuple of str
        Resource r is ``resources[r]``.
    levels : mapping of int to str
        Groups that count the members of a gang which prefers to lie together, and the node label that says where.
    """

    problem: Problem
    pods: tuple[Pod, ...]
    nodes: tuple[str, ...]
    resources: tuple[str, ...]
    levels: Mapping[int, str] = field(default_factory=dict)

    def invert(self, solution: Solution) -> list[tuple[Pod, str]]:
        """Pods and their nodes, in the order in which they go in."""
        bins = solution.bin_of
        return [
            (self.pods[item], self.nodes[bins[item]]) for item in solution.sequence.tolist() if bins[item] != NOWHERE
        ]
