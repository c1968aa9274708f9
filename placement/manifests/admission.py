"""What the API server's admission adds to a pod that it has not seen yet.

Sources: ``plugin/pkg/admission`` of Kubernetes: ``limitranger``, ``priority``, ``runtimeclass`` and
``defaulttolerationseconds``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from placement.manifests.amounts import amounts
from placement.manifests.wire import cluster, metadata, pod
from placement.model.priority import PriorityClass

SYSTEM_PRIORITIES: Mapping[str, int] = {
    "system-cluster-critical": 2_000_000_000,
    "system-node-critical": 2_000_001_000,
}

_NOT_READY = "node.kubernetes.io/not-ready"
_UNREACHABLE = "node.kubernetes.io/unreachable"


class Admission:
    """The admission of one cluster.

    Parameters
    ----------
    limit_ranges : iterable of (str, cluster.LimitRange)
        With the namespace of each, in the order they apply.
    priority_classes : mapping of name to PriorityClass
    runtime_classes : mapping of name to cluster.RuntimeClass

    Attributes
    ----------
    unknown_priorities : set of str
        Priority classes that were asked for and are not there.
    """

    def __init__(
        self,
        limit_ranges: Iterable[tuple[str, cluster.LimitRange]] = (),
        priority_classes: Mapping[str, PriorityClass] | None = None,
        runtime_classes: Mapping[str, cluster.RuntimeClass] | None = None,
    ) -> None:
        self.unknown_priorities: set[str] = set()
        self._priority_classes = priority_classes or {}
        self._runtime_classes = runtime_classes or {}
        self._limits: dict[str, list[tuple[metadata.Amounts, metadata.Amounts]]] = {}
        for namespace, written in limit_ranges:
            for limit in (written.spec and written.spec.limits) or ():
                if limit.type == "Container":
                    self._limits.setdefault(namespace, []).append(container_defaults(limit))

    def admit(self, spec: pod.PodSpec, namespace: str, *, tolerations: bool = False) -> None:
        """Complete a pod's spec in place.

        Parameters
        ----------
        spec : pod.PodSpec
        namespace : str
        tolerations : bool
            Whether the tolerations of failing nodes for 300 seconds are added too. A scheduler is not concerned,
            but pods that exist have them, and what replaces those should be alike.
        """
        self._apply_runtime_class(spec)
        self._apply_priority(spec)
        self._apply_limits(spec, namespace)
        if tolerations:
            _tolerate_failing_nodes(spec)

    def _apply_limits(self, spec: pod.PodSpec, namespace: str) -> None:
        ranges = self._limits.get(namespace)
        if not ranges:
            return
        for container in (*(spec.containers or ()), *(spec.init_containers or ())):
            resources = container.resources or metadata.Resources()
            # The API server lets limits stand in for requests before a LimitRange is asked.
            requests = {**(resources.limits or {}), **(resources.requests or {})}
            limits = dict(resources.limits or {})
            for default_limits, default_requests in ranges:
                limits = {**default_limits, **limits}
                requests = {**default_requests, **requests}
            container.resources = metadata.Resources(requests=requests, limits=limits)

    def _apply_priority(self, spec: pod.PodSpec) -> None:
        if spec.priority is not None:
            return
        chosen = self._priority_class(spec.priority_class_name)
        if chosen is not None:
            spec.priority = chosen.value
            if spec.preemption_policy is None and not chosen.preempts:
                spec.preemption_policy = "Never"

    def _priority_class(self, name: str | None) -> PriorityClass | None:
        if name:
            found = self._priority_classes.get(name)
            if found is None and name in SYSTEM_PRIORITIES:
                return PriorityClass(name, SYSTEM_PRIORITIES[name])
            if found is None:
                self.unknown_priorities.add(name)
            return found
        defaults = [one for one in self._priority_classes.values() if one.is_default]
        return min(defaults, key=lambda one: one.value, default=None)

    def _apply_runtime_class(self, spec: pod.PodSpec) -> None:
        found = self._runtime_classes.get(spec.runtime_class_name or "")
        if found is None:
            return
        if spec.overhead is None and found.overhead is not None:
            spec.overhead = found.overhead.pod_fixed
        if found.scheduling is not None:
            spec.node_selector = {**(spec.node_selector or {}), **(found.scheduling.node_selector or {})}
            held = spec.tolerations or []
            spec.tolerations = held + [one for one in found.scheduling.tolerations or () if one not in held]


def container_defaults(limit: cluster.Limit) -> tuple[metadata.Amounts, metadata.Amounts]:
    """Default limits and default requests of a LimitRange item (``SetDefaults_LimitRangeItem``).

    Raises
    ------
    InputError
        If an amount is wrong.
    """
    for name in ("max", "min", "default", "default_request"):
        amounts(getattr(limit, name), f"spec.limits.{name}")
    limits = {**(limit.max or {}), **(limit.default or {})}
    return limits, {**(limit.min or {}), **limits, **(limit.default_request or {})}


def _tolerate_failing_nodes(spec: pod.PodSpec) -> None:
    held = list(spec.tolerations or ())
    for key in (_NOT_READY, _UNREACHABLE):
        if not any(one.key in (None, "", key) and one.effect in (None, "", "NoExecute") for one in held):
            held.append(metadata.Toleration(key, "Exists", None, "NoExecute", 300))
    spec.tolerations = held
