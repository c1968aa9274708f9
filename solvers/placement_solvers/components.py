"""Which classes and bins have to do with each other.

The connected components of a graph of classes, bins, domains and groups. A bin that some class may enter by its
signature stands in it as its signature, and counts of single bins not at all: they tie nobody who does not enter the
bin anyway. So the graph grows with classes, kinds of bins and shared domains, not with bins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from placement_solvers.bin_groups import asked_groups
from placement_solvers.counting import fine_topologies
from placement_solvers.problem import NOWHERE, Attractions, Bool, Int32, Int64, Limits, PairCosts, Problem, Spreads

Node = tuple[str, int] | tuple[str, int, int]


def components(problem: Problem) -> list[tuple[Int64, Int64]]:
    """Classes and bins of each component, ascending."""
    import networkx as nx

    graph: nx.Graph[Node] = nx.Graph()
    graph.add_nodes_from(("class", class_) for class_ in np.unique(problem.class_of).tolist())
    graph.add_edges_from(_eligibility(problem))
    graph.add_edges_from(_starts_and_gangs(problem))
    graph.add_edges_from(_relations(problem))
    entered = _entered(problem)
    component_of_kind = np.full(len(entered), NOWHERE, dtype=np.int64)
    component_of_bin = np.full(problem.num_bins, NOWHERE, dtype=np.int64)
    classes: list[Int64] = []
    for number, component in enumerate(nx.connected_components(graph)):
        classes.append(np.array(sorted(node[1] for node in component if node[0] == "class"), dtype=np.int64))
        component_of_kind[[node[1] for node in component if node[0] == "bin signature"]] = number
        component_of_bin[[node[1] for node in component if node[0] == "bin"]] = number
    inside = entered[problem.bin_signature]
    component_of_bin[inside] = component_of_kind[problem.bin_signature[inside]]
    order = np.argsort(component_of_bin, kind="stable").astype(np.int64)
    first = np.searchsorted(component_of_bin[order], np.arange(len(classes) + 1))
    return [(each, order[first[number] : first[number + 1]]) for number, each in enumerate(classes)]


def _eligibility(problem: Problem) -> Iterator[tuple[Node, Node]]:
    """A class with its bins, by way of their signatures."""
    occurring = np.unique(problem.class_of)
    pinned = problem.pinned_to[occurring] != NOWHERE
    node_of = _node_of_bin(problem)
    for class_ in occurring[pinned].tolist():
        yield ("class", class_), node_of(int(problem.pinned_to[class_]))
    signatures = np.unique(problem.class_signature[occurring[~pinned]])
    for class_ in occurring[~pinned].tolist():
        yield ("class", class_), ("class signature", int(problem.class_signature[class_]))
    for signature in signatures.tolist():
        for kind in np.flatnonzero(problem.eligible[signature]).tolist():
            yield ("class signature", signature), ("bin signature", kind)


def _node_of_bin(problem: Problem) -> Callable[[int], Node]:
    """The node that stands for a bin: its signature's if some class enters by it, else its own."""
    entered = _entered(problem)
    return lambda bin_: (
        ("bin signature", int(problem.bin_signature[bin_])) if entered[problem.bin_signature[bin_]] else ("bin", bin_)
    )


def _entered(problem: Problem) -> Bool:
    """Signatures of bins that some class enters that is not pinned, (S,) bool."""
    occurring = np.unique(problem.class_of)
    free = occurring[problem.pinned_to[occurring] == NOWHERE]
    entered: Bool = problem.eligible[np.unique(problem.class_signature[free])].any(axis=0)
    return entered


def _starts_and_gangs(problem: Problem) -> Iterator[tuple[Node, Node]]:
    node_of = _node_of_bin(problem)
    for class_, bins in _starts(problem).items():
        for bin_ in bins.tolist():
            yield ("class", class_), node_of(bin_)
    if len(problem.gangs):
        inside = problem.gangs.of_item != NOWHERE
        rows = np.unique(np.stack([problem.class_of[inside], problem.gangs.of_item[inside]]), axis=1)
        for class_, gang in rows.T.tolist():
            yield ("class", class_), ("gang", gang)


