"""The whole random corpus: what kube-scheduler v1.36.2 says of 7,200 pods in 1,200 small clusters.

`tests/data/random-cases.jsonl.gz` is a recording of the running scheduler's answers. Every verdict and every score of
every pod is compared. kube-scheduler tells shortages of extended resources in random order, so reasons are compared
without their order.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from placement.cluster import Cluster
from placement.predicates.verdict import Verdict
from placement.scores.total import total

CORPUS = Path(__file__).parents[1] / "data" / "random-cases.jsonl.gz"


@dataclass(frozen=True)
class Answer:
    name: str
    expected: dict[str, Any]
    verdict: Verdict
    scores: dict[str, dict[str, int]]

    def refusals(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for node, expected in self.expected["infeasible"].items():
            yield f"{self.name} on {node}", node, expected


@cache
def answers() -> list[Answer]:
    found = []
    with gzip.open(CORPUS, "rt") as lines:
        for line in lines:
            case = json.loads(line)
            cluster = Cluster.from_objects([*case["nodes"], *case["namespaces"], *case["pods"], *case["incoming"]])
            for pod, expected in case["expect"].items():
                name = f"case {case['seed']}: {pod}"
                found.append(Answer(name, expected, cluster.verdict(pod), cluster.scores(pod)))
    return found


def test_the_corpus_is_whole() -> None:
    assert len(answers()) == 7200
    assert sum(len(answer.expected["feasible"]) for answer in answers()) == 14940
    assert sum(len(answer.expected["infeasible"]) for answer in answers()) == 24000


def test_admits_each_pod_on_the_nodes_kube_scheduler_admits_it_on() -> None:
    wrong = [a.name for a in answers() if sorted(a.verdict.feasible) != sorted(a.expected["feasible"])]
    assert wrong == []


def test_names_the_first_refusing_plugin_and_whether_eviction_could_help() -> None:
    wrong = []
    for answer in answers():
        for name, node, expected in answer.refusals():
            refusal = answer.verdict.infeasible[node]
            if (refusal.plugin, refusal.code) != (expected["plugin"], expected["code"]):
                wrong.append(name)
    assert wrong == []


def test_gives_the_reasons_kube_scheduler_gives() -> None:
    wrong = [
        name
        for answer in answers()
        for name, node, expected in answer.refusals()
        if sorted(answer.verdict.infeasible[node].reasons) != sorted(expected["reasons"])
    ]
    assert wrong == []


def test_scores_each_node_plugin_by_plugin_as_kube_scheduler_does() -> None:
    wrong = [
        f"{answer.name} on {node}"
        for answer in answers()
        for node, expected in answer.expected["scores"].items()
        if answer.scores[node] != expected["plugins"]
    ]
    assert wrong == []


def test_totals_are_those_kube_scheduler_chooses_by() -> None:
    wrong = [
        f"{answer.name} on {node}"
        for answer in answers()
        for node, expected in answer.expected["scores"].items()
        if total(answer.scores[node]) != expected["total"]
    ]
    assert wrong == []
