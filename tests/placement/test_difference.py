import pytest

from placement.difference import Move, TierChange, diff
from placement.plans import Eviction, Placement, Plan, TierCost


@pytest.fixture
def before():
    return Plan(
        status="feasible",
        placements=(Placement("shop/a", "n1"), Placement("shop/b", "n1"), Placement("shop/c", "n2")),
        evictions=(Eviction("shop/old", "n3", "room"),),
        cost=(TierCost("unplaced at priority 0", 0), TierCost("nodes", 2)),
        nodes_used=2,
    )


def test_a_plan_does_not_differ_from_itself(before):
    found = diff(before, before)

    assert found.empty
    assert found.cost == ()


def test_tells_moved_placed_and_lost_pods_apart(before):
    after = Plan(
        status="optimal",
        placements=(Placement("shop/d", "n1"), Placement("shop/b", "n2"), Placement("shop/a", "n1")),
        cost=(TierCost("unplaced at priority 0", 1), TierCost("price", 5)),
        nodes_used=2,
    )

    found = diff(before, after)

    assert found.moved == (Move("shop/b", "n1", "n2"),)
    assert found.placed == (Placement("shop/d", "n1"),)
    assert found.lost == (Placement("shop/c", "n2"),)
    assert found.spared == before.evictions
    assert found.evicted == ()
    assert found.pods == ("shop/b", "shop/d", "shop/c", "shop/old")
    assert found.cost == (
        TierChange("unplaced at priority 0", 0, 1),
        TierChange("nodes", 2, None),
        TierChange("price", None, 5),
    )
    assert found.status == ("feasible", "optimal")


def test_the_other_way_round_is_the_opposite(before):
    after = Plan(status="feasible", placements=(Placement("shop/a", "n9"),))

    there, back = diff(before, after), diff(after, before)

    assert there.lost == back.placed
    assert there.spared == back.evicted
    assert [(m.pod, m.after, m.before) for m in there.moved] == [(m.pod, m.before, m.after) for m in back.moved]
