import json

import pytest

from placement.cli import exits

EMPTY = {"apiVersion": "placement.dev/v1alpha1", "kind": "Plan", "status": "feasible"}


@pytest.fixture
def plans(tmp_path):
    before = {**EMPTY, "placements": [{"pod": "shop/a", "node": "n1"}], "cost": [{"tier": "nodes", "value": 1}]}
    after = {**EMPTY, "placements": [{"pod": "shop/a", "node": "n2"}], "status": "optimal", "nodesUsed": 1}
    paths = tmp_path / "before.json", tmp_path / "after.yaml"
    for path, body in zip(paths, (before, after), strict=True):
        path.write_text(json.dumps(body))
    return paths


def test_plans_that_differ_end_with_1(placement, plans):
    done = placement("diff", *plans)

    assert done.status == exits.FOUND
    assert done.out.splitlines() == [
        "CHANGE   POD      BEFORE   AFTER",
        "moved    shop/a   n1       n2",
        "",
        "1 moved · nodes 0 → 1 · feasible → optimal",
    ]


def test_plans_that_do_not_differ_end_with_0(placement, plans):
    done = placement("diff", plans[0], plans[0])

    assert done.status == exits.OK
    assert done.out == "no pod goes elsewhere · nodes 0\n"


def test_json_and_yaml_say_the_same(placement, plans):
    import yaml

    as_json = json.loads(placement("diff", *plans, "-o", "json").out)
    as_yaml = yaml.safe_load(placement("diff", *plans, "-o", "yaml").out)

    assert as_json == as_yaml
    assert as_json["moved"] == [{"pod": "shop/a", "before": "n1", "after": "n2"}]
    assert as_json["cost"] == [{"tier": "nodes", "before": 1, "after": None}]


def test_names_are_one_a_line(placement, plans):
    assert placement("diff", *plans, "-o", "name").out == "shop/a\n"


def test_a_file_gets_the_table_without_colour(placement, plans, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    done = placement("diff", *plans, "--output-file", tmp_path / "out.txt")

    assert done.out == ""
    assert (tmp_path / "out.txt").read_text().startswith("CHANGE   POD")


def test_colour_is_forced_and_refused_as_asked(placement, plans, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = placement("diff", *plans).out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = placement("diff", *plans).out

    assert "\x1b[33mmoved" in coloured
    assert "\x1b[33m" not in plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1, 2]", "list"),
        ("a: [1", "neither JSON nor YAML"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("[" * 2_000, "neither JSON nor YAML"),
        ('{"apiVersion": "v1", "kind": "Plan", "status": "optimal"}', "apiVersion"),
        ('{"apiVersion": "placement.dev/v1alpha1", "kind": "Plan"}', "status"),
        (json.dumps({**EMPTY, "placements": [{"pod": 1, "node": "n"}]}), "placements[0].pod"),
    ],
)
def test_a_file_that_is_no_plan_is_named_in_one_line(placement, plans, tmp_path, text, said):
    wrong = tmp_path / "wrong.plan"
    wrong.write_text(text)

    done = placement("diff", plans[0], wrong)

    assert (done.status, done.out, done.err.count("\n")) == (exits.WRONG_INPUT, "", 1)
    assert "wrong.plan: " in done.err
    assert said in done.err
