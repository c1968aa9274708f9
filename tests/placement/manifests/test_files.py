"""Every form a manifest or dump comes in gives the same inventory."""

import gzip
import io
import json
import lzma
import re
from types import SimpleNamespace

import pytest
import yaml

from placement.errors import InputError
from placement.manifests import read_inventory
from tests.objects import node, pod

OBJECTS = [
    node("n1"),
    pod("a", on="n1"),
    pod("b"),
    {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "x"}},
    {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "c"}},
]


def as_list(kind="List", objects=OBJECTS):
    return {"apiVersion": "v1", "kind": kind, "items": objects}


FORMS = {
    "list.json": json.dumps(as_list()),
    "indented.json": json.dumps(as_list(), indent=4),
    "unordered.json": json.dumps({"items": OBJECTS, "kind": "List"}),
    "array.json": json.dumps(OBJECTS),
    "lines.json": "\n".join(json.dumps(one) for one in OBJECTS),
    "one-after-the-other.json": "".join(json.dumps(one, indent=2) for one in OBJECTS),
    "bom.json": "\ufeff" + json.dumps(as_list()),
    "documents.yaml": "---\n" + yaml.safe_dump_all(OBJECTS) + "\n---\n# nothing here\n",
    "list.yaml": yaml.safe_dump(as_list()),
    "json.yaml": json.dumps(as_list()),
    "flow.yml": "{apiVersion: v1, kind: List, items: " + json.dumps(OBJECTS) + "}",
    "typed.yaml": yaml.safe_dump_all(
        [
            as_list("NodeList", [{k: v for k, v in OBJECTS[0].items() if k not in ("kind", "apiVersion")}]),
            as_list("PodList", [{k: v for k, v in one.items() if k != "kind"} for one in OBJECTS[1:3]]),
            as_list("NamespaceList", OBJECTS[3:4]),
            OBJECTS[4],
        ]
    ),
    "typed.json": json.dumps(as_list("List", [as_list("NodeList", OBJECTS[:1]), *OBJECTS[1:]])),
}


def summary(inventory):
    return list(inventory.nodes), list(inventory.pods), list(inventory.namespaces), dict(inventory.skipped)


EXPECTED = (["n1"], ["default/a", "default/b"], ["x"], {"ConfigMap": 1})


@pytest.mark.parametrize("name", FORMS)
def test_reads(name, tmp_path):
    path = tmp_path / name
    path.write_text(FORMS[name], encoding="utf-8")

    inventory = read_inventory([path])

    assert summary(inventory) == EXPECTED
    assert inventory.sources == (str(path),)


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_reads_compressed_files(suffix, compress, tmp_path):
    path = tmp_path / f"dump.json.{suffix}"
    path.write_bytes(compress(FORMS["list.json"].encode()))
    assert summary(read_inventory([path])) == EXPECTED


def test_reads_standard_input(monkeypatch):
    content = io.BytesIO(FORMS["documents.yaml"].encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=content))
    inventory = read_inventory(["-"])
    assert summary(inventory) == EXPECTED
    assert inventory.sources == ("stdin",)


def test_reads_the_manifests_below_a_directory_in_the_order_of_their_paths(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "pods.yaml").write_text(yaml.safe_dump_all(OBJECTS[2:]))
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(OBJECTS[0]).encode()))
    (tmp_path / "a.yml").write_text(yaml.safe_dump(OBJECTS[1]))
    (tmp_path / "rendered-to-nothing.yaml").write_text("---\n# disabled\n")
    (tmp_path / "README.md").write_text("# not a manifest")

    inventory = read_inventory([tmp_path])

    assert summary(inventory) == EXPECTED
    assert [source.rpartition("/")[2] for source in inventory.sources] == [
        "a.json.gz",
        "a.yml",
        "pods.yaml",
        "rendered-to-nothing.yaml",
    ]


def test_reads_several_files_as_one_cluster(tmp_path):
    (tmp_path / "pods.json").write_text(json.dumps(as_list(objects=OBJECTS[1:])))
    (tmp_path / "nodes.json").write_text(json.dumps(OBJECTS[0]))
    assert summary(read_inventory([tmp_path / "pods.json", tmp_path / "nodes.json"])) == EXPECTED


