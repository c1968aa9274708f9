"""What Helm makes of the chart."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from placement.manifests import read_inventory
from tests.deploy.manifests import BASE, CHART, Object, arguments, documents, granted, of_kind

HELM = shutil.which("helm")
BINDINGS = importlib.util.find_spec("helm_python") is not None

pytestmark = pytest.mark.skipif(not (HELM or BINDINGS), reason="neither helm nor its bindings are installed: make helm")


class RefusedError(Exception):
    """Helm refuses the values."""


def rendered(values: Object, directory: Path) -> list[Object]:
    """The objects of a release ``kube-placement`` in a namespace of that name."""
    if HELM:
        file = directory / "values.json"
        file.write_text(json.dumps(values))
        command = [HELM, "template", "kube-placement", str(CHART), "-n", "kube-placement", "-f", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RefusedError(done.stderr)
        texts = [done.stdout]
    else:
        import helm_python  # type: ignore[import-not-found,unused-ignore]

        try:
            with helm_python.Chart.load(str(CHART)) as chart:
                chart.validate_schema(values)
                found = chart.render(values, name="kube-placement", namespace="kube-placement")
        except helm_python.HelmError as error:
            raise RefusedError(str(error)) from None
        texts = [text for name, text in found.items() if not name.endswith(".txt")]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


TLS = {"tls": {"secret": "certificates", "clientCA": True}}
ALL: Object = {
    "lookAhead": 2,
    "publish": True,
    "bind": True,
    "apiTokenSecret": "token",
    "policyTable": {"preset": "pack", "tiers": ["unplaced", "price"]},
    "steering": "advisory",
    "serviceMonitor": {"enabled": True, "tlsConfig": {"insecureSkipVerify": True}},
    "podAnnotations": {"team": "x"},
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"pool": "system"},
    "tolerations": [{"operator": "Exists"}],
    **TLS,
}


@pytest.mark.parametrize("values", [{}, {"lookAhead": 0.5}, TLS, ALL], ids=["plain", "look-ahead", "tls", "all"])
def test_every_object_is_whole_and_the_command_takes_its_arguments(values: Object, tmp_path: Path) -> None:
    objects = rendered(values, tmp_path)
    for one in objects:
        assert one["apiVersion"]
        assert one["metadata"]["name"]
        assert one["metadata"]["labels"]["app.kubernetes.io/name"] == "kube-placement"
    spec = of_kind(objects, "Deployment")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}
    paths = [mount["mountPath"] for mount in container["volumeMounts"]]
    files = [value for value in arguments(objects).values() if str(value).startswith("/etc/placement")]
    assert all(any(str(file).startswith(path) for path in paths) for file in files)
    written = tmp_path / "objects.yaml"
    written.write_text(yaml.safe_dump_all(objects))
    (workload,) = read_inventory([written]).workloads
    assert workload.replicas == 2


def test_a_plain_release_has_the_rights_of_the_base(tmp_path: Path) -> None:
    base = [one for file in BASE.glob("*.yaml") for one in documents(file) if "kind" in one]
    objects = rendered({}, tmp_path)
    assert granted(objects, "ClusterRole") == granted(base, "ClusterRole")
    assert granted(objects, "Role") == set()


def test_rights_to_write_come_with_what_needs_them(tmp_path: Path) -> None:
    plain = granted(rendered({}, tmp_path), "ClusterRole")
    cases: list[tuple[Object, Any]] = [
        ({"bind": True}, {("", "pods/binding", "create")}),
        ({"lookAhead": 1}, set()),
        ({"lookAhead": 1, "publish": True}, {("", "pods/status", "patch")}),
    ]
    for values, more in cases:
        objects = rendered(values, tmp_path)
        assert granted(objects, "ClusterRole") - plain == more
        assert bool(granted(objects, "Role")) == ("lookAhead" in values)


def test_the_policy_is_what_was_written(tmp_path: Path) -> None:
    objects = rendered(ALL, tmp_path)
    config = of_kind(objects, "ConfigMap")
    assert yaml.safe_load(config["data"]["policy.yaml"]) == ALL["policyTable"]
    assert arguments(objects)["policy"] == "/etc/placement/policy/policy.yaml"
    annotations = of_kind(objects, "Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert set(annotations) == {"placement.dev/policy-digest", "team"}


@pytest.mark.parametrize(
    "values",
    [{"publish": True}, {"tls": {"clientCA": True}}, {"replicas": 0}, {"policy": "best"}, {"unknown": 1}],
    ids=str,
)
def test_values_that_contradict_each_other_are_refused(values: Object, tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        rendered(values, tmp_path)
