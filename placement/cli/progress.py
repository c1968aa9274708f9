"""A line on the terminal that says what a long plan is at: cost, bound, gap, time."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from placement.cli.output import console, note

if TYPE_CHECKING:
    from rich.status import Status

    from placement_solvers.stop import Progress

EVERY = 0.1
"""Seconds between two looks at the terminal."""


class ProgressLine:
    """Shows progress while its block runs, on a terminal only; notices also reach a log file."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._shown = 0.0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._status = console(stderr=True).status("placing")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def notice(self, text: str) -> None:
        """Say what takes a while."""
        if self._status is None:
            note(text)
        else:
            self._status.update(text)

    def progress(self, now: Progress) -> None:
        """Show how far a search is; called often, so most calls do nothing."""
        moment = time.monotonic()
        if self._status is None or moment - self._shown < EVERY:
            return
        self._shown = moment
        self._status.update(described(now))


def described(now: Progress) -> str:
    """Cost, bound, gap and time of a search in one line."""
    from placement_solvers.objective import gap

    parts = [f"cost {_tiers(now.cost)}"]
    if now.lower_bound is not None:
        parts.append(f"bound {_tiers(now.lower_bound)}")
        distance = gap(now.cost, now.lower_bound)
        if distance is not None:
            parts.append(f"gap {distance:.1%}")
    return " · ".join([*parts, f"{now.elapsed:.1f} s"])


def _tiers(cost: tuple[int, ...]) -> str:
    return "/".join(f"{value:,}" for value in cost)
