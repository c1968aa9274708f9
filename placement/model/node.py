"""A node: what it offers and what it asks of pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from placement.model.gpu import Gpu
from placement.model.labels import Labels
from placement.model.taint import Taint

CPU = "cpu"
MEMORY = "memory"
EPHEMERAL_STORAGE = "ephemeral-storage"
PODS = "pods"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A machine.

    Attributes
    ----------
    allocatable : mapping of resource name to int
        ``status.allocatable``, rounded down: cpu in millicores, memory and storage in bytes, `pods` and extended
        resources in whole units.
    images : mapping of image name to int
        Size in bytes of each image that lies on the node, under each of its names.
    ready : bool
        False if the Ready condition is False or Unknown. kube-scheduler does not ask (it sees the taint the
        node controller sets); desired state does: pods of a node that is not ready and tainted are lost.
    gpus : tuple of Gpu
        Those that pods may share; whole ones are extended resources.
    """

    name: str
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    allocatable: Mapping[str, int] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    ready: bool = True
    images: Mapping[str, int] = field(default_factory=dict)
    gpus: tuple[Gpu, ...] = ()
