import json
import os
import re
import signal

import jsonschema
import pytest
import yaml

from placement.cli import exits
from placement.planner import planning
from tests.placement.cli.conftest import CLUSTER, EXAMPLES, ROOT, WEB


@pytest.fixture(scope="module")
def schema():
    return json.loads((ROOT / "placement" / "plan_schema.json").read_text())


def test_a_plan_that_places_all_pods_ends_with_0(placement, cluster):
    done = placement("plan", cluster, "--policy", "pack")

    assert done.status == exits.OK
    assert done.out.splitlines()[0].split() == ["WORKLOAD", "PLACED", "RUNNING", "CPU", "MEMORY", "ZONES", "NODES"]
    assert re.search(r"^deployment/web +3/3 ", done.out, re.MULTILINE)
    assert re.fullmatch(r"optimal · unplaced 0 · nodes 1 \(proven least\) · gap 0% · .* s", done.out.splitlines()[-1])


def test_a_plan_that_leaves_a_pod_over_ends_with_1_and_says_why(placement, crowded):
    done = placement("plan", crowded)

    assert done.status == exits.FOUND
    assert "lab/huge   0/2 nodes: 2 Insufficient cpu" in done.out
    assert "unplaced 1 (no plan places more)" in done.out.splitlines()[-1]


def test_a_cluster_with_nothing_to_place_is_a_plan_too(placement, tmp_path):
    path = tmp_path / "nodes.yaml"
    path.write_text(CLUSTER)

    done = placement("plan", path)

    assert done.status == exits.OK
    assert "unplaced 0" in done.out


def test_stdin_is_read_for_a_dash(process, cluster):
    with cluster.open() as file, process("plan", "-", "-o", "name", stdin=file) as running:
        out, _ = running.communicate(timeout=120)

    assert (running.returncode, len(out.splitlines())) == (exits.OK, 3)


def test_folders_and_several_files_make_one_cluster(placement, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "web.yaml").write_text(WEB)
    (tmp_path / "nodes.yaml").write_text(CLUSTER)

    done = placement("plan", tmp_path / "nodes.yaml", tmp_path / "shop", "-o", "json")

    assert len(json.loads(done.out)["placements"]) == 3


def test_the_json_plan_keeps_its_published_schema(placement, schema, crowded):
    body = json.loads(placement("plan", crowded, "-o", "json").out)

    jsonschema.validate(body, schema)
    assert set(body) == set(schema["properties"]) == set(schema["required"])
    assert [each["pod"] for each in body["unplaced"]] == ["lab/huge"]
    assert body["unplaced"][0]["reasons"] == [{"plugin": "NodeResourcesFit", "reason": "Insufficient cpu", "nodes": 2}]


@pytest.mark.parametrize("field", ["status", "placements", "cost", "nodesUsed"])
def test_the_schema_refuses_a_plan_without_a_field(placement, schema, cluster, field):
    body = json.loads(placement("plan", cluster, "-o", "json").out)
    del body[field]

    with pytest.raises(jsonschema.ValidationError, match=field):
        jsonschema.validate(body, schema)


def test_yaml_says_the_same_as_json(placement, crowded):
    assert yaml.safe_load(placement("plan", crowded, "-o", "yaml").out) == json.loads(
        placement("plan", crowded, "-o", "json").out
    )


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_the_same_input_and_seed_give_the_same_bytes(process, form):
    outs = []
    for salt in ("1", "2"):
        with process("plan", EXAMPLES, "-o", form, "--seed", 7, salt=salt) as running:
            outs.append(running.communicate(timeout=120)[0])

    assert outs[0] == outs[1]
    assert len(outs[0]) > 1000


def test_wide_has_a_line_for_each_pod_and_the_proof(placement, crowded):
    lines = placement("plan", crowded, "-o", "wide").out.splitlines()

    assert lines[0].split()[:3] == ["NAMESPACE", "NAME", "NODE"]
    assert len(lines) == 1 + 4 + 2
    assert lines[4].split()[:3] == ["lab", "huge", "<none>"]
    assert "unplaced 1" in lines[-1]


def test_names_are_pod_and_node_with_a_tab_between(placement, crowded):
    lines = placement("plan", crowded, "-o", "name").out.splitlines()

    assert len(lines) == 3
    assert all(re.fullmatch(r"shop/web-\S+\tnode-[12]", line) for line in lines)


def test_a_namespace_filters_what_is_shown_and_not_what_is_planned(placement, crowded):
    done = placement("plan", crowded, "-n", "lab")

    assert "deployment/web" not in done.out
    assert "lab/huge" in done.out
    assert placement("plan", crowded, "-n", "lab", "-o", "name").out == ""
    assert "deployment/web" in placement("plan", crowded, "-n", "lab", "-A").out
    assert len(json.loads(placement("plan", crowded, "-n", "lab", "-o", "json").out)["placements"]) == 3


def test_headers_can_be_left_out(placement, cluster):
    assert "WORKLOAD" not in placement("plan", cluster, "--no-headers").out
    assert "NAMESPACE" not in placement("plan", cluster, "-o", "wide", "--no-headers").out


def test_the_nodes_are_drawn_on_request(placement, cluster):
    assert "placed by this plan" in placement("plan", cluster, "--picture").out
    assert "placed by this plan" not in placement("plan", cluster).out


def test_an_output_file_gets_the_plan_and_the_terminal_the_table(placement, cluster, tmp_path):
    for name, read in (("plan.json", json.loads), ("plan.yaml", yaml.safe_load)):
        done = placement("plan", cluster, "--output-file", tmp_path / name)

        assert read((tmp_path / name).read_text())["kind"] == "Plan"
        assert "deployment/web" in done.out


