"""The plan of all waiting pods, and how calls are steered by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping

import pytest

from placement.extender.guidance import Told
from placement.extender.look_ahead import LookAhead
from placement.extender.preemption import Preemption
from placement.extender.service import warm_up
from placement.extender.verbs import Verbs
from placement.manifests import inventory_of
from placement.policy import PRESETS
from tests.objects import Object, node, pod
from tests.placement.extender.objects import call, verbs


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    warm_up()


def planned(objects: list[Object]) -> Verbs:
    """Verbs after one plan."""
    extender = verbs(objects, look_ahead=3.0)
    plan(LookAhead(extender))
    return extender


def plan(looking: LookAhead) -> None:
    """Make one plan."""

    async def main() -> None:
        await looking.plan_once()
        await looking.close()

    asyncio.run(main())


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


def test_victims_are_those_that_the_plan_of_all_pods_has_weighed() -> None:
    low = [pod("whole", cpu="4", on="a"), *(pod(f"half-{number}", cpu="2", on="b") for number in range(2))]
    small, large = pod("small", cpu="2", priority=10), pod("large", cpu="4", priority=10)
    objects = [node("a", cpu="4"), node("b", cpu="4"), *low, small, large]
    candidates = {"a": ["whole"], "b": ["half-0"]}
    body = {
        "Pod": small,
        "NodeNameToMetaVictims": {
            name: {"Pods": [{"UID": f"uid-{one}"} for one in victims]} for name, victims in candidates.items()
        },
    }

    def answered(extender: Verbs) -> list[str]:
        return list(json.loads(Preemption(extender).preempt(json.dumps(body).encode()))["NodeNameToMetaVictims"])

    # By itself it takes either node; where the large one has to go, only one is left that costs no further victim.
    assert answered(verbs(objects)) == ["a"]
    extender = planned(objects)
    assert extender.guidance.node_of == {"default/large": "a", "default/small": "b"}
    assert answered(extender) == ["b"]
    assert names(extender, small, ["a", "b"]) == []
    assert extender.metrics.plan_refused._value.get() == 0


def test_pods_of_one_kind_change_places_where_the_scheduler_offers_the_others_node() -> None:
    twins = [pod("one", cpu="2"), pod("two", cpu="2")]
    extender = planned([node("a", cpu="2"), node("b", cpu="2"), *twins])
    before = dict(extender.guidance.node_of)
    others = before["default/two"]
    assert names(extender, twins[0], [others]) == [others]
    assert extender.guidance.node_of == {"default/one": others, "default/two": before["default/one"]}
    assert names(extender, twins[1], ["a", "b"]) == [before["default/one"]]
    assert extender.metrics.plan_exchanged._value.get() == 1
    assert extender.metrics.not_offered._value.get() == 0


def test_the_room_of_pods_that_changed_places_is_kept_for_them() -> None:
    twins = [pod("one", cpu="2"), pod("two", cpu="2")]
    extender = planned([node("a", cpu="2"), node("b", cpu="2"), *twins])
    others = extender.guidance.node_of["default/two"]
    assert names(extender, twins[0], [others]) == [others]
    assert names(extender, pod("late", cpu="1"), ["a", "b"]) == []


@pytest.mark.parametrize("other", [pod("two", cpu="3"), pod("two", cpu="2", priority=5)], ids=["larger", "above"])
def test_pods_that_are_not_of_one_kind_keep_their_places(other: Object) -> None:
    one = pod("one", cpu="2")
    extender = planned([node("a", cpu="3"), node("b", cpu="3"), one, other])
    before = dict(extender.guidance.node_of)
    assert names(extender, one, [before["default/two"]]) == []
    assert extender.guidance.node_of == before
    assert extender.metrics.not_offered._value.get() == 1


def test_a_pod_that_has_come_gives_its_place_to_nobody() -> None:
    twins = [pod("one", cpu="2"), pod("two", cpu="2")]
    extender = planned([node("a", cpu="2"), node("b", cpu="2"), *twins])
    others = extender.guidance.node_of["default/two"]
    come = next(iter(inventory_of([pod("two", cpu="2", on=others)]).pods.values()))
    extender.state.apply("Pod", ("default", "two"), come)
    assert names(extender, twins[0], [others]) == []


def test_runs_nobody_out_where_the_policy_forbids_it() -> None:
    extender = verbs([node("a", cpu="4"), pod("low", cpu="4", on="a"), pod("high", cpu="4", priority=10)])
    extender.policy = PRESETS["stable"]
    plan(LookAhead(extender))
    assert extender.guidance.node_of == {}


def test_a_gang_waits_until_all_of_it_has_room() -> None:
    gang = {"placement.dev/gang": "training"}
    members = [pod(f"worker-{number}", cpu="2") for number in range(3)]
    for member in members:
        member["metadata"]["annotations"] = gang
    short = planned([node("a"), *members])
    assert [names(short, one, ["a"]) for one in members] == [[], [], []]
    enough = planned([node("a"), node("b"), *members])
    assert [len(names(enough, one, ["a", "b"])) for one in members] == [1, 1, 1]


class Others:
    """A team whose leader is told to be."""

    def __init__(self, leads: bool, plan: dict[str, str] | None = None) -> None:
        self.leads = leads
        self.led = True
        self.plan = None if plan is None else Told(plan)
        self.told: list[Mapping[str, str]] = []

    async def tell(self, plan: Told | None) -> None:
        self.plan = plan
        self.told.append({} if plan is None else plan.node_of)

    def resign(self) -> None:
        self.told.append({"resigned": ""})


async def rounds(looking: LookAhead, until: Callable[[], bool]) -> None:
    """Run a look-ahead until something holds."""
    running = asyncio.create_task(looking.run())
    for _ in range(400):
        if until() or running.done():
            break
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert until()


def test_a_replica_that_does_not_lead_steers_by_what_the_leader_told() -> None:
    extender = verbs([node("a"), node("b"), pod("one"), pod("two")], look_ahead=3.0)
    others = Others(leads=False, plan={"default/one": "b", "default/gone": "a", "default/two": "gone"})
    asyncio.run(rounds(LookAhead(extender, others), lambda: bool(extender.guidance.node_of)))
    assert extender.guidance.node_of == {"default/one": "b"}
    assert names(extender, pod("one"), ["a", "b"]) == ["b"]
    assert others.told == []


def test_a_replica_that_does_not_lead_knows_for_which_pods_room_is_made() -> None:
    low, high = pod("low", cpu="4", on="a"), pod("high", cpu="4", priority=10)
    leader, follower = (verbs([node("a", cpu="4"), low, high], look_ahead=3.0) for _ in range(2))
    others = Others(leads=True)
    asyncio.run(rounds(LookAhead(leader, others), lambda: bool(others.told)))
    others.leads = False
    asyncio.run(rounds(LookAhead(follower, others), lambda: bool(follower.guidance.node_of)))
    assert follower.guidance.after_evictions == {"default/high"}
    # Its node is full until the other has left, which the plan knows: that is no plan refused.
    assert names(follower, high, ["a"]) == []
    assert follower.metrics.plan_refused._value.get() == 0


def test_a_plan_that_does_not_change_holds_as_long_as_somebody_leads() -> None:
    extender = verbs([node("a"), node("b"), pod("one")], look_ahead=3.0, plan_for=60.0)
    others = Others(leads=False, plan={"default/one": "b"})
    looking = LookAhead(extender, others)
    asyncio.run(rounds(looking, lambda: bool(extender.guidance.node_of)))
    for led, steered in ((True, True), (False, True), (False, False)):
        others.led = led
        extender.clock.now += 50  # type: ignore[attr-defined]
        asyncio.run(looking._follow())
        assert bool(extender.guidance.node_of) is steered
    others.plan = Told({"default/one": "a"})
    asyncio.run(looking._follow())
    assert extender.guidance.node_of == {"default/one": "a"}
    others.plan = None
    asyncio.run(looking._follow())
    assert not extender.guidance.gangs


def test_the_leader_tells_what_it_planned_and_a_new_leader_begins_with_the_last_plan() -> None:
    extender = verbs([node("a"), node("b"), pod("one")], look_ahead=1.0)
    others = Others(leads=True, plan={"default/one": "b"})
    asyncio.run(rounds(LookAhead(extender, others), lambda: bool(others.told)))
    # One node is as good as the other, so the plan that was there stays.
    assert others.told[0] == {"default/one": "b"}


def test_a_plan_stays_where_nothing_is_gained_by_another() -> None:
    objects = [*(node(f"n{number}") for number in range(6)), *(pod(f"p{number}", cpu="1") for number in range(9))]
    extender = verbs(objects, look_ahead=1.0)
    looking = LookAhead(extender)
    plan(looking)
    first = dict(extender.guidance.node_of)
    extender.state.apply("Pod", ("default", "late"), next(iter(inventory_of([pod("late")]).pods.values())))
    plan(looking)
    second = dict(extender.guidance.node_of)
    assert {key: second[key] for key in first} == first
    assert "default/late" in second


def test_plans_anew_when_the_whole_cluster_was_replaced() -> None:
    extender = verbs([node("a"), pod("one")], look_ahead=0.5)
    others = Others(leads=True)

    async def main() -> None:
        looking = LookAhead(extender, others)
        running = asyncio.create_task(looking.run())
        for name in ("a", "b"):
            extender.state.replace_all(inventory_of([node(name), pod("one")]))
            async with asyncio.timeout(20):
                while extender.guidance.node_of != {"default/one": name}:
                    await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


def test_gangs_wait_for_the_first_plan_and_pass_when_there_is_none_for_long() -> None:
    member = pod("worker-0")
    member["metadata"]["annotations"] = {"placement.dev/gang": "training"}
    extender = verbs([node("a"), member], look_ahead=1.0, plan_for=60.0)
    others = Others(leads=False)
    asyncio.run(rounds(LookAhead(extender, others), lambda: extender.guidance.gangs))
    assert names(extender, member, ["a"]) == []

    def later() -> bool:
        extender.clock.now += 100  # type: ignore[attr-defined]
        return not extender.guidance.gangs

    asyncio.run(rounds(LookAhead(extender, others), later))
    assert names(extender, member, ["a"]) == ["a"]


def test_room_that_nobody_comes_for_is_not_kept_for_ever() -> None:
    extender = verbs([node("a", cpu="2"), pod("planned", cpu="2")], look_ahead=1.0, plan_for=60.0)
    looking = LookAhead(extender)
    plan(looking)
    assert names(extender, pod("late", cpu="1"), ["a"]) == []
    extender.clock.now += 61  # type: ignore[attr-defined]
    plan(looking)
    assert extender.guidance.node_of == {"default/planned": "a"}
    assert names(extender, pod("late", cpu="1"), ["a"]) == ["a"]


def test_a_plan_that_hangs_is_given_up_and_pods_take_the_greedy_path(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr("placement.extender.look_ahead.made", lambda *asked: time.sleep(60))
    extender = verbs([node("a"), node("b"), pod("one")], look_ahead=0.1)
    looking = LookAhead(extender, limit=0.2)
    failed = b'placement_solver_duration_seconds_count{mode="look-ahead",status="failed"} 1.0'
    asyncio.run(rounds(looking, lambda: failed in extender.metrics.text()))
    assert not extender.guidance.gangs
    assert sorted(names(extender, pod("one"), ["a", "b"])) == ["a", "b"]
