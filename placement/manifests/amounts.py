"""Resource lists in thousandths of a unit, and what a pod effectively requests.

Source: component-helpers ``resource/helpers.go`` (``PodRequests``), ``pkg/apis/core/v1/defaults.go``
(``SetDefaults_Pod``, ``defaultPodRequests``) and ``pkg/scheduler/framework`` (``calculateResource``).
"""

from __future__ import annotations

from collections.abc import Mapping

from placement.errors import InputError, QuantityError
from placement.manifests.wire import metadata, pod
from placement.model import quantity
from placement.model.node import CPU, EPHEMERAL_STORAGE, MEMORY, PODS

Millis = dict[str, int]
"""Resource name to thousandths of a unit."""

# What the scorers assume of a container that names nothing (pkg/scheduler/util/pod_resources.go).
ASSUMED: Millis = {CPU: 100, MEMORY: 200 * 1024 * 1024 * 1000}

_NATIVE = (CPU, MEMORY, EPHEMERAL_STORAGE, PODS)


def amounts(written: metadata.Amounts | None, where: str) -> Millis:
    """A resource list, each amount rounded up to thousandths. A null amount is zero.

    Raises
    ------
    QuantityError
        If an amount is not a quantity; `where` and the resource's name give the field.
    InputError
        If an amount is negative.
    """
    result: Millis = {}
    for name, text in (written or {}).items():
        result[name] = amount(text, where, name)
    return result


def amount(text: str | int | float | None, where: str, name: str) -> int:
    """One amount in thousandths.

    Raises
    ------
    QuantityError
        If it is not a quantity.
    InputError
        If it is negative.
    """
    if text is None:
        return 0
    try:
        millis = quantity.millis(text)
    except ValueError as error:
        raise QuantityError(str(error), field=_field(where, name)) from None
    if millis < 0:
        raise InputError(f"{text!r} is negative, expected zero or more", field=_field(where, name))
    return millis


def _field(where: str, name: str) -> str:
    if not where:
        return name
    return f"{where}[{name}]" if "." in name or "/" in name else f"{where}.{name}"


def is_counted(name: str) -> bool:
    """Whether the scheduler counts the resource at all: native, extended, huge pages or attachable volumes.

    As ``schedutil.IsScalarResourceName`` and ``Resource.Add``: other names without a domain are ignored.
    """
    return name in _NATIVE or "/" in name or name.startswith(("hugepages-", "attachable-volumes-"))


def requested(millis: Millis) -> dict[str, int]:
    """Requests in scheduling units, rounded up: cpu in millicores, all else whole. Zeros and `pods` are left out."""
    return {
        name: value if name == CPU else quantity.units_up(value)
        for name, value in millis.items()
        if value > 0 and name != PODS and is_counted(name)
    }


def offered(millis: Millis) -> dict[str, int]:
    """What a node offers in scheduling units, rounded down: cpu in millicores, all else whole."""
    return {
        name: value if name == CPU else quantity.units_down(value) for name, value in millis.items() if is_counted(name)
    }


def effective(spec: pod.PodSpec, resize: pod.Resize, where: str) -> tuple[dict[str, int], dict[str, int]]:
    """What a pod requests, and what the scorers take it to request.

    Parameters
    ----------
    spec : pod.PodSpec
    resize : pod.Resize
        What the status says of a resize in place.
    where : str
        Field path of the spec.

    Returns
    -------
    requests, scored : dict of resource name to int
        In scheduling units. `scored` counts 100 millicores and 200 MiB for each container that names no cpu or
        memory, unless the pod as a whole names them; its `cpu` and `memory` are always present.

    Raises
    ------
    InputError
        If an amount is wrong.
    """
    resizes = {status.name: status for status in resize.containers}
    containers = [
        _container(container, resizes, resize.infeasible, f"{where}.containers[{index}]")
        for index, container in enumerate(spec.containers or ())
    ]
    inits = [
        _container(
            container,
            resizes if _restarts(container) else {},
            resize.infeasible,
            f"{where}.initContainers[{index}]",
        )
        for index, container in enumerate(spec.init_containers or ())
    ]
    sidecars = [_restarts(container) for container in spec.init_containers or ()]
    overhead = amounts(spec.overhead, f"{where}.overhead")
    whole = _pod_level(spec.resources, aggregate(containers, inits, sidecars), f"{where}.resources")
    if whole:
        whole = _resized_pod(whole, resize, overhead)

    requests = _total(aggregate(containers, inits, sidecars), whole, overhead)
    assumed = _total(
        aggregate([ASSUMED | one for one in containers], [ASSUMED | one for one in inits], sidecars), whole, overhead
    )
    scored = requested(assumed)
    return requested(requests), {CPU: 0, MEMORY: 0} | scored


