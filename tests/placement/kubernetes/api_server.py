"""A stand-in for an API server: real HTTP, lists in pages, watches, bookmarks, and faults on command."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import random
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from placement.kubernetes.resources import RESOURCES

Object = dict[str, Any]
PATHS = {resource.path: resource.kind for resource in RESOURCES} | {
    "/api/v1/configmaps": "ConfigMap",
    "/apis/coordination.k8s.io/v1/leases": "Lease",
}


@dataclass
class Faults:
    """How likely each fault is, a request or an event at a time."""

    error: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    slow: float = 0.0
    page: int = 500
    missing: set[str] = field(default_factory=set)


class ApiServer:
    """Objects by kind, a log of what happened to them, and HTTP in front."""

    def __init__(self, seed: int = 0) -> None:
        self.objects: dict[str, dict[tuple[str, str], Object]] = {kind: {} for kind in PATHS.values()}
        self.faults = Faults()
        self.version = 100
        self.token = "secret"
        self.allows: Callable[[web.Request], bool] = lambda request: (
            request.headers.get("Authorization") == f"Bearer {self.token}"
        )
        self.requests: list[str] = []
        self.bindings: list[Object] = []
        self.writes: list[tuple[str, str, Object]] = []
        self.lists = 0
        self._log: dict[str, list[tuple[int, str, Object]]] = {kind: [] for kind in PATHS.values()}
        self._pages: dict[str, list[Object]] = {}
        self._oldest = 0
        self._rng = random.Random(seed)
        self._streams: set[asyncio.Transport] = set()

    async def put(self, kind: str, written: Object) -> None:
        """Create or change an object."""
        self.version += 1
        one = copy.deepcopy(written)
        meta = one["metadata"]
        key = (meta.get("namespace", ""), meta["name"])
        meta["resourceVersion"] = str(self.version)
        event = "MODIFIED" if key in self.objects[kind] else "ADDED"
        self.objects[kind][key] = one
        await self._say(kind, event, one)

    async def delete(self, kind: str, key: tuple[str, str]) -> None:
        """Delete an object if it is there."""
        known = self.objects[kind].pop(key, None)
        if known is not None:
            self.version += 1
            last = copy.deepcopy(known)
            last["metadata"]["resourceVersion"] = str(self.version)
            await self._say(kind, "DELETED", last)

    async def _say(self, kind: str, event: str, one: Object) -> None:
        self._log[kind].append((self.version, event, one))

    def compact(self) -> None:
        """Forget the past: watches from before get 410."""
        self._oldest = self.version
        self._pages.clear()
        for log in self._log.values():
            log.clear()

    def hang_up(self) -> None:
        """Cut all watches off."""
        for stream in self._streams:
            stream.abort()
        self._streams.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        if not self.allows(request):
            return _status(401, "Unauthorized")
        if request.method == "POST" and request.path.endswith("/binding"):
            return await self._bind(request)
        kind, key = _where(request.path)
        if kind in self.faults.missing or not kind:
            return _status(404, "the server could not find the requested resource")
        if self._rng.random() < self.faults.error:
            return _status(503, "try later")
        if request.method != "GET":
            return await self._write(request, kind, key)
        if key[1]:
            found = self.objects[kind].get(key)
            return _status(404, "not found") if found is None else web.json_response(found)
        if request.query.get("watch") == "true":
            return await self._watch(request, kind)
        return self._list(request, kind)

    async def _write(self, request: web.Request, kind: str, key: tuple[str, str]) -> web.Response:
        """Create, replace or merge an object, guarded by version and UID as an API server guards it."""
        body = await request.json()
        self.writes.append((request.method, request.path, body))
        if request.method == "POST":
            key = (key[0], body["metadata"]["name"])
            if key in self.objects[kind]:
                return _status(409, f"{kind} {key[1]!r} already exists")
            await self.put(kind, body)
            return web.json_response(self.objects[kind][key], status=201)
        known = self.objects[kind].get(key)
        if known is None:
            return _status(404, "not found")
        said, is_ = body.get("metadata", {}), known["metadata"]
        for name in ("resourceVersion", "uid"):
            if said.get(name) is not None and said[name] != is_.get(name):
                return _status(409, "the object has been modified; please apply your changes to the latest version")
        await self.put(kind, body if request.method == "PUT" else _merged(known, body))
        return web.json_response(self.objects[kind][key])

    async def _bind(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bindings.append(body)
        key = (body["metadata"]["namespace"], body["metadata"]["name"])
        pod = self.objects["Pod"].get(key)
        if pod is None:
            return _status(404, f'pods "{key[1]}" not found')
        if pod["spec"].get("nodeName"):
            return _status(409, f"pod {key[1]} is already assigned to node")
        bound = copy.deepcopy(pod)
        bound["spec"]["nodeName"] = body["target"]["name"]
        await self.put("Pod", bound)
        return web.json_response({"kind": "Status", "status": "Success"}, status=201)

    def _list(self, request: web.Request, kind: str) -> web.Response:
        self.lists += 1
        limit = int(request.query.get("limit", "500"))
        token = request.query.get("continue", "")
        version, _, rest = token.partition(":")
        start = rest.partition(":")[0]
        # All pages of a list are of one moment.
        items = self._pages.get(token) if token else list(self.objects[kind].values())
        if items is None:
            return _status(410, "The provided continue parameter is too old")
        begin, limit = int(start or 0), min(limit, self.faults.page)
        page = items[begin : begin + limit]
        more = f"{version or self.version}:{begin + limit}" if begin + limit < len(items) else ""
        if more:
            more = f"{more}:{kind}"
            self._pages[more] = items
        meta = {"resourceVersion": version or str(self.version)} | ({"continue": more} if more else {})
        return web.json_response({"kind": f"{kind}List", "apiVersion": "v1", "metadata": meta, "items": page})

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        begin = request.query.get("resourceVersion")
        name = request.query.get("fieldSelector", "").removeprefix("metadata.name=")
        seen = self.version if begin is None else int(begin)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if seen < self._oldest:
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            await response.write(_line("ERROR", status))
            return response
        transport = request.transport
        if transport is None:
            return response
        self._streams.add(transport)
        with contextlib.suppress(ConnectionError):
            if begin is None:
                for (_, called), one in list(self.objects[kind].items()):
                    if called == name:
                        await response.write(_line("ADDED", one))
            await self._stream(response, kind, seen, transport)
        self._streams.discard(transport)
        transport.abort()
        return response

    async def _stream(self, response: web.StreamResponse, kind: str, seen: int, line: asyncio.Transport) -> None:
        silent = 0
        while not line.is_closing():
            if seen < self._oldest:
                return  # what this watch has not been told yet is forgotten
            events = [one for one in self._log[kind] if one[0] > seen]
            if not events:
                await asyncio.sleep(0.005)
                silent += 1
                if silent % 20 == 0:
                    bookmark = {"kind": kind, "metadata": {"resourceVersion": str(seen)}}
                    await response.write(_line("BOOKMARK", bookmark))
                continue
            seen = events[-1][0]
            for _, event, one in self._disturbed(events):
                if self._rng.random() < self.faults.drop:
                    return
                if self._rng.random() < self.faults.slow:
                    await asyncio.sleep(0.01)
                await response.write(_line(event, one))

    def _disturbed(self, events: list[tuple[int, str, Object]]) -> list[tuple[int, str, Object]]:
        told = []
        for event in events:
            told.append(event)
            if self._rng.random() < self.faults.duplicate:
                told.append(event)
        for place in range(len(told) - 1):
            if self._rng.random() < self.faults.reorder:
                told[place], told[place + 1] = told[place + 1], told[place]
        return told


def _where(path: str) -> tuple[str, tuple[str, str]]:
    """The kind that a path is about, "" if there is none, and namespace and name as far as it says them."""
    if path in PATHS:
        return PATHS[path], ("", "")
    head, _, rest = path.partition("/namespaces/")
    namespace, _, rest = rest.partition("/")
    plural, _, rest = rest.partition("/")
    return PATHS.get(f"{head}/{plural}", ""), (namespace, rest.partition("/")[0])


def _merged(one: Any, patch: Any) -> Any:
    """A merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(one) if isinstance(one, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _line(event: str, one: Object) -> bytes:
    return json.dumps({"type": event, "object": one}).encode() + b"\n"


def _status(code: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "message": message}, status=code)


@contextlib.asynccontextmanager
async def listening(server: ApiServer, directory: Path, context: ssl.SSLContext | None = None) -> AsyncIterator[Path]:
    """Serve on a free port, with TLS if there is a context; gives a kubeconfig for it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield kubeconfig(directory, f"http{'s' if context else ''}://127.0.0.1:{port}", server.token)
    finally:
        server.hang_up()
        await runner.cleanup()


def kubeconfig(directory: Path, url: str, token: str) -> Path:
    """A kubeconfig with two contexts, of which the second is the current one."""
    file = directory / "config"
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [
            {"name": "elsewhere", "context": {"cluster": "elsewhere", "user": "me"}},
            {"name": "here", "context": {"cluster": "here", "user": "me"}},
        ],
        "clusters": [
            {"name": "elsewhere", "cluster": {"server": "http://127.0.0.1:9"}},
            {"name": "here", "cluster": {"server": url}},
        ],
        "users": [{"name": "me", "user": {"token": token}}],
    }
    file.write_text(yaml.safe_dump(body))
    return file
