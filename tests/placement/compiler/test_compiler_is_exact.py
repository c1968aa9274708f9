"""The compiler against kube-scheduler's own verdicts: bins that admit an item are the nodes that admit the pod."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placement.compiler import compile_cluster
from placement.manifests import inventory_of
from placement.policy import Policy
from placement_solvers.problem import Problem

CORPUS = Path(__file__).parents[2] / "data" / "random-cases.jsonl.gz"


def admitting_bins(problem: Problem, class_: int) -> list[int]:
    """Bins that one item of the class may enter while no other item is placed, read off the arrays one by one."""
    allowed = problem.eligible_bins(class_).copy()
    demand = problem.demand[class_]
    allowed &= ((problem.capacity >= demand) | (demand == 0)).all(axis=1)
    groups = problem.groups

    def counts(group: int) -> tuple[np.ndarray, np.ndarray]:
        initial = groups.initial[groups.start[group] : groups.start[group + 1]]
        # One more entry, so that bins in no domain (-1) can be looked up before they are ruled out.
        return problem.domain_of[groups.topology[group]], np.append(initial, 0)

    for row in np.flatnonzero(problem.limits.class_ == class_):
        domain_of, initial = counts(problem.limits.group[row])
        within = domain_of >= 0
        allowed[within] &= initial[domain_of[within]] < problem.limits.at_most[row]
    attracting = problem.attractions.group[problem.attractions.class_ == class_]
    if len(attracting):
        nobody = all(not counts(group)[1].any() for group in attracting)
        first = bool(problem.attractions.self_starting[class_]) and nobody
        for group in attracting:
            domain_of, initial = counts(group)
            allowed &= domain_of >= 0
            if not first:
                allowed &= initial[domain_of] > 0
    for row in np.flatnonzero(problem.spreads.class_ == class_):
        group = problem.spreads.group[row]
        domain_of, initial = counts(group)
        scope = groups.scope[group]
        counted = problem.scopes[scope] if scope >= 0 else np.ones(problem.num_bins, dtype=bool)
        domains = np.unique(domain_of[counted & (domain_of >= 0)])
        smallest = 0 if len(domains) < problem.spreads.min_domains[row] else initial[domains].min()
        allowed &= domain_of >= 0
        own = problem.spreads.counts_itself[row]
        allowed &= initial[domain_of] + own - smallest <= problem.spreads.max_skew[row]
    return np.flatnonzero(allowed).tolist()


def corpus() -> list[dict[str, Any]]:
    with gzip.open(CORPUS, "rt") as lines:
        return [json.loads(line) for line in lines]


def objects(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [*case["nodes"], *case["namespaces"], *case["pods"], *case["incoming"]]


@pytest.mark.parametrize("part", range(4))
def test_an_item_may_enter_just_the_bins_whose_nodes_admit_its_pod(part: int) -> None:
    for case in corpus()[part::4]:
        inventory = inventory_of(objects(case))
        for key, expected in case["expect"].items():
            compiled = compile_cluster(inventory, [inventory.pods[key]], Policy())
            found = [compiled.nodes[bin_] for bin_ in admitting_bins(compiled.problem, 0)]
            assert sorted(found) == sorted(expected["feasible"]), (case["seed"], key)
