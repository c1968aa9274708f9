"""The extender's lines as tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.errors import RecordError
from benchmarks.extender.report import section

FUZZ = {"suite": "extender-fuzz", "verb": "bind", "bodies": 1000, "statuses": {"400": 990}, "checks": 2, "slowest": 7.4}


def test_says_what_was_answered(tmp_path: Path) -> None:
    (tmp_path / "fuzz.jsonl").write_text(json.dumps(FUZZ) + "\n")

    assert "| bind | 1,000 | 400: 990 | 2 | 7 |" in section(tmp_path)


def test_says_nothing_where_nothing_was_measured(tmp_path: Path) -> None:
    assert section(tmp_path) == ""


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_names_a_line_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "verbs.jsonl").write_text(text)

    with pytest.raises(RecordError, match=r"verbs\.jsonl, line 1"):
        section(tmp_path)


def test_names_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such folder"):
        section(tmp_path / "none")
