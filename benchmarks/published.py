"""What others published of the same instances, or of the same question: for whoever cannot be run here.

``published.csv`` has a row for each figure: suite, instance, who, cost or score or seconds, and the source. A row
without an instance is a statement that no run here compares with, and says in ``note`` what it is of.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "published.csv"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a publication says of an instance.

    Attributes
    ----------
    instance : str
        "" where the note says what it is of.
    cost, score : float or None
        As the suite counts them.
    """

    suite: str
    instance: str
    who: str
    cost: float | None
    score: float | None
    seconds: float | None
    note: str
    source: str


def published(suite: str) -> list[Figure]:
    """What is known of a suite, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return [
            Figure(
                suite=row["suite"],
                instance=row["instance"],
                who=row["who"],
                cost=_number(row["cost"]),
                score=_number(row["score"]),
                seconds=_number(row["seconds"]),
                note=row["note"],
                source=row["source"],
            )
            for row in csv.DictReader(lines)
            if row["suite"] == suite
        ]


def _number(text: str) -> float | None:
    return float(text) if text else None
