"""Which planned pods may have each other's place."""

from __future__ import annotations

from dataclasses import replace

from placement.extender.guidance import Guidance, kind_of
from placement.model.pod import Owner, Pod
from placement.model.volume import ClaimVolume
from tests.placement.objects import template

SET = Owner("StatefulSet", "db", "uid-of-set")
# The pods of a StatefulSet bear their number as a label, so no two share a template.
FIRST = Pod("db-0", template(app="db", requests={"cpu": 2}), owner=SET)
SECOND = Pod("db-1", template(app="db-1", requests={"cpu": 2}), owner=SET)


def test_pods_of_one_controller_with_the_same_requests_are_of_one_kind() -> None:
    assert kind_of(FIRST) == kind_of(SECOND)


def test_what_tells_pods_of_one_controller_apart_makes_them_two_kinds() -> None:
    assert kind_of(FIRST) != kind_of(replace(FIRST, template=replace(FIRST.template, requests={"cpu": 3})))
    assert kind_of(FIRST) != kind_of(replace(FIRST, template=replace(FIRST.template, priority=1)))
    assert kind_of(FIRST) != kind_of(replace(FIRST, annotations={"placement.dev/gang": "training"}))
    assert kind_of(FIRST) != kind_of(replace(SECOND, owner=Owner("StatefulSet", "db", "another")))
    with_volume = replace(FIRST, template=replace(FIRST.template, volumes=(ClaimVolume("data"),)))
    assert kind_of(with_volume) != kind_of(replace(with_volume, template=replace(with_volume.template)))


def test_where_victims_were_weighed_nobody_changes_places() -> None:
    twins = {kind_of(FIRST): dict.fromkeys((FIRST.key, SECOND.key))}
    node_of = {FIRST.key: "a", SECOND.key: "b"}
    assert list(Guidance(node_of, twins=twins).twins_of(FIRST)) == [(SECOND.key, "b")]
    for evicting in (FIRST, SECOND):
        assert list(Guidance(node_of, frozenset({evicting.key}), twins=twins).twins_of(FIRST)) == []
