"""Follows one kind: a list in pages, then a watch from there, for ever, whatever breaks (client-go ``Reflector``)."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec

from placement.extender.metrics import Metrics
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError, GoneError
from placement.kubernetes.intake import Intake
from placement.kubernetes.resources import Resource
from placement.store.objects import Key

_log = logging.getLogger("placement.watch")

_PAGE = 500
# Objects between two breaths, so that calls are answered while a list is read.
_BATCH = 20
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0
_MISSING_WAIT = 300.0
_WATCH_SECONDS = 300
_BACK = 32


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class _List(msgspec.Struct):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    items: list[msgspec.Raw] | None = None


class _Event(msgspec.Struct):
    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


class _Status(msgspec.Struct):
    code: int = 0
    message: str = ""


class _BookmarkMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class _Bookmark(msgspec.Struct):
    metadata: _BookmarkMeta = msgspec.field(default_factory=_BookmarkMeta)


_LISTS = msgspec.json.Decoder(_List)
_EVENTS = msgspec.json.Decoder(_Event)
_BOOKMARKS = msgspec.json.Decoder(_Bookmark)
_STATUSES = msgspec.json.Decoder(_Status)
_FAULTS = (OSError, aiohttp.ClientError, asyncio.TimeoutError, ApiError, msgspec.DecodeError)


class Reflector:
    """Keeps the objects of one kind in an intake equal to an API server's.

    Attributes
    ----------
    heard : float
        When the server last said anything, by `time.monotonic`.
    """

    def __init__(
        self,
        resource: Resource,
        connection: Connection,
        intake: Intake,
        metrics: Metrics,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.resource = resource
        self.heard = time.monotonic()
        self._connection = connection
        self._intake = intake
        self._metrics = metrics
        self._sleep = sleep
        self._version = ""
        self._absent = False
        self._wait = _FIRST_WAIT
        self._last: deque[str] = deque()

    async def read(self) -> None:
        """List until that has worked once; a kind that the cluster does not have is empty."""
        while not await self._tried(self._list()):
            pass

    async def follow(self) -> None:
        """Watch for ever, listing anew where the watch cannot go on."""
        while True:
            if self._absent:
                await self._sleep(_MISSING_WAIT)
            await self._tried(self._list() if self._absent or not self._version else self._watch())

    async def _tried(self, work: Awaitable[None]) -> bool:
        kind = self.resource.kind
        try:
            await work
        except GoneError:
            _log.info("%s: the version is too old, listing again", kind)
            self._version = ""
            return False
        except ApiError as error:
            if error.status == 404 and self.resource.optional:
                self._intake.keep_only(kind, (), "")
                self._heard()
                self._absent = True
                return True
            await self._back_off(error)
            return False
        except _FAULTS as error:
            await self._back_off(error)
            return False
        return True

    async def _back_off(self, error: Exception) -> None:
        wait = self._wait * random.uniform(0.5, 1.5)
        _log.warning("%s: %s; trying again in %.1f s", self.resource.kind, str(error) or type(error).__name__, wait)
        self._wait = min(2 * self._wait, _LONGEST_WAIT)
        await self._sleep(wait)

    async def _list(self) -> None:
        kind = self.resource.kind
        self._metrics.relists.labels(kind).inc()
        keys: list[Key] = []
        page, version = "", ""
        while True:
            query = {"limit": str(_PAGE)} | ({"continue": page} if page else {})
            body = await self._connection.get(self.resource.path, query)
            self._heard()
            found = _LISTS.decode(body)
            for number, item in enumerate(found.items or ()):
                key = self._intake.put(kind, item)
                if key is not None:
                    keys.append(key)
                if number % _BATCH == _BATCH - 1:
                    await asyncio.sleep(0)
            version, page = found.metadata.resource_version or version, found.metadata.continue_
            if not page:
                break
        self._intake.keep_only(kind, keys, version)
        self._version = version or "0"
        self._last.clear()
        self._absent = False

    async def _watch(self) -> None:
        kind = self.resource.kind
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(random.randint(_WATCH_SECONDS, 2 * _WATCH_SECONDS)),
        }
        began = time.monotonic()
        async for line in self._connection.lines(self.resource.path, query):
            self._heard()
            event = _EVENTS.decode(line)
            self._metrics.events.labels(kind, event.type).inc()
            match event.type:
                case "ADDED" | "MODIFIED":
                    self._intake.put(kind, event.object)
                case "DELETED":
                    self._intake.remove(kind, event.object)
                case "BOOKMARK":
                    pass
                case "ERROR":
                    status = _STATUSES.decode(event.object)
                    raise (GoneError if status.code == 410 else ApiError)(status.code, status.message)
            self._advance(_BOOKMARKS.decode(event.object).metadata.resource_version, event.type == "BOOKMARK")
        if time.monotonic() - began < 1.0:
            # A server that hangs up at once would otherwise be asked again without a pause.
            await self._sleep(_FIRST_WAIT)

    def _advance(self, version: str, all_told: bool) -> None:
        """Note from where to go on: a few events back, for what is told twice does no harm and what is missed does.

        A proxy or server that tells events out of order could otherwise tell a late one to a line that is gone.
        """
        if not version:
            return
        if all_told:
            self._last.clear()
            self._version = version
            return
        self._last.append(version)
        if len(self._last) > _BACK:
            self._version = self._last.popleft()

    def _heard(self) -> None:
        self.heard = time.monotonic()
        self._wait = _FIRST_WAIT
