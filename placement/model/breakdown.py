"""What a pod's effective request and host ports are made of, container by container, so that they can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """An entry of a container's ports that takes a port of the node; `host_port` 0 follows from the host network."""

    container_port: int
    host_port: int
    protocol: str = "TCP"
    ip: str = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the scheduler counts it.

    Attributes
    ----------
    requests : tuple of (resource, int)
        Thousandths of a unit; a limit stands in for a request that is not given.
    init : bool
    restarts : bool
        Whether an init container keeps running beside the others.
    ports : tuple of ContainerPort
    """

    name: str
    requests: tuple[tuple[str, int], ...] = ()
    init: bool = False
    restarts: bool = False
    ports: tuple[ContainerPort, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """The parts of a template.

    Attributes
    ----------
    overhead : mapping of resource to int
        Thousandths of a unit that come on top.
    whole : frozenset of str
        Resources that the pod requests as a whole, whatever its containers say.
    """

    containers: tuple[Container, ...] = ()
    overhead: Mapping[str, int] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    host_network: bool = False