def test_leaves_timestamps_as_they_are_written(tmp_path):
    path = tmp_path / "pod.yaml"
    path.write_text("kind: Pod\nmetadata: {name: p, creationTimestamp: 2026-01-02T03:04:05Z}\nspec: {}\n")
    assert read_inventory([path]).pods["default/p"].creation == "2026-01-02T03:04:05Z"


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_inventory([path])
    assert "\n" not in str(caught.value)
    return caught.value


BAD = {
    "truncated.json": (json.dumps(as_list())[:-30], "", "", "truncated"),
    "truncated-object.json": (json.dumps(OBJECTS[1])[:-5], "Pod", "", "truncated"),
    "broken.json": ('{"kind": "Pod", "metadata": {name}}', "", "", "not JSON"),
    "tab.yaml": ("kind: Pod\nmetadata:\n\tname: x\n", "", "", "line 3, column 1: .*tab"),
    "template.yaml": ("{{- if .Values.on }}\nkind: Pod\n{{- end }}\n", "", "", "line 1"),
    "empty.yaml": ("", "", "", "no Kubernetes objects"),
    "comments.yaml": ("# nothing\n---\n", "", "", "no Kubernetes objects"),
    "text.yaml": ("hello\n", "", "", "expected a mapping"),
    "kindless.yaml": ("metadata: {name: x}\n", "", "kind", "kind"),
    "nameless.json": ('{"kind": "Node"}', "Node", "metadata.name", "expected a name"),
    "quantity.yaml": (
        "kind: Pod\nmetadata: {name: web-0, namespace: shop}\n"
        "spec: {containers: [{name: c, resources: {requests: {memory: 1.5GiB}}}]}\n",
        "Pod shop/web-0",
        "spec.containers[0].resources.requests.memory",
        "1.5GiB",
    ),
    "bound.json": (json.dumps([node("n1"), pod("a", on="n2")]), "Pod default/a", "spec.nodeName", "n2"),
    "nodes.json": (json.dumps([node("n1"), node("n1")]), "Node n1", "", "second node"),
    "pods.json": (json.dumps([pod("a"), pod("a")]), "Pod default/a", "", "second pod"),
    "type.json": (
        '{"kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"image":5}]}}',
        "Pod default/p",
        "spec.containers[0].image",
        "expected str, got int",
    ),
    "type.yaml": (
        "kind: Node\nmetadata: {name: n}\nspec: {unschedulable: sometimes}\n",
        "Node n",
        "spec.unschedulable",
        "expected bool",
    ),
    "items.yaml": ("kind: List\nitems: 5\n", "List", "items", "expected a list"),
    "nested.yaml": ("[" * 10000, "", "", ""),
    "nested.json": ('{"kind":"Pod","spec":' + '{"a":' * 100000, "", "", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_refuses(name, tmp_path):
    content, named, field, problem = BAD[name]
    path = tmp_path / name
    path.write_text(content)

    error = refusal(path)

    assert error.source == str(path)
    assert error.field == field
    assert named in error.object
    assert re.search(problem, error.problem)


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08\x00abc", b"\xfd7zXZ\x00\x00", b'{"kind":"Pod","metadata":{"name":"\xff"}}']
)
def test_refuses_damaged_bytes(content, tmp_path):
    path = tmp_path / "dump.json"
    path.write_bytes(content)
    assert refusal(path).source == str(path)


def test_refuses_a_file_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "absent.yaml").problem == "no such file or directory"


def test_refuses_a_directory_without_manifests(tmp_path):
    assert "no .yaml" in refusal(tmp_path).problem


def test_refuses_a_directory_whose_manifests_hold_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text("# nothing\n")
    assert refusal(tmp_path).problem == "no Kubernetes objects"


def test_a_finished_pod_may_name_a_node_that_is_gone(tmp_path):
    done = pod("a", on="gone") | {"status": {"phase": "Succeeded"}}
    path = tmp_path / "pods.json"
    path.write_text(json.dumps([node("n1"), done]))
    assert read_inventory([path]).pods["default/a"].node == "gone"