@pytest.mark.parametrize("form", ["table", "wide", "json", "yaml", "name"])
def test_an_output_file_gets_what_stdout_would(placement, cluster, tmp_path, form):
    elapsed = re.compile(r"[0-9.]+ s$", re.MULTILINE)
    shown = placement("plan", cluster, "-o", form, "--no-picture").out

    done = placement("plan", cluster, "-o", form, "--output-file", tmp_path / "out", "--no-picture")

    assert done.out == ""
    assert elapsed.sub("", (tmp_path / "out").read_text()) == elapsed.sub("", shown)


def test_kinds_that_do_not_bear_on_placement_are_named_once_on_stderr(placement, tmp_path):
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    path = tmp_path / "cluster.yaml"
    path.write_text("---\n".join([CLUSTER, WEB, config % "a", config % "b"]))

    done = placement("plan", path)

    assert done.status == exits.OK
    assert done.err.count("ConfigMap") == 1
    assert "ConfigMap (2)" in done.err


def test_the_simulated_kube_scheduler_is_a_solver_too(placement, cluster):
    done = placement("plan", cluster, "--solver", "kube-scheduler", "-o", "json")

    body = json.loads(done.out)
    assert done.status == exits.OK
    assert {each["node"] for each in body["placements"]} == {"node-1", "node-2"}


def test_the_spread_policy_uses_both_nodes(placement, cluster):
    body = json.loads(placement("plan", cluster, "--policy", "spread", "-o", "json").out)

    assert {each["node"] for each in body["placements"]} == {"node-1", "node-2"}


def test_the_examples_are_planned_but_for_the_pod_that_nothing_can_hold(placement, schema):
    done = placement("plan", EXAMPLES, "-o", "json")

    body = json.loads(done.out)
    jsonschema.validate(body, schema)
    assert done.status == exits.FOUND
    assert [each["pod"] for each in body["unplaced"]] == ["shop/recommender-0"]
    assert len(body["placements"]) == 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_sigterm_before_there_is_a_plan_says_interrupted(process, number):
    with process("plan", "-", stdin=-1) as running:
        # More than a pipe holds: written only once the command reads it.
        running.stdin.write("#\n" * 2**18)
        running.stdin.flush()
        running.send_signal(number)
        out, err = running.communicate(timeout=60)

    assert (running.returncode, out, err) == (exits.INTERRUPTED, "", "placement: interrupted\n")


def test_no_time_limit_is_too_long(placement, cluster):
    for limit in ("inf", "1e300"):
        assert placement("plan", cluster, "--time-limit", limit).status == exits.OK


class Interrupted:
    """A solver that is interrupted as soon as it starts."""

    name = "interrupted"

    def __init__(self, solver, number):
        self.solver, self.number = solver, number

    def solve(self, problem, stop, **options):
        os.kill(os.getpid(), self.number)
        return self.solver.solve(problem, stop, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_sigterm_during_a_plan_prints_the_best_so_far(placement, monkeypatch, cluster, number):
    named = planning.solver_named
    monkeypatch.setattr(planning, "solver_named", lambda *arguments: Interrupted(named(*arguments), number))

    done = placement("plan", cluster, "-o", "json")

    body = json.loads(done.out)
    assert done.status in (exits.OK, exits.FOUND)
    assert len(body["placements"]) + len(body["unplaced"]) == 3
    assert body["stoppedBy"] == "interrupted"
    assert "Ctrl-C again" in done.err


def test_claims_of_devices_are_named_as_not_judged(placement, cluster, tmp_path):
    path = tmp_path / "device.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: learner, namespace: lab}\nspec:\n"
        "  resourceClaims: [{name: gpu, resourceClaimTemplateName: one-gpu}]\n"
        "  containers: [{name: main, image: learner, resources: {claims: [{name: gpu}]}}]\n"
    )
    notice = "resourceClaims are not judged, as if every node could meet them: lab/learner"

    done = placement("plan", cluster, path, "-o", "json")

    assert notice in done.err
    assert json.loads(done.out)["statistics"]["pods with device claims not judged"] == 1
    assert notice not in placement("plan", cluster).err


def test_priority_classes_that_are_not_there_are_named(placement, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(
        "kind: Pod\napiVersion: v1\nmetadata: {name: learner}\n"
        "spec: {containers: [{name: main}], priorityClassName: urgent}\n"
        "---\nkind: Node\napiVersion: v1\nmetadata: {name: n}\nstatus: {allocatable: {cpu: 1, pods: 9}}\n"
    )
    notice = "no PriorityClass of this name, pods that ask for it count as of priority 0: urgent"
    assert notice in placement("plan", file).err
    with file.open("a") as more:
        more.write("---\nkind: PriorityClass\napiVersion: scheduling.k8s.io/v1\nmetadata: {name: urgent}\nvalue: 9\n")
    assert notice not in placement("plan", file).err


def test_as_many_runs_of_a_cron_job_are_planned_as_wanted(placement, cluster, tmp_path):
    path = tmp_path / "report.yaml"
    path.write_text(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: report, namespace: lab}\nspec:\n"
        "  schedule: 0 3 * * *\n"
        "  jobTemplate: {spec: {template: {spec: {containers: [{name: main, image: report}]}}}}\n"
    )

    for runs in (0, 1, 3):
        planned = placement("plan", cluster, path, "--cron-runs", runs, "-n", "lab", "-o", "name").out.splitlines()
        assert len(planned) == runs
