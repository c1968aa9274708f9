"""The leader's plan in a ConfigMap, for the replicas that follow and for the next leader."""

from __future__ import annotations

import asyncio
import base64
import gzip
import logging
from collections.abc import Mapping
from urllib.parse import quote

import aiohttp
import msgspec

from placement.errors import InputError
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError

_log = logging.getLogger("placement.plan_record")

_FAULTS = (TimeoutError, OSError, EOFError, aiohttp.ClientError, ApiError, InputError, ValueError)
_MISSING = 404
_AGAIN = 1.0
_WATCH_SECONDS = 300
# An API server takes objects of 1.5 MiB at most, of which base64 leaves three quarters.
_LARGEST = 1_000_000
_PLAN = "plan.json.gz"


class _ConfigMap(msgspec.Struct, rename="camel"):
    binary_data: dict[str, str] | None = None


class _Event(msgspec.Struct):
    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")


_CONFIG_MAPS = msgspec.json.Decoder(_ConfigMap)
_EVENTS = msgspec.json.Decoder(_Event)
_PLANS = msgspec.json.Decoder(dict[str, str])


class PlanRecord:
    """Writes and follows the record.

    Parameters
    ----------
    name : str
        ``namespace/name`` of the ConfigMap.

    Attributes
    ----------
    plan : mapping of pod to node, or None
        What was last read or written; None if there is no plan.
    known : bool
        Whether anything was read or written yet.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.plan: Mapping[str, str] | None = None
        self.known = False
        namespace, _, self._name = name.partition("/")
        self._namespace = namespace
        self._maps = f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps"
        self._path = f"{self._maps}/{quote(self._name, safe='')}"
        self._connection = connection

    async def write(self, plan: Mapping[str, str] | None) -> None:
        """Take a plan down, if it is another one; None says that there is none. What fails is logged."""
        if self.known and plan == self.plan:
            return
        packed = None
        if plan is not None:
            packed = base64.b64encode(gzip.compress(msgspec.json.encode(plan), 6, mtime=0)).decode()
        if packed is not None and len(packed) > _LARGEST:
            _log.warning(
                "a plan of %d pods is too large for a ConfigMap; the other replicas do without", len(plan or ())
            )
            plan = packed = None
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._name, "namespace": self._namespace},
            "binaryData": {} if packed is None else {_PLAN: packed},
        }
        try:
            try:
                await self._connection.patch(self._path, {"binaryData": {_PLAN: packed}})
            except ApiError as error:
                if error.status != _MISSING:
                    raise
                await self._connection.post(self._maps, body)
        except _FAULTS as error:
            _log.warning("the plan was not handed on: %s", str(error) or type(error).__name__)
        else:
            self.plan, self.known = None if plan is None else dict(plan), True

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
        packed = (_CONFIG_MAPS.decode(raw).binary_data or {}).get(_PLAN)
        self.plan = None if packed is None else _PLANS.decode(gzip.decompress(base64.b64decode(packed)))
        self.known = True
