"""What is committed as results, and the page made from it."""

from pathlib import Path

from benchmarks import records
from benchmarks.page import page

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.jsonl"))
PAGE = ROOT / "docs" / "benchmarks.md"
MAKE = "python -m benchmarks compare benchmarks/results/*.jsonl --page docs/benchmarks.md --plots docs/images"


def test_the_page_says_what_the_results_say():
    made = page(records.read(RESULTS), PAGE, ROOT / "docs" / "images")

    assert made == PAGE.read_text(encoding="utf-8"), f"`{MAKE}` writes it anew"


def test_results_name_the_code_and_the_machine_they_are_of():
    for record in records.read(RESULTS):
        assert record.commit
        assert record.cpu
        assert record.versions["python"]
