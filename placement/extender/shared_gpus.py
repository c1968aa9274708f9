"""What binding looks at once more: whether a pod still finds room on single GPUs of its node."""

from __future__ import annotations

from placement.model.pod import Pod
from placement.predicates import gpu_share
from placement.store.state import State


def fault(state: State, pod: Pod, node: str) -> str:
    """Why a pod must not be bound to a node as far as shared GPUs go; "" if it may.

    The schedulers of shared GPUs ask the same at this moment (``gpushare-scheduler-extender``, ``Allocate`` in
    pkg/cache/nodeinfo.go): another replica, or another scheduler, may have sent somebody there since filter was asked.
    kube-scheduler puts a pod whose binding fails back into its queue.
    """
    share, there = pod.template.gpu_share, state.snapshot.nodes.get(node)
    if share is None or there is None:
        return ""
    with state.snapshot.without(pod):
        fits = gpu_share.laid_out(there, [share]) is not None
    return "" if fits else f"node {node!r}: {gpu_share.insufficient(share)}"
