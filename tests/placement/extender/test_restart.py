"""kill -9 under load: a new process gets ready by itself, and until then nobody gets a wrong answer."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.objects import node, pod
from tests.placement.extender.objects import call
from tests.placement.extender.test_serve import free_port
from tests.placement.kubernetes.api_server import ApiServer, Faults, listening

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

NAMES = ["a", "b", "c"]
NOBODY, OPEN = "no answer", "open"


def filtered(port: int) -> str:
    """Who is left for a pod that asks for more than half a node; that nobody answered, or that all were let through."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("POST", "/filter", call(pod("new", cpu="600m"), NAMES))
        answer = line.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return NOBODY
    finally:
        line.close()
    assert answer.status == 200
    found = json.loads(text)
    assert found["Error"] == ""
    kept = sorted(found["NodeNames"])
    # Right answers never keep all three.
    return OPEN if kept == NAMES else "".join(kept)


class Load:
    """Calls side by side, and what they were answered."""

    def __init__(self, port: int) -> None:
        self.answers: list[str] = []
        self._port = port
        self._tasks = [asyncio.create_task(self._ask()) for _ in range(3)]

    async def _ask(self) -> None:
        while True:
            self.answers.append(await asyncio.to_thread(filtered, self._port))
            await asyncio.sleep(0.02)

    async def until(self, answer: str) -> list[str]:
        """All answers up to when this one comes; they are forgotten."""
        while answer not in self.answers:
            await asyncio.sleep(0.01)
            for task in self._tasks:
                if task.done():
                    task.result()
        seen, self.answers = self.answers, []
        return seen

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def started(kubeconfig: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "placement", "serve", "--kubeconfig", str(kubeconfig), "--port", str(port)]
    with log.open("ab") as said:
        return subprocess.Popen(command, stderr=said)


def test_is_ready_again_by_itself_and_wrong_in_nothing_until_then(tmp_path: Path) -> None:
    async def scenario() -> None:
        cluster = ApiServer()
        for name in NAMES:
            await cluster.put("Node", node(name, cpu="1"))
        await cluster.put("Pod", pod("first", cpu="800m", on="a"))
        port, processes = free_port(), []
        async with listening(cluster, tmp_path) as kubeconfig:
            load = Load(port)
            try:
                processes.append(started(kubeconfig, port, tmp_path / "log"))
                assert set(await load.until("bc")) <= {NOBODY, OPEN, "bc"}
                assert set(await load.until("bc")) == {"bc"}

                processes[0].kill()
                assert set(await load.until(NOBODY)) <= {"bc", NOBODY}
                # What happens while nobody looks, and an API server that needs to be asked more than once.
                await cluster.delete("Pod", ("default", "first"))
                await cluster.put("Pod", pod("second", cpu="800m", on="b"))
                cluster.faults = Faults(error=0.5)
                processes.append(started(kubeconfig, port, tmp_path / "log"))
                before = await load.until("ac")
                assert set(before) <= {NOBODY, OPEN, "ac"}
                assert OPEN in before  # it answers before it is ready
                cluster.faults = Faults()
                await asyncio.sleep(0.3)
                assert set(load.answers) == {"ac"}
            finally:
                await load.stop()
                for process in processes:
                    process.kill()
                    process.wait()

    asyncio.run(asyncio.wait_for(scenario(), 120))
