"""The HTTP side: verbs, probes, metrics and, behind a token, the planner."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from placement import __version__
from placement.extender import endpoint, examples, page, protocol
from placement.extender.endpoint import Answer, Endpoint, problem_text
from placement.extender.metrics import CONTENT_TYPE
from placement.extender.verbs import Verbs

_log = logging.getLogger("placement.extender")

Check = Callable[[], str]
"""A check of health: "" if all is well, else what is not."""


async def body_of(request: Request, limit: int) -> bytes | bytearray:
    """The body of a request, as `endpoint.body_of` has it."""
    return await endpoint.body_of(request.scope, request.receive, limit)


def problem(status: int, text: str) -> Response:
    """An error of one line, in the field where kube-scheduler's verbs have theirs."""
    return Response(problem_text(text), status, media_type="application/json")


def schema_of(*types: Any) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """JSON schemas of wire types, and the components they refer to."""
    return msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")


class App:
    """Routes over one `Verbs`.

    Parameters
    ----------
    verbs : Verbs
    token : callable, optional
        The bearer token of the API, read anew for each call so that it may rotate; None leaves the API open.
    checks : sequence of (name, Check)
        What readiness depends on besides the first reading of the cluster.
    """

    def __init__(
        self,
        verbs: Verbs,
        *,
        token: Callable[[], str] | None = None,
        checks: Sequence[tuple[str, Check]] = (),
        binder: Callable[[protocol.BindingArguments], Awaitable[str]] | None = None,
        preempt: Callable[[bytes | bytearray], bytes] | None = None,
    ) -> None:
        self.verbs = verbs
        self.stopping = False
        self._token = token
        self._checks = checks
        self._binder = binder
        self.fast = FastAPI(
            title="kube-placement",
            version=__version__,
            description="A scheduler extender for kube-scheduler, and the planner behind it.",
            docs_url=None,
            redoc_url=None,
        )
        self._components: dict[str, Any] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._add_verb("filter", verbs.filter, page.Arguments, page.FilterResult)
        self._add_verb("prioritize", verbs.prioritize, page.Arguments, list[protocol.HostPriority])
        if preempt is not None:
            self._add_verb(
                "preempt",
                lambda body, began: preempt(body),
                page.PreemptionArguments,
                protocol.PreemptionResult,
            )
        self._add_verb("bind", self._bind, page.BindingArguments, protocol.BindingResult)
        self._add_probe("/livez", self._alive, "Whether the process answers.")
        self._add_probe("/readyz", self._ready, "Whether calls are answered from a whole picture of the cluster.")
        self._add_probe("/healthz", self._ready, "The same as /readyz.")
        self.fast.add_api_route(
            "/metrics",
            self._metrics,
            methods=["GET"],
            operation_id="metrics",
            summary="Prometheus metrics.",
            response_class=PlainTextResponse,
        )
        self.fast.add_api_route(
            "/version",
            self._version,
            methods=["GET"],
            operation_id="version",
            summary="The version of this program.",
        )
        self.fast.openapi = self._openapi  # type: ignore[method-assign]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer an ASGI request: verbs at once, all else by FastAPI."""
        if scope["type"] == "http" and scope["method"] == "POST":
            found = self._endpoints.get(scope["path"])
            if found is not None:
                await found(scope, receive, send)
                return
        await self.fast(scope, receive, send)

    def _openapi(self) -> dict[str, Any]:
        if self.fast.openapi_schema is None:
            written = FastAPI.openapi(self.fast)
            components = written.setdefault("components", {})
            components.setdefault("schemas", {}).update(self._components)
            if self._token is not None:
                components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            self.fast.openapi_schema = written
        return self.fast.openapi_schema

    def _add_verb(self, name: str, answer: Answer, takes: Any, gives: Any) -> None:
        (taken, given), components = schema_of(takes, gives)
        self._components.update(components)
        verbs = self.verbs
        self._endpoints[f"/{name}"] = Endpoint(
            name,
            answer,
            limit=verbs.settings.max_body,
            clock=verbs.clock,
            duration=verbs.metrics.duration,
        )

        async def documentation() -> None:
            # Stands on the OpenAPI page; calls never get here.
            raise NotImplementedError

        documented = {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": given}}},
            "400": {"description": "The body is not a call.", "content": _ERROR},
            "413": {"description": "The body is too long.", "content": _ERROR},
        }
        self.fast.router.routes.append(
            APIRoute(
                f"/{name}",
                documentation,
                methods=["POST"],
                summary=f"The verb {name} of kube-scheduler.",
                name=name,
                operation_id=name,
                response_class=Response,
                openapi_extra={"requestBody": examples.body_of(name, taken), "responses": documented},
            )
        )

    async def _bind(self, body: bytes | bytearray, began: float) -> bytes:
        arguments = protocol.binding_arguments(body)
        if self._binder is None:
            return msgspec.json.encode(protocol.BindingResult("binding is switched off; see --bind"))
        error = await self._binder(arguments)
        self.verbs.metrics.binds.labels("error" if error else "bound").inc()
        return msgspec.json.encode(protocol.BindingResult(error))

    def _add_probe(self, path: str, states: Callable[[], list[tuple[str, str]]], summary: str) -> None:
        async def endpoint(request: Request) -> Response:
            found = states()
            failed = any(fault for _, fault in found)
            if "verbose" in request.query_params or failed:
                lines = [f"[{'-' if fault else '+'}]{name} {fault or 'ok'}\n" for name, fault in found]
                text = "".join(lines) + f"{path[1:]} check {'failed' if failed else 'passed'}\n"
            else:
                text = "ok"
            return Response(text, 503 if failed else 200, media_type="text/plain")

        self.fast.add_api_route(
            path,
            endpoint,
            methods=["GET"],
            operation_id=path[1:],
            summary=summary,
            response_class=PlainTextResponse,
            responses={200: {"description": "It is so."}, 503: {"description": "It is not.", "content": _TEXT}},
            openapi_extra={"parameters": [_VERBOSE]},
        )

    def _alive(self) -> list[tuple[str, str]]:
        return [("ping", "")]

    def _ready(self) -> list[tuple[str, str]]:
        found = [("ping", ""), ("cluster", "" if self.verbs.ready else "not read yet")]
        found.append(("shutdown", "stopping" if self.stopping else ""))
        return found + [(name, check()) for name, check in self._checks]

    async def _metrics(self) -> Response:
        metrics, state = self.verbs.metrics, self.verbs.state
        metrics.nodes.set(len(state.objects.nodes))
        metrics.pods.set(len(state.objects.pods))
        metrics.assumed.set(state.num_assumed)
        metrics.planned.set(len(self.verbs.guidance.node_of))
        metrics.pending.set(state.num_pending)
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    async def _version(self) -> dict[str, str]:
        return {"version": __version__}

    def add_components(self, components: dict[str, Any]) -> None:
        """Add schemas to which routes refer."""
        self._components.update(components)

    @property
    def security(self) -> dict[str, Any]:
        """What the OpenAPI page says of an operation that wants the token, if there is one."""
        return {} if self._token is None else {"security": [{"token": []}]}

    def allows(self, request: Request) -> bool:
        """Whether a call may use the planner."""
        if self._token is None:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token().encode())


_ERROR = {
    "application/json": {
        "schema": {"type": "object", "properties": {"Error": {"type": "string"}}, "required": ["Error"]}
    }
}
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_VERBOSE = {
    "name": "verbose",
    "in": "query",
    "description": "Say what was looked at, too.",
    "allowEmptyValue": True,
    "schema": {"type": "string"},
}
