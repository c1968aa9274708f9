"""A shop of four pods on three nodes, small enough to count by hand."""

import pytest

from placement.model.inventory import Inventory
from placement.model.node import Node
from placement.model.pod import Owner, Phase, Pod, PodTemplate
from placement.model.taint import Taint
from placement.model.topology import ZONE
from placement.model.workload import Workload
from placement.plans import Placement, Plan, ReasonCount, TierCost, Unplaced

GI = 2**30


def node(name, zone, **more):
    return Node(
        name=name, labels={ZONE: zone} if zone else {}, allocatable={"cpu": 4000, "memory": 16 * GI, "pods": 10}, **more
    )


@pytest.fixture
def inventory():
    web = PodTemplate(namespace="shop", labels={"app": "web"}, requests={"cpu": 500, "memory": GI}, priority=7)
    huge = PodTemplate(namespace="shop", labels={"app": "huge"}, requests={"cpu": 64000, "memory": 2 * GI})
    old = PodTemplate(namespace="shop", labels={"app": "old"}, requests={"cpu": 1000, "memory": 8 * GI})
    by_set = Owner("ReplicaSet", "web-5d8f")
    pods = [
        Pod("web-0", web, owner=by_set),
        Pod("web-1", web, owner=by_set),
        Pod("huge", huge),
        Pod("old", old, node="node-2", phase=Phase.RUNNING, owner=by_set),
        Pod("gone", old, node="node-2", phase=Phase.SUCCEEDED, owner=by_set),
    ]
    nodes = [
        node("node-10", "zone-a"),
        node("node-2", "zone-a", unschedulable=True),
        node("node-3", "zone-b", taints=(Taint("gpu", "yes"),)),
    ]
    return Inventory(
        nodes={each.name: each for each in nodes},
        pods={pod.key: pod for pod in pods},
        workloads=(Workload("ReplicaSet", "web-5d8f", "shop", web, owner=Owner("Deployment", "web")),),
    )


@pytest.fixture
def plan():
    return Plan(
        status="feasible",
        placements=(Placement("shop/web-0", "node-10"), Placement("shop/web-1", "node-3")),
        unplaced=(Unplaced("shop/huge", (ReasonCount("NodeResourcesFit", "Insufficient cpu", 3),)),),
        cost=(TierCost("unplaced at priority 7", 0), TierCost("unplaced at priority 0", 1), TierCost("nodes", 3)),
        lower_bound=(
            TierCost("unplaced at priority 7", 0),
            TierCost("unplaced at priority 0", 1),
            TierCost("nodes", 2),
        ),
        gap=1 / 3,
        nodes_used=3,
        solver="greedy",
    )
