"""Two replicas on one cluster: both steer by the leader's plan, and the second goes on where the first stops."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from placement.extender.look_ahead import LookAhead
from placement.extender.service import warm_up
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.kubernetes.source import FromApiServer
from placement.store.state import State
from tests.objects import node, pod
from tests.placement.extender.objects import call
from tests.placement.kubernetes.api_server import ApiServer, listening
from tests.placement.kubernetes.test_follow import until

SETTINGS = Settings(look_ahead=1.0, lease="placement/extender", publish=True)


class Replica:
    """A replica without its HTTP side."""

    def __init__(self, config: Path) -> None:
        self.verbs = Verbs(State(), settings=SETTINGS)
        self.verbs.ready = False
        self._source = FromApiServer(kubeconfig=str(config))
        self._tasks: list[asyncio.Future[None]] = []

    async def start(self) -> None:
        await self._source.open()
        team, in_touch = self._source.team(self.verbs)
        tasks = [*self._source.tasks(self.verbs, self._whole), LookAhead(self.verbs, team).run, *in_touch]
        self._tasks = [asyncio.ensure_future(task()) for task in tasks]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._source.close()

    @property
    def leads(self) -> bool:
        return b"placement_leader 1.0" in self.verbs.metrics.text()

    def left(self, name: str) -> list[str]:
        """The nodes that filter leaves a pod."""
        names: list[str] = json.loads(self.verbs.filter(call(pod(name, cpu="1"), ["a", "b", "c"])))["NodeNames"]
        self.verbs.state.drop(f"default/{name}")
        return names

    def _whole(self) -> None:
        self.verbs.ready = True


def test_both_steer_by_one_plan_and_the_second_goes_on_where_the_first_stops(tmp_path: Path) -> None:
    warm_up()

    async def main() -> None:
        server = ApiServer()
        for name in ("a", "b", "c"):
            await server.put("Node", node(name))
        await server.put("Pod", pod("one", cpu="1"))
        async with listening(server, tmp_path) as config:
            first, second = Replica(config), Replica(config)
            await first.start()
            assert await until(lambda: bool(first.verbs.guidance.node_of))
            await second.start()
            assert await until(lambda: bool(second.verbs.guidance.node_of))
            assert (first.leads, second.leads) == (True, False)
            assert first.left("one") == second.left("one")
            (planned,) = first.left("one")
            status = server.objects["Pod"]["default", "one"]["status"]
            assert await until(
                lambda: server.objects["Pod"]["default", "one"]["status"].get("nominatedNodeName") == planned
            ), status
            await first.stop()
            assert await until(lambda: second.leads)
            await server.put("Pod", pod("two", cpu="1"))
            assert await until(lambda: "default/two" in second.verbs.guidance.node_of)
            # The plan that was there is where the new leader begins.
            assert second.left("one") == [planned]
            await second.stop()
            assert server.objects["Lease"]["placement", "extender"]["spec"]["holderIdentity"] == ""

    asyncio.run(main())
