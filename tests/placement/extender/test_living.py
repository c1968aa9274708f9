"""The process that plans again and again knows what the state knows, and another one comes when it goes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from placement.errors import InputError
from placement.extender import living
from placement.extender.forked import RefusedError, WorkError
from placement.extender.living import Living, Request
from placement.model.inventory import Inventory
from placement.model.pod import Pod
from placement.policy import PRESETS
from placement.store.state import State
from tests.placement.objects import node, template
from tests.placement.store.test_state import random_event

Tell = Callable[[dict[str, Any]], None]


def asked(state: State) -> Request:
    return Request(PRESETS["default"], 1.0, 0, {}, state.assumed)


def seen(inventory: Inventory, request: Request, tell: Tell) -> Any:
    """What the child sees, and who it is."""
    return {"pid": os.getpid(), "objects": listed(inventory)}


def listed(inventory: Inventory) -> list[str]:
    kinds = (
        "nodes",
        "namespaces",
        "claims",
        "volumes",
        "storage_classes",
        "csi_nodes",
        "attachments",
        "pod_groups",
        "priority_classes",
    )
    found = [f"{kind} {one!r}" for kind in kinds for one in sorted(getattr(inventory, kind).items())]
    for key, one in sorted(inventory.pods.items()):
        parts = one.node, one.phase, one.deleting, one.uid, one.owner, one.annotations, one.template
        found.append(f"{key} {parts!r}")
    return found


def lives(state: State, work: living.Work, story: Callable[[Living], Awaitable[None]]) -> None:
    """A story of a child, which is ended afterwards."""

    async def main() -> None:
        child = Living(state, work)
        try:
            await story(child)
        finally:
            await child.end()

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(3))
def test_one_child_knows_at_each_request_what_the_state_knows(seed: int) -> None:
    rng, state = random.Random(seed), State()

    async def story(child: Living) -> None:
        pids = set()
        for _ in range(6):
            for _ in range(150):
                random_event(rng, state)
            if rng.random() < 0.5:
                await child.feed()
            found = await child.ask(asked)
            assert found["objects"] == listed(state.inventory())
            pids.add(found["pid"])
        assert len(pids) == 1
        assert os.getpid() not in pids

    lives(state, seen, story)


def test_pods_of_one_template_are_of_one_template_in_the_child_too() -> None:
    old, new = template(app="old"), template(app="new")
    state = State()
    state.apply("Pod", ("default", "a"), Pod("a", old))

    def templates(inventory: Inventory, request: Request, tell: Tell) -> Any:
        return [len({id(one.template) for one in inventory.pods.values()}), len(inventory.pods)]

    async def story(child: Living) -> None:
        assert await child.ask(asked) == [1, 1]
        for name, of in (("b", old), ("c", new), ("d", new)):
            state.apply("Pod", ("default", name), Pod(name, of))
            await child.feed()
        assert await child.ask(asked) == [2, 4]

    lives(state, templates, story)


def test_another_child_comes_for_one_that_was_killed() -> None:
    state = State()

    async def story(child: Living) -> None:
        first = (await child.ask(asked))["pid"]
        os.kill(first, signal.SIGKILL)
        while Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            await asyncio.sleep(0.01)
        state.apply("Node", ("", "n"), node("n"))
        found = await child.ask(asked)
        assert found["pid"] != first
        assert found["objects"] == listed(state.inventory())

    lives(state, seen, story)


def test_a_child_that_dies_at_work_is_told_of_and_another_one_comes() -> None:
    def dies(inventory: Inventory, request: Request, tell: Tell) -> Any:
        if not inventory.nodes:
            os._exit(3)
        return sorted(inventory.nodes)

    state = State()

    async def story(child: Living) -> None:
        with pytest.raises(WorkError, match="the child process died"):
            await child.ask(asked)
        assert child.pid is None
        state.apply("Node", ("", "n"), node("n"))
        assert await child.ask(asked) == ["n"]

    lives(state, dies, story)


def test_a_child_goes_on_after_input_that_it_refused() -> None:
    def refuses(inventory: Inventory, request: Request, tell: Tell) -> Any:
        if not inventory.nodes:
            raise InputError("no nodes")
        return os.getpid()

    state = State()

    async def story(child: Living) -> None:
        with pytest.raises(RefusedError, match="no nodes"):
            await child.ask(asked)
        first = child.pid
        state.apply("Node", ("", "n"), node("n"))
        assert await child.ask(asked) == first

    lives(state, refuses, story)


def test_a_child_that_hangs_is_ended_when_nobody_waits_any_more() -> None:
    def hangs(inventory: Inventory, request: Request, tell: Tell) -> Any:
        import time

        time.sleep(60)

    async def story(child: Living) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await child.ask(asked)
        assert child.pid is None

    lives(State(), hangs, story)


def test_a_child_that_has_grown_too_much_goes_after_its_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_GROWTH", 2**20)
    grown: list[bytes] = []

    def grows(inventory: Inventory, request: Request, tell: Tell) -> Any:
        # Above what malloc keeps for later: it is the system that gives it.
        grown.append(b"x" * 2**26)
        return os.getpid()

    async def story(child: Living) -> None:
        first = await child.ask(asked)
        assert child.pid == first
        assert await child.ask(asked) == first
        assert child.pid is None
        assert await child.ask(asked) != first

    lives(State(), grows, story)


def test_another_child_comes_when_all_is_replaced_at_once() -> None:
    state = State()

    async def story(child: Living) -> None:
        first = (await child.ask(asked))["pid"]
        state.replace_all(Inventory(nodes={"n": node("n")}))
        found = await child.ask(asked)
        assert found["pid"] != first
        assert found["objects"] == listed(state.inventory())

    lives(state, seen, story)


def test_nothing_is_noted_for_a_child_that_is_gone() -> None:
    state = State()

    async def story(child: Living) -> None:
        await child.ask(asked)
        assert state.journal is not None
        await child.end()
        assert state.journal is None

    lives(state, seen, story)
