"""kube-scheduler's own table cases, plugin by plugin and through the whole default profile.

They lie outside the repository: `PLACEMENT_CONFORMANCE` names the directory that holds ``upstream/<Plugin>.json.xz``.
"""

from __future__ import annotations

import json
import lzma
import os
from pathlib import Path
from typing import Any

import pytest

from placement.cluster import Cluster
from placement.predicates.verdict import Verdict, plugin_verdict

DIRECTORY = os.environ.get("PLACEMENT_CONFORMANCE")
pytestmark = pytest.mark.skipif(DIRECTORY is None, reason="PLACEMENT_CONFORMANCE is not set")

PLUGINS = (
    "InterPodAffinity",
    "NodeAffinity",
    "NodeName",
    "NodePorts",
    "NodeResourcesFit",
    "NodeUnschedulable",
    "PodTopologySpread",
    "TaintToleration",
    "VolumeRestrictions",
    "VolumeZone",
)
NUM_CASES = 281

# Reasons that differ, and why.
OTHER_REASONS = {
    # The test's lister names the resource in the plural, the scheduler's own in the singular.
    "VolumeZone/021",
    # A storage class without a binding mode cannot exist behind an API server, which sets it to Immediate.
    "VolumeZone/022",
}
# Status Error comes of the same class without a binding mode.
OTHER_CODES = {"VolumeZone/022"}


def cases(plugin: str) -> list[dict[str, Any]]:
    path = Path(DIRECTORY or "") / "upstream" / f"{plugin}.json.xz"
    found: list[dict[str, Any]] = json.loads(lzma.decompress(path.read_bytes()))["cases"]
    return found


def typed(kind: str, version: str, objects: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [{**written, "kind": kind, "apiVersion": version} for written in objects or []]


def cluster_of(case: dict[str, Any]) -> Cluster:
    return Cluster.from_objects(
        [
            *typed("Node", "v1", case["nodes"]),
            *typed("Namespace", "v1", case["namespaces"]),
            *typed("Pod", "v1", [*case["existing_pods"], case["incoming_pod"]]),
            *typed("PersistentVolume", "v1", case.get("pvs")),
            *typed("PersistentVolumeClaim", "v1", case.get("pvcs")),
            *typed("StorageClass", "storage.k8s.io/v1", case.get("storageclasses")),
            *(case.get("objects") or []),
        ]
    )


def incoming(case: dict[str, Any]) -> str:
    metadata = case["incoming_pod"]["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"


def alone(plugin: str, case: dict[str, Any]) -> Verdict:
    cluster = cluster_of(case)
    pod = cluster.inventory.pods[incoming(case)]
    with cluster.snapshot.without(pod):
        return plugin_verdict(plugin, pod, cluster.snapshot)


def test_no_case_is_missing() -> None:
    assert sum(len(cases(plugin)) for plugin in PLUGINS) == NUM_CASES


@pytest.mark.parametrize("plugin", PLUGINS)
def test_each_plugin_alone_decides_as_upstream(plugin: str) -> None:
    for case in cases(plugin):
        verdict = alone(plugin, case)
        for node, want in case["want"].items():
            refusal = verdict.infeasible.get(node)
            assert ("Success" if refusal is None else refusal.code) == want["code"], (case["id"], node)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_each_plugin_alone_gives_upstreams_reasons(plugin: str) -> None:
    for case in cases(plugin):
        verdict = alone(plugin, case)
        for node, want in case["want"].items():
            if want.get("reasons") and case["id"] not in OTHER_REASONS:
                assert sorted(verdict.infeasible[node].reasons) == sorted(want["reasons"]), (case["id"], node)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_default_profile_decides_as_the_running_scheduler(plugin: str) -> None:
    for case in cases(plugin):
        expected = case["reference_default_profile"]
        verdict = cluster_of(case).verdict(incoming(case))
        assert sorted(verdict.feasible) == sorted(expected["feasible"]), case["id"]
        for node, (refusing, reasons, code) in expected["infeasible"].items():
            refusal = verdict.infeasible[node]
            assert refusal.plugin == refusing, (case["id"], node)
            if case["id"] not in OTHER_CODES:
                assert refusal.code == code, (case["id"], node)
                assert sorted(refusal.reasons) == sorted(reasons), (case["id"], node)
