from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from placement_solvers.errors import InvalidProblemError, InvalidSolutionError
from placement_solvers.problem import Problem, Tier
from placement_solvers.solution import Solution
from placement_solvers.validation import validate, validate_solution
from tests.builders import ProblemBuilder, solution


def sound() -> Problem:
    build = ProblemBuilder(capacity=[[4, 4], [4, 4], [4, 4]])
    web = build.items(2, demand=[1, 1], start=[0], gang=build.gang(2))
    api = build.items(1, demand=[2, 1], movable=False)
    zone = build.topology([0, 1, -1])
    pair = build.group(zone, [web, api], scope=build.scope([0, 1]))
    build.limit(web, pair)
    build.limit(api, pair)
    build.attract(api, pair)
    build.spread(web, pair)
    build.tier(
        "all", unplaced=1, open=1, moved=1, placed=[[0] * 3] * 2, pairs=[(web, pair, 1)], ranges=[(pair, 0, 1, 1)]
    )
    return build.problem()


Change = Callable[[Problem], Problem]


def within(name: str, **changes: object) -> Change:
    return lambda problem: replace(problem, **{name: replace(getattr(problem, name), **changes)})


def tier(**changes: object) -> Change:
    return lambda problem: replace(problem, tiers=(Tier("x"), replace(problem.tiers[0], **changes)))


def int32(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


FAULTS: list[tuple[str, Change]] = [
    ("class_of", lambda p: replace(p, class_of=int32(0, 1, 2))),
    ("class_of", lambda p: replace(p, class_of=p.class_of.astype(np.int64))),
    ("demand", lambda p: replace(p, demand=-p.demand)),
    ("demand", lambda p: replace(p, demand=p.demand[:, :1])),
    ("demand", lambda p: replace(p, demand=p.demand * 2**53)),
    ("capacity", lambda p: replace(p, capacity=p.capacity.astype(np.int32))),
    ("capacity", lambda p: replace(p, capacity=p.capacity[0])),
    ("tiers[1]", tier(open=np.full(3, 2**59))),
    ("tiers[1]", tier(unplaced=np.full(2, -(2**59)))),
    ("class_signature", lambda p: replace(p, class_signature=int32(0, 2))),
    ("bin_signature", lambda p: replace(p, bin_signature=int32(0, 1, 3))),
    ("bin_signature", lambda p: replace(p, bin_signature=int32(0, 1))),
    ("eligible", lambda p: replace(p, eligible=p.eligible.astype(np.int8))),
    ("domain_of", lambda p: replace(p, domain_of=np.array([[0, 2, -1]], dtype=np.int32))),
    ("domain_of", lambda p: replace(p, domain_of=np.array([[0, 1, -2]], dtype=np.int32))),
    ("domain_of", lambda p: replace(p, domain_of=p.domain_of[:, :2])),
    ("scopes", lambda p: replace(p, scopes=p.scopes[:, :2])),
    ("class_priority", lambda p: replace(p, class_priority=int32(0))),
    ("in_use", lambda p: replace(p, in_use=p.in_use[:2])),
    ("pinned_to", lambda p: replace(p, pinned_to=int32(-1, 3))),
    ("start", lambda p: replace(p, start=int32(0, 0))),
    ("start", lambda p: replace(p, start=int32(0, 3, -1))),
    ("class_movable", lambda p: replace(p, class_movable=np.ones(3, dtype=np.bool_))),
    ("groups.topology", within("groups", topology=int32(1))),
    ("groups.scope", within("groups", scope=int32(1))),
    ("groups.start", within("groups", start=np.array([0, 1], dtype=np.int64))),
    ("groups.start", within("groups", start=np.array([0, 3], dtype=np.int64), initial=int32(0, 0, 0))),
    ("groups.initial", within("groups", initial=int32(0, -1))),
    ("groups.class_start", within("groups", class_start=np.array([0, 2, 1], dtype=np.int64))),
    ("groups.class_start", within("groups", class_start=np.array([0, 2], dtype=np.int64))),
    ("groups.of_class", within("groups", of_class=int32(0, 1))),
    ("groups.of_class", within("groups", of_class=int32(0, 0), class_start=np.array([0, 2, 2], dtype=np.int64))),
    ("limits.class_", within("limits", class_=int32(1, 0))),
    ("limits.group", within("limits", group=int32(0, 1))),
    ("limits.at_most", within("limits", at_most=int32(1, 0))),
    ("limits.at_most", within("limits", at_most=int32(1))),
    ("attractions.class_", within("attractions", class_=int32(2))),
    ("attractions.self_starting", within("attractions", self_starting=np.zeros(1, dtype=np.bool_))),
    ("spreads.max_skew", within("spreads", max_skew=int32(0))),
    ("spreads.min_domains", within("spreads", min_domains=int32(0))),
    ("spreads.counts_itself", within("spreads", counts_itself=int32(2))),
    ("gangs.of_item", within("gangs", of_item=int32(0, 1, -1))),
    ("gangs.of_item", within("gangs", of_item=int32())),
    ("gangs.at_least", within("gangs", at_least=int32(-1))),
    ("gangs.topology", within("gangs", topology=int32(1))),
    ("gangs.begun_in", within("gangs", begun_in=int32(0, 0))),
    ("gangs.begun_in", within("gangs", begun_in=int32(0))),
    ("gangs.begun_in", within("gangs", topology=int32(0), begun_in=int32(2))),
    ("tiers[1].unplaced", tier(unplaced=np.zeros(3, dtype=np.int64))),
    ("tiers[1].open", tier(open=np.zeros(3, dtype=np.int32))),
    ("tiers[1].moved", tier(moved=np.zeros(1, dtype=np.int64))),
    ("tiers[1].placed", tier(placed=np.zeros((2, 2), dtype=np.int64))),
]


def test_accepts_a_sound_problem() -> None:
    validate(sound())


@pytest.mark.parametrize(("field", "change"), FAULTS)
def test_names_the_field_at_fault(field: str, change: Change) -> None:
    with pytest.raises(InvalidProblemError) as caught:
        validate(change(sound()))
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: expected") or field in ("domain_of", "groups.start")


@pytest.mark.parametrize(
    "wrong",
    [
        solution([0]),
        solution([0, 0, 3]),
        solution([0, 0, 0], sequence=[0, 1]),
        Solution(np.zeros(3, dtype=np.int64), int32(0, 1, 2)),  # type: ignore[arg-type]
    ],
)
def test_refuses_a_solution_that_speaks_of_other_things(wrong: Solution) -> None:
    with pytest.raises(InvalidSolutionError):
        validate_solution(sound(), wrong)
