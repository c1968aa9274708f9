import json
import re
from pathlib import Path

import pytest
import yaml

from placement.cli import exits
from placement.cli.options import Data
from placement.cli.output import encoded, form_of, write

BODY = {"z": [{"pod": "shop/ä", "node": "on"}], "a": {}, "gap": None, "text": "x" * 200}


def test_both_forms_can_be_read_back_in_order():
    as_json, as_yaml = json.loads(encoded(BODY, Data.JSON)), yaml.safe_load(encoded(BODY, Data.YAML))

    assert as_json == as_yaml == BODY
    assert list(as_json) == list(as_yaml) == list(BODY)


def test_the_form_follows_the_ending(tmp_path):
    assert [form_of(tmp_path / name) for name in ("a.yaml", "a.yml", "a.json", "a")] == [
        Data.YAML,
        Data.YAML,
        Data.JSON,
        Data.JSON,
    ]


def test_a_file_that_was_there_is_replaced_whole(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b"a much longer text than the new one")

    write(b"new", path)

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_as_readable_as_any_other(tmp_path):
    write(b"", tmp_path / "plan.json")
    (tmp_path / "other").touch()

    assert (tmp_path / "plan.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    monkeypatch.setattr("pathlib.Path.replace", _interrupted)

    with pytest.raises(KeyboardInterrupt):
        write(b"new", path)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(*arguments):
    raise KeyboardInterrupt


def test_what_cannot_be_written_is_named_as_it_was_asked_for(tmp_path):
    for path in (tmp_path / "missing" / "plan.json", Path("/dev/full")):
        with pytest.raises(OSError, match=re.escape(str(path))):
            write(b"new", path)


@pytest.mark.parametrize(
    ("command", "more"),
    [("plan", ()), ("explain", ()), ("drain", ("--node", "node-1")), ("survive", ()), ("rollout", ())],
)
def test_where_an_answer_goes_is_looked_at_before_anything_is_planned(
    placement, cluster, tmp_path, monkeypatch, command, more
):
    def planned(*arguments, **options):
        raise AssertionError("planned")

    monkeypatch.setattr("placement.cli.planning.make_plan", planned)
    (tmp_path / "folder").mkdir()

    for path, problem in ((tmp_path / "missing" / "x.json", "No such file"), (tmp_path / "folder", "Is a directory")):
        done = placement(command, cluster, *more, "--output-file", path)
        assert done.status == exits.WRONG_INPUT
        assert done.err.startswith(f"placement: {path}: {problem}")
