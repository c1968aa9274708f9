"""What is shipped to clusters is valid, asks for no more than it needs and names what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from placement.extender.metrics import Metrics
from placement.kubernetes.resources import RESOURCES
from placement.manifests import read_inventory
from tests.deploy.manifests import BASE, CHART, DEPLOY, KUSTOMIZE, arguments, documents, granted, kustomized, of_kind

ROOT = DEPLOY.parent


def needed() -> set[tuple[str, str]]:
    """API group and resource of every kind that is watched."""
    found = set()
    for resource in RESOURCES:
        parts = resource.path.strip("/").split("/")
        found.add(("" if parts[0] == "api" else parts[1], parts[-1]))
    return found


def test_the_base_names_files_that_are_there_and_every_object_has_a_name() -> None:
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    for name in listed:
        assert all(one["metadata"]["name"] for one in documents(BASE / name))


def test_the_deployment_can_be_read_by_our_own_reader() -> None:
    inventory = read_inventory([BASE / "deployment.yaml"])
    (workload,) = inventory.workloads
    assert (workload.name, workload.replicas) == ("kube-placement", 2)
    assert workload.template.requests == {"cpu": 1000, "memory": 1536 * 2**20}


def test_the_base_reads_every_kind_it_watches_and_writes_nothing() -> None:
    objects = [one for file in BASE.glob("*.yaml") for one in documents(file) if "kind" in one]
    assert granted(objects, "ClusterRole") == {(*one, verb) for one in needed() for verb in ("get", "list", "watch")}
    assert granted(objects, "Role") == set()


def test_runs_under_restricted_pod_security() -> None:
    objects = [one for file in BASE.glob("*.yaml") for one in documents(file) if "kind" in one]
    spec = of_kind(objects, "Deployment")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert of_kind(objects, "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl, which holds kustomize, is not installed")
def test_components_add_the_rights_they_need_and_no_others() -> None:
    plain, everything = kustomized(BASE), kustomized(KUSTOMIZE / "examples" / "everything")
    more = granted(everything, "ClusterRole") - granted(plain, "ClusterRole")
    assert more == {("", "pods/status", "patch"), ("", "pods/binding", "create")}
    assert granted(everything, "Role") == {
        ("coordination.k8s.io", "leases", verb) for verb in ("get", "update", "create")
    } | {("", "configmaps", verb) for verb in ("get", "list", "watch", "patch", "create")}
    assert {one["kind"] for one in everything} - {one["kind"] for one in plain} == {
        "Role",
        "RoleBinding",
        "ServiceMonitor",
        "PrometheusRule",
    }
    asked = arguments(everything)
    assert (asked["look_ahead"], asked["lease"], asked["publish"], asked["bind"]) == (
        2.0,
        "kube-placement/kube-placement",
        True,
        True,
    )
    assert arguments(plain)["look_ahead"] == 0


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl, which holds kustomize, is not installed")
def test_every_selector_finds_the_pods_of_the_deployment() -> None:
    objects = kustomized(KUSTOMIZE / "examples" / "everything")
    labels = of_kind(objects, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    assert of_kind(objects, "Service")["spec"]["selector"].items() <= labels
    assert of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"].items() <= labels
    service = of_kind(objects, "Service")["metadata"]["labels"].items()
    assert of_kind(objects, "ServiceMonitor")["spec"]["selector"]["matchLabels"].items() <= service
    assert {one["metadata"].get("namespace") for one in objects if one["kind"] != "Namespace"} <= {
        "kube-placement",
        None,
    }


def metric_names() -> set[str]:
    return {sample.name for metric in Metrics().registry.collect() for sample in metric.samples} | {
        f"{metric.name}{ending}"
        for metric in Metrics().registry.collect()
        for ending in {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(metric.type, [""])
    }


MONITORS = (KUSTOMIZE / "components" / "monitoring" / "alerts.yaml", DEPLOY / "monitoring" / "dashboard.json")


@pytest.mark.parametrize("file", MONITORS, ids=lambda file: file.name)
def test_alerts_and_dashboard_ask_for_metrics_that_there_are(file: Path) -> None:
    text = file.read_text()
    body = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    expressions = re.findall(r"placement_[a-z_]+", json.dumps(body))
    assert expressions
    assert set(expressions) - metric_names() == set()


def test_the_dashboard_joins_no_series_that_differ_in_name_only() -> None:
    # PromQL's `or` looks at labels and not at names, so it would show the first alone.
    panels = json.loads(MONITORS[1].read_text())["panels"]
    assert [one["title"] for one in panels if any(" or " in target["expr"] for target in one["targets"])] == []
    assert len({one["id"] for one in panels}) == len(panels)


def test_the_runbook_has_a_word_on_every_alert_and_on_no_other() -> None:
    (rules,) = documents(MONITORS[0])
    alerts = [rule["alert"] for group in rules["spec"]["groups"] for rule in group["rules"]]
    runbook = (ROOT / "docs" / "operating.md").read_text()
    assert re.findall(r"^### (Placement\w+)$", runbook, re.MULTILINE) == alerts


def test_metrics_are_called_what_the_documentation_calls_them() -> None:
    pages = [(ROOT / "docs" / "operating.md").read_text()]
    named = {name for page in pages for name in re.findall(r"`(placement_[a-z_]+)", page)}
    assert len(named) > 10
    histograms = {metric.name for metric in Metrics().registry.collect() if metric.type == "histogram"}
    assert named - metric_names() - histograms == set()


def test_the_image_holds_what_is_pinned_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / one).exists() for one in source.split())
    assert "--require-hashes --requirement /server.txt" in text
    assert int(re.findall(r"^USER (\d+)", text, re.MULTILINE)[0]) > 0
    packages = re.findall(r"^[^\s#].*", (ROOT / "requirements" / "server.txt").read_text(), re.MULTILINE)
    assert len(packages) > 20
    assert [one for one in packages if not re.match(r"[a-z0-9._-]+(\[[a-z0-9,]+\])?==[0-9]", one)] == []


def test_the_scheduler_configuration_offers_all_nodes_by_name() -> None:
    command = [sys.executable, "-m", "placement", "scheduler-config", "--url", "https://x:1/", "--ca-file", "/ca.crt"]
    body = yaml.safe_load(subprocess.run(command, capture_output=True, check=True).stdout)
    assert body["percentageOfNodesToScore"] == 100
    (extender,) = body["extenders"]
    assert extender["nodeCacheCapable"] is True
    assert extender["urlPrefix"] == "https://x:1"
    assert extender["tlsConfig"] == {"caFile": "/ca.crt"}
    assert "bindVerb" not in extender


def test_the_chart_uses_every_value_and_its_schema_knows_every_value() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    templates = "".join(file.read_text() for file in (CHART / "templates").iterdir())
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", templates))
    for name in used:
        found = values
        for part in name.split("."):
            assert part in found, name
            found = found[part]
    assert set(values) == {name.split(".")[0] for name in used}
    assert set(values) == set(schema["properties"]) - {"global"}


def test_chart_and_program_have_one_version() -> None:
    from placement import __version__

    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == __version__
    tag = yaml.safe_load((BASE / "kustomization.yaml").read_text())["images"][0]["newTag"]
    assert tag == __version__
