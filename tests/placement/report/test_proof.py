import msgspec

from placement.plans import TierCost
from placement.report.proof import proof


def test_names_status_bound_and_gap(plan):
    assert proof(plan).plain == (
        "feasible · unplaced 1 (no plan places more) · nodes 3 (bound ≥ 2) · gap 33.3% · greedy"
    )


def test_shows_no_bound_below_a_tier_that_misses_its_own(plan):
    open_tier = msgspec.structs.replace(
        plan, lower_bound=(plan.cost[0], TierCost("unplaced at priority 0", 0), plan.cost[2])
    )

    assert proof(open_tier).plain.startswith(
        "feasible · unplaced 1 · unplaced at priority 0: 1 (bound ≥ 0) · nodes 3 · gap"
    )


def test_a_met_bound_is_called_proven(plan):
    optimal = msgspec.structs.replace(plan, status="optimal", lower_bound=plan.cost, gap=0.0)

    assert "nodes 3 (proven least) · gap 0%" in proof(optimal).plain


def test_without_a_bound_the_gap_is_unknown(plan):
    bare = msgspec.structs.replace(plan, lower_bound=None, gap=None)

    assert proof(bare).plain == "feasible · unplaced 1 · nodes 3 · gap unknown · greedy"


def test_prices_are_shown_in_money(plan):
    priced = msgspec.structs.replace(
        plan, unplaced=(), cost=(TierCost("price", 12_500),), lower_bound=(TierCost("price", 10_000),), gap=0.2
    )

    assert "price 1.25 (bound ≥ 1)" in proof(priced).plain


def test_a_pod_behind_a_scheduling_gate_is_counted_apart(plan):
    gated = msgspec.structs.replace(plan, unplaced=(*plan.unplaced, *plan.unplaced))

    assert "unplaced 1 (no plan places more) · gated 1" in proof(gated).plain


def test_an_interrupted_search_says_so(plan):
    assert proof(msgspec.structs.replace(plan, stopped_by="interrupted")).plain.endswith("interrupted")
