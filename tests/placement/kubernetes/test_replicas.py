"""The leader's plan reaches the other replicas, and the pods themselves where that is wanted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from placement.extender.guidance import Told
from placement.extender.metrics import Metrics
from placement.kubernetes.lease import Election
from placement.kubernetes.nominations import Nominations
from placement.kubernetes.plan_record import PlanRecord
from placement.kubernetes.replicas import Replicas
from placement.model.pod import Pod
from placement.store.reader import Reader
from tests.objects import pod
from tests.placement.kubernetes.api_server import ApiServer, listening
from tests.placement.kubernetes.test_follow import until
from tests.placement.kubernetes.test_lease import connected

NAME = "placement/extender-plan"


def seen(server: ApiServer) -> dict[str, Pod]:
    """The pods as a watch that misses nothing sees them."""
    import json

    reader = Reader()
    found = [reader.pod(json.dumps(one).encode()) for one in server.objects["Pod"].values()]
    return {one.key: one for one in found}


def nominated(server: ApiServer) -> dict[str, str]:
    return {
        name: one["status"]["nominatedNodeName"]
        for (_, name), one in server.objects["Pod"].items()
        if one["status"].get("nominatedNodeName")
    }


def story(tmp_path: Path, tell: Any) -> None:
    """Run a story of a server with three waiting pods and nominations that are allowed."""

    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            for name in ("a", "b", "c"):
                await server.put("Pod", pod(name))
            await tell(server, Nominations(connection, lambda: seen(server), lambda: True, Metrics()))

    asyncio.run(main())


def test_a_plan_is_handed_on_through_a_config_map(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            leader, follower = PlanRecord(connection, NAME), PlanRecord(connection, NAME)
            following = asyncio.create_task(follower.follow())
            await leader.write(Told({"default/a": "n1"}))
            assert await until(lambda: follower.plan == Told({"default/a": "n1"}))
            await leader.write(Told({"default/a": "n2", "default/b": "n1"}))
            assert await until(lambda: follower.plan == Told({"default/a": "n2", "default/b": "n1"}))
            writes = len(server.writes)
            await leader.write(Told({"default/a": "n2", "default/b": "n1"}))
            assert len(server.writes) == writes
            evicting = Told({"default/a": "n2", "default/b": "n1"}, frozenset({"default/a"}))
            await leader.write(evicting)
            assert await until(lambda: follower.plan == evicting)
            await leader.write(None)
            assert await until(lambda: follower.plan is None)
            following.cancel()

    asyncio.run(main())


def test_who_comes_later_finds_the_plan(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (_, connection):
            await PlanRecord(connection, NAME).write(Told({"default/a": "n1"}))
            late = PlanRecord(connection, NAME)
            following = asyncio.create_task(late.follow())
            assert await until(lambda: late.plan == Told({"default/a": "n1"}))
            following.cancel()

    asyncio.run(main())


def test_nominates_what_the_plan_says_once(tmp_path: Path) -> None:
    async def tell(server: ApiServer, nominations: Nominations) -> None:
        nominations.wanted = {"default/a": "n1", "default/b": "n2", "default/gone": "n1"}
        await nominations.publish()
        assert nominated(server) == {"a": "n1", "b": "n2"}
        writes = len(server.writes)
        await nominations.publish()
        assert len(server.writes) == writes

    story(tmp_path, tell)


def test_takes_back_and_changes_what_a_newer_plan_says_otherwise(tmp_path: Path) -> None:
    async def tell(server: ApiServer, nominations: Nominations) -> None:
        nominations.wanted = {"default/a": "n1", "default/b": "n2"}
        await nominations.publish()
        nominations.wanted = {"default/b": "n3"}
        await nominations.publish()
        assert nominated(server) == {"b": "n3"}

    story(tmp_path, tell)


def test_leaves_nominations_of_others_alone(tmp_path: Path) -> None:
    async def tell(server: ApiServer, nominations: Nominations) -> None:
        preemptor = pod("a")
        preemptor["status"]["nominatedNodeName"] = "n9"
        await server.put("Pod", preemptor)
        nominations.wanted = {"default/a": "n1", "default/b": "n2"}
        await nominations.publish()
        other = pod("b")
        other["status"]["nominatedNodeName"] = "n8"
        await server.put("Pod", other)
        nominations.wanted = {}
        await nominations.publish()
        await nominations.publish()
        assert nominated(server) == {"a": "n9", "b": "n8"}

    story(tmp_path, tell)


def test_a_pod_that_has_taken_the_name_since_is_not_nominated(tmp_path: Path) -> None:
    async def tell(server: ApiServer, nominations: Nominations) -> None:
        old = seen(server)
        await server.delete("Pod", ("default", "a"))
        newer = pod("a")
        newer["metadata"]["uid"] = "another"
        await server.put("Pod", newer)
        nominations._pods = lambda: old
        nominations.wanted = {"default/a": "n1"}
        await nominations.publish()
        assert nominated(server) == {}

    story(tmp_path, tell)


def test_bound_and_finished_pods_are_left_alone(tmp_path: Path) -> None:
    async def tell(server: ApiServer, nominations: Nominations) -> None:
        await server.put("Pod", pod("a", on="n1"))
        nominations.wanted = {"default/a": "n2"}
        await nominations.publish()
        assert server.writes == []

    story(tmp_path, tell)


def test_only_the_leader_writes(tmp_path: Path) -> None:
    async def main() -> None:
        server = ApiServer()
        await server.put("Pod", pod("a"))
        async with listening(server, tmp_path) as config:
            from placement.kubernetes.connection import Connection

            connection = Connection(kubeconfig=str(config))
            await connection.open()
            await Election(connection, "placement/extender", "somebody else").attempt()
            writes = len(server.writes)
            metrics = Metrics()
            replicas = Replicas(
                connection, "placement/extender", publish=True, pods=lambda: seen(server), metrics=metrics
            )
            tasks = [asyncio.ensure_future(task()) for task in replicas.tasks()]
            await replicas.tell(Told({"default/a": "n1"}))
            await asyncio.sleep(0.6)
            assert (replicas.leads, nominated(server), len(server.writes)) == (False, {}, writes)
            assert "placement_leader 0.0" in metrics.text().decode()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await connection.close()

    asyncio.run(main())


def test_a_new_leader_takes_back_what_its_predecessor_published(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            for name in ("a", "b"):
                await server.put("Pod", pod(name))
            metrics = Metrics()

            async def reign(plan: dict[str, str]) -> None:
                replicas = Replicas(
                    connection, "placement/extender", publish=True, pods=lambda: seen(server), metrics=metrics
                )
                tasks = [asyncio.ensure_future(task()) for task in replicas.tasks()]
                assert await until(lambda: replicas.leads)
                await replicas.tell(Told(plan))
                assert await until(lambda: {f"default/{key}": node for key, node in nominated(server).items()} == plan)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

            await reign({"default/a": "n1", "default/b": "n2"})
            await reign({"default/b": "n3"})
            lease: Any = server.objects["Lease"]["placement", "extender"]["spec"]
            assert (lease["holderIdentity"], lease["leaseTransitions"]) == ("", 1)

    asyncio.run(main())


def test_nobody_stands_for_election_before_it_has_read_the_cluster(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            read: list[str] = []
            replicas = Replicas(
                connection,
                "placement/extender",
                publish=False,
                pods=dict,
                metrics=Metrics(),
                ready=lambda: bool(read),
            )
            tasks = [asyncio.ensure_future(task()) for task in replicas.tasks()]
            await asyncio.sleep(0.3)
            assert server.objects["Lease"] == {}
            read.append("all")
            assert await until(lambda: replicas.leads)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())
