"""``python -m benchmarks.extender.api_server CLUSTER``: a cluster to list and watch in which something always happens.

Prints its port and serves until it is killed. Lists are encoded beforehand; the watch of pods sends so many events a
second: half of them a running pod whose status changed, the others one that went, or came back on another node.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
from pathlib import Path
from typing import Any

from aiohttp import web

from placement.kubernetes.resources import RESOURCES

Object = dict[str, Any]
_TICK = 0.02
_KINDS = {resource.path: resource.kind for resource in RESOURCES}


class ApiServer:
    """The objects of a cluster, and what happens to its pods.

    Parameters
    ----------
    objects : list of dict
    rate : float
        Events a second.
    """

    def __init__(self, objects: list[Object], rate: float) -> None:
        self._rng = random.Random(1)
        self._rate = rate
        self._version = len(objects)
        self._items: dict[str, list[bytes]] = {kind: [] for kind in _KINDS.values()}
        for version, one in enumerate(objects):
            one["metadata"]["resourceVersion"] = str(version)
            self._items.setdefault(one["kind"], []).append(json.dumps(one).encode())
        self._nodes = [one["metadata"]["name"] for one in objects if one["kind"] == "Node"]
        self._running = [one for one in objects if one["kind"] == "Pod" and "nodeName" in one["spec"]]
        self._gone: list[Object] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A list or a watch."""
        kind = _KINDS.get(request.path)
        if kind is None:
            return web.json_response({"kind": "Status", "code": 404}, status=404)
        if request.query.get("watch") == "true":
            return await self._watch(request, kind)
        start, limit = int(request.query.get("continue", "0")), int(request.query.get("limit", "500"))
        items = self._items[kind]
        more = f',"continue":"{start + limit}"' if start + limit < len(items) else ""
        head = f'{{"kind":"{kind}List","metadata":{{"resourceVersion":"{self._version}"{more}}},"items":['
        body = head.encode() + b",".join(items[start : start + limit]) + b"]}"
        return web.Response(body=body, content_type="application/json")

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        while not (request.transport is None or request.transport.is_closing()):
            await asyncio.sleep(_TICK if kind == "Pod" and self._rate else 60)
            due = int((loop.time() - began) * self._rate) if kind == "Pod" else 0
            lines = [self._event() for _ in range(due - sent)]
            sent = due
            if lines:
                with contextlib.suppress(ConnectionError):
                    await response.write(b"".join(lines))
        return response

    def _event(self) -> bytes:
        rng = self._rng
        self._version += 1
        if self._gone and rng.random() < 0.25:
            one, what = self._gone.pop(), "ADDED"
            one["spec"]["nodeName"] = rng.choice(self._nodes)
            one["metadata"]["uid"] += "+"
            self._running.append(one)
        elif rng.random() < 0.33:
            place = rng.randrange(len(self._running))
            self._running[place], self._running[-1] = self._running[-1], self._running[place]
            one, what = self._running.pop(), "DELETED"
            self._gone.append(one)
        else:
            one, what = rng.choice(self._running), "MODIFIED"
            one.setdefault("status", {})["message"] = str(self._version)
        one["metadata"]["resourceVersion"] = str(self._version)
        return json.dumps({"type": what, "object": one}).encode() + b"\n"


async def serve(server: ApiServer) -> None:
    """Serve on a free port, printed first, for ever."""
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Read the cluster and serve it."""
    parser = argparse.ArgumentParser(prog="benchmarks.extender.api_server")
    parser.add_argument("cluster", type=Path)
    parser.add_argument("--events", type=float, default=0.0, help="a second")
    asked = parser.parse_args()
    objects = json.loads(asked.cluster.read_text())["items"]
    asyncio.run(serve(ApiServer(objects, asked.events)))


if __name__ == "__main__":
    main()
