"""What is shipped to clusters is valid, asks for no more than it needs and names what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from placement.cli.app import app
from placement.extender.metrics import Metrics
from placement.kubernetes.resources import RESOURCES
from placement.manifests import read_inventory

DEPLOY = Path(__file__).parents[3] / "deploy"
BASE = DEPLOY / "kustomize" / "base"
CHART = DEPLOY / "helm" / "kube-placement"


def documents(file: Path) -> list[Any]:
    return [one for one in yaml.safe_load_all(file.read_text()) if one]


def of_kind(kind: str) -> Any:
    found = [one for file in BASE.glob("*.yaml") for one in documents(file) if one.get("kind") == kind]
    assert len(found) == 1, kind
    return found[0]


def test_the_base_names_files_that_are_there_and_every_object_has_a_name() -> None:
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    for name in listed:
        assert all(one["metadata"]["name"] for one in documents(BASE / name))


def test_the_deployment_can_be_read_by_our_own_reader() -> None:
    inventory = read_inventory([BASE / "deployment.yaml"])
    (workload,) = inventory.workloads
    assert (workload.name, workload.replicas) == ("kube-placement", 2)
    assert workload.template.requests == {"cpu": 1000, "memory": 1536 * 2**20}


def test_reads_every_kind_it_watches_and_writes_nothing() -> None:
    rules = of_kind("ClusterRole")["rules"]
    allowed = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    needed = set()
    for resource in RESOURCES:
        parts = resource.path.strip("/").split("/")
        needed.add(("" if parts[0] == "api" else parts[1], parts[-1]))
    assert allowed == needed
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    chart = (CHART / "templates" / "rbac.yaml").read_text()
    assert all(f"{resource}" in chart for _, resource in needed)


def test_runs_under_restricted_pod_security() -> None:
    spec = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def metric_names() -> set[str]:
    return {sample.name for metric in Metrics().registry.collect() for sample in metric.samples} | {
        f"{metric.name}{ending}"
        for metric in Metrics().registry.collect()
        for ending in {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(metric.type, [""])
    }


@pytest.mark.parametrize("file", ["alerts.yaml", "dashboard.json"])
def test_alerts_and_dashboard_ask_for_metrics_that_there_are(file: str) -> None:
    text = (DEPLOY / "monitoring" / file).read_text()
    body = json.loads(text) if file.endswith(".json") else yaml.safe_load(text)
    expressions = re.findall(r"placement_[a-z_]+", json.dumps(body))
    assert expressions
    assert set(expressions) - metric_names() == set()


def test_the_chart_uses_every_value_and_no_other() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    templates = "".join(file.read_text() for file in (CHART / "templates").iterdir())
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", templates))
    for name in used:
        found = values
        for part in name.split("."):
            assert part in found, name
            found = found[part]
    assert set(values) == {name.split(".")[0] for name in used}
    opened = re.findall(r"\{\{-? (?:if|define) ", templates)
    assert len(re.findall(r"\{\{-? end ", templates)) == len(opened)


def test_chart_and_base_use_options_that_the_command_has() -> None:
    import typer.main

    commands: Any = typer.main.get_command(app)
    known = {option for parameter in commands.commands["serve"].params for option in parameter.opts}
    for file in (CHART / "templates" / "deployment.yaml", BASE / "deployment.yaml"):
        assert set(re.findall(r"(?<![\w-])--[a-z-]+(?==|\s*$)", file.read_text(), re.M)) <= known


def test_the_scheduler_configuration_offers_all_nodes_by_name() -> None:
    command = [sys.executable, "-m", "placement", "scheduler-config", "--url", "https://x:1/", "--ca-file", "/ca.crt"]
    body = yaml.safe_load(subprocess.run(command, capture_output=True, check=True).stdout)
    assert body["percentageOfNodesToScore"] == 100
    (extender,) = body["extenders"]
    assert extender["nodeCacheCapable"] is True
    assert extender["urlPrefix"] == "https://x:1"
    assert extender["tlsConfig"] == {"caFile": "/ca.crt"}
    assert "bindVerb" not in extender
