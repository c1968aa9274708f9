"""Elects one of several replicas by a Lease (``coordination.k8s.io/v1``), as client-go's leader election does."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from placement.errors import InputError
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError

_log = logging.getLogger("placement.lease")

_MISSING, _CONFLICT = 404, 409
_FAULTS = (OSError, aiohttp.ClientError, ApiError, InputError, msgspec.MsgspecError)
_JITTER = 1.2
_LAST_WORDS = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between the steps of an election; the defaults are those of kube-scheduler.

    Attributes
    ----------
    lease : float
        Others take over when the holder has not been heard of for so long.
    renew : float
        The holder stops leading when it could not renew for so long, which is before others take over.
    retry : float
        Between two attempts.
    """

    lease: float = 15.0
    renew: float = 10.0
    retry: float = 2.0


class Election:
    """Holds a Lease if nobody else does, and keeps on trying.

    When another's Lease has run out is counted from when its record was last seen to change, by this process' own
    clock: what the record says of time may come from a clock that is wrong.

    Parameters
    ----------
    name : str
        ``namespace/name`` of the Lease.
    identity : str
        A name that no other process has.
    """

    def __init__(
        self,
        connection: Connection,
        name: str,
        identity: str,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.identity = identity
        self.holder = ""
        self.transitions = 0
        namespace, _, self._name = name.partition("/")
        self._namespace = namespace
        self._leases = f"/apis/coordination.k8s.io/v1/namespaces/{quote(namespace, safe='')}/leases"
        self._path = f"{self._leases}/{quote(self._name, safe='')}"
        self._connection = connection
        self._pace = pace or Pace()
        self._clock = clock
        self._sleep = sleep
        self._seen: dict[str, Any] = {}
        self._seen_at = clock()
        self._renewed = float("-inf")
        self._led = False

    @property
    def leads(self) -> bool:
        """Whether this process holds the Lease and renewed it in time."""
        return self.holder == self.identity and self._clock() - self._renewed < self._pace.renew

    @property
    def held(self) -> bool:
        """Whether anybody holds the Lease, as far as this process has seen."""
        lasts = self._seen.get("leaseDurationSeconds") or self._pace.lease
        return self.leads or (bool(self._seen.get("holderIdentity")) and self._clock() - self._seen_at < lasts)

    async def run(self) -> None:
        """Try for ever; gives the Lease back in the end so that nobody has to wait for it."""
        pace = self._pace
        try:
            while True:
                try:
                    async with asyncio.timeout(pace.renew):
                        await self.attempt()
                except (TimeoutError, *_FAULTS) as error:
                    _log.warning("lease %s: %s", self._name, str(error) or type(error).__name__)
                self._say()
                wait = pace.retry if self.leads else pace.retry * (1 + _JITTER * random.random())
                await self._sleep(wait)
        finally:
            try:
                async with asyncio.timeout(_LAST_WORDS):
                    await self.release()
            except (TimeoutError, *_FAULTS) as error:
                _log.warning("lease %s was not given back: %s", self._name, str(error) or type(error).__name__)

    async def attempt(self) -> None:
        """Take the Lease or renew it, if it is free, run out or ours.

        Raises
        ------
        ApiError, OSError, aiohttp.ClientError
            If the API server refuses for another reason than that somebody was quicker, or cannot be reached.
        """
        began = self._clock()
        try:
            lease = await self._read()
        except ApiError as error:
            if error.status != _MISSING:
                raise
            lease = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": self._name, "namespace": self._namespace},
            }
            await self._take(lease, began, {}, self._create)
            return
        spec = lease.get("spec") or {}
        if spec != self._seen:
            self._seen, self._seen_at = spec, began
        holder = spec.get("holderIdentity") or ""
        lasts = spec.get("leaseDurationSeconds") or self._pace.lease
        if holder and holder != self.identity and began - self._seen_at < lasts:
            self.holder = holder
            return
        await self._take(lease, began, spec, self._update)

    async def release(self) -> None:
        """Give the Lease back if it is ours; errors as of `attempt`."""
        if self.holder != self.identity:
            return
        self.holder = ""
        lease = await self._read()
        spec = lease.get("spec") or {}
        if spec.get("holderIdentity") != self.identity:
            return
        lease["spec"] = spec | {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": _now()}
        await self._update(lease)
        _log.info("gave the lease %s back", self._name)

    async def _take(
        self,
        lease: dict[str, Any],
        began: float,
        spec: dict[str, Any],
        write: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        ours = spec.get("holderIdentity") == self.identity
        transitions = (spec.get("leaseTransitions") or 0) + (not ours and bool(spec))
        now = _now()
        lease["spec"] = spec | {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": int(self._pace.lease) or 1,
            "acquireTime": spec["acquireTime"] if ours and "acquireTime" in spec else now,
            "renewTime": now,
            "leaseTransitions": transitions,
        }
        try:
            await write(lease)
        except ApiError as error:
            if error.status != _CONFLICT:
                raise
            # Somebody was quicker. Who, the next attempt tells; until then nothing is known to have changed.
            return
        self.holder, self.transitions = self.identity, transitions
        self._renewed = self._seen_at = began
        self._seen = lease["spec"]

    async def _read(self) -> dict[str, Any]:
        return msgspec.json.decode(await self._connection.get(self._path, {}), type=dict[str, Any])

    async def _create(self, lease: dict[str, Any]) -> None:
        await self._connection.post(self._leases, lease)

    async def _update(self, lease: dict[str, Any]) -> None:
        # The version that was read goes along, so that two who take it at once do not both succeed.
        await self._connection.put(self._path, lease)

    def _say(self) -> None:
        leads = self.leads
        if leads != self._led:
            _log.info("lease %s: %s", self._name, "leading" if leads else f"{self.holder or 'nobody'} leads")
        self._led = leads


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
