"""The cluster from an API server: all kinds read in order, then followed side by side."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp

from placement.extender.shared_gpus import fault
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError
from placement.kubernetes.intake import Intake
from placement.kubernetes.reflector import Reflector
from placement.kubernetes.replicas import Replicas
from placement.kubernetes.resources import RESOURCES, Resource

if TYPE_CHECKING:
    from placement.extender.look_ahead import Team
    from placement.extender.protocol import BindingArguments
    from placement.extender.server import Task
    from placement.extender.verbs import Verbs

_log = logging.getLogger("placement.source")
_CONFLICT = 409
_ASSUMED = 30.0


class FromApiServer:
    """The objects of a running cluster.

    Parameters
    ----------
    context, kubeconfig : str, optional
        As of `Connection`.
    """

    def __init__(
        self,
        context: str | None = None,
        kubeconfig: str | None = None,
        *,
        resources: Sequence[Resource] = RESOURCES,
    ) -> None:
        self.connection = Connection(context, kubeconfig)
        self._resources = resources
        self._verbs: Verbs | None = None

    async def open(self) -> None:
        """Read the credentials.

        Raises
        ------
        InputError
            If there are none.
        """
        await self.connection.open()

    async def close(self) -> None:
        """Let the sockets go."""
        await self.connection.close()

    def team(self, verbs: Verbs) -> tuple[Team, list[Task]]:
        """The replicas of the extender, and what keeps them in touch."""
        settings = verbs.settings
        replicas = Replicas(
            self.connection,
            settings.lease,
            publish=settings.publish,
            pods=lambda: verbs.state.objects.pods,
            metrics=verbs.metrics,
            ready=lambda: verbs.ready,
        )
        return replicas, list(replicas.tasks())

    def tasks(self, verbs: Verbs, whole: Callable[[], None]) -> list[Task]:
        """One task that reads and follows everything."""
        self._verbs = verbs
        return [lambda: self._follow(verbs, whole)]

    async def _follow(self, verbs: Verbs, whole: Callable[[], None]) -> None:
        intake = Intake(verbs.state, verbs.reader, verbs.metrics)
        reflectors = [Reflector(one, self.connection, intake, verbs.metrics) for one in self._resources]
        began = time.monotonic()
        for reflector in reflectors:
            await reflector.read()
        _log.info("read the cluster in %.1f s", time.monotonic() - began)
        whole()
        verbs.metrics.staleness.set_function(
            lambda: time.monotonic() - min(reflector.heard for reflector in reflectors)
        )
        async with asyncio.TaskGroup() as group:
            for reflector in reflectors:
                group.create_task(reflector.follow())

    async def bind(self, arguments: BindingArguments) -> str:
        """Bind a pod by its binding subresource; one that is bound to that node already counts as done.

        The pod counts there while the API server is asked, so that of two that share a GPU only one may come.
        """
        namespace, name = arguments.PodNamespace, arguments.PodName
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(name, safe='')}"
        metadata = {"name": name, "namespace": namespace} | ({"uid": arguments.PodUID} if arguments.PodUID else {})
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": metadata,
            "target": {"apiVersion": "v1", "kind": "Node", "name": arguments.Node},
        }
        key, state = f"{namespace}/{name}", None if self._verbs is None else self._verbs.state
        pod = None if state is None else state.objects.pods.get(key)
        if self._verbs is not None and state is not None and pod is not None:
            if not pod.node and (crowded := fault(state, pod, arguments.Node)):
                return crowded
            state.assume(pod, arguments.Node, self._verbs.clock() + _ASSUMED)
        try:
            await self.connection.post(f"{path}/binding", body)
        except ApiError as error:
            if error.status != _CONFLICT or not await self._is_on(path, arguments):
                if state is not None:
                    state.drop(key)
                return str(error)
        except (TimeoutError, OSError, aiohttp.ClientError) as error:
            # It may be bound all the same, so it counts until the scheduler asks about it again.
            return f"the API server cannot be reached: {str(error) or type(error).__name__}"
        return ""

    async def _is_on(self, path: str, arguments: BindingArguments) -> bool:
        from placement.store.reader import Reader

        try:
            pod = Reader().pod(await self.connection.get(path, {}))
        except (TimeoutError, ApiError, OSError, aiohttp.ClientError, ValueError):
            return False
        return pod.node == arguments.Node and arguments.PodUID in ("", pod.uid)
