"""Work in a child process that begins with a copy of everything here, so that answers never wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from placement.errors import PlacementError

Progress = dict[str, Any]
Work = Callable[[Callable[[Progress], None]], Any]
"""What is done: given a way to tell progress, it gives a JSON-ready result."""

LONGEST_LINE = 2**30
_MOST_OPEN = 65536
_LINES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PARENT_DIES = 1  # PR_SET_PDEATHSIG of prctl(2)


class WorkError(PlacementError, RuntimeError):
    """The work failed or was cancelled; the text says how, in one line."""


class RefusedError(PlacementError, ValueError):
    """The work found its input wrong; the text is what a command would say."""


@dataclass(slots=True, eq=False)
class Child:
    """A child at work."""

    pid: int
    cancelled: bool = False

    def cancel(self) -> None:
        """End it."""
        self.cancelled = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


async def forked(
    work: Work,
    *,
    started: Callable[[Child], None] | None = None,
    told: Callable[[Progress], None] | None = None,
    raw: bool = False,
) -> Any:
    """The result of work done in a child.

    The child has the whole state as it was when it began, without a copy being made: pages are shared until one side
    writes. Only the loop's own thread may be about to hold locks then.

    Parameters
    ----------
    raw : bool
        Give the result as the JSON it came as, a `msgspec.Raw`: decoding a large one would hold answers up.

    Raises
    ------
    RefusedError
        If the input is wrong.
    WorkError
        If it failed, was cancelled, or the child died.
    """
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(work, writing)
    os.close(writing)
    child = Child(pid)
    if started is not None:
        started(child)
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    outcome: dict[str, msgspec.Raw] = {}
    try:
        while line := await reader.readline():
            said = told_by(line)
            if "progress" in said:
                if told is not None:
                    told(msgspec.json.decode(said["progress"]))
            else:
                outcome = said
    finally:
        transport.close()
        if not outcome:
            child.cancelled = child.cancelled or sys.exc_info()[0] is not None
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await buried(pid)
    if child.cancelled and not outcome:
        raise WorkError("cancelled")
    result = result_of(outcome)
    return result if raw else msgspec.json.decode(result)


def result_of(outcome: Mapping[str, msgspec.Raw]) -> msgspec.Raw:
    """The result that a child told.

    Raises
    ------
    RefusedError, WorkError
        If it told something else or nothing at all.
    """
    if "result" in outcome:
        return outcome["result"]
    if "refused" in outcome:
        raise RefusedError(msgspec.json.decode(outcome["refused"]))
    raise WorkError(msgspec.json.decode(outcome["error"]) if "error" in outcome else "the child process died")


def told_by(line: bytes) -> dict[str, msgspec.Raw]:
    """What a line of a child's says: its progress, its result, or what was wrong."""
    return _LINES.decode(line)


async def buried(pid: int) -> None:
    """Wait until a child is gone."""
    while True:
        try:
            done, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return
        if done:
            return
        await asyncio.sleep(0.01)


def _yield_to_answers() -> None:
    # Whoever answers goes first. Not idle altogether: on a machine with other work no plan would ever be made.
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    os.nice(10)


def settle_in(*kept: int) -> None:
    """Become a child: nothing of the parent's may go on here, not its loop, its sockets or its signal handlers.

    Parameters
    ----------
    kept : int
        File descriptors that stay open.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DIES, signal.SIGKILL)
    begin = 3
    for descriptor in (*sorted(kept), _MOST_OPEN):
        os.closerange(begin, descriptor)
        begin = descriptor + 1
    _yield_to_answers()


def answer(work: Work, writing: int) -> None:
    """Do work in a child and tell the parent all that comes of it."""

    def tell(kind: str, value: Any) -> None:
        text = msgspec.json.encode({kind: value}) + b"\n"
        while text:
            text = text[os.write(writing, text) :]

    try:
        tell("result", work(lambda progress: tell("progress", progress)))
    except PlacementError as error:
        tell("refused", str(error))
    except BaseException as error:  # it has to reach the parent, whatever it is
        tell("error", f"{type(error).__name__}: {' '.join(str(error).split())[:500]}")


def _work(work: Work, writing: int) -> None:
    # The parent's exit handlers are not for here either.
    try:
        settle_in(writing)
        gc.disable()
        answer(work, writing)
    finally:
        os._exit(0)
