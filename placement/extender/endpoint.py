"""A verb over HTTP, with nothing between the server and the answer: every layer would cost each call its time."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from prometheus_client import Histogram
from starlette.requests import ClientDisconnect

from placement.extender.protocol import MalformedError

_log = logging.getLogger("placement.extender")

Answer = Callable[[bytes | bytearray, float], bytes | Awaitable[bytes]]
"""What a verb says to a body that came at a time of its clock."""
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class TooLongError(ValueError):
    """A body beyond the limit."""


async def body_of(scope: Any, receive: Receive, limit: int) -> bytes | bytearray:
    """The body of an HTTP request.

    Raises
    ------
    TooLongError
        If it is longer than `limit` bytes.
    ClientDisconnect
        If who asked hung up before it was whole.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise TooLongError(f"the body has {int(value)} bytes, expected {limit} at most")
    whole: bytearray | None = None
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        body: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if whole is None and not more:
            if len(body) > limit:
                raise TooLongError(f"the body has more than {limit} bytes")
            return body
        whole = bytearray() if whole is None else whole
        whole += body
        if len(whole) > limit:
            raise TooLongError(f"the body has more than {limit} bytes")
        if not more:
            return whole


class Endpoint:
    """An ASGI application for one verb.

    Parameters
    ----------
    name : str
    answer : callable
        Given the body and when it came, by `clock`.
    limit : int
        Bytes of a body.
    """

    def __init__(
        self, name: str, answer: Answer, *, limit: int, clock: Callable[[], float], duration: Histogram
    ) -> None:
        self._name = name
        self._answer = answer
        self._limit = limit
        self._clock = clock
        self._durations = {status: duration.labels(name, str(status)) for status in (200, 400, 413)}

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began, came = time.perf_counter(), self._clock()
        status = 200
        try:
            body = await body_of(scope, receive, self._limit)
            found = self._answer(body, came)
            text = found if isinstance(found, bytes) else await found
        except ClientDisconnect:
            return
        except TooLongError as error:
            _log.warning("%s: %s; is nodeCacheCapable set?", self._name, error)
            status, text = 413, problem_text(str(error))
        except MalformedError as error:
            status, text = 400, problem_text(str(error))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})
        self._durations[status].observe(time.perf_counter() - began)


def problem_text(text: str) -> bytes:
    """An error of one line, in the field where kube-scheduler's verbs have theirs."""
    return msgspec.json.encode({"Error": text})
