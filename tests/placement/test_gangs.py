"""Gangs are placed as they ask or not at all, however they are written."""

from __future__ import annotations

from collections import Counter

import pytest

from placement import Cluster, Plan, check, plan
from placement.explanation.plan import explain_plan
from placement.gangs import gangs
from tests.objects import Object, node, pod

RACK, ZONE = "example.com/rack", "topology.kubernetes.io/zone"


def annotated(name: str, gang: str, **more: str) -> Object:
    body = pod(name, cpu="2")
    body["metadata"]["annotations"] = {"placement.dev/gang": gang, **more}
    return body


def scheduled_together(name: str, gang: str) -> Object:
    return pod(name, cpu="2", schedulingGroup={"podGroupName": gang})


def labelled(name: str, gang: str) -> Object:
    return pod(name, cpu="2", labels={"scheduling.x-k8s.io/pod-group": gang})


def of_volcano(name: str, gang: str) -> Object:
    body = pod(name, cpu="2")
    body["metadata"]["annotations"] = {"scheduling.k8s.io/group-name": gang}
    return body


def group(api_version: str, spec: Object) -> Object:
    return {
        "apiVersion": api_version,
        "kind": "PodGroup",
        "metadata": {"name": "g", "namespace": "default"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("member", "described"),
    [
        (scheduled_together, group("scheduling.k8s.io/v1alpha2", {"schedulingPolicy": {"gang": {"minCount": 2}}})),
        (labelled, group("scheduling.x-k8s.io/v1alpha1", {"minMember": 2})),
        (of_volcano, group("scheduling.volcano.sh/v1beta1", {"minMember": 2})),
    ],
)
def test_every_way_of_writing_a_gang_is_understood(member, described: Object) -> None:
    cluster = Cluster.from_objects([node("n0"), member("a", "g"), member("b", "g"), member("c", "g"), described])
    (found,) = gangs(cluster.inventory.pods.values(), cluster.inventory.pod_groups)
    assert (found.name, found.at_least, len(found.members)) == ("default/g", 2, 3)


def test_a_gang_that_does_not_fit_whole_is_left_out_whole() -> None:
    cluster = Cluster.from_objects([node("n0", cpu="4"), *(annotated(name, "g") for name in "abc")])
    answer = plan(cluster)
    assert not answer.placements
    assert len(answer.unplaced) == 3


def test_enough_of_a_gang_is_enough() -> None:
    least = {"placement.dev/gang-min-member": "2"}
    cluster = Cluster.from_objects([node("n0", cpu="4"), *(annotated(name, "g", **least) for name in "abc")])
    assert len(plan(cluster).placements) == 2


def test_two_gangs_that_could_halve_the_room_do_not_lock_each_other_out() -> None:
    objects = [node("n0", cpu="6"), *(annotated(f"{gang}{i}", gang) for i in range(3) for gang in "gh")]
    answer = plan(Cluster.from_objects(objects))
    assert len({placement.pod[:-1] for placement in answer.placements}) == 1
    assert len(answer.placements) == 3


def test_a_gang_stays_in_one_rack() -> None:
    nodes = [node(f"n{i}", cpu="4", labels={RACK: "ab"[i // 2]}) for i in range(4)]
    # Rack a has room for three more, rack b for four: only b can have the gang.
    asked = {"placement.dev/gang-topology": RACK}
    cluster = Cluster.from_objects(
        [*nodes, pod("old", cpu="2", on="n0"), *(annotated(name, "g", **asked) for name in "abcd")]
    )
    answer = plan(cluster)
    assert {placement.node for placement in answer.placements} == {"n2", "n3"}
    assert check(cluster, answer).ok


def test_running_members_count() -> None:
    objects = [node("n0", cpu="4"), annotated("a", "g"), annotated("b", "g"), pod("old", cpu="2", on="n0")]
    objects[-1]["metadata"]["annotations"] = {"placement.dev/gang": "g", "placement.dev/gang-min-member": "2"}
    for body in objects[1:3]:
        body["metadata"]["annotations"]["placement.dev/gang-min-member"] = "2"
    assert len(plan(Cluster.from_objects(objects)).placements) == 1


def test_the_rest_of_a_gang_joins_those_that_run() -> None:
    # Rack b has more room, but one member runs in rack a already.
    nodes = [node(f"n{i}", cpu="8", labels={RACK: "ab"[i // 2]}) for i in range(4)]
    asked = {"placement.dev/gang-topology": RACK}
    running = pod("old", cpu="2", on="n0")
    running["metadata"]["annotations"] = {"placement.dev/gang": "g", **asked}
    cluster = Cluster.from_objects(
        [*nodes, running, pod("other", cpu="6", on="n1"), *(annotated(name, "g", **asked) for name in "abcd")]
    )
    answer = plan(cluster)
    assert sorted(placement.node for placement in answer.placements) == ["n0", "n0", "n0", "n1"]
    assert check(cluster, answer).ok


def test_the_rest_of_a_gang_waits_where_those_that_run_have_no_room_beside_them() -> None:
    nodes = [node("n0", cpu="4", labels={RACK: "a"}), node("n1", cpu="8", labels={RACK: "b"})]
    asked = {"placement.dev/gang-topology": RACK}
    running = pod("old", cpu="2", on="n0")
    running["metadata"]["annotations"] = {"placement.dev/gang": "g", **asked}
    cluster = Cluster.from_objects([*nodes, running, *(annotated(name, "g", **asked) for name in "ab")])
    answer = plan(cluster)
    assert not answer.placements
    assert check(cluster, answer).ok


def test_nobody_joins_a_gang_that_lies_apart_already() -> None:
    nodes = [node("n0", cpu="8", labels={RACK: "a"}), node("n1", cpu="8", labels={RACK: "b"})]
    asked = {"placement.dev/gang-topology": RACK, "placement.dev/gang-min-member": "3"}
    objects = [*nodes, annotated("c", "g", **asked)]
    for name, on in (("a", "n0"), ("b", "n1")):
        body = pod(name, cpu="2", on=on)
        body["metadata"]["annotations"] = {"placement.dev/gang": "g", **asked}
        objects.append(body)
    cluster = Cluster.from_objects(objects)
    assert not plan(cluster).placements


PREFERRED = {"placement.dev/gang-preferred-topology": RACK}


def in_racks(racks: str, cpu: str = "4") -> list[Object]:
    """A node for each letter, in the rack of that letter."""
    return [node(f"n{i}", cpu=cpu, labels={RACK: rack, ZONE: rack.upper()}) for i, rack in enumerate(racks)]


def racks_of(answer: Plan, racks: str) -> list[int]:
    """How many pods of a plan lie in each rack, most first."""
    return sorted(Counter(racks[int(each.node[1:])] for each in answer.placements).values(), reverse=True)


def test_a_gang_that_prefers_one_rack_gets_one_that_has_room_for_all() -> None:
    # Each rack but b is too small; without the wish the four would be spread over all.
    racks = "abbc"
    cluster = Cluster.from_objects([*in_racks(racks), *(annotated(name, "g", **PREFERRED) for name in "pqrs")])
    assert {each.node for each in plan(cluster).placements} == {"n1", "n2"}


def test_a_gang_that_prefers_one_rack_is_split_where_none_has_room_and_as_unevenly_as_can_be() -> None:
    racks = "aabb"
    cluster = Cluster.from_objects([*in_racks(racks), *(annotated(name, "g", **PREFERRED) for name in "pqrstu")])
    answer = plan(cluster)
    assert racks_of(answer, racks) == [4, 2]
    assert check(cluster, answer).ok


def test_what_a_gang_gains_on_each_level_is_a_part_of_the_cost() -> None:
    # Racks a and b are in one zone, c in another; the four find a rack of two, and the next best is in the same zone.
    nodes = [
        node("n0", labels={RACK: "a", ZONE: "west"}),
        node("n1", labels={RACK: "c", ZONE: "east"}),
        node("n2", labels={RACK: "b", ZONE: "west"}),
    ]
    wish = {"placement.dev/gang-preferred-topology": f"{RACK}, {ZONE}"}
    cluster = Cluster.from_objects([*nodes, *(annotated(name, "g", **wish) for name in "pqrs")])
    answer = plan(cluster)
    assert {each.node for each in answer.placements} == {"n0", "n2"}
    of_gang = {
        part.what: part.value
        for tier in explain_plan(cluster, answer).tiers
        for part in tier.parts
        if part.what.startswith("gang")
    }
    # Two pairs in a rack and six in the zone, seen from both ends, a hundred each.
    assert of_gang == {f"gang together by {RACK}": -400, f"gang together by {ZONE}": -1200}


def test_the_rest_of_a_gang_prefers_the_rack_of_those_that_run_but_need_not_go_there() -> None:
    running = pod("old", cpu="2", on="n0")
    running["metadata"]["annotations"] = {"placement.dev/gang": "g", **PREFERRED}
    members = [annotated(name, "g", **PREFERRED) for name in "pqr"]
    cluster = Cluster.from_objects([*in_racks("ab", cpu="6"), running, *members])
    assert sorted(each.node for each in plan(cluster).placements) == ["n0", "n0", "n1"]


def test_gangs_of_one_template_are_told_apart_by_whom_they_want_to_be_near() -> None:
    racks = "aabb"
    members = [annotated(f"{gang}{i}", gang, **PREFERRED) for i in range(4) for gang in "gh"]
    answer = plan(Cluster.from_objects([*in_racks(racks), *members]))
    rack_of = {each.pod: racks[int(each.node[1:])] for each in answer.placements}
    for gang in "gh":
        assert len({rack_of[f"default/{gang}{i}"] for i in range(4)}) == 1


@pytest.mark.parametrize(
    ("written", "required", "preferred"),
    [
        ({"placement.dev/gang-preferred-topology": f"{RACK},{ZONE},{RACK}"}, "", (RACK, ZONE)),
        ({"kueue.x-k8s.io/podset-preferred-topology": RACK}, "", (RACK,)),
        ({"kueue.x-k8s.io/podset-required-topology": RACK}, RACK, ()),
        ({"placement.dev/gang-topology": ZONE, "placement.dev/gang-preferred-topology": RACK}, ZONE, (RACK,)),
    ],
)
def test_levels_are_read_from_annotations(written, required, preferred) -> None:
    cluster = Cluster.from_objects([node("n0"), annotated("a", "g", **written)])
    (found,) = gangs(cluster.inventory.pods.values(), cluster.inventory.pod_groups)
    assert (found.topology_key, found.preferred_keys) == (required, preferred)