def _starts(problem: Problem) -> dict[int, Int64]:
    """The bins in which items of a class start, for each class that has any."""
    if len(problem.start) == 0:
        return {}
    started = problem.start != NOWHERE
    rows = np.unique(np.stack([problem.class_of[started], problem.start[started]]), axis=1)
    classes, first = np.unique(rows[0], return_index=True)
    return dict(zip(classes.tolist(), np.split(rows[1].astype(np.int64), first[1:]), strict=True))


def _relations(problem: Problem) -> Iterator[tuple[Node, Node]]:
    """Classes with the counts they change or look at: of one domain, or of all where the smallest or any counts."""
    occurring = {int(class_) for class_ in np.unique(problem.class_of)}
    whole, fine = _whole_groups(problem), fine_topologies(problem)
    looking: dict[int, set[int]] = {}
    tables: list[Limits | Attractions | Spreads | PairCosts] = [
        problem.limits,
        problem.attractions,
        problem.spreads,
        *(tier.pairs for tier in problem.tiers),
    ]
    for table in tables:
        for class_, group in zip(table.class_.tolist(), table.group.tolist(), strict=True):
            looking.setdefault(group, set()).add(class_)
    groups = problem.groups
    owner = np.repeat(np.arange(len(groups.class_start) - 1), np.diff(groups.class_start))
    reached = _Reach(problem)
    over: set[int] = set()
    for group in asked_groups(problem).tolist():
        topology = int(groups.topology[group])
        if fine[topology] and group not in whole:
            continue
        members = set(owner[groups.of_class == group].tolist())
        classes = sorted((members | looking.get(group, set())) & occurring)
        if group not in whole:
            for class_ in classes:
                for domain in reached.domains(class_, topology):
                    yield ("class", class_), ("domain", group, domain)
            continue
        for class_ in classes:
            yield ("class", class_), ("group", group)
        if classes:
            over.add(topology)
            yield ("group", group), ("topology", topology)
    for topology in over:
        # The smallest count is taken over all domains, so all bins that make a domain eligible come along.
        yield from ((node, ("topology", topology)) for node in _nodes_inside(problem, topology))
    for group, on in zip(problem.dependencies.group.tolist(), problem.dependencies.on.tolist(), strict=True):
        yield ("group", group), ("group", on)


def _nodes_inside(problem: Problem, topology: int) -> set[Node]:
    """The nodes that stand for the bins in some domain of a topology."""
    inside, entered = problem.domain_of[topology] != NOWHERE, _entered(problem)[problem.bin_signature]
    nodes: set[Node] = {("bin", bin_) for bin_ in np.flatnonzero(inside & ~entered).tolist()}
    return nodes | {("bin signature", kind) for kind in np.unique(problem.bin_signature[inside & entered]).tolist()}


class _Reach:
    """The domains that classes reach, worked out once for all classes that may enter the same bins."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._starts = _starts(problem)
        self._known: dict[tuple[int, int, int], list[int]] = {}

    def domains(self, class_: int, topology: int) -> list[int]:
        """Domains of a topology that hold a bin that the class may enter or starts in, ascending."""
        problem = self._problem
        key = int(problem.class_signature[class_]), int(problem.pinned_to[class_]), topology
        if key not in self._known:
            self._known[key] = _domains(problem.domain_of[topology][problem.eligible_bins(class_)])
        if class_ not in self._starts:
            return self._known[key]
        return sorted({*self._known[key], *_domains(problem.domain_of[topology][self._starts[class_]])})


def _domains(of_bins: Int32) -> list[int]:
    found: list[int] = np.unique(of_bins[of_bins != NOWHERE]).tolist()
    return found


def _whole_groups(problem: Problem) -> set[int]:
    """Groups whose domains depend on each other."""
    attractions = problem.attractions
    whole = {*problem.spreads.group.tolist(), *problem.breadths.group.tolist()}
    whole |= {*problem.dependencies.group.tolist(), *problem.dependencies.on.tolist()}
    for class_, group in zip(attractions.class_.tolist(), attractions.group.tolist(), strict=True):
        if len(attractions.self_starting) and attractions.self_starting[class_]:
            whole.add(group)
    for tier in problem.tiers:
        whole |= {*tier.skews.group.tolist(), *tier.ranges.group.tolist()}
    return whole
