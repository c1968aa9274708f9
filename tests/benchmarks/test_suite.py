"""Suites say who solves what."""

import inspect
import tomllib
from importlib import import_module

import pytest

from benchmarks import suite
from benchmarks.contestants import PEERS, contestant
from benchmarks.errors import SuiteError, UnknownNameError

HEAD = 'title = "A title"\nseeds = "1-2"\ntime_limit = 3\nsolvers = ["greedy", "dot_product"]\n'
INSTANCE = (
    '[[instances]]\nname = "small"\ngenerator = "packing:packing"\narguments = { num_items = 9, num_classes = 3 }\n'
)


def written(tmp_path, text):
    path = tmp_path / "made-up.toml"
    path.write_text(text)
    return path


def test_runs_every_contestant_with_every_seed(tmp_path):
    runs = suite.read(written(tmp_path, HEAD + INSTANCE)).runs()

    assert [(run.solver, run.seed, run.time_limit) for run in runs] == [
        ("greedy", 1, 3.0),
        ("dot_product", 1, 3.0),
        ("greedy", 2, 3.0),
        ("dot_product", 2, 3.0),
    ]
    assert runs[0].instance.problem(1).num_items == 9


def test_takes_what_an_instance_says_of_itself_before_what_the_suite_says(tmp_path):
    text = HEAD + INSTANCE + 'seeds = "7"\ntime_limit = 1\nsolvers = ["greedy"]\n'

    runs = suite.read(written(tmp_path, text)).runs()

    assert [(run.solver, run.seed, run.time_limit) for run in runs] == [("greedy", 7, 1.0)]


def test_takes_what_the_command_line_says_before_all_else(tmp_path):
    loaded = suite.read(written(tmp_path, HEAD + INSTANCE + INSTANCE.replace("small", "other")))

    runs = loaded.runs(only=("other",), solvers=("first_fit_decreasing",), seeds=(5,), time_limit=2.0)

    assert [(run.instance.name, run.solver, run.seed, run.time_limit) for run in runs] == [
        ("other", "first_fit_decreasing", 5, 2.0)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title = ", "made-up.toml"),
        (HEAD + "colour = 3\n" + INSTANCE, "'colour' means nothing"),
        (HEAD + INSTANCE + "size = 3\n", "'size' means nothing"),
        (HEAD.replace('seeds = "1-2"\n', "") + INSTANCE, "'seeds' is missing"),
        (HEAD + 'clock = "sundial"\n' + INSTANCE, "clock: expected 'command' or 'search'"),
        (HEAD.replace("1-2", "2..3") + INSTANCE, "seeds: expected numbers as in '1,2' or '1-20', found '2..3'"),
        (HEAD + '[[instances]]\nset = "nowhere"\nnames = "all"\n', "no reader of a set 'nowhere'"),
    ],
)
def test_refuses_a_file_that_says_something_wrong(tmp_path, text, expected):
    with pytest.raises(SuiteError, match=expected):
        suite.read(written(tmp_path, text))


def test_refuses_a_contestant_nobody_knows(tmp_path):
    with pytest.raises(UnknownNameError, match="no solver 'oracle'"):
        suite.read(written(tmp_path, HEAD.replace("greedy", "oracle") + INSTANCE))


def test_refuses_a_generator_that_is_not_there(tmp_path):
    run = suite.read(written(tmp_path, HEAD + INSTANCE.replace("packing:packing", "packing:unpacking"))).runs()[0]

    with pytest.raises(SuiteError, match="no generator 'packing:unpacking'"):
        run.instance.problem(1)


@pytest.mark.parametrize("name", suite.names())
def test_every_suite_in_the_folder_has_an_outline(name):
    outline = suite.outline(name)

    assert outline.title
    assert outline.text


@pytest.mark.parametrize("name", suite.names())
def test_every_generated_instance_has_a_generator_that_takes_its_arguments(name):
    tables = tomllib.loads((suite.FOLDER / f"{name}.toml").read_text())["instances"]
    for table in tables:
        if "generator" in table:
            module, _, function = table["generator"].partition(":")
            generator = getattr(import_module(f"placement_datasets.{module}"), function)

            inspect.signature(generator).bind(**table.get("arguments", {}), seed=1)


@pytest.mark.parametrize("name", ["greedy", "cp_sat", "lns", "portfolio", *PEERS])
def test_every_contestant_goes_by_a_name_that_can_be_made(name):
    assert contestant(name).name
