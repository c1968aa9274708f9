"""GPUs of a node that pods may share, and what a pod takes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Gpu:
    """One GPU.

    Attributes
    ----------
    index : int
        Its number on the node, as schedulers of shared GPUs write it.
    amounts : mapping of resource name to int
        What it has to share, in units of each resource.
    model : str
        "" if nobody says.
    """

    index: int
    amounts: Mapping[str, int]
    model: str = ""


@dataclass(frozen=True, slots=True)
class GpuShare:
    """What a pod takes: as much of each of several different GPUs of one node.

    Attributes
    ----------
    amounts : tuple of (resource name, int)
        Of each GPU.
    count : int
        GPUs, at least 1.
    models : frozenset of str
        Models it will have; empty takes any.
    """

    amounts: tuple[tuple[str, int], ...]
    count: int = 1
    models: frozenset[str] = frozenset()

    def __str__(self) -> str:
        asked = " and ".join(f"{name} {amount}" for name, amount in self.amounts)
        models = f" of {' or '.join(sorted(self.models))}" if self.models else ""
        return f"{asked} on {'one GPU' if self.count == 1 else f'each of {self.count} GPUs'}{models}"

    def accepts(self, gpu: Gpu) -> bool:
        """Whether a GPU, empty, would do."""
        return self.likes(gpu) and all(gpu.amounts.get(name, 0) >= amount for name, amount in self.amounts)

    def likes(self, gpu: Gpu) -> bool:
        """Whether a GPU is of a model it will have."""
        return not self.models or gpu.model in self.models
