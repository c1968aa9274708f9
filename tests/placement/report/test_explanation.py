from dataclasses import replace

import pytest

from placement.explanation import Alternative, Explanation
from placement.model.inventory import Inventory
from placement.model.pod import Owner, Phase
from placement.plans import ReasonCount
from placement.predicates.refusal import Refusal
from placement.report.explanation import explanation

FULL = Refusal("NodeResourcesFit", ("Insufficient cpu",), resolvable=True)
CORDONED = Refusal("NodeUnschedulable", ("node(s) were unschedulable",), resolvable=False)
TAINTED = Refusal("TaintToleration", ("node(s) had untolerated taint(s)",), resolvable=False)


@pytest.fixture
def unplaced():
    return Explanation(
        pod="shop/huge",
        node="",
        running=False,
        refusals={"node-10": FULL, "node-2": CORDONED, "node-3": TAINTED},
        reasons=(
            ReasonCount("NodeResourcesFit", "Insufficient cpu", 1),
            ReasonCount("NodeUnschedulable", "node(s) were unschedulable", 1),
            ReasonCount("TaintToleration", "node(s) had untolerated taint(s)", 1),
        ),
    )


@pytest.fixture
def placed():
    return Explanation(
        pod="shop/web-0",
        node="node-10",
        running=False,
        alternatives=(Alternative("node-2", 0, -5, 295), Alternative("node-3", 1, 20, 320)),
        scores={"TaintToleration": 300, "ImageLocality": 0},
        score=300,
    )


def told(explained, inventory, plan=None, **options):
    pod = inventory.pods[explained.pod]
    return [line.plain for line in explanation(explained, pod, inventory, plan, **options)]


def test_each_refusal_says_how_much_is_missing_or_which_taint(unplaced, inventory, plan):
    lines = told(unplaced, inventory, plan)

    assert lines[:2] == [
        "shop/huge has no node: 0 of 3 nodes could have it.",
        "It asks for cpu 64, memory 2Gi; priority 0.",
    ]
    assert [line.split("   ")[0] for line in lines[4:]] == ["NodeResourcesFit", "NodeUnschedulable", "TaintToleration"]
    assert "Insufficient cpu: asks 64, at most 3.5 left" in lines[4]
    assert "could help" in lines[4]
    assert "cannot help" in lines[5]
    assert "untolerated taint(s): gpu=yes" in lines[6]


def test_what_runs_takes_room_and_what_is_finished_does_not(unplaced, inventory):
    on_busy = replace(
        unplaced, refusals={"node-2": FULL}, reasons=(ReasonCount("NodeResourcesFit", "Insufficient cpu", 1),)
    )

    assert "at most 3 left" in told(on_busy, inventory)[-1]


def test_a_placed_pod_says_what_the_others_would_cost(placed, inventory):
    assert told(placed, inventory) == [
        "shop/web-0 goes to node-10; 3 of 3 nodes could have it.",
        "It asks for cpu 500m, memory 1Gi; priority 7.",
        "",
        "Of the other nodes that could have it, 1 would put one node more in use, 1 would put as many nodes in use.",
        "kube-scheduler scores this one 300: TaintToleration 300.",
        "",
        "NEXT BEST   NODES IN USE   SCORE",
        "node-2                 0   295 (-5)",
        "node-3                +1   320 (+20)",
    ]


def test_the_only_node_is_called_that(placed, inventory):
    assert "No other node can have it." in told(replace(placed, alternatives=()), inventory)


def test_a_running_pod_runs(placed, inventory):
    assert told(replace(placed, running=True), inventory)[0].startswith("shop/web-0 runs on node-10")


def test_a_pod_that_is_merely_waiting_has_nodes_to_go_to(placed, inventory):
    lines = told(replace(placed, node="", scores={}), inventory)

    assert lines[0] == "shop/web-0 has no node: 2 of 2 nodes could have it."
    assert "COULD GO TO" in lines[3]
    assert lines[4].endswith("   295")


def test_gates_are_named(placed, inventory):
    pod = inventory.pods["shop/web-0"]
    gated = replace(pod, template=replace(pod.template, scheduling_gates=("quota", "image")))

    lines = told(placed, Inventory(nodes=inventory.nodes, pods={pod.key: gated}))

    assert lines[2] == "Scheduling gates hold it back: quota, image."


def test_many_nodes_are_counted_unless_all_are_asked_for(inventory):
    crowd = {f"n{i}": CORDONED for i in range(9)}
    others = tuple(Alternative(f"m{i}", 0, 0, 0) for i in range(9))
    explained = Explanation(
        "shop/huge", "", False, crowd, (ReasonCount(CORDONED.plugin, CORDONED.reasons[0], 9),), others
    )
    full = Inventory(nodes=dict.fromkeys(crowd, inventory.nodes["node-2"]), pods=inventory.pods)

    short, wide = told(explained, full), told(explained, full, wide=True)

    assert "and 6 more" in short
    assert short[-1].endswith("n0, n1, n2, n3, 5 more")
    assert "and 6 more" not in wide
    assert wide[-1].endswith("n7, n8")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"phase": Phase.SUCCEEDED, "node": "node-2"},
            "It has finished (Succeeded) and takes no room; what follows is of one like it.",
        ),
        (
            {"owner": Owner("Node", "node-2"), "node": "node-2"},
            "It is a static pod of its node: no scheduler moves it, whatever other nodes could have.",
        ),
    ],
)
def test_pods_that_no_scheduler_is_asked_about_are_told_apart(change, line, unplaced, inventory):
    pod = replace(inventory.pods["shop/huge"], **change)
    assert line in [text.plain for text in explanation(unplaced, pod, inventory, None)]
    plain = [text.plain for text in explanation(unplaced, inventory.pods["shop/huge"], inventory, None)]
    assert line not in plain
