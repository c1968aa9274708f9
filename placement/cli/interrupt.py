"""Ctrl-C and SIGTERM ask for the best plan so far, and only the second time for an end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ASKING = (signal.SIGINT, signal.SIGTERM)
"""A terminal's Ctrl-C; what ``timeout``, systemd and CI send before they kill."""


@contextmanager
def interruptible(on_first: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether somebody asked for an end, as a function to ask, while the block runs.

    The first signal calls `on_first`; the second does what it always does outside the block: SIGINT raises
    KeyboardInterrupt, SIGTERM ends the process.
    """
    pressed = False
    previous = {number: signal.getsignal(number) for number in ASKING}

    def first(signal_number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        on_first()

    for number in ASKING:
        signal.signal(number, first)
    try:
        yield lambda: pressed
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
