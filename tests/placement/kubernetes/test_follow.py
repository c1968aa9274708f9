"""Whatever an API server and the line to it do, the state is in the end that of a fresh list."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from placement.extender.protocol import BindingArguments
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.kubernetes.source import FromApiServer
from placement.manifests import inventory_of
from placement.store.state import State
from tests.objects import Object, node, pod
from tests.placement.kubernetes.api_server import ApiServer, Faults, listening
from tests.placement.kubernetes.changes import DRIVER, ZONE, anything, difference, fresh, written

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

# Events of the random test: `PLACEMENT_EVENTS=100000 pytest tests/placement/kubernetes/test_follow.py -k fresh_list`
# goes through as many as anybody may want.
EVENTS = int(os.environ.get("PLACEMENT_EVENTS", "3600"))
SEEDS, ROUND = 4, 150


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    for _ in range(int(seconds / 0.02)):
        if holds():
            return True
        await asyncio.sleep(0.02)
    return holds()


def followed(
    tmp_path: Path,
    server_seed: int,
    story: Callable[[ApiServer, Verbs, FromApiServer], Awaitable[None]],
    prepare: Callable[[ApiServer], Awaitable[None]] | None = None,
) -> None:
    """Run a story beside a source that follows a server, once it is ready."""

    async def main() -> None:
        server = ApiServer(server_seed)
        if prepare is not None:
            await prepare(server)
        async with listening(server, tmp_path) as config:
            source = FromApiServer(kubeconfig=str(config))
            await source.open()
            verbs = Verbs(State(), settings=Settings())
            verbs.ready = False

            def whole() -> None:
                verbs.ready = True

            tasks = [asyncio.ensure_future(task()) for task in source.tasks(verbs, whole)]
            try:
                assert await until(lambda: verbs.ready)
                await story(server, verbs, source)
                assert [task.exception() for task in tasks if task.done()] == []
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await source.connection.close()

    asyncio.run(main())


async def some_nodes(server: ApiServer) -> None:
    for number in range(8):
        await server.put("Node", node(f"n{number}", cpu="8", labels={ZONE: "abc"[number % 3]}))
    await server.put("Namespace", {"metadata": {"name": "default", "labels": {}}})


@pytest.mark.parametrize("seed", range(SEEDS))
def test_is_the_state_of_a_fresh_list_at_every_quiet_point_whatever_goes_wrong(tmp_path: Path, seed: int) -> None:
    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        rng = random.Random(seed)
        for round_number in range(-(-EVENTS // (SEEDS * ROUND))):
            server.faults = Faults(error=0.05, drop=0.02, duplicate=0.1, reorder=0.1, slow=0.02, page=7)
            for step in range(ROUND):
                await anything(rng, server)
                if rng.random() < 0.01:
                    server.compact()
                if rng.random() < 0.01:
                    server.hang_up()
                if step % 10 == 9:
                    await asyncio.sleep(0.002)
            server.faults = Faults()
            expected = fresh(server)
            await until(lambda expected=expected: not difference(verbs.state, expected), 40.0)
            assert difference(verbs.state, expected) == "", f"round {round_number}"

    followed(tmp_path, seed, story, some_nodes)


def test_reads_lists_of_many_pages(tmp_path: Path) -> None:
    async def many(server: ApiServer) -> None:
        await some_nodes(server)
        for number in range(1203):
            await server.put("Pod", pod(f"p{number}", cpu="1m", on=f"n{number % 8}"))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        assert len(verbs.state.objects.pods) == 1203
        assert sum(len(one.pods) for one in verbs.state.snapshot.nodes.values()) == 1203

    followed(tmp_path, 0, story, many)


def test_what_csi_drivers_have_left_is_judged_as_it_is_from_files(tmp_path: Path) -> None:
    spec = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "c2"}}]}
    incoming = next(iter(inventory_of([pod("incoming", **spec)]).pods.values()))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        def open_nodes() -> set[str]:
            outcome = verbs.state.outcome(incoming)
            return {name for name, row in verbs.state.snapshot.table.row_of.items() if outcome.refusal(row) is None}

        meta = {"metadata": {"name": "x0"}}
        await server.put("StorageClass", {**meta, "provisioner": DRIVER, "volumeBindingMode": "WaitForFirstConsumer"})
        await server.put("PersistentVolumeClaim", written("PersistentVolumeClaim", "c2", random.Random(0)))
        assert await until(lambda: len(open_nodes()) == 8)
        await server.put("CSIDriver", {"metadata": {"name": DRIVER}, "spec": {"storageCapacity": True}})
        assert await until(lambda: open_nodes() == set())
        room = {"storageClassName": "x0", "nodeTopology": {"matchLabels": {ZONE: "b"}}, "capacity": "4Gi"}
        await server.put("CSIStorageCapacity", {"metadata": {"name": "room", "namespace": "default"}, **room})
        assert await until(lambda: open_nodes() == {"n1", "n4", "n7"})
        assert difference(verbs.state, fresh(server)) == ""
        await server.delete("CSIStorageCapacity", ("default", "room"))
        assert await until(lambda: open_nodes() == set())
        await server.delete("CSIDriver", ("", DRIVER))
        assert await until(lambda: len(open_nodes()) == 8)

    followed(tmp_path, 0, story, some_nodes)


def test_misses_no_delete_that_happened_while_it_was_away(tmp_path: Path) -> None:
    async def prepare(server: ApiServer) -> None:
        await some_nodes(server)
        await server.put("Pod", pod("gone", on="n0"))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        server.faults = Faults(error=1.0)
        server.hang_up()
        await server.delete("Pod", ("default", "gone"))
        server.compact()
        server.faults = Faults()
        assert await until(lambda: "default/gone" not in verbs.state.objects.pods)
        assert verbs.state.snapshot.nodes["n0"].pods == {}

    followed(tmp_path, 0, story, prepare)


def test_goes_on_from_where_it_was_without_listing_again_when_the_line_drops(tmp_path: Path) -> None:
    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        lists = server.lists
        server.hang_up()
        await server.put("Pod", pod("new", on="n0"))
        assert await until(lambda: "default/new" in verbs.state.objects.pods)
        assert server.lists == lists

    followed(tmp_path, 0, story, some_nodes)


def test_an_old_event_that_comes_late_does_not_bring_a_deleted_pod_back(tmp_path: Path) -> None:
    from placement.kubernetes.intake import Intake

    verbs = Verbs(State())
    intake = Intake(verbs.state, verbs.reader, verbs.metrics)
    import json

    def written(version: int) -> bytes:
        one = pod("late")
        one["metadata"]["resourceVersion"] = str(version)
        return json.dumps(one).encode()

    intake.put("Pod", written(5))
    intake.remove("Pod", written(7))
    intake.put("Pod", written(6))
    assert verbs.state.objects.pods == {}
    intake.put("Pod", written(8))
    assert list(verbs.state.objects.pods) == ["default/late"]


def test_does_without_kinds_the_cluster_does_not_have(tmp_path: Path) -> None:
    async def prepare(server: ApiServer) -> None:
        await some_nodes(server)
        server.faults.missing = {"PodGroup", "DeviceClass"}

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        assert len(verbs.state.objects.nodes) == 8

    followed(tmp_path, 0, story, prepare)


def test_leaves_out_what_it_cannot_read_and_counts_it(tmp_path: Path) -> None:
    async def prepare(server: ApiServer) -> None:
        await some_nodes(server)
        await server.put("Pod", pod("odd", cpu="1.5GiB"))
        await server.put("Pod", pod("fine"))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        assert list(verbs.state.objects.pods) == ["default/fine"]
        assert verbs.metrics.unreadable.labels("Pod")._value.get() == 1

    followed(tmp_path, 0, story, prepare)


def test_binds_once_and_takes_a_repeated_call_for_done(tmp_path: Path) -> None:
    async def prepare(server: ApiServer) -> None:
        await some_nodes(server)
        await server.put("Pod", pod("new"))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        arguments = BindingArguments("new", "default", "uid-new", "n1")
        assert await source.bind(arguments) == ""
        assert await source.bind(arguments) == ""
        other = await source.bind(BindingArguments("new", "default", "uid-new", "n2"))
        assert other == "the API server answers 409: pod new is already assigned to node"
        assert await until(lambda: "default/new" in verbs.state.snapshot.nodes["n1"].pods)

    followed(tmp_path, 0, story, prepare)


def test_of_two_pods_that_share_a_gpu_only_one_is_bound(tmp_path: Path) -> None:
    def sharing(name: str) -> Object:
        made = pod(name)
        made["metadata"]["annotations"] = {"alibabacloud.com/gpu-milli": "600"}
        return made

    async def prepare(server: ApiServer) -> None:
        await server.put("Node", node("n1", **{"alibabacloud.com/gpu-count": "1"}))
        for name in ("one", "two"):
            await server.put("Pod", sharing(name))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        calls = (source.bind(BindingArguments(name, "default", f"uid-{name}", "n1")) for name in ("one", "two"))
        assert sorted(await asyncio.gather(*calls)) == [
            "",
            "node 'n1': Insufficient alibabacloud.com/gpu-milli on one GPU",
        ]
        assert len(server.bindings) == 1

    followed(tmp_path, 0, story, prepare)


def test_a_pod_whose_binding_is_refused_counts_nowhere(tmp_path: Path) -> None:
    async def prepare(server: ApiServer) -> None:
        await some_nodes(server)
        await server.put("Pod", pod("new"))

    async def story(server: ApiServer, verbs: Verbs, source: FromApiServer) -> None:
        del server.objects["Pod"]["default", "new"]
        assert "404" in await source.bind(BindingArguments("new", "default", "uid-new", "n1"))
        assert verbs.state.num_assumed == 0

    followed(tmp_path, 0, story, prepare)
