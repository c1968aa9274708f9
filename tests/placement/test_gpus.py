"""Shared GPUs: read as two schedulers write them, packed onto single GPUs, judged anew, explained and helped."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import combinations, product
from pathlib import Path

import msgspec
import pytest

from placement import Cluster, InputError, Plan, UnsuitedSolverError, check, explain, plan
from placement.cli.app import main
from placement.cli.reading import unjudged
from placement.gpus import held
from placement.model.gpu import Gpu, GpuShare
from placement.plans import Placement
from placement.policy import PRESETS
from placement.predicates.gpu_share import laid_out
from placement.predicates.snapshot import Snapshot
from placement.predicates.verdict import plugin_verdict
from placement.remedies import Kind, patched
from placement.store.judge import Judge
from placement.store.live import LiveSnapshot
from placement.store.reservations import Reservation, Reservations
from tests.objects import Object, node, pod

MILLI, COUNT, INDEX, MODEL = (
    f"alibabacloud.com/{name}" for name in ("gpu-milli", "gpu-count", "gpu-index", "gpu-card-model")
)
MEMORY, MEMORY_COUNT = "aliyun.com/gpu-mem", "aliyun.com/gpu-count"


def gpu_node(name: str, gpus: int, *, model: str = "", **more: str) -> Object:
    labels = {MODEL: model} if model else {}
    return node(name, cpu="64", labels=labels, **{COUNT: str(gpus)}, **more)


def sharing(
    name: str, milli: int, *, count: int = 1, on: str = "", index: str = "", model: str = "", **more: str
) -> Object:
    made = pod(name, on=on, **more)
    written = {MILLI: str(milli), COUNT: str(count), INDEX: index, MODEL: model}
    made["metadata"]["annotations"] = {key: value for key, value in written.items() if value}
    return made


def by_memory(name: str, amount: int, *, on: str = "", index: str = "") -> Object:
    made = pod(name, on=on)
    made["spec"]["containers"][0]["resources"]["limits"] = {MEMORY: str(amount)}
    made["metadata"]["annotations"] = {"ALIYUN_COM_GPU_MEM_IDX": index} if index else {}
    return made


def planned(*objects: Object, **options: object) -> Plan:
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster, **{"time_limit": 6.0, **options})
    assert check(cluster, answer).ok
    return answer


def given(answer: Plan) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {each.pod.removeprefix("default/"): (each.node, each.gpus) for each in answer.placements}


def test_a_node_offers_its_gpus_by_either_convention() -> None:
    inventory = Cluster.from_objects(
        [gpu_node("a", 2, model="T4"), node("b", **{MEMORY: "31", MEMORY_COUNT: "2"}), node("c")]
    ).inventory
    assert [(gpu.index, dict(gpu.amounts), gpu.model) for gpu in inventory.nodes["a"].gpus] == [
        (0, {MILLI: 1000}, "T4"),
        (1, {MILLI: 1000}, "T4"),
    ]
    assert [dict(gpu.amounts) for gpu in inventory.nodes["b"].gpus] == [{MEMORY: 15}, {MEMORY: 15}]
    assert inventory.nodes["c"].gpus == ()


@pytest.mark.parametrize(
    ("annotations", "share"),
    [
        ({MILLI: "300", COUNT: "1"}, GpuShare(((MILLI, 300),))),
        ({MILLI: "300"}, GpuShare(((MILLI, 300),))),
        ({COUNT: "4"}, GpuShare(((MILLI, 1000),), 4)),
        ({MILLI: "1000", COUNT: "2", MODEL: "A|B"}, GpuShare(((MILLI, 1000),), 2, frozenset({"A", "B"}))),
        ({MILLI: "0", COUNT: "1"}, None),
        ({MODEL: "A"}, None),
        ({}, None),
    ],
)
def test_a_pod_asks_by_annotations(annotations: dict[str, str], share: GpuShare | None) -> None:
    written = pod("x")
    written["metadata"]["annotations"] = annotations
    assert Cluster.from_objects([node("n"), written]).inventory.pods["default/x"].template.gpu_share == share


def test_pods_of_one_spec_that_ask_for_unlike_shares_are_told_apart() -> None:
    answer = planned(gpu_node("n", 1), sharing("small", 400), sharing("large", 700))
    assert len(answer.placements) == 1


def test_an_annotation_that_is_no_number_is_named() -> None:
    with pytest.raises(InputError, match=r"Pod default/x: metadata.annotations\[alibabacloud.com/gpu-milli\]"):
        Cluster.from_objects([node("n"), {**pod("x"), "metadata": {"name": "x", "annotations": {MILLI: "half"}}}])
    with pytest.raises(InputError, match="at most 1024"):
        Cluster.from_objects([gpu_node("n", 2_000_000_000)])


def test_enough_in_all_is_not_enough_on_one_gpu() -> None:
    answer = planned(gpu_node("n", 2), *(sharing(f"p{number}", 600) for number in range(3)))
    assert len(answer.placements) == 2
    assert {each.gpus for each in answer.placements} == {(0,), (1,)}
    assert answer.status == "optimal"
    assert [reason.reason for reason in answer.unplaced[0].reasons] == [f"Insufficient {MILLI} on one GPU"]


def test_a_number_of_a_gpu_that_no_machine_counts_to_says_nothing() -> None:
    inventory = Cluster.from_objects([gpu_node("a", 1), sharing("x", 600, on="a", index="9" * 5_000)]).inventory
    assert held(inventory.pods["default/x"]) == ()


def test_gpus_that_are_alike_are_not_tried_one_by_one() -> None:
    halves = [sharing(name, 600, count=count, on="a") for name, count in (("x", 32), ("y", 33))]
    assert laid_out(Snapshot(Cluster.from_objects([gpu_node("a", 64), *halves]).inventory).nodes["a"]) is None


def test_more_pods_than_calls_can_be_nested_are_laid_out() -> None:
    many = [sharing(f"x{number}", 5, on="a") for number in range(1_200)]
    found = laid_out(Snapshot(Cluster.from_objects([gpu_node("a", 6), *many]).inventory).nodes["a"])
    assert found is not None
    assert Counter(found.values()) == {(index,): 200 for index in range(6)}


def test_packs_shares_so_that_a_whole_gpu_is_left() -> None:
    pods = [sharing("a", 500), sharing("b", 500), sharing("whole", 1000)]
    assert len(planned(gpu_node("n", 2), *pods).placements) == 3


def test_memory_of_gpus_is_packed_gpu_by_gpu() -> None:
    offered = {MEMORY: "30", MEMORY_COUNT: "2"}
    answer = planned(
        node("n", **offered), by_memory("runs", 8, on="n", index="1"), *(by_memory(f"p{i}", 8) for i in "ab")
    )
    assert given(answer) == {"pa": ("n", (0,))}


def test_a_running_pod_keeps_the_gpus_it_says() -> None:
    answer = planned(gpu_node("n", 3), sharing("runs", 500, count=2, on="n", index="0-2"), sharing("x", 600))
    assert given(answer) == {"x": ("n", (1,))}


def test_running_pods_that_do_not_say_are_laid_out_as_fits() -> None:
    silent = [sharing("r1", 400, on="n"), sharing("r2", 400, on="n")]
    assert given(planned(gpu_node("n", 2), *silent, sharing("x", 1000))).keys() == {"x"}
    assert given(planned(gpu_node("n", 2), *silent, sharing("x", 700), sharing("y", 700))).keys() < {"x", "y"}


def test_only_gpus_of_a_model_it_asks_for_will_do() -> None:
    nodes = gpu_node("old", 4, model="P100"), gpu_node("new", 1, model="V100")
    answer = planned(*nodes, sharing("a", 600, model="V100|A100"), sharing("b", 600, model="V100|A100"))
    assert [each.node for each in answer.placements] == ["new"]
    reasons = {reason.reason for reason in answer.unplaced[0].reasons}
    assert reasons == {"node(s) had no GPU of a model the pod asks for", f"Insufficient {MILLI} on one GPU"}


def test_whole_gpus_stay_an_extended_resource() -> None:
    whole = pod("whole")
    whole["spec"]["containers"][0]["resources"]["limits"] = {"nvidia.com/gpu": "1"}
    answer = planned(node("plain", **{"nvidia.com/gpu": "1"}), gpu_node("shared", 1), whole, sharing("x", 1000))
    assert {name: where for name, (where, _) in given(answer).items()} == {"whole": "plain", "x": "shared"}


def test_the_more_important_gets_the_gpu_of_the_less_important() -> None:
    running = sharing("runs", 600, on="n", index="0", owner="ReplicaSet/r", priority=1)
    answer = planned(gpu_node("n", 1), running, sharing("urgent", 700, priority=1000))
    assert [each.pod for each in answer.evictions] == ["default/runs"]
    assert given(answer)["urgent"] == ("n", (0,))


def test_plans_under_every_preset() -> None:
    objects = [gpu_node("n", 2), gpu_node("m", 2), sharing("runs", 500, on="n", index="0", owner="ReplicaSet/r")]
    objects += [sharing(f"p{number}", 500) for number in range(3)]
    for policy in PRESETS.values():
        assert planned(*objects, policy=policy).all_placed


@pytest.mark.parametrize("solver", ["auto", "greedy", "kube-scheduler"])
def test_the_same_seed_gives_the_same_plan(solver: str) -> None:
    objects = [gpu_node("n", 2), gpu_node("m", 3), *(sharing(f"p{i}", 100 * (i % 6 + 2)) for i in range(12))]
    assert planned(*objects, solver=solver).to_json() == planned(*objects, solver=solver).to_json()


def test_a_solver_that_knows_no_gpus_says_so() -> None:
    with pytest.raises(UnsuitedSolverError, match="'cp-sat' does not know GPUs that pods share; expected one of: auto"):
        planned(gpu_node("n", 2), sharing("x", 600), solver="cp-sat")


def _fits(gpus: dict[int, int], asked: list[tuple[int, int]]) -> bool:
    if not asked:
        return True
    milli, count = asked[0]
    return any(
        all(gpus[index] >= milli for index in chosen)
        and _fits({index: left - milli * (index in chosen) for index, left in gpus.items()}, asked[1:])
        for chosen in combinations(gpus, count)
    )


@pytest.mark.parametrize("seed", range(25))
def test_places_as_many_as_trying_everything_does(seed: int) -> None:
    rng = random.Random(seed)
    sizes = {f"n{number}": rng.randint(1, 3) for number in range(2)}
    objects = [gpu_node(name, size) for name, size in sizes.items()]
    left = {name: dict.fromkeys(range(size), 1000) for name, size in sizes.items()}
    if rng.random() < 0.5:
        milli = rng.choice([300, 500])
        objects.append(sharing("runs", milli, on="n0", index="0"))
        left["n0"][0] -= milli
    asked = [rng.choice([(300, 1), (400, 1), (500, 2), (600, 1), (700, 1), (1000, 1), (1000, 2)]) for _ in range(5)]
    objects += [sharing(f"p{number}", milli, count=count) for number, (milli, count) in enumerate(asked)]

    most = max(
        sum(where is not None for where in way)
        for way in product([None, *sizes], repeat=len(asked))
        if all(
            _fits(left[name], [ask for ask, where in zip(asked, way, strict=True) if where == name]) for name in sizes
        )
    )
    answer = planned(*objects)
    assert len(answer.placements) == most
    bound = {tier.tier: tier.value for tier in answer.lower_bound or ()}
    assert bound["unplaced at priority 0"] <= len(asked) - most


@pytest.mark.parametrize("seed", range(10))
def test_the_live_state_refuses_what_the_predicate_refuses(seed: int) -> None:
    rng = random.Random(seed)
    objects = [gpu_node(f"n{number}", rng.randint(0, 3), model=rng.choice(["A", "B"])) for number in range(6)]
    for number in range(8):
        objects.append(
            sharing(f"r{number}", rng.choice([300, 600]), on=f"n{rng.randrange(6)}", index=rng.choice(["", "0"]))
        )
    incoming = sharing("x", rng.choice([400, 700, 1000]), count=rng.randint(1, 2), model=rng.choice(["", "A"]))
    inventory = Cluster.from_objects([*objects, incoming]).inventory
    live = LiveSnapshot(inventory)
    outcome = Judge(live).outcome(inventory.pods["default/x"])
    expected = plugin_verdict("GpuShare", inventory.pods["default/x"], Snapshot(inventory)).infeasible
    assert {name: outcome.refusal(live.table.row_of[name]) for name in inventory.nodes} == {
        name: expected.get(name) for name in inventory.nodes
    }


def test_a_gpu_that_is_kept_for_one_pod_is_not_promised_to_another() -> None:
    objects = [gpu_node("a", 2), gpu_node("b", 1), *(sharing(name, 600) for name in ("x", "y", "z"))]
    inventory = Cluster.from_objects(objects).inventory
    live = LiveSnapshot(inventory)
    pods = [inventory.pods[f"default/{name}"] for name in ("x", "y", "z")]
    reservations = Reservations()
    reservations.replace((pod.key, Reservation("a", pod.template, 1.0)) for pod in pods[:2])
    judge = Judge(live)

    refused = {
        pod.name: {
            name: refusal.reasons
            for name in inventory.nodes
            if (refusal := judge.outcome(pod, reservations).refusal(live.table.row_of[name])) is not None
        }
        for pod in pods
    }

    assert refused == {"x": {}, "y": {}, "z": {"a": (f"Insufficient {MILLI} on one GPU",)}}


def test_a_gpu_is_kept_from_the_less_important_only() -> None:
    objects = [gpu_node("a", 1), sharing("x", 600), sharing("more", 600, priority=5)]
    inventory = Cluster.from_objects(objects).inventory
    live = LiveSnapshot(inventory)
    low, high = (inventory.pods[f"default/{name}"] for name in ("x", "more"))
    reservations = Reservations()

    reservations.replace([(low.key, Reservation("a", low.template, 1.0))])
    assert Judge(live).outcome(high, reservations).refusal(live.table.row_of["a"]) is None
    reservations.replace([(high.key, Reservation("a", high.template, 1.0))])
    assert Judge(live).outcome(low, reservations).refusal(live.table.row_of["a"]) is not None


JUDGED = (
    gpu_node("n", 2, model="T4"),
    sharing("runs", 600, on="n", index="0"),
    sharing("x", 500),
    sharing("y", 500),
)


def complaints(x: tuple[int, ...], y: tuple[int, ...] = (1,), objects: tuple[Object, ...] = JUDGED) -> list[str]:
    chosen = Placement("default/x", "n", x), Placement("default/y", "n", y)
    report = check(Cluster.from_objects(objects), Plan(status="feasible", placements=chosen, nodes_used=1))
    return [str(violation) for violation in report.violations]


def test_the_referee_accepts_gpus_that_have_room() -> None:
    assert complaints((1,)) == []


def test_the_referee_adds_up_each_gpu_with_what_runs_there() -> None:
    assert complaints((0,)) == [f"n: GpuShare: GPU 0: 1100 {MILLI} taken, 1000 there"]


def test_the_referee_counts_the_gpus() -> None:
    assert "default/x on n: GpuShare: asks for 1 different GPUs, gets 0, 1" in complaints((0, 1))


def test_the_referee_knows_how_many_the_node_has() -> None:
    assert "default/x on n: GpuShare: gets GPU 7, which the node does not have" in complaints((7,))


def test_the_referee_knows_the_models() -> None:
    objects = (*JUDGED[:2], sharing("x", 500, model="A100"), JUDGED[3])
    assert any("of a model it does not ask for: T4" in said for said in complaints((1,), objects=objects))


def test_the_referee_refuses_a_gpu_for_who_asks_for_none() -> None:
    objects = (*JUDGED[:2], pod("x"), JUDGED[3])
    assert complaints((1,), objects=objects) == ["default/x on n: GpuShare: gets a GPU to share and asks for none"]


def test_the_referee_asks_of_plans_that_name_no_gpus_whether_all_can_be_laid_out() -> None:
    assert complaints((), ()) == []
    objects = (*JUDGED[:2], sharing("x", 600), sharing("y", 600))
    assert any("Insufficient" in said for said in complaints((), (), objects))


def test_the_plan_file_says_which_gpus_and_is_read_again() -> None:
    answer = planned(gpu_node("n", 2), sharing("x", 600), pod("plain"))
    body = json.loads(answer.to_json())
    assert {each["pod"]: each.get("gpus") for each in body["placements"]} == {"default/x": [0], "default/plain": None}
    assert Plan.from_json(answer.to_json()).placements == answer.placements


def test_remedies_ask_for_less_of_a_gpu_or_add_a_node_with_some() -> None:
    objects = [gpu_node("n", 2), *(sharing(f"r{index}", 600, on="n", index=str(index)) for index in (0, 1))]
    objects.append(sharing("x", 700))
    cluster = Cluster.from_objects(objects)
    found = explain(cluster, "default/x", plan(cluster), remedies=True, time_limit=20).remedies or ()
    assert [each.kind for each in found] == [Kind.LOWER_REQUEST, Kind.ADD_NODE]
    assert found[0].description == f"lower the request of {MILLI} from 700 to 400"
    for remedy in found:
        assert remedy.verified
        assert plan(Cluster.from_objects(patched(objects, remedy))).all_placed


def test_remedies_ask_for_less_memory_of_a_gpu() -> None:
    objects = [node("n", **{MEMORY: "30", MEMORY_COUNT: "2"}), by_memory("r", 9, on="n", index="0"), by_memory("x", 16)]
    cluster = Cluster.from_objects(objects)
    found = explain(cluster, "default/x", plan(cluster), remedies=True, time_limit=20).remedies or ()
    assert found[0].description == f"lower the request of {MEMORY} from 16 to 15"
    assert plan(Cluster.from_objects(patched(objects, found[0]))).all_placed


def test_the_command_shows_gpus_and_tells_what_it_does_not_judge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fraction = pod("fraction")
    fraction["metadata"]["annotations"] = {"gpu-fraction": "0.5"}
    objects = [gpu_node("n", 2), sharing("silent", 300, on="n"), sharing("x", 600), sharing("big", 900), fraction]
    objects.append(sharing("huge", 800))
    file = tmp_path / "cluster.json"
    file.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert main(["plan", str(file), "-o", "wide"]) == 1
    shown = capsys.readouterr()
    header, *lines = shown.out.splitlines()
    assert header.endswith("GPUS")
    assert {line.split()[1]: line.split()[-1] for line in lines if line.startswith("default")}["fraction"] == "<none>"
    assert "running pods that do not say which GPU they have are laid out as fits: default/silent" in shown.err
    assert "gpu-fraction is not judged GPU by GPU: default/fraction" in shown.err
    assert main(["explain", str(file), "--pod", "huge", "--no-remedies"]) == 0
    assert f"Insufficient {MILLI} on one GPU: asks 800;" in capsys.readouterr().out


def test_tells_which_nodes_offer_the_same_gpus_whole_and_in_parts() -> None:
    mixed, shared = gpu_node("mixed", 2), gpu_node("shared", 2)
    mixed["status"]["allocatable"]["nvidia.com/gpu"] = "2"
    notices = list(unjudged(Cluster.from_objects([mixed, shared, sharing("x", 600)])))
    assert notices == ["nvidia.com/gpu and shared GPUs of one node are counted apart, as if others: mixed"]


def test_a_deployment_asks_by_the_annotations_of_its_template() -> None:
    written = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}, "annotations": {MILLI: "600"}},
                "spec": pod("web")["spec"],
            },
        },
    }
    assert sorted(gpus for _, gpus in given(planned(gpu_node("n", 2), written)).values()) == [(0,), (1,)]


def test_a_gpu_without_an_amount_does_not_do() -> None:
    assert not GpuShare(((MILLI, 1),)).accepts(Gpu(0, {MEMORY: 5}))
