"""Log lines, and the ids of requests that stand in them and in the answers."""

from __future__ import annotations

import itertools
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO

_log = logging.getLogger("placement.requests")

_HEADER = b"x-request-id"
# What a client may call its request: it goes into headers and log lines.
_GOOD = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
# Every call of these says the same, again and again.
_PROBES = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered, "" outside of one."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class Identified:
    """An ASGI app whose answers carry ``X-Request-Id``: the client's own, or a new one.

    Calls of the planner, and calls that went wrong, are logged with their path, never with headers, query or body.
    """

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._prefix = secrets.token_hex(4)
        self._number = itertools.count(1)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = b""
        for name, value in scope["headers"]:
            if name == _HEADER:
                given = value
                break
        called = given if given and _GOOD.fullmatch(given) else f"{self._prefix}-{next(self._number)}".encode()
        began, status = time.perf_counter(), 0

        async def identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, called)]
            await send(message)

        token = request_id.set(called.decode())
        try:
            await self._app(scope, receive, identified)
        finally:
            path = scope["path"]
            if (status >= 400 and path not in _PROBES) or path.startswith("/api/"):
                _log.log(
                    logging.WARNING if status >= 500 else logging.INFO,
                    "%s %s %d",
                    scope["method"],
                    path[:200],
                    status,
                    extra={
                        "method": scope["method"],
                        "path": path[:200],
                        "status": status,
                        "seconds": round(time.perf_counter() - began, 6),
                    },
                )
            request_id.reset(token)


class JsonLines(logging.Formatter):
    """Log records as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "ts": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        for name in ("request", "method", "path", "status", "seconds"):
            value = getattr(record, name, None)
            if value not in (None, ""):
                line[name] = value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _Stamp(logging.Filter):
    """Notes on each record which request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_id.get()
        return True


def log_to(stream: TextIO | None = None, *, as_json: bool) -> None:
    """Send log records to a stream, by default stderr, a line each."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(
        JsonLines() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s %(request)s")
    )
    handler.addFilter(_Stamp())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
