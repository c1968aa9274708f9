from placement.referee import Report, Violation
from placement.report.violations import violations


def test_a_plan_that_holds_is_one_line():
    assert [line.plain for line in violations(Report((), 1234))] == ["the plan holds · 1,234 placements checked"]


def test_each_violation_names_pod_node_and_rule():
    report = Report((Violation("shop/web", "n1", "NodePorts", "taken"), Violation("", "n2", "Plan", "unknown")), 2)

    assert [line.plain for line in violations(report)] == [
        "POD        NODE   RULE        WHAT IS WRONG",
        "shop/web   n1     NodePorts   taken",
        "–          n2     Plan        unknown",
        "",
        "the plan fails · 2 placements checked · 2 violations",
    ]
