"""Random small problems for hypothesis, with every hard family, a start and several tiers."""

from __future__ import annotations

from hypothesis import strategies as st

from placement_solvers.problem import EVERYWHERE, NOWHERE, Problem
from tests.builders import ProblemBuilder


@st.composite
def problems(
    draw: st.DrawFn,
    *,
    max_bins: int = 5,
    max_items: int = 8,
    relations: bool = True,
    gangs: bool = True,
    start: bool = True,
    soft: bool = True,
    loads: bool = True,
    whole: bool = True,
) -> Problem:
    """Problems of a few classes; each flag set to False leaves a family out."""
    num_bins = draw(st.integers(0, max_bins))
    num_resources = draw(st.integers(1, 3))
    amounts = st.lists(st.integers(-1, 8), min_size=num_resources, max_size=num_resources)
    build = ProblemBuilder(
        capacity=[draw(amounts) for _ in range(num_bins)], in_use=[draw(st.booleans()) for _ in range(num_bins)]
    )
    if num_bins == 0:
        num_resources = 1
    topologies = [_topology(draw, build) for _ in range(draw(st.integers(1, 3)))]
    scopes = [EVERYWHERE, EVERYWHERE]
    if draw(st.booleans()):
        scopes.append(build.scope([b for b in range(num_bins) if draw(st.booleans())]))
    gang_list = [NOWHERE, NOWHERE]
    if gangs:
        gang_list += [_gang(draw, build, topologies) for _ in range(draw(st.integers(0, 2)))]
    classes = _classes(draw, build, num_resources, gang_list, max_items, start)
    groups = _groups(draw, build, classes, topologies, scopes) if classes else []
    if relations and groups:
        _relations(draw, build, classes, groups)
    _tiers(draw, build, classes, groups, soft)
    if loads and num_bins and draw(st.integers(0, 3)) == 0:
        _prices_of_loads(draw, build, num_resources)
    if whole and start and draw(st.integers(0, 3)) == 0:
        _rules_of_moves(draw, build, classes, groups, num_resources)
    return build.problem()


def _topology(draw: st.DrawFn, build: ProblemBuilder) -> int:
    if draw(st.booleans()):
        return build.each_bin()
    drawn = [draw(st.integers(NOWHERE, 2)) for _ in range(build.num_bins)]
    numbers = {domain: number for number, domain in enumerate(sorted({d for d in drawn if d != NOWHERE}))}
    return build.topology([numbers.get(domain, NOWHERE) for domain in drawn])


def _gang(draw: st.DrawFn, build: ProblemBuilder, topologies: list[int]) -> int:
    topology = draw(st.sampled_from([NOWHERE, *topologies]))
    domains = [] if topology == NOWHERE else sorted({*build._topologies[topology]} - {NOWHERE})
    return build.gang(draw(st.integers(0, 3)), topology, draw(st.sampled_from([NOWHERE, NOWHERE, *domains])))


def _classes(
    draw: st.DrawFn, build: ProblemBuilder, num_resources: int, gangs: list[int], max_items: int, start: bool
) -> list[int]:
    bins = list(range(build.num_bins))
    classes: list[int] = []
    left = draw(st.integers(0, max_items))
    while left:
        count = draw(st.integers(1, min(left, 4)))
        left -= count
        gang = draw(st.sampled_from(gangs))
        begins = []
        if start and bins and draw(st.booleans()):
            begins = [draw(st.sampled_from([NOWHERE, *bins])) for _ in range(count)]
        if classes and draw(st.integers(0, 3)) == 0:
            build.more_items(draw(st.sampled_from(classes)), count, start=begins, gang=gang)
            continue
        classes.append(
            build.items(
                count,
                demand=draw(st.lists(st.integers(0, 4), min_size=num_resources, max_size=num_resources)),
                eligible=[b for b in bins if draw(st.integers(0, 5))],
                priority=draw(st.integers(0, 2)),
                pinned_to=draw(st.sampled_from([NOWHERE] * 5 + bins)),
                movable=draw(st.integers(0, 3)) > 0,
                start=begins,
                gang=gang,
            )
        )
    return classes


