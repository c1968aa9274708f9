import json

from placement.cli import exits


def test_an_unplaced_pod_is_refused_by_every_node_with_a_reason(placement, crowded):
    done = placement("explain", crowded, "--pod", "lab/huge")

    assert done.status == exits.OK
    lines = done.out.splitlines()
    assert lines[0] == "lab/huge has no node: 0 of 2 nodes could have it."
    assert "asks 64, at most 4 left" in done.out
    assert lines[-1].split("   ")[-1].strip() == "node-1, node-2"


def test_a_placed_pod_has_a_node_and_a_next_best(placement, cluster):
    pod = placement("plan", cluster, "-o", "name").out.split("\t")[0]

    done = placement("explain", cluster, "--pod", pod)

    assert done.out.startswith(f"{pod} goes to node-")
    assert "1 would put one node more in use" in done.out
    assert "NEXT BEST" in done.out


def test_a_plan_made_before_is_explained_as_it_is(placement, cluster, tmp_path):
    path = tmp_path / "plan.json"
    placement("plan", cluster, "--solver", "kube-scheduler", "--output-file", path)
    first = json.loads(path.read_text())["placements"][0]

    body = json.loads(placement("explain", cluster, "--pod", first["pod"], "--plan", path, "-o", "json").out)

    assert (body["pod"], body["node"], body["kind"]) == (first["pod"], first["node"], "Explanation")


def test_json_counts_reasons_and_names_refusals(placement, crowded):
    body = json.loads(placement("explain", crowded, "--pod", "lab/huge", "-o", "json").out)

    assert body["node"] is None
    assert body["reasons"] == [{"plugin": "NodeResourcesFit", "reason": "Insufficient cpu", "nodes": 2}]
    assert set(body["refusals"]) == {"node-1", "node-2"}


def test_names_are_the_nodes_that_could_have_it(placement, cluster, crowded):
    pod = placement("plan", cluster, "-o", "name").out.split("\t")[0]

    assert set(placement("explain", cluster, "--pod", pod, "-o", "name").out.split()) == {"node-1", "node-2"}
    assert placement("explain", crowded, "--pod", "lab/huge", "-o", "name").out == ""


def test_a_pod_without_a_namespace_is_of_the_one_named(placement, crowded):
    assert placement("explain", crowded, "--pod", "huge", "-n", "lab").out.startswith("lab/huge has no node")


def test_a_pod_that_is_not_there_is_one_line(placement, cluster):
    done = placement("explain", cluster, "--pod", "shop/nobody")

    assert (done.status, done.out, done.err.count("\n")) == (exits.WRONG_INPUT, "", 1)
    assert "shop/nobody" in done.err
