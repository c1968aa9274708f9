import msgspec

from placement.plans import Eviction, Unplaced
from placement.report.table import left_over, table, wide


def test_a_deployment_is_one_line_whatever_replica_set_made_its_pods(plan, inventory):
    lines = [line.plain for line in table(plan, inventory)]

    assert lines == [
        "WORKLOAD         PLACED   RUNNING   CPU    MEMORY   ZONES               NODES",
        "deployment/web   2/2      1         500m   1Gi      zone-a:1 zone-b:1   node-10, node-3",
        "pod/huge         0/1      0         64     2Gi      –                   –",
        "",
        "1 without a node",
        "  shop/huge   0/3 nodes: 3 Insufficient cpu",
    ]


def test_pods_of_other_namespaces_are_left_out_on_request(plan, inventory):
    assert [line.plain for line in table(plan, inventory, namespace="sho")] == [
        "WORKLOAD   PLACED   RUNNING   CPU   MEMORY   ZONES   NODES"
    ]
    assert list(wide(plan, inventory, namespace="sho", show_headers=False)) == []


def test_evicted_pods_are_named_with_the_reason(plan, inventory):
    evicting = msgspec.structs.replace(plan, evictions=(Eviction("shop/old", "node-2", "makes room for shop/web-0"),))

    lines = [line.plain for line in table(evicting, inventory)]

    assert lines[-1].split("   ") == ["shop/old", "node-2", "makes room for shop/web-0"]


def test_the_wide_form_has_a_line_for_each_pod(plan, inventory):
    assert list(wide(plan, inventory)) == [
        "NAMESPACE   NAME    NODE      ZONE     CPU    MEMORY   PRIORITY   WORKLOAD",
        "shop        web-0   node-10   zone-a   500m   1Gi      7          deployment/web",
        "shop        web-1   node-3    zone-b   500m   1Gi      7          deployment/web",
        "shop        huge    <none>    <none>   64     2Gi      0          pod/huge",
    ]


def test_where_no_node_is_left_it_says_so():
    *_, line = left_over([Unplaced("shop/web", ())], 0)
    assert line.plain == "  shop/web   0/0 nodes: no nodes available to schedule pods"
