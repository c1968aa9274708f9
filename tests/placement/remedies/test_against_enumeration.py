"""On small made-up clusters every remedy helps, and no cheaper change of its kind does, as trying them all shows."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

import pytest

from placement import Cluster, plan
from placement.policy import Policy
from placement.remedies import Kind, patched, remedies
from tests.cases import cases
from tests.objects import affinity, anti_affinity, node, pod, spread

ZONE = "topology.kubernetes.io/zone"
NOBODY_MOVES = Policy(preemption="never")
CASES = cases(25)


def fits(objects) -> bool:
    """Whether some node admits the pod, by the predicates alone."""
    return bool(Cluster.from_objects(objects).verdict("default/x").feasible)


def made_up(seed: int) -> list[dict]:
    """A small cluster and a pod ``default/x`` with many rules that no node may have."""
    rng = random.Random(seed)
    objects = []
    for number in range(rng.randint(1, 4)):
        labels = {ZONE: rng.choice("ab"), "disk": rng.choice(["ssd", "hdd"])}
        taints = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}] if rng.random() < 0.3 else []
        unschedulable = rng.random() < 0.2
        cpu = str(rng.choice([2, 4, 8]))
        objects.append(node(f"n{number}", cpu=cpu, labels=labels, taints=taints, unschedulable=unschedulable))
    nodes = list(objects)
    for number in range(rng.randint(0, 8)):
        app = rng.choice(["web", "db"])
        more = {"affinity": anti_affinity({"app": "web"})} if rng.random() < 0.15 else {}
        objects.append(
            pod(
                f"p{number}",
                on=rng.choice(nodes)["metadata"]["name"],
                cpu=f"{rng.randint(5, 20)}00m",
                labels={"app": app},
                priority=rng.randint(0, 2),
                **more,
            )
        )
    rules: dict = {"priority": 2, "affinity": {}}
    if rng.random() < 0.3:
        rules["nodeSelector"] = {"disk": "ssd"}
    if rng.random() < 0.3:
        rules["affinity"] |= anti_affinity(
            {"app": rng.choice(["web", "db"])}, rng.choice([ZONE, "kubernetes.io/hostname"])
        )
    if rng.random() < 0.2:
        rules["affinity"] |= affinity({"app": rng.choice(["web", "db"])})
    if rng.random() < 0.5:
        rules["topologySpreadConstraints"] = [spread({"app": "web"})]
    objects.append(pod("x", cpu=f"{rng.randint(5, 60)}00m", labels={"app": "web"}, **rules))
    return objects


def unplaceable() -> Iterator[int]:
    found = 0
    for seed in range(10_000):
        if not fits(made_up(seed)):
            yield seed
            found += 1
            if found == CASES:
                return


def changed(objects, **spec) -> list[dict]:
    """The objects with fields of the waiting pod's spec replaced."""
    new = copy.deepcopy(objects)
    new[-1]["spec"] |= spec
    return new


def with_cpu(objects, millicores: int) -> list[dict]:
    resources = {"requests": {"cpu": f"{millicores}m", "memory": "64Mi"}}
    return changed(objects, containers=[{"name": "main", "image": "app", "resources": resources}])


@pytest.mark.parametrize("seed", list(unplaceable()))
def test_each_remedy_helps_and_none_is_missing_or_too_dear(seed) -> None:
    objects = made_up(seed)
    cluster = Cluster.from_objects(objects)
    answer = plan(cluster, policy=NOBODY_MOVES)
    found = remedies(cluster, "default/x", answer, policy=NOBODY_MOVES, time_limit=600)
    by_kind: dict[Kind, list] = {}
    for remedy in found:
        assert remedy.verified
        assert plan(Cluster.from_objects(patched(objects, remedy)), policy=NOBODY_MOVES).all_placed
        by_kind.setdefault(remedy.kind, []).append(remedy)
    assert [remedy.cost for remedy in found] == sorted(remedy.cost for remedy in found)
    spec = objects[-1]["spec"]

    asked = int(spec["containers"][0]["resources"]["requests"]["cpu"].removesuffix("m"))
    # All amounts are whole hundreds, so is the largest that fits.
    best = next((less for less in range(asked - 100, -1, -100) if fits(with_cpu(objects, less))), None)
    assert best is None or best + 1 == asked or not fits(with_cpu(objects, best + 1))
    assert [remedy.amount for remedy in by_kind.get(Kind.LOWER_REQUEST, []) if "cpu" in remedy.description] == (
        [] if best is None else [(-(-(asked - best) * 1_000_000 // asked),)]
    )

    opened = [
        [{**each, "spec": {**each["spec"], "unschedulable": False}} if each is shut else each for each in objects]
        for shut in objects
        if shut["spec"].get("unschedulable")
    ]
    assert bool(by_kind.get(Kind.UNCORDON_NODE)) is any(map(fits, opened))

    tolerant = changed(objects, tolerations=[{"key": "gpu", "operator": "Exists"}])
    assert bool(by_kind.get(Kind.TOLERATE_TAINT)) is fits(tolerant)

    selector = bool(spec.get("nodeSelector")) and fits(changed(objects, nodeSelector={}))
    assert bool(by_kind.get(Kind.DROP_NODE_SELECTOR)) is selector

    for kind, name in ((Kind.DROP_AFFINITY, "podAffinity"), (Kind.DROP_ANTI_AFFINITY, "podAntiAffinity")):
        kept = {key: value for key, value in spec["affinity"].items() if key != name}
        assert bool(by_kind.get(kind)) is (name in spec["affinity"] and fits(changed(objects, affinity=kept)))

    skews = [
        skew
        for skew in range(2, 12)
        if "topologySpreadConstraints" in spec
        and fits(changed(objects, topologySpreadConstraints=[spread({"app": "web"}, max_skew=skew)]))
    ]
    assert [remedy.amount for remedy in by_kind.get(Kind.RAISE_MAX_SKEW, [])] == [(skew,) for skew in skews[:1]]
    free = "topologySpreadConstraints" in spec and fits(changed(objects, topologySpreadConstraints=[]))
    assert bool(by_kind.get(Kind.SCHEDULE_ANYWAY)) is free

    single = [
        each["spec"]["priority"]
        for each in objects
        if each["kind"] == "Pod"
        and each["spec"]["priority"] < 2
        and fits([other for other in objects if other is not each])
    ]
    evicted = by_kind.get(Kind.EVICT, [])
    if single:
        assert [remedy.amount[1:3] for remedy in evicted] == [(1, min(single))]
    else:
        assert all(remedy.amount[1] > 1 for remedy in evicted)

    helpful = []
    for number, shape in enumerate(each for each in objects if each["kind"] == "Node"):
        labels = {**shape["metadata"]["labels"], "kubernetes.io/hostname": f"extra-{number}"}
        extra = node(f"extra-{number}", cpu=shape["status"]["allocatable"]["cpu"], labels=labels)
        extra["spec"]["taints"] = shape["spec"]["taints"]
        if fits([extra, *objects]):
            helpful.append(int(shape["status"]["allocatable"]["cpu"]) * 1000)
    assert [remedy.amount[2] for remedy in by_kind.get(Kind.ADD_NODE, [])] == sorted(helpful)[:1]
