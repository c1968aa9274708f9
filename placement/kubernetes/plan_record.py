"""The leader's plan in a ConfigMap, for the replicas that follow and for the next leader."""

from __future__ import annotations

import asyncio
import base64
import gzip
import logging
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from placement.errors import InputError
from placement.extender.guidance import Told
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError

_log = logging.getLogger("placement.plan_record")

_FAULTS = (TimeoutError, OSError, EOFError, aiohttp.ClientError, ApiError, InputError, ValueError)
_MISSING = 404
_AGAIN = 1.0
_WATCH_SECONDS = 300
# An API server takes objects of 1.5 MiB at most, of which base64 leaves three quarters.
_LARGEST = 1_000_000
# Two files, so that a replica that is older than the second one reads the first all the same.
_PLAN = "plan.json.gz"
_AFTER_EVICTIONS = "after-evictions.json.gz"


class _ConfigMap(msgspec.Struct, rename="camel"):
    binary_data: dict[str, str] | None = None


class _Event(msgspec.Struct):
    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


_CONFIG_MAPS = msgspec.json.Decoder(_ConfigMap)
_EVENTS = msgspec.json.Decoder(_Event)
_PLANS = msgspec.json.Decoder(dict[str, str])
_PODS = msgspec.json.Decoder(list[str])


class PlanRecord:
    """Writes and follows the record.

    Parameters
    ----------
    name : str
        ``namespace/name`` of the ConfigMap.

    Attributes
    ----------
    plan : Told or None
        What was last read or written; None if there is no plan.
    known : bool
        Whether anything was read or written yet.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.plan: Told | None = None
        self.known = False
        namespace, _, self._name = name.partition("/")
        self._namespace = namespace
        self._maps = f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps"
        self._path = f"{self._maps}/{quote(self._name, safe='')}"
        self._connection = connection

    async def write(self, plan: Told | None) -> None:
        """Take a plan down, if it is another one; None says that there is none. What fails is logged."""
        if self.known and plan == self.plan:
            return
        files: dict[str, str | None] = {_PLAN: None, _AFTER_EVICTIONS: None}
        if plan is not None:
            # A large plan takes a while to compress, which answers would have to wait for.
            files = await asyncio.to_thread(_packed, plan)
        if sum(len(packed or "") for packed in files.values()) > _LARGEST:
            _log.warning(
                "a plan of %d pods is too large for a ConfigMap; the other replicas do without",
                len(plan.node_of) if plan is not None else 0,
            )
            plan, files = None, dict.fromkeys(files)
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._name, "namespace": self._namespace},
            "binaryData": {name: packed for name, packed in files.items() if packed is not None},
        }
        try:
            try:
                await self._connection.patch(self._path, {"binaryData": files})
            except ApiError as error:
                if error.status != _MISSING:
                    raise
                await self._connection.post(self._maps, body)
        except _FAULTS as error:
            _log.warning("the plan was not handed on: %s", str(error) or type(error).__name__)
        else:
            self.plan, self.known = plan, True

    async def read(self) -> None:
        """Bring `plan` up to date once; it stays as it is where that fails, which is logged."""
        try:
            self._take(await self._connection.get(self._path, {}))
        except ApiError as error:
            if error.status == _MISSING:
                self.plan, self.known = None, True
            else:
                _log.warning("the record of the plan: %s", error)
        except _FAULTS as error:
            _log.warning("the record of the plan: %s", str(error) or type(error).__name__)

    async def follow(self) -> None:
        """Keep `plan` up to date for ever."""
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "fieldSelector": f"metadata.name={self._name}",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        while True:
            try:
                # Without a version to begin at, a watch first tells what there is.
                async for line in self._connection.lines(self._maps, query):
                    event = _EVENTS.decode(line)
                    if event.type in ("ADDED", "MODIFIED"):
                        self._take(event.object)
            except _FAULTS as error:
                _log.info("the record of the plan: %s", str(error) or type(error).__name__)
            await asyncio.sleep(_AGAIN)

    def _take(self, raw: bytes | msgspec.Raw) -> None:
        files = _CONFIG_MAPS.decode(raw).binary_data or {}
        packed, evicting = files.get(_PLAN), files.get(_AFTER_EVICTIONS)
        self.plan = None
        if packed is not None:
            pods = [] if evicting is None else _PODS.decode(_unzipped(evicting))
            self.plan = Told(_PLANS.decode(_unzipped(packed)), frozenset(pods))
        self.known = True


def _packed(plan: Told) -> dict[str, str | None]:
    return {_PLAN: _zipped(plan.node_of), _AFTER_EVICTIONS: _zipped(sorted(plan.after_evictions))}


def _zipped(content: Any) -> str:
    return base64.b64encode(gzip.compress(msgspec.json.encode(content), 6, mtime=0)).decode()


def _unzipped(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))
