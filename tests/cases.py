"""How many random cases a test takes: few in every run, as many times that as evidence is wanted of."""

from __future__ import annotations

import os


def cases(few: int) -> int:
    """`few` cases, times what ``PLACEMENT_CASES`` says; ``make evidence`` says more than 1."""
    return few * int(os.environ.get("PLACEMENT_CASES", "1"))
