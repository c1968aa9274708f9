"""The plan of all waiting pods, and how calls are steered by it."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from placement.errors import InputError
from placement.extender.forked import RefusedError, WorkError, forked
from placement.extender.look_ahead import LookAhead
from placement.extender.service import warm_up
from placement.extender.verbs import Verbs
from tests.objects import Object, node, pod
from tests.placement.extender.objects import call, verbs


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    warm_up()


def planned(objects: list[Object]) -> Verbs:
    """Verbs after one plan."""
    extender = verbs(objects, look_ahead=3.0)
    asyncio.run(LookAhead(extender).plan_once())
    return extender


def names(extender: Verbs, subject: Object, offered: list[str]) -> list[str]:
    found: list[str] = json.loads(extender.filter(call(subject, offered)))["NodeNames"]
    return found


def test_pods_go_where_the_plan_of_all_has_them() -> None:
    # First come, best fit would put the small one on a and leave none for the large ones.
    pods = [pod("small", cpu="1"), pod("large-0", cpu="2"), pod("large-1", cpu="2")]
    extender = planned([node("a", cpu="2"), node("b", cpu="3"), *pods])
    assert extender.guidance.node_of["default/small"] == "b"
    assert names(extender, pods[0], ["a", "b"]) == ["b"]
    taken = {names(extender, one, ["a", "b"])[0] for one in pods[1:]}
    assert taken == {"a", "b"}


def test_pods_outside_the_plan_do_not_get_planned_room() -> None:
    extender = planned([node("a", cpu="2"), pod("planned", cpu="2")])
    assert names(extender, pod("late", cpu="1"), ["a"]) == []
    extender.state.reservations.expire(extender.clock() + 1000)
    assert names(extender, pod("late", cpu="1"), ["a"]) == ["a"]


def test_a_gang_waits_until_all_of_it_has_room() -> None:
    gang = {"placement.dev/gang": "training"}
    members = [pod(f"worker-{number}", cpu="2") for number in range(3)]
    for member in members:
        member["metadata"]["annotations"] = gang
    short = planned([node("a"), *members])
    assert [names(short, one, ["a"]) for one in members] == [[], [], []]
    enough = planned([node("a"), node("b"), *members])
    assert [len(names(enough, one, ["a", "b"])) for one in members] == [1, 1, 1]


def test_work_in_a_child_gives_its_result_and_its_progress() -> None:
    told: list[dict[str, Any]] = []

    def work(tell: Any) -> Any:
        tell({"half": 1})
        return {"pid": os.getpid()}

    result = asyncio.run(forked(work, told=told.append))
    assert told == [{"half": 1}]
    assert result["pid"] != os.getpid()


def test_a_child_says_what_was_wrong() -> None:
    def refuses(tell: Any) -> Any:
        raise InputError("the input is wrong")

    def fails(tell: Any) -> Any:
        raise ZeroDivisionError("by zero")

    def dies(tell: Any) -> Any:
        os._exit(3)

    with pytest.raises(RefusedError, match="the input is wrong"):
        asyncio.run(forked(refuses))
    with pytest.raises(WorkError, match="ZeroDivisionError: by zero"):
        asyncio.run(forked(fails))
    with pytest.raises(WorkError, match="the child process died"):
        asyncio.run(forked(dies))


def test_a_child_can_be_ended() -> None:
    def endless(tell: Any) -> Any:
        import time

        time.sleep(60)

    def at_once(child: Any) -> None:
        child.cancel()

    with pytest.raises(WorkError, match="cancelled"):
        asyncio.run(forked(endless, started=at_once))
