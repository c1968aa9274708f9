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
        What was last read or written; None before that.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.plan: Mapping[str, str] | None = None
        namespace, _, self._name = name.partition("/")
        self._namespace = namespace
        self._maps = f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps"
        self._connection = connection

    async def write(self, plan: Mapping[str, str]) -> None:
        """Take a plan down, if it is another one. A plan that is too large or cannot be written is logged."""
        if plan == self.plan:
            return
        packed = base64.b64encode(gzip.compress(msgspec.json.encode(plan), 6, mtime=0)).decode()
        if len(packed) > _LARGEST:
            _log.warning("a plan of %d pods is too large for a ConfigMap; the other replicas do without", len(plan))
            return
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._name, "namespace": self._namespace},
            "binaryData": {_PLAN: packed},
        }
        path = f"{self._maps}/{quote(self._name, safe='')}"
        try:
            try:
                await self._connection.patch(path, {"binaryData": {_PLAN: packed}})
            except ApiError as error:
                if error.status != _MISSING:
                    raise
                await self._connection.post(self._maps, body)
        except _FAULTS as error:
            _log.warning("the plan was not handed on: %s", str(error) or type(error).__name__)
        else:
            self.plan = dict(plan)

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

    def _take(self, raw: msgspec.Raw) -> None:
        packed = (_CONFIG_MAPS.decode(raw).binary_data or {}).get(_PLAN)
        if packed is not None:
            self.plan = _PLANS.decode(gzip.decompress(base64.b64decode(packed)))
