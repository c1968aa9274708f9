"""The parts of a pod's requests and host ports from their wire form."""

from __future__ import annotations

from placement.manifests import amounts
from placement.manifests.wire import pod as wire
from placement.model.breakdown import Breakdown, Container, ContainerPort


def breakdown(spec: wire.PodSpec, where: str) -> Breakdown:
    """What a pod's effective request and host ports are made of.

    Parameters
    ----------
    spec : wire.PodSpec
    where : str
        Field path of the spec, for errors.

    Raises
    ------
    InputError
        If an amount is wrong.
    """
    host_network = bool(spec.host_network)
    groups = ((True, spec.init_containers or ()), (False, spec.containers or ()))
    containers = tuple(
        _container(each, where, init=init, host_network=host_network) for init, group in groups for each in group
    )
    whole: frozenset[str] = frozenset()
    if spec.resources is not None:
        named = {**(spec.resources.limits or {}), **(spec.resources.requests or {})}
        whole = frozenset(name for name in named if name in ("cpu", "memory") or name.startswith("hugepages-"))
    return Breakdown(containers, amounts.amounts(spec.overhead, f"{where}.overhead"), whole, host_network)


def _container(written: wire.Container, where: str, *, init: bool, host_network: bool) -> Container:
    limits: amounts.Millis = {}
    requests: amounts.Millis = {}
    if written.resources is not None:
        limits = amounts.amounts(written.resources.limits, f"{where}.containers.resources.limits")
        requests = amounts.amounts(written.resources.requests, f"{where}.containers.resources.requests")
    ports = tuple(
        ContainerPort(port.container_port or 0, port.host_port or 0, port.protocol or "TCP", port.host_ip or "0.0.0.0")
        for port in written.ports or ()
        if port.host_port or host_network
    )
    return Container(
        name=written.name or "",
        requests=tuple(sorted((limits | requests).items())),
        init=init,
        restarts=written.restart_policy == "Always",
        ports=ports,
    )
