import json

import pytest
import yaml

from placement.cli import exits


def test_a_generated_cluster_has_the_asked_size_and_is_planned(placement, tmp_path):
    path = tmp_path / "cluster.json"

    done = placement("generate", "--nodes", 20, "--pods", 100, "--seed", 3, "--output-file", path)

    kinds = [each["kind"] for each in json.loads(path.read_text())["items"]]
    assert (done.status, done.out, done.err) == (exits.OK, "", "")
    assert (kinds.count("Node"), kinds.count("Pod")) == (20, 100)
    assert placement("plan", path).status in (exits.OK, exits.FOUND)


def test_the_same_numbers_give_the_same_bytes(placement):
    first, second, other = (placement("generate", "--nodes", 5, "--pods", 20, "--seed", seed).out for seed in (1, 1, 2))

    assert first == second != other


def test_yaml_holds_the_same_objects_as_json(placement):
    numbers = ["--nodes", 5, "--pods", 20, "--pending", 5]

    as_yaml = list(yaml.safe_load_all(placement("generate", *numbers, "-o", "yaml").out))

    assert as_yaml == json.loads(placement("generate", *numbers).out)["items"]


@pytest.mark.parametrize(
    "numbers", [["--nodes", "-1"], ["--nodes", "0", "--pods", "5"], ["--pods", "5", "--pending", "6"], ["--load", "-1"]]
)
def test_numbers_that_contradict_each_other_are_one_line(placement, numbers):
    done = placement("generate", *numbers)

    assert (done.status, done.out, done.err.count("\n")) == (exits.WRONG_INPUT, "", 1)
