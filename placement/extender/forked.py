"""Work in a child process that begins with a copy of everything here, so that answers never wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from placement.errors import PlacementError

Progress = dict[str, Any]
Work = Callable[[Callable[[Progress], None]], Any]
"""What is done: given a way to tell progress, it gives a JSON-ready result."""

_LONGEST_LINE = 2**30
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
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    outcome: dict[str, msgspec.Raw] = {}
    try:
        while line := await reader.readline():
            said = _LINES.decode(line)
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
        await _buried(pid)
    if "result" in outcome:
        return outcome["result"] if raw else msgspec.json.decode(outcome["result"])
    if "refused" in outcome:
        raise RefusedError(msgspec.json.decode(outcome["refused"]))
    if child.cancelled:
        raise WorkError("cancelled")
    raise WorkError(msgspec.json.decode(outcome["error"]) if "error" in outcome else "the child process died")


async def _buried(pid: int) -> None:
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


def _work(work: Work, writing: int) -> None:
    # Nothing of the parent's may go on here: not its loop, its sockets, its signal handlers or its exit handlers.
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PARENT_DIES, signal.SIGKILL)
        os.closerange(3, writing)
        os.closerange(writing + 1, 65536)
        _yield_to_answers()
        gc.disable()

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
    finally:
        os._exit(0)
