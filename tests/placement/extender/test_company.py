"""What other pods make a node cost is what the planner's tier of soft terms would become."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from placement.compiler import compile_cluster
from placement.extender.company import Company
from placement.extender.favour import Favours
from placement.generate import generate
from placement.manifests import inventory_of
from placement.model.pod import Pod
from placement.policy import PRESETS, Weights
from placement.predicates.verdict import verdict
from placement.store.state import State
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from tests.objects import Object, node, pod

POLICY = PRESETS["default"]
# The cluster's own constraints go by these; they are kube-scheduler's to score.
SIBLINGS = {"Service", "ReplicaSet", "StatefulSet", "Deployment", "Job"}


def planner_costs(state: State, subject: Pod, nodes: Iterable[str]) -> dict[str, int]:
    """The tier of soft terms with the pod on each node, as the planner counts."""
    compiled = compile_cluster(state.inventory(), [subject], POLICY)
    (tier,) = (number for number, tier in enumerate(compiled.problem.tiers) if tier.name == "preferences")
    found = {}
    for name in nodes:
        bin_of = np.array([compiled.nodes.index(name)], dtype=np.int32)
        found[name] = cost_of(compiled.problem, Solution(bin_of, np.array([0], dtype=np.int32)))[tier]
    return found


def extender_costs(state: State, subject: Pod) -> dict[str, int]:
    snapshot = state.snapshot
    favours = Favours(POLICY)
    costs = favours._unheeded(subject.template, snapshot.table) + Company(POLICY.weights).costs(subject, snapshot)
    return {name: int(costs[row]) for name, row in snapshot.table.row_of.items()}


@pytest.mark.parametrize("seed", range(8))
def test_nodes_differ_by_what_the_planner_would_pay(seed: int) -> None:
    objects = generate(14, 90, seed, pending=20, workloads=7, pending_workloads=8, load=0.5)
    state = State(inventory_of([one for one in objects if one["kind"] not in SIBLINGS]))
    waiting = [one for one in state.objects.pods.values() if not one.node]
    differing = 0
    for subject in waiting:
        feasible = sorted(verdict(subject, state.snapshot).feasible)
        if not feasible:
            continue
        theirs, ours = planner_costs(state, subject, feasible), extender_costs(state, subject)
        first = feasible[0]
        assert {name: ours[name] - ours[first] for name in feasible} == {
            name: theirs[name] - theirs[first] for name in feasible
        }
        differing += len(set(theirs.values())) > 1
        # The next ones meet this one, so that pods of the same workload wish something of each other.
        state.assume(subject, feasible[len(subject.name) % len(feasible)], float("inf"))
    assert differing


def term(app: str) -> Object:
    return {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "kubernetes.io/hostname"}


def preferred(kind: str, app: str, weight: int = 50) -> Object:
    name = "preferredDuringSchedulingIgnoredDuringExecution"
    return {kind: {name: [{"weight": weight, "podAffinityTerm": term(app)}]}}


@pytest.mark.parametrize(("kind", "sign"), [("podAffinity", -1), ("podAntiAffinity", 1)], ids=["near", "away"])
def test_wishes_count_both_ways(kind: str, sign: int) -> None:
    there = [
        pod("asked-for", labels={"app": "web"}, on="a"),
        pod("asks", labels={"app": "db"}, affinity=preferred(kind, "new", weight=7), on="b"),
    ]
    new = pod("new", labels={"app": "new"}, affinity=preferred(kind, "web"))
    state = State(inventory_of([node("a"), node("b"), node("c"), *there, new]))
    found = extender_costs(state, state.objects.pods["default/new"])
    assert found == {"a": 50 * sign, "b": 7 * sign, "c": 0}


def test_what_others_require_is_no_wish() -> None:
    required = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term("new")]}}
    there = pod("there", labels={"app": "new"}, affinity=required, on="a")
    new = pod("new", labels={"app": "new"})
    state = State(inventory_of([node("a"), node("b"), there, new]))
    assert extender_costs(state, state.objects.pods["default/new"]) == {"a": 0, "b": 0}


def test_weights_of_nothing_leave_the_company_out() -> None:
    new = pod("new", affinity=preferred("podAffinity", "web"))
    state = State(inventory_of([node("a"), pod("web", labels={"app": "web"}, on="a"), new]))
    weights = Weights(pod_affinity=0, spread=0)
    assert Company(weights).costs(state.objects.pods["default/new"], state.snapshot).tolist() == [0]
