"""The plan in ``status.nominatedNodeName`` of the waiting pods, where kube-scheduler and people see it (KEP-5278)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp

from placement.errors import InputError
from placement.extender.metrics import Metrics
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError
from placement.model.pod import Pod

_log = logging.getLogger("placement.nominations")

_FAULTS = (TimeoutError, OSError, aiohttp.ClientError, ApiError, InputError)
_PAUSE = 0.25
# Patches under way at once; each takes the API server some milliseconds.
_AT_ONCE = 8
# 404: the pod is gone; 409: another pod bears its name; 422: it is bound by now.
_TOO_LATE = (404, 409, 422)


@dataclass(frozen=True, slots=True)
class Change:
    """A nomination to make, or with node "" to take back."""

    pod: Pod
    node: str


class Nominations:
    """Writes what a plan says and takes back what it no longer says.

    Nominations of others stay: kube-scheduler makes them for pods that wait for their victims to leave. What is ours
    is known from the plans alone, so a new leader begins with its predecessor's.

    Parameters
    ----------
    pods : callable
        The pods as the watch last saw them, by ``namespace/name``.
    leads : callable
        Whether this process may write; asked before each patch.

    Attributes
    ----------
    wanted : mapping of pod to node, or None
        What is to be published; None leaves all as it is.
    """

    def __init__(
        self,
        connection: Connection,
        pods: Callable[[], Mapping[str, Pod]],
        leads: Callable[[], bool],
        metrics: Metrics,
    ) -> None:
        self.wanted: Mapping[str, str] | None = None
        self._connection = connection
        self._pods = pods
        self._leads = leads
        self._metrics = metrics
        self._ours: dict[str, str] = {}
        # What was written, and what the watch said then, by pod and UID: it holds until the watch says something else.
        self._written: dict[tuple[str, str], tuple[str, str]] = {}

    def inherit(self, plan: Mapping[str, str]) -> None:
        """Take what a predecessor may have published for ours."""
        self._ours = dict(plan) | self._ours

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            await asyncio.sleep(_PAUSE)
            await self.publish()

    async def publish(self) -> None:
        """Bring all pods in line with `wanted`, once."""
        if self.wanted is None or not self._leads():
            return
        changes = list(self.changes(self.wanted))
        for begin in range(0, len(changes), _AT_ONCE):
            if not self._leads():
                return
            await asyncio.gather(*(self._write(change) for change in changes[begin : begin + _AT_ONCE]))

    def changes(self, wanted: Mapping[str, str]) -> Iterator[Change]:
        """What has to be written so that the pods say what is wanted."""
        pods = self._pods()
        for key in [key for key in self._ours if key not in pods or pods[key].node]:
            del self._ours[key]  # it came, or will not; the API server forgets nominations of bound pods
        self._written = {
            (key, uid): (node, before)
            for (key, uid), (node, before) in self._written.items()
            if key in pods and pods[key].uid == uid and pods[key].nominated_node == before
        }
        for key in wanted.keys() | self._ours.keys():
            pod = pods.get(key)
            if pod is None or pod.node or pod.finished or pod.deleting:
                continue
            node, ours = wanted.get(key, ""), self._ours.get(key, "")
            said, _ = self._written.get((key, pod.uid), (pod.nominated_node, ""))
            if said == node:
                if node:
                    self._ours[key] = node
                else:
                    self._ours.pop(key, None)
            elif not said or said == ours:
                yield Change(pod, node)
            elif not node:
                del self._ours[key]  # somebody else has nominated another node since

    async def _write(self, change: Change) -> None:
        pod, node = change.pod, change.node
        path = f"/api/v1/namespaces/{quote(pod.namespace, safe='')}/pods/{quote(pod.name, safe='')}/status"
        # With the UID a pod that has taken the name since is refused with 409.
        body = {"metadata": {"uid": pod.uid}, "status": {"nominatedNodeName": node or None}}
        result = "nominated" if node else "cleared"
        try:
            await self._connection.patch(path, body)
        except ApiError as error:
            if error.status not in _TOO_LATE:
                result = "failed"
                _log.warning("nomination of a pod in %s: %s", pod.namespace, error)
            else:
                result = "too-late"
        except _FAULTS as error:
            result = "failed"
            _log.warning("nomination of a pod in %s: %s", pod.namespace, str(error) or type(error).__name__)
        self._metrics.nominations.labels(result).inc()
        if result in ("nominated", "cleared"):
            self._written[pod.key, pod.uid] = node, pod.nominated_node
            if node:
                self._ours[pod.key] = node
            else:
                self._ours.pop(pod.key, None)
