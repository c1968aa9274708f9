"""Wrong input is one line that names file, object and field, and status 2."""

import gzip
import json

import pytest

from placement.cli import exits

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node-1"},
    "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "10"}},
}


def pod(**spec):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-0", "namespace": "shop"},
        "spec": {"containers": [{"name": "main", "image": "web"}], **spec},
    }


def listed(*objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "Near", "values": ["a"]}]}]
        }
    }
}
REQUESTS = [{"name": "main", "image": "web", "resources": {"requests": {"memory": "1.5GiB"}}}]

CASES = {
    "truncated.json": (listed(NODE, pod())[:-40], []),
    "truncated.yaml": ("apiVersion: v1\nkind: Node\nmetadata: {name: node-1", []),
    "tab.yaml": ("apiVersion: v1\nkind: Node\nmetadata:\n\tname: node-1\n", []),
    "quantity.json": (
        listed(NODE, pod(containers=REQUESTS)),
        ["Pod shop/web-0", "spec.containers[0].resources.requests.memory", "1.5GiB"],
    ),
    "unknown-node.json": (listed(NODE, pod(nodeName="node-7")), ["Pod shop/web-0", "spec.nodeName", "node-7"]),
    "twins.json": (listed(NODE, NODE), ["Node node-1"]),
    "no-nodes.json": (listed(pod()), ["Node"]),
    "operator.json": (
        listed(NODE, pod(affinity=AFFINITY)),
        ["Pod shop/web-0", "nodeSelectorTerms[0].matchExpressions[0].operator", "Near"],
    ),
    "empty.yaml": ("", []),
    "empty.json": ("", []),
    "scalar.yaml": ("just text\n", []),
    "no-kind.json": (json.dumps({"apiVersion": "v1", "metadata": {"name": "x"}}), ["kind"]),
    "no-name.json": (listed({**NODE, "metadata": {}}), ["Node", "metadata.name"]),
    "negative.json": (
        listed(NODE, pod(containers=[{**REQUESTS[0], "resources": {"requests": {"cpu": "-1"}}}])),
        ["Pod shop/web-0", "spec.containers[0].resources.requests.cpu"],
    ),
    "wrong-type.json": (listed(NODE, pod(containers="main")), ["Pod shop/web-0", "spec.containers"]),
    "deep.json": ("[" * 100_000, []),
    "deep.yaml": ("[" * 20_000, []),
}


@pytest.mark.parametrize(("name", "text", "named"), [(name, *case) for name, case in CASES.items()], ids=list(CASES))
def test_wrong_input_is_one_line_that_names_file_object_and_field(placement, tmp_path, name, text, named):
    path = tmp_path / name
    path.write_text(text)

    done = placement("plan", path)

    assert (done.status, done.out) == (exits.WRONG_INPUT, "")
    assert done.err.count("\n") == 1, done.err
    assert all(part in done.err for part in [str(path), *named]), done.err


def test_bytes_that_are_no_text_are_refused(placement, tmp_path):
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01kind")

    done = placement("plan", path)

    assert done.status == exits.WRONG_INPUT
    assert done.err.count("\n") == 1
    assert str(path) in done.err


def test_a_broken_archive_is_refused(placement, tmp_path):
    path = tmp_path / "dump.json.gz"
    path.write_bytes(gzip.compress(listed(NODE, pod()).encode())[:-20])

    done = placement("plan", path)

    assert done.status == exits.WRONG_INPUT
    assert done.err.count("\n") == 1
    assert str(path) in done.err


def test_a_missing_file_is_named(placement, tmp_path):
    done = placement("plan", tmp_path / "nowhere.yaml")

    assert done.status == exits.WRONG_INPUT
    assert "nowhere.yaml: no such file or directory" in done.err.lower()


def test_a_folder_without_manifests_is_named(placement, tmp_path):
    done = placement("plan", tmp_path)

    assert done.status == exits.WRONG_INPUT
    assert done.err.count("\n") == 1
    assert str(tmp_path) in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--solver", "magic"], "magic"),
        (["--policy", "nowhere.toml"], "nowhere.toml"),
        (["--policy", "spred"], "spread"),
    ],
)
def test_an_option_that_names_what_there_is_not_is_refused(placement, cluster, options, said):
    done = placement("plan", cluster, *options)

    assert (done.status, done.out) == (exits.WRONG_INPUT, "")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_a_policy_with_a_wrong_field_is_named(placement, cluster, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text('fill = "sideways"\n')

    done = placement("plan", cluster, "--policy", policy)

    assert done.status == exits.WRONG_INPUT
    assert done.err.count("\n") == 1
    assert all(part in done.err for part in ("policy.toml", "fill", "sideways"))
