"""One pod before the nodes with everything else of the plan in place: quick answers to what would help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from placement.model.pod import Pod, PodTemplate
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal, verdict
from placement.remedies.target import Target

Mutation = Callable[[PodTemplate], PodTemplate]


class Scene:
    """The state that changes are first judged in; it is always left as it was found.

    Parameters
    ----------
    snapshot : Snapshot
        The plan carried out; the pod is on no node.
    pod : Pod
    target : Target
        Siblings in it change with the pod.
    """

    def __init__(self, snapshot: Snapshot, pod: Pod, target: Target) -> None:
        self.snapshot = snapshot
        self.pod = replace(pod, node="")
        self._siblings = [each for each in target.pods if each.key != pod.key]

    def feasible(self, mutate: Mutation) -> list[str]:
        """Nodes that would have the pod if its template, and that of its siblings, were changed."""
        with self._changed(mutate) as subject:
            return verdict(subject, self.snapshot).feasible

    def largest_request(self, resource: str) -> int:
        """The most the pod could ask for of a resource and still have a node; -1 if it has none even for nothing.

        In scheduling units. Siblings keep what they ask for.
        """
        subject = replace(self.pod, template=_without(self.pod.template, resource))
        free = [
            state.node.allocatable.get(resource, 0) - state.requested.get(resource, 0)
            for state in (self.snapshot.nodes[name] for name in verdict(subject, self.snapshot).feasible)
        ]
        return max(0, *free) if free else -1

    def admits(self, node: str, leaving: list[Pod]) -> bool:
        """Whether the pod may go to a node once some pods have left theirs."""
        with self.without(leaving):
            return refusal(self.pod, node, self.snapshot) is None

    @contextmanager
    def without(self, leaving: list[Pod]) -> Iterator[None]:
        """Leave pods out for a while."""
        held = [(pod, self.snapshot.node_of(pod)) for pod in leaving]
        for pod, _ in held:
            self.snapshot.unbind(pod)
        try:
            yield
        finally:
            for pod, node in reversed(held):
                assert node is not None  # it was unbound from there
                self.snapshot.bind(pod, node)

    @contextmanager
    def _changed(self, mutate: Mutation) -> Iterator[Pod]:
        placed = [(pod, node) for pod in self._siblings if (node := self.snapshot.node_of(pod)) is not None]
        made: dict[int, PodTemplate] = {}
        for pod, node in placed:
            self.snapshot.unbind(pod)
            template = made.setdefault(id(pod.template), mutate(pod.template))
            self.snapshot.bind(replace(pod, template=template), node)
        try:
            yield replace(self.pod, template=mutate(self.pod.template))
        finally:
            for pod, node in placed:
                self.snapshot.unbind(pod)
                self.snapshot.bind(pod, node)


def _without(template: PodTemplate, resource: str) -> PodTemplate:
    return replace(template, requests={name: amount for name, amount in template.requests.items() if name != resource})
