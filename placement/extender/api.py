"""The planner over REST: plan, check, explain and verdict, with the command's JSON; long plans as jobs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from placement.errors import PlacementError
from placement.extender.app import App, TooLongError, body_of, problem, schema_of
from placement.extender.forked import Child, Progress, RefusedError, Work, WorkError, forked
from placement.model.inventory import Inventory

# Plans that take longer than this are jobs.
_AT_ONCE = 5.0
_FINISHED = 64


class PlanRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What is to be planned: these objects, or without any the cluster that is served."""

    objects: list[dict[str, Any]] | None = None
    policy: str = "default"
    solver: str = "auto"
    time_limit: float = 2.0
    seed: int = 0


class CheckRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A plan to be judged."""

    plan: dict[str, Any]
    objects: list[dict[str, Any]] | None = None


class ExplainRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A pod ``namespace/name`` to be explained, with a plan in place or as things are."""

    pod: str
    plan: dict[str, Any] | None = None
    objects: list[dict[str, Any]] | None = None


class VerdictRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A pod ``namespace/name`` to be judged on every node."""

    pod: str
    objects: list[dict[str, Any]] | None = None


@dataclass(slots=True, eq=False)
class Job:
    """A plan in the making."""

    id: str
    status: Literal["queued", "running", "done", "failed", "cancelled"] = "queued"
    result: Any = None
    error: str = ""
    child: Child | None = None
    progress: list[Progress] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def body(self) -> dict[str, Any]:
        """The job as clients see it."""
        return {"id": self.id, "status": self.status, "error": self.error, "progress": self.progress[-1:]}

    def move(self) -> None:
        """Wake whoever follows."""
        self.changed.set()
        self.changed = asyncio.Event()


class Api:
    """Adds the routes to an app. One piece of work runs at a time; a bounded number waits."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._jobs: dict[str, Job] = {}
        self._waiting = 0
        self._turn = asyncio.Semaphore(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._add("plan", PlanRequest, self._plan)
        self._add("check", CheckRequest, lambda asked: self._at_once(_check(self._inventory(asked.objects), asked)))
        self._add(
            "explain", ExplainRequest, lambda asked: self._at_once(_explain(self._inventory(asked.objects), asked))
        )
        self._add(
            "verdict", VerdictRequest, lambda asked: self._at_once(_verdict(self._inventory(asked.objects), asked))
        )
        fast = app.fast
        for path, method, endpoint, summary in (
            ("/api/v1/jobs/{job}", "GET", self._job, "How far a job is."),
            ("/api/v1/jobs/{job}", "DELETE", self._cancel, "Cancel a job."),
            ("/api/v1/jobs/{job}/result", "GET", self._result, "The plan a job made."),
            ("/api/v1/jobs/{job}/events", "GET", self._events, "A job's progress as server-sent events."),
        ):
            fast.add_api_route(
                path, self._guarded(endpoint), methods=[method], summary=summary, response_class=Response
            )

    def _guarded(self, endpoint: Callable[[Job], Response]) -> Callable[..., Any]:
        async def guarded(request: Request, job: str) -> Response:
            if not self._app.allows(request):
                return _unauthorized()
            known = self._jobs.get(job)
            return problem(404, f"no job {job[:64]!r}") if known is None else endpoint(known)

        return guarded

    def _add(self, name: str, takes: Any, answer: Callable[[Any], Any]) -> None:
        (taken,), components = schema_of(takes)
        fast: FastAPI = self._app.fast
        self._app.add_components(components)

        async def endpoint(request: Request) -> Response:
            if not self._app.allows(request):
                return _unauthorized()
            try:
                body = await body_of(request, self._app.verbs.settings.max_body)
                asked = msgspec.json.decode(body, type=takes)
                found = await answer(asked)
            except TooLongError as error:
                return problem(413, str(error))
            except (msgspec.DecodeError, UnicodeDecodeError, PlacementError) as error:
                status = 500 if isinstance(error, WorkError) else 400
                return problem(status, " ".join(str(error).split()))
            return found if isinstance(found, Response) else _json(found)

        fast.add_api_route(
            f"/api/v1/{name}",
            endpoint,
            methods=["POST"],
            name=name,
            summary=(takes.__doc__ or "").strip(),
            response_class=Response,
            openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": taken}}}},
        )

    def _inventory(self, objects: list[dict[str, Any]] | None) -> Callable[[], Inventory]:
        """How the child gets its cluster: what is posted is read there, not here."""
        if objects is None:
            state = self._app.verbs.state
            served = state.inventory()
            return lambda: served
        return lambda: _posted(objects)

    async def _at_once(self, work: Work) -> Any:
        if self._waiting >= self._app.verbs.settings.queue:
            return problem(429, "too many requests are waiting")
        self._waiting += 1
        try:
            async with self._turn:
                return await forked(work)
        finally:
            self._waiting -= 1

    async def _plan(self, asked: PlanRequest) -> Any:
        from placement.policy import PRESETS
        from placement.roster import solver_names

        if asked.policy not in PRESETS:
            raise RefusedError(f"policy: expected one of {', '.join(sorted(PRESETS))}")
        if asked.solver not in solver_names():
            raise RefusedError(f"solver: expected one of {', '.join(solver_names())}")
        if not 0 <= asked.time_limit <= 3600:
            raise RefusedError("timeLimit: expected 0 to 3600 seconds")
        if not 0 <= asked.seed < 2**31:
            raise RefusedError("seed: expected 0 or more")
        work = _planned(self._inventory(asked.objects), asked)
        if asked.time_limit <= _AT_ONCE:
            return await self._at_once(work)
        if self._waiting >= self._app.verbs.settings.queue:
            return problem(429, "too many requests are waiting")
        job = Job(secrets.token_hex(8))
        self._jobs[job.id] = job
        for old in [one.id for one in self._jobs.values() if one.status not in ("queued", "running")][:-_FINISHED]:
            del self._jobs[old]
        task = asyncio.create_task(self._do(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Response(
            msgspec.json.encode(job.body()),
            202,
            headers={"Location": f"/api/v1/jobs/{job.id}"},
            media_type="application/json",
        )

    async def _do(self, job: Job, work: Work) -> None:
        def told(progress: Progress) -> None:
            job.progress.append(progress)
            job.move()

        def started(child: Child) -> None:
            job.child = child

        self._waiting += 1
        try:
            async with self._turn:
                if job.status == "cancelled":
                    return
                job.status = "running"
                job.move()
                job.result = await forked(work, started=started, told=told)
                job.status = "done"
        except PlacementError as error:
            if job.status != "cancelled":
                job.status, job.error = "failed", str(error)
        finally:
            self._waiting -= 1
            job.move()

    def _job(self, job: Job) -> Response:
        return _json(job.body())

    def _cancel(self, job: Job) -> Response:
        if job.status in ("queued", "running"):
            job.status = "cancelled"
            if job.child is not None:
                job.child.cancel()
            job.move()
        return _json(job.body())

    def _result(self, job: Job) -> Response:
        if job.status == "done":
            return _json(job.result)
        return problem(
            409 if job.status in ("queued", "running") else 410, f"the job is {job.status}. {job.error}".strip()
        )

    def _events(self, job: Job) -> Response:
        return StreamingResponse(_told(job), media_type="text/event-stream")


async def _told(job: Job) -> AsyncIterator[bytes]:
    sent = 0
    while True:
        changed = job.changed
        for progress in job.progress[sent:]:
            yield b"event: progress\ndata: " + msgspec.json.encode(progress) + b"\n\n"
        sent = len(job.progress)
        if job.status not in ("queued", "running"):
            yield f"event: {job.status}\ndata: ".encode() + msgspec.json.encode(job.body()) + b"\n\n"
            return
        await changed.wait()


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


def _unauthorized() -> Response:
    refused = problem(401, "expected a bearer token")
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


def _posted(objects: list[dict[str, Any]]) -> Inventory:
    from placement.desired import desired
    from placement.manifests import inventory_of, require_nodes

    return desired(require_nodes(inventory_of(objects)))


def _planned(inventory: Callable[[], Inventory], asked: PlanRequest) -> Work:
    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.cluster import Cluster
        from placement.planner import plan
        from placement.policy import PRESETS

        def told(progress: Any) -> None:
            tell({"elapsed": progress.elapsed, "iterations": progress.iterations})

        return plan(
            Cluster(inventory()),
            policy=PRESETS[asked.policy],
            solver=asked.solver,
            time_limit=asked.time_limit,
            seed=asked.seed,
            progress=_seldom(told),
        ).to_dict()

    return work


def _seldom(told: Callable[[Any], None]) -> Callable[[Any], None]:
    last = [-1.0]

    def now_and_then(progress: Any) -> None:
        if progress.elapsed - last[0] >= 0.25:
            last[0] = progress.elapsed
            told(progress)

    return now_and_then


def _check(inventory: Callable[[], Inventory], asked: CheckRequest) -> Work:
    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.cluster import Cluster
        from placement.plans import API_VERSION, Plan
        from placement.referee import check

        report = check(Cluster(inventory()), Plan.from_dict(asked.plan))
        return {
            "apiVersion": API_VERSION,
            "kind": "Report",
            "ok": report.ok,
            "placements": report.placements,
            "violations": [
                {"pod": each.pod, "node": each.node, "plugin": each.plugin, "message": each.message}
                for each in report.violations
            ],
        }

    return work


def _explain(inventory: Callable[[], Inventory], asked: ExplainRequest) -> Work:
    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.cli.explain import body
        from placement.cluster import Cluster
        from placement.explanation import explain
        from placement.plans import Plan

        plan = None if asked.plan is None else Plan.from_dict(asked.plan)
        return body(explain(Cluster(inventory()), asked.pod, plan))

    return work


def _verdict(inventory: Callable[[], Inventory], asked: VerdictRequest) -> Work:
    def work(tell: Callable[[Progress], None]) -> Any:
        from placement.cluster import Cluster

        found = Cluster(inventory()).verdict(asked.pod)
        return {
            "pod": found.pod,
            "feasible": found.feasible,
            "infeasible": {
                name: {"plugin": refusal.plugin, "code": refusal.code, "reasons": refusal.reasons}
                for name, refusal in found.infeasible.items()
            },
        }

    return work
