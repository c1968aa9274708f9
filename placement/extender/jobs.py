"""The planner's work in line: one job and one other piece at a time, a bounded number waiting."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from placement.errors import PlacementError
from placement.extender.forked import Child, Progress, Work, forked
from placement.extender.planner_wire import JobStatus

# Jobs that have ended and may still be asked for.
_KEPT = 16
# Seconds between signs of life in a stream that has nothing to tell, so that proxies keep it open.
_BREATH = 15.0


class FullError(PlacementError):
    """Too many pieces of work wait already."""


@dataclass(slots=True, eq=False)
class Job:
    """A plan in the making.

    Attributes
    ----------
    result : msgspec.Raw or None
        The plan as JSON, once it is done.
    changed : asyncio.Event
        Set, and replaced, whenever there is news.
    """

    id: str
    status: JobStatus = "queued"
    result: msgspec.Raw | None = None
    error: str = ""
    child: Child | None = None
    progress: Progress | None = None
    num_told: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status not in ("queued", "running")

    def body(self) -> dict[str, Any]:
        """The job as clients see it."""
        return {"id": self.id, "status": self.status, "error": self.error, "progress": self.progress}

    def cancel(self) -> None:
        """End it, if it has not ended."""
        if not self.ended:
            self.status = "cancelled"
            if self.child is not None:
                self.child.cancel()
            self.move()

    def move(self) -> None:
        """Wake whoever follows."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def events(self) -> AsyncIterator[bytes]:
        """The job as server-sent events: ``progress`` as it comes, at last one that is called like the status."""
        told = 0
        while True:
            changed = self.changed
            if self.num_told > told:
                told = self.num_told
                yield _event("progress", self.progress)
            if self.ended:
                yield _event(self.status, self.body())
                return
            try:
                await asyncio.wait_for(changed.wait(), _BREATH)
            except TimeoutError:
                yield b": still at it\n\n"


class Jobs:
    """The line.

    Parameters
    ----------
    room : int
        Pieces of work that may be under way or wait.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting = 0
        # Jobs may take an hour. Who waits for an answer does not wait for them.
        self._turn = asyncio.Semaphore(1)
        self._turn_of_jobs = asyncio.Semaphore(1)
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether no more work is taken."""
        return self._waiting >= self._room

    def get(self, job: str) -> Job | None:
        """A job by its id."""
        return self._jobs.get(job)

    async def at_once(self, work: Work) -> msgspec.Raw:
        """The result of work, as JSON, when its turn has come.

        Raises
        ------
        FullError
            If too much waits.
        RefusedError, WorkError
            As of `forked`.
        """
        if self.full:
            raise FullError("too many requests are waiting")
        self._waiting += 1
        try:
            async with self._turn:
                found: msgspec.Raw = await forked(work, raw=True)
                return found
        finally:
            self._waiting -= 1

    def start(self, work: Work) -> Job:
        """A job that does the work when its turn comes.

        Raises
        ------
        FullError
            If too much waits.
        """
        if self.full:
            raise FullError("too many requests are waiting")
        job = Job(secrets.token_hex(8))
        self._jobs[job.id] = job
        for old in [one.id for one in self._jobs.values() if one.ended][:-_KEPT]:
            del self._jobs[old]
        self._waiting += 1
        task = asyncio.create_task(self._do(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def _do(self, job: Job, work: Work) -> None:
        def told(progress: Progress) -> None:
            job.progress = progress
            job.num_told += 1
            job.move()

        def started(child: Child) -> None:
            job.child = child

        try:
            async with self._turn_of_jobs:
                if job.ended:
                    return
                job.status = "running"
                job.move()
                job.result = await forked(work, started=started, told=told, raw=True)
                if not job.ended:
                    job.status = "done"
        except PlacementError as error:
            if not job.ended:
                job.status, job.error = "failed", " ".join(str(error).split())
        finally:
            self._waiting -= 1
            job.move()


def _event(name: str, body: Any) -> bytes:
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(body) + b"\n\n"
