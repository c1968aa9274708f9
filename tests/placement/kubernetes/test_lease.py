"""One of several replicas leads, and another takes over when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError
from placement.kubernetes.lease import Election, Pace
from tests.placement.extender.objects import Clock
from tests.placement.kubernetes.api_server import ApiServer, Faults, listening

NAME = "placement/extender"
KEY = ("placement", "extender")


@contextlib.asynccontextmanager
async def connected(directory: Path) -> AsyncIterator[tuple[ApiServer, Connection]]:
    server = ApiServer()
    async with listening(server, directory) as config:
        connection = Connection(kubeconfig=str(config))
        await connection.open()
        try:
            yield server, connection
        finally:
            await connection.close()


def test_the_first_takes_the_lease_and_the_second_waits(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            clock = Clock()
            one, two = (Election(connection, NAME, name, clock=clock) for name in ("one", "two"))
            await one.attempt()
            await two.attempt()
            assert (one.leads, two.leads, two.holder) == (True, False, "one")
            spec = server.objects["Lease"][KEY]["spec"]
            assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]) == ("one", 15, 0)
            assert spec["renewTime"] == spec["acquireTime"]
            assert spec["renewTime"].endswith("Z")

    asyncio.run(main())


def test_the_holder_keeps_what_others_wrote_into_the_lease_and_when_it_took_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            one = Election(connection, NAME, "one")
            await one.attempt()
            lease = server.objects["Lease"][KEY]
            acquired = lease["spec"]["acquireTime"]
            await server.put("Lease", {**lease, "metadata": {**lease["metadata"], "labels": {"team": "x"}}})
            await one.attempt()
            renewed = server.objects["Lease"][KEY]
            assert renewed["metadata"]["labels"] == {"team": "x"}
            assert renewed["spec"]["acquireTime"] == acquired
            assert renewed["spec"]["renewTime"] > acquired

    asyncio.run(main())


def test_another_takes_over_when_the_holder_was_not_heard_of_for_the_length_of_the_lease(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            clock = Clock()
            one, two = (Election(connection, NAME, name, clock=clock) for name in ("one", "two"))
            await one.attempt()
            await two.attempt()
            clock.now += 9
            assert one.leads
            clock.now += 1
            # The holder stops before anybody else may begin.
            assert not one.leads
            clock.now += 4
            await two.attempt()
            assert not two.leads
            clock.now += 1
            await two.attempt()
            assert two.leads
            assert server.objects["Lease"][KEY]["spec"]["leaseTransitions"] == 1
            await one.attempt()
            assert (one.leads, one.holder) == (False, "two")

    asyncio.run(main())


def test_of_two_that_take_a_free_lease_at_once_one_gets_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            elections = [Election(connection, NAME, f"replica-{number}") for number in range(6)]
            await asyncio.gather(*(one.attempt() for one in elections))
            assert sum(one.leads for one in elections) == 1
            clock = Clock()
            await server.put(
                "Lease", {"metadata": {"name": "extender", "namespace": "placement"}, "spec": {"holderIdentity": ""}}
            )
            elections = [Election(connection, NAME, f"other-{number}", clock=clock) for number in range(6)]
            await asyncio.gather(*(one.attempt() for one in elections))
            assert sum(one.leads for one in elections) == 1

    asyncio.run(main())


def test_gives_the_lease_back_in_the_end_so_that_the_next_need_not_wait(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (_, connection):
            pace = Pace(lease=60, renew=40, retry=0.01)
            one, two = (Election(connection, NAME, name, pace=pace) for name in ("one", "two"))
            running = asyncio.create_task(one.run())
            while not one.leads:
                await asyncio.sleep(0.01)
            await two.attempt()
            assert not two.leads
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert not one.leads
            await two.attempt()
            assert two.leads

    asyncio.run(main())


def test_goes_on_leading_through_short_faults_and_says_what_they_were(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            one = Election(connection, NAME, "one", pace=Pace(lease=60, renew=40, retry=0.01))
            running = asyncio.create_task(one.run())
            while not one.leads:
                await asyncio.sleep(0.01)
            server.faults = Faults(error=1.0)
            while "503" not in caplog.text:
                await asyncio.sleep(0.01)
            assert one.leads
            server.faults = Faults()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


def test_tells_what_the_api_server_refuses(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as (server, connection):
            server.faults = Faults(error=1.0)
            with pytest.raises(ApiError, match="try later"):
                await Election(connection, NAME, "one").attempt()

    asyncio.run(main())