def _groups(
    draw: st.DrawFn, build: ProblemBuilder, classes: list[int], topologies: list[int], scopes: list[int]
) -> list[int]:
    groups = []
    for _ in range(draw(st.integers(0, 4))):
        topology = draw(st.sampled_from(topologies))
        members = [c for c in classes if draw(st.booleans())]
        domains = max(build._topologies[topology], default=NOWHERE) + 1
        initial = [draw(st.sampled_from([0, 0, 0, 1, 2])) for _ in range(domains)] if draw(st.booleans()) else []
        groups.append(build.group(topology, members, scope=draw(st.sampled_from(scopes)), initial=initial))
    return groups


def _relations(draw: st.DrawFn, build: ProblemBuilder, classes: list[int], groups: list[int]) -> None:
    class_, group = st.sampled_from(classes), st.sampled_from(groups)
    for _ in range(draw(st.integers(0, 3))):
        build.limit(draw(class_), draw(group), draw(st.integers(1, 2)))
    for _ in range(draw(st.integers(0, 2))):
        build.attract(draw(class_), draw(group), self_starting=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 2))):
        build.spread(draw(class_), draw(group), draw(st.integers(1, 2)), draw(st.integers(1, 3)))


def _tiers(draw: st.DrawFn, build: ProblemBuilder, classes: list[int], groups: list[int], soft: bool) -> None:
    weights = st.integers(0, 3)
    build.tier("unplaced", unplaced=[draw(st.integers(1, 3)) for _ in classes])
    if draw(st.booleans()):
        build.tier("price", open=[draw(weights) for _ in range(build.num_bins)])
    if soft and classes and draw(st.booleans()):
        signed = st.integers(-2, 2)
        pairs, ranges, skews = [], [], []
        if groups:
            class_, group = st.sampled_from(classes), st.sampled_from(groups)
            pairs = [(draw(class_), draw(group), draw(signed)) for _ in range(draw(st.integers(0, 2)))]
            ranges = [
                (draw(group), draw(weights), draw(weights), draw(weights)) for _ in range(draw(st.integers(0, 1)))
            ]
            skews = [(draw(group), draw(st.integers(0, 1)), draw(weights)) for _ in range(draw(st.integers(0, 1)))]
        build.tier(
            "soft",
            moved=[draw(weights) for _ in classes] if draw(st.booleans()) else None,
            placed=[[draw(signed) for _ in range(build.num_bins)] for _ in classes] if draw(st.booleans()) else None,
            pairs=pairs,
            ranges=ranges,
            skews=skews,
        )


def _prices_of_loads(draw: st.DrawFn, build: ProblemBuilder, num_resources: int) -> None:
    resource, signed = st.integers(0, num_resources - 1), st.integers(-1, 3)
    amounts = st.lists(st.integers(-1, 6), min_size=num_resources, max_size=num_resources)
    above = draw(st.booleans())
    if above:
        build.target([draw(amounts) for _ in range(build.num_bins)])
    build.tier(
        "loads",
        over_target=[draw(signed) for _ in range(num_resources)] if above else None,
        balances=[
            (draw(resource), draw(resource), draw(st.integers(0, 3)), draw(signed))
            for _ in range(draw(st.integers(0, 2)))
        ],
    )


def _rules_of_moves(
    draw: st.DrawFn, build: ProblemBuilder, classes: list[int], groups: list[int], num_resources: int
) -> None:
    """Rules and costs of rebalancing: breadths, dependencies, transient resources, who moves from where to where."""
    if groups:
        group = st.sampled_from(groups)
        for _ in range(draw(st.integers(0, 2))):
            build.breadth(draw(group), draw(st.integers(1, 3)))
        one, other = draw(group), draw(group)
        if build.topology_of(one) == build.topology_of(other):
            build.depend(one, other)
    if draw(st.booleans()):
        build.transient([draw(st.booleans()) for _ in range(num_resources)])
    weights, bins = st.integers(-1, 3), range(build.num_bins)
    build.tier(
        "moves",
        moved_between=[[draw(weights) for _ in bins] for _ in bins] if draw(st.booleans()) else None,
        most_moved=([draw(st.integers(-1, 1)) for _ in classes], draw(weights)) if draw(st.booleans()) else None,
    )