def _restarts(container: pod.Container) -> bool:
    return container.restart_policy == "Always"


def _container(
    container: pod.Container, resizes: Mapping[str | None, pod.ContainerStatus], infeasible: bool, where: str
) -> Millis:
    resources = container.resources
    if resources is None:
        wish: Millis = {}
    else:
        # Limits stand in for requests that are not given.
        wish = amounts(resources.limits, f"{where}.resources.limits")
        wish |= amounts(resources.requests, f"{where}.resources.requests")
    status = resizes.get(container.name)
    if status is None or status.resources is None:
        return wish
    held = maximum(
        amounts(status.resources.requests, "status.containerStatuses.resources.requests"),
        amounts(status.allocated_resources, "status.containerStatuses.allocatedResources"),
    )
    return held if infeasible else maximum(wish, held)


def aggregate(containers: list[Millis], inits: list[Millis], sidecars: list[bool]) -> Millis:
    """The peak over a pod's life: containers with sidecars, or an init container with the sidecars before it.

    Kubernetes enhancement 753, "Exposing Pod Resource Requirements".

    Parameters
    ----------
    containers, inits : list of Millis
        Requests of the containers and init containers, in order.
    sidecars : list of bool
        Which init containers restart always, and so keep running.
    """
    running: Millis = {}
    for one in containers:
        add(running, one)
    earlier: Millis = {}
    peak: Millis = {}
    for one, keeps in zip(inits, sidecars, strict=True):
        if keeps:
            add(running, one)
            add(earlier, one)
            peak = maximum(peak, earlier)
        else:
            stage = dict(one)
            add(stage, earlier)
            peak = maximum(peak, stage)
    return maximum(running, peak)


def _pod_level(written: metadata.Resources | None, of_containers: Millis, where: str) -> Millis:
    # Requests of the pod as a whole; where it gives only limits, what its containers ask or else the limit.
    if written is None:
        return {}
    limits = _levelled(amounts(written.limits, f"{where}.limits"))
    requests = _levelled(amounts(written.requests, f"{where}.requests"))
    if not limits:
        return requests
    asked = {name: value for name, value in of_containers.items() if name in (CPU, MEMORY)}
    return limits | asked | requests


def _resized_pod(whole: Millis, resize: pod.Resize, overhead: Millis) -> Millis:
    # What the status reports includes the overhead, which is added again below.
    reported = resize.resources.requests if resize.resources is not None else None
    held = maximum(
        _levelled(amounts(reported, "status.resources.requests")),
        _levelled(amounts(resize.allocated_resources, "status.allocatedResources")),
    )
    held = {name: max(value - overhead.get(name, 0), 0) for name, value in held.items()}
    return held if resize.infeasible and held else maximum(whole, held)


def _levelled(millis: Millis) -> Millis:
    return {k: v for k, v in millis.items() if k in (CPU, MEMORY) or k.startswith("hugepages-")}


def _total(of_containers: Millis, whole: Millis, overhead: Millis) -> Millis:
    total = of_containers | whole
    add(total, overhead)
    return total


def add(total: Millis, more: Mapping[str, int]) -> None:
    """Add amounts to a total in place."""
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def maximum(one: Mapping[str, int], other: Mapping[str, int]) -> Millis:
    """The greater amount of each resource named in either."""
    result = dict(one)
    for name, value in other.items():
        if value > result.get(name, -1):
            result[name] = value
    return result
