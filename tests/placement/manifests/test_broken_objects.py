"""Objects with anything in the place of anything: an error of one line, or a plan that passes its check."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from placement import Cluster, InputError, plan
from placement.cli.app import main
from tests.objects import anti_affinity, node, pod, spread

EXAMPLES = Path(__file__).parents[3] / "examples"
ODD: list[Any] = [
    *(None, True, 0, -1, 1, 3.5, 2**31, 2**63, 2**70, -(2**63), 1e308, float("inf"), float("nan")),
    *("", " ", "x", "a b", "a=b", "\n", "\x00", "é", "1" * 300, "100%", "NaN", "-5", "1e400", "9" * 30),
    *("1Ei", "99999999999999Ei", "9223372036854775807"),
    *([], {}, [None], [{}], [[]], {"a": None}, {"": {}}, ["a", 1, None], {"matchLabels": {"a": 1}}),
]


def shop() -> list[dict[str, Any]]:
    """The example cluster and what is to run on it, without its running pods of the same kind."""
    return [
        written
        for path in sorted(EXAMPLES.rglob("*.yaml"))
        for written in yaml.load_all(path.read_text(), yaml.CSafeLoader)
        if written
    ]


OBJECTS = shop()


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside of a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [here] if here else []
    for key, each in inside:
        found += paths(each, (*here, key))
    return found


@st.composite
def broken(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The objects, one to three values in one of them gone or something else."""
    position = draw(st.integers(0, len(OBJECTS) - 1))
    one = copy.deepcopy(OBJECTS[position])
    for _ in range(draw(st.integers(1, 3))):
        places = paths(one)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder = one
        for key in way:
            holder = holder[key]
        if draw(st.integers(0, 5)) == 0:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return [*OBJECTS[:position], one, *OBJECTS[position + 1 :]]


@settings(deadline=None)  # the first compiles kernels
@given(broken())
def test_whatever_is_wrong_is_one_line_or_no_hindrance(objects: list[dict[str, Any]]) -> None:
    try:
        cluster = Cluster.from_objects(objects)
    except InputError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert plan(cluster, solver="greedy", time_limit=5.0).status != "unknown"


@pytest.mark.parametrize(
    ("kind", "field", "value", "complaint"),
    [
        ("PriorityClass", ("value",), 2**31, "value: expected"),
        ("Deployment", ("spec", "replicas"), 2_000_000, "spec.replicas: 2000000 pods are more than a cluster holds"),
        ("Deployment", ("spec", "replicas"), "three", "spec.replicas: expected"),
        ("Deployment", ("spec", "template", "spec", "containers"), {}, "spec.template.spec.containers: expected"),
    ],
)
def test_the_command_names_file_object_and_field_and_ends_with_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str, field: tuple[str, ...], value: Any, complaint: str
) -> None:
    objects = copy.deepcopy(OBJECTS)
    one = next(each for each in objects if each["kind"] == kind)
    holder = one
    for key in field[:-1]:
        holder = holder[key]
    holder[field[-1]] = value
    path = tmp_path / "cluster.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    assert main(["plan", str(path), "--solver", "greedy"]) == 2

    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"placement: {path}: {kind} ")
    assert complaint in said


@pytest.mark.parametrize("amount", ["1Ei", "9223372036854775807", 2**63, 1e308, "99999999999999Ei"])
@pytest.mark.parametrize("policy", ["default", "spread", "pack"])
def test_amounts_beyond_all_measure_are_planned(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], amount: Any, policy: str
) -> None:
    objects = copy.deepcopy(OBJECTS)
    for each in objects:
        if each["kind"] == "Node" and each["metadata"]["name"].startswith("large"):
            each["status"]["allocatable"] |= {"cpu": amount, "memory": amount}
        if each["kind"] == "Deployment":
            each["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"memory": amount}}
    path = tmp_path / "cluster.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    assert main(["plan", str(path), "--solver", "greedy", "--policy", policy, "-o", "name"]) == 1
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("solver", ["greedy", "kube-scheduler"])
def test_where_there_are_no_nodes_all_is_left_out(solver: str) -> None:
    apart = {"labels": {"app": "x"}, "affinity": anti_affinity({"app": "x"})}
    cluster = Cluster.from_objects([pod("one", **apart, topologySpreadConstraints=[spread({"app": "x"})])])

    assert [one.pod for one in plan(cluster, solver=solver, time_limit=1.0).unplaced] == ["default/one"]


def test_sums_beyond_all_measure_are_planned_as_kube_scheduler_would() -> None:
    running = [pod(f"running{number}", on="a", memory="9223372036854775807") for number in range(3)]
    cluster = Cluster.from_objects([node("a", memory="9223372036854775807"), node("b"), *running, pod("waiting")])

    found = plan(cluster, solver="kube-scheduler", time_limit=1.0)

    assert [(one.pod, one.node) for one in found.placements] == [("default/waiting", "b")]
