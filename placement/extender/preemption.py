"""The verb preempt: on each offered node the fewest and cheapest victims, of all nodes the best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from placement.compiler.disruption import Disruption, allowed, disruptions, protected
from placement.errors import InputError
from placement.extender.protocol import (
    Candidate,
    MalformedError,
    MetaPod,
    MetaVictims,
    PreemptionResult,
    preemption_question,
)
from placement.extender.verbs import Verbs
from placement.model.disruption import PodDisruptionBudget
from placement.model.pod import Pod
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import refusal


class Preemption:
    """Chooses victims for one pod at a time.

    As kube-scheduler does (``preemption.SelectVictimsOnNode``) all pods of lower priority leave a node in thought and
    come back one by one while the pod still fits: first those whose budget forbids to disturb them and those that ask
    to be left alone, then the more important, then the dearer to disturb. What cannot come back is a minimal set. Of
    all nodes only the best is answered: the one where the plan makes room for the pod, else that with the fewest
    violated budgets, the least important victims, the fewest, the cheapest.
    """

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs

    def preempt(self, body: bytes | bytearray) -> bytes:
        """The answer to a preempt call; a candidate we cannot judge stays as the scheduler chose it.

        Raises
        ------
        MalformedError
            If the body is not a call or the pod in it is wrong.
        """
        verbs = self._verbs
        began = verbs.clock()
        asked = preemption_question(body)
        try:
            pod = verbs.reader.pod(asked.pod)
        except InputError as error:
            raise MalformedError(str(error)) from None
        unjudged: dict[str, Candidate] = {}
        found: list[tuple[tuple[int, ...], str, MetaVictims]] = []
        snapshot = verbs.state.snapshot
        verbs.state.drop(pod.key)
        for name, candidate in asked.candidates.items():
            late = verbs.clock() - began > verbs.settings.deadline
            if late or not verbs.ready or name not in snapshot.nodes:
                verbs.metrics.fail_open.labels("preempt", "deadline" if late else "unknown-node").inc()
                unjudged[name] = candidate
                continue
            chosen = self._victims(pod, name)
            if chosen:
                found.append((_rank(chosen), name, _meta(chosen)))
        verbs.state.settle()
        answer = {name: _echo(candidate) for name, candidate in unjudged.items() if candidate.uids}
        if found:
            guidance = verbs.guidance
            planned = guidance.node_of.get(pod.key) if pod.key in guidance.after_evictions else None
            # A plan that makes room has weighed the victims of all pods together.
            _, name, victims = min(found, key=lambda one: (one[1] != planned, one[0], one[1]))
            answer[name] = victims
            verbs.metrics.victims.inc(len(victims.Pods))
        return msgspec.json.encode(PreemptionResult(answer))

    def _victims(self, pod: Pod, name: str) -> list[tuple[Pod, Disruption]]:
        """A minimal set of victims on a node with the cost of each; empty if none helps."""
        state = self._verbs.state
        snapshot = state.snapshot
        subject = replace(pod, node="")
        lower = [
            one
            for one in snapshot.nodes[name].pods.values()
            if one.template.priority < pod.template.priority and one.uid
        ]
        if not lower or not pod.template.preempts:
            return []
        inventory = state.objects.inventory()
        costs = disruptions(lower, inventory)
        budgets = _Budgets({id(one): (one, allowed(one, inventory)) for one in inventory.budgets}.values())
        with _off(lower, name, snapshot):
            if refusal(subject, name, snapshot) is not None:
                return []
            violating = budgets.violated_by(sorted(lower, key=_importance))
            back = sorted(
                lower,
                key=lambda one: (one.key not in violating, not protected(one), *_importance(one), -costs[one.key].cost),
            )
            victims: list[Pod] = []
            for one in back:
                snapshot.bind(one, name)
                if refusal(subject, name, snapshot) is not None:
                    snapshot.unbind(one)
                    victims.append(one)
        return [(one, replace(costs[one.key], violates=int(one.key in violating))) for one in victims]


class _Budgets:
    """What is left of budgets while victims are counted off them."""

    def __init__(self, budgets: Iterable[tuple[PodDisruptionBudget, int]]) -> None:
        self._budgets = list(budgets)

    def violated_by(self, pods: Iterable[Pod]) -> frozenset[str]:
        """Pods that would go beyond a budget if they went in this order."""
        left = [number for _, number in self._budgets]
        found = set()
        for pod in pods:
            for index, (budget, _) in enumerate(self._budgets):
                selector = budget.selector
                if budget.namespace != pod.namespace or selector is None or not selector.matches(pod.template.labels):
                    continue
                left[index] -= 1
                if left[index] < 0:
                    found.add(pod.key)
        return frozenset(found)


@contextmanager
def _off(pods: list[Pod], name: str, snapshot: Snapshot) -> Iterator[None]:
    """Take pods off a node for a while."""
    for pod in pods:
        snapshot.unbind(pod)
    try:
        yield
    finally:
        for pod in pods:
            if snapshot.node_of(pod) is None:
                snapshot.bind(pod, name)


def _importance(pod: Pod) -> tuple[int, str]:
    # The longer it runs the more important, as util.MoreImportantPod has it.
    return -pod.template.priority, pod.creation


def _rank(victims: list[tuple[Pod, Disruption]]) -> tuple[int, ...]:
    priorities = [pod.template.priority for pod, _ in victims]
    return (
        sum(cost.violates for _, cost in victims),
        sum(protected(pod) for pod, _ in victims),
        max(priorities),
        len(victims),
        sum(cost.cost for _, cost in victims),
    )


def _meta(victims: list[tuple[Pod, Disruption]]) -> MetaVictims:
    return MetaVictims([MetaPod(pod.uid) for pod, _ in victims], sum(cost.violates for _, cost in victims))


def _echo(candidate: Candidate) -> MetaVictims:
    return MetaVictims([MetaPod(uid) for uid in candidate.uids], candidate.violations)
