"""The replicas of the extender on one cluster: one leads, plans and writes, the others follow its plan."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping

from placement.extender.guidance import Told
from placement.extender.metrics import Metrics
from placement.kubernetes.connection import Connection
from placement.kubernetes.lease import Election
from placement.kubernetes.nominations import Nominations
from placement.kubernetes.plan_record import PlanRecord
from placement.model.pod import Pod

_LOOK = 0.2


class Replicas:
    """What the look-ahead knows of the other replicas, by way of the API server.

    Parameters
    ----------
    lease : str
        ``namespace/name`` of the Lease, and of the ConfigMap with the plan; "" if there is one replica only.
    publish : bool
        Whether the leader publishes its plan as nominations.
    pods : callable
        The pods as the watch last saw them.
    ready : callable
        Whether the whole cluster has been read; nobody stands for election before.
    """

    def __init__(
        self,
        connection: Connection,
        lease: str,
        *,
        publish: bool,
        pods: Callable[[], Mapping[str, Pod]],
        metrics: Metrics,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._ready = ready
        self._election = Election(connection, lease, identity()) if lease else None
        self._record = PlanRecord(connection, f"{lease}-plan") if lease else None
        self._nominations = Nominations(connection, pods, lambda: self.leads, metrics) if publish else None
        metrics.leader.set_function(lambda: float(self.leads))

    @property
    def leads(self) -> bool:
        """Whether this replica plans and writes."""
        return self._election is None or self._election.leads

    @property
    def led(self) -> bool:
        """Whether any replica leads."""
        return self._election is None or self._election.held

    @property
    def plan(self) -> Told | None:
        """The plan that the leader told last, None if it has none."""
        return None if self._record is None else self._record.plan

    async def tell(self, plan: Told | None) -> None:
        """Hand the plan on to the other replicas and to whoever looks at the pods."""
        nominations, record = self._nominations, self._record
        if nominations is not None:
            if nominations.wanted is None and record is not None:
                # What the last leader may have published is ours now, to be changed and taken back.
                await record.read()
                if not record.known:
                    return
                nominations.inherit(record.plan.node_of if record.plan else {})
            nominations.wanted = plan.node_of if plan else {}
        if record is not None and self.leads:
            await record.write(plan)

    def resign(self) -> None:
        """Forget what was told: another leads now, and what it tells is what counts."""
        if self._nominations is not None:
            self._nominations.wanted = None

    async def _stand(self) -> None:
        while not self._ready():
            await asyncio.sleep(_LOOK)
        if self._election is not None:
            await self._election.run()

    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """What has to run beside."""
        tasks: list[Callable[[], Awaitable[None]]] = []
        if self._election is not None:
            tasks.append(self._stand)
        if self._record is not None:
            tasks.append(self._record.follow)
        if self._nominations is not None:
            tasks.append(self._nominations.run)
        return tasks


def identity() -> str:
    """A name for this process that no other has: the pod's, and something random as a pod may restart."""
    return f"{os.environ.get('HOSTNAME') or os.uname().nodename}_{secrets.token_hex(4)}"
