"""Plans all waiting pods together, again and again, beside the answers, and steers by the last plan."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from placement.extender.forked import Progress, RefusedError, WorkError, forked
from placement.extender.guidance import Guidance
from placement.extender.verbs import Verbs
from placement.model.inventory import Inventory
from placement.policy import Policy
from placement.store.reservations import Reservation

_log = logging.getLogger("placement.look_ahead")

_PAUSE = 0.5
_AFTER_FAULT = 5.0


class LookAhead:
    """Keeps `Verbs.guidance` and the reservations up to date.

    Running pods stay where they are: what the plan says must hold when it is answered, and an eviction has not
    happened yet then. Preemption is left to the verb ``preempt``.
    """

    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._seen = -1

    async def run(self) -> None:
        """Plan whenever something moved and pods wait, for ever."""
        while True:
            await asyncio.sleep(_PAUSE)
            state = self._verbs.state
            if not self._verbs.ready or state.moves == self._seen:
                continue
            if not state.num_pending:
                self._verbs.guidance = Guidance(gangs=True, made_at=self._verbs.clock())
                continue
            try:
                await self.plan_once()
            except (WorkError, RefusedError) as error:
                # Without a plan gangs are not held back, and every pod takes the greedy path.
                self._verbs.guidance = Guidance()
                self._verbs.state.reservations.replace(())
                _log.warning("no plan: %s", error)
                await asyncio.sleep(_AFTER_FAULT)

    async def plan_once(self) -> None:
        """Make one plan and steer by it."""
        verbs = self._verbs
        state, settings = verbs.state, verbs.settings
        self._seen = state.moves
        inventory, policy = state.inventory(), verbs.policy
        began = time.perf_counter()
        plan = await forked(lambda tell: made(inventory, policy, settings.look_ahead, tell))
        verbs.metrics.solver.labels("look-ahead", plan["status"]).observe(time.perf_counter() - began)
        if plan["gap"] is not None:
            verbs.metrics.gap.set(plan["gap"])
        now = verbs.clock()
        waiting = {}
        for placement in plan["placements"]:
            pod = state.objects.pods.get(placement["pod"])
            gone_on = pod is None or pod.node or pod.finished or state.assumed_node(placement["pod"])
            if not gone_on and placement["node"] in state.objects.nodes:
                waiting[placement["pod"]] = placement["node"]
        until = now + settings.plan_for
        templates = {key: state.objects.pods[key].template for key in waiting}
        state.reservations.replace((key, Reservation(node, templates[key], until)) for key, node in waiting.items())
        verbs.guidance = Guidance(waiting, gangs=True, made_at=now)


def made(inventory: Inventory, policy: Policy, time_limit: float, tell: Callable[[Progress], None]) -> dict[str, Any]:
    """A plan of an inventory's waiting pods, as JSON-ready values; called in the child."""
    import msgspec

    from placement.cluster import Cluster
    from placement.planner import plan

    staying = msgspec.structs.replace(policy, preemption="never")
    return plan(Cluster(inventory), policy=staying, time_limit=time_limit).to_dict()
