"""Plans all waiting pods together, again and again, beside the answers, and steers by the last plan."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from placement.extender.forked import Progress, RefusedError, WorkError, forked
from placement.extender.guidance import Guidance
from placement.extender.verbs import Verbs
from placement.model.inventory import Inventory
from placement.policy import Policy
from placement.store.reservations import Reservation

_log = logging.getLogger("placement.look_ahead")

_PAUSE = 0.5
_AFTER_FAULT = 5.0
# A plan of a large cluster takes a while to read, check and explain besides the search; beyond this it hangs.
_LONGEST = 120.0
# Searches in a row that may find nothing better before the planner rests until something moves.
_FRUITLESS = 3


class Team(Protocol):
    """The replicas of which this process is one."""

    @property
    def leads(self) -> bool:
        """Whether this one plans."""

    @property
    def led(self) -> bool:
        """Whether anybody does."""

    @property
    def plan(self) -> Mapping[str, str] | None:
        """The plan that the leader told last, node by pod; None if it has none."""

    async def tell(self, plan: Mapping[str, str] | None) -> None:
        """Hand a plan on, or that there is none."""

    def resign(self) -> None:
        """Take note that this one leads no longer."""


class Alone:
    """A team of one."""

    leads = led = True
    plan: Mapping[str, str] | None = None

    async def tell(self, plan: Mapping[str, str] | None) -> None:
        """Nobody listens."""

    def resign(self) -> None:
        """Never happens."""


class LookAhead:
    """Keeps `Verbs.guidance` and the reservations up to date.

    The replica that leads plans, each plan from the one before; the others steer by what it tells. Where the policy
    lets running pods give way the plan says where room is to be made; that it is made is left to the verb ``preempt``,
    which the scheduler calls for a pod that fits nowhere.

    Parameters
    ----------
    limit : float
        Seconds after which a plan in the making is given up, besides the seconds of search.
    """

    def __init__(self, verbs: Verbs, team: Team | None = None, *, limit: float = _LONGEST) -> None:
        self._verbs = verbs
        self._team: Team = Alone() if team is None else team
        self._limit = limit
        self._seen = -1
        self._led = False
        self._seed = 0
        self._fruitless = 0
        self._cost: object = None
        # The plan that is steered by, when it came, and since when each of its pods has had room kept.
        self._plan: Mapping[str, str] = {}
        self._taken: object = None
        # When a leader was last known to stand by its plan.
        self._heard = verbs.clock()
        self._since: dict[str, tuple[str, float]] = {}

    async def run(self) -> None:
        """Plan or follow, for ever."""
        self._hold()
        while True:
            await asyncio.sleep(_PAUSE)
            if not self._verbs.ready:
                self._hold()
                continue
            if self._team.leads:
                await self._lead()
            else:
                self._follow()

    async def _lead(self) -> None:
        verbs = self._verbs
        if not self._led:
            self._led, self._seen = True, -1
            self._plan = self._team.plan or self._plan
        moved = verbs.state.moves != self._seen
        if not moved and self._fruitless >= _FRUITLESS:
            return
        if not verbs.state.num_pending:
            if self._plan:
                self._steer({})
                await self._team.tell({})
            verbs.guidance = Guidance(gangs=True, made_at=verbs.clock())
            self._seen, self._fruitless = verbs.state.moves, _FRUITLESS
            return
        began = time.perf_counter()
        try:
            await self.plan_once()
        except (TimeoutError, WorkError, RefusedError) as error:
            # Without a plan gangs are not held back, and every pod takes the greedy path.
            verbs.metrics.solver.labels("look-ahead", "failed").observe(time.perf_counter() - began)
            self._open()
            _log.warning("no plan: %s", str(error) or "it took too long")
            await self._team.tell(None)
            await asyncio.sleep(_AFTER_FAULT)

    def _follow(self) -> None:
        """Steer by what the leader told; where it has no plan, or nobody leads for too long, by nothing."""
        verbs, told = self._verbs, self._team.plan
        if self._led:
            self._led = False
            self._team.resign()
        if told is not self._taken:
            self._taken = told
            self._heard = verbs.clock()
            if told is None:
                self._open()
            else:
                self._steer(told)
        elif told is not None and self._team.led:
            self._heard = verbs.clock()
        elif verbs.guidance.gangs and verbs.clock() - self._heard > verbs.settings.plan_for:
            self._open()

    async def plan_once(self) -> None:
        """Make one plan, from the last one, and steer by it.

        Raises
        ------
        WorkError, RefusedError, TimeoutError
            If there is none.
        """
        verbs = self._verbs
        state, settings = verbs.state, verbs.settings
        moves = state.moves
        # Where nothing has moved the same search would only find the same again.
        self._seed = 0 if moves != self._seen else self._seed + 1
        self._seen = moves
        policy, start, seed = verbs.policy, self._plan, self._seed
        began = time.perf_counter()
        async with asyncio.timeout(settings.look_ahead + self._limit):
            # The child has the state as it is now, and puts it into an inventory in its own time.
            plan = await forked(lambda tell: made(state.inventory(), policy, settings.look_ahead, start, seed, tell))
        verbs.metrics.solver.labels("look-ahead", plan["status"]).observe(time.perf_counter() - began)
        verbs.metrics.gap.set(float("nan") if plan["gap"] is None else plan["gap"])
        better = seed == 0 or plan["cost"] != self._cost
        self._cost = plan["cost"]
        self._fruitless = _FRUITLESS if plan["status"] == "optimal" else 0 if better else self._fruitless + 1
        self._steer(plan["nodes"], frozenset(plan["afterEvictions"]))
        await self._team.tell(self._plan)

    def _steer(self, plan: Mapping[str, str], after_evictions: frozenset[str] = frozenset()) -> None:
        """Take a plan over, but for what has changed while it was made."""
        verbs = self._verbs
        state, now = verbs.state, verbs.clock()
        waiting = {}
        for key, node in plan.items():
            pod = state.objects.pods.get(key)
            gone_on = pod is None or pod.node or pod.finished or state.assumed_node(key)
            if not gone_on and node in state.objects.nodes:
                waiting[key] = node
        # Room is kept from when a pod was first planned there. One that nobody asks for loses it and gets none again.
        self._since = {
            key: (node, self._since[key][1] if key in self._since and self._since[key][0] == node else now)
            for key, node in waiting.items()
        }
        until = {key: since + verbs.settings.plan_for for key, (_, since) in self._since.items()}
        pods = state.objects.pods
        state.reservations.replace(
            (key, Reservation(node, pods[key].template, until[key]))
            for key, node in waiting.items()
            if until[key] > now
        )
        self._plan = waiting
        verbs.guidance = Guidance(waiting, after_evictions & waiting.keys(), gangs=True, made_at=now)

    def _hold(self) -> None:
        """Before the first plan gangs wait for it, all other pods take the greedy path."""
        self._verbs.guidance = Guidance(gangs=True, made_at=self._verbs.clock())

    def _open(self) -> None:
        self._plan, self._since = {}, {}
        self._verbs.guidance = Guidance()
        self._verbs.state.reservations.replace(())


def made(
    inventory: Inventory,
    policy: Policy,
    time_limit: float,
    start: Mapping[str, str],
    seed: int,
    tell: Callable[[Progress], None],
) -> dict[str, Any]:
    """What is steered by in a plan of an inventory's waiting pods, as JSON-ready values; called in the child."""
    from placement.cluster import Cluster
    from placement.planner import plan

    found = plan(Cluster(inventory), policy=policy, time_limit=time_limit, start=start, seed=seed)
    emptied = {eviction.node for eviction in found.evictions}
    return {
        "status": found.status,
        "gap": found.gap,
        "cost": [tier.value for tier in found.cost],
        "nodes": {placement.pod: placement.node for placement in found.placements},
        "afterEvictions": [placement.pod for placement in found.placements if placement.node in emptied],
    }
