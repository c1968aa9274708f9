"""What is committed as results, and the page made from it."""

from pathlib import Path

import pytest

from benchmarks import records
from benchmarks.errors import BenchmarkError
from benchmarks.page import page
from benchmarks.readme import written

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.jsonl"))
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
MAKE = "make figures"


def test_the_page_says_what_the_results_say():
    made = page(records.read(RESULTS), PAGE, ROOT / "docs" / "images", ROOT / "benchmarks" / "results" / "extender")

    assert made == PAGE.read_text(encoding="utf-8"), f"`{MAKE}` writes it anew"


def test_the_readme_says_what_the_results_say():
    text = README.read_text(encoding="utf-8")

    assert written(text, records.read(RESULTS)) == text, f"`{MAKE}` writes it anew"


def test_a_readme_without_marks_is_refused():
    with pytest.raises(BenchmarkError, match="measured: begin"):
        written("# A project\n", [])


def test_results_name_the_code_and_the_machine_they_are_of():
    for record in records.read(RESULTS):
        assert record.commit
        assert record.cpu
        assert record.versions["python"]


def test_the_readme_sets_public_results_beside_what_others_publish():
    record = records.Record(
        suite="roadef2012",
        instance="b_1",
        solver="local_search",
        seed=1,
        time_limit=300.0,
        clock="command",
        status="feasible",
        cost=(0, 3307124603 + 33071246),
        best_known=3307124603,
    )

    text = written("<!-- measured: begin --><!-- measured: end -->", [record])

    assert "1 of set B: above best known | **1.00 %** |" in text
    assert "team S41 *1.92 %*" in text
