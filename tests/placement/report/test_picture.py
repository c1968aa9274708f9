from dataclasses import replace

import msgspec

from placement.model.inventory import Inventory
from placement.plans import Eviction, Placement, Plan
from placement.report.picture import ASCII, WIDTH, picture


def drawn(plan, inventory):
    return [line.plain for line in picture(plan, inventory, glyphs=ASCII)]


def test_draws_what_runs_and_what_is_placed(plan, inventory):
    assert drawn(plan, inventory) == [
        "           CPU                           MEMORY                          PODS",
        "zone-a",
        "  node-2   =====............... 1/4      ==========.......... 8Gi/16Gi   1  cordoned",
        "  node-10  ###................. 500m/4   #................... 1Gi/16Gi   0 +1",
        "zone-b",
        "  node-3   ###................. 500m/4   #................... 1Gi/16Gi   0 +1  gpu=yes",
        "= running   # placed by this plan   . free",
    ]


def test_a_pod_that_is_evicted_no_longer_fills_its_node(plan, inventory):
    evicting = msgspec.structs.replace(plan, evictions=(Eviction("shop/old", "node-2", ""),))

    assert "=" not in drawn(evicting, inventory)[2]


def test_a_small_pod_still_shows(plan, inventory):
    tiny = replace(inventory.pods["shop/web-0"].template, requests={"cpu": 1, "memory": 1})
    pods = {"shop/tiny": replace(inventory.pods["shop/web-0"], name="tiny", template=tiny)}
    small = Inventory(nodes=inventory.nodes, pods=pods)

    line = drawn(Plan(status="feasible", placements=(Placement("shop/tiny", "node-10"),)), small)[3]

    assert line.count("#") == 2


def test_an_overfull_node_is_a_full_bar(plan, inventory):
    flooded = [replace(inventory.pods["shop/huge"], name=f"huge-{i}", node="node-10") for i in range(2)]
    full = Inventory(nodes=inventory.nodes, pods={pod.key: pod for pod in flooded})

    line = drawn(Plan(status="feasible"), full)[3]

    assert "=" * WIDTH + " 128/4" in line


def test_many_nodes_of_one_shape_share_a_line(inventory):
    model = inventory.nodes["node-10"]
    crowd = {f"n{i}": replace(model, name=f"n{i}") for i in range(100)}

    lines = drawn(Plan(status="feasible"), Inventory(nodes=crowd))

    assert len(lines) == 4
    assert lines[2].startswith("  100 × 4 cpu 16Gi ")
    assert " 0/400 " in lines[2]


def test_a_cluster_without_nodes_has_no_picture():
    assert drawn(Plan(status="feasible"), Inventory()) == []
