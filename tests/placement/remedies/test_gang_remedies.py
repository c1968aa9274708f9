"""What would let a gang run."""

from __future__ import annotations

from placement import Cluster, plan
from placement.remedies import Kind, patched, remedies
from tests.objects import node, pod

RACK = "example.com/rack"


def gang(cpus, **annotations):
    members = [pod(f"m{number}", cpu=cpu, priority=5) for number, cpu in enumerate(cpus)]
    for each in members:
        each["metadata"]["annotations"] = {"placement.dev/gang": "ring", **annotations}
    return members


def helped(objects) -> dict[Kind, list[str]]:
    """Descriptions by kind, each remedy applied to the objects as its patches say."""
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster)
    assert {each.pod for each in answer.unplaced} >= {"default/m0", "default/m1"}
    found: dict[Kind, list[str]] = {}
    for remedy in remedies(cluster, "default/m0", answer, time_limit=600):
        assert remedy.verified
        after = plan(Cluster.from_objects(patched(objects, remedy)))
        placed = [each.pod for each in after.placements if each.pod.startswith("default/m")]
        assert len(placed) >= (1 if remedy.kind is Kind.LOWER_MIN_MEMBER else 2)
        found.setdefault(remedy.kind, []).append(remedy.description)
    return found


def test_all_members_ask_for_less_together() -> None:
    found = helped([node("a"), *gang(["3", "3"])])
    assert found[Kind.LOWER_REQUEST] == ["lower the request of cpu from 3 to 2"]
    assert found[Kind.ADD_NODE][0].startswith("add a node with cpu 4")
    assert found[Kind.LOWER_MIN_MEMBER] == ["let gang default/ring run with 1 of 2 members"]


def test_as_many_nodes_are_added_as_the_members_need() -> None:
    found = helped([node("a"), pod("p", on="a", cpu="4", priority=9), *gang(["3", "3", "3"])])
    assert found[Kind.ADD_NODE][0].startswith("add 3 nodes with cpu 4")


def test_a_gang_that_fits_over_two_racks_may_leave_its_rack() -> None:
    nodes = [node("a", labels={RACK: "1"}), node("b", labels={RACK: "2"})]
    found = helped([*nodes, *gang(["3", "3"], **{"placement.dev/gang-topology": RACK})])
    assert found[Kind.DROP_GANG_TOPOLOGY] == [f"let gang default/ring spread over several values of {RACK}"]


def test_the_number_of_members_of_a_pod_group_is_lowered_at_the_group() -> None:
    group = {
        "apiVersion": "scheduling.x-k8s.io/v1alpha1",
        "kind": "PodGroup",
        "metadata": {"name": "ring", "namespace": "default"},
        "spec": {"minMember": 3},
    }
    found = helped([node("a"), group, *gang(["2", "2", "2"])])
    assert found[Kind.LOWER_MIN_MEMBER] == ["let gang default/ring run with 2 of 3 members"]
