"""Failed nodes and the pods that are lost with them.

Sources: ``pkg/controller/nodelifecycle`` (a node that is not ready is tainted) and ``pkg/controller/tainteviction``
(pods that do not tolerate it for ever are evicted).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from placement.model.node import Node
from placement.model.pod import Pod, PodTemplate
from placement.model.taint import Effect, Taint
from placement.predicates.node_unschedulable import CORDON

_KEYS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def failing_taints(node: Node) -> tuple[Taint, ...]:
    """The NoExecute taints of a failed node; of one that is not ready but not tainted yet those to come."""
    found = tuple(one for one in node.taints if one.key in _KEYS and one.effect is Effect.NO_EXECUTE)
    if found or node.ready:
        return found
    return (Taint(_KEYS[0], effect=Effect.NO_EXECUTE),)


def closed(node: Node) -> Node:
    """The node, tainted against new pods if it has failed or is cordoned, as the node controller would."""
    return _tainted(node, (*failing_taints(node), *((CORDON,) if node.unschedulable else ())))


def _tainted(node: Node, against: tuple[Taint, ...]) -> Node:
    held = {(one.key, one.effect) for one in node.taints}
    new = tuple(
        Taint(one.key, one.value, Effect.NO_SCHEDULE) for one in against if (one.key, Effect.NO_SCHEDULE) not in held
    )
    return dataclasses.replace(node, taints=node.taints + new) if new else node


def is_lost(pod: Pod, nodes: Mapping[str, Node]) -> bool:
    """Whether a pod that has not finished is gone, or will be, because its node failed or vanished."""
    if not pod.node or pod.finished:
        return False
    node = nodes.get(pod.node)
    return node is None or any(not _stays(pod.template, taint) for taint in failing_taints(node))


def _stays(template: PodTemplate, taint: Taint) -> bool:
    # Of several tolerations the shortest decides; a pod without one is evicted at once.
    used = [one for one in template.tolerations if one.tolerates(taint)]
    return bool(used) and all(one.seconds is None for one in used)
