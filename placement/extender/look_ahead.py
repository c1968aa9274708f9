"""Plans all waiting pods together, again and again, beside the answers, and steers by the last plan."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

from placement.extender.forked import Progress, RefusedError, WorkError
from placement.extender.guidance import Guidance, Told, kind_of
from placement.extender.living import Living, Request
from placement.extender.verbs import Verbs
from placement.model.inventory import Inventory
from placement.policy import Policy
from placement.store.reservations import Reservation
from placement.store.state import State

_log = logging.getLogger("placement.look_ahead")

_PAUSE = 0.5
_AFTER_FAULT = 5.0
# A plan of a large cluster takes a while to read, check and explain besides the search; beyond this it hangs.
_LONGEST = 120.0
# Searches in a row that may find nothing better before the planner rests until something moves.
_FRUITLESS = 3
# Pods of a plan that are taken over at a time: a fraction of a millisecond.
_SLICE = 200


class Team(Protocol):
    """The replicas of which this process is one."""

    @property
    def leads(self) -> bool:
        """Whether this one plans."""

    @property
    def led(self) -> bool:
        """Whether anybody does."""

    @property
    def plan(self) -> Told | None:
        """The plan that the leader told last; None if it has none."""

    async def tell(self, plan: Told | None) -> None:
        """Hand a plan on, or that there is none."""

    def resign(self) -> None:
        """Take note that this one leads no longer."""


class Alone:
    """A team of one."""

    leads = led = True
    plan: Told | None = None

    async def tell(self, plan: Told | None) -> None:
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
        self._planner = Living(verbs.state, _made)
        self._seen: tuple[int, int] | None = None
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
        try:
            while True:
                await asyncio.sleep(_PAUSE)
                if not self._verbs.ready:
                    self._hold()
                    continue
                if self._team.leads:
                    await self._planner.feed()
                    await self._lead()
                else:
                    await self._planner.end()
                    await self._follow()
        finally:
            await self.close()

    async def close(self) -> None:
        """End the process that plans; the next plan begins another one."""
        await self._planner.end()

    async def _lead(self) -> None:
        verbs = self._verbs
        if not self._led:
            self._led, self._seen = True, None
            self._plan = self._team.plan.node_of if self._team.plan else self._plan
        moved = verbs.state.moves != self._seen
        if not moved and self._fruitless >= _FRUITLESS:
            return
        if not verbs.state.num_pending:
            if self._plan:
                await self._steer(Told())
                await self._team.tell(Told())
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

    async def _follow(self) -> None:
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
                await self._steer(told)
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
        settings = verbs.settings
        began = time.perf_counter()
        async with asyncio.timeout(settings.look_ahead + self._limit):
            plan = await self._planner.ask(self._request)
        verbs.metrics.solver.labels("look-ahead", plan["status"]).observe(time.perf_counter() - began)
        verbs.metrics.gap.set(float("nan") if plan["gap"] is None else plan["gap"])
        better = self._seed == 0 or plan["cost"] != self._cost
        self._cost = plan["cost"]
        self._fruitless = _FRUITLESS if plan["status"] == "optimal" else 0 if better else self._fruitless + 1
        await self._steer(Told(plan["nodes"], frozenset(plan["afterEvictions"])))
        await self._team.tell(Told(dict(self._plan), verbs.guidance.after_evictions))

    def _request(self, state: State) -> Request:
        """What is asked of the planner, which knows the state as it is now."""
        # Where nothing has moved the same search would only find the same again.
        self._seed = 0 if state.moves != self._seen else self._seed + 1
        self._seen = state.moves
        verbs = self._verbs
        return Request(verbs.policy, verbs.settings.look_ahead, self._seed, self._plan, state.assumed)

    async def _steer(self, plan: Told) -> None:
        """Take a plan over, but for what has changed while it was made.

        Calls are answered in between, by the plan before; from one answer to the next all of it holds.
        """
        verbs = self._verbs
        state, now, room = verbs.state, verbs.clock(), verbs.state.reservations
        waiting: dict[str, str] = {}
        since: dict[str, tuple[str, float]] = {}
        twins: dict[Hashable, dict[str, None]] = {}
        room.begin()
        for number, (key, node) in enumerate(plan.node_of.items(), 1):
            if number % _SLICE == 0:
                await asyncio.sleep(0)
            pod = state.objects.pods.get(key)
            gone_on = pod is None or pod.node or pod.finished or state.assumed_node(key)
            if pod is None or gone_on or node not in state.objects.nodes:
                continue
            waiting[key] = node
            twins.setdefault(kind_of(pod), {})[key] = None
            # Room is kept from when a pod was first planned there. One that nobody asks for loses it and gets none
            # again.
            before, began = self._since.get(key, ("", now))
            since[key] = node, began if before == node else now
            until = since[key][1] + verbs.settings.plan_for
            if until > now:
                room.gather(key, Reservation(node, pod.template, until))
        room.commit()
        self._plan, self._since = waiting, since
        evicting = plan.after_evictions & waiting.keys()
        verbs.guidance = Guidance(waiting, evicting, gangs=True, made_at=now, twins=twins)

    def _hold(self) -> None:
        """Before the first plan gangs wait for it, all other pods take the greedy path."""
        self._verbs.guidance = Guidance(gangs=True, made_at=self._verbs.clock())

    def _open(self) -> None:
        self._plan, self._since = {}, {}
        self._verbs.guidance = Guidance()
        self._verbs.state.reservations.replace(())


def _made(inventory: Inventory, request: Request, tell: Callable[[Progress], None]) -> Any:
    return made(inventory, request.policy, request.time_limit, request.start, request.seed, tell)


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
