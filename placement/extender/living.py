"""A child process that plans again and again: it begins with a copy of the state and is told all that changes.

A fork costs the parent a page fault for each page that it writes to afterwards, so one child lives on instead of one
for each plan. It goes and another one comes when it dies, hangs, has grown too much, or when everything has changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import os
import pickle
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from placement.extender.forked import LONGEST_LINE, Progress, WorkError, answer, buried, result_of, settle_in, told_by
from placement.model.inventory import Inventory
from placement.model.pod import Pod, PodTemplate
from placement.policy import Policy
from placement.store.assumption import with_assumed
from placement.store.journal import Change, Journal
from placement.store.state import State

# Changes that are packed at a time: a fraction of a millisecond.
_SLICE = 100
# Bytes by which a child may outgrow what it had after its first plan, and templates it may have been told of.
_GROWTH = 2**30
_TEMPLATES = 20_000
_LENGTH = 8

Work = Callable[[Inventory, "Request", Callable[[Progress], None]], Any]
"""What is done for a request with the inventory as it was then; a JSON-ready result."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked for with.

    Attributes
    ----------
    start : mapping of pod to node
        The plan to go on from.
    assumed : mapping of pod to node
        Pods that count on nodes where nobody has seen them yet.
    """

    policy: Policy
    time_limit: float
    seed: int
    start: Mapping[str, str]
    assumed: Mapping[str, str]


class Living:
    """Keeps one child that knows what a state knows.

    Parameters
    ----------
    state : State
        Its journal is this one's from the first request on.
    work : Work
        Done in the child.
    """

    def __init__(self, state: State, work: Work) -> None:
        self._state = state
        self._work = work
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """The process of the child, None if there is none."""
        return None if self._child is None else self._child.pid

    async def ask(self, request: Callable[[State], Request]) -> Any:
        """The result of a request, made of the state at the moment that the child then knows.

        Raises
        ------
        RefusedError
            If the child found its input wrong.
        WorkError
            If it failed or died.
        """
        await self.feed()
        if self._child is None:
            self._child = _Child(self._state, self._work)
            await self._child.connect()
            await self.feed()
        child = self._child
        if child is None:
            raise WorkError("the child process died")
        fits = False
        try:
            outcome = await child.ask(request(self._state))
            fits = "refused" in outcome or ("result" in outcome and child.may_stay(outcome))
            return msgspec.json.decode(result_of(outcome))["work"]
        finally:
            if not fits:
                await self.end()

    async def feed(self) -> None:
        """Tell the child what has changed since the last time; one that is not there is not missed."""
        child = self._child
        if child is None:
            return
        if child.journal.torn or child.journal is not self._state.journal or not child.lives():
            await self.end()
            return
        try:
            await child.feed()
        except OSError:
            await self.end()

    async def end(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            if self._state.journal is child.journal:
                self._state.journal = None
            await child.end()


class _Child:
    """The parent's end of a child."""

    def __init__(self, state: State, work: Work) -> None:
        # A template goes by its address, which is the same on both sides for those that are there before the fork, and
        # stays its own as long as it is held here.
        self._templates = {id(pod.template): pod.template for pod in state.objects.pods.values()}
        self._most_templates = len(self._templates) + _TEMPLATES
        self._least: int | None = None
        self._buried = False
        self._socket, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            _live(state, work, self._templates, theirs.detach())
        theirs.close()
        self.journal = state.journal = Journal()

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=LONGEST_LINE)

    def lives(self) -> bool:
        """Whether nothing has ended it."""
        if self._reader.at_eof() or self._writer.is_closing():
            return False
        try:
            self._buried = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            self._buried = True
        return not self._buried

    async def feed(self) -> None:
        while changes := self.journal.take(_SLICE):
            self._send(self._packed(changes))
            await self._writer.drain()
            await asyncio.sleep(0)

    def _packed(self, changes: Iterable[Change]) -> tuple[list[tuple[int, PodTemplate]], list[Any]]:
        """Changes with pods as tuples that name their template by number, and the templates that are new."""
        new, packed = [], []
        for change in changes:
            model = change.model
            if isinstance(model, Pod):
                number = id(model.template)
                if number not in self._templates:
                    self._templates[number] = model.template
                    new.append((number, model.template))
                model = number, _FIELDS(model)
            packed.append((change.kind, change.key, change.gone, model))
        return new, packed

    async def ask(self, request: Request) -> dict[str, msgspec.Raw]:
        """What the child tells at last, nothing if it dies."""
        try:
            self._send(request)
            while line := await self._reader.readline():
                said = told_by(line)
                if "progress" not in said:
                    return said
        except OSError:
            pass
        return {}

    def may_stay(self, outcome: dict[str, msgspec.Raw]) -> bool:
        """Whether the child is not too large yet."""
        resident = msgspec.json.decode(outcome["result"], type=_Size).resident
        self._least = resident if self._least is None else self._least
        return resident <= self._least + _GROWTH and len(self._templates) <= self._most_templates

    async def end(self) -> None:
        if not self._buried:  # else its number may be somebody else's by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        if not self._buried:
            await buried(self.pid)

    def _send(self, message: Any) -> None:
        text = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._writer.write(len(text).to_bytes(_LENGTH) + text)


class _Size(msgspec.Struct):
    resident: int


# All fields of a pod but the template.
_NAMES = tuple(field.name for field in dataclasses.fields(Pod) if field.name != "template")
_FIELDS = attrgetter(*_NAMES)


def _live(state: State, work: Work, templates: dict[int, PodTemplate], connection: int) -> None:
    """The child's life: take changes over and do work until the parent is gone."""
    try:
        settle_in(connection)
        gc.freeze()
        state.journal = None
        state.reservations.replace(())
        for pod in state.assumed:
            state.drop(pod)
        with os.fdopen(connection, "rb", closefd=False) as stream:
            while head := stream.read(_LENGTH):
                message = pickle.loads(stream.read(int.from_bytes(head)))
                if isinstance(message, Request):
                    _answer(state, work, message, connection)
                else:
                    _take_over(state, templates, *message)
    except BaseException as error:  # the parent learns of it when it asks next
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
        os.write(connection, msgspec.json.encode({"error": text}) + b"\n")
    finally:
        os._exit(0)


def _take_over(
    state: State, templates: dict[int, PodTemplate], new: list[tuple[int, PodTemplate]], changes: list[Any]
) -> None:
    templates.update(new)
    for kind, key, gone, model in changes:
        if gone:
            state.delete(kind, key)
        if model is not None:
            if kind == "Pod":
                number, values = model
                model = Pod(template=templates[number], **dict(zip(_NAMES, values, strict=True)))
            state.apply(kind, key, model)


def _answer(state: State, work: Work, request: Request, connection: int) -> None:
    def done(tell: Callable[[Progress], None]) -> Any:
        inventory = with_assumed(state.objects.inventory(), request.assumed)
        found = work(inventory, request, tell)
        state.compact()
        gc.collect()
        return {"work": found, "resident": _resident()}

    answer(done, connection)


def _resident() -> int:
    """Bytes of memory that this process holds, 0 where nobody says."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0
