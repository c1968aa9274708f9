import json
from importlib.resources import files
from itertools import product

import jsonschema

from placement.cli import exits
from placement.remedies.remedy import Kind
from tests.objects import node, pod


def test_an_unplaced_pod_is_refused_by_every_node_with_a_reason(placement, crowded):
    done = placement("explain", crowded, "--pod", "lab/huge", "--policy", "pack")

    assert done.status == exits.OK
    lines = done.out.splitlines()
    assert lines[0] == "lab/huge has no node: 0 of 2 nodes could have it."
    assert "asks 64, at most 4 left" in done.out
    assert "   node-1, node-2" in done.out
    assert lines[-1].endswith("lower the request of cpu from 64 to 4")


def test_remedies_can_be_left_out(placement, crowded):
    body = json.loads(placement("explain", crowded, "--pod", "lab/huge", "--no-remedies", "-o", "json").out)

    assert body["remedies"] is None


def test_nodes_of_another_file_can_be_added(placement, crowded, tmp_path):
    path = tmp_path / "big.yaml"
    offered = "{cpu: '96', memory: 64Gi, pods: '9'}"
    path.write_text(f"apiVersion: v1\nkind: Node\nmetadata: {{name: big}}\nstatus: {{allocatable: {offered}}}\n")

    done = placement("explain", crowded, "--pod", "lab/huge", "--add", path)

    assert "add a node with cpu 96, memory 64Gi" in done.out


def test_without_a_pod_the_whole_plan_is_explained(placement, cluster):
    options = (cluster, "--policy", "pack")
    done = placement("explain", *options)

    assert (done.status, done.out.split()[:5]) == (exits.OK, ["TIER", "COST", "PAID", "FOR", "BY"])
    assert "opens a node   shop/deployment/web" in done.out
    body = json.loads(placement("explain", *options, "-o", "json").out)
    assert (body["kind"], body["tiers"][-1]["value"]) == ("PlanExplanation", 1)
    assert placement("explain", *options, "-o", "name").out.endswith("nodes\t1\n")


def test_a_placed_pod_has_a_node_and_a_next_best(placement, cluster):
    options = (cluster, "--policy", "pack")
    pod = placement("plan", *options, "-o", "name").out.split("\t")[0]

    done = placement("explain", *options, "--pod", pod)

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


def test_the_json_follows_the_published_schema(placement, cluster, crowded):
    schema = json.loads((files("placement") / "explanation_schema.json").read_text())
    assert schema["$defs"]["remedy"]["properties"]["kind"]["enum"] == [kind.value for kind in Kind]
    pod = placement("plan", cluster, "-o", "name").out.split("\t")[0]
    for options in ((crowded, "--pod", "lab/huge"), (cluster, "--pod", pod)):
        jsonschema.validate(json.loads(placement("explain", *options, "-o", "json").out), schema)


def test_gangs_that_cannot_all_go_in_are_named_with_what_they_ask_for(placement, tmp_path):
    # Four of five on three nodes of eight, dealt to two gangs, with a small member each that is not to blame.
    path = tmp_path / "gangs.json"
    members = [pod(f"{gang}-{asked}-{number}", cpu=asked) for gang, asked, number in product("gh", "51", "01")]
    for each in members:
        each["metadata"]["annotations"] = {"placement.dev/gang": each["metadata"]["name"][0]}
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*members, *map(_node_of_eight, "abc")]}))
    plan = json.loads(placement("plan", path, "-o", "json").out)
    assert (plan["status"], len(plan["unplaced"])) == ("optimal", 4)

    body = json.loads(placement("explain", path, "--pod", plan["unplaced"][0]["pod"], "-o", "json").out)

    large = {f"default/{gang}-5-{number}" for gang in "gh" for number in "01"}
    (demand,) = body["conflict"]["demands"]
    assert (set(demand["pods"]), demand["what"]) == (large, "asks for cpu 5")
    assert set(body["conflict"]["pods"]) >= large


def _node_of_eight(name):
    return node(name, cpu="8")
