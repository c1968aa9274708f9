import json

import pytest

from placement.cli import exits


@pytest.fixture
def plan(placement, cluster, tmp_path):
    path = tmp_path / "plan.json"
    placement("plan", cluster, "--output-file", path)
    return path


def moved(plan, **change):
    body = json.loads(plan.read_text())
    body["placements"][0].update(change)
    plan.write_text(json.dumps(body))


def test_a_plan_of_the_command_holds(placement, cluster, plan):
    done = placement("check", cluster, "--plan", plan)

    assert (done.status, done.out) == (exits.OK, "the plan holds · 3 placements checked\n")


def test_a_yaml_plan_is_read_too(placement, cluster, tmp_path):
    path = tmp_path / "plan.yaml"
    placement("plan", cluster, "--output-file", path)

    assert placement("check", cluster, "--plan", path).status == exits.OK


def test_a_plan_for_another_cluster_fails_and_names_the_node(placement, cluster, plan):
    moved(plan, node="node-9")

    done = placement("check", cluster, "--plan", plan)

    assert done.status == exits.FOUND
    assert "no such node" in done.out
    assert "the plan fails" in done.out.splitlines()[-1]


def test_a_pod_that_no_node_can_hold_fails_by_the_rule_that_refuses_it(placement, crowded, tmp_path):
    path = tmp_path / "plan.json"
    placement("plan", crowded, "--output-file", path)
    body = json.loads(path.read_text())
    body["placements"].append({"pod": "lab/huge", "node": "node-1"})
    body["unplaced"] = []
    path.write_text(json.dumps(body))

    report = json.loads(placement("check", crowded, "--plan", path, "-o", "json").out)

    assert report["ok"] is False
    assert {"pod": "lab/huge", "node": "node-1", "plugin": "NodeResourcesFit", "message": "Insufficient cpu"} in report[
        "violations"
    ]


def test_json_of_a_plan_that_holds_is_ok(placement, cluster, plan):
    body = json.loads(placement("check", cluster, "--plan", plan, "-o", "json").out)

    assert (body["kind"], body["ok"], body["placements"], body["violations"]) == ("Report", True, 3, [])


def test_names_are_the_pods_at_fault(placement, cluster, plan):
    moved(plan, node="node-9")
    first = json.loads(plan.read_text())["placements"][0]["pod"]

    assert first in placement("check", cluster, "--plan", plan, "-o", "name").out.splitlines()


def test_the_plan_is_read_from_stdin_for_a_dash(process, cluster, plan):
    with plan.open() as file, process("check", cluster, "--plan", "-", stdin=file) as running:
        out, _ = running.communicate(timeout=120)

    assert (running.returncode, out) == (exits.OK, "the plan holds · 3 placements checked\n")


def test_a_missing_plan_is_one_line(placement, cluster, tmp_path):
    done = placement("check", cluster, "--plan", tmp_path / "none.json")

    assert (done.status, done.out, done.err.count("\n")) == (exits.WRONG_INPUT, "", 1)
    assert "none.json" in done.err


def test_the_bound_of_a_plan_is_confirmed_or_said_not_to_be(placement, cluster, tmp_path):
    path = tmp_path / "plan.json"
    placement("plan", cluster, "--policy", "pack", "--output-file", path)

    done = placement("check", cluster, "--plan", path, "--bound")
    assert (done.status, done.out.splitlines()[-1].split(" · ")[0]) == (exits.OK, "the bound is confirmed")

    forged = json.loads(path.read_text())
    forged["cost"][-1]["value"] = forged["lowerBound"][-1]["value"] = 7
    path.write_text(json.dumps(forged))
    done = placement("check", cluster, "--plan", path, "--bound", "-o", "json")
    bound = json.loads(done.out)["bound"]
    assert (done.status, bound["verified"], bound["tiers"][-1]["claimed"]) == (exits.FOUND, False, 7)
