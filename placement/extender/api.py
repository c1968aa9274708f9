"""The planner over REST: plan, check, explain and verdict, with the command's JSON; long plans as jobs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from placement.errors import PlacementError
from placement.extender import examples
from placement.extender.app import App, body_of, problem, schema_of
from placement.extender.endpoint import TooLongError
from placement.extender.forked import RefusedError, WorkError
from placement.extender.jobs import FullError, Job, Jobs
from placement.extender.planner_wire import (
    CheckRequest,
    ExplainRequest,
    JobState,
    PlanRequest,
    PodVerdict,
    Problem,
    Report,
    VerdictRequest,
)
from placement.extender.work import Served, checked, explained, is_given, judged, planned, policy_asked

# Plans that take longer than this are jobs.
_AT_ONCE = 5.0
_AGAIN = {"Retry-After": "5"}
_JOB = {
    "name": "job",
    "in": "path",
    "required": True,
    "description": "The id that `plan` answered.",
    "schema": {"type": "string"},
}
_EVENT = {
    "description": "Each event: `progress` as it comes, at last one that is called like the status the job ended with.",
    "type": "object",
    "properties": {
        "event": {"enum": ["progress", "done", "failed", "cancelled"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "anyOf": [{"$ref": "#/components/schemas/JobProgress"}, {"$ref": "#/components/schemas/JobState"}]
            },
        },
    },
    "required": ["event", "data"],
}
_FOLLOW = {"parameters": {"job": "$response.body#/id"}}

_STATES = {
    400: "The request is wrong.",
    401: "No token or a wrong one.",
    403: "The planner is closed to the network, as there is no token.",
    404: "There is no such job.",
    409: "The job has not ended.",
    410: "The job has ended without a result.",
    413: "The body is too long.",
    429: "Too many requests wait.",
    500: "The planner failed.",
    503: "The cluster has not been read yet.",
}


class Api:
    """Adds the routes to an app.

    Parameters
    ----------
    closed : bool
        Refuse everybody: there is no token, and the network can reach us.
    """

    def __init__(self, app: App, *, closed: bool = False) -> None:
        self._app = app
        self._closed = closed
        self._jobs = Jobs(app.verbs.settings.queue)
        app.add_components(_components())
        self._add("plan", PlanRequest, "Plan", self._plan)
        self._add("check", CheckRequest, "Report", lambda asked: self._at_once(checked(asked, self._served())))
        self._add(
            "explain", ExplainRequest, "Explanation", lambda asked: self._at_once(explained(asked, self._served()))
        )
        self._add("verdict", VerdictRequest, "PodVerdict", lambda asked: self._at_once(judged(asked, self._served())))
        job = _answer("The job.", "JobState")
        events = {"description": "The stream.", "content": {"text/event-stream": {"schema": _EVENT}}}
        plan = _answer("It.", "Plan")
        by_method = {"GET": self._guarded(self._job), "DELETE": self._guarded(self._cancel)}

        async def either(request: Request) -> Response:
            return await by_method[request.method](request)

        # One route for both, so that other methods hear of both in the header Allow; the page has them one by one.
        app.fast.add_api_route("/api/v1/jobs/{job}", either, methods=[*by_method], include_in_schema=False)
        for name, method, path, endpoint, summary, answer, faults in (
            ("job", "GET", "", self._job, "How far a job is.", job, ()),
            ("cancelJob", "DELETE", "", self._cancel, "Cancel a job.", job, ()),
            ("jobResult", "GET", "/result", self._result, "The plan a job made.", plan, (409, 410)),
            ("jobEvents", "GET", "/events", self._events, "A job's progress as server-sent events.", events, ()),
        ):
            app.fast.add_api_route(
                f"/api/v1/jobs/{{job}}{path}",
                self._guarded(endpoint),
                methods=[method],
                operation_id=name,
                summary=summary,
                response_class=Response,
                responses={200: answer, **_faults(401, 403, 404, *faults)},
                openapi_extra={"parameters": [_JOB], **app.security},
            )

    def _refused(self, request: Request) -> Response | None:
        if self._closed:
            return problem(403, "the planner is closed to the network: start the server with --api-token-file")
        if self._app.allows(request):
            return None
        refused = problem(401, "expected a bearer token")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused

    def _guarded(self, endpoint: Callable[[Job], Response]) -> Callable[..., Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            refused = self._refused(request)
            if refused is not None:
                return refused
            job = request.path_params["job"]
            known = self._jobs.get(job)
            return problem(404, f"no job {job[:64]!r}") if known is None else endpoint(known)

        return guarded

    def _add(self, name: str, takes: Any, gives: str, answer: Callable[[Any], Awaitable[Response]]) -> None:
        (taken,), components = schema_of(takes)
        app = self._app
        app.add_components(components)

        async def endpoint(request: Request) -> Response:
            refused = self._refused(request)
            if refused is not None:
                return refused
            if self._jobs.full:
                return _come_again(429, "too many requests are waiting")
            try:
                body = await body_of(request, app.verbs.settings.max_body)
                asked = msgspec.json.decode(body, type=takes)
                if not is_given(asked.objects) and not app.verbs.ready:
                    return _come_again(503, "the cluster has not been read yet")
                return await answer(asked)
            except ClientDisconnect:
                return problem(400, "the client hung up")
            except TooLongError as error:
                return problem(413, str(error))
            except FullError as error:
                return _come_again(429, str(error))
            except WorkError as error:
                return problem(500, _line(error))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, PlacementError) as error:
                return problem(400, _line(error))

        responses: dict[int | str, dict[str, Any]] = {200: _answer("The answer.", gives)}
        if name == "plan":
            job = _answer("The search is a job.", "JobState")
            job["headers"] = {"Location": {"description": "Where the job is.", "schema": {"type": "string"}}}
            job["links"] = {
                one: _FOLLOW | {"operationId": one} for one in ("job", "cancelJob", "jobResult", "jobEvents")
            }
            responses[202] = job
        app.fast.add_api_route(
            f"/api/v1/{name}",
            endpoint,
            methods=["POST"],
            name=name,
            operation_id=name,
            summary=(takes.__doc__ or "").strip(),
            response_class=Response,
            responses=responses | _faults(400, 401, 403, 413, 429, 500, 503),
            openapi_extra={"requestBody": examples.body_of(name, taken), **app.security},
        )

    def _served(self) -> Served:
        state = self._app.verbs.state
        # The copy is taken in the child, which has the state as it was when it began.
        return state.inventory

    async def _at_once(self, work: Any) -> Response:
        return _json(await self._jobs.at_once(work))

    async def _plan(self, asked: PlanRequest) -> Response:
        from placement.roster import solver_names

        policy_asked(asked.policy)
        if asked.solver not in solver_names():
            raise RefusedError(f"solver: expected one of {', '.join(solver_names())}")
        work = planned(asked, self._served())
        if asked.time_limit <= _AT_ONCE:
            return await self._at_once(work)
        job = self._jobs.start(work)
        answer = _json(job.body(), 202)
        answer.headers["Location"] = f"/api/v1/jobs/{job.id}"
        return answer

    def _job(self, job: Job) -> Response:
        return _json(job.body())

    def _cancel(self, job: Job) -> Response:
        job.cancel()
        return _json(job.body())

    def _result(self, job: Job) -> Response:
        if job.result is not None and job.status == "done":
            return _json(job.result)
        return problem(410 if job.ended else 409, f"the job is {job.status}. {job.error}".strip())

    def _events(self, job: Job) -> Response:
        return StreamingResponse(job.events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _json(body: Any, status: int = 200) -> Response:
    text = bytes(body) if isinstance(body, msgspec.Raw) else msgspec.json.encode(body)
    return Response(text, status, media_type="application/json")


def _come_again(status: int, text: str) -> Response:
    answer = problem(status, text)
    answer.headers.update(_AGAIN)
    return answer


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:1000] or type(error).__name__


def _answer(text: str, schema: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _faults(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _answer(_STATES[status], "Problem") for status in statuses}


def _components() -> dict[str, Any]:
    """Schemas of all answers: of ours, and of the documents the command writes."""
    from placement.explanation.plan import PlanExplanation
    from placement.plans import API_VERSION
    from placement.policy import PRESETS, Policy

    _, components = schema_of(Report, PodVerdict, JobState, Problem, Policy, PlanExplanation)
    components["Policy"]["properties"]["preset"] = {
        "description": "The policy to start from; fields that are not written are its.",
        "enum": sorted(PRESETS),
        "default": "default",
    }
    kind = {"apiVersion": {"const": API_VERSION}, "kind": {"const": "PlanExplanation"}}
    components["PlanExplanation"]["properties"].update(kind)
    return (
        components
        | _document("Plan", "plan_schema.json")
        | _document("PodExplanation", "explanation_schema.json")
        | {"Explanation": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in _EXPLANATIONS]}}
    )


_EXPLANATIONS = ("PodExplanation", "PlanExplanation")


def _document(name: str, file: str) -> dict[str, Any]:
    """A schema that is kept as a file, as components: what it defines within gets a name of its own."""
    text = (Path(__file__).parents[1] / file).read_text().replace('"#/$defs/', f'"#/components/schemas/{name}.')
    body: dict[str, Any] = json.loads(text)
    parts = body.pop("$defs", {})
    for key in ("$schema", "$id"):
        body.pop(key, None)
    return {name: body} | {f"{name}.{part}": schema for part, schema in parts.items()}
