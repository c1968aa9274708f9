"""Puts a source of the cluster, the verbs and the server together."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from placement.errors import InputError
from placement.extender.api import Api
from placement.extender.app import App
from placement.extender.files import FileSource
from placement.extender.look_ahead import Alone, LookAhead, Team
from placement.extender.names.directory import warm_up as load_names
from placement.extender.preemption import Preemption
from placement.extender.protocol import BindingArguments
from placement.extender.server import Listening, Task, serve, settle_memory
from placement.extender.settings import Settings
from placement.extender.shared_gpus import fault
from placement.extender.verbs import Verbs
from placement.model.inventory import Inventory
from placement.policy import Policy
from placement.store.state import State

_log = logging.getLogger("placement.service")


class Source(Protocol):
    """Where the cluster comes from."""

    def tasks(self, verbs: Verbs, whole: Callable[[], None]) -> list[Task]:
        """What keeps the verbs' state up to date; `whole` is called each time it holds the whole cluster anew."""

    async def bind(self, arguments: BindingArguments) -> str:
        """Bind a pod; "" or why that was not possible."""

    async def open(self) -> None:
        """Make ready what has to be there before serving begins."""

    async def close(self) -> None:
        """Let go what `open` took, once all tasks have ended."""

    def team(self, verbs: Verbs) -> tuple[Team, list[Task]]:
        """The replicas that share the cluster, and what keeps them in touch."""


class FromFiles:
    """Files, with binds assumed."""

    def __init__(self, files: Sequence[str]) -> None:
        self._source = FileSource(files)
        self._verbs: Verbs | None = None
        # Of each pod that was bound here its UID and its node. What is assumed would not do: filter asks anew.
        self._bound: dict[str, tuple[str, str]] = {}

    async def open(self) -> None:
        self._inventory = self._source.read()

    async def close(self) -> None:
        """Nothing is open."""

    def team(self, verbs: Verbs) -> tuple[Team, list[Task]]:
        verbs.metrics.leader.set(1)
        return Alone(), []

    def tasks(self, verbs: Verbs, whole: Callable[[], None]) -> list[Task]:
        self._verbs = verbs
        verbs.state.replace_all(self._inventory)
        whole()
        return [lambda: self._source.follow(verbs.state, whole)]

    async def bind(self, arguments: BindingArguments) -> str:
        """Count a pod on a node; that it is there already is an error only of another node.

        The API server refuses the same node, too; here whoever did not hear the first answer may ask again.
        """
        if self._verbs is None:
            return "not ready"
        state = self._verbs.state
        key = f"{arguments.PodNamespace}/{arguments.PodName}"
        pod = state.objects.pods.get(key)
        if pod is None or (arguments.PodUID and pod.uid and pod.uid != arguments.PodUID):
            return f'pods "{arguments.PodName}" not found'
        uid, bound = self._bound.get(key, ("", ""))
        there = pod.node or (bound if uid == pod.uid else "")
        if there and there != arguments.Node:
            return (
                f'Operation cannot be fulfilled on pods/binding "{arguments.PodName}": '
                f'pod {arguments.PodName} is already assigned to node "{there}"'
            )
        if there or state.assumed_node(key) == arguments.Node:
            state.assume(pod, arguments.Node, float("inf"))
        elif crowded := fault(state, pod, arguments.Node):
            return crowded
        elif not state.assume(pod, arguments.Node, float("inf")):
            return f'nodes "{arguments.Node}" not found'
        self._bound[key] = (pod.uid, arguments.Node)
        return ""


def sources(files: Sequence[str], context: str | None, kubeconfig: str | None) -> Source:
    """The source that the command's options name."""
    if files:
        return FromFiles(files)
    from placement.kubernetes.source import FromApiServer

    return FromApiServer(context, kubeconfig)


class Service:
    """One process of the extender.

    Parameters
    ----------
    source : Source
    token : Path, optional
        File with the bearer token of the API.
    """

    def __init__(self, *, source: Source, policy: Policy, settings: Settings, token: Path | None = None) -> None:
        self._source = source
        self._settings = settings
        self._token = token
        self.verbs = Verbs(State(), policy=policy, settings=settings)
        self.verbs.ready = False

    async def serve(self, listening: Listening) -> None:
        """Serve until a signal comes.

        Raises
        ------
        InputError
            If the source or the token cannot be read.
        """
        if self._token is not None:
            _token(self._token)
        if self._settings.look_ahead or self._token is not None:
            warm_up()
        load_names()
        await self._source.open()
        tasks = self._source.tasks(self.verbs, self._whole)
        binder: Callable[[BindingArguments], Awaitable[str]] | None = self._source.bind if self._settings.bind else None
        token = self._token
        app = App(
            self.verbs,
            token=None if token is None else lambda: _token(token),
            binder=binder,
            preempt=Preemption(self.verbs).preempt,
        )
        closed = token is None and not is_loopback(listening.host)
        if closed:
            _log.warning("the planner under /api is closed: the network can reach it, and there is no --api-token-file")
        Api(app, closed=closed)
        # Where nobody plans nobody leads, which is no fault.
        self.verbs.metrics.leader.set(float("nan"))
        if self._settings.look_ahead:
            team, in_touch = self._source.team(self.verbs)
            tasks += [LookAhead(self.verbs, team).run, *in_touch]
        _log.info("listening on %s:%d", listening.host, listening.port)
        try:
            await serve(app, listening, tasks)
        finally:
            await self._source.close()

    def _whole(self) -> None:
        if not self.verbs.ready:
            settle_memory()
            objects = self.verbs.state.objects
            _log.info("ready: %d nodes, %d pods", len(objects.nodes), len(objects.pods))
        self.verbs.ready = True


def warm_up() -> None:
    """Load the planner and its kernels once, so that every child that plans has them from the start."""
    from placement.cluster import Cluster
    from placement.model.node import Node
    from placement.model.pod import Pod, PodTemplate
    from placement.planner import plan

    amounts = {"cpu": 1000, "memory": 2**30, "pods": 10}
    waiting = Pod("warm-up", PodTemplate("default", requests={"cpu": 1, "memory": 1}))
    plan(Cluster(Inventory(nodes={"one": Node("one", allocatable=amounts)}, pods={waiting.key: waiting})))


def is_loopback(host: str) -> bool:
    """Whether only processes of this machine can reach an address to listen on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(file)) from None
    if not token:
        raise InputError("the file is empty, expected a token", source=str(file))
    return token
